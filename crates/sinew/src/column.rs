//! Typed columns, and the conditions, orders and assignments made of them.

mod list;
mod raw;

use std::marker::PhantomData;
use std::ops;

use sinew_core::record::Model;
use sinew_core::value::{Required, TypeFamily};
use sinew_core::{ColumnType, Value};
use sinew_sql::{BinaryOp, Expr, InList, Order as SqlOrder};

pub use list::{Contains, ListItem, ListItems, Listed};
pub use raw::{Fragment, IntoParams, sql};

/// A column of `M` that holds a `T`. `#[derive(Model)]` writes one constant per field.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let names = db.find::<User>().filter(User::age.gt(40)).order_by(User::name.asc()).pluck(User::name).await?;
/// assert_eq!(names, ["Alan", "Grace"]);
/// # Ok(()) }
/// ```
pub struct Column<M, T> {
    index: usize,
    unique: bool,
    of: PhantomData<fn() -> (M, T)>,
}

impl<M, T> Clone for Column<M, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M, T> Copy for Column<M, T> {}

impl<M, T> Column<M, T> {
    #[doc(hidden)]
    pub const fn new(index: usize, unique: bool) -> Self {
        Self {
            index,
            unique,
            of: PhantomData,
        }
    }

    /// Its position among the model's columns.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// assert_eq!((User::id.index(), Item::sku.index()), (0, 2));
    /// ```
    pub const fn index(self) -> usize {
        self.index
    }

    /// Whether it is unique by itself.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// assert!(Language::name.is_unique() && !User::age.is_unique());
    /// ```
    pub const fn is_unique(self) -> bool {
        self.unique
    }
}

impl<M: Model, T> Column<M, T> {
    /// Its name in the database.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// assert_eq!(User::company_id.name(), "company_id");
    /// ```
    pub fn name(self) -> &'static str {
        M::schema()
            .columns
            .get(self.index)
            .map_or("", |column| &column.name)
    }

    fn can_be_null(&self) -> bool {
        M::schema()
            .columns
            .get(self.index)
            .is_none_or(|column| column.nullable)
    }
}

/// The columns of an embedded struct, as a whole.
///
/// # Examples
/// ```
/// # use sinew::prelude::*;
/// #[derive(Embedded, Clone, Debug, Default)]
/// struct Address { street: String, city: String }
///
/// #[derive(Model, Clone, Debug, Default)]
/// struct Shop {
///     id: i64,
///     #[model(embedded, prefix = "at_")]
///     address: Address,
/// }
/// assert_eq!(Shop::address.field(Address::city).name(), "at_city");
/// ```
pub struct EmbeddedColumns<M, E> {
    base: usize,
    of: PhantomData<fn() -> (M, E)>,
}

impl<M, E> Clone for EmbeddedColumns<M, E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M, E> Copy for EmbeddedColumns<M, E> {}

impl<M, E> EmbeddedColumns<M, E> {
    #[doc(hidden)]
    pub const fn new(base: usize) -> Self {
        Self {
            base,
            of: PhantomData,
        }
    }

    /// The position of the first one.
    ///
    /// # Examples
    /// ```
    /// # use sinew::prelude::*;
    /// # #[derive(Embedded, Clone, Debug, Default)]
    /// # struct Address { street: String, city: String }
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # struct Shop { id: i64, #[model(embedded, prefix = "at_")] address: Address }
    /// assert_eq!(Shop::address.base(), 1);
    /// ```
    pub const fn base(self) -> usize {
        self.base
    }

    /// One of them: `Post::author.field(Author::name)`.
    ///
    /// # Examples
    /// ```
    /// # use sinew::prelude::*;
    /// # #[derive(Embedded, Clone, Debug, Default)]
    /// # struct Address { street: String, city: String }
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # struct Shop { id: i64, #[model(embedded, prefix = "at_")] address: Address }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = Db::connect("sqlite::memory:").await?;
    /// # db.auto_migrate(models![Shop]).await?;
    /// let in_paris = Shop::address.field(Address::city).eq("Paris");
    /// assert_eq!(db.find::<Shop>().filter(in_paris).count().await?, 0);
    /// # Ok(()) }
    /// ```
    pub const fn field<T>(self, column: Column<E, T>) -> Column<M, T> {
        Column::new(self.base + column.index, column.unique)
    }
}

/// An SQL expression over rows of `M` whose value is a `T`.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let doubled = User::age * 2;
/// assert_eq!(db.find::<User>().filter(doubled.gt(80)).count().await?, 2);
/// # Ok(()) }
/// ```
pub struct Scalar<M, T> {
    pub(crate) expr: Expr,
    of: PhantomData<fn() -> (M, T)>,
}

