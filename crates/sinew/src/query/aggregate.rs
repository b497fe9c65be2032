use std::future::IntoFuture;
use std::marker::PhantomData;

use sinew_core::driver::{Action, BoxFuture, Done, Intent, Row, Sink};
use sinew_core::record::Model;
use sinew_core::schema::ModelMeta;
use sinew_core::{ColumnType, Error, ErrorKind, Result};
use sinew_sql::{Expr, InList, Select, SelectItem, Source};

use super::find::Find;
use super::selection::Selection;
use crate::column::{Expression, List, Numeric, Operand};
use crate::db::{Db, cell};
use crate::preload::name_columns;

/// Some columns of the rows; awaits to a `Vec` of values, or of tuples. One column can also stand
/// as a sub-query in `.is_in(…)`.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let paid = db.find::<Order>().filter(Order::amount.gt(60.0)).pluck(Order::user_id);
/// let buyers = db.find::<User>().filter(User::id.is_in(paid)).await?;
/// assert_eq!(buyers.len(), 1);
/// # Ok(()) }
/// ```
#[must_use = "a query does nothing until it is awaited"]
pub struct Pluck<'d, T> {
    db: &'d Db,
    select: Result<Select>,
    read: fn(&dyn Row, usize) -> Result<T>,
}

/// One value over all rows: a count, sum, minimum. It can also stand as a sub-query in a
/// comparison.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let oldest = db.find::<User>().max(User::age);
/// assert_eq!(db.find::<User>().filter(User::age.eq(oldest)).first().await?.unwrap().name, "Grace");
/// # Ok(()) }
/// ```
#[must_use = "a query does nothing until it is awaited"]
pub struct Aggregate<'d, T> {
    db: &'d Db,
    select: Result<Select>,
    of: PhantomData<fn() -> T>,
}

/// How many rows.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// use sinew::query::Count;
/// let count: Count<'_> = db.find::<User>().count();
/// assert_eq!(count.await?, 3);
/// # Ok(()) }
/// ```
pub type Count<'d> = Aggregate<'d, u64>;

/// Whether there is any row; awaits to a `bool`.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// assert!(db.find::<User>().filter(User::name.eq("Ada")).exists().await?);
/// # Ok(()) }
/// ```
#[must_use = "a query does nothing until it is awaited"]
pub struct Exists<'d>(Pluck<'d, i64>);

struct Cells<T> {
    rows: Vec<T>,
    read: fn(&dyn Row, usize) -> Result<T>,
}

impl<T: Send> Sink for Cells<T> {
    fn row(&mut self, _statement: usize, row: &dyn Row) -> Result<()> {
        self.rows.push((self.read)(row, 0)?);
        Ok(())
    }

    fn done(&mut self, _statement: usize, _done: Done) -> Result<()> {
        Ok(())
    }
}

async fn cells<T: Send>(
    db: &Db,
    select: Result<Select>,
    read: fn(&dyn Row, usize) -> Result<T>,
) -> Result<Vec<T>> {
    let mut select = select?;
    select.check()?;
    if db.settings.unscoped {
        crate::preload::strip_live_select(&mut select);
    }
    let mut prepared = db.prepare(&select);
    let mut sink = Cells {
        rows: Vec::new(),
        read,
    };
    let mut op = db.op(Intent::Read, false).await?;
    op.run(vec![prepared.statement(Action::Rows)], &mut sink)
        .await?;
    op.finish().await?;
    Ok(sink.rows)
}

/// The select with another list of columns; one that is limited, distinct or grouped becomes a
/// sub-query first.
fn over(mut select: Select, meta: &ModelMeta, item: Expr, wraps: bool) -> Select {
    if !wraps {
        select.columns = vec![SelectItem::from(item)];
        select.order.clear();
        return select;
    }
    name_columns(&mut select, meta);
    if select.limit.is_none() && select.offset.is_none() {
        select.order.clear();
    }
    Select {
        columns: vec![SelectItem::from(item)],
        from: Source::Query(Box::new(select), "rows".into()),
        ..Select::default()
    }
}

fn wraps(select: &Select) -> bool {
    select.limit.is_some()
        || select.offset.is_some()
        || select.distinct
        || !select.group_by.is_empty()
}

