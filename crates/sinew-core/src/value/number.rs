use super::{ColumnType, Misfit, Required, TypeFamily, Value};
use crate::driver::Row;

macro_rules! integers {
    ($($ty:ty => $family:ident),* $(,)?) => {$(
        impl Required for $ty {}

        impl ColumnType for $ty {
            const FAMILY: TypeFamily = TypeFamily::$family;

            #[inline]
            fn to_value(&self) -> Value<'_> {
                match i64::try_from(*self) {
                    Ok(value) => Value::Int(value),
                    #[allow(clippy::cast_sign_loss, clippy::unnecessary_cast)]
                    Err(_) => Value::UInt(*self as u64),
                }
            }

            #[inline]
            fn from_value(value: Value<'_>) -> Result<Self, Misfit> {
                #[cold]
                fn unusual(value: Value<'_>) -> Result<$ty, Misfit> {
                    // Which number it is stays out of logs.
                    let out_of_range =
                        || Misfit(concat!("a number is out of range for ", stringify!($ty)).into());
                    match value {
                        Value::Int(n) => <$ty>::try_from(n).map_err(|_| out_of_range()),
                        Value::UInt(n) => <$ty>::try_from(n).map_err(|_| out_of_range()),
                        Value::Bool(b) => Ok(<$ty>::from(b)),
                        // A whole number that an aggregate or a loosely typed column made a float.
                        #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)]
                        Value::Float(f) if f.fract() == 0.0 && f.abs() < 9e15 => {
                            <$ty>::try_from(f as i64).map_err(|_| out_of_range())
                        }
                        Value::Decimal(ref text) => text
                            .split('.')
                            .next()
                            .filter(|_| text.split('.').nth(1).is_none_or(|f| f.bytes().all(|b| b == b'0')))
                            .and_then(|whole| whole.parse().ok())
                            .ok_or_else(out_of_range),
                        // Its digits, where integers of the database end before it.
                        Value::Bytes(ref digits) if digits.len() == 20 => std::str::from_utf8(digits)
                            .ok()
                            .and_then(|digits| digits.parse().ok())
                            .ok_or_else(|| Misfit::new("an integer", &value)),
                        other => Err(Misfit::new("an integer", &other)),
                    }
                }
                if let Value::Int(n) = value
                    && let Ok(n) = <$ty>::try_from(n)
                {
                    return Ok(n);
                }
                unusual(value)
            }

            #[inline]
            fn from_row(row: &dyn Row, index: usize) -> Option<Self> {
                row.int(index).and_then(|n| <$ty>::try_from(n).ok())
            }

            fn is_unset(&self) -> bool {
                *self == 0
            }
        }
    )*};
}

integers! {
    i8 => Int8, i16 => Int16, i32 => Int32, i64 => Int64,
    u8 => UInt8, u16 => UInt16, u32 => UInt32, u64 => UInt64,
}

impl Required for bool {}

impl ColumnType for bool {
    const FAMILY: TypeFamily = TypeFamily::Bool;

    fn to_value(&self) -> Value<'_> {
        Value::Bool(*self)
    }

    fn from_value(value: Value<'_>) -> Result<Self, Misfit> {
        match value {
            Value::Bool(b) => Ok(b),
            Value::Int(0) => Ok(false),
            Value::Int(1) => Ok(true),
            other => Err(Misfit::new("a truth value", &other)),
        }
    }

    #[inline]
    fn from_row(row: &dyn Row, index: usize) -> Option<Self> {
        match row.int(index)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

macro_rules! floats {
    ($($ty:ty => $family:ident),*) => {$(
        impl Required for $ty {}

        impl ColumnType for $ty {
            const FAMILY: TypeFamily = TypeFamily::$family;

            fn to_value(&self) -> Value<'_> {
                Value::Float(f64::from(*self))
            }

            #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)]
            fn from_value(value: Value<'_>) -> Result<Self, Misfit> {
                match value {
                    Value::Float(f) => Ok(f as $ty),
                    Value::Int(n) => Ok(n as $ty),
                    Value::UInt(n) => Ok(n as $ty),
                    Value::Decimal(ref text) => {
                        text.parse().map_err(|_| Misfit::new("a number", &value))
                    }
                    other => Err(Misfit::new("a number", &other)),
                }
            }
        }
    )*};
}

floats! { f32 => Float32, f64 => Float64 }
