use std::future::IntoFuture;
use std::marker::PhantomData;
use std::sync::Arc;

use sinew_core::driver::{Action, BoxFuture, Done, Intent, Row, Sink, Statement};
use sinew_core::record::{Borrowed, Model, RowSet};
use sinew_core::value::IntoKey;
use sinew_core::{Error, ErrorKind, Result, Value};
use sinew_sql::Expr;

use super::find::Find;
use crate::db::Db;
use crate::hook;
use crate::preload;
use crate::relation::{Joins, Preload, PreloadNode};

/// One row by primary key; awaits to `M`, or `Err(NotFound)`.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let ada = db.get::<User>(1).preload(User::orders).await?;
/// assert_eq!(ada.orders.loaded()?.len(), 2);
/// # Ok(()) }
/// ```
#[must_use = "a query does nothing until it is awaited"]
pub struct Get<'d, M> {
    db: &'d Db,
    key: Vec<Value<'static>>,
    /// The query, once something was asked of it beside the row.
    find: Option<Box<Find<'d, M>>>,
}

impl Db {
    /// The row with this primary key.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// assert_eq!(db.get::<User>(1).await?.name, "Ada");
    /// assert_eq!(db.get::<UserLanguage>((1, 2)).await?.user_id, 1);        // a composite key
    /// assert!(db.get::<User>(99).await.unwrap_err().is_not_found());
    /// # Ok(()) }
    /// ```
    pub fn get<M: Model>(&self, key: impl IntoKey<M::Key>) -> Get<'_, M> {
        Get {
            db: self,
            key: key.into_key(),
            find: None,
        }
    }

    /// Loads associations of rows at hand: one statement per association for all of them.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let mut users = db.find::<User>().await?;
    /// db.load(&mut users, User::languages).await?;
    /// assert_eq!(users[0].languages.loaded()?.len(), 2);
    /// # Ok(()) }
    /// ```
    pub fn load<'a, R: RowSet + ?Sized>(
        &'a self,
        rows: &'a mut R,
        association: impl Preload<R::Model>,
    ) -> Load<'a, R::Model> {
        Load {
            db: self,
            rows: Borrowed(rows.rows_mut()),
            nodes: association.into_nodes(),
        }
    }
}

