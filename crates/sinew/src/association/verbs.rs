//! The verbs, ready to be awaited.

use std::collections::HashSet;
use std::future::IntoFuture;

use sinew_core::driver::BoxFuture;
use sinew_core::record::{Model, Record};
use sinew_core::{Error, ErrorKind, Result};

use super::engine::{self, Wish};
use super::given::Given;
use super::linking::{Edit, Edits, Key, Linking, Values, key};
use super::{Association, Difference, Displaces, Displacing, Exchanges, Unlinks, memory};
use crate::relation::kind;
use crate::write::{Way, with_writer};

/// The typed form of [`Edit`].
type Change<'a, J> = Box<dyn FnOnce(&mut J) + Send + 'a>;

/// Targets to be linked too; awaits to nothing.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let mut alan = db.get::<User>(3).await?;
/// db.association(&mut alan, User::orders).append(order(5.0, &[])).await?;
/// assert_eq!(db.association(&mut alan, User::orders).count().await?, 1);
/// # Ok(()) }
/// ```
#[must_use = "nothing is linked until it is awaited"]
pub struct Append<'a, M, T, K, S = Unlinks> {
    pub(super) on: Association<'a, M, T, K, S>,
    pub(super) given: Given<'a, T>,
}

/// Targets to be linked instead of others; awaits to the [`Difference`].
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let mut ada = db.get::<User>(1).await?;
/// let english = db.get::<Language>(1).await?;
/// let diff = db.association(&mut ada, User::languages).replace([english]).await?;
/// assert_eq!((diff.kept, diff.removed), (1, 1));
/// # Ok(()) }
/// ```
#[must_use = "nothing is linked until it is awaited"]
pub struct Replace<'a, M, T, K, S = Unlinks> {
    pub(super) on: Association<'a, M, T, K, S>,
    pub(super) given: Given<'a, T>,
}

/// Targets to be unlinked; awaits to nothing.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let mut ada = db.get::<User>(1).await?;
/// let english = db.get::<Language>(1).await?;
/// db.association(&mut ada, User::languages).delete(&english).await?;
/// assert_eq!(db.association(&mut ada, User::languages).count().await?, 1);
/// # Ok(()) }
/// ```
#[must_use = "nothing is unlinked until it is awaited"]
pub struct Delete<'a, M, T, K, S = Unlinks> {
    on: Association<'a, M, T, K, S>,
    linking: Result<Linking>,
    only: Vec<Values>,
}

/// All targets to be unlinked; awaits to nothing.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let mut ada = db.get::<User>(1).await?;
/// db.association(&mut ada, User::languages).clear().await?;
/// assert_eq!(db.find::<Language>().count().await?, 2);        // the links went, the languages stay
/// # Ok(()) }
/// ```
#[must_use = "nothing is unlinked until it is awaited"]
pub struct Clear<'a, M, T, K, S = Unlinks> {
    pub(super) on: Association<'a, M, T, K, S>,
}

/// A target to be linked with columns of its link; awaits to nothing.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let mut alan = db.get::<User>(3).await?;
/// db.association(&mut alan, User::languages)
///     .append_with(language("Latin"), |link| link.proficiency = "fluent".into())
///     .await?;
/// assert_eq!(db.find::<UserLanguage>().filter(UserLanguage::user_id.eq(3)).await?[0].proficiency, "fluent");
/// # Ok(()) }
/// ```
#[must_use = "nothing is linked until it is awaited"]
pub struct AppendWith<'a, M, T, K: kind::Linked, S = Unlinks> {
    pub(super) on: Association<'a, M, T, K, S>,
    pub(super) given: Given<'a, T>,
    pub(super) change: Change<'a, K::Link>,
    pub(super) probe: Change<'a, K::Link>,
}

