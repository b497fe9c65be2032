use std::future::IntoFuture;
use std::marker::PhantomData;

use sinew_core::driver::BoxFuture;
use sinew_core::record::Model;
use sinew_core::{Error, Result, Value};
use sinew_sql::{Expr, Join, JoinKind, Lock, Order, Raw, Select};

use super::asked::{Asked, FindFuture, read_tree};
use super::one_trip::OneTrip;
use super::plan::QueryPlan;
use crate::column::{Expression, IntoCondition, IntoOrder};
use crate::db::Db;
use crate::preload::{self, Plan, Tree, base_select};
use crate::relation::reach;
use crate::relation::{Include, JoinNode, Joins, Preload, PreloadNode};

/// A query for rows of `M`; awaits to `Vec<M>`.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// use sinew::query::Find;
///
/// fn named<'d>(query: Find<'d, User>, start: &str) -> Find<'d, User> {
///     query.filter(User::name.like(format!("{start}%"))).order_by(User::name.asc())
/// }
/// assert_eq!(named(db.find::<User>(), "A").await?.len(), 2);
/// # Ok(()) }
/// ```
#[must_use = "a query does nothing until it is awaited"]
pub struct Find<'d, M> {
    pub(crate) db: &'d Db,
    pub(crate) select: Select,
    pub(crate) joins: Vec<JoinNode>,
    pub(crate) preloads: Vec<PreloadNode>,
    pub(crate) doubt: Option<Error>,
    pub(crate) one_trip: OneTrip,
    /// So many conditions come with the query itself; `or` leaves them alone.
    pub(crate) given: usize,
    of: PhantomData<fn() -> M>,
}

impl Db {
    /// Rows of `M`, soft-deleted ones left out unless the handle is [`Db::unscoped`].
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let users: Vec<User> = db.find::<User>().await?;
    /// assert_eq!(users.len(), 3);
    /// # Ok(()) }
    /// ```
    pub fn find<M: Model>(&self) -> Find<'_, M> {
        let select = base_select(M::schema(), self.settings.unscoped);
        Find {
            db: self,
            given: select.filter.len(),
            select,
            joins: Vec::new(),
            preloads: Vec::new(),
            doubt: None,
            one_trip: match self.settings.by_levels {
                true => OneTrip::Never,
                false => OneTrip::Measured,
            },
            of: PhantomData,
        }
    }
}

impl<'d, M: Model> Find<'d, M> {
    /// The query over a part of the table that no later `or` widens.
    pub(crate) fn within(mut self, part: Result<Expr>) -> Self {
        let part = part.unwrap_or_else(|error| {
            self.doubt = Some(error);
            Expr::Or(Vec::new())
        });
        self.select.filter.insert(self.given, part);
        self.given += 1;
        self
    }

    /// Only rows that meet the condition; several filters must all hold.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let users = db.find::<User>().filter(User::age.gt(40)).filter(User::company_id.is_null()).await?;
    /// assert_eq!(users[0].name, "Alan");
    /// # Ok(()) }
    /// ```
    pub fn filter(mut self, condition: impl IntoCondition<M>) -> Self {
        self.select.filter.push(condition.into_condition().expr);
        self
    }

    /// Rows that meet what was filtered so far, or this condition.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let users = db.find::<User>().filter(User::name.eq("Ada")).or(User::age.gt(44)).await?;
    /// assert_eq!(users.len(), 2);
    /// # Ok(()) }
    /// ```
    pub fn or(mut self, condition: impl IntoCondition<M>) -> Self {
        let before = self.select.filter.split_off(self.given);
        let condition = condition.into_condition().expr;
        // The first condition of all has nothing to be an alternative to.
        self.select.filter.push(match before.is_empty() {
            true => condition,
            false => Expr::And(before).or(condition),
        });
        self
    }