impl<M, T> Clone for Scalar<M, T> {
    fn clone(&self) -> Self {
        Self::new(self.expr.clone())
    }
}

impl<M, T> Scalar<M, T> {
    pub(crate) fn new(expr: Expr) -> Self {
        Self {
            expr,
            of: PhantomData,
        }
    }

    /// Anything but a count: the path to a column that is never NULL may lead nowhere.
    fn can_be_null(&self) -> bool {
        !matches!(&self.expr, Expr::Function { name, .. } if name.eq_ignore_ascii_case("count"))
    }
}

impl<M, T: Required> Scalar<M, T> {
    /// The same value, read as an `Option`: a path through an association is NULL where there is
    /// no target.
    ///
    /// # Examples
    /// ```
    /// # use sinew::prelude::*;
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # struct User { id: i64, company_id: Option<i64>, company: BelongsTo<Option<Company>> }
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # struct Company { id: i64, name: String }
    /// # fn example(db: &Db) {
    /// let names = db.find::<User>().pluck(User::company.to(Company::name).nullable());
    /// # drop(names);
    /// # }
    /// ```
    pub fn nullable(self) -> Scalar<M, Option<T>> {
        Scalar::new(self.expr)
    }
}

/// Something that has a value for each row of `M`: a column, a path to one, a count.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// // A column, a computation, a path along an association, a count: each has a value for each user.
/// let rows: Vec<(String, i32, i64)> =
///     db.find::<User>().pluck((User::name, User::age + 1, User::orders.count())).await?;
/// assert_eq!(rows[0], ("Ada".to_string(), 37, 2));
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an expression over `{M}`",
    label = "not a column of `{M}`"
)]
pub trait Expression<M> {
    /// The Rust type of its value.
    type Type;

    /// The SQL.
    fn into_expr(self) -> Expr;
}

impl<M: Model, T> Expression<M> for Column<M, T> {
    type Type = T;

    fn into_expr(self) -> Expr {
        Expr::here(self.name())
    }
}

impl<M, T> Expression<M> for Scalar<M, T> {
    type Type = T;

    fn into_expr(self) -> Expr {
        self.expr
    }
}

/// What a `T` can be compared with or set to: a value, another column, a sub-query.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// // A value, another column, or a sub-query.
/// assert_eq!(db.find::<User>().filter(User::name.eq("Ada")).count().await?, 1);
/// assert_eq!(db.find::<User>().filter(User::manager_id.eq(User::company_id)).count().await?, 1);
/// let oldest = db.find::<User>().max(User::age);
/// assert_eq!(db.find::<User>().filter(User::age.eq(oldest)).pluck(User::name).await?, ["Grace"]);
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot stand for a `{T}`",
    label = "expected a `{T}`, or a column or query of that type"
)]
pub trait Operand<T> {
    /// The SQL.
    fn operand(self) -> Expr;
}

impl<T: ColumnType> Operand<T> for T {
    fn operand(self) -> Expr {
        Expr::Value(self.into_bound())
    }
}

impl<T: Required> Operand<Option<T>> for T {
    fn operand(self) -> Expr {
        Expr::Value(self.into_bound())
    }
}

impl<T: ColumnType> Operand<T> for &T {
    fn operand(self) -> Expr {
        Expr::Value(self.to_value().into_owned())
    }
}

impl<M: Model, T> Operand<T> for Column<M, T> {
    fn operand(self) -> Expr {
        Expr::here(self.name())
    }
}

impl<M: Model, T: Required> Operand<Option<T>> for Column<M, T> {
    fn operand(self) -> Expr {
        Expr::here(self.name())
    }
}

impl<M, T> Operand<T> for Scalar<M, T> {
    fn operand(self) -> Expr {
        self.expr
    }
}

macro_rules! operands {
    ($($from:ty => $($to:ty),+;)*) => {$($(
        impl Operand<$to> for $from {
            fn operand(self) -> Expr {
                Expr::Value(ColumnType::into_bound(<$to>::from(self)))
            }
        }

        impl Operand<Option<$to>> for $from {
            fn operand(self) -> Expr {
                Operand::<$to>::operand(self)
            }
        }
    )+)*};
}

operands! {
    &str => String;
    std::borrow::Cow<'_, str> => String;
    i8 => i16, i32, i64, f32, f64;
    i16 => i32, i64, f32, f64;
    i32 => i64, f64;
    u8 => u16, u32, u64, i16, i32, i64, f32, f64;
    u16 => u32, u64, i32, i64, f32, f64;
    u32 => u64, i64, f64;
    f32 => f64;
    &[u8] => Vec<u8>;
}

