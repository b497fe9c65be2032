use std::borrow::Cow;

use super::{ColumnType, Misfit, Required, TypeFamily, Value};
use crate::driver::Row;

impl Required for String {}

impl ColumnType for String {
    const FAMILY: TypeFamily = TypeFamily::Text;

    #[inline]
    fn to_value(&self) -> Value<'_> {
        Value::Text(Cow::Borrowed(self))
    }

    #[inline]
    fn into_bound(self) -> Value<'static> {
        Value::Text(Cow::Owned(self))
    }

    #[inline]
    fn from_value(value: Value<'_>) -> Result<Self, Misfit> {
        match value {
            Value::Text(text) | Value::Decimal(text) | Value::Json(text) => Ok(text.into_owned()),
            other => Err(Misfit::new("text", &other)),
        }
    }

    #[inline]
    fn from_row(row: &dyn Row, index: usize) -> Option<Self> {
        row.text(index).map(str::to_owned)
    }

    fn is_unset(&self) -> bool {
        self.is_empty()
    }
}

impl Required for char {}

impl ColumnType for char {
    const FAMILY: TypeFamily = TypeFamily::Text;

    fn to_value(&self) -> Value<'_> {
        Value::Text(Cow::Owned(self.to_string()))
    }

    fn from_value(value: Value<'_>) -> Result<Self, Misfit> {
        let misfit = Misfit::new("one character", &value);
        let Value::Text(text) = value else {
            return Err(misfit);
        };
        let mut chars = text.chars();
        match (chars.next(), chars.next()) {
            (Some(c), None) => Ok(c),
            _ => Err(misfit),
        }
    }
}
