use std::future::IntoFuture;

use sinew_core::driver::{BoxFuture, Intent};
use sinew_core::record::{Borrowed, Model, Record, Slot};
use sinew_core::{ErrorKind, Result, Value};
use sinew_sql::{BinaryOp, Expr, Scope};

use super::graph::Mode;
use super::owners::holds_any;
use super::run::{Typed, write_rows};
use super::scope::{Choice, Part, WriteScope};
use crate::db::Db;
use crate::preload;
use crate::query::Find;
use crate::relation::PreloadNode;
use crate::relation::reach::column;

/// What a new row is filled with.
type Fill<'d, M> = Box<dyn FnOnce(&mut M) + Send + 'd>;

/// The first row of a query, or a new one; awaits to `M`.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let go = db.find::<Language>().filter(Language::name.eq("Go")).first_or_create(|_| ()).await?;
/// assert_eq!((go.name.as_str(), db.find::<Language>().count().await?), ("Go", 3));
/// # Ok(()) }
/// ```
#[must_use = "nothing happens until it is awaited"]
pub struct FirstOr<'d, M> {
    find: Find<'d, M>,
    fill: Fill<'d, M>,
    otherwise: Otherwise,
}

/// What happens beside finding.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Otherwise {
    /// A new row is created.
    Create,
    /// A new row is returned, not saved.
    New,
    /// A new row is created; a row that is there is updated.
    Update,
}

