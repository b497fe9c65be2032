use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive;

use super::{parsed, wrong};
use crate::value::{ColumnType, Misfit, Required, TypeFamily, Value};

impl Required for Decimal {}

impl ColumnType for Decimal {
    const FAMILY: TypeFamily = TypeFamily::Decimal;

    fn to_value(&self) -> Value<'_> {
        Value::Decimal(self.to_string().into())
    }

    fn from_value(value: Value<'_>) -> Result<Self, Misfit> {
        match &value {
            Value::Decimal(text) | Value::Text(text) => parsed(text, "a decimal", |text| {
                text.parse().or_else(|_| Self::from_scientific(text)).ok()
            }),
            Value::Int(n) => Ok(Self::from(*n)),
            Value::UInt(n) => Ok(Self::from(*n)),
            Value::Float(f) => Self::from_f64(*f).ok_or_else(|| Misfit::new("a decimal", &value)),
            other => wrong("a decimal", other),
        }
    }
}
