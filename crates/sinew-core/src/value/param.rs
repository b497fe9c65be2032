//! Rust values that stand for bound values and primary keys.

use super::{ColumnType, Value};

/// One value of raw SQL.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let rows: Vec<(i64,)> =
///     db.query("SELECT id FROM users WHERE name = ? AND age < ? AND manager_id IS ?", ("Ada", 40, None::<i64>)).await?;
/// assert_eq!(rows, [(1,)]);
/// # Ok(()) }
/// ```
pub trait Param {
    /// The value.
    fn into_value(self) -> Value<'static>;
}

impl<T: ColumnType> Param for T {
    fn into_value(self) -> Value<'static> {
        self.into_bound()
    }
}

impl Param for &str {
    fn into_value(self) -> Value<'static> {
        Value::Text(self.to_owned().into())
    }
}

impl Param for &String {
    fn into_value(self) -> Value<'static> {
        Value::Text(self.clone().into())
    }
}

impl Param for Option<&str> {
    fn into_value(self) -> Value<'static> {
        self.map_or(Value::Null, Param::into_value)
    }
}

impl Param for &[u8] {
    fn into_value(self) -> Value<'static> {
        Value::Bytes(self.to_owned().into())
    }
}

/// A value of any kind, for lists of mixed types.
impl Param for Value<'static> {
    fn into_value(self) -> Value<'static> {
        self
    }
}

/// What `.get(…)` takes as a primary key of type `K`: the value itself, `&str` for text, a tuple
/// for a composite key.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// assert_eq!(db.get::<User>(1).await?.name, "Ada");
/// assert_eq!(db.get::<UserLanguage>((1, 2)).await?.language_id, 2);
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a primary key of type `{K}`",
    label = "expected a `{K}`"
)]
pub trait IntoKey<K> {
    /// The key's values in field order.
    fn into_key(self) -> Vec<Value<'static>>;
}

impl<K: ColumnType> IntoKey<K> for K {
    fn into_key(self) -> Vec<Value<'static>> {
        vec![self.into_bound()]
    }
}

impl<K: ColumnType> IntoKey<K> for &K {
    fn into_key(self) -> Vec<Value<'static>> {
        vec![self.to_value().into_owned()]
    }
}

impl IntoKey<String> for &str {
    fn into_key(self) -> Vec<Value<'static>> {
        vec![Value::Text(self.to_owned().into())]
    }
}

macro_rules! literal_keys {
    ($($key:ty),*) => {$(
        impl IntoKey<$key> for i32 {
            fn into_key(self) -> Vec<Value<'static>> {
                vec![Value::Int(i64::from(self))]
            }
        }
    )*};
}

literal_keys!(i8, i16, i64, u8, u16, u32, u64);

macro_rules! tuple_keys {
    ($($name:ident $key:ident)+) => {
        impl<$($key,)+ $($name: IntoKey<$key>),+> IntoKey<($($key,)+)> for ($($name,)+) {
            fn into_key(self) -> Vec<Value<'static>> {
                #[allow(non_snake_case)]
                let ($($name,)+) = self;
                let mut all = Vec::new();
                $(all.extend($name.into_key());)+
                all
            }
        }
    };
}

tuple_keys!(A KA B KB);
tuple_keys!(A KA B KB C KC);
tuple_keys!(A KA B KB C KC D KD);
