//! Column types of other crates, each behind its feature.

use super::{ColumnType, Misfit, Required, TypeFamily, Timestamp, Value};

impl Required for jiff::Timestamp {}

impl ColumnType for jiff::Timestamp {
    const FAMILY: TypeFamily = TypeFamily::Timestamp;

    fn to_value(&self) -> Value<'_> {
        Value::Timestamp(self.as_microsecond())
    }

    fn from_value(value: Value<'_>) -> Result<Self, Misfit> {
        let misfit = Misfit::new("a timestamp", &value);
        Timestamp::from_value(value)?.to_jiff().ok_or(misfit)
    }
}
