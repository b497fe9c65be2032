//! Dates and times as the protocol carries them.

use mysql_async::Value as Wire;
use sinew_core::{Error, ErrorKind, Result, Value};

pub(crate) const DAY: i64 = 86_400_000_000;
/// 0001-01-01 and 9999-12-31, counted from 1970-01-01.
const FIRST_DAY: i64 = -719_162;
const LAST_DAY: i64 = 2_932_896;

/// Year, month, day, hour, minute, second, microsecond.
pub(crate) type Parts = (u16, u8, u8, u8, u8, u8, u32);

/// The parts of a moment counted in microseconds from 1970-01-01T00:00:00.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
pub(crate) fn parts(micros: i64) -> Result<Parts> {
    let (days, rest) = (micros.div_euclid(DAY), micros.rem_euclid(DAY));
    if !(FIRST_DAY..=LAST_DAY).contains(&days) {
        return Err(Error::new(
            ErrorKind::InvalidInput,
            "a date or time is outside the years 1 to 9999 that MySQL can hold",
        ));
    }
    let (year, month, day) = civil(days);
    let (hour, minute, second, micro) = clock(rest);
    Ok((year as u16, month, day, hour, minute, second, micro))
}

pub(crate) fn date_time(micros: i64) -> Result<Wire> {
    let (year, month, day, hour, minute, second, micro) = parts(micros)?;
    Ok(Wire::Date(year, month, day, hour, minute, second, micro))
}

pub(crate) fn date(days: i32) -> Result<Wire> {
    date_time(i64::from(days).saturating_mul(DAY))
}

pub(crate) fn time(micros: i64) -> Result<Wire> {
    if !(0..DAY).contains(&micros) {
        return Err(Error::new(
            ErrorKind::InvalidInput,
            "a time of day is not between 00:00:00 and 23:59:59.999999",
        ));
    }
    let (hour, minute, second, micro) = clock(micros);
    Ok(Wire::Time(false, 0, hour, minute, second, micro))
}

/// Hour, minute, second and microsecond of less than a day.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
pub(crate) fn clock(micros: i64) -> (u8, u8, u8, u32) {
    let seconds = micros / 1_000_000;
    (
        (seconds / 3600) as u8,
        (seconds / 60 % 60) as u8,
        (seconds % 60) as u8,
        (micros % 1_000_000) as u32,
    )
}

/// The moment that these parts mean; `None` for a zero date, which is none.
pub(crate) fn micros(parts: Parts) -> Option<i64> {
    let (year, month, day, hour, minute, second, micro) = parts;
    if month == 0 || day == 0 {
        return None;
    }
    let seconds = i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second);
    Some(days(year, month, day) * DAY + seconds * 1_000_000 + i64::from(micro))
}

/// A `TIME`, which may be negative and longer than a day.
pub(crate) fn span(negative: bool, days: u32, clock: (u8, u8, u8, u32)) -> Value<'static> {
    let (hour, minute, second, micro) = clock;
    let seconds = i64::from(days) * 86_400
        + i64::from(hour) * 3600
        + i64::from(minute) * 60
        + i64::from(second);
    let micros = seconds * 1_000_000 + i64::from(micro);
    Value::Time(if negative { -micros } else { micros })
}

/// Year, month and day of a day counted from 1970-01-01, in years that begin in March
/// (H. Hinnant, "chrono-compatible low-level date algorithms").
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn civil(days: i64) -> (i64, u8, u8) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month as u8, day as u8)
}

/// The inverse of [`civil`].
pub(crate) fn days(year: u16, month: u8, day: u8) -> i64 {
    let (month, day) = (i64::from(month), i64::from(day));
    let year = i64::from(year) - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let from_march = (month + 9) % 12;
    let day_of_year = (153 * from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        for day in (FIRST_DAY..=LAST_DAY).step_by(13).chain([LAST_DAY]) {
            let at = day * DAY + 86_399_999_999;
            assert_eq!(micros(parts(at).unwrap()), Some(at), "{day}");
        }
        assert_eq!(parts(0).unwrap(), (1970, 1, 1, 0, 0, 0, 0));
        assert_eq!(parts(-1).unwrap(), (1969, 12, 31, 23, 59, 59, 999_999));
        assert_eq!(parts(FIRST_DAY * DAY).unwrap(), (1, 1, 1, 0, 0, 0, 0));
        assert_eq!(parts(LAST_DAY * DAY).unwrap(), (9999, 12, 31, 0, 0, 0, 0));
        assert!(parts(FIRST_DAY * DAY - 1).is_err() && parts((LAST_DAY + 1) * DAY).is_err());
        assert!(time(DAY).is_err() && time(-1).is_err() && date(i32::MIN).is_err());
        assert_eq!(micros((2024, 0, 0, 0, 0, 0, 0)), None);
    }
}
