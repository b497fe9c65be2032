use std::future::IntoFuture;

use sinew_core::Result;
use sinew_core::driver::BoxFuture;
use sinew_core::record::{Model, RowSet};
use sinew_core::schema::ColumnRole;
use sinew_sql::{Conflict, Expr};

use super::graph::Mode;
use super::one;
use super::run::{Typed, Written, write_rows};
use super::scope::{Choices, WriteScope};
use crate::column::Column;
use crate::db::Db;
use crate::relation::reach::column;

/// Rows to be inserted, with what hangs on them.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let mut users = vec![user("Ken", 25), user("Dennis", 30)];
/// db.create(&mut users).omit_associations().await?;
/// assert!(users.iter().all(|user| user.id != 0));
/// # Ok(()) }
/// ```
#[must_use = "nothing is created until it is awaited"]
pub struct Create<'a, M> {
    db: &'a Db,
    rows: &'a mut [M],
    /// What was said beside the rows, mostly nothing.
    how: Option<Box<How>>,
}

#[derive(Default)]
struct How {
    scope: WriteScope,
    conflict: Option<Conflict>,
    full: bool,
}

impl Db {
    /// Inserts a row (or several, in as few statements as possible) with everything its
    /// associations hold. Keys are stamped into all of them; it is one transaction, and a graph
    /// of many rows in `n` tables takes about `n` statements.
    ///
    /// What a row belongs to is inserted first, then the row, then what holds its key, then the
    /// links. Of associated rows, new ones are inserted; existing ones are only linked (a has-one
    /// or has-many child gets its key re-pointed). One that collides on a unique column becomes
    /// the existing row.
    ///
    /// ```sql
    /// INSERT INTO users (name, …) VALUES (?, …)
    /// INSERT INTO orders (user_id, …) VALUES (?, …)
    /// ```
    ///
    /// # Errors
    /// `Mismatch` when a key and the loaded target beside it disagree, `ValueTooLong`,
    /// `UniqueViolation` and the other violations; [`Error::path`](crate::Error::path) tells the place,
    /// such as `orders[3].items[0]`. Nothing is written then, and keys in memory are as before.
    ///
    /// # Examples
    /// ```
    /// # use sinew::prelude::*;
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # pub struct User { pub id: i64, pub name: String, pub orders: HasMany<Order> }
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # pub struct Order { pub id: i64, pub user_id: i64, pub amount: f64 }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = Db::connect("sqlite::memory:").await?;
    /// # db.auto_migrate(models![User, Order]).await?;
    /// let mut ada = User {
    ///     name: "Ada".into(),
    ///     orders: [Order { amount: 100.0, ..Default::default() }].into(),
    ///     ..Default::default()
    /// };
    /// db.create(&mut ada).await?;
    /// assert_eq!(ada.orders.loaded()?[0].user_id, ada.id);
    /// # Ok(()) }
    /// ```
    pub fn create<'a, R: RowSet + ?Sized>(&'a self, rows: &'a mut R) -> Create<'a, R::Model> {
        Create {
            db: self,
            rows: rows.rows_mut(),
            how: None,
        }
    }

    /// Inserts a row, or updates every column of the one with its primary key (but the moment of
    /// its creation). Also a soft-deleted row is written, and is live again. A row whose key is
    /// not set is inserted.
    ///
    /// ```sql
    /// INSERT INTO users (id, name, …) VALUES (?, ?, …) ON CONFLICT (id) DO UPDATE SET name = excluded.name, …
    /// ```
    ///
    /// # Errors
    /// Those of [`Db::create`].
    ///
    /// # Examples
    /// ```
    /// # use sinew::prelude::*;
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # pub struct User { pub id: i64, pub name: String }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = Db::connect("sqlite::memory:").await?;
    /// # db.auto_migrate(models![User]).await?;
    /// db.upsert(&mut User { id: 7, name: "Ada".into() }).await?;
    /// db.upsert(&mut User { id: 7, name: "Grace".into() }).await?;
    /// assert_eq!(db.get::<User>(7).await?.name, "Grace");
    /// # Ok(()) }
    /// ```
    pub fn upsert<'a, R: RowSet + ?Sized>(&'a self, rows: &'a mut R) -> Create<'a, R::Model> {
        let target: Vec<usize> = <R::Model as Model>::KEY.to_vec();
        OnConflict {
            create: self.create(rows),
            target,
        }
        .update_all()
    }
}

