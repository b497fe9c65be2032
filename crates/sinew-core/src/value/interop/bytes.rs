use std::borrow::Cow;

use bytes::Bytes;

use super::wrong;
use crate::value::{ColumnType, Misfit, Required, TypeFamily, Value};

impl Required for Bytes {}

impl ColumnType for Bytes {
    const FAMILY: TypeFamily = TypeFamily::Bytes;

    fn to_value(&self) -> Value<'_> {
        Value::Bytes(Cow::Borrowed(self))
    }

    fn from_value(value: Value<'_>) -> Result<Self, Misfit> {
        match value {
            Value::Bytes(bytes) => Ok(Self::from(bytes.into_owned())),
            Value::Text(text) => Ok(Self::from(text.into_owned())),
            other => wrong("bytes", &other),
        }
    }

    fn is_unset(&self) -> bool {
        self.is_empty()
    }
}
