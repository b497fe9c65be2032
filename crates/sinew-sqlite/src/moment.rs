//! Dates and times as text, in one fixed form each.

use sinew_core::{Error, ErrorKind, Result};

const DAY: i64 = 86_400_000_000;

/// The moments that jiff knows, so that what is written can be read back.
const FIRST_MOMENT: i64 = -377_705_023_201_000_000;
const LAST_MOMENT: i64 = 253_402_207_200_999_999;
/// -9999-01-01 and 9999-12-31.
const FIRST_DAY: i64 = -4_371_587;
const LAST_DAY: i64 = 2_932_896;

/// A short text on the stack.
#[derive(Default)]
pub(crate) struct Text {
    bytes: [u8; 32],
    len: usize,
}

impl Text {
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    fn push(&mut self, byte: u8) {
        self.bytes[self.len] = byte;
        self.len += 1;
    }

    /// `value` in `DIGITS` digits.
    fn digits<const DIGITS: usize>(&mut self, mut value: u32) {
        for place in (0..DIGITS).rev() {
            // A remainder by ten fits.
            #[allow(clippy::cast_possible_truncation)]
            let digit = b'0' + (value % 10) as u8;
            self.bytes[self.len + place] = digit;
            value /= 10;
        }
        self.len += DIGITS;
    }

    fn date(&mut self, days: i64) {
        let (year, month, day) = civil(days);
        if year < 0 {
            self.push(b'-');
            self.digits::<6>(year.unsigned_abs());
        } else {
            self.digits::<4>(year.unsigned_abs());
        }
        self.push(b'-');
        self.digits::<2>(month);
        self.push(b'-');
        self.digits::<2>(day);
    }

    fn time(&mut self, micros: i64) {
        // Less than a day: seconds and microseconds fit 32 bits.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let (seconds, fraction) = ((micros / 1_000_000) as u32, (micros % 1_000_000) as u32);
        self.digits::<2>(seconds / 3600);
        self.push(b':');
        self.digits::<2>(seconds / 60 % 60);
        self.push(b':');
        self.digits::<2>(seconds % 60);
        self.push(b'.');
        self.digits::<6>(fraction);
    }

    fn date_time(&mut self, micros: i64) {
        self.date(micros.div_euclid(DAY));
        self.push(b'T');
        self.time(micros.rem_euclid(DAY));
    }
}

pub(crate) fn timestamp(micros: i64) -> Result<Text> {
    if !(FIRST_MOMENT..=LAST_MOMENT).contains(&micros) {
        return Err(out_of_range("timestamp"));
    }
    let mut text = Text::default();
    text.date_time(micros);
    text.push(b'Z');
    Ok(text)
}

pub(crate) fn date_time(micros: i64) -> Result<Text> {
    if !(FIRST_DAY..=LAST_DAY).contains(&micros.div_euclid(DAY)) {
        return Err(out_of_range("date and time"));
    }
    let mut text = Text::default();
    text.date_time(micros);
    Ok(text)
}

pub(crate) fn date(days: i32) -> Result<Text> {
    if !(FIRST_DAY..=LAST_DAY).contains(&i64::from(days)) {
        return Err(out_of_range("date"));
    }
    let mut text = Text::default();
    text.date(i64::from(days));
    Ok(text)
}

pub(crate) fn time(micros: i64) -> Result<Text> {
    if !(0..DAY).contains(&micros) {
        return Err(Error::new(
            ErrorKind::InvalidInput,
            "a time of day is not between 00:00:00 and 23:59:59.999999",
        ));
    }
    let mut text = Text::default();
    text.time(micros);
    Ok(text)
}

/// Year, month and day of a day counted from 1970-01-01, in years that begin in March
/// (H. Hinnant, "chrono-compatible low-level date algorithms").
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn civil(days: i64) -> (i32, u32, u32) {
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
    (year as i32, month as u32, day as u32)
}

fn out_of_range(what: &str) -> Error {
    Error::new(
        ErrorKind::InvalidInput,
        format!("a {what} is outside the years -9999 to 9999 that are stored as text"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan as _;

    fn text(text: &Text) -> &str {
        std::str::from_utf8(text.as_bytes()).unwrap()
    }

    #[test]
    fn limits_are_those_of_jiff() {
        assert_eq!(jiff::Timestamp::MIN.as_microsecond(), FIRST_MOMENT);
        assert_eq!(jiff::Timestamp::MAX.as_microsecond(), LAST_MOMENT);
        let epoch = jiff::civil::date(1970, 1, 1);
        assert_eq!(epoch + FIRST_DAY.days(), jiff::civil::Date::MIN);
        assert_eq!(epoch + LAST_DAY.days(), jiff::civil::Date::MAX);
        assert_eq!(
            timestamp(FIRST_MOMENT - 1).map(|_| ()).unwrap_err().kind(),
            ErrorKind::InvalidInput
        );
        assert!(timestamp(i64::MAX).is_err() && date(i32::MIN).is_err());
        assert!(time(DAY).is_err() && time(-1).is_err() && date_time(i64::MIN).is_err());
    }

    #[test]
    fn fixed_form() {
        assert_eq!(
            text(&timestamp(1_795_178_580_123_456).unwrap()),
            "2026-11-20T12:43:00.123456Z"
        );
        assert_eq!(text(&timestamp(0).unwrap()), "1970-01-01T00:00:00.000000Z");
        assert_eq!(text(&date_time(-1).unwrap()), "1969-12-31T23:59:59.999999");
        assert_eq!(text(&time(DAY - 1).unwrap()), "23:59:59.999999");
        assert_eq!(text(&date(-719_529).unwrap()), "-000001-12-31");
    }

    proptest::proptest! {
        #[test]
        fn moments_read_back(micros in FIRST_MOMENT..=LAST_MOMENT) {
            let parsed: jiff::Timestamp = text(&timestamp(micros).unwrap()).parse().unwrap();
            assert_eq!(parsed.as_microsecond(), micros);
        }

        #[test]
        fn days_read_back(days in FIRST_DAY..=LAST_DAY) {
            let parsed: jiff::civil::Date =
                text(&date(i32::try_from(days).unwrap()).unwrap()).parse().unwrap();
            assert_eq!(jiff::civil::date(1970, 1, 1) + days.days(), parsed);
        }

        #[test]
        fn times_read_back(micros in 0..DAY) {
            let parsed: jiff::civil::Time = text(&time(micros).unwrap()).parse().unwrap();
            assert_eq!(jiff::civil::Time::midnight() + micros.microseconds(), parsed);
        }
    }
}