macro_rules! checked_operands {
    ($($to:ty),*) => {$(
        // An integer literal is an `i32` where several types would do; one that is negative
        // matches no unsigned column and is bound as it is.
        impl Operand<$to> for i32 {
            fn operand(self) -> Expr {
                Expr::Value(Value::Int(i64::from(self)))
            }
        }

        impl Operand<Option<$to>> for i32 {
            fn operand(self) -> Expr {
                Expr::Value(Value::Int(i64::from(self)))
            }
        }
    )*};
}

checked_operands!(i8, i16, u8, u16, u32, u64, f32, sinew_core::Timestamp);

macro_rules! parsed_operands {
    ($($ty:ty),*) => {$(
        /// Text is read as RFC 3339; text that is none matches nothing.
        impl Operand<$ty> for &str {
            fn operand(self) -> Expr {
                self.parse::<$ty>().map_or(Expr::Null, |value| {
                    Expr::Value(ColumnType::into_bound(value))
                })
            }
        }
    )*};
}

parsed_operands!(sinew_core::Timestamp);

/// A condition on rows of `M`.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// use sinew::Condition;
///
/// fn grown_up() -> Condition<User> {
///     User::age.ge(18)
/// }
/// assert_eq!(db.find::<User>().filter(grown_up() & !User::name.eq("Ada")).count().await?, 2);
/// # Ok(()) }
/// ```
pub struct Condition<M> {
    pub(crate) expr: Expr,
    of: PhantomData<fn() -> M>,
}

impl<M> Clone for Condition<M> {
    fn clone(&self) -> Self {
        Self::new(self.expr.clone())
    }
}

impl<M> std::fmt::Debug for Condition<M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Condition").field(&self.expr).finish()
    }
}

impl<M> Condition<M> {
    pub(crate) fn new(expr: Expr) -> Self {
        Self {
            expr,
            of: PhantomData,
        }
    }

    /// Both hold.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let condition = User::age.gt(40).and(User::company_id.is_not_null());
    /// assert_eq!(db.find::<User>().filter(condition).pluck(User::name).await?, ["Grace"]);
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn and(self, other: impl IntoCondition<M>) -> Self {
        Self::new(self.expr.and(other.into_condition().expr))
    }

    /// One holds.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let condition = User::name.eq("Ada").or(User::name.eq("Alan"));
    /// assert_eq!(db.find::<User>().filter(condition).count().await?, 2);
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn or(self, other: impl IntoCondition<M>) -> Self {
        Self::new(self.expr.or(other.into_condition().expr))
    }

    /// True for every row when all of `conditions` hold; for an empty list it holds.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// use sinew::Condition;
    /// let wanted = [User::age.gt(40), User::name.like("A%")];
    /// assert_eq!(db.find::<User>().filter(Condition::all(wanted)).pluck(User::name).await?, ["Alan"]);
    /// # Ok(()) }
    /// ```
    pub fn all(conditions: impl IntoIterator<Item = Self>) -> Self {
        Self::new(Expr::And(
            conditions
                .into_iter()
                .map(|condition| condition.expr)
                .collect(),
        ))
    }

    /// True when one of `conditions` holds; for an empty list it does not.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// use sinew::Condition;
    /// let wanted = ["Ada", "Grace"].map(|name| User::name.eq(name));
    /// assert_eq!(db.find::<User>().filter(Condition::one_of(wanted)).count().await?, 2);
    /// assert_eq!(db.find::<User>().filter(Condition::one_of([])).count().await?, 0);
    /// # Ok(()) }
    /// ```
    pub fn one_of(conditions: impl IntoIterator<Item = Self>) -> Self {
        Self::new(Expr::Or(
            conditions
                .into_iter()
                .map(|condition| condition.expr)
                .collect(),
        ))
    }
}

impl<M> ops::Not for Condition<M> {
    type Output = Self;

    fn not(self) -> Self {
        Self::new(Expr::Not(Box::new(self.expr)))
    }
}

impl<M> ops::BitAnd for Condition<M> {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        self.and(other)
    }
}

impl<M> ops::BitOr for Condition<M> {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        self.or(other)
    }
}

