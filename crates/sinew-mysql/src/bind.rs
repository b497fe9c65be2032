//! Values on their way into a statement.

use mysql_async::{Params, Value as Wire};
use sinew_core::value::list_text;
use sinew_core::{Error, ErrorKind, Result, Value};

use crate::error::too_large;
use crate::{list, moment};

/// The most that the protocol sends in one piece. What is longer goes value by value.
const PIECE: usize = (1 << 24) - 1;

/// The values of one execution, for a server that takes `packet` bytes in one piece.
pub(crate) fn params(values: &[Value<'_>], packet: usize) -> Result<Params> {
    if values.is_empty() {
        return Ok(Params::Empty);
    }
    let bound: Result<Vec<Wire>> = values
        .iter()
        .enumerate()
        .map(|(index, value)| {
            bind(value)
                .map_err(|e| e.with_hint(format!("it is value {} of the statement", index + 1)))
        })
        .collect();
    let bound = bound?;
    let sizes = bound.iter().map(|value| match value {
        Wire::Bytes(bytes) => bytes.len() + 9,
        _ => 16,
    });
    let (all, largest) = sizes.fold((64, 0), |(all, most), size| (all + size, most.max(size)));
    // Asked to send these, the client would close the connection.
    if largest > packet || all > packet && all <= PIECE {
        return Err(too_large());
    }
    Ok(Params::Positional(bound))
}

fn bind(value: &Value<'_>) -> Result<Wire> {
    Ok(match value {
        Value::Null => Wire::NULL,
        Value::Bool(v) => Wire::Int(i64::from(*v)),
        Value::Int(v) => Wire::Int(*v),
        Value::UInt(v) => Wire::UInt(*v),
        Value::Float(v) => Wire::Double(number(*v)?),
        Value::Text(v) | Value::Decimal(v) | Value::Json(v) => Wire::Bytes(v.as_bytes().to_vec()),
        Value::Bytes(v) => Wire::Bytes(v.to_vec()),
        Value::Timestamp(v) | Value::DateTime(v) => moment::date_time(*v)?,
        Value::Date(v) => moment::date(*v)?,
        Value::Time(v) => moment::time(*v)?,
        Value::Uuid(v) => Wire::Bytes(v.to_vec()),
        Value::List(items) => Wire::Bytes(listed(items)?.into_bytes()),
        Value::Array(values) => Wire::Bytes(list::json(values, None)?.into_bytes()),
        Value::Tuples { width, values } => {
            if *width == 0 || values.len() % width != 0 {
                let count = values.len();
                return Err(invalid(format!(
                    "{count} values do not make tuples of {width}"
                )));
            }
            Wire::Bytes(list::json(values, Some(*width))?.into_bytes())
        }
        other => return Err(invalid(format!("MySQL cannot hold {}", other.sort()))),
    })
}

/// The text of a list column.
pub(crate) fn listed(items: &[Value<'_>]) -> Result<String> {
    list_text(items).map_err(|misfit| invalid(misfit.0))
}

pub(crate) fn number(value: f64) -> Result<f64> {
    if value.is_finite() {
        return Ok(value);
    }
    Err(invalid(format!(
        "{value} cannot be stored: MySQL's numbers are all finite"
    )))
}

pub(crate) fn invalid(message: String) -> Error {
    Error::new(ErrorKind::InvalidInput, message)
}
