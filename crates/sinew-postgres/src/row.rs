//! Rows on their way out.

use std::borrow::Cow;

use sinew_core::driver::Row;
use sinew_core::{Error, ErrorKind, Result, Value};
use tokio_postgres::types::{FromSql, Kind, Type};

use crate::bind::is_textual;
use crate::{moment, numeric};

/// How a column's bytes are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reader {
    Bool,
    Int16,
    Int32,
    Int64,
    Oid,
    Float32,
    Float64,
    Text,
    Bytes,
    Timestamp,
    DateTime,
    Date,
    Time,
    Uuid,
    Numeric,
    Json,
    Jsonb,
    Void,
    Array(Box<Reader>),
    Unknown(String),
}

impl Reader {
    pub(crate) fn of(ty: &Type) -> Self {
        match ty.oid() {
            16 => Self::Bool,
            21 => Self::Int16,
            23 => Self::Int32,
            20 => Self::Int64,
            26 | 28 => Self::Oid,
            700 => Self::Float32,
            701 => Self::Float64,
            17 => Self::Bytes,
            1184 => Self::Timestamp,
            1114 => Self::DateTime,
            1082 => Self::Date,
            1083 => Self::Time,
            2950 => Self::Uuid,
            1700 => Self::Numeric,
            114 | 142 => Self::Json,
            3802 => Self::Jsonb,
            2278 => Self::Void,
            _ if is_textual(ty) => Self::Text,
            _ => match ty.kind() {
                Kind::Domain(base) => Self::of(base),
                Kind::Array(of) => Self::Array(Box::new(Self::of(of))),
                _ => Self::Unknown(ty.name().to_owned()),
            },
        }
    }

    fn read<'r>(&self, bytes: &'r [u8]) -> Result<Value<'r>> {
        Ok(match self {
            Self::Bool => Value::Bool(fixed::<1>(bytes)? != [0]),
            Self::Int16 => Value::Int(i16::from_be_bytes(fixed(bytes)?).into()),
            Self::Int32 => Value::Int(i32::from_be_bytes(fixed(bytes)?).into()),
            Self::Int64 => Value::Int(i64::from_be_bytes(fixed(bytes)?)),
            Self::Oid => Value::Int(u32::from_be_bytes(fixed(bytes)?).into()),
            Self::Float32 => Value::Float(f32::from_be_bytes(fixed(bytes)?).into()),
            Self::Float64 => Value::Float(f64::from_be_bytes(fixed(bytes)?)),
            Self::Text => Value::Text(text(bytes)?),
            Self::Bytes => Value::Bytes(Cow::Borrowed(bytes)),
            Self::Timestamp => {
                Value::Timestamp(moment::micros_in(i64::from_be_bytes(fixed(bytes)?))?)
            }
            Self::DateTime => {
                Value::DateTime(moment::micros_in(i64::from_be_bytes(fixed(bytes)?))?)
            }
            Self::Date => Value::Date(moment::days_in(i32::from_be_bytes(fixed(bytes)?))?),
            Self::Time => Value::Time(i64::from_be_bytes(fixed(bytes)?)),
            Self::Uuid => Value::Uuid(fixed(bytes)?),
            Self::Numeric => Value::Decimal(Cow::Owned(numeric::decode(bytes)?)),
            Self::Json => Value::Json(text(bytes)?),
            Self::Jsonb => Value::Json(text(bytes.get(1..).unwrap_or_default())?),
            Self::Void => Value::Null,
            Self::Array(of) => Value::List(array(of, bytes)?),
            Self::Unknown(name) => {
                return Err(Error::new(
                    ErrorKind::Decode,
                    format!("values of PostgreSQL's type {name} have no form in Rust"),
                )
                .with_hint("select it as text: `column::text`"));
            }
        })
    }
}