    /// In this order; several orders apply one after another.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let users = db.find::<User>().order_by((User::company_id.asc(), User::name.desc())).await?;
    /// assert_eq!(users[2].name, "Ada");
    /// # Ok(()) }
    /// ```
    pub fn order_by(mut self, order: impl IntoOrder<M>) -> Self {
        self.select.order.extend(order.into_order());
        self
    }

    /// At most `n` rows.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// assert_eq!(db.find::<User>().order_by(User::age.asc()).limit(2).await?[1].name, "Alan");
    /// # Ok(()) }
    /// ```
    pub fn limit(mut self, n: u64) -> Self {
        self.select.limit = Some(n);
        self
    }

    /// Skips `n` rows.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// assert_eq!(db.find::<User>().order_by(User::age.asc()).limit(2).offset(2).await?[0].name, "Grace");
    /// # Ok(()) }
    /// ```
    pub fn offset(mut self, n: u64) -> Self {
        self.select.offset = Some(n);
        self
    }

    /// No row twice.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let companies = db.find::<User>().filter(User::company_id.is_not_null()).distinct().pluck(User::company_id).await?;
    /// assert_eq!(companies, [Some(1)]);
    /// # Ok(()) }
    /// ```
    pub fn distinct(mut self) -> Self {
        self.select.distinct = true;
        self
    }

    /// One row per value of the expression, as far as the database allows.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let rows = db.find::<User>().group_by(User::company_id).pluck((User::company_id, User::id.count())).await?;
    /// assert_eq!(rows.len(), 2);
    /// # Ok(()) }
    /// ```
    pub fn group_by(mut self, by: impl Expression<M>) -> Self {
        self.select.group_by.push(by.into_expr());
        self
    }

    /// Only groups that meet the condition.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let buyers = db.find::<Order>()
    ///     .group_by(Order::user_id)
    ///     .having(Order::amount.sum().gt(100.0))
    ///     .pluck(Order::user_id)
    ///     .await?;
    /// assert_eq!(buyers, [Some(1)]);
    /// # Ok(()) }
    /// ```
    pub fn having(mut self, condition: impl IntoCondition<M>) -> Self {
        self.select.having.push(condition.into_condition().expr);
        self
    }

    /// Locks the rows until the transaction ends, where the database has row locks.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// db.transaction(async |tx| {
    ///     let mut users = tx.find::<User>().filter(User::age.gt(40)).for_update().await?;
    ///     for user in &mut users {
    ///         user.age += 1;
    ///     }
    ///     tx.save(&mut users).await
    /// }).await?;
    /// assert_eq!(db.find::<User>().max(User::age).await?, Some(46));
    /// # Ok(()) }
    /// ```
    pub fn for_update(mut self) -> Self {
        self.select.lock = Some(Lock::Update);
        self
    }

    /// Keeps others from changing the rows until the transaction ends, where the database has row
    /// locks.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// db.transaction(async |tx| {
    ///     let company = tx.find::<Company>().for_share().first().await?.unwrap();
    ///     tx.create(&mut User { company_id: Some(company.id), ..user("Edsger", 30) }).await
    /// }).await?;
    /// assert_eq!(db.find::<User>().count().await?, 4);
    /// # Ok(()) }
    /// ```
    pub fn for_share(mut self) -> Self {
        self.select.lock = Some(Lock::Share);
        self
    }

    /// Applies a reusable piece of query.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// use sinew::query::Find;
    ///
    /// fn busy(query: Find<'_, User>) -> Find<'_, User> {
    ///     query.filter(User::orders.count().ge(2))
    /// }
    /// assert_eq!(db.find::<User>().scope(busy).await?[0].name, "Ada");
    /// # Ok(()) }
    /// ```
    pub fn scope(self, scope: impl FnOnce(Self) -> Self) -> Self {
        scope(self)
    }