impl<'d, M: Model + Default> Find<'d, M> {
    /// The first row found; or a new one, created with the values that the conditions ask for
    /// (`column = value`, joined by AND) and what `fill` sets.
    ///
    /// When another writer creates the row in between and a unique column refuses ours, theirs is
    /// returned.
    ///
    /// # Errors
    /// Those of [`Db::create`].
    ///
    /// # Examples
    /// ```
    /// # use sinew::prelude::*;
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # pub struct User { pub id: i64, #[model(unique)] pub name: String, pub age: i32 }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = Db::connect("sqlite::memory:").await?;
    /// # db.auto_migrate(models![User]).await?;
    /// let ada =
    ///     db.find::<User>().filter(User::name.eq("Ada")).first_or_create(|u| u.age = 36).await?;
    /// assert_eq!((ada.id, ada.name.as_str(), ada.age), (1, "Ada", 36));
    /// let again =
    ///     db.find::<User>().filter(User::name.eq("Ada")).first_or_create(|u| u.age = 99).await?;
    /// assert_eq!((again.id, again.age), (1, 36));
    /// # Ok(()) }
    /// ```
    pub fn first_or_create(self, fill: impl FnOnce(&mut M) + Send + 'd) -> FirstOr<'d, M> {
        FirstOr {
            find: self,
            fill: Box::new(fill),
            otherwise: Otherwise::Create,
        }
    }

    /// As [`Find::first_or_create`], but a new row is only returned, not saved.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let ken = db.find::<User>().filter(User::name.eq("Ken")).first_or_new(|user| user.age = 25).await?;
    /// assert_eq!((ken.id, ken.name.as_str(), ken.age), (0, "Ken", 25));
    /// # Ok(()) }
    /// ```
    pub fn first_or_new(self, fill: impl FnOnce(&mut M) + Send + 'd) -> FirstOr<'d, M> {
        FirstOr {
            find: self,
            fill: Box::new(fill),
            otherwise: Otherwise::New,
        }
    }

    /// The first row found, changed by `fill` and updated; or a new one as
    /// [`Find::first_or_create`] makes it. Only columns that `fill` changes are written.
    ///
    /// # Errors
    /// Those of [`Db::create`] and [`Db::save`].
    ///
    /// # Examples
    /// ```
    /// # use sinew::prelude::*;
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # pub struct User { pub id: i64, #[model(unique)] pub name: String, pub age: i32 }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = Db::connect("sqlite::memory:").await?;
    /// # db.auto_migrate(models![User]).await?;
    /// for age in [36, 37] {
    ///     let named = db.find::<User>().filter(User::name.eq("Ada"));
    ///     assert_eq!(named.update_or_create(|u| u.age = age).await?.age, age);
    /// }
    /// assert_eq!(db.find::<User>().count().await?, 1);
    /// # Ok(()) }
    /// ```
    pub fn update_or_create(self, fill: impl FnOnce(&mut M) + Send + 'd) -> FirstOr<'d, M> {
        FirstOr {
            find: self,
            fill: Box::new(fill),
            otherwise: Otherwise::Update,
        }
    }
}

/// Sets what the conditions say of a row's own columns.
fn conform(row: &mut dyn Record, filter: &[Expr]) -> Result<()> {
    let meta = row.meta();
    for expr in filter {
        match expr {
            Expr::And(all) => conform(row, all)?,
            Expr::Binary(left, BinaryOp::Eq, right) => {
                let (Expr::Column(Scope::Here, name), Expr::Value(value)) = (&**left, &**right)
                else {
                    continue;
                };
                let known = (0..meta.columns.len()).find(|&index| column(meta, index) == *name);
                if let Some(index) = known {
                    row.set(index, value.reborrow())?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// The same query again.
fn again<'d, M: Model>(db: &'d Db, find: &Find<'_, M>) -> Find<'d, M> {
    let mut copy = db.find::<M>();
    copy.select = find.select.clone();
    copy.joins.clone_from(&find.joins);
    copy.preloads.clone_from(&find.preloads);
    copy
}

impl<'d, M: Model + Default> FirstOr<'d, M> {
    async fn run(self) -> Result<M> {
        let Self {
            mut find,
            fill,
            otherwise,
        } = self;
        let db = find.db;
        if let Some(doubt) = find.doubt.take() {
            return Err(doubt);
        }
        if let Some(found) = again(db, &find).first().await? {
            return match otherwise {
                Otherwise::Update => change(db, found, fill).await,
                Otherwise::Create | Otherwise::New => Ok(found),
            };
        }
        let mut row = M::default();
        conform(&mut row, &find.select.filter)?;
        fill(&mut row);
        if otherwise == Otherwise::New {
            return Ok(row);
        }
        // Inside a transaction a refused insert must not spoil what went before.
        let created = if db.in_transaction() {
            db.transaction(async |tx| tx.create(&mut row).await).await
        } else {
            db.create(&mut row).await
        };
        match created {
            Ok(()) => {
                load(db, &mut row, find.preloads).await?;
                Ok(row)
            }
            Err(error) if error.kind() == ErrorKind::UniqueViolation => {
                again(db, &find).first().await?.ok_or(error)
            }
            Err(error) => Err(error),
        }
    }
}

/// Loads what the query preloads onto a row that was just created.
async fn load<M: Model>(db: &Db, row: &mut M, nodes: Vec<PreloadNode>) -> Result<()> {
    if nodes.is_empty() {
        return Ok(());
    }
    preload::check(&nodes)?;
    let mut op = db.op(Intent::Read, false).await?;
    let mut rows = Borrowed(std::slice::from_mut(row));
    preload::load(&mut op, &mut rows, M::schema(), nodes, db.settings.unscoped).await?;
    op.finish().await
}

/// Writes what `fill` changes of a row that is there.
async fn change<M: Model>(db: &Db, mut row: M, fill: Fill<'_, M>) -> Result<M> {
    let columns: Vec<usize> = (0..M::COLUMNS).collect();
    let before: Vec<Value<'static>> = (&row as &dyn Record).values_owned(&columns);
    fill(&mut row);
    let changed = columns
        .into_iter()
        .filter(|&i| before.get(i) != Some(&row.value(i)));
    let mut parts: Vec<Choice> = changed.map(Part::Column).map(Choice::Part).collect();
    if parts.is_empty() && !holds_any(&row) {
        return Ok(row);
    }
    let loaded = |index: &usize| row.slot(*index).is_some_and(Slot::is_loaded);
    let held = (0..M::schema().relations.len()).filter(loaded);
    parts.extend(held.map(Part::Relation).map(Choice::Part));
    let mut scope = WriteScope::default();
    scope.select(parts);
    let mut rows = Typed::new(std::slice::from_mut(&mut row));
    write_rows(db, &mut rows, Mode::Save, &scope, false).await?;
    Ok(row)
}

impl<'d, M: Model + Default> IntoFuture for FirstOr<'d, M> {
    type Output = Result<M>;
    type IntoFuture = BoxFuture<'d, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}