/// What `.filter(…)` takes: a condition on `M`, a raw fragment, or a column that is a truth value.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let typed = db.find::<User>().filter(User::age.gt(40)).count().await?;
/// let written = db.find::<User>().filter(sql("age > ?", [40])).count().await?;
/// assert_eq!((typed, written), (2, 2));
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a condition on `{M}`",
    label = "not a condition on `{M}`",
    note = "compare a column of `{M}`, for instance `{M}::id.eq(1)`; for a condition on associated rows use `{M}::association.filter(…).any()`"
)]
pub trait IntoCondition<M> {
    /// The condition.
    fn into_condition(self) -> Condition<M>;
}

impl<M> IntoCondition<M> for Condition<M> {
    fn into_condition(self) -> Condition<M> {
        self
    }
}

impl<M: Model> IntoCondition<M> for Column<M, bool> {
    fn into_condition(self) -> Condition<M> {
        self.eq(true)
    }
}

impl<M> IntoCondition<M> for Fragment {
    fn into_condition(self) -> Condition<M> {
        Condition::new(Expr::Raw(self.0))
    }
}

/// A list that `is_in` searches: an array, a `Vec`, a slice, or a query of one column.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let ids = vec![1, 3];
/// assert_eq!(db.find::<User>().filter(User::id.is_in(&ids)).count().await?, 2);
/// let owners = db.find::<Order>().filter(Order::amount.gt(60.0)).pluck(Order::user_id);
/// assert_eq!(db.find::<User>().filter(User::id.is_in(owners)).pluck(User::name).await?, ["Ada"]);
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a list of `{T}`",
    label = "expected an array, `Vec`, slice or query of `{T}`"
)]
pub trait List<T> {
    /// The SQL.
    fn into_list(self) -> InList;
}

fn array<T: ColumnType, O: Operand<T>>(items: impl IntoIterator<Item = O>) -> InList {
    let values = items.into_iter().filter_map(|item| match item.operand() {
        Expr::Value(value) => Some(value),
        _ => None,
    });
    match T::FAMILY {
        // Databases make no array of arrays of several lengths.
        TypeFamily::List(_) => InList::Lists(values.collect()),
        _ => InList::Values(Value::Array(values.collect())),
    }
}

impl<T: ColumnType, O: Operand<T>> List<T> for Vec<O> {
    fn into_list(self) -> InList {
        array(self)
    }
}

impl<T: ColumnType, O: Operand<T>, const N: usize> List<T> for [O; N] {
    fn into_list(self) -> InList {
        array(self)
    }
}

impl<T: ColumnType, O: Operand<T> + Clone> List<T> for &[O] {
    fn into_list(self) -> InList {
        array(self.iter().cloned())
    }
}

impl<T: ColumnType, O: Operand<T> + Clone> List<T> for &Vec<O> {
    fn into_list(self) -> InList {
        array(self.iter().cloned())
    }
}

/// An order by one expression.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let by = if 1 + 1 == 2 { User::age.desc() } else { User::age.asc() };
/// assert_eq!(db.find::<User>().order_by(by).first().await?.unwrap().name, "Grace");
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct OrderBy<M> {
    pub(crate) order: SqlOrder,
    of: PhantomData<fn() -> M>,
}

impl<M> OrderBy<M> {
    /// An order that takes NULL for the smallest value. Where nothing is NULL it does not say so, and
    /// any index fits.
    pub(crate) fn new(nullable: bool, expr: Expr, descending: bool) -> Self {
        Self {
            order: SqlOrder {
                expr,
                descending,
                nulls_first: nullable.then_some(!descending),
            },
            of: PhantomData,
        }
    }

    /// NULLs come first.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let users = db.find::<User>().order_by(User::company_id.asc().nulls_first()).await?;
    /// assert_eq!(users[0].name, "Alan");
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn nulls_first(mut self) -> Self {
        self.order.nulls_first = Some(true);
        self
    }

    /// NULLs come last.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let users = db.find::<User>().order_by(User::company_id.asc().nulls_last()).await?;
    /// assert_eq!(users[2].name, "Alan");
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn nulls_last(mut self) -> Self {
        self.order.nulls_first = Some(false);
        self
    }
}

/// What `.order_by(…)` takes: one order, or a tuple of several.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let users = db.find::<User>().order_by((User::company_id.desc(), User::name.desc())).await?;
/// assert_eq!(users[0].name, "Grace");
/// let users = db.find::<User>().order_by(sql("length(name), name", ())).await?;
/// assert_eq!(users[0].name, "Ada");
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an order of `{M}`",
    label = "not an order of `{M}`",
    note = "use `{M}::column.asc()` or `.desc()`; a tuple orders by several"
)]
pub trait IntoOrder<M> {
    /// The orders.
    fn into_order(self) -> Vec<SqlOrder>;
}