impl<'a, M: Model> Create<'a, M> {
    fn how(&mut self) -> &mut How {
        self.how.get_or_insert_default()
    }

    /// Writes only these columns and associations (and keys and timestamps). A selected
    /// association carries its keys along; a column that is left out gets its default, NULL, or
    /// the zero value of its type.
    ///
    /// `User::profile.field(Profile::bio)` selects one column of an association's targets.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let mut ken = User { age: 25, ..user("Ken", 25) };
    /// db.create(&mut ken).select(User::name).await?;
    /// assert_eq!(db.find::<User>().filter(User::name.eq("Ken")).first().await?.unwrap().age, 0);
    /// # Ok(()) }
    /// ```
    pub fn select(mut self, parts: impl Choices<M>) -> Self {
        self.how().scope.select(parts.into_choices());
        self
    }

    /// Leaves these columns and associations out. `User::languages.targets()` leaves the targets
    /// alone but writes the links, `User::profile.field(Profile::bio)` leaves a column of the
    /// targets out.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let mut ken = User { orders: [order(1.0, &[])].into(), ..user("Ken", 25) };
    /// db.create(&mut ken).omit((User::orders, User::age)).await?;
    /// assert_eq!(db.association(&mut ken, User::orders).count().await?, 0);
    /// # Ok(()) }
    /// ```
    pub fn omit(mut self, parts: impl Choices<M>) -> Self {
        self.how().scope.omit(parts.into_choices());
        self
    }

    /// Writes the rows alone.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let mut ken = User { orders: [order(1.0, &[])].into(), ..user("Ken", 25) };
    /// db.create(&mut ken).omit_associations().await?;
    /// assert_eq!(db.find::<Order>().count().await?, 3);
    /// # Ok(()) }
    /// ```
    pub fn omit_associations(mut self) -> Self {
        self.how().scope.omit_associations();
        self
    }

    /// Updates associated rows that exist already, too.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let mut acme = db.get::<Company>(1).await?;
    /// acme.name = "Acme Ltd".into();
    /// let mut ken = User { company: acme.into(), ..user("Ken", 25) };
    /// db.create(&mut ken).full().await?;
    /// assert_eq!(db.get::<Company>(1).await?.name, "Acme Ltd");
    /// # Ok(()) }
    /// ```
    pub fn full(mut self) -> Self {
        self.how().full = true;
        self
    }

    /// Says what happens when a row with the same value of these columns (the primary key, or
    /// those of one unique index) exists. The struct then holds that row's key and the values
    /// that were not updated; associations are linked to it.
    ///
    /// # Errors
    /// `InvalidInput` when the columns are not unique together.
    ///
    /// # Examples
    /// ```
    /// # use sinew::prelude::*;
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # pub struct User { pub id: i64, #[model(unique)] pub name: String, pub age: i32 }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = Db::connect("sqlite::memory:").await?;
    /// # db.auto_migrate(models![User]).await?;
    /// # db.create(&mut User { name: "Ada".into(), age: 36, ..Default::default() }).await?;
    /// let mut ada = User { name: "Ada".into(), age: 37, ..Default::default() };
    /// db.create(&mut ada).on_conflict(User::name).update((User::age,)).await?;
    /// assert_eq!((ada.id, db.get::<User>(1).await?.age), (1, 37));
    /// # Ok(()) }
    /// ```
    pub fn on_conflict(self, columns: impl Columns<M>) -> OnConflict<'a, M> {
        OnConflict {
            create: self,
            target: columns.into_columns(),
        }
    }
}

impl<'a, M: Model> IntoFuture for Create<'a, M> {
    type Output = Result<()>;
    type IntoFuture = BoxFuture<'a, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { db, rows, how } = self;
        Box::pin(async move {
            if how.is_none()
                && let [row] = &mut *rows
                && let Some(written) = one::insert(db, row).await
            {
                return written;
            }
            write(db, Box::new(Typed::new(rows)), how.unwrap_or_default()).await
        })
    }
}

/// Writes rows of any model. What it takes is in a place of its own: a row alone goes without.
fn write<'a>(
    db: &'a Db,
    mut rows: Box<dyn Written + 'a>,
    how: Box<How>,
) -> BoxFuture<'a, Result<()>> {
    Box::pin(async move {
        let mode = Mode::Create(how.conflict.as_ref());
        write_rows(db, &mut *rows, mode, &how.scope, how.full).await
    })
}

