use sinew_core::driver::Row;
use sinew_core::record::Model;
use sinew_core::{ColumnType, Result};
use sinew_sql::Expr;

use crate::column::{Column, Expression, Scalar};
use crate::db::cell;

/// What `.pluck(…)` and `.with(…)` take: an expression over `M`, or a tuple of up to six.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let one = db.find::<User>().pluck(User::name).await?;
/// let several = db.find::<User>().pluck((User::name, User::orders.count())).await?;
/// assert_eq!((one[0].as_str(), several[0].1), ("Ada", 2));
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an expression over `{M}`",
    label = "not a column of `{M}`, nor a tuple of them",
    note = "write `{M}::column`, `{M}::association.count()`, or a tuple of up to six such expressions"
)]
pub trait Selection<M> {
    /// What a row of it is in Rust.
    type Row: Send + 'static;

    #[doc(hidden)]
    fn into_exprs(self) -> Vec<Expr>;

    #[doc(hidden)]
    fn read(row: &dyn Row, at: usize) -> Result<Self::Row>;
}

impl<M: Model, T: ColumnType> Selection<M> for Column<M, T> {
    type Row = T;

    fn into_exprs(self) -> Vec<Expr> {
        vec![self.into_expr()]
    }

    fn read(row: &dyn Row, at: usize) -> Result<T> {
        cell(row, at)
    }
}

impl<M, T: ColumnType> Selection<M> for Scalar<M, T> {
    type Row = T;

    fn into_exprs(self) -> Vec<Expr> {
        vec![self.into_expr()]
    }

    fn read(row: &dyn Row, at: usize) -> Result<T> {
        cell(row, at)
    }
}

macro_rules! tuple_selection {
    ($($name:ident $index:tt)+) => {
        impl<M, $($name: Expression<M, Type: ColumnType>),+> Selection<M> for ($($name,)+) {
            type Row = ($($name::Type,)+);

            fn into_exprs(self) -> Vec<Expr> {
                #[allow(non_snake_case)]
                let ($($name,)+) = self;
                vec![$($name.into_expr()),+]
            }

            fn read(row: &dyn Row, at: usize) -> Result<Self::Row> {
                Ok(($(cell::<$name::Type>(row, at + $index)?,)+))
            }
        }
    };
}

tuple_selection!(A 0);
tuple_selection!(A 0 B 1);
tuple_selection!(A 0 B 1 C 2);
tuple_selection!(A 0 B 1 C 2 D 3);
tuple_selection!(A 0 B 1 C 2 D 3 E 4);
tuple_selection!(A 0 B 1 C 2 D 3 E 4 F 5);