impl<M> IntoOrder<M> for OrderBy<M> {
    fn into_order(self) -> Vec<SqlOrder> {
        vec![self.order]
    }
}

impl<M: Model, T> IntoOrder<M> for Column<M, T> {
    fn into_order(self) -> Vec<SqlOrder> {
        vec![self.asc().order]
    }
}

impl<M> IntoOrder<M> for Vec<OrderBy<M>> {
    fn into_order(self) -> Vec<SqlOrder> {
        self.into_iter().map(|by| by.order).collect()
    }
}

impl<M> IntoOrder<M> for Fragment {
    fn into_order(self) -> Vec<SqlOrder> {
        vec![SqlOrder {
            expr: Expr::Raw(self.0),
            descending: false,
            nulls_first: None,
        }]
    }
}

macro_rules! tuple_order {
    ($($name:ident)+) => {
        impl<M, $($name: IntoOrder<M>),+> IntoOrder<M> for ($($name,)+) {
            fn into_order(self) -> Vec<SqlOrder> {
                #[allow(non_snake_case)]
                let ($($name,)+) = self;
                let mut all = Vec::new();
                $(all.extend($name.into_order());)+
                all
            }
        }
    };
}

tuple_order!(A);
tuple_order!(A B);
tuple_order!(A B C);
tuple_order!(A B C D);

/// A column set to a value.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let mut ada = db.get::<User>(1).await?;
/// let change = User::age.to(37);
/// db.update(&mut ada).set(change).await?;
/// assert_eq!(ada.age, 37);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Assignment<M> {
    pub(crate) column: usize,
    pub(crate) value: Expr,
    of: PhantomData<fn() -> M>,
}

impl<M, T> Column<M, T> {
    /// This column set to a value, for `.set(…)`.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let mut ada = db.get::<User>(1).await?;
    /// db.update(&mut ada).set((User::name.to("Ada King"), User::age.to(User::age + 1))).await?;
    /// assert_eq!((ada.name.as_str(), ada.age), ("Ada King", 37));
    /// # Ok(()) }
    /// ```
    pub fn to(self, value: impl Operand<T>) -> Assignment<M> {
        Assignment {
            column: self.index,
            value: value.operand(),
            of: PhantomData,
        }
    }
}

/// Column types that hold text.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let shouted = db.find::<User>().order_by(User::id.asc()).pluck(User::name.upper()).await?;
/// assert_eq!(shouted[0], "ADA");
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "a `{Self}` is not text",
    label = "needs a `String` or `Option<String>` column"
)]
pub trait Textual: ColumnType {}
impl Textual for String {}
impl Textual for Option<String> {}

/// Column types that can be added up.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// assert_eq!(db.find::<Order>().sum(Order::amount).await?, Some(450.0));
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "a `{Self}` is not a number",
    label = "needs a column of numbers"
)]
pub trait Numeric: ColumnType {
    /// The type of a sum.
    type Sum: ColumnType;
}

macro_rules! numeric {
    ($($ty:ty => $sum:ty),*) => {$(
        impl Numeric for $ty { type Sum = $sum; }
        impl Numeric for Option<$ty> { type Sum = $sum; }
    )*};
}

numeric!(i8 => i64, i16 => i64, i32 => i64, i64 => i64, u8 => i64, u16 => i64, u32 => i64,
    u64 => i64, f32 => f64, f64 => f64);