fn find_by_key<'d, M: Model>(db: &'d Db, key: &[Value<'static>]) -> Find<'d, M> {
    let meta = M::schema();
    let mut find = db.find::<M>();
    for (&index, value) in meta.key.iter().zip(key) {
        let column = Expr::here(crate::relation::reach::column(meta, index));
        find.select
            .filter
            .push(column.equals(Expr::Value(value.clone())));
    }
    find
}

impl<'d, M: Model> Get<'d, M> {
    /// The query, to be narrowed.
    /// As [`Find::one_trip`].
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let ada = db.get::<User>(1).preload(User::orders).one_trip().await?;
    /// assert_eq!(ada.orders.loaded()?.len(), 2);
    /// # Ok(()) }
    /// ```
    pub fn one_trip(mut self) -> Self {
        self.find = Some(Box::new(self.query().one_trip()));
        self
    }

    fn query(&mut self) -> Find<'d, M> {
        match self.find.take() {
            Some(find) => *find,
            None => find_by_key(self.db, &self.key),
        }
    }

    /// The row alone, by one integer or text: what needs no query to be put together.
    fn plain(mut self) -> Result<Plain<'d, M>, Self> {
        let (db, meta) = (self.db, M::schema());
        let sort = match self.key.as_slice() {
            [Value::Int(_)] => 0,
            [Value::Text(_)] => 1,
            _ => return Err(self),
        };
        if self.find.is_some() || meta.key.len() != 1 || hook::of(meta, db).is_some() {
            return Err(self);
        }
        Ok(Plain {
            db,
            key: std::mem::take(&mut self.key),
            sort,
            of: PhantomData,
        })
    }

    async fn row(mut self) -> Result<Option<M>> {
        Ok(self.query().await?.into_iter().next())
    }

    /// `None` instead of an error when there is no such row.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// assert!(db.get::<User>(99).optional().await?.is_none());
    /// # Ok(()) }
    /// ```
    pub fn optional(self) -> GetOptional<'d, M> {
        GetOptional(self)
    }

    /// Loads an association with it.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let ada = db.get::<User>(1).preload(User::orders.preload(Order::items)).await?;
    /// assert_eq!(ada.orders.loaded()?[0].items.loaded()?[0].sku, "wheel");
    /// # Ok(()) }
    /// ```
    pub fn preload(mut self, association: impl Preload<M>) -> Self {
        self.find = Some(Box::new(self.query().preload(association)));
        self
    }

    /// Loads every association of the first level.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let ada = db.get::<User>(1).preload_all().await?;
    /// assert_eq!(ada.images.loaded()?[0].url, "ada.png");
    /// # Ok(()) }
    /// ```
    pub fn preload_all(mut self) -> Self {
        self.find = Some(Box::new(self.query().preload_all()));
        self
    }

    /// Loads associations by a path known only at run time.
    ///
    /// # Errors
    /// `UnknownAssociation` when the path names none.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let ada = db.get::<User>(1).include("orders.items")?.await?;
    /// assert!(ada.orders.loaded()?[0].items.is_loaded());
    /// # Ok(()) }
    /// ```
    pub fn include(mut self, path: &str) -> Result<Self> {
        self.find = Some(Box::new(self.query().include(path)?));
        Ok(self)
    }

    /// Loads an association in the same statement.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let ada = db.get::<User>(1).join(User::company).await?;
    /// assert_eq!(ada.company.loaded()?.unwrap().name, "Acme");
    /// # Ok(()) }
    /// ```
    pub fn join(mut self, association: impl Joins<M>) -> Self {
        self.find = Some(Box::new(self.query().join(association)));
        self
    }

    /// Locks the row until the transaction ends, where the database has row locks.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// db.transaction(async |tx| {
    ///     let mut ada = tx.get::<User>(1).for_update().await?;
    ///     tx.update(&mut ada).set(User::age.to(User::age + 1)).await
    /// }).await?;
    /// assert_eq!(db.get::<User>(1).await?.age, 37);
    /// # Ok(()) }
    /// ```
    pub fn for_update(mut self) -> Self {
        self.find = Some(Box::new(self.query().for_update()));
        self
    }

    /// The statements that would run. Runs nothing.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// assert_eq!(db.get::<User>(1).preload(User::orders).explain().statements(), 2);
    /// # Ok(()) }
    /// ```
    pub fn explain(mut self) -> crate::preload::Plan {
        self.query().explain()
    }

    /// How the database would go about each statement, in its own words.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// assert!(db.get::<User>(1).query_plan().await?.contains("users"));
    /// # Ok(()) }
    /// ```
    pub fn query_plan(mut self) -> super::QueryPlan<'d> {
        self.query().query_plan()
    }
}

/// A find by key whose text was made the first time, and stays. It is kept small: the future
/// that runs it goes through the allocator each time.
struct Plain<'d, M> {
    db: &'d Db,
    /// One integer or text.
    key: Vec<Value<'static>>,
    /// Which of the two.
    sort: u8,
    of: PhantomData<fn() -> M>,
}