/// A link whose columns are to be changed; awaits to nothing.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let mut ada = db.get::<User>(1).await?;
/// let english = db.get::<Language>(1).await?;
/// db.association(&mut ada, User::languages)
///     .update_link(&english, |link| link.proficiency = "native".into())
///     .await?;
/// assert_eq!(db.get::<UserLanguage>((1, 1)).await?.proficiency, "native");
/// # Ok(()) }
/// ```
#[must_use = "nothing is changed until it is awaited"]
pub struct UpdateLink<'a, M, T, K: kind::Linked, S = Unlinks> {
    on: Association<'a, M, T, K, S>,
    linking: Result<Linking>,
    target: Option<Values>,
    change: Change<'a, K::Link>,
}

fn untyped<'a, J: Model>(change: Change<'a, J>) -> Edit<'a> {
    Box::new(move |link: &mut dyn Record| {
        if let Some(link) = link.as_any_mut().downcast_mut::<J>() {
            change(link);
        }
    })
}

fn records<M: Model>(rows: &mut [M]) -> Vec<&mut dyn Record> {
    rows.iter_mut().map(|row| row as &mut dyn Record).collect()
}

async fn put<M: Model, T: Model, K, S>(
    on: Association<'_, M, T, K, S>,
    mut given: Given<'_, T>,
    mut wish: Wish<'_>,
) -> Result<Difference> {
    let linking = Linking::of(M::schema(), on.relation)?;
    wish.links_only = on.links_only;
    let replace = wish.replace;
    let owner_of = given.owners(on.owners.len(), on.list, linking.relation)?;
    let outcome = {
        let mut owners = records(on.owners);
        let mut targets = given.records();
        engine::put_on(on.db, &linking, &mut owners, &mut targets, &owner_of, wish).await?
    };
    memory::put(
        &linking,
        on.owners,
        given,
        &owner_of,
        replace,
        &outcome.links,
    )?;
    Ok(outcome.difference)
}

async fn cut<M: Model, T: Model, K, S>(
    on: Association<'_, M, T, K, S>,
    linking: &Linking,
    only: Option<&[Values]>,
    deletes: bool,
) -> Result<()> {
    let mut owners = records(on.owners);
    engine::cut_off(on.db, linking, &mut owners, only, deletes).await?;
    drop(owners);
    let keys: Option<HashSet<Key>> =
        only.map(|only| only.iter().map(|values| key(values.clone())).collect());
    memory::remove(linking, on.owners, keys.as_ref());
    Ok(())
}

impl<'a, M, T, K, S> IntoFuture for Append<'a, M, T, K, S>
where
    M: Model,
    T: Model,
    K: kind::Writable + 'a,
    S: Displacing + 'a,
{
    type Output = Result<()>;
    type IntoFuture = BoxFuture<'a, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        let wish = Wish {
            replace: false,
            deletes: S::DELETES,
            links_only: false,
            edit: None,
        };
        Box::pin(async move { put(self.on, self.given, wish).await.map(|_| ()) })
    }
}

impl<'a, M, T, K, S> IntoFuture for Replace<'a, M, T, K, S>
where
    M: Model,
    T: Model,
    K: kind::Writable + 'a,
    S: Exchanges<K> + 'a,
{
    type Output = Result<Difference>;
    type IntoFuture = BoxFuture<'a, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        let deletes = <S as Exchanges<K>>::DELETES;
        let wish = Wish {
            replace: true,
            deletes,
            links_only: false,
            edit: None,
        };
        Box::pin(put(self.on, self.given, wish))
    }
}

impl<'a, M: Model, T: Model, K, S> Delete<'a, M, T, K, S> {
    pub(super) fn of(on: Association<'a, M, T, K, S>, targets: &[T]) -> Self {
        let linking = Linking::of(M::schema(), on.relation);
        let values = |linking: &Linking| {
            targets
                .iter()
                .filter_map(|target| linking.target_values(target))
                .collect()
        };
        let only = linking.as_ref().map(values).unwrap_or_default();
        Self { on, linking, only }
    }
}

