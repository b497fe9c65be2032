//! Pieces of SQL written by the user, with their values.

use sinew_core::Value;
use sinew_core::value::Param;
use sinew_sql::{Expr, Raw};

use super::OrderBy;

/// A piece of SQL with bound values, made by [`sql`].
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let busy = sql("(SELECT count(*) FROM orders WHERE user_id = users.id) >= ?", (2,));
/// assert_eq!(db.find::<User>().filter(busy).pluck(User::name).await?, ["Ada"]);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Fragment(pub(crate) Raw);

impl Fragment {
    /// An order by it, the smallest first.
    pub fn asc<M>(self) -> OrderBy<M> {
        OrderBy::new(true, Expr::Raw(self.0), false)
    }

    /// An order by it, the greatest first.
    pub fn desc<M>(self) -> OrderBy<M> {
        OrderBy::new(true, Expr::Raw(self.0), true)
    }
}

/// A condition written in SQL; each `?` stands for one of `values`, which are always bound.
///
/// A number of values that differs from the number of `?` is an error when the query runs.
///
/// # Examples
/// ```
/// use sinew::sql;
/// let dear = sql("amount * 2 > ?", [100]);
/// let between = sql("amount BETWEEN ? AND ?", (10, 20.5));
/// let plain = sql("archived IS NOT TRUE", ());
/// ```
pub fn sql(text: impl Into<String>, values: impl IntoParams) -> Fragment {
    Fragment(Raw {
        sql: text.into(),
        binds: values.into_params(),
    })
}

/// Values for the `?` of raw SQL: `()`, a tuple of up to six, an array or a `Vec`.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// db.execute("UPDATE users SET age = 0 WHERE age > 90", ()).await?;
/// db.execute("UPDATE users SET age = ? WHERE name = ?", (37, "Ada")).await?;
/// let names: Vec<(String,)> = db.query("SELECT name FROM users WHERE age IN (?, ?)", [37, 45]).await?;
/// assert_eq!(names.len(), 2);
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the values of a statement",
    label = "not a tuple, array or `Vec` of column values",
    note = "pass `()` for none, `(1,)` for one, `(1, \"a\")` for two"
)]
pub trait IntoParams {
    /// The values.
    fn into_params(self) -> Vec<Value<'static>>;
}

impl IntoParams for () {
    fn into_params(self) -> Vec<Value<'static>> {
        Vec::new()
    }
}

impl<P: Param> IntoParams for Vec<P> {
    fn into_params(self) -> Vec<Value<'static>> {
        self.into_iter().map(Param::into_value).collect()
    }
}

impl<P: Param, const N: usize> IntoParams for [P; N] {
    fn into_params(self) -> Vec<Value<'static>> {
        self.into_iter().map(Param::into_value).collect()
    }
}

macro_rules! tuple_params {
    ($($name:ident)+) => {
        impl<$($name: Param),+> IntoParams for ($($name,)+) {
            fn into_params(self) -> Vec<Value<'static>> {
                #[allow(non_snake_case)]
                let ($($name,)+) = self;
                vec![$($name.into_value()),+]
            }
        }
    };
}

tuple_params!(A);
tuple_params!(A B);
tuple_params!(A B C);
tuple_params!(A B C D);
tuple_params!(A B C D E);
tuple_params!(A B C D E F);
tuple_params!(A B C D E F G);
tuple_params!(A B C D E F G H);
