//! Values on their way into and out of a model's fields.

use std::borrow::Cow;
use std::cell::Cell;

use sinew_core::driver::Row;
use sinew_core::schema::{ModelFn, ModelMeta};
use sinew_core::value::{ColumnType, Misfit, Value};
use sinew_core::{Error, ErrorKind, Result};

use super::spec::ColumnSpec;

/// Whether a value fits its field.
pub type Fit = std::result::Result<(), Misfit>;

/// Where the columns of a model, or of a struct embedded in it, stand in a row.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    row: &'a dyn Row,
    /// The position in the row.
    at: usize,
    /// The position among the model's columns.
    base: usize,
    model: ModelFn,
    misread: &'a Misread,
}

/// What was wrong with a row, while its columns are read.
pub struct Misread(Cell<Option<Error>>);

impl Misread {
    #[must_use]
    #[allow(clippy::new_without_default)]
    pub const fn new() -> Self {
        Self(Cell::new(None))
    }

    /// What was wrong with the column that could not be read.
    #[cold]
    pub fn error(&self) -> Error {
        let told = self.0.take();
        told.unwrap_or_else(|| Error::new(ErrorKind::Decode, "a row could not be read"))
    }
}

impl<'a> Place<'a> {
    pub fn new(row: &'a dyn Row, at: usize, model: ModelFn, misread: &'a Misread) -> Self {
        Self {
            row,
            at,
            base: 0,
            model,
            misread,
        }
    }

    /// The value in a column as what a type makes of it.
    fn read<T>(
        &self,
        column: usize,
        from: fn(Value<'_>) -> std::result::Result<T, Misfit>,
    ) -> Option<T> {
        let read = self.row.get(self.at + column).and_then(|value| {
            from(value).map_err(|misfit| misplaced(&misfit, (self.model)(), self.base + column))
        });
        read.map_err(|error| self.misread.0.set(Some(error))).ok()
    }

    /// The place of a struct embedded `by` columns further on.
    #[must_use]
    pub fn inside(&self, by: usize) -> Self {
        Self {
            at: self.at + by,
            base: self.base + by,
            ..*self
        }
    }
}

/// What generated code needs of a field that is a column. All of it stands behind one trait that
/// every column type has, so that a type that cannot be a column is reported once.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a column",
    label = "not a column type",
    note = "use a type that implements `sinew::ColumnType`, an association such as `sinew::HasMany<Order>`, or mark the field `#[model(embedded)]`, `#[model(json)]` or `#[model(skip)]`"
)]
pub trait Field: Sized {
    /// The column's description, still without a name.
    const SPEC: ColumnSpec;

