use jiff::civil::{Date, DateTime, Time, date, time};
use jiff::{SignedDuration, ToSpan};

use super::{DAY, parsed, wrong};
use crate::value::{ColumnType, Misfit, Required, Timestamp, TypeFamily, Value};

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

const EPOCH: Date = date(1970, 1, 1);

fn days(date: Date) -> i32 {
    EPOCH
        .duration_until(date)
        .as_hours()
        .div_euclid(24)
        .try_into()
        .unwrap_or_default()
}

fn date_of(days: i32) -> Option<Date> {
    EPOCH.checked_add(days.days()).ok()
}

fn micros(time: Time) -> i64 {
    i64::try_from(Time::midnight().duration_until(time).as_micros()).unwrap_or_default()
}

fn time_of(micros: i64) -> Option<Time> {
    time(0, 0, 0, 0)
        .checked_add(SignedDuration::from_micros(micros))
        .ok()
}

impl Required for Date {}

impl ColumnType for Date {
    const FAMILY: TypeFamily = TypeFamily::Date;

    fn to_value(&self) -> Value<'_> {
        Value::Date(days(*self))
    }

    fn from_value(value: Value<'_>) -> Result<Self, Misfit> {
        match &value {
            Value::Date(days) => date_of(*days).ok_or_else(|| Misfit::new("a date", &value)),
            Value::Text(text) => parsed(text, "a date", |text| text.parse().ok()),
            other => wrong("a date", other),
        }
    }
}

impl Required for Time {}

impl ColumnType for Time {
    const FAMILY: TypeFamily = TypeFamily::Time;

    fn to_value(&self) -> Value<'_> {
        Value::Time(micros(*self))
    }

    fn from_value(value: Value<'_>) -> Result<Self, Misfit> {
        match &value {
            Value::Time(micros) => {
                time_of(*micros).ok_or_else(|| Misfit::new("a time of day", &value))
            }
            Value::Text(text) => parsed(text, "a time of day", |text| text.parse().ok()),
            other => wrong("a time of day", other),
        }
    }
}

impl Required for DateTime {}

impl ColumnType for DateTime {
    const FAMILY: TypeFamily = TypeFamily::DateTime;

    fn to_value(&self) -> Value<'_> {
        Value::DateTime(i64::from(days(self.date())) * DAY + micros(self.time()))
    }

    fn from_value(value: Value<'_>) -> Result<Self, Misfit> {
        match &value {
            Value::DateTime(all) | Value::Timestamp(all) => {
                let date = i32::try_from(all.div_euclid(DAY)).ok().and_then(date_of);
                let time = time_of(all.rem_euclid(DAY));
                match (date, time) {
                    (Some(date), Some(time)) => Ok(date.to_datetime(time)),
                    _ => wrong("a date and time", &value),
                }
            }
            Value::Text(text) => parsed(text, "a date and time", |text| {
                text.trim_end_matches('Z').parse().ok()
            }),
            other => wrong("a date and time", other),
        }
    }
}
