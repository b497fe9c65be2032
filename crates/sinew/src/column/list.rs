//! Conditions on list columns.

use sinew_core::record::Model;
use sinew_core::value::{Element, Required};
use sinew_core::{ColumnType, Value};
use sinew_sql::{Expr, Holds};

use super::{Anything, Column, Condition, Expression, Operand, Scalar};

/// Column types that hold a list: `Vec<T>`, `Vec<Option<T>>`, and `Option` of these.
///
/// # Examples
/// ```
/// # use sinew::prelude::*;
/// use sinew::{Column, Condition, Model, column::Listed};
///
/// #[derive(Model, Clone, Debug, Default)]
/// struct Post { id: i64, tags: Vec<String>, marks: Option<Vec<i32>> }
///
/// fn is_long<M: Model, L: Listed>(list: Column<M, L>) -> Condition<M> {
///     list.list_len().gt(100)
/// }
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = Db::connect("sqlite::memory:").await?;
/// # db.auto_migrate(models![Post]).await?;
/// let long = is_long(Post::tags) | is_long(Post::marks);
/// assert_eq!(db.find::<Post>().filter(long).count().await?, 0);
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "a `{Self}` is not a list",
    label = "needs a `Vec<…>` or `Option<Vec<…>>` column"
)]
pub trait Listed: ColumnType {
    /// The type of its elements, without their `Option`.
    type Item: Required;
}

impl<T: Element> Listed for Vec<T> {
    type Item = T::Plain;
}

impl<T: Element> Listed for Option<Vec<T>> {
    type Item = T::Plain;
}

/// What an element of type `T` can be written as: the value, a reference to it, `&str` for text,
/// an integer literal.
///
/// # Examples
/// ```
/// # use sinew::prelude::*;
/// # #[derive(Model, Clone, Debug, Default)]
/// # struct Post { id: i64, tags: Vec<String>, marks: Vec<i64> }
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = Db::connect("sqlite::memory:").await?;
/// # db.auto_migrate(models![Post]).await?;
/// let tag = String::from("rust");
/// let found = Post::tags.contains(&tag).or(Post::tags.contains("sql")).or(Post::marks.contains(1));
/// assert_eq!(db.find::<Post>().filter(found).count().await?, 0);
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an element of a list of `{T}`",
    label = "expected a `{T}`"
)]
pub trait ListItem<T> {
    /// The value.
    fn into_item(self) -> Value<'static>;
}

impl<T: Required> ListItem<T> for T {
    fn into_item(self) -> Value<'static> {
        self.to_value().into_owned()
    }
}

impl<T: Required> ListItem<T> for &T {
    fn into_item(self) -> Value<'static> {
        self.to_value().into_owned()
    }
}

impl ListItem<String> for &str {
    fn into_item(self) -> Value<'static> {
        Value::Text(self.to_owned().into())
    }
}

macro_rules! literals {
    ($($ty:ty),*) => {$(
        // An integer literal is an `i32` where several types would do.
        impl ListItem<$ty> for i32 {
            fn into_item(self) -> Value<'static> {
                Value::Int(i64::from(self))
            }
        }
    )*};
}

literals!(i8, i16, i64, u16, u32, u64);

/// Elements of type `T` to look for in a list: an array, a `Vec` or a slice.
///
/// # Examples
/// ```
/// # use sinew::prelude::*;
/// # #[derive(Model, Clone, Debug, Default)]
/// # struct Post { id: i64, tags: Vec<String> }
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = Db::connect("sqlite::memory:").await?;
/// # db.auto_migrate(models![Post]).await?;
/// let wanted = vec!["rust".to_string(), "sql".to_string()];
/// let found = Post::tags.contains_all(&wanted).or(Post::tags.overlaps(["orm"]));
/// assert_eq!(db.find::<Post>().filter(found).count().await?, 0);
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a list of `{T}`",
    label = "expected an array, `Vec` or slice of `{T}`"
)]
pub trait ListItems<T> {
    /// The values.
    fn into_items(self) -> Value<'static>;
}

fn items<T>(items: impl IntoIterator<Item: ListItem<T>>) -> Value<'static> {
    Value::List(items.into_iter().map(ListItem::into_item).collect())
}

impl<T, I: ListItem<T>> ListItems<T> for Vec<I> {
    fn into_items(self) -> Value<'static> {
        items(self)
    }
}

impl<T, I: ListItem<T>, const N: usize> ListItems<T> for [I; N] {
    fn into_items(self) -> Value<'static> {
        items(self)
    }
}

impl<T, I: ListItem<T> + Clone> ListItems<T> for &[I] {
    fn into_items(self) -> Value<'static> {
        items(self.iter().cloned())
    }
}

impl<T, I: ListItem<T> + Clone> ListItems<T> for &Vec<I> {
    fn into_items(self) -> Value<'static> {
        items(self.iter().cloned())
    }
}

/// A list written as an array.
impl<T: Element, I: ListItem<T>, const N: usize> Operand<Vec<T>> for [I; N] {
    fn operand(self) -> Expr {
        Expr::Value(items(self))
    }
}

impl<T: Element, I: ListItem<T>, const N: usize> Operand<Option<Vec<T>>> for [I; N] {
    fn operand(self) -> Expr {
        Expr::Value(items(self))
    }
}