/// A create that says which conflict it means; say next what happens then.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let mut ada = user("Ada", 50);
/// db.create(&mut ada).on_conflict(User::name).update_all().await?;
/// assert_eq!((ada.id, db.find::<User>().count().await?), (1, 3));
/// # Ok(()) }
/// ```
#[must_use = "say what happens on the conflict"]
pub struct OnConflict<'a, M> {
    create: Create<'a, M>,
    target: Vec<usize>,
}

impl<'a, M: Model> OnConflict<'a, M> {
    fn names(&self) -> Vec<sinew_sql::Ident> {
        self.target
            .iter()
            .map(|&index| column(M::schema(), index))
            .collect()
    }

    /// The existing row stays as it is, and what hangs on the new one is not written; that is
    /// `Ok`. The struct is left as it is, without a key.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// db.create(&mut user("Ada", 50)).on_conflict(User::name).do_nothing().await?;
    /// assert_eq!(db.get::<User>(1).await?.age, 36);
    /// # Ok(()) }
    /// ```
    pub fn do_nothing(mut self) -> Create<'a, M> {
        self.create.how().conflict = Some(Conflict::Nothing(self.names()));
        self.create
    }

    /// These columns of the existing row get the new values (and its `updated_at`).
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// db.create(&mut user("Ada", 50)).on_conflict(User::name).update(User::age).await?;
    /// assert_eq!(db.get::<User>(1).await?.age, 50);
    /// # Ok(()) }
    /// ```
    pub fn update(self, columns: impl Columns<M>) -> Create<'a, M> {
        let columns = columns.into_columns();
        self.set(columns)
    }

    /// Every column but the key and the moment of creation gets the new value.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let mut ada = User { company_id: None, ..user("Ada", 50) };
    /// db.create(&mut ada).on_conflict(User::name).update_all().await?;
    /// assert_eq!(db.get::<User>(1).await?.company_id, None);
    /// # Ok(()) }
    /// ```
    pub fn update_all(self) -> Create<'a, M> {
        let meta = M::schema();
        let target = self.target.clone();
        let all = (0..meta.columns.len()).filter(|index| {
            !meta.key.contains(index)
                && !target.contains(index)
                && meta
                    .columns
                    .get(*index)
                    .is_some_and(|c| c.role != ColumnRole::CreatedAt)
        });
        self.set(all.collect())
    }

    fn set(mut self, mut columns: Vec<usize>) -> Create<'a, M> {
        let meta = M::schema();
        if let Some(updated) = meta
            .role(ColumnRole::UpdatedAt)
            .filter(|i| !columns.contains(i))
        {
            columns.push(updated);
        }
        if columns.is_empty() {
            return self.do_nothing();
        }
        let set = columns.iter().map(|&index| {
            let name = column(meta, index);
            (name.clone(), Expr::Excluded(name))
        });
        self.create.how().conflict = Some(Conflict::Update {
            target: self.names(),
            set: set.collect(),
        });
        self.create
    }
}

/// One column of `M`, or a tuple of several.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let mut link = UserLanguage { user_id: 1, language_id: 1, proficiency: "native".into() };
/// db.create(&mut link)
///     .on_conflict((UserLanguage::user_id, UserLanguage::language_id))
///     .update(UserLanguage::proficiency)
///     .await?;
/// assert_eq!(db.get::<UserLanguage>((1, 1)).await?.proficiency, "native");
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a column of `{M}`",
    label = "not a column of `{M}`"
)]
pub trait Columns<M> {
    #[doc(hidden)]
    fn into_columns(self) -> Vec<usize>;
}

impl<M, T> Columns<M> for Column<M, T> {
    fn into_columns(self) -> Vec<usize> {
        vec![self.index()]
    }
}

macro_rules! tuple_columns {
    ($($name:ident)+) => {
        impl<M, $($name: Columns<M>),+> Columns<M> for ($($name,)+) {
            fn into_columns(self) -> Vec<usize> {
                #[allow(non_snake_case)]
                let ($($name,)+) = self;
                let mut all = Vec::new();
                $(all.extend($name.into_columns());)+
                all
            }
        }
    };
}

tuple_columns!(A);
tuple_columns!(A B);
tuple_columns!(A B C);
tuple_columns!(A B C D);
tuple_columns!(A B C D E);
tuple_columns!(A B C D E F);
