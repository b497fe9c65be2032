//! Values as they travel between Rust types and a database, and the types that can be columns.

mod binary;
mod interop;
mod list;
mod number;
mod param;
mod text;
mod timestamp;

use std::borrow::Cow;
use std::fmt;

use crate::driver::Row;

pub use binary::Json;
pub use list::{Element, list_text};
pub use param::{IntoKey, Param};
pub use timestamp::{DeletedAt, Timestamp};

/// One value on its way into or out of a database; borrowed where possible.
///
/// # Examples
/// ```
/// use sinew::{ColumnType, Value};
/// assert_eq!(36_i64.to_value(), Value::Int(36));
/// assert_eq!(Option::<String>::None.to_value(), Value::Null);
/// ```
#[derive(Clone, Debug, PartialEq, Default)]
#[non_exhaustive]
pub enum Value<'a> {
    /// SQL NULL.
    #[default]
    Null,
    /// A truth value.
    Bool(bool),
    /// A signed integer.
    Int(i64),
    /// An unsigned integer above `i64::MAX` (smaller ones travel as `Int`).
    UInt(u64),
    /// A floating-point number.
    Float(f64),
    /// Text.
    Text(Cow<'a, str>),
    /// Bytes.
    Bytes(Cow<'a, [u8]>),
    /// A moment: microseconds since 1970-01-01T00:00:00Z.
    Timestamp(i64),
    /// A calendar date: days since 1970-01-01.
    Date(i32),
    /// A time of day: microseconds since midnight.
    Time(i64),
    /// A date and time without a zone: microseconds since 1970-01-01T00:00:00.
    DateTime(i64),
    /// A UUID.
    Uuid([u8; 16]),
    /// A decimal number in its text form.
    Decimal(Cow<'a, str>),
    /// JSON text.
    Json(Cow<'a, str>),
    /// The list in a list column: an array where the database has them, else JSON text.
    List(Vec<Value<'a>>),
    /// A list of values of one type to search in, bound as one parameter.
    Array(Vec<Value<'a>>),
    /// A list of key tuples, bound as one parameter: `width` values each.
    Tuples {
        /// Values per tuple.
        width: usize,
        /// All values in a row.
        values: Vec<Value<'a>>,
    },
}

impl<'a> Value<'a> {
    /// Whether this is NULL.
    ///
    /// # Examples
    /// ```
    /// use sinew::Value;
    /// assert!(Value::Null.is_null() && !Value::Int(0).is_null());
    /// ```
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// The same value without borrows.
    ///
    /// # Examples
    /// ```
    /// use sinew::Value;
    /// let name = String::from("Ada");
    /// let owned: Value<'static> = Value::Text(name.as_str().into()).into_owned();
    /// assert_eq!(owned, Value::Text("Ada".into()));
    /// ```
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Value::Null => Value::Null,
            Value::Bool(v) => Value::Bool(v),
            Value::Int(v) => Value::Int(v),
            Value::UInt(v) => Value::UInt(v),
            Value::Float(v) => Value::Float(v),
            Value::Text(v) => Value::Text(Cow::Owned(v.into_owned())),
            Value::Bytes(v) => Value::Bytes(Cow::Owned(v.into_owned())),
            Value::Timestamp(v) => Value::Timestamp(v),
            Value::Date(v) => Value::Date(v),
            Value::Time(v) => Value::Time(v),
            Value::DateTime(v) => Value::DateTime(v),
            Value::Uuid(v) => Value::Uuid(v),
            Value::Decimal(v) => Value::Decimal(Cow::Owned(v.into_owned())),
            Value::Json(v) => Value::Json(Cow::Owned(v.into_owned())),
            Value::List(v) => Value::List(v.into_iter().map(Value::into_owned).collect()),
            Value::Array(v) => Value::Array(v.into_iter().map(Value::into_owned).collect()),
            Value::Tuples { width, values } => Value::Tuples {
                width,
                values: values.into_iter().map(Value::into_owned).collect(),
            },
        }
    }

    /// The same value, borrowing from this one.
    ///
    /// # Examples
    /// ```
    /// use sinew::Value;
    /// let value = Value::Text("Ada".into());
    /// assert_eq!(value.reborrow(), value);
    /// ```
    pub fn reborrow(&self) -> Value<'_> {
        match self {
            Value::Null => Value::Null,
            Value::Bool(v) => Value::Bool(*v),
            Value::Int(v) => Value::Int(*v),
            Value::UInt(v) => Value::UInt(*v),
            Value::Float(v) => Value::Float(*v),
            Value::Text(v) => Value::Text(Cow::Borrowed(v)),
            Value::Bytes(v) => Value::Bytes(Cow::Borrowed(v)),
            Value::Timestamp(v) => Value::Timestamp(*v),
            Value::Date(v) => Value::Date(*v),
            Value::Time(v) => Value::Time(*v),
            Value::DateTime(v) => Value::DateTime(*v),
            Value::Uuid(v) => Value::Uuid(*v),
            Value::Decimal(v) => Value::Decimal(Cow::Borrowed(v)),
            Value::Json(v) => Value::Json(Cow::Borrowed(v)),
            Value::List(v) => Value::List(v.iter().map(Value::reborrow).collect()),
            Value::Array(v) => Value::Array(v.iter().map(Value::reborrow).collect()),
            Value::Tuples { width, values } => Value::Tuples {
                width: *width,
                values: values.iter().map(Value::reborrow).collect(),
            },
        }
    }

    /// What sort of value this is, for messages.
    ///
    /// # Examples
    /// ```
    /// use sinew::Value;
    /// assert_ne!(Value::Int(1).sort(), Value::Null.sort());
    /// ```
    pub fn sort(&self) -> &'static str {
        match self {
            Value::Null => "NULL",
            Value::Bool(_) => "a truth value",
            Value::Int(_) | Value::UInt(_) => "an integer",
            Value::Float(_) => "a floating-point number",
            Value::Text(_) => "text",
            Value::Bytes(_) => "bytes",
            Value::Timestamp(_) => "a timestamp",
            Value::Date(_) => "a date",
            Value::Time(_) => "a time of day",
            Value::DateTime(_) => "a date and time",
            Value::Uuid(_) => "a UUID",
            Value::Decimal(_) => "a decimal",
            Value::Json(_) => "JSON",
            Value::List(_) | Value::Array(_) | Value::Tuples { .. } => "a list",
        }
    }
}

/// A value that does not fit the wanted Rust type.
///
/// # Examples
/// ```
/// use sinew_core::{ColumnType, Value};
/// assert!(i64::from_value(Value::Text("many".into())).is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit(pub String);

impl Misfit {
    /// `got` where `wanted` was wanted.
    ///
    /// # Examples
    /// ```
    /// use sinew_core::{value::Misfit, Value};
    /// let misfit = Misfit::new("a number", &Value::Null);
    /// assert!(misfit.to_string().contains("a number"));
    /// ```
    pub fn new(wanted: &str, got: &Value<'_>) -> Self {
        Self(format!("expected {wanted}, got {}", got.sort()))
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Misfit {}

/// The family of a column's type; each dialect maps it to a type of its own.
///
/// # Examples
/// ```
/// use sinew_core::{value::TypeFamily, ColumnType};
/// assert_eq!(String::FAMILY, TypeFamily::Text);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TypeFamily {
    /// Truth values.
    Bool,
    /// Signed integers of 8 bits.
    Int8,
    /// Signed integers of 16 bits.
    Int16,
    /// Signed integers of 32 bits.
    Int32,
    /// Signed integers of 64 bits.
    Int64,
    /// Unsigned integers of 8 bits.
    UInt8,
    /// Unsigned integers of 16 bits.
    UInt16,
    /// Unsigned integers of 32 bits.
    UInt32,
    /// Unsigned integers of 64 bits.
    UInt64,
    /// Floating-point numbers of 32 bits.
    Float32,
    /// Floating-point numbers of 64 bits.
    Float64,
    /// Text.
    Text,
    /// Bytes.
    Bytes,
    /// Moments in time.
    Timestamp,
    /// Calendar dates.
    Date,
    /// Times of day.
    Time,
    /// Dates with a time of day, without a zone.
    DateTime,
    /// UUIDs.
    Uuid,
    /// Exact decimals.
    Decimal,
    /// JSON documents.
    Json,
    /// One of a fixed list of texts.
    Enum(&'static [&'static str]),
    /// Lists whose elements are of this family.
    List(&'static TypeFamily),
}

impl TypeFamily {
    /// Whether values are integers, so that a single key of this family is generated by the
    /// database.
    ///
    /// # Examples
    /// ```
    /// use sinew_core::value::TypeFamily;
    /// assert!(TypeFamily::Int64.is_integer() && !TypeFamily::Text.is_integer());
    /// ```
    pub fn is_integer(self) -> bool {
        use TypeFamily as F;
        matches!(
            self,
            F::Int8 | F::Int16 | F::Int32 | F::Int64 | F::UInt8 | F::UInt16 | F::UInt32 | F::UInt64
        )
    }
}

/// A Rust type that can be a column.
///
/// Implemented for the usual types, for `Option` of them (a nullable column), for `Vec` of them (a
/// list, see [`Element`]), and by `#[derive(Enumeration)]` and `#[derive(Newtype)]` for your own.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// #[derive(Enumeration, Clone, Copy, Debug, Default, PartialEq)]
/// enum Size { #[default] Small, Large }
///
/// #[derive(Newtype, Clone, Copy, Debug, Default, PartialEq)]
/// struct BoxId(i64);
///
/// #[derive(Model, Clone, Debug, Default)]
/// struct Parcel { id: BoxId, size: Size, note: Option<String> }
///
/// db.auto_migrate(models![Parcel]).await?;
/// let mut parcel = Parcel { size: Size::Large, ..Default::default() };
/// db.create(&mut parcel).await?;
/// assert_eq!(db.find::<Parcel>().filter(Parcel::size.eq(Size::Large)).await?[0].id, BoxId(1));
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a column",
    label = "not a column type",
    note = "use a type that implements `sinew::ColumnType`, an association such as `sinew::HasMany<Order>`, or mark the field `#[model(embedded)]`, `#[model(json)]` or `#[model(skip)]`"
)]
pub trait ColumnType: Clone + Send + Sync + 'static {
    /// The family of the column's type.
    const FAMILY: TypeFamily;

    /// Whether the column admits NULL.
    const NULLABLE: bool = false;

    /// The value as it is bound.
    fn to_value(&self) -> Value<'_>;

    /// As [`ColumnType::to_value`], without a copy where the value is given away.
    ///
    /// # Examples
    /// ```
    /// # use sinew_core::{ColumnType, Value};
    /// assert_eq!(String::from("Ada").into_bound(), Value::Text("Ada".into()));
    /// assert_eq!(None::<String>.into_bound(), Value::Null);
    /// ```
    #[inline]
    fn into_bound(self) -> Value<'static> {
        self.to_value().into_owned()
    }

    /// The Rust value for what the database returned.
    ///
    /// # Errors
    /// When the value does not fit.
    fn from_value(value: Value<'_>) -> Result<Self, Misfit>;

    /// The value in column `index` of a row, where it can be read without a [`Value`] in between.
    /// `None` for anything unusual: [`ColumnType::from_value`] is asked then.
    ///
    /// # Examples
    /// ```
    /// # use sinew_core::{driver::Row, ColumnType, Result, Value};
    /// struct Answer;
    ///
    /// impl Row for Answer {
    ///     fn len(&self) -> usize { 1 }
    ///     fn get(&self, _index: usize) -> Result<Value<'_>> { Ok(Value::Int(42)) }
    ///     fn int(&self, _index: usize) -> Option<i64> { Some(42) }
    ///     fn name(&self, _index: usize) -> Option<&str> { None }
    /// }
    ///
    /// assert_eq!(i32::from_row(&Answer, 0), Some(42));
    /// assert_eq!(String::from_row(&Answer, 0), None);
    /// ```
    #[inline]
    fn from_row(_row: &dyn Row, _index: usize) -> Option<Self> {
        None
    }

    /// Whether this value stands for "not set yet": a key of zero, an empty timestamp, NULL.
    fn is_unset(&self) -> bool {
        false
    }
}

/// A column type that is not an `Option`.
///
/// # Examples
/// ```
/// use sinew_core::{value::Required, ColumnType};
/// fn nullable<T: Required>() -> bool { Option::<T>::NULLABLE && !T::NULLABLE }
/// assert!(nullable::<i64>());
/// ```
pub trait Required: ColumnType {}

impl<T: Required> ColumnType for Option<T> {
    const FAMILY: TypeFamily = T::FAMILY;
    const NULLABLE: bool = true;

    fn to_value(&self) -> Value<'_> {
        match self {
            Some(value) => value.to_value(),
            None => Value::Null,
        }
    }

    #[inline]
    fn into_bound(self) -> Value<'static> {
        match self {
            Some(value) => value.into_bound(),
            None => Value::Null,
        }
    }

    fn from_value(value: Value<'_>) -> Result<Self, Misfit> {
        match value {
            Value::Null => Ok(None),
            value => T::from_value(value).map(Some),
        }
    }

    #[inline]
    fn from_row(row: &dyn Row, index: usize) -> Option<Self> {
        T::from_row(row, index).map(Some)
    }

    fn is_unset(&self) -> bool {
        self.is_none()
    }
}
