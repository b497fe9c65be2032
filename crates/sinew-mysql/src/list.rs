//! Lists of keys as one parameter: a JSON document for `JSON_TABLE`.

use std::fmt::Write as _;

use sinew_core::driver::Statement;
use sinew_core::{Result, Value};
use sinew_sql::dialect::mysql::MySql;

use crate::bind::{invalid, listed, number};
use crate::{moment, text};

/// The bytes of a list's part at most, unless the server takes less in one piece.
const PART: usize = 8 << 20;

/// A statement with lists that are larger than the server takes in one piece, with these in
/// several values; `None` where there is none.
pub(crate) fn split<'v>(
    statement: &Statement<'v>,
    packet: usize,
) -> Result<Option<(String, Vec<Value<'v>>)>> {
    let limit = PART.min(packet / 4).max(1024);
    let long = |value: &&Value<'_>| match value {
        Value::Array(values) | Value::Tuples { values, .. } => weight(values) > limit,
        _ => false,
    };
    if statement.action.times() > 1 || !statement.binds.iter().any(|value| long(&value)) {
        return Ok(None);
    }
    let places = text::placeholders(statement.sql);
    let mut sql = statement.sql.to_owned();
    let mut binds = statement.binds.clone();
    // From the end, so that the places before stay where they are.
    for (index, value) in statement.binds.iter().enumerate().rev() {
        let (values, width) = match value {
            _ if !long(&value) => continue,
            Value::Array(values) => (values, None),
            Value::Tuples { width, values } => (values, Some((*width).max(1))),
            _ => continue,
        };
        let parts = parts(values, width, limit)?;
        let place = places.get(index).copied().unwrap_or(usize::MAX);
        if let Some(changed) = MySql::list_in_parts(&sql, place, parts.len()) {
            sql = changed;
            let parts = parts.into_iter().map(|part| Value::Text(part.into()));
            binds.splice(index..=index, parts);
        }
    }
    Ok(Some((sql, binds)))
}

/// About how many bytes a list takes.
fn weight(values: &[Value<'_>]) -> usize {
    let weight = |value: &Value<'_>| match value {
        Value::Text(v) | Value::Decimal(v) | Value::Json(v) => v.len() + 3,
        Value::Bytes(v) => v.len() * 2 + 3,
        Value::Int(_) | Value::UInt(_) => 21,
        Value::List(items) => self::weight(items),
        _ => 40,
    };
    values.iter().map(weight).sum()
}

/// A list in parts of about this size. Their number is a power of two, the last ones may
/// be empty: so that few texts of statements come of it.
fn parts(values: &[Value<'_>], width: Option<usize>, limit: usize) -> Result<Vec<String>> {
    let step = width.unwrap_or(1);
    let mut parts = Vec::new();
    let (mut begin, mut size) = (0, 0);
    for end in (step..=values.len()).step_by(step) {
        size += weight(&values[end - step..end]);
        if size > limit || end + step > values.len() {
            parts.push(json(&values[begin..end], width)?);
            (begin, size) = (end, 0);
        }
    }
    let wanted = parts.len().next_power_of_two();
    parts.resize(wanted, "[]".to_owned());
    Ok(parts)
}

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
            quoted(v, out);
            Ok(())
        }
        Value::List(items) => {
            quoted(&listed(items)?, out);
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

fn quoted(text: &str, out: &mut String) {
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
    fn long_lists_in_parts() {
        let sql = "SELECT '?' FROM `a` WHERE `c` = ? AND `b` IN (SELECT (k0) FROM JSON_TABLE(?, \
                   '$[*]' COLUMNS (k0 VARCHAR(255) PATH '$')) AS k) AND `d` = ?";
        let list = |count: usize| {
            let texts = (0..count).map(|n| Value::Text(format!("{n:0300}").into()));
            Value::Array(texts.collect())
        };
        let statement = |count| Statement {
            sql,
            binds: vec![Value::Int(1), list(count), Value::Int(2)],
            action: sinew_core::driver::Action::Rows,
        };
        assert!(split(&statement(10), 65_536).unwrap().is_none());
        let (text, binds) = split(&statement(150), 65_536).unwrap().unwrap();
        assert_eq!(text.matches("UNION ALL").count(), 3);
        assert_eq!(text::placeholders(&text).len(), binds.len());
        assert!(text.contains(" IN (SELECT (k0) FROM (SELECT * FROM JSON_TABLE(?, "));
        assert_eq!((&binds[0], &binds[5]), (&Value::Int(1), &Value::Int(2)));
        assert_eq!(binds[4], Value::Text("[]".into()));
        let other = split(&statement(160), 65_536).unwrap().unwrap();
        assert_eq!(other.0, text);
        let pairs: Vec<_> = (0..4).map(Value::Int).collect();
        assert_eq!(parts(&pairs, Some(2), 30).unwrap(), ["[[0,1]]", "[[2,3]]"]);
    }

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