fn array<'r>(of: &Reader, bytes: &'r [u8]) -> Result<Vec<Value<'r>>> {
    let mut rest = bytes;
    let mut word = || -> Result<i32> {
        let (head, tail) = rest.split_first_chunk::<4>().ok_or_else(cut)?;
        rest = tail;
        Ok(i32::from_be_bytes(*head))
    };
    let (dimensions, _, _) = (word()?, word()?, word()?);
    if dimensions == 0 {
        return Ok(Vec::new());
    }
    if dimensions > 1 {
        return Err(Error::new(
            ErrorKind::Decode,
            "an array of more than one dimension has no form in Rust",
        ));
    }
    let length = usize::try_from(word()?).unwrap_or_default();
    let _first = word()?;
    let mut values = Vec::with_capacity(length.min(rest.len()));
    for _ in 0..length {
        let (head, tail) = rest.split_first_chunk::<4>().ok_or_else(cut)?;
        rest = tail;
        match usize::try_from(i32::from_be_bytes(*head)) {
            Err(_) => values.push(Value::Null),
            Ok(size) => {
                let (value, tail) = rest.split_at_checked(size).ok_or_else(cut)?;
                rest = tail;
                values.push(of.read(value)?);
            }
        }
    }
    Ok(values)
}

#[inline]
fn fixed<const SIZE: usize>(bytes: &[u8]) -> Result<[u8; SIZE]> {
    bytes.try_into().map_err(|_| cut())
}

#[cold]
fn cut() -> Error {
    Error::new(
        ErrorKind::Decode,
        "a value has not the length that its type promises",
    )
}

#[inline]
fn text(bytes: &[u8]) -> Result<Cow<'_, str>> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Cow::Borrowed(text)),
        Err(cause) => {
            Err(Error::new(ErrorKind::Decode, "a text is not valid UTF-8").with_source(cause))
        }
    }
}

/// A column's bytes as they came.
struct Bytes<'r>(&'r [u8]);

impl<'r> FromSql<'r> for Bytes<'r> {
    fn from_sql(_: &Type, raw: &'r [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(raw))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// A row that has just arrived.
pub(crate) struct Arrived<'r> {
    pub(crate) row: &'r tokio_postgres::Row,
    pub(crate) readers: &'r [Reader],
}

impl Row for Arrived<'_> {
    fn len(&self) -> usize {
        self.readers.len()
    }

    fn get(&self, index: usize) -> Result<Value<'_>> {
        let (Some(reader), Ok(bytes)) = (
            self.readers.get(index),
            self.row.try_get::<_, Option<Bytes<'_>>>(index),
        ) else {
            return Err(no_column(index, self.readers.len()));
        };
        match bytes {
            None => Ok(Value::Null),
            Some(Bytes(bytes)) => reader.read(bytes).map_err(|error| match self.name(index) {
                Some(name) => error.with_column(name),
                None => error,
            }),
        }
    }

    #[inline]
    fn int(&self, index: usize) -> Option<i64> {
        let bytes = self.bytes(index)?;
        match self.readers.get(index)? {
            Reader::Int64 => Some(i64::from_be_bytes(bytes.try_into().ok()?)),
            Reader::Int32 => Some(i32::from_be_bytes(bytes.try_into().ok()?).into()),
            Reader::Int16 => Some(i16::from_be_bytes(bytes.try_into().ok()?).into()),
            _ => None,
        }
    }

    #[inline]
    fn text(&self, index: usize) -> Option<&str> {
        match self.readers.get(index)? {
            Reader::Text => std::str::from_utf8(self.bytes(index)?).ok(),
            _ => None,
        }
    }

    fn name(&self, index: usize) -> Option<&str> {
        self.row
            .columns()
            .get(index)
            .map(tokio_postgres::Column::name)
    }
}

impl Arrived<'_> {
    #[inline]
    fn bytes(&self, index: usize) -> Option<&[u8]> {
        match self.row.try_get(index) {
            Ok(Some(Bytes(bytes))) => Some(bytes),
            _ => None,
        }
    }
}

/// How the columns of a row are read.
pub(crate) fn readers(columns: &[tokio_postgres::Column]) -> Vec<Reader> {
    columns
        .iter()
        .map(|column| Reader::of(column.type_()))
        .collect()
}

#[cold]
fn no_column(index: usize, columns: usize) -> Error {
    Error::new(
        ErrorKind::Decode,
        format!("the row has {columns} columns, there is none at position {index}"),
    )
}
