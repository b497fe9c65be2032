//! The targets that a verb takes, in whatever shape they come.

use sinew_core::record::{Model, Record};
use sinew_core::schema::RelationMeta;
use sinew_core::{Error, ErrorKind, Result};

/// What `append` and `replace` take: `T`, `&mut T`, an array, `Vec` or slice of them; for several
/// owners one value for each, or one collection for each (`Vec<Vec<T>>`).
///
/// Targets that are lent (`&mut`) get their keys.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let mut ada = db.get::<User>(1).await?;
/// let mut latin = language("Latin");
/// db.association(&mut ada, User::languages).append(&mut latin).await?;            // lent: it gets its key
/// db.association(&mut ada, User::languages).append([language("Greek"), language("Go")]).await?;
/// assert!(latin.id != 0);
/// assert_eq!(db.association(&mut ada, User::languages).count().await?, 5);
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither a `{T}` nor a collection of them",
    label = "expected `{T}`, `&mut {T}`, `[{T}; N]`, `Vec<{T}>` or `Vec<Vec<{T}>>`"
)]
pub trait Targets<'t, T> {
    #[doc(hidden)]
    fn into_given(self) -> Given<'t, T>;
}

/// Targets, and how they were grouped.
#[doc(hidden)]
pub struct Given<'t, T> {
    pub(crate) items: Vec<Item<'t, T>>,
    /// The lengths of the collections, for a collection of collections.
    lists: Option<Vec<usize>>,
}

/// One target.
#[doc(hidden)]
pub enum Item<'t, T> {
    Owned(T),
    Lent(&'t mut T),
}

impl<'t, T: Model> Given<'t, T> {
    fn flat(items: impl IntoIterator<Item = Item<'t, T>>) -> Self {
        Self {
            items: items.into_iter().collect(),
            lists: None,
        }
    }

    fn lists(lists: impl IntoIterator<Item = Vec<T>>) -> Self {
        let mut given = Self {
            items: Vec::new(),
            lists: None,
        };
        let lengths = lists.into_iter().map(|list| {
            let length = list.len();
            given.items.extend(list.into_iter().map(Item::Owned));
            length
        });
        let lengths = lengths.collect();
        given.lists = Some(lengths);
        given
    }

    pub(crate) fn records(&mut self) -> Vec<&mut dyn Record> {
        let record = |item| match item {
            &mut Item::Owned(ref mut row) => row as &mut dyn Record,
            Item::Lent(row) => &mut **row as &mut dyn Record,
        };
        self.items.iter_mut().map(record).collect()
    }

    /// The owner of each target. `list` tells whether the owners came as a list.
    pub(crate) fn owners(
        &self,
        owners: usize,
        list: bool,
        relation: &RelationMeta,
    ) -> Result<Vec<usize>> {
        let mut of = Vec::with_capacity(self.items.len());
        match &self.lists {
            Some(lengths) => {
                check(
                    owners,
                    lengths.len(),
                    relation,
                    "owners take one collection each",
                )?;
                for (owner, &length) in lengths.iter().enumerate() {
                    if !relation.many && length > 1 {
                        let error = unequal(1, length, relation, "it holds one target");
                        return Err(error.under(&format!("[{owner}]")));
                    }
                    of.extend(std::iter::repeat_n(owner, length));
                }
            }
            None if list => {
                check(
                    owners,
                    self.items.len(),
                    relation,
                    "owners take one value each",
                )?;
                of.extend(0..self.items.len());
            }
            None => {
                if !relation.many && self.items.len() > 1 {
                    check(1, self.items.len(), relation, "it holds one target")?;
                }
                of.resize(self.items.len(), 0);
            }
        }
        Ok(of)
    }
}

fn check(expected: usize, got: usize, relation: &RelationMeta, why: &str) -> Result<()> {
    if expected == got {
        Ok(())
    } else {
        Err(unequal(expected, got, relation, why))
    }
}

fn unequal(expected: usize, got: usize, relation: &RelationMeta, why: &str) -> Error {
    Error::new(
        ErrorKind::InvalidLength,
        format!("{}: expected {expected} values, got {got}", relation.name),
    )
    .with_association(relation.name)
    .with_hint(why)
}

impl<'t, T: Model> Targets<'t, T> for T {
    fn into_given(self) -> Given<'t, T> {
        Given::flat([Item::Owned(self)])
    }
}

impl<'t, T: Model> Targets<'t, T> for &'t mut T {
    fn into_given(self) -> Given<'t, T> {
        Given::flat([Item::Lent(self)])
    }
}

impl<'t, T: Model> Targets<'t, T> for Vec<T> {
    fn into_given(self) -> Given<'t, T> {
        Given::flat(self.into_iter().map(Item::Owned))
    }
}

impl<'t, T: Model, const N: usize> Targets<'t, T> for [T; N] {
    fn into_given(self) -> Given<'t, T> {
        Given::flat(self.into_iter().map(Item::Owned))
    }
}

impl<'t, T: Model> Targets<'t, T> for &'t mut Vec<T> {
    fn into_given(self) -> Given<'t, T> {
        Given::flat(self.iter_mut().map(Item::Lent))
    }
}

impl<'t, T: Model> Targets<'t, T> for &'t mut [T] {
    fn into_given(self) -> Given<'t, T> {
        Given::flat(self.iter_mut().map(Item::Lent))
    }
}

impl<'t, T: Model, const N: usize> Targets<'t, T> for &'t mut [T; N] {
    fn into_given(self) -> Given<'t, T> {
        Given::flat(self.iter_mut().map(Item::Lent))
    }
}

impl<'t, T: Model> Targets<'t, T> for Vec<&'t mut T> {
    fn into_given(self) -> Given<'t, T> {
        Given::flat(self.into_iter().map(Item::Lent))
    }
}

impl<'t, T: Model, const N: usize> Targets<'t, T> for [&'t mut T; N] {
    fn into_given(self) -> Given<'t, T> {
        Given::flat(self.into_iter().map(Item::Lent))
    }
}

impl<'t, T: Model> Targets<'t, T> for Vec<Vec<T>> {
    fn into_given(self) -> Given<'t, T> {
        Given::lists(self)
    }
}

impl<'t, T: Model, const N: usize> Targets<'t, T> for [Vec<T>; N] {
    fn into_given(self) -> Given<'t, T> {
        Given::lists(self)
    }
}

/// What `append_with` takes: one target.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let mut ada = db.get::<User>(1).await?;
/// db.association(&mut ada, User::languages)
///     .append_with(language("Latin"), |link| link.proficiency = "some".into())
///     .await?;
/// assert_eq!(db.association(&mut ada, User::languages).count().await?, 3);
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not one `{T}`",
    label = "expected `{T}` or `&mut {T}`"
)]
pub trait OneTarget<'t, T>: Targets<'t, T> {}

impl<T: Model> OneTarget<'_, T> for T {}
impl<'t, T: Model> OneTarget<'t, T> for &'t mut T {}