impl<'a, M, T, K, S> IntoFuture for Delete<'a, M, T, K, S>
where
    M: Model,
    T: Model,
    K: kind::Writable + 'a,
    S: Displaces<K> + 'a,
{
    type Output = Result<()>;
    type IntoFuture = BoxFuture<'a, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let deletes = <S as Displaces<K>>::DELETES;
            cut(self.on, &self.linking?, Some(&self.only), deletes).await
        })
    }
}

impl<'a, M, T, K, S> IntoFuture for Clear<'a, M, T, K, S>
where
    M: Model,
    T: Model,
    K: kind::Writable + 'a,
    S: Displaces<K> + 'a,
{
    type Output = Result<()>;
    type IntoFuture = BoxFuture<'a, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let linking = Linking::of(M::schema(), self.on.relation)?;
            cut(self.on, &linking, None, <S as Displaces<K>>::DELETES).await
        })
    }
}

impl<'a, M, T, K, S> IntoFuture for AppendWith<'a, M, T, K, S>
where
    M: Model,
    T: Model,
    K: kind::Linked<Link: Model> + 'a,
    S: 'a,
{
    type Output = Result<()>;
    type IntoFuture = BoxFuture<'a, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        let edit = Some(Edits {
            change: untyped::<K::Link>(self.change),
            probe: untyped::<K::Link>(self.probe),
        });
        let wish = Wish {
            replace: false,
            deletes: false,
            links_only: false,
            edit,
        };
        Box::pin(async move { put(self.on, self.given, wish).await.map(|_| ()) })
    }
}

impl<'a, M: Model, T: Model, K: kind::Linked, S> UpdateLink<'a, M, T, K, S> {
    pub(super) fn of(
        on: Association<'a, M, T, K, S>,
        target: &T,
        change: Change<'a, K::Link>,
    ) -> Self {
        let linking = Linking::of(M::schema(), on.relation);
        let target = linking
            .as_ref()
            .ok()
            .and_then(|linking| linking.target_values(target));
        Self {
            on,
            linking,
            target,
            change,
        }
    }
}

impl<'a, M, T, K, S> IntoFuture for UpdateLink<'a, M, T, K, S>
where
    M: Model,
    T: Model,
    K: kind::Linked<Link: Model> + 'a,
    S: 'a,
{
    type Output = Result<()>;
    type IntoFuture = BoxFuture<'a, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let linking = self.linking?;
            let edit = untyped::<K::Link>(self.change);
            update_link(self.on, &linking, self.target, edit).await
        })
    }
}

async fn update_link<M: Model, T: Model, K, S>(
    on: Association<'_, M, T, K, S>,
    linking: &Linking,
    target: Option<Values>,
    edit: Edit<'_>,
) -> Result<()> {
    let owners = on.owners.len();
    if owners != 1 {
        return Err(Error::new(
            ErrorKind::InvalidLength,
            format!("{}: expected 1 owner, got {owners}", linking.relation.name),
        ));
    }
    let mut own = linking.owner_values(&records(on.owners))?;
    let no_link = || {
        let (model, name) = (M::NAME, linking.relation.name);
        Error::new(
            ErrorKind::NotFound,
            format!("this {model} is not linked to that {}", T::NAME),
        )
        .with_model(model)
        .with_association(name)
        .with_hint("`.append_with(..)` makes the link")
    };
    let (Some(far), Some(own)) = (target, own.pop()) else {
        return Err(no_link());
    };
    let hooks = linking.has_hooks(on.db, false);
    let found = {
        let far = far.clone();
        with_writer(on.db, Way::new(hooks, true), async |writer| {
            linking.edit_link(writer, own, far, edit).await
        })
        .await?
    };
    let row = found.ok_or_else(no_link)?;
    match on.owners.first_mut() {
        Some(owner) => memory::put_link(linking, owner, &key(far), &row),
        None => Ok(()),
    }
}