    /// Loads an association with the rows: one statement for all of them.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let users = db.find::<User>()
    ///     .preload(User::orders.order_by(Order::amount.desc()).limit(1).preload(Order::items))
    ///     .preload(User::company)
    ///     .await?;
    /// assert_eq!(users[0].orders.loaded()?[0].amount, 300.0);
    /// # Ok(()) }
    /// ```
    pub fn preload(mut self, association: impl Preload<M>) -> Self {
        add_preloads(&mut self.preloads, association.into_nodes());
        self
    }

    /// Loads every association of the first level.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let users = db.find::<User>().preload_all().await?;
    /// assert!(users[0].profile.is_loaded() && users[0].languages.is_loaded());
    /// # Ok(()) }
    /// ```
    pub fn preload_all(mut self) -> Self {
        for relation in &M::schema().relations {
            if self
                .preloads
                .iter()
                .all(|node| node.relation != relation.index)
            {
                self.preloads
                    .push(PreloadNode::new(M::schema, relation.index));
            }
        }
        self
    }

    /// Loads associations by a path known only at run time, such as `orders.items`.
    ///
    /// # Errors
    /// `UnknownAssociation` when the path names none, with the ones there are.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let users = db.find::<User>().include("orders.items")?.await?;
    /// assert_eq!(users[0].orders.loaded()?[0].items.loaded()?.len(), 2);
    ///
    /// let error = db.find::<User>().include("ordres").err().unwrap();
    /// assert_eq!(error.kind(), ErrorKind::UnknownAssociation);
    /// # Ok(()) }
    /// ```
    pub fn include(mut self, path: &str) -> Result<Self> {
        let node = Include::parse(M::schema, path)?;
        preload::merge(&mut self.preloads, node);
        Ok(self)
    }

    /// Loads an association in the same statement, by `LEFT JOIN`. Rows repeated by a to-many
    /// association are folded.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let users = db.find::<User>().join(User::company).join(User::orders).await?;
    /// assert_eq!((users.len(), users[0].orders.loaded()?.len()), (3, 2));
    /// # Ok(()) }
    /// ```
    pub fn join(mut self, association: impl Joins<M>) -> Self {
        self.joins.push(association.into_node(JoinKind::Left));
        self
    }

    /// As [`Find::join`], dropping rows without a match.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let users = db.find::<User>().inner_join(User::orders.filter(Order::amount.gt(60.0))).await?;
    /// assert_eq!((users.len(), users[0].orders.loaded()?.len()), (1, 2));
    /// # Ok(()) }
    /// ```
    pub fn inner_join(mut self, association: impl Joins<M>) -> Self {
        self.joins.push(association.into_node(JoinKind::Inner));
        self
    }

    /// Adds a join written in SQL. It loads nothing; its table can be used in raw conditions.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let users = db.find::<User>()
    ///     .join_sql("JOIN companies ON companies.id = users.company_id")
    ///     .filter(sql("companies.name = ?", ["Acme"]))
    ///     .await?;
    /// assert_eq!(users.len(), 2);
    /// # Ok(()) }
    /// ```
    pub fn join_sql(mut self, sql: impl Into<String>) -> Self {
        self.select.joins.push(Join::Raw(Raw {
            sql: sql.into(),
            binds: Vec::new(),
        }));
        self
    }

