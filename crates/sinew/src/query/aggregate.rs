use std::future::IntoFuture;
use std::marker::PhantomData;

use sinew_core::driver::{Action, BoxFuture, Done, Intent, Row, Sink};
use sinew_core::record::Model;
use sinew_core::schema::ModelMeta;
use sinew_core::{ColumnType, Error, ErrorKind, Result};
use sinew_sql::{Expr, InList, Select, SelectItem, Source};

use super::find::Find;
use crate::column::{Expression, List, Numeric, Operand};
use crate::db::{Db, cell};

/// One column of the rows; awaits to a `Vec`. It can also stand as a sub-query in `.is_in(…)`.
#[must_use = "a query does nothing until it is awaited"]
pub struct Pluck<'d, T> {
    db: &'d Db,
    select: Result<Select>,
    of: PhantomData<fn() -> T>,
}

/// One value over all rows: a count, sum, minimum. It can also stand as a sub-query in a
/// comparison.
#[must_use = "a query does nothing until it is awaited"]
pub struct Aggregate<'d, T> {
    db: &'d Db,
    select: Result<Select>,
    of: PhantomData<fn() -> T>,
}

/// How many rows.
pub type Count<'d> = Aggregate<'d, u64>;

struct Cells<T>(Vec<T>);

impl<T: ColumnType> Sink for Cells<T> {
    fn row(&mut self, _statement: usize, row: &dyn Row) -> Result<()> {
        self.0.push(cell(row, 0)?);
        Ok(())
    }

    fn done(&mut self, _statement: usize, _done: Done) -> Result<()> {
        Ok(())
    }
}

async fn cells<T: ColumnType>(db: &Db, select: Result<Select>) -> Result<Vec<T>> {
    let mut select = select?;
    if db.settings.unscoped {
        crate::preload::strip_live_select(&mut select);
    }
    let mut prepared = db.prepare(&select);
    let mut sink = Cells(Vec::new());
    let mut op = db.op(Intent::Read, false).await?;
    op.run(vec![prepared.statement(Action::Rows)], &mut sink).await?;
    op.finish().await?;
    Ok(sink.0)
}

/// The select with another list of columns; one that is limited, distinct or grouped becomes a
/// sub-query first.
fn over(mut select: Select, meta: &ModelMeta, item: Expr, wraps: bool) -> Select {
    if !wraps {
        select.columns = vec![SelectItem::from(item)];
        select.order.clear();
        return select;
    }
    let inner = select.columns.iter_mut().zip(&meta.columns);
    for (selected, column) in inner {
        selected.alias = Some(column.name.clone());
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
    pub fn count(self) -> Count<'d> {
        self.aggregate_as("COUNT", None)
    }

    /// Whether there is any row.
    pub async fn exists(self) -> Result<bool> {
        Ok(self.first().await?.is_some())
    }

    /// The sum of a column; `None` over no rows.
    pub fn sum<E>(self, column: E) -> Aggregate<'d, Option<<E::Type as Numeric>::Sum>>
    where
        E: Expression<M, Type: Numeric>,
    {
        self.aggregate_as("SUM", Some(column.into_expr()))
    }

    /// The average of a column; `None` over no rows.
    pub fn avg<E>(self, column: E) -> Aggregate<'d, Option<f64>>
    where
        E: Expression<M, Type: Numeric>,
    {
        self.aggregate_as("AVG", Some(column.into_expr()))
    }

    /// The smallest value of a column; `None` over no rows.
    pub fn min<E: Expression<M>>(self, column: E) -> Aggregate<'d, Option<E::Type>> {
        self.aggregate_as("MIN", Some(column.into_expr()))
    }

    /// The greatest value of a column; `None` over no rows.
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
            let wraps = wraps(&select);
            let args = of.into_iter().collect();
            over(select, M::schema(), Expr::Function { name, distinct: false, args }, wraps)
        });
        Aggregate { db, select, of: PhantomData }
    }

    /// One column of the rows, or any expression over them.
    pub fn pluck<E: Expression<M>>(self, column: E) -> Pluck<'d, E::Type> {
        let db = self.db;
        let select = self.fetch().map(|fetch| {
            let mut select = fetch.select;
            select.columns = vec![SelectItem::from(column.into_expr())];
            select
        });
        Pluck { db, select, of: PhantomData }
    }
}

impl<'d, T: ColumnType> std::future::IntoFuture for Pluck<'d, T> {
    type Output = Result<Vec<T>>;
    type IntoFuture = BoxFuture<'d, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(cells(self.db, self.select))
    }
}

impl<'d, T: ColumnType> std::future::IntoFuture for Aggregate<'d, T> {
    type Output = Result<T>;
    type IntoFuture = BoxFuture<'d, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let values = cells(self.db, self.select).await?;
            values.into_iter().next().ok_or_else(|| {
                Error::new(ErrorKind::Decode, "the database returned no row for an aggregate")
            })
        })
    }
}

/// A select that cannot be built becomes one that the outer query refuses.
fn sub_query(select: Result<Select>) -> Select {
    select.unwrap_or_else(|error| Select {
        columns: vec![SelectItem::from(Expr::unbuilt(&error))],
        ..Select::default()
    })
}

impl<T> List<T> for Pluck<'_, T> {
    fn into_list(self) -> InList {
        InList::Query(Box::new(sub_query(self.select)))
    }
}

impl<T> List<Option<T>> for Pluck<'_, T> {
    fn into_list(self) -> InList {
        InList::Query(Box::new(sub_query(self.select)))
    }
}

impl<T: sinew_core::value::Required> List<T> for Pluck<'_, Option<T>> {
    fn into_list(self) -> InList {
        InList::Query(Box::new(sub_query(self.select)))
    }
}

impl<T> Operand<T> for Aggregate<'_, Option<T>> {
    fn operand(self) -> Expr {
        Expr::Query(Box::new(sub_query(self.select)))
    }
}
