//! One form for values that databases give back in several.

use sinew_core::value::list_text;
use sinew_core::{Timestamp, Value};

const DAY: i64 = 86_400_000_000;

/// The value in the form in which it is compared with others of its column. What was bound may come
/// back otherwise: a truth value as a number, a decimal with more zeros, a moment as text.
pub(crate) fn plain(value: Value<'_>) -> Value<'_> {
    match value {
        Value::Bool(b) => Value::Int(i64::from(b)),
        Value::Uuid(bytes) => Value::Bytes(bytes.to_vec().into()),
        Value::Json(text) => Value::Text(text),
        Value::DateTime(micros) => Value::Timestamp(micros),
        // Both print all digits, without an exponent.
        Value::Float(f) if f.is_finite() => number(&f.to_string()),
        Value::Decimal(text) => number(&text),
        Value::Text(text) => moment(&text).unwrap_or(Value::Text(text)),
        Value::Bytes(bytes) => large(&bytes).unwrap_or(Value::Bytes(bytes)),
        // Where it is kept as text it comes back as that.
        Value::List(items) => match list_text(&items) {
            Ok(text) => Value::Text(text.into()),
            Err(_) => Value::List(items),
        },
        other => other,
    }
}

/// As an integer, if it is one that a map of integers can have as its key.
pub(crate) fn integer(value: &Value<'_>) -> Option<i64> {
    match value {
        Value::Int(n) => Some(*n),
        Value::Bool(_) | Value::Float(_) | Value::Decimal(_) => match plain(value.reborrow()) {
            Value::Int(n) => Some(n),
            _ => None,
        },
        _ => None,
    }
}

fn number(text: &str) -> Value<'static> {
    let shortest = match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.'),
        false => text,
    };
    if let Ok(n) = shortest.parse() {
        Value::Int(n)
    } else if let Ok(n) = shortest.parse() {
        Value::UInt(n)
    } else {
        Value::Decimal(shortest.to_owned().into())
    }
}

/// An integer above `i64::MAX`, as it is kept where integers end there.
fn large(bytes: &[u8]) -> Option<Value<'static>> {
    if bytes.len() != 20 || !bytes.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let digits = std::str::from_utf8(bytes).ok()?;
    digits.parse().ok().map(Value::UInt)
}

/// A date, time or moment in exactly the form in which it is kept where there is only text for it.
fn moment(text: &str) -> Option<Value<'static>> {
    let bytes = text.as_bytes();
    let begins = matches!(bytes.first(), Some(b'-' | b'0'..=b'9'));
    if !begins || !matches!(bytes.len(), 10 | 13 | 15 | 26 | 27 | 29 | 30) {
        return None;
    }
    let shaped = |shape: &[u8]| {
        shape.len() == bytes.len()
            && shape.iter().zip(bytes).all(|(wanted, byte)| match wanted {
                b'0' => byte.is_ascii_digit(),
                mark => mark == byte,
            })
    };
    let micros = |text: &str| text.parse::<Timestamp>().ok()?.micros();
    if shaped(b"00:00:00.000000") {
        let of_day = micros(&format!("1970-01-01T{text}Z"))?;
        return (0..DAY).contains(&of_day).then_some(Value::Time(of_day));
    }
    if shaped(b"0000-00-00") || shaped(b"-000000-00-00") {
        return date(text).map(Value::Date);
    }
    let moment = [
        b"0000-00-00T00:00:00.000000Z".as_slice(),
        b"0000-00-00T00:00:00.000000",
        b"-000000-00-00T00:00:00.000000Z",
        b"-000000-00-00T00:00:00.000000",
    ];
    if moment.into_iter().any(shaped) {
        return micros(text).map(Value::Timestamp);
    }
    None
}

/// The day counted from 1970-01-01, in years that begin in March (H. Hinnant, "chrono-compatible
/// low-level date algorithms"); `None` for one that no calendar has.
fn date(text: &str) -> Option<i32> {
    let (rest, day) = text.rsplit_once('-')?;
    let (year, month) = rest.rsplit_once('-')?;
    let (year, month, day): (i32, i32, i32) =
        (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let year = year - i32::from(month <= 2);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    Some(year.div_euclid(400) * 146_097 + day_of_era - 719_468)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_in_every_form() {
        let text = |text: &'static str| Value::Text(text.into());
        let decimal = |text: &'static str| Value::Decimal(text.into());
        for (one, other) in [
            (Value::Bool(true), Value::Int(1)),
            (decimal("1.5000"), Value::Float(1.5)),
            (decimal("10.00"), Value::Int(10)),
            (decimal("-0.0001"), Value::Float(-0.0001)),
            (decimal("18446744073709551615"), Value::UInt(u64::MAX)),
            (
                Value::Bytes(b"18446744073709551615".as_slice().into()),
                Value::UInt(u64::MAX),
            ),
            (text("1970-01-02"), Value::Date(1)),
            (text("9999-12-31"), Value::Date(2_932_896)),
            (text("-009999-01-01"), Value::Date(-4_371_587)),
            (text("00:00:01.000000"), Value::Time(1_000_000)),
            (text("1970-01-01T00:00:00.000001Z"), Value::DateTime(1)),
            (text("1970-01-01T00:00:00.000001"), Value::Timestamp(1)),
            (
                text("[1,null]"),
                Value::List(vec![Value::Int(1), Value::Null]),
            ),
        ] {
            assert_eq!(plain(one), plain(other));
        }
        for different in [
            "1970-01-0a",
            "1970-13-01",
            "1.5",
            "",
            "-",
            "24:00:00.000000",
        ] {
            assert_eq!(plain(text(different)), text(different));
        }
    }
}
