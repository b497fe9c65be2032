//! Values as text, in the form of PostgreSQL's literals.

use std::fmt::Write as _;

use bytes::{BufMut, BytesMut};
use sinew_core::value::list_text;
use sinew_core::{Error, ErrorKind, Result, Value};
use tokio_postgres::types::Type;

use crate::bind::{UNSPECIFIED, unfit};
use crate::moment;

/// Writes a value that is not NULL.
pub(crate) fn write(value: &Value<'_>, ty: &Type, out: &mut BytesMut) -> Result<()> {
    // Writing into a growing buffer cannot fail.
    let _ = match value {
        Value::Null => Ok(()),
        Value::Bool(v) => out.write_str(truth(*v, ty)),
        Value::Int(v) => write!(out, "{v}"),
        Value::UInt(v) => write!(out, "{v}"),
        Value::Float(v) => float(*v, out),
        Value::Text(v) | Value::Decimal(v) | Value::Json(v) => {
            out.put_slice(v.as_bytes());
            Ok(())
        }
        Value::Bytes(v) if matches!(ty.oid(), UNSPECIFIED | 17) => {
            let _ = out.write_str("\\x");
            v.iter().try_for_each(|byte| write!(out, "{byte:02x}"))
        }
        Value::Bytes(v) => match std::str::from_utf8(v) {
            Ok(text) if !text.contains('\0') => out.write_str(text),
            _ => return Err(unfit(value, ty)),
        },
        Value::Timestamp(v) => {
            let _ = moment::micros_out(*v)?;
            moment::moment_text(out, *v, "+00")
        }
        Value::DateTime(v) => {
            let _ = moment::micros_out(*v)?;
            moment::moment_text(out, *v, "")
        }
        Value::Date(v) => {
            let _ = moment::days_out(*v)?;
            moment::date_text(out, *v)
        }
        Value::Time(v) => moment::time_text(out, moment::time(*v)?),
        Value::Uuid(v) => uuid(v, out),
        // A list in a column of JSON documents.
        Value::List(items) if matches!(ty.oid(), 114 | 3802) => {
            let text = list_text(items);
            let text = text.map_err(|misfit| Error::new(ErrorKind::InvalidInput, misfit.0))?;
            out.write_str(&text)
        }
        Value::Array(values) | Value::List(values) => {
            let of = crate::bind::element(ty).unwrap_or(ty);
            return array(values.iter(), of, out);
        }
        _ => {
            return Err(Error::new(
                ErrorKind::InvalidInput,
                "a list of tuples is not one parameter on PostgreSQL",
            ));
        }
    };
    Ok(())
}

/// `{"a","b",NULL}`
pub(crate) fn array<'v>(
    values: impl Iterator<Item = &'v Value<'v>>,
    of: &Type,
    out: &mut BytesMut,
) -> Result<()> {
    out.put_u8(b'{');
    let mut element = BytesMut::new();
    for (index, value) in values.enumerate() {
        if index > 0 {
            out.put_u8(b',');
        }
        if value.is_null() {
            out.put_slice(b"NULL");
            continue;
        }
        element.clear();
        write(value, of, &mut element)?;
        if matches!(value, Value::Array(_) | Value::List(_)) {
            out.put_slice(&element);
            continue;
        }
        out.put_u8(b'"');
        for &byte in &element {
            if byte == b'"' || byte == b'\\' {
                out.put_u8(b'\\');
            }
            out.put_u8(byte);
        }
        out.put_u8(b'"');
    }
    out.put_u8(b'}');
    Ok(())
}

fn truth(value: bool, ty: &Type) -> &'static str {
    // Both numbers and truth values are read from digits.
    let number = matches!(ty.oid(), UNSPECIFIED | 20 | 21 | 23 | 700 | 701 | 1700);
    match (value, number) {
        (true, true) => "1",
        (false, true) => "0",
        (true, false) => "true",
        (false, false) => "false",
    }
}

fn float(value: f64, out: &mut BytesMut) -> std::fmt::Result {
    if value.is_infinite() {
        out.write_str(if value > 0.0 { "Infinity" } else { "-Infinity" })
    } else {
        write!(out, "{value}")
    }
}

fn uuid(bytes: &[u8; 16], out: &mut BytesMut) -> std::fmt::Result {
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            out.write_str("-")?;
        }
        write!(out, "{byte:02x}")?;
    }
    Ok(())
}
