//! Values on their way into a statement.

use std::rc::Rc;

use rusqlite::Statement;
use rusqlite::types::{ToSqlOutput, Value as Owned, ValueRef};
use sinew_core::value::list_text;
use sinew_core::{Error, ErrorKind, Result, Value};

use crate::error;
use crate::moment;

/// Texts and blobs from this size on are not kept in the statement after its run.
const LARGE: usize = 4096;

/// Binds `values` from the first placeholder on. `true` when they are large enough that the
/// statement should let go of them after its run.
pub(crate) fn bind_all(statement: &mut Statement<'_>, values: &[Value<'_>]) -> Result<bool> {
    let mut large = false;
    for (index, value) in values.iter().enumerate() {
        large |= bind(statement, index + 1, value)
            .map_err(|e| e.with_hint(format!("it is value {} of the statement", index + 1)))?;
    }
    Ok(large)
}

fn bind(statement: &mut Statement<'_>, index: usize, value: &Value<'_>) -> Result<bool> {
    let mut put = |value: ValueRef<'_>| {
        statement
            .raw_bind_parameter(index, ToSqlOutput::Borrowed(value))
            .map_err(|e| error::from_sqlite(&e))
    };
    match value {
        Value::Null => put(ValueRef::Null)?,
        Value::Bool(v) => put(ValueRef::Integer(i64::from(*v)))?,
        Value::Int(v) => put(ValueRef::Integer(*v))?,
        Value::UInt(v) => match i64::try_from(*v) {
            Ok(v) => put(ValueRef::Integer(v))?,
            Err(_) => put(ValueRef::Blob(&large(*v)))?,
        },
        Value::Float(v) => put(ValueRef::Real(number(*v)?))?,
        Value::Decimal(v) => put(ValueRef::Text(decimal(v)?.as_bytes()))?,
        Value::Text(v) | Value::Json(v) => {
            put(ValueRef::Text(v.as_bytes()))?;
            return Ok(v.len() >= LARGE);
        }
        Value::Bytes(v) => {
            put(ValueRef::Blob(v))?;
            return Ok(v.len() >= LARGE);
        }
        Value::Timestamp(v) => put(ValueRef::Text(moment::timestamp(*v)?.as_bytes()))?,
        Value::Date(v) => put(ValueRef::Text(moment::date(*v)?.as_bytes()))?,
        Value::Time(v) => put(ValueRef::Text(moment::time(*v)?.as_bytes()))?,
        Value::DateTime(v) => put(ValueRef::Text(moment::date_time(*v)?.as_bytes()))?,
        Value::Uuid(v) => put(ValueRef::Blob(v))?,
        Value::List(items) => {
            let text = listed(items)?;
            put(ValueRef::Text(text.as_bytes()))?;
            return Ok(text.len() >= LARGE);
        }
        Value::Array(values) => return bind_list(statement, index, values),
        Value::Tuples { width, values } => {
            if *width == 0 || values.len() % width != 0 {
                return Err(invalid(format!(
                    "{} values do not make tuples of {width}",
                    values.len()
                )));
            }
            return bind_list(statement, index, values);
        }
        other => return Err(invalid(format!("SQLite cannot hold {}", other.sort()))),
    }
    Ok(false)
}

/// The text of a list column.
fn listed(items: &[Value<'_>]) -> Result<String> {
    list_text(items).map_err(|misfit| invalid(misfit.0))
}

fn bind_list(statement: &mut Statement<'_>, index: usize, values: &[Value<'_>]) -> Result<bool> {
    let list: Vec<Owned> = values.iter().map(owned).collect::<Result<_>>()?;
    // The statement keeps the only reference: the connection may move to another thread.
    statement
        .raw_bind_parameter(index, Rc::new(list))
        .map_err(|e| error::from_sqlite(&e))?;
    Ok(true)
}

fn owned(value: &Value<'_>) -> Result<Owned> {
    let text =
        |text: moment::Text| Owned::Text(String::from_utf8_lossy(text.as_bytes()).into_owned());
    Ok(match value {
        Value::Null => Owned::Null,
        Value::Bool(v) => Owned::Integer(i64::from(*v)),
        Value::Int(v) => Owned::Integer(*v),
        Value::UInt(v) => match i64::try_from(*v) {
            Ok(v) => Owned::Integer(v),
            Err(_) => Owned::Blob(large(*v).to_vec()),
        },
        Value::Float(v) => Owned::Real(number(*v)?),
        Value::Decimal(v) => Owned::Text(decimal(v)?.to_owned()),
        Value::Text(v) | Value::Json(v) => Owned::Text(v.to_string()),
        Value::Bytes(v) => Owned::Blob(v.to_vec()),
        Value::Timestamp(v) => text(moment::timestamp(*v)?),
        Value::Date(v) => text(moment::date(*v)?),
        Value::Time(v) => text(moment::time(*v)?),
        Value::DateTime(v) => text(moment::date_time(*v)?),
        Value::Uuid(v) => Owned::Blob(v.to_vec()),
        Value::List(items) => Owned::Text(listed(items)?),
        other => return Err(invalid(format!("a list cannot contain {}", other.sort()))),
    })
}

/// An integer above `i64::MAX`, where SQLite's own end: its twenty digits as a blob. No column makes
/// anything else of a blob, each is greater than all numbers, and they are ordered as their digits.
fn large(mut value: u64) -> [u8; 20] {
    let mut digits = [b'0'; 20];
    for digit in digits.iter_mut().rev() {
        // A remainder by ten fits.
        #[allow(clippy::cast_possible_truncation)]
        let last = (value % 10) as u8;
        *digit += last;
        value /= 10;
    }
    digits
}

/// Fifteen digits survive in SQLite's numbers, and integers of 64 bits do; of any other decimal it
/// would keep what it can and say nothing.
fn decimal(text: &str) -> Result<&str> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = whole.trim_start_matches(['-', '+']).trim_start_matches('0');
    let part = part.trim_end_matches('0');
    let significant = match digits {
        "" => part.trim_start_matches('0').len(),
        digits => digits.len() + part.len(),
    };
    if significant <= 15 {
        return Ok(text);
    }
    // With a point it would go through a floating-point number.
    if part.is_empty() && whole.parse::<i64>().is_ok() {
        return Ok(whole);
    }
    Err(
        invalid("a decimal has more digits than the fifteen that SQLite keeps".into())
            .with_hint("round it, or keep it as text in a field of type `String`"),
    )
}

fn number(value: f64) -> Result<f64> {
    if value.is_nan() {
        return Err(invalid(
            "NaN cannot be stored: SQLite would make NULL of it".into(),
        ));
    }
    Ok(value)
}

fn invalid(message: String) -> Error {
    Error::new(ErrorKind::InvalidInput, message)
}
