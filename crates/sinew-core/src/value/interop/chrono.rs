use chrono::{
    DateTime, Datelike, Days, Local, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc,
};

use super::{parsed, wrong};
use crate::value::{ColumnType, Misfit, Required, Timestamp, TypeFamily, Value};

impl Required for DateTime<Utc> {}

impl ColumnType for DateTime<Utc> {
    const FAMILY: TypeFamily = TypeFamily::Timestamp;

    fn to_value(&self) -> Value<'_> {
        Value::Timestamp(self.timestamp_micros())
    }

    fn from_value(value: Value<'_>) -> Result<Self, Misfit> {
        let misfit = Misfit::new("a timestamp", &value);
        let micros = Timestamp::from_value(value)?.micros();
        micros.and_then(Self::from_timestamp_micros).ok_or(misfit)
    }
}

impl Required for DateTime<Local> {}

impl ColumnType for DateTime<Local> {
    const FAMILY: TypeFamily = TypeFamily::Timestamp;

    fn to_value(&self) -> Value<'_> {
        Value::Timestamp(self.timestamp_micros())
    }

    fn from_value(value: Value<'_>) -> Result<Self, Misfit> {
        DateTime::<Utc>::from_value(value).map(|moment| moment.with_timezone(&Local))
    }
}

const EPOCH: NaiveDate = NaiveDate::from_epoch_days(0).expect("1970 is in range");

impl Required for NaiveDate {}

impl ColumnType for NaiveDate {
    const FAMILY: TypeFamily = TypeFamily::Date;

    fn to_value(&self) -> Value<'_> {
        Value::Date(self.num_days_from_ce() - EPOCH.num_days_from_ce())
    }

    fn from_value(value: Value<'_>) -> Result<Self, Misfit> {
        match &value {
            Value::Date(days) => {
                let distance = Days::new(u64::from(days.unsigned_abs()));
                let date = if *days < 0 {
                    EPOCH.checked_sub_days(distance)
                } else {
                    EPOCH.checked_add_days(distance)
                };
                date.ok_or_else(|| Misfit::new("a date", &value))
            }
            Value::Text(text) => parsed(text, "a date", |text| text.parse().ok()),
            other => wrong("a date", other),
        }
    }
}

impl Required for NaiveTime {}

impl ColumnType for NaiveTime {
    const FAMILY: TypeFamily = TypeFamily::Time;

    fn to_value(&self) -> Value<'_> {
        let seconds = i64::from(self.num_seconds_from_midnight());
        Value::Time(seconds * 1_000_000 + i64::from(self.nanosecond() % 1_000_000_000) / 1_000)
    }

    fn from_value(value: Value<'_>) -> Result<Self, Misfit> {
        match &value {
            Value::Time(micros) => Ok(Self::MIN + TimeDelta::microseconds(*micros)),
            Value::Text(text) => parsed(text, "a time of day", |text| text.parse().ok()),
            other => wrong("a time of day", other),
        }
    }
}

impl Required for NaiveDateTime {}

impl ColumnType for NaiveDateTime {
    const FAMILY: TypeFamily = TypeFamily::DateTime;

    fn to_value(&self) -> Value<'_> {
        Value::DateTime(self.and_utc().timestamp_micros())
    }

    fn from_value(value: Value<'_>) -> Result<Self, Misfit> {
        match &value {
            Value::DateTime(micros) | Value::Timestamp(micros) => {
                DateTime::<Utc>::from_timestamp_micros(*micros)
                    .map(|moment| moment.naive_utc())
                    .ok_or_else(|| Misfit::new("a date and time", &value))
            }
            Value::Text(text) => parsed(text, "a date and time", |text| {
                text.trim_end_matches('Z')
                    .replacen(' ', "T", 1)
                    .parse()
                    .ok()
            }),
            other => wrong("a date and time", other),
        }
    }
}
