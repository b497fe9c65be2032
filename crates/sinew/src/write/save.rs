use std::future::IntoFuture;

use sinew_core::Result;
use sinew_core::driver::BoxFuture;
use sinew_core::record::{Model, RowSet};

use super::graph::Mode;
use super::one;
use super::run::{Typed, write_rows};
use super::scope::{Choices, WriteScope};
use crate::db::Db;

/// Rows to be saved, with what hangs on them.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let mut users = db.find::<User>().await?;
/// for user in &mut users {
///     user.age += 1;
/// }
/// db.save(&mut users).await?;
/// assert_eq!(db.find::<User>().max(User::age).await?, Some(46));
/// # Ok(()) }
/// ```
#[must_use = "nothing is saved until it is awaited"]
pub struct Save<'a, M> {
    db: &'a Db,
    rows: &'a mut [M],
    scope: WriteScope,
    full: bool,
}

impl Db {
    /// Updates every column of a row (inserts it when it has no key yet) and inserts and links
    /// what its associations hold anew. Associated rows that exist already are left as they are,
    /// unless [`Save::full`] says otherwise. Nothing is ever removed.
    ///
    /// ```sql
    /// UPDATE users SET name = ?, … WHERE id = ? AND deleted_at IS NULL
    /// ```
    ///
    /// # Errors
    /// `NotFound` when a row is gone or soft-deleted ([`Db::upsert`] writes it in any case), and
    /// those of [`Db::create`].
    ///
    /// # Examples
    /// ```
    /// # use sinew::prelude::*;
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # pub struct User { pub id: i64, pub name: String, pub orders: HasMany<Order> }
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # pub struct Order { pub id: i64, pub user_id: i64 }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = Db::connect("sqlite::memory:").await?;
    /// # db.auto_migrate(models![User, Order]).await?;
    /// let mut user = User { name: "Ada".into(), orders: [].into(), ..Default::default() };
    /// db.create(&mut user).await?;
    /// user.name = "Grace".into();
    /// user.orders.loaded_mut()?.push(Order::default());
    /// db.save(&mut user).await?;
    /// assert_eq!(db.find::<Order>().count().await?, 1);
    /// # Ok(()) }
    /// ```
    pub fn save<'a, R: RowSet + ?Sized>(&'a self, rows: &'a mut R) -> Save<'a, R::Model> {
        Save {
            db: self,
            rows: rows.rows_mut(),
            scope: WriteScope::default(),
            full: false,
        }
    }
}

impl<'a, M: Model> Save<'a, M> {
    /// Writes only these columns and associations (and `updated_at`).
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let mut ada = db.get::<User>(1).await?;
    /// (ada.age, ada.name) = (37, "Ada King".into());
    /// db.save(&mut ada).select(User::age).await?;
    /// assert_eq!(db.get::<User>(1).await?.name, "Ada");
    /// # Ok(()) }
    /// ```
    pub fn select(mut self, parts: impl Choices<M>) -> Self {
        self.scope.select(parts.into_choices());
        self
    }

    /// Leaves these columns and associations out.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let mut ada = db.get::<User>(1).await?;
    /// (ada.age, ada.name) = (37, "Ada King".into());
    /// db.save(&mut ada).omit(User::name).await?;
    /// assert_eq!(db.get::<User>(1).await?.age, 37);
    /// # Ok(()) }
    /// ```
    pub fn omit(mut self, parts: impl Choices<M>) -> Self {
        self.scope.omit(parts.into_choices());
        self
    }

    /// Writes the rows alone.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let mut ada = db.get::<User>(1).preload(User::orders).await?;
    /// ada.orders.loaded_mut()?.push(order(1.0, &[]));
    /// db.save(&mut ada).omit_associations().await?;
    /// assert_eq!(db.find::<Order>().count().await?, 3);
    /// # Ok(()) }
    /// ```
    pub fn omit_associations(mut self) -> Self {
        self.scope.omit_associations();
        self
    }

    /// Updates associated rows that exist already, too: every column of everything that is held.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let mut ada = db.get::<User>(1).preload(User::orders).await?;
    /// ada.orders.loaded_mut()?[0].amount = 111.0;
    /// db.save(&mut ada).full().await?;
    /// assert_eq!(db.get::<Order>(1).await?.amount, 111.0);
    /// # Ok(()) }
    /// ```
    pub fn full(mut self) -> Self {
        self.full = true;
        self
    }
}

impl<'a, M: Model> IntoFuture for Save<'a, M> {
    type Output = Result<()>;
    type IntoFuture = BoxFuture<'a, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        let Self {
            db,
            rows,
            scope,
            full,
        } = self;
        Box::pin(async move {
            // What was said of associations does not matter where none is loaded.
            if scope.is_whole()
                && let [row] = &mut *rows
                && let Some(written) = one::save(db, row).await
            {
                return written;
            }
            let mut rows = Typed::new(rows);
            let written = write_rows(db, &mut rows, Mode::Save, &scope, full);
            Box::pin(written).await
        })
    }
}