impl<M: Model> Plain<'_, M> {
    fn text(&self) -> Result<Arc<str>> {
        let (db, meta) = (self.db, M::schema());
        if let Some(sql) = db.text_by_key(meta, self.sort) {
            return Ok(sql);
        }
        let fetch = find_by_key::<M>(db, &self.key).fetch()?;
        let sql = db.prepare(&fetch.select).sql;
        db.keep_text_by_key(meta, self.sort, &sql);
        Ok(sql)
    }

    /// The row; `end` says what comes of it, and of its key.
    async fn row<T>(mut self, end: fn(Option<M>, &[Value<'_>]) -> Result<T>) -> Result<T> {
        let sql = self.text()?;
        let mut found = Found(None);
        let statement = Statement {
            sql: &sql,
            binds: std::mem::take(&mut self.key),
            action: Action::Rows,
        };
        match self.db.run_now(Intent::Read, &statement, &mut found) {
            Some(read) => read?,
            None => {
                let read = self.db.run_alone(Intent::Read, &statement, &mut found);
                read.await?;
            }
        }
        end(found.0, &statement.binds)
    }
}

/// Takes one row of a model.
struct Found<M>(Option<M>);

impl<M: Model> Sink for Found<M> {
    fn row(&mut self, _statement: usize, row: &dyn Row) -> Result<()> {
        self.0 = Some(M::decode(row, 0)?);
        Ok(())
    }

    fn done(&mut self, _statement: usize, _done: Done) -> Result<()> {
        Ok(())
    }
}

fn not_found<M: Model>(key: &[Value<'_>]) -> Error {
    let shown: Vec<String> = key.iter().map(show).collect();
    let shown = match shown.as_slice() {
        [one] => one.clone(),
        several => format!("({})", several.join(", ")),
    };
    Error::new(
        ErrorKind::NotFound,
        format!("no {} with key {shown}", M::NAME),
    )
    .with_model(M::NAME)
    .with_table(M::TABLE)
}

fn show(value: &Value<'_>) -> String {
    match value {
        Value::Int(n) => n.to_string(),
        Value::UInt(n) => n.to_string(),
        Value::Text(text) => format!("{text:?}"),
        Value::Bool(b) => b.to_string(),
        Value::Uuid(bytes) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        other => format!("{other:?}"),
    }
}

impl<'d, M: Model> IntoFuture for Get<'d, M> {
    type Output = Result<M>;
    type IntoFuture = BoxFuture<'d, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        match self.plain() {
            Ok(plain) => Box::pin(plain.row(|found, key| found.ok_or_else(|| not_found::<M>(key)))),
            Err(get) => Box::pin(async move {
                let key = get.key.clone();
                get.row().await?.ok_or_else(|| not_found::<M>(&key))
            }),
        }
    }
}

/// One row by primary key, or none.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let maybe = db.get::<User>(2).preload(User::manager).optional().await?;
/// assert_eq!(maybe.unwrap().manager.loaded()?.unwrap().name, "Ada");
/// # Ok(()) }
/// ```
#[must_use = "a query does nothing until it is awaited"]
pub struct GetOptional<'d, M>(Get<'d, M>);

impl<'d, M: Model> IntoFuture for GetOptional<'d, M> {
    type Output = Result<Option<M>>;
    type IntoFuture = BoxFuture<'d, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        match self.0.plain() {
            Ok(plain) => Box::pin(plain.row(|found, _| Ok(found))),
            Err(get) => Box::pin(get.row()),
        }
    }
}

/// Associations to be loaded onto rows at hand.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let mut ada = db.get::<User>(1).await?;
/// db.load(&mut ada, (User::orders.preload(Order::items), User::profile)).await?;
/// assert_eq!(ada.profile.loaded()?.unwrap().bio, "Engines");
/// # Ok(()) }
/// ```
#[must_use = "nothing is loaded until it is awaited"]
pub struct Load<'a, M> {
    db: &'a Db,
    rows: Borrowed<'a, M>,
    nodes: Vec<PreloadNode>,
}

impl<'a, M: Model> IntoFuture for Load<'a, M> {
    type Output = Result<()>;
    type IntoFuture = BoxFuture<'a, Self::Output>;

    fn into_future(mut self) -> Self::IntoFuture {
        Box::pin(async move {
            preload::check(&self.nodes)?;
            let unscoped = self.db.settings.unscoped;
            let mut op = self.db.op(Intent::Read, false).await?;
            preload::load(&mut op, &mut self.rows, M::schema(), self.nodes, unscoped).await?;
            op.finish().await
        })
    }
}
