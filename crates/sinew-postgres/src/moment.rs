//! Dates and times: as the server counts them, and as text.

use std::fmt::{self, Write};

use sinew_core::{Error, ErrorKind, Result};

pub(crate) const DAY: i64 = 86_400_000_000;
/// 2000-01-01, from which the server counts.
const EPOCH_DAYS: i32 = 10_957;
const EPOCH_MICROS: i64 = EPOCH_DAYS as i64 * DAY;

/// The first microsecond of a server's `timestamp`: 4714-11-24 BC, where Julian days begin. The last
/// one, in the year 294276, is later than the last one that is counted from 1970.
const FIRST: i64 = -210_866_803_200_000_000;
/// The same for `date`: until 5874897-12-31.
const FIRST_DAY: i32 = -2_440_588;
const LAST_DAY: i32 = 2_145_042_541;

pub(crate) fn micros_out(micros: i64) -> Result<i64> {
    if micros < FIRST {
        return Err(too_far("moment"));
    }
    Ok(micros - EPOCH_MICROS)
}

pub(crate) fn micros_in(micros: i64) -> Result<i64> {
    if micros == i64::MAX || micros == i64::MIN {
        return Err(Error::new(
            ErrorKind::Decode,
            "an infinite moment has no value in Rust",
        ));
    }
    micros
        .checked_add(EPOCH_MICROS)
        .ok_or_else(|| too_far("moment"))
}

pub(crate) fn days_out(days: i32) -> Result<i32> {
    if !(FIRST_DAY..=LAST_DAY).contains(&days) {
        return Err(too_far("date"));
    }
    Ok(days - EPOCH_DAYS)
}

pub(crate) fn days_in(days: i32) -> Result<i32> {
    if days == i32::MAX || days == i32::MIN {
        return Err(Error::new(
            ErrorKind::Decode,
            "an infinite date has no value in Rust",
        ));
    }
    days.checked_add(EPOCH_DAYS).ok_or_else(|| too_far("date"))
}

pub(crate) fn time(micros: i64) -> Result<i64> {
    if !(0..=DAY).contains(&micros) {
        return Err(Error::new(
            ErrorKind::InvalidInput,
            "a time of day is not between 00:00:00 and 24:00:00",
        ));
    }
    Ok(micros)
}

#[cold]
fn too_far(what: &str) -> Error {
    Error::new(
        ErrorKind::InvalidInput,
        format!("a {what} is beyond those that PostgreSQL knows"),
    )
}

/// A date as the server reads it, without ` BC`.
fn write_date(out: &mut impl Write, days: i64) -> Result<bool, fmt::Error> {
    let (year, month, day) = civil(days);
    let (year, before) = if year <= 0 {
        (1 - year, true)
    } else {
        (year, false)
    };
    write!(out, "{year:04}-{month:02}-{day:02}")?;
    Ok(before)
}

fn write_time(out: &mut impl Write, micros: i64) -> fmt::Result {
    let (seconds, fraction) = (micros / 1_000_000, micros % 1_000_000);
    let (h, m, s) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    write!(out, "{h:02}:{m:02}:{s:02}.{fraction:06}")
}

pub(crate) fn date_text(out: &mut impl Write, days: i32) -> fmt::Result {
    if write_date(out, days.into())? {
        out.write_str(" BC")
    } else {
        Ok(())
    }
}

pub(crate) fn time_text(out: &mut impl Write, micros: i64) -> fmt::Result {
    write_time(out, micros)
}

/// `2026-11-20 12:43:00.123456`, and what `zone` says after it.
pub(crate) fn moment_text(out: &mut impl Write, micros: i64, zone: &str) -> fmt::Result {
    let before = write_date(out, micros.div_euclid(DAY))?;
    out.write_str(" ")?;
    write_time(out, micros.rem_euclid(DAY))?;
    out.write_str(zone)?;
    if before { out.write_str(" BC") } else { Ok(()) }
}

/// Year, month and day of a day counted from 1970-01-01, in years that begin in March
/// (H. Hinnant, "chrono-compatible low-level date algorithms").
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_as_text() {
        let text = |micros| {
            let mut out = String::new();
            moment_text(&mut out, micros, "+00").unwrap();
            out
        };
        assert_eq!(text(0), "1970-01-01 00:00:00.000000+00");
        assert_eq!(text(-1), "1969-12-31 23:59:59.999999+00");
        assert_eq!(
            text(-62_167_219_200_000_000),
            "0001-01-01 00:00:00.000000+00 BC"
        );
        assert_eq!(text(951_782_400_000_000), "2000-02-29 00:00:00.000000+00");
    }

    #[test]
    fn the_far_ends() {
        assert_eq!(micros_in(micros_out(i64::MAX).unwrap()).unwrap(), i64::MAX);
        assert!(micros_out(i64::MIN).is_err());
        assert_eq!(micros_in(micros_out(FIRST).unwrap()).unwrap(), FIRST);
        assert_eq!(days_in(days_out(LAST_DAY).unwrap()).unwrap(), LAST_DAY);
    }
}
