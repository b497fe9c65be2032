//! Lists of keys as one parameter: a JSON document for `JSON_TABLE`.

use std::fmt::Write as _;

use sinew_core::{Result, Value};

use crate::bind::{invalid, number};
use crate::moment;

/// `[1, 2, 3]`, or `[[1, 2], [3, 4]]` for tuples of this width.
pub(crate) fn json(values: &[Value<'_>], width: Option<usize>) -> Result<String> {
    let mut out = String::with_capacity(values.len() * 8 + 2);
    out.push('[');
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        match width {
            Some(width) if index % width == 0 => {
                if index > 0 {
                    out.pop();
                    out.push_str("],");
                }
                out.push('[');
            }
            _ => {}
        }
        item(value, &mut out)?;
    }
    if width.is_some() && !values.is_empty() {
        out.push(']');
    }
    out.push(']');
    Ok(out)
}

fn item(value: &Value<'_>, out: &mut String) -> Result<()> {
    // Writing into a String cannot fail.
    let _ = match value {
        Value::Null => write!(out, "null"),
        Value::Bool(v) => write!(out, "{}", i64::from(*v)),
        Value::Int(v) => write!(out, "{v}"),
        Value::UInt(v) => write!(out, "{v}"),
        Value::Float(v) => write!(out, "{:?}", number(*v)?),
        Value::Text(v) | Value::Decimal(v) | Value::Json(v) => {
            text(v, out);
            Ok(())
        }
        Value::Bytes(v) => {
            hexadecimal(v, out);
            Ok(())
        }
        Value::Uuid(v) => {
            hexadecimal(v, out);
            Ok(())
        }
        Value::Timestamp(v) | Value::DateTime(v) => {
            let (year, month, day, hour, minute, second, micro) = moment::parts(*v)?;
            write!(
                out,
                "\"{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{micro:06}\""
            )
        }
        Value::Date(v) => {
            let (year, month, day, ..) = moment::parts(i64::from(*v).saturating_mul(moment::DAY))?;
            write!(out, "\"{year:04}-{month:02}-{day:02}\"")
        }
        Value::Time(v) => {
            moment::time(*v)?;
            let (hour, minute, second, micro) = moment::clock(*v);
            write!(out, "\"{hour:02}:{minute:02}:{second:02}.{micro:06}\"")
        }
        other => return Err(invalid(format!("a list cannot contain {}", other.sort()))),
    };
    Ok(())
}

fn hexadecimal(bytes: &[u8], out: &mut String) {
    out.push('"');
    for byte in bytes {
        let _ = write!(out, "{byte:02x}");
    }
    out.push('"');
}

fn text(text: &str, out: &mut String) {
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents() {
        let values = [
            Value::Int(-1),
            Value::UInt(u64::MAX),
            Value::Text("a\"\\\0é😀".into()),
            Value::Uuid([255; 16]),
        ];
        let flat = json(&values, None).unwrap();
        assert_eq!(
            flat,
            "[-1,18446744073709551615,\"a\\\"\\\\\\u0000é😀\",\
             \"ffffffffffffffffffffffffffffffff\"]"
        );
        let pairs = [1, 2, 3, 4].map(Value::Int);
        assert_eq!(json(&pairs, Some(2)).unwrap(), "[[1,2],[3,4]]");
        assert_eq!(json(&[], Some(2)).unwrap(), "[]");
        assert_eq!(json(&[], None).unwrap(), "[]");
        let moments = [Value::Timestamp(0), Value::Date(-1), Value::Time(1)];
        assert_eq!(
            json(&moments, None).unwrap(),
            "[\"1970-01-01 00:00:00.000000\",\"1969-12-31\",\"00:00:00.000001\"]"
        );
        assert!(json(&[Value::Float(f64::NAN)], None).is_err());
    }
}
