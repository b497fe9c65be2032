//! Rows on their way out.

use std::borrow::Cow;

use mysql_async::consts::ColumnType as Type;
use mysql_async::{Column, Row as WireRow, Value as Wire};
use sinew_core::driver::Row;
use sinew_core::{Error, ErrorKind, Result, Value};

use crate::moment;

/// The character set of bytes.
const BINARY: u16 = 63;

/// A row as it arrived.
pub(crate) struct Fetched<'r> {
    pub(crate) row: &'r WireRow,
}

impl Row for Fetched<'_> {
    fn len(&self) -> usize {
        self.row.len()
    }

    fn get(&self, index: usize) -> Result<Value<'_>> {
        let columns = self.row.columns_ref();
        match (self.row.as_ref(index), columns.get(index)) {
            (Some(value), Some(column)) => decode(value, column),
            _ => Err(no_column(index, columns.len())),
        }
    }

    #[inline]
    fn int(&self, index: usize) -> Option<i64> {
        match self.row.as_ref(index)? {
            Wire::Int(v) => Some(*v),
            Wire::UInt(v) => i64::try_from(*v).ok(),
            _ => None,
        }
    }

    #[inline]
    fn text(&self, index: usize) -> Option<&str> {
        let Wire::Bytes(bytes) = self.row.as_ref(index)? else {
            return None;
        };
        let column = self.row.columns_ref().get(index)?;
        match Sort::of(column) {
            Sort::Text => std::str::from_utf8(bytes).ok(),
            _ => None,
        }
    }

    fn name(&self, index: usize) -> Option<&str> {
        let column = self.row.columns_ref().get(index)?;
        std::str::from_utf8(column.name_ref()).ok()
    }
}

fn decode<'r>(value: &'r Wire, column: &Column) -> Result<Value<'r>> {
    Ok(match value {
        Wire::NULL => Value::Null,
        Wire::Int(v) => Value::Int(*v),
        Wire::UInt(v) => unsigned(*v),
        Wire::Float(v) => Value::Float(f64::from(*v)),
        Wire::Double(v) => Value::Float(*v),
        Wire::Date(year, month, day, hour, minute, second, micro) => {
            let parts = (*year, *month, *day, *hour, *minute, *second, *micro);
            let micros = moment::micros(parts).ok_or_else(|| zero_date(column))?;
            match column.column_type() {
                Type::MYSQL_TYPE_DATE | Type::MYSQL_TYPE_NEWDATE => date(micros),
                _ => Value::DateTime(micros),
            }
        }
        Wire::Time(negative, days, hour, minute, second, micro) => {
            moment::span(*negative, *days, (*hour, *minute, *second, *micro))
        }
        Wire::Bytes(bytes) => return from_bytes(bytes, column),
    })
}

fn unsigned(value: u64) -> Value<'static> {
    i64::try_from(value).map_or(Value::UInt(value), Value::Int)
}

/// A moment at midnight as a date.
fn date(micros: i64) -> Value<'static> {
    i32::try_from(micros.div_euclid(moment::DAY)).map_or(Value::Null, Value::Date)
}

/// What bytes in a column are.
enum Sort {
    Decimal,
    Json,
    Bits,
    Bytes,
    Text,
}

impl Sort {
    #[inline]
    fn of(column: &Column) -> Self {
        match column.column_type() {
            Type::MYSQL_TYPE_DECIMAL | Type::MYSQL_TYPE_NEWDECIMAL => Self::Decimal,
            Type::MYSQL_TYPE_JSON => Self::Json,
            Type::MYSQL_TYPE_BIT => Self::Bits,
            Type::MYSQL_TYPE_GEOMETRY => Self::Bytes,
            _ if column.character_set() == BINARY => Self::Bytes,
            _ => Self::Text,
        }
    }
}

fn from_bytes<'r>(bytes: &'r [u8], column: &Column) -> Result<Value<'r>> {
    Ok(match Sort::of(column) {
        Sort::Decimal => Value::Decimal(text(bytes, column)?),
        Sort::Json => Value::Json(text(bytes, column)?),
        Sort::Bits => unsigned(
            bytes
                .iter()
                .fold(0, |bits, byte| bits << 8 | u64::from(*byte)),
        ),
        Sort::Bytes => Value::Bytes(Cow::Borrowed(bytes)),
        Sort::Text => Value::Text(text(bytes, column)?),
    })
}

fn text<'r>(bytes: &'r [u8], column: &Column) -> Result<Cow<'r, str>> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Cow::Borrowed(text)),
        Err(cause) => Err(not_text(&column.name_str(), cause)),
    }
}

#[cold]
fn zero_date(column: &Column) -> Error {
    let name = column.name_str();
    Error::new(
        ErrorKind::Decode,
        format!("the date in column {name} has a month or day of zero"),
    )
    .with_column(name)
}

#[cold]
fn no_column(index: usize, columns: usize) -> Error {
    Error::new(
        ErrorKind::Decode,
        format!("the row has {columns} columns, there is none at position {index}"),
    )
}

#[cold]
fn not_text(name: &str, cause: std::str::Utf8Error) -> Error {
    Error::new(
        ErrorKind::Decode,
        format!("the text in column {name} is not valid UTF-8"),
    )
    .with_column(name)
    .with_source(cause)
}
