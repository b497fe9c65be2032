use std::future::IntoFuture;

use sinew_core::driver::BoxFuture;
use sinew_core::record::Model;
use sinew_core::{Error, ErrorKind, Result};

use super::delete::{add, add_all, reaches_hooks};
use super::place::Place;
use super::remove::{Removal, cascades, erase, remove};
use super::rows::{conditions, read_rows};
use super::run::{Way, with_writer};
use crate::preload;
use crate::query::Find;
use crate::relation::{Preload, PreloadNode};

/// All rows that a query finds, to be deleted; awaits to their number.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let gone = db.find::<Order>().order_by(Order::amount.asc()).limit(1).delete().all_rows().await?;
/// assert_eq!(gone, 1);
/// # Ok(()) }
/// ```
#[must_use = "nothing is deleted until it is awaited"]
pub struct DeleteWhere<'d, M> {
    find: Find<'d, M>,
    nodes: Vec<PreloadNode>,
    all: bool,
}

impl<'d, M: Model> Find<'d, M> {
    /// Deletes all rows found; awaits to their number. Soft-deletable rows are deleted softly,
    /// through [`Db::unscoped`](crate::Db::unscoped) for good.
    ///
    /// ```sql
    /// DELETE FROM orders WHERE orders.amount < ?
    /// ```
    ///
    /// It is one statement, unless the model has delete hooks (which run on each row, read
    /// first), or [`DeleteWhere::with`] names associations. A limit, joins or groups go into a
    /// sub-query of keys.
    ///
    /// # Errors
    /// `MissingCondition` without a condition (see [`DeleteWhere::all_rows`]).
    ///
    /// # Examples
    /// ```
    /// # use sinew::prelude::*;
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # pub struct Order { pub id: i64, pub amount: f64 }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = Db::connect("sqlite::memory:").await?;
    /// # db.auto_migrate(models![Order]).await?;
    /// # db.create(&mut Order { amount: 1.0, ..Default::default() }).await?;
    /// assert_eq!(db.find::<Order>().filter(Order::amount.lt(5.0)).delete().await?, 1);
    /// let refused = db.find::<Order>().delete().await.unwrap_err();
    /// assert_eq!(refused.kind(), ErrorKind::MissingCondition);
    /// # Ok(()) }
    /// ```
    pub fn delete(self) -> DeleteWhere<'d, M> {
        DeleteWhere {
            find: self,
            nodes: Vec::new(),
            all: false,
        }
    }
}

impl<'d, M: Model> DeleteWhere<'d, M> {
    /// Deletes these associations too, as [`DeleteRows::with`](crate::write::DeleteRows::with) does.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let acme = db.find::<User>().filter(User::name.eq("Ada"));
    /// assert_eq!(acme.delete().with(User::orders.with(Order::items)).await?, 1);
    /// assert_eq!(db.find::<Item>().count().await?, 0);
    /// # Ok(()) }
    /// ```
    pub fn with(mut self, associations: impl Preload<M>) -> Self {
        add(&mut self.nodes, associations.into_nodes());
        self
    }

    /// Deletes every association of the first level too.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// db.find::<User>().filter(User::name.eq("Ada")).delete().with_associations().await?;
    /// assert_eq!(db.find::<Image>().count().await?, 0);
    /// # Ok(()) }
    /// ```
    pub fn with_associations(mut self) -> Self {
        add_all::<M>(&mut self.nodes);
        self
    }

    /// Allows a delete without a condition.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// assert_eq!(db.find::<Item>().delete().all_rows().await?, 2);
    /// # Ok(()) }
    /// ```
    pub fn all_rows(mut self) -> Self {
        self.all = true;
        self
    }

    async fn run(self) -> Result<u64> {
        let (db, meta, nodes) = (self.find.db, M::schema(), self.nodes);
        preload::check(&nodes)?;
        let hard = db.settings.unscoped;
        let filter = conditions(self.find, self.all, "delete")?;
        let hooks = reaches_hooks(db, meta, &nodes);
        let cascading = meta.deleted_at().is_some() && !hard && cascades(meta).next().is_some();
        let reads = hooks || cascading || !nodes.is_empty();
        if reads && meta.key.is_empty() {
            return Err(Error::new(
                ErrorKind::MissingKey,
                format!(
                    "{} has no primary key, so its associations cannot be deleted",
                    meta.name
                ),
            )
            .with_model(meta.name));
        }
        with_writer(db, Way::new(hooks, reads), async |writer| {
            if !reads {
                return erase(writer, meta, filter, hard).await;
            }
            let mut rows = read_rows(&mut writer.lane, meta, filter).await?;
            let mut records = rows.all_mut();
            let place = Place::root(records.len());
            let mut removal = Removal::new(hard);
            remove(
                writer,
                &mut records,
                M::schema,
                &nodes,
                &mut removal,
                &place,
            )
            .await
        })
        .await
    }
}

impl<'d, M: Model> IntoFuture for DeleteWhere<'d, M> {
    type Output = Result<u64>;
    type IntoFuture = BoxFuture<'d, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}
