use uuid::Uuid;

use super::{parsed, wrong};
use crate::value::{ColumnType, Misfit, Required, TypeFamily, Value};

impl Required for Uuid {}

impl ColumnType for Uuid {
    const FAMILY: TypeFamily = TypeFamily::Uuid;

    fn to_value(&self) -> Value<'_> {
        Value::Uuid(self.into_bytes())
    }

    fn from_value(value: Value<'_>) -> Result<Self, Misfit> {
        match &value {
            Value::Uuid(bytes) => Ok(Self::from_bytes(*bytes)),
            Value::Bytes(bytes) => {
                Self::from_slice(bytes).map_err(|error| Misfit(error.to_string()))
            }
            Value::Text(text) => parsed(text, "a UUID", |text| Self::parse_str(text).ok()),
            other => wrong("a UUID", other),
        }
    }

    fn is_unset(&self) -> bool {
        self.is_nil()
    }
}