impl<'d, M: Model> Find<'d, M> {
    /// How many rows.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// assert_eq!(db.find::<User>().filter(User::age.gt(40)).count().await?, 2);
    /// # Ok(()) }
    /// ```
    pub fn count(self) -> Count<'d> {
        self.aggregate_as("COUNT", None)
    }

    /// Whether there is any row. It reads one row at most, and nothing of it.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// assert!(!db.find::<User>().filter(User::name.eq("Nobody")).exists().await?);
    /// # Ok(()) }
    /// ```
    pub fn exists(self) -> Exists<'d> {
        let db = self.db;
        let select = self.fetch().map(|fetch| {
            let mut select = fetch.select;
            select.columns = vec![SelectItem::from(Expr::One)];
            select.order.clear();
            select.distinct = false;
            select.limit = Some(select.limit.map_or(1, |limit| limit.min(1)));
            select
        });
        Exists(Pluck {
            db,
            select,
            read: cell::<i64>,
        })
    }

    /// The sum of a column; `None` over no rows.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// assert_eq!(db.find::<Order>().sum(Order::amount).await?, Some(450.0));
    /// assert_eq!(db.find::<Order>().filter(Order::id.gt(99)).sum(Order::amount).await?, None);
    /// # Ok(()) }
    /// ```
    pub fn sum<E>(self, column: E) -> Aggregate<'d, Option<<E::Type as Numeric>::Sum>>
    where
        E: Expression<M, Type: Numeric>,
    {
        self.aggregate_as("SUM", Some(column.into_expr()))
    }

    /// The average of a column; `None` over no rows.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// assert_eq!(db.find::<Order>().avg(Order::amount).await?, Some(150.0));
    /// # Ok(()) }
    /// ```
    pub fn avg<E>(self, column: E) -> Aggregate<'d, Option<f64>>
    where
        E: Expression<M, Type: Numeric>,
    {
        self.aggregate_as("AVG", Some(column.into_expr()))
    }

    /// The smallest value of a column; `None` over no rows.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// assert_eq!(db.find::<User>().min(User::name).await?, Some("Ada".to_string()));
    /// # Ok(()) }
    /// ```
    pub fn min<E: Expression<M>>(self, column: E) -> Aggregate<'d, Option<E::Type>> {
        self.aggregate_as("MIN", Some(column.into_expr()))
    }

    /// The greatest value of a column; `None` over no rows.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// assert_eq!(db.find::<User>().max(User::age).await?, Some(45));
    /// # Ok(()) }
    /// ```
    pub fn max<E: Expression<M>>(self, column: E) -> Aggregate<'d, Option<E::Type>> {
        self.aggregate_as("MAX", Some(column.into_expr()))
    }

    fn aggregate_as<T>(self, name: &'static str, of: Option<Expr>) -> Aggregate<'d, T> {
        let db = self.db;
        let select = self.fetch().map(|fetch| {
            // A joined to-many association repeats rows: count each once.
            let mut select = fetch.select;
            select.columns.truncate(M::COLUMNS);
            select.distinct |= fetch.folds;
            if of.is_none() && !select.group_by.is_empty() {
                // Groups are counted; columns that they do not determine cannot be selected.
                select.columns = vec![SelectItem::from(Expr::One)];
            }
            let wraps = wraps(&select);
            let args = of.into_iter().collect();
            over(
                select,
                M::schema(),
                Expr::Function {
                    name,
                    distinct: false,
                    args,
                },
                wraps,
            )
        });
        Aggregate {
            db,
            select,
            of: PhantomData,
        }
    }

    /// One column of the rows, or any expression over them; a tuple for several.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let names = db.find::<User>().order_by(User::age.asc()).pluck(User::name).await?;
    /// assert_eq!(names, ["Ada", "Alan", "Grace"]);
    /// let pairs = db.find::<User>().limit(1).pluck((User::id, User::name)).await?;
    /// assert_eq!(pairs, [(1, "Ada".to_string())]);
    /// # Ok(()) }
    /// ```
    pub fn pluck<S: Selection<M>>(self, columns: S) -> Pluck<'d, S::Row> {
        let db = self.db;
        let select = self.fetch().map(|fetch| {
            let mut select = fetch.select;
            select.columns = columns
                .into_exprs()
                .into_iter()
                .map(SelectItem::from)
                .collect();
            select
        });
        Pluck {
            db,
            select,
            read: S::read,
        }
    }
}

impl<'d, T: Send + 'static> IntoFuture for Pluck<'d, T> {
    type Output = Result<Vec<T>>;
    type IntoFuture = BoxFuture<'d, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(cells(self.db, self.select, self.read))
    }
}

impl<'d> IntoFuture for Exists<'d> {
    type Output = Result<bool>;
    type IntoFuture = BoxFuture<'d, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { Ok(!self.0.await?.is_empty()) })
    }
}

impl<'d, T: ColumnType> IntoFuture for Aggregate<'d, T> {
    type Output = Result<T>;
    type IntoFuture = BoxFuture<'d, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let values = cells(self.db, self.select, cell::<T>).await?;
            values.into_iter().next().ok_or_else(|| {
                Error::new(
                    ErrorKind::Decode,
                    "the database returned no row for an aggregate",
                )
            })
        })
    }
}

/// A select that cannot be built becomes one that the outer query refuses.
fn sub_query(db: &Db, select: Result<Select>) -> Select {
    let select = select.map(|mut select| {
        if db.settings.unscoped {
            crate::preload::strip_live_select(&mut select);
        }
        select
    });
    select.unwrap_or_else(|error| Select {
        columns: vec![SelectItem::from(Expr::unbuilt(&error))],
        ..Select::default()
    })
}

impl<T> List<T> for Pluck<'_, T> {
    fn into_list(self) -> InList {
        InList::Query(Box::new(sub_query(self.db, self.select)))
    }
}

impl<T> List<Option<T>> for Pluck<'_, T> {
    fn into_list(self) -> InList {
        InList::Query(Box::new(sub_query(self.db, self.select)))
    }
}

impl<T: sinew_core::value::Required> List<T> for Pluck<'_, Option<T>> {
    fn into_list(self) -> InList {
        InList::Query(Box::new(sub_query(self.db, self.select)))
    }
}

impl<T> Operand<T> for Aggregate<'_, Option<T>> {
    fn operand(self) -> Expr {
        Expr::Query(Box::new(sub_query(self.db, self.select)))
    }
}