macro_rules! comparisons {
    ($name:ident, $($bound:tt)*) => {
        impl<M: $($bound)*, T> $name<M, T> {
            fn compare(self, op: BinaryOp, right: Expr) -> Condition<M> {
                Condition::new(self.into_expr().binary(op, right))
            }

            /// `=`; `.eq(None)` is `IS NULL`.
            ///
            /// # Examples
            /// ```
            /// # use sinew_suite::docs::*;
            /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
            /// # let db = db().await?;
            /// assert_eq!(db.find::<User>().filter(User::name.eq("Ada")).count().await?, 1);
            /// assert_eq!(db.find::<User>().filter(User::company_id.eq(None)).count().await?, 1);
            /// let at_acme = User::company.to(Company::name).eq("Acme");
            /// assert_eq!(db.find::<User>().filter(at_acme).count().await?, 2);
            /// # Ok(()) }
            /// ```
            pub fn eq(self, other: impl Operand<T>) -> Condition<M> {
                self.compare(BinaryOp::Eq, other.operand())
            }

            /// `<>`; `.ne(None)` is `IS NOT NULL`.
            ///
            /// # Examples
            /// ```
            /// # use sinew_suite::docs::*;
            /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
            /// # let db = db().await?;
            /// assert_eq!(db.find::<User>().filter(User::name.ne("Ada")).count().await?, 2);
            /// assert_eq!(db.find::<User>().filter(User::orders.count().ne(0)).count().await?, 2);
            /// # Ok(()) }
            /// ```
            pub fn ne(self, other: impl Operand<T>) -> Condition<M> {
                self.compare(BinaryOp::Ne, other.operand())
            }

            /// `<`
            ///
            /// # Examples
            /// ```
            /// # use sinew_suite::docs::*;
            /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
            /// # let db = db().await?;
            /// assert_eq!(db.find::<User>().filter(User::age.lt(41)).count().await?, 1);
            /// assert_eq!(db.find::<User>().filter(User::orders.count().lt(2)).count().await?, 2);
            /// # Ok(()) }
            /// ```
            pub fn lt(self, other: impl Operand<T>) -> Condition<M> {
                self.compare(BinaryOp::Lt, other.operand())
            }

            /// `<=`
            ///
            /// # Examples
            /// ```
            /// # use sinew_suite::docs::*;
            /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
            /// # let db = db().await?;
            /// assert_eq!(db.find::<User>().filter(User::age.le(41)).count().await?, 2);
            /// assert_eq!(db.find::<User>().filter(User::orders.count().le(2)).count().await?, 3);
            /// # Ok(()) }
            /// ```
            pub fn le(self, other: impl Operand<T>) -> Condition<M> {
                self.compare(BinaryOp::Le, other.operand())
            }

            /// `>`
            ///
            /// # Examples
            /// ```
            /// # use sinew_suite::docs::*;
            /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
            /// # let db = db().await?;
            /// assert_eq!(db.find::<User>().filter(User::age.gt(41)).count().await?, 1);
            /// assert_eq!(db.find::<User>().filter((User::age + 1).gt(41)).count().await?, 2);
            /// # Ok(()) }
            /// ```
            pub fn gt(self, other: impl Operand<T>) -> Condition<M> {
                self.compare(BinaryOp::Gt, other.operand())
            }

            /// `>=`
            ///
            /// # Examples
            /// ```
            /// # use sinew_suite::docs::*;
            /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
            /// # let db = db().await?;
            /// assert_eq!(db.find::<User>().filter(User::age.ge(41)).count().await?, 2);
            /// assert_eq!(db.find::<User>().filter(User::orders.sum(Order::amount).ge(100.0)).count().await?, 1);
            /// # Ok(()) }
            /// ```
            pub fn ge(self, other: impl Operand<T>) -> Condition<M> {
                self.compare(BinaryOp::Ge, other.operand())
            }

            /// `BETWEEN low AND high`, both included.
            ///
            /// # Examples
            /// ```
            /// # use sinew_suite::docs::*;
            /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
            /// # let db = db().await?;
            /// assert_eq!(db.find::<User>().filter(User::age.between(36, 41)).count().await?, 2);
            /// # Ok(()) }
            /// ```
            pub fn between(self, low: impl Operand<T>, high: impl Operand<T>) -> Condition<M> {
                let three = [self.into_expr(), low.operand(), high.operand()];
                Condition::new(Expr::Between(Box::new(three)))
            }

            /// Is one of the list; an empty list matches nothing. The list is bound as one
            /// parameter, however long.
            ///
            /// # Examples
            /// ```
            /// # use sinew_suite::docs::*;
            /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
            /// # let db = db().await?;
            /// assert_eq!(db.find::<User>().filter(User::name.is_in(["Ada", "Bob"])).count().await?, 1);
            /// assert_eq!(db.find::<User>().filter(User::id.is_in(Vec::<i64>::new())).count().await?, 0);
            /// # Ok(()) }
            /// ```
            pub fn is_in(self, list: impl List<T>) -> Condition<M> {
                let tuple = vec![self.into_expr()];
                Condition::new(Expr::In { tuple, list: list.into_list(), negated: false })
            }

            /// Is none of the list; an empty list excludes nothing.
            ///
            /// # Examples
            /// ```
            /// # use sinew_suite::docs::*;
            /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
            /// # let db = db().await?;
            /// assert_eq!(db.find::<User>().filter(User::name.not_in(["Ada", "Bob"])).count().await?, 2);
            /// # Ok(()) }
            /// ```
            pub fn not_in(self, list: impl List<T>) -> Condition<M> {
                let tuple = vec![self.into_expr()];
                Condition::new(Expr::In { tuple, list: list.into_list(), negated: true })
            }

            /// `IS NULL`
            ///
            /// # Examples
            /// ```
            /// # use sinew_suite::docs::*;
            /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
            /// # let db = db().await?;
            /// assert_eq!(db.find::<User>().filter(User::company_id.is_null()).pluck(User::name).await?, ["Alan"]);
            /// assert_eq!(db.find::<User>().filter(User::company.to(Company::name).is_null()).count().await?, 1);
            /// # Ok(()) }
            /// ```
            pub fn is_null(self) -> Condition<M> {
                Condition::new(Expr::IsNull(Box::new(self.into_expr()), false))
            }

            /// `IS NOT NULL`
            ///
            /// # Examples
            /// ```
            /// # use sinew_suite::docs::*;
            /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
            /// # let db = db().await?;
            /// assert_eq!(db.find::<User>().filter(User::manager_id.is_not_null()).pluck(User::name).await?, ["Grace"]);
            /// # Ok(()) }
            /// ```
            pub fn is_not_null(self) -> Condition<M> {
                Condition::new(Expr::IsNull(Box::new(self.into_expr()), true))
            }

            /// The smallest first; NULL counts as smaller than anything, on every database.
            ///
            /// # Examples
            /// ```
            /// # use sinew_suite::docs::*;
            /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
            /// # let db = db().await?;
            /// let youngest = db.find::<User>().order_by(User::age.asc()).first().await?;
            /// assert_eq!(youngest.unwrap().name, "Ada");
            /// # Ok(()) }
            /// ```
            pub fn asc(self) -> OrderBy<M> {
                OrderBy::new(self.can_be_null(), self.into_expr(), false)
            }

            /// The greatest first, NULL last.
            ///
            /// # Examples
            /// ```
            /// # use sinew_suite::docs::*;
            /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
            /// # let db = db().await?;
            /// let busiest = db.find::<User>().order_by(User::orders.count().desc()).first().await?;
            /// assert_eq!(busiest.unwrap().name, "Ada");
            /// # Ok(()) }
            /// ```
            pub fn desc(self) -> OrderBy<M> {
                OrderBy::new(self.can_be_null(), self.into_expr(), true)
            }

            /// `LOWER(…)`
            ///
            /// # Examples
            /// ```
            /// # use sinew_suite::docs::*;
            /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
            /// # let db = db().await?;
            /// assert_eq!(db.find::<User>().filter(User::name.lower().eq("ada")).count().await?, 1);
            /// # Ok(()) }
            /// ```
            pub fn lower(self) -> Scalar<M, T> where T: Textual {
                Scalar::new(function("LOWER", self.into_expr()))
            }

            /// `UPPER(…)`
            ///
            /// # Examples
            /// ```
            /// # use sinew_suite::docs::*;
            /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
            /// # let db = db().await?;
            /// assert_eq!(db.find::<User>().filter(User::name.upper().like("AL%")).count().await?, 1);
            /// # Ok(()) }
            /// ```
            pub fn upper(self) -> Scalar<M, T> where T: Textual {
                Scalar::new(function("UPPER", self.into_expr()))
            }

            /// `CHAR_LENGTH(…)`: the number of characters, whatever their size.
            ///
            /// # Examples
            /// ```
            /// # use sinew_suite::docs::*;
            /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
            /// # let db = db().await?;
            /// assert_eq!(db.find::<User>().filter(User::name.length().gt(4)).pluck(User::name).await?, ["Grace"]);
            /// # Ok(()) }
            /// ```
            pub fn length(self) -> Scalar<M, i64> where T: Textual {
                Scalar::new(function("CHAR_LENGTH", self.into_expr()))
            }

            /// `LIKE`, with `%` and `_` in the pattern.
            ///
            /// # Examples
            /// ```
            /// # use sinew_suite::docs::*;
            /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
            /// # let db = db().await?;
            /// assert_eq!(db.find::<User>().filter(User::name.like("A%")).count().await?, 2);
            /// # Ok(()) }
            /// ```
            pub fn like(self, pattern: impl Into<String>) -> Condition<M> where T: Textual {
                like(self.into_expr(), pattern.into(), false)
            }

            /// `LIKE` without regard to case.
            ///
            /// # Examples
            /// ```
            /// # use sinew_suite::docs::*;
            /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
            /// # let db = db().await?;
            /// assert_eq!(db.find::<User>().filter(User::name.ilike("a_A")).pluck(User::name).await?, ["Ada"]);
            /// # Ok(()) }
            /// ```
            pub fn ilike(self, pattern: impl Into<String>) -> Condition<M> where T: Textual {
                like(self.into_expr(), pattern.into(), true)
            }

            /// `SUM(…)`
            ///
            /// # Examples
            /// ```
            /// # use sinew_suite::docs::*;
            /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
            /// # let db = db().await?;
            /// let totals = db.find::<Order>()
            ///     .group_by(Order::user_id)
            ///     .order_by(Order::user_id.asc())
            ///     .pluck((Order::user_id, Order::amount.sum()))
            ///     .await?;
            /// assert_eq!(totals, [(Some(1), Some(400.0)), (Some(2), Some(50.0))]);
            /// # Ok(()) }
            /// ```
            pub fn sum(self) -> Scalar<M, Option<T::Sum>> where T: Numeric {
                Scalar::new(function("SUM", self.into_expr()))
            }

            /// `AVG(…)`
            ///
            /// # Examples
            /// ```
            /// # use sinew_suite::docs::*;
            /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
            /// # let db = db().await?;
            /// let averages = db.find::<Order>()
            ///     .group_by(Order::user_id)
            ///     .order_by(Order::user_id.asc())
            ///     .pluck(Order::amount.avg())
            ///     .await?;
            /// assert_eq!(averages, [Some(200.0), Some(50.0)]);
            /// # Ok(()) }
            /// ```
            pub fn avg(self) -> Scalar<M, Option<f64>> where T: Numeric {
                Scalar::new(function("AVG", self.into_expr()))
            }

            /// `MIN(…)`
            ///
            /// # Examples
            /// ```
            /// # use sinew_suite::docs::*;
            /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
            /// # let db = db().await?;
            /// let least = db.find::<Order>()
            ///     .group_by(Order::user_id)
            ///     .order_by(Order::user_id.asc())
            ///     .pluck(Order::amount.min())
            ///     .await?;
            /// assert_eq!(least, [Some(100.0), Some(50.0)]);
            /// # Ok(()) }
            /// ```
            pub fn min(self) -> Scalar<M, Option<T>> {
                Scalar::new(function("MIN", self.into_expr()))
            }

            /// `MAX(…)`
            ///
            /// # Examples
            /// ```
            /// # use sinew_suite::docs::*;
            /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
            /// # let db = db().await?;
            /// let most = db.find::<Order>()
            ///     .group_by(Order::user_id)
            ///     .order_by(Order::user_id.asc())
            ///     .pluck(Order::amount.max())
            ///     .await?;
            /// assert_eq!(most, [Some(300.0), Some(50.0)]);
            /// # Ok(()) }
            /// ```
            pub fn max(self) -> Scalar<M, Option<T>> {
                Scalar::new(function("MAX", self.into_expr()))
            }

            /// `COUNT(…)`: how many are not NULL.
            ///
            /// # Examples
            /// ```
            /// # use sinew_suite::docs::*;
            /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
            /// # let db = db().await?;
            /// let several = db.find::<Order>()
            ///     .group_by(Order::user_id)
            ///     .having(Order::id.count().gt(1))
            ///     .pluck((Order::user_id, Order::id.count()))
            ///     .await?;
            /// assert_eq!(several, [(Some(1), 2)]);
            /// # Ok(()) }
            /// ```
            pub fn count(self) -> Scalar<M, i64> {
                Scalar::new(function("COUNT", self.into_expr()))
            }
        }

        comparisons!(@arith $name, [$($bound)*], Add add Add, Sub sub Sub, Mul mul Mul, Div div Div,
            Rem rem Rem);
    };
    (@arith $name:ident, $bound:tt, $($trait:ident $method:ident $op:ident),*) => {$(
        comparisons!(@one $name, $bound, $trait, $method, $op);
    )*};
    (@one $name:ident, [$($bound:tt)*], $trait:ident, $method:ident, $op:ident) => {
        impl<M: $($bound)*, T: Numeric, O: Operand<T>> ops::$trait<O> for $name<M, T> {
            type Output = Scalar<M, T>;

            fn $method(self, other: O) -> Scalar<M, T> {
                Scalar::new(self.into_expr().binary(BinaryOp::$op, other.operand()))
            }
        }
    };
}

#[doc(hidden)]
pub trait Anything {}
impl<M> Anything for M {}

comparisons!(Column, Model);
comparisons!(Scalar, Anything);

fn function(name: &'static str, arg: Expr) -> Expr {
    Expr::Function {
        name,
        distinct: false,
        args: vec![arg],
    }
}

fn like<M>(expr: Expr, pattern: String, ignore_case: bool) -> Condition<M> {
    let pattern = Box::new(Expr::Value(Value::Text(pattern.into())));
    Condition::new(Expr::Like {
        expr: Box::new(expr),
        pattern,
        ignore_case,
    })
}
