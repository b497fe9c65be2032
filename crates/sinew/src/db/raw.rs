use std::future::IntoFuture;
use std::marker::PhantomData;

use sinew_core::driver::{Action, BoxFuture, Done, Intent, Row, Sink, Statement};
use sinew_core::{ColumnType, Error, ErrorKind, Result};
use sinew_sql::{Raw, Render};

use super::Db;
use crate::column::IntoParams;

/// Wants nothing of what a statement returns.
pub(crate) struct Ignore;

impl Sink for Ignore {
    fn row(&mut self, _statement: usize, _row: &dyn Row) -> Result<()> {
        Ok(())
    }

    fn done(&mut self, _statement: usize, _done: Done) -> Result<()> {
        Ok(())
    }
}

/// Adds up changed rows.
#[derive(Default)]
pub(crate) struct Affected(pub(crate) u64);

impl Sink for Affected {
    fn row(&mut self, _statement: usize, _row: &dyn Row) -> Result<()> {
        Ok(())
    }

    fn done(&mut self, _statement: usize, done: Done) -> Result<()> {
        self.0 += done.affected;
        Ok(())
    }
}

/// A row of plain values: a tuple of up to six.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let rows: Vec<(String, Option<i64>)> =
///     db.query("SELECT name, company_id FROM users ORDER BY id", ()).await?;
/// assert_eq!(rows[2], ("Alan".to_string(), None));
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from a row",
    label = "not a tuple of one to six column types",
    note = "write `(String,)` for one column, `(String, i64)` for two"
)]
pub trait FromTuple: Sized + Send + 'static {
    /// Reads the row.
    ///
    /// # Errors
    /// When the number of columns or a value does not fit.
    fn from_row(row: &dyn Row) -> Result<Self>;
}

pub(crate) fn cell<T: ColumnType>(row: &dyn Row, index: usize) -> Result<T> {
    if let Some(value) = T::from_row(row, index) {
        return Ok(value);
    }
    T::from_value(row.get(index)?).map_err(|misfit| {
        let name = row.name(index).unwrap_or("?");
        Error::new(ErrorKind::Decode, format!("column {name}: {misfit}")).with_column(name)
    })
}

macro_rules! tuple_rows {
    ($($name:ident $index:tt)+; $count:literal) => {
        impl<$($name: ColumnType),+> FromTuple for ($($name,)+) {
            fn from_row(row: &dyn Row) -> Result<Self> {
                if row.len() != $count {
                    return Err(Error::new(
                        ErrorKind::Decode,
                        format!("the query returns {} columns, {} are wanted", row.len(), $count),
                    ));
                }
                Ok(($(cell::<$name>(row, $index)?,)+))
            }
        }
    };
}

tuple_rows!(A 0; 1);
tuple_rows!(A 0 B 1; 2);
tuple_rows!(A 0 B 1 C 2; 3);
tuple_rows!(A 0 B 1 C 2 D 3; 4);
tuple_rows!(A 0 B 1 C 2 D 3 E 4; 5);
tuple_rows!(A 0 B 1 C 2 D 3 E 4 F 5; 6);

/// Collects tuples.
pub(crate) struct Tuples<T>(pub(crate) Vec<T>);

impl<T: FromTuple> Sink for Tuples<T> {
    fn row(&mut self, _statement: usize, row: &dyn Row) -> Result<()> {
        self.0.push(T::from_row(row)?);
        Ok(())
    }

    fn done(&mut self, _statement: usize, _done: Done) -> Result<()> {
        Ok(())
    }
}

/// Rows of a raw query, once awaited.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let rows = db.query::<(i64,)>("SELECT count(*) FROM orders", ()).await?;
/// assert_eq!(rows, [(3,)]);
/// # Ok(()) }
/// ```
#[must_use = "a query does nothing until it is awaited"]
pub struct Query<'d, T> {
    db: &'d Db,
    raw: Raw,
    of: PhantomData<fn() -> T>,
}

/// A raw statement; awaits to the number of rows it changed.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let changed = db.execute("DELETE FROM items", ()).await?;
/// assert_eq!(changed, 2);
/// # Ok(()) }
/// ```
#[must_use = "a statement does nothing until it is awaited"]
pub struct RawExecute<'d> {
    db: &'d Db,
    raw: Raw,
}

impl Db {
    /// Runs a query written in SQL; each `?` is bound to one of `values`. Rows are tuples of up
    /// to six plain values or `Option`s.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let rows: Vec<(String, i64)> =
    ///     db.query("SELECT name, age FROM users WHERE age > ? ORDER BY age", (40,)).await?;
    /// assert_eq!(rows[1], ("Grace".to_string(), 45));
    /// # Ok(()) }
    /// ```
    pub fn query<T: FromTuple>(&self, sql: &str, values: impl IntoParams) -> Query<'_, T> {
        let raw = Raw {
            sql: sql.to_owned(),
            binds: values.into_params(),
        };
        Query {
            db: self,
            raw,
            of: PhantomData,
        }
    }

    /// Runs a statement written in SQL; each `?` is bound to one of `values`.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// assert_eq!(db.execute("UPDATE users SET age = age + ?", (1,)).await?, 3);
    /// # Ok(()) }
    /// ```
    pub fn execute(&self, sql: &str, values: impl IntoParams) -> RawExecute<'_> {
        RawExecute {
            db: self,
            raw: Raw {
                sql: sql.to_owned(),
                binds: values.into_params(),
            },
        }
    }

    async fn run_raw(&self, raw: Raw, action: Action, sink: &mut dyn Sink) -> Result<()> {
        raw.check()?;
        let rendered = raw.render(self.dialect());
        let intent = if only_reads(&raw.sql) {
            Intent::Read
        } else {
            Intent::Write
        };
        let mut op = self.op(intent, false).await?;
        let statement = Statement {
            sql: &rendered.sql,
            binds: rendered.binds,
            action,
        };
        op.run(vec![statement], sink).await?;
        op.finish().await
    }
}

/// Whether a statement surely only reads, so that it may run beside a writer.
fn only_reads(sql: &str) -> bool {
    let word = sql
        .trim_start()
        .split(|c: char| !c.is_ascii_alphabetic())
        .next()
        .unwrap_or_default();
    word.eq_ignore_ascii_case("select") || word.eq_ignore_ascii_case("values")
}

impl<'d, T: FromTuple> IntoFuture for Query<'d, T> {
    type Output = Result<Vec<T>>;
    type IntoFuture = BoxFuture<'d, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let mut rows = Tuples(Vec::new());
            self.db.run_raw(self.raw, Action::Rows, &mut rows).await?;
            Ok(rows.0)
        })
    }
}

impl<'d> IntoFuture for RawExecute<'d> {
    type Output = Result<u64>;
    type IntoFuture = BoxFuture<'d, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let mut affected = Affected::default();
            self.db
                .run_raw(self.raw, Action::Count, &mut affected)
                .await?;
            Ok(affected.0)
        })
    }
}
