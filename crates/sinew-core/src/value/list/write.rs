//! A list as the text of a JSON array: one text for one list, so that equal lists are equal texts.

use std::fmt::Write as _;

use jiff::SignedDuration;

use crate::value::{Misfit, Value};

/// A list as databases without arrays keep it: the text of a JSON array.
///
/// Numbers up to 64 bits, truth values and texts are what they are in JSON. All else is a string:
/// integers above `i64::MAX` and decimals their digits, `NaN` and the infinities their names, bytes
/// hexadecimal, moments as in RFC 3339.
///
/// # Errors
/// When an element is a moment outside the years -9999 to 9999, or is itself a list.
///
/// # Examples
/// ```
/// use sinew_core::{value::list_text, Value};
/// let list = [Value::Int(1), Value::Null, Value::Text("a\"b".into()), Value::Float(f64::NAN)];
/// assert_eq!(list_text(&list).unwrap(), r#"[1,null,"a\"b","NaN"]"#);
/// ```
pub fn list_text(items: &[Value<'_>]) -> Result<String, Misfit> {
    let mut out = String::with_capacity(items.len() * 8 + 2);
    out.push('[');
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        element(item, &mut out)?;
    }
    out.push(']');
    Ok(out)
}

fn element(item: &Value<'_>, out: &mut String) -> Result<(), Misfit> {
    // Writing into a String cannot fail.
    let _ = match item {
        Value::Null => write!(out, "null"),
        Value::Bool(v) => write!(out, "{v}"),
        Value::Int(v) => write!(out, "{v}"),
        // Readers of JSON make a float of a larger number.
        Value::UInt(v) => write!(out, "\"{v}\""),
        Value::Float(v) if v.is_nan() => write!(out, "\"NaN\""),
        Value::Float(v) if v.is_infinite() => {
            write!(out, "\"{}Infinity\"", if *v < 0.0 { "-" } else { "" })
        }
        // Zero is the same with and without a sign.
        Value::Float(v) if *v == 0.0 => write!(out, "0.0"),
        Value::Float(v) => write!(out, "{v:?}"),
        Value::Text(v) | Value::Json(v) => return quoted(v, out),
        Value::Decimal(v) => return quoted(&digits(v), out),
        Value::Bytes(v) => hexadecimal(v, out),
        Value::Uuid(v) => uuid(v, out),
        Value::Timestamp(v) => {
            // Its microseconds end a second before its nanoseconds do.
            let nanos = i32::try_from(v % 1_000_000 * 1000).unwrap_or_default();
            let moment = jiff::Timestamp::new(v / 1_000_000, nanos);
            write!(out, "\"{}\"", moment.map_err(|_| distant("timestamp"))?)
        }
        Value::DateTime(v) => {
            let epoch = EPOCH.to_datetime(MIDNIGHT);
            let moment = epoch.checked_add(SignedDuration::from_micros(*v));
            write!(out, "\"{}\"", moment.map_err(|_| distant("date and time"))?)
        }
        Value::Date(v) => {
            let date = EPOCH.checked_add(SignedDuration::from_hours(i64::from(*v) * 24));
            write!(out, "\"{}\"", date.map_err(|_| distant("date"))?)
        }
        Value::Time(v) => {
            let time = MIDNIGHT.checked_add(SignedDuration::from_micros(*v));
            write!(out, "\"{}\"", time.map_err(|_| distant("time of day"))?)
        }
        Value::List(_) | Value::Array(_) | Value::Tuples { .. } => {
            return Err(Misfit("a list cannot hold a list".into()));
        }
    };
    Ok(())
}

const EPOCH: jiff::civil::Date = jiff::civil::date(1970, 1, 1);
const MIDNIGHT: jiff::civil::Time = jiff::civil::time(0, 0, 0, 0);

fn distant(what: &str) -> Misfit {
    Misfit(format!("a {what} in the list is out of range"))
}

/// A decimal with as few digits as say the same.
fn digits(text: &str) -> String {
    let plain = |c: char| c.is_ascii_digit() || c == '.';
    let (sign, number) = match text.strip_prefix('-') {
        Some(number) => ("-", number),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    if !number.chars().all(plain) {
        return text.to_owned();
    }
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let (whole, part) = (whole.trim_start_matches('0'), part.trim_end_matches('0'));
    match (whole, part) {
        ("", "") => "0".to_owned(),
        (whole, "") => format!("{sign}{whole}"),
        ("", part) => format!("{sign}0.{part}"),
        (whole, part) => format!("{sign}{whole}.{part}"),
    }
}

fn hexadecimal(bytes: &[u8], out: &mut String) -> std::fmt::Result {
    out.push('"');
    for byte in bytes {
        write!(out, "{byte:02x}")?;
    }
    out.push('"');
    Ok(())
}

fn uuid(bytes: &[u8; 16], out: &mut String) -> std::fmt::Result {
    out.push('"');
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            out.push('-');
        }
        write!(out, "{byte:02x}")?;
    }
    out.push('"');
    Ok(())
}

fn quoted(text: &str, out: &mut String) -> Result<(), Misfit> {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if u32::from(c) < 0x20 => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(items: &[Value<'_>]) -> String {
        list_text(items).unwrap()
    }

    #[test]
    fn one_text_for_what_is_equal() {
        for (digits, wanted) in [
            ("1.500", "1.5"),
            ("-0.0", "0"),
            ("+007", "7"),
            ("-0.10", "-0.1"),
            ("100", "100"),
            ("", "0"),
            ("1e5", "1e5"),
        ] {
            let list = [Value::Decimal(digits.into())];
            assert_eq!(text(&list), format!("[\"{wanted}\"]"), "{digits}");
        }
        let zeros = [Value::Float(0.0), Value::Float(-0.0)];
        assert_eq!(text(&zeros), "[0.0,0.0]");
    }

    #[test]
    fn what_json_has_no_numbers_for() {
        let list = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300].map(Value::Float);
        assert_eq!(text(&list), r#"["NaN","Infinity","-Infinity",1e300]"#);
        assert_eq!(
            text(&[Value::Int(i64::MIN), Value::UInt(u64::MAX)]),
            r#"[-9223372036854775808,"18446744073709551615"]"#
        );
    }

    #[test]
    fn moments_and_bytes() {
        let list = [
            Value::Timestamp(1_500_000),
            Value::Timestamp(-1),
            Value::Timestamp(253_402_207_200_999_999),
            Value::DateTime(-1),
            Value::Date(-1),
            Value::Time(1),
            Value::Bytes([0, 255].as_slice().into()),
            Value::Uuid([1; 16]),
        ];
        assert_eq!(
            text(&list),
            r#"["1970-01-01T00:00:01.5Z","1969-12-31T23:59:59.999999Z","9999-12-30T22:00:00.999999Z","1969-12-31T23:59:59.999999","1969-12-31","00:00:00.000001","00ff","01010101-0101-0101-0101-010101010101"]"#
        );
        assert!(list_text(&[Value::Timestamp(i64::MAX)]).is_err());
        assert!(list_text(&[Value::Date(i32::MIN)]).is_err());
        assert!(list_text(&[Value::List(Vec::new())]).is_err());
    }
}