/// Columns of which `.contains(…)` can be asked: lists, for one of their elements.
///
/// # Examples
/// ```
/// # use sinew::prelude::*;
/// use sinew::{Column, Condition, Model, column::Contains};
///
/// #[derive(Model, Clone, Debug, Default)]
/// struct Post { id: i64, tags: Vec<String>, topics: Option<Vec<String>> }
///
/// fn about<M: Model, L: Contains<&'static str>>(list: Column<M, L>) -> Condition<M> {
///     list.contains("rust")
/// }
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = Db::connect("sqlite::memory:").await?;
/// # db.auto_migrate(models![Post]).await?;
/// let found = about(Post::tags) | about(Post::topics);
/// assert_eq!(db.find::<Post>().filter(found).count().await?, 0);
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "a `{Self}` has no elements that could be a `{X}`",
    label = "not in a column of type `{Self}`",
    note = "`contains` is for list columns; a part of a text is found by `.like(\"%part%\")`"
)]
pub trait Contains<X> {
    #[doc(hidden)]
    fn contains(list: Expr, wanted: X) -> Expr;
}

impl<L: Listed, X: ListItem<L::Item>> Contains<X> for L {
    fn contains(list: Expr, wanted: X) -> Expr {
        holds(list, Holds::All, Value::List(vec![wanted.into_item()]))
    }
}

fn holds(list: Expr, holds: Holds, items: Value<'static>) -> Expr {
    Expr::List {
        list: Box::new(list),
        holds,
        items,
    }
}

macro_rules! list_conditions {
    ($name:ident, $($bound:tt)*) => {
        impl<M: $($bound)*, T> $name<M, T> {
            /// The list has this element. NULL where the list is; an element that is NULL is equal
            /// to nothing. `@>` on PostgreSQL, which a GIN index serves; elsewhere the elements are
            /// read from the JSON text.
            ///
            /// # Examples
            /// ```
            /// # use sinew::prelude::*;
            /// #[derive(Model, Clone, Debug, Default)]
            /// struct Post { id: i64, tags: Vec<String> }
            /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
            /// # let db = Db::connect("sqlite::memory:").await?;
            /// # db.auto_migrate(models![Post]).await?;
            /// db.create(&mut Post { tags: vec!["rust".into(), "sql".into()], ..Default::default() }).await?;
            /// assert_eq!(db.find::<Post>().filter(Post::tags.contains("sql")).count().await?, 1);
            /// assert_eq!(db.find::<Post>().filter(Post::tags.contains("sq")).count().await?, 0);
            /// # Ok(()) }
            /// ```
            pub fn contains<X>(self, item: X) -> Condition<M> where T: Contains<X> {
                Condition::new(T::contains(self.into_expr(), item))
            }

            /// The list has each of these, in any order; every list has all of none.
            ///
            /// # Examples
            /// ```
            /// # use sinew::prelude::*;
            /// # #[derive(Model, Clone, Debug, Default)]
            /// # struct Post { id: i64, tags: Vec<String> }
            /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
            /// # let db = Db::connect("sqlite::memory:").await?;
            /// # db.auto_migrate(models![Post]).await?;
            /// db.create(&mut Post { tags: vec!["rust".into(), "sql".into()], ..Default::default() }).await?;
            /// let both = Post::tags.contains_all(["sql", "rust"]);
            /// assert_eq!(db.find::<Post>().filter(both).count().await?, 1);
            /// assert_eq!(db.find::<Post>().filter(Post::tags.contains_all(["sql", "c"])).count().await?, 0);
            /// # Ok(()) }
            /// ```
            pub fn contains_all(self, wanted: impl ListItems<T::Item>) -> Condition<M>
            where
                T: Listed,
            {
                Condition::new(holds(self.into_expr(), Holds::All, wanted.into_items()))
            }

            /// The list has one of these at least (`&&` on PostgreSQL); none has one of none.
            ///
            /// # Examples
            /// ```
            /// # use sinew::prelude::*;
            /// # #[derive(Model, Clone, Debug, Default)]
            /// # struct Post { id: i64, tags: Vec<String> }
            /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
            /// # let db = Db::connect("sqlite::memory:").await?;
            /// # db.auto_migrate(models![Post]).await?;
            /// db.create(&mut Post { tags: vec!["rust".into(), "sql".into()], ..Default::default() }).await?;
            /// assert_eq!(db.find::<Post>().filter(Post::tags.overlaps(["sql", "c"])).count().await?, 1);
            /// assert_eq!(db.find::<Post>().filter(Post::tags.overlaps(["c"])).count().await?, 0);
            /// # Ok(()) }
            /// ```
            pub fn overlaps(self, wanted: impl ListItems<T::Item>) -> Condition<M>
            where
                T: Listed,
            {
                Condition::new(holds(self.into_expr(), Holds::Any, wanted.into_items()))
            }

            /// How many elements the list has; NULL where the list is. `cardinality`,
            /// `json_array_length` or `JSON_LENGTH`.
            ///
            /// # Examples
            /// ```
            /// # use sinew::prelude::*;
            /// # #[derive(Model, Clone, Debug, Default)]
            /// # struct Post { id: i64, tags: Vec<String> }
            /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
            /// # let db = Db::connect("sqlite::memory:").await?;
            /// # db.auto_migrate(models![Post]).await?;
            /// db.create(&mut Post { tags: vec!["rust".into(), "sql".into()], ..Default::default() }).await?;
            /// assert_eq!(db.find::<Post>().filter(Post::tags.list_len().ge(2)).count().await?, 1);
            /// assert_eq!(db.find::<Post>().pluck(Post::tags.list_len()).await?, [2]);
            /// # Ok(()) }
            /// ```
            pub fn list_len(self) -> Scalar<M, i64> where T: Listed {
                Scalar::new(Expr::ListLength(Box::new(self.into_expr())))
            }
        }
    };
}

list_conditions!(Column, Model);
list_conditions!(Scalar, Anything);
