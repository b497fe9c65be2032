use time::format_description::well_known::Iso8601;
use time::{Date, Duration, OffsetDateTime, PrimitiveDateTime, Time};

use super::{DAY, parsed, wrong};
use crate::value::{ColumnType, Misfit, Required, Timestamp, TypeFamily, Value};

fn micros_of(moment: OffsetDateTime) -> i64 {
    i64::try_from(moment.unix_timestamp_nanos().div_euclid(1_000)).unwrap_or(i64::MAX)
}

fn moment_of(micros: i64) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1_000).ok()
}

impl Required for OffsetDateTime {}

impl ColumnType for OffsetDateTime {
    const FAMILY: TypeFamily = TypeFamily::Timestamp;

    fn to_value(&self) -> Value<'_> {
        Value::Timestamp(micros_of(*self))
    }

    fn from_value(value: Value<'_>) -> Result<Self, Misfit> {
        let misfit = Misfit::new("a timestamp", &value);
        Timestamp::from_value(value)?
            .micros()
            .and_then(moment_of)
            .ok_or(misfit)
    }
}

impl Required for PrimitiveDateTime {}

impl ColumnType for PrimitiveDateTime {
    const FAMILY: TypeFamily = TypeFamily::DateTime;

    fn to_value(&self) -> Value<'_> {
        Value::DateTime(micros_of(self.assume_utc()))
    }

    fn from_value(value: Value<'_>) -> Result<Self, Misfit> {
        match &value {
            Value::DateTime(micros) | Value::Timestamp(micros) => moment_of(*micros)
                .map(|moment| Self::new(moment.date(), moment.time()))
                .ok_or_else(|| Misfit::new("a date and time", &value)),
            Value::Text(text) => parsed(text, "a date and time", |text| {
                let text = text.trim_end_matches('Z').replacen(' ', "T", 1);
                Self::parse(&text, &Iso8601::DEFAULT).ok()
            }),
            other => wrong("a date and time", other),
        }
    }
}

impl Required for Date {}

impl ColumnType for Date {
    const FAMILY: TypeFamily = TypeFamily::Date;

    fn to_value(&self) -> Value<'_> {
        Value::Date(self.to_julian_day() - OffsetDateTime::UNIX_EPOCH.to_julian_day())
    }

    fn from_value(value: Value<'_>) -> Result<Self, Misfit> {
        match &value {
            Value::Date(days) => OffsetDateTime::UNIX_EPOCH
                .date()
                .checked_add(Duration::days(i64::from(*days)))
                .ok_or_else(|| Misfit::new("a date", &value)),
            Value::Text(text) => parsed(text, "a date", |text| {
                Self::parse(text, &Iso8601::DEFAULT).ok()
            }),
            other => wrong("a date", other),
        }
    }
}

impl Required for Time {}

impl ColumnType for Time {
    const FAMILY: TypeFamily = TypeFamily::Time;

    fn to_value(&self) -> Value<'_> {
        let since = *self - Self::MIDNIGHT;
        Value::Time(i64::try_from(since.whole_microseconds()).unwrap_or_default())
    }

    fn from_value(value: Value<'_>) -> Result<Self, Misfit> {
        match &value {
            Value::Time(micros) => {
                Ok(Self::MIDNIGHT + Duration::microseconds(micros.rem_euclid(DAY)))
            }
            Value::Text(text) => parsed(text, "a time of day", |text| {
                Self::parse(text, &Iso8601::DEFAULT)
                    .or_else(|_| Self::parse(&format!("T{text}"), &Iso8601::DEFAULT))
                    .ok()
            }),
            other => wrong("a time of day", other),
        }
    }
}
