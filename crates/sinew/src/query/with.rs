use std::future::IntoFuture;
use std::marker::PhantomData;

use sinew_core::driver::{BoxFuture, Row};
use sinew_core::record::Model;
use sinew_core::{ColumnType, Error, ErrorKind, Result, Value};
use sinew_sql::Expr;

use super::find::Find;
use crate::column::Expression;
use crate::db::cell;

/// A query for rows with values beside each: counts, sums, other expressions. Awaits to
/// `Vec<(M, A)>`, `Vec<(M, A, B)>` or `Vec<(M, A, B, C)>`.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let rows = db.find::<User>().with(User::orders.count()).await?;
/// let counts: Vec<i64> = rows.iter().map(|(_, orders)| *orders).collect();
/// assert_eq!(counts, [2, 1, 0]);
/// # Ok(()) }
/// ```
#[must_use = "a query does nothing until it is awaited"]
pub struct With<'d, M, T> {
    find: Find<'d, M>,
    exprs: Vec<Expr>,
    of: PhantomData<fn() -> T>,
}

impl<'d, M: Model> Find<'d, M> {
    /// Reads the value of an expression beside each row, in the same statement: a count over an
    /// association, say. Up to three.
    ///
    /// # Examples
    /// ```
    /// # use sinew::prelude::*;
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # struct User { id: i64, name: String, orders: HasMany<Order> }
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # struct Order { id: i64, user_id: i64, amount: f64 }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sinew::Result<()> {
    /// # let db = Db::connect("sqlite::memory:").await?;
    /// # db.execute("CREATE TABLE users (id integer primary key, name text not null)", ()).await?;
    /// # db.execute("CREATE TABLE orders (id integer primary key, user_id integer, amount real)", ()).await?;
    /// # db.execute("INSERT INTO users VALUES (1, 'Ada')", ()).await?;
    /// # db.execute("INSERT INTO orders VALUES (1, 1, 20), (2, 1, 30)", ()).await?;
    /// let rows = db.find::<User>().with(User::orders.count()).with(User::orders.sum(Order::amount)).await?;
    /// let (ada, orders, total) = &rows[0];
    /// assert_eq!((ada.name.as_str(), *orders, *total), ("Ada", 2, Some(50.0)));
    /// # Ok(())
    /// # }
    /// ```
    pub fn with<E: Expression<M, Type: ColumnType>>(self, value: E) -> With<'d, M, (E::Type,)> {
        With {
            find: self,
            exprs: vec![value.into_expr()],
            of: PhantomData,
        }
    }
}

impl<'d, M: Model, T> With<'d, M, T> {
    fn and<U>(mut self, expr: Expr) -> With<'d, M, U> {
        self.exprs.push(expr);
        With {
            find: self.find,
            exprs: self.exprs,
            of: PhantomData,
        }
    }

    async fn read(self) -> Result<Vec<(M, Beside)>> {
        let (db, one_trip) = (self.find.db, self.find.one_trip);
        let mut fetch = self.find.fetch()?;
        fetch.select_extra(self.exprs)?;
        let (rows, marks) = Find::<M>::read(db, (fetch, one_trip), |_| ()).await?;
        if rows.len() != marks.len() {
            return Err(Error::new(
                ErrorKind::Decode,
                "rows and the values beside them got apart",
            ));
        }
        Ok(rows
            .into_iter()
            .zip(marks.into_iter().map(Beside))
            .collect())
    }
}

impl<'d, M: Model, A> With<'d, M, (A,)> {
    /// One more value beside each row.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let rows = db.find::<User>().with(User::orders.count()).with(User::languages.count()).await?;
    /// assert_eq!((rows[0].1, rows[0].2), (2, 2));
    /// # Ok(()) }
    /// ```
    pub fn with<E: Expression<M, Type: ColumnType>>(self, value: E) -> With<'d, M, (A, E::Type)> {
        self.and(value.into_expr())
    }
}

impl<'d, M: Model, A, B> With<'d, M, (A, B)> {
    /// One more value beside each row.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let rows = db.find::<User>()
    ///     .with(User::orders.count())
    ///     .with(User::orders.sum(Order::amount))
    ///     .with(User::company.to(Company::name).nullable())
    ///     .await?;
    /// let (ada, orders, total, company) = &rows[0];
    /// assert_eq!((ada.id, *orders, *total, company.as_deref()), (1, 2, Some(400.0), Some("Acme")));
    /// # Ok(()) }
    /// ```
    pub fn with<E: Expression<M, Type: ColumnType>>(
        self,
        value: E,
    ) -> With<'d, M, (A, B, E::Type)> {
        self.and(value.into_expr())
    }
}

/// The values beside one row.
struct Beside(Vec<Value<'static>>);

impl Row for Beside {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn get(&self, index: usize) -> Result<Value<'_>> {
        let value = self.0.get(index).map(Value::reborrow);
        value.ok_or_else(|| Error::new(ErrorKind::Decode, "there is no such value beside the row"))
    }

    fn name(&self, _index: usize) -> Option<&str> {
        Some("beside the row")
    }
}

macro_rules! awaits {
    ($($name:ident $index:tt)+) => {
        impl<'d, M: Model, $($name: ColumnType),+> IntoFuture for With<'d, M, ($($name,)+)> {
            type Output = Result<Vec<(M, $($name),+)>>;
            type IntoFuture = BoxFuture<'d, Self::Output>;

            fn into_future(self) -> Self::IntoFuture {
                Box::pin(async move {
                    let rows = self.read().await?;
                    rows.into_iter()
                        .map(|(row, beside)| Ok((row, $(cell::<$name>(&beside, $index)?),+)))
                        .collect()
                })
            }
        }
    };
}

awaits!(A 0);
awaits!(A 0 B 1);
awaits!(A 0 B 1 C 2);