    /// The first row, or `None`: `LIMIT 1`, by primary key where no order is given.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let ada = db.find::<User>().first().await?;
    /// assert_eq!(ada.unwrap().name, "Ada");
    /// assert!(db.find::<User>().filter(User::age.gt(99)).first().await?.is_none());
    /// # Ok(()) }
    /// ```
    pub fn first(self) -> First<'d, M> {
        First(self)
    }

    /// The statements that would run, in the shape of the preload tree. Runs nothing.
    ///
    /// # Examples
    /// ```
    /// # use sinew::prelude::*;
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # struct User { id: i64, orders: HasMany<Order> }
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # struct Order { id: i64, user_id: i64 }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sinew::Result<()> {
    /// let db = Db::connect("sqlite::memory:").await?;
    /// let plan = db.find::<User>().preload(User::orders).explain();
    /// assert_eq!(plan.statements(), 2);
    /// println!("{plan}");
    /// # Ok(())
    /// # }
    /// ```
    pub fn explain(self) -> Plan {
        let (db, one_trip) = (self.db, self.one_trip.decide(self.db));
        preload::plan_of(db, self.fetch(), one_trip)
    }

    /// How the database would go about each statement, in its own words: which indexes it
    /// uses, what it scans. Runs nothing else.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let how = db.find::<User>().filter(User::name.eq("Ada")).query_plan().await?;
    /// println!("{how}");
    /// assert!(how.contains("users"));
    /// # Ok(()) }
    /// ```
    pub fn query_plan(self) -> QueryPlan<'d> {
        QueryPlan::new(self.db, self.explain())
    }

    /// The same query once more.
    pub(crate) fn again(&self) -> Self {
        Find {
            given: self.given,
            db: self.db,
            select: self.select.clone(),
            joins: self.joins.clone(),
            preloads: self.preloads.clone(),
            doubt: None,
            one_trip: self.one_trip,
            of: PhantomData,
        }
    }

    /// Adds the primary key to the order, so that it is total.
    pub(crate) fn order_by_key(&mut self) {
        let meta = M::schema();
        self.select
            .order
            .extend(meta.key.iter().map(|&index| Order {
                expr: Expr::here(reach::column(meta, index)),
                descending: false,
                nulls_first: None,
            }));
    }

    pub(crate) fn fetch(self) -> Result<preload::Fetch> {
        self.untyped().fetch()
    }

    /// What is asked for, without the type of the rows.
    fn untyped(self) -> Asked<'d> {
        Asked {
            db: self.db,
            meta: M::schema(),
            select: self.select,
            joins: self.joins,
            preloads: self.preloads,
            doubt: self.doubt,
            one_trip: self.one_trip,
        }
    }

    /// Reads what `fetch` says; `shape` has a look before anything is loaded with the rows.
    pub(crate) async fn read(
        db: &Db,
        (fetch, one_trip): (preload::Fetch, OneTrip),
        shape: impl FnOnce(&mut Tree<'_>) + Send,
    ) -> Result<(Vec<M>, Vec<Vec<Value<'static>>>)> {
        let mut tree = read_tree(db, fetch, one_trip, Box::new(shape)).await?;
        let marks = std::mem::take(&mut tree.marks);
        Ok((tree.into_rows()?, marks))
    }
}

/// The same association again replaces what was said before.
fn add_preloads(preloads: &mut Vec<PreloadNode>, added: Vec<PreloadNode>) {
    for node in added {
        preloads.retain(|held| held.relation != node.relation);
        preloads.push(node);
    }
}

impl<'d, M: Model> IntoFuture for Find<'d, M> {
    type Output = Result<Vec<M>>;
    type IntoFuture = FindFuture<'d, M>;

    fn into_future(self) -> Self::IntoFuture {
        FindFuture::of(self.untyped())
    }
}

/// The first row of a query; awaits to `Option<M>`.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let oldest = db.find::<User>().order_by(User::age.desc()).first().await?;
/// assert_eq!(oldest.unwrap().name, "Grace");
/// # Ok(()) }
/// ```
#[must_use = "a query does nothing until it is awaited"]
pub struct First<'d, M>(Find<'d, M>);

impl<'d, M: Model> IntoFuture for First<'d, M> {
    type Output = Result<Option<M>>;
    type IntoFuture = BoxFuture<'d, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let mut find = self.0;
            if find.select.order.is_empty() {
                find.order_by_key();
            }
            find.select.limit = Some(1);
            let rows: Vec<M> = preload::typed(find.untyped().read().await?);
            Ok(rows.into_iter().next())
        })
    }
}
