//! Lists as columns: arrays where the database has them, the text of a JSON array elsewhere.

mod read;
mod write;

use super::{ColumnType, Misfit, Required, Timestamp, TypeFamily, Value};

pub use write::list_text;

/// A column type that a list can hold: `Vec<T>` is a column where `T` is one of these.
///
/// All plain column types are, but for `u8`: a `Vec<u8>` is a column of bytes.
/// `#[derive(Enumeration)]` and `#[derive(Newtype)]` make your own types elements; for a type that
/// implements [`ColumnType`] by hand it is `impl Element for Mine { type Plain = Self; }`. An element may be NULL: `Vec<Option<T>>`.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// #[derive(Enumeration, Clone, Copy, Debug, Default, PartialEq)]
/// enum Day { #[default] Monday, Tuesday }
///
/// #[derive(Model, Clone, Debug, Default)]
/// struct Shop { id: i64, open: Vec<Day>, phones: Vec<String>, sold: Vec<Option<i64>> }
///
/// db.auto_migrate(models![Shop]).await?;
/// let mut shop = Shop { open: vec![Day::Tuesday], sold: vec![Some(7), None], ..Default::default() };
/// db.create(&mut shop).await?;
/// let open = db.find::<Shop>().filter(Shop::open.contains(Day::Tuesday)).await?;
/// assert_eq!(open[0].sold, [Some(7), None]);
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an element of a list column",
    label = "a list of these is no column type",
    note = "for rows of another model write an association such as `sinew::HasMany<Order>`; for any other list mark the field `#[model(json)]` or `#[model(skip)]`"
)]
pub trait Element: ColumnType {
    /// The type without its `Option`, where it is one; else itself.
    type Plain: Required;
}

macro_rules! elements {
    ($($ty:ty),* $(,)?) => {$(
        impl Element for $ty {
            type Plain = Self;
        }
    )*};
}

// Not `u8`: a `Vec<u8>` is bytes.
elements!(bool, i8, i16, i32, i64, u16, u32, u64, f32, f64);
elements!(char, String, Vec<u8>, Timestamp);
elements!(jiff::Timestamp, jiff::civil::Date, jiff::civil::Time);
elements!(jiff::civil::DateTime);
#[cfg(feature = "bytes")]
elements!(bytes::Bytes);
#[cfg(feature = "chrono")]
elements!(chrono::NaiveDate, chrono::NaiveTime, chrono::NaiveDateTime);
#[cfg(feature = "chrono")]
elements!(
    chrono::DateTime<chrono::Utc>,
    chrono::DateTime<chrono::Local>
);
#[cfg(feature = "rust_decimal")]
elements!(rust_decimal::Decimal);
#[cfg(feature = "time")]
elements!(
    time::Date,
    time::Time,
    time::PrimitiveDateTime,
    time::OffsetDateTime
);
#[cfg(feature = "uuid")]
elements!(uuid::Uuid);

impl<T: Element + Required> Element for Option<T> {
    type Plain = T;
}

impl<T: Element> Required for Vec<T> {}

impl<T: Element> ColumnType for Vec<T> {
    const FAMILY: TypeFamily = TypeFamily::List(element_family(&T::FAMILY));

    fn to_value(&self) -> Value<'_> {
        Value::List(self.iter().map(T::to_value).collect())
    }

    fn from_value(value: Value<'_>) -> Result<Self, Misfit> {
        match value {
            Value::List(items) | Value::Array(items) => collected(items),
            Value::Text(text) | Value::Json(text) => collected(read::items(&text, T::FAMILY)?),
            Value::Bytes(bytes) => match std::str::from_utf8(&bytes) {
                Ok(text) => collected(read::items(text, T::FAMILY)?),
                Err(_) => Err(Misfit("expected a list, got bytes that are no text".into())),
            },
            other => Err(Misfit::new("a list", &other)),
        }
    }

    fn is_unset(&self) -> bool {
        self.is_empty()
    }
}

/// The family of a list's elements. A newtype may hide a list; no database has arrays of arrays
/// that differ in length.
const fn element_family(of: &'static TypeFamily) -> &'static TypeFamily {
    assert!(
        !matches!(of, TypeFamily::List(_)),
        "a list of lists cannot be a column: mark the field `#[model(json)]`"
    );
    of
}

fn collected<T: Element>(items: Vec<Value<'_>>) -> Result<Vec<T>, Misfit> {
    items
        .into_iter()
        .enumerate()
        .map(|(at, item)| {
            T::from_value(item).map_err(|misfit| Misfit(format!("element {at}: {misfit}")))
        })
        .collect()
}