    /// The field for column `column`. `None` when the row has no such column, or its value does not
    /// fit, which the place then tells.
    fn decode(place: &Place<'_>, column: usize) -> Option<Self>;

    /// Sets the field.
    ///
    /// # Errors
    /// When the value does not fit.
    fn assign(&mut self, value: Value<'_>) -> Fit;

    /// The value as it is bound.
    fn value(&self) -> Value<'_>;

    /// Whether the field holds what stands for "not set yet".
    fn unset(&self) -> bool;
}

impl<T: ColumnType> Field for T {
    const SPEC: ColumnSpec = ColumnSpec::new("", T::FAMILY, T::NULLABLE);

    #[inline]
    fn decode(place: &Place<'_>, column: usize) -> Option<Self> {
        match T::from_row(place.row, place.at + column) {
            Some(value) => Some(value),
            None => unusual(place, column),
        }
    }

    #[inline]
    fn assign(&mut self, value: Value<'_>) -> Fit {
        *self = T::from_value(value)?;
        Ok(())
    }

    #[inline]
    fn value(&self) -> Value<'_> {
        self.to_value()
    }

    #[inline]
    fn unset(&self) -> bool {
        self.is_unset()
    }
}

/// Keeps a field that was read. Returns whether it could be.
#[inline]
pub fn kept<T>(held: &mut Option<T>, read: Option<T>) -> bool {
    match read {
        Some(value) => {
            *held = Some(value);
            true
        }
        None => false,
    }
}

/// A field that was kept.
#[inline]
pub fn taken<T>(read: &mut Option<T>) -> T {
    match read.take() {
        Some(value) => value,
        None => unread(),
    }
}

#[cold]
#[allow(clippy::unreachable)]
fn unread() -> ! {
    unreachable!("a row is made of columns that were read")
}

/// What cannot be read the short way.
fn unusual<T: ColumnType>(place: &Place<'_>, column: usize) -> Option<T> {
    place.read(column, T::from_value)
}

/// Says which field a value did not fit.
///
/// # Errors
/// When it did not fit.
pub fn placed(fit: Fit, column: usize, model: ModelFn) -> Result<()> {
    fit.map_err(|misfit| misplaced(&misfit, model(), column))
}

#[cold]
fn misplaced(misfit: &Misfit, model: &ModelMeta, column: usize) -> Error {
    let field = model
        .columns
        .get(column)
        .map_or("?", |column| &column.field);
    Error::new(
        ErrorKind::Decode,
        format!("{}.{field}: {misfit}", model.name),
    )
    .with_model(model.name)
    .with_table(model.table.clone())
    .with_column(field)
}

/// The value of a field that is kept as JSON.
#[cfg(feature = "json")]
pub fn json_value<T>(field: &T, nullable: bool) -> Value<'static>
where
    T: serde::Serialize + serde::de::DeserializeOwned + Clone + Send + Sync + 'static,
{
    match sinew_core::value::Json(field.clone())
        .to_value()
        .into_owned()
    {
        Value::Json(text) if nullable && text == "null" => Value::Null,
        value => value,
    }
}

/// The field for a column that holds JSON, as [`Field::decode`].
#[cfg(feature = "json")]
pub fn json_decode<T>(place: &Place<'_>, column: usize) -> Option<T>
where
    T: serde::Serialize + serde::de::DeserializeOwned + Clone + Send + Sync + 'static,
{
    place.read(column, from_json)
}

/// Sets a field that is kept as JSON.
///
/// # Errors
/// When the value does not fit.
#[cfg(feature = "json")]
pub fn json_assign<T>(field: &mut T, value: Value<'_>) -> Fit
where
    T: serde::Serialize + serde::de::DeserializeOwned + Clone + Send + Sync + 'static,
{
    *field = from_json(value)?;
    Ok(())
}

#[cfg(feature = "json")]
fn from_json<T>(value: Value<'_>) -> std::result::Result<T, Misfit>
where
    T: serde::Serialize + serde::de::DeserializeOwned + Clone + Send + Sync + 'static,
{
    let value = match value {
        Value::Null => Value::Json(Cow::Borrowed("null")),
        value => value,
    };
    sinew_core::value::Json::<T>::from_value(value).map(|json| json.0)
}

/// The value of an enumeration that is kept as text.
pub fn text_value(text: &'static str) -> Value<'static> {
    Value::Text(Cow::Borrowed(text))
}

/// The text in a value.
///
/// # Errors
/// When it is not text.
pub fn text_of<'a>(value: &'a Value<'_>) -> std::result::Result<&'a str, Misfit> {
    match value {
        Value::Text(text) => Ok(text),
        other => Err(Misfit::new("text", other)),
    }
}

/// A text that is none of an enumeration's. Which one it is stays out of logs.
#[cold]
pub fn unknown_text(name: &str, known: &[&str]) -> Misfit {
    Misfit(format!(
        "the text is no {name}; there are {}",
        known.join(", ")
    ))
}

/// A number that is none of an enumeration's.
#[cold]
pub fn unknown_number(name: &str) -> Misfit {
    Misfit(format!("the number is no {name}"))
}

/// Stands in code whose derive failed; that code never runs, since it does not compile.
pub fn broken() -> ! {
    std::process::abort()
}
