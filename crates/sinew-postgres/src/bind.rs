//! Values on their way to the server.
//!
//! The server says which type each parameter has. A value that has a binary form for that type is
//! sent in it; any other is sent as text, which the server reads as it reads a literal. So every
//! type of the server can be written to, also those that this crate has never heard of.

use std::cell::Cell;

use bytes::{BufMut, BytesMut};
use sinew_core::{Error, ErrorKind, Result, Value};
use tokio_postgres::types::{Format, IsNull, Kind, ToSql, Type};

use crate::{moment, text};

/// The OID by which a client leaves a parameter's type to the server.
pub(crate) const UNSPECIFIED: u32 = 0;

type Failure = Box<dyn std::error::Error + Sync + Send>;

/// One value as a parameter.
pub(crate) struct Bind<'a>(pub(crate) &'a Value<'a>);

/// Column `at` of values that lie row by row, as one array.
pub(crate) struct Column<'a> {
    pub(crate) values: &'a [Value<'a>],
    pub(crate) at: usize,
    pub(crate) width: usize,
    /// What its values are, once that was asked.
    sizes: Cell<Option<Sizes>>,
}

/// What has to be known of a list before it is written.
#[derive(Clone, Copy)]
struct Sizes {
    /// Whether all values have a binary form.
    binary: bool,
    length: usize,
    nulls: bool,
    /// How many bytes they take, roughly.
    bytes: usize,
}

impl Sizes {
    fn of<'v>(values: impl Iterator<Item = &'v Value<'v>>, of: &Type) -> Self {
        let mut sizes = Self {
            binary: true,
            length: 0,
            nulls: false,
            bytes: 0,
        };
        let is_number = matches!(of.oid(), 20 | 21 | 23);
        let is_text = matches!(of.oid(), 25 | 1043);
        for value in values {
            sizes.length += 1;
            // What most lists are made of needs no further look at the type.
            match value {
                Value::Int(_) if is_number => sizes.bytes += 8,
                Value::Text(text) if is_text => sizes.bytes += text.len(),
                Value::Null => sizes.nulls = true,
                other => {
                    sizes.binary = sizes.binary && has_binary(other, of);
                    sizes.bytes += match other {
                        Value::Text(text) | Value::Json(text) | Value::Decimal(text) => text.len(),
                        _ => 8,
                    };
                }
            }
        }
        sizes
    }
}

impl<'a> Column<'a> {
    pub(crate) fn new(values: &'a [Value<'a>], at: usize, width: usize) -> Self {
        Self {
            values,
            at,
            width,
            sizes: Cell::new(None),
        }
    }

    /// Asked for the format and again for the bytes, and always of the same type.
    fn sizes(&self, of: &Type) -> Sizes {
        self.sizes.get().unwrap_or_else(|| {
            let sizes = Sizes::of(self.iter(), of);
            self.sizes.set(Some(sizes));
            sizes
        })
    }

    fn iter(&self) -> impl Iterator<Item = &'a Value<'a>> {
        self.values.iter().skip(self.at).step_by(self.width.max(1))
    }
}

/// A parameter among those of several statements.
pub(crate) enum Param<'a> {
    One(Bind<'a>),
    Column(Column<'a>),
}

impl Param<'_> {
    fn any(&self) -> &dyn ToSql {
        match self {
            Self::One(value) => value,
            Self::Column(column) => column,
        }
    }
}

/// Values are nobody's business in a log.
impl std::fmt::Debug for Param<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.any().fmt(f)
    }
}

impl ToSql for Param<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
        match self {
            Self::One(value) => value.to_sql(ty, out),
            Self::Column(column) => column.to_sql(ty, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn to_sql_checked(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
        self.to_sql(ty, out)
    }

    fn encode_format(&self, ty: &Type) -> Format {
        self.any().encode_format(ty)
    }
}

impl std::fmt::Debug for Bind<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.sort())
    }
}

impl std::fmt::Debug for Column<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a list")
    }
}

impl ToSql for Bind<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
        match self.0 {
            Value::Null => Ok(IsNull::Yes),
            value if has_binary(value, ty) => {
                binary(value, ty, out)?;
                Ok(IsNull::No)
            }
            value => {
                text::write(value, ty, out)?;
                Ok(IsNull::No)
            }
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn to_sql_checked(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
        self.to_sql(ty, out)
    }

    fn encode_format(&self, ty: &Type) -> Format {
        if has_binary(self.0, ty) {
            Format::Binary
        } else {
            Format::Text
        }
    }
}

impl ToSql for Column<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
        match element(ty) {
            Some(of) if self.sizes(of).binary => array(self.iter(), self.sizes(of), of, out)?,
            of => text::array(self.iter(), of.unwrap_or(ty), out)?,
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn to_sql_checked(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
        self.to_sql(ty, out)
    }

    fn encode_format(&self, ty: &Type) -> Format {
        match element(ty) {
            Some(of) if self.sizes(of).binary => Format::Binary,
            _ => Format::Text,
        }
    }
}

/// The type of an array's elements.
pub(crate) fn element(ty: &Type) -> Option<&Type> {
    match ty.kind() {
        Kind::Array(of) => Some(of),
        Kind::Domain(base) => element(base),
        _ => None,
    }
}

/// Whether a type's binary form is its text.
pub(crate) fn is_textual(ty: &Type) -> bool {
    matches!(ty.oid(), 18 | 19 | 25 | 705 | 1042 | 1043)
        || matches!(ty.kind(), Kind::Enum(_))
        || ty.name() == "citext"
}

/// Whether the value is sent to a parameter of this type in binary form.
fn has_binary(value: &Value<'_>, ty: &Type) -> bool {
    match (value, ty.oid()) {
        (_, UNSPECIFIED) => false,
        (Value::Null, _) => true,
        (Value::Int(_), 20 | 21 | 23)
        | (Value::Float(_), 700 | 701)
        | (Value::Bool(_), 16)
        | (Value::Timestamp(_) | Value::DateTime(_), 1114 | 1184)
        | (Value::Date(_), 1082)
        | (Value::Time(_), 1083)
        | (Value::Uuid(_), 2950)
        | (Value::Bytes(_) | Value::Uuid(_), 17)
        | (Value::Json(_) | Value::Text(_), 3802) => true,
        (Value::Text(_) | Value::Json(_) | Value::Decimal(_), 25 | 1043) => true,
        (Value::Text(_), _) => is_textual(ty),
        (Value::Array(values) | Value::List(values), _) => {
            element(ty).is_some_and(|of| values.iter().all(|value| has_binary(value, of)))
        }
        _ => false,
    }
}

fn binary(value: &Value<'_>, ty: &Type, out: &mut BytesMut) -> Result<(), Failure> {
    match (value, ty.oid()) {
        (Value::Int(v), 20) => out.put_i64(*v),
        (Value::Int(v), 23) => out.put_i32(i32::try_from(*v).map_err(|_| too_large("integer"))?),
        (Value::Int(v), 21) => {
            out.put_i16(i16::try_from(*v).map_err(|_| too_large("smallint"))?);
        }
        // A `real` keeps what it can of a number.
        #[allow(clippy::cast_possible_truncation)]
        (Value::Float(v), 700) => out.put_f32(*v as f32),
        (Value::Float(v), _) => out.put_f64(*v),
        (Value::Bool(v), _) => out.put_u8(u8::from(*v)),
        (Value::Timestamp(v) | Value::DateTime(v), _) => out.put_i64(moment::micros_out(*v)?),
        (Value::Date(v), _) => out.put_i32(moment::days_out(*v)?),
        (Value::Time(v), _) => out.put_i64(moment::time(*v)?),
        (Value::Uuid(v), _) => out.put_slice(v),
        (Value::Bytes(v), _) => out.put_slice(v),
        (Value::Text(v) | Value::Json(v), 3802) => {
            // The version of the binary form.
            out.put_u8(1);
            out.put_slice(v.as_bytes());
        }
        (Value::Text(v) | Value::Json(v) | Value::Decimal(v), _) => out.put_slice(v.as_bytes()),
        (Value::Array(values) | Value::List(values), _) => {
            let of = element(ty).unwrap_or(&Type::TEXT);
            array(values.iter(), Sizes::of(values.iter(), of), of, out)?;
        }
        (other, _) => return Err(Box::new(unfit(other, ty))),
    }
    Ok(())
}

/// A list of one dimension.
fn array<'v>(
    values: impl Iterator<Item = &'v Value<'v>>,
    sizes: Sizes,
    of: &Type,
    out: &mut BytesMut,
) -> Result<(), Failure> {
    let Sizes {
        length,
        nulls,
        bytes,
        ..
    } = sizes;
    out.reserve(20 + length * 4 + bytes);
    out.put_i32(i32::from(length > 0));
    out.put_i32(i32::from(nulls));
    out.put_u32(of.oid());
    if length > 0 {
        out.put_i32(i32::try_from(length)?);
        out.put_i32(1);
    }
    let is_long = of.oid() == Type::INT8.oid();
    let is_text = matches!(of.oid(), 25 | 1043);
    for value in values {
        // What most lists are made of needs no look at the type, and no second visit to its length.
        match value {
            Value::Null => {
                out.put_i32(-1);
                continue;
            }
            Value::Int(number) if is_long => {
                out.put_i32(8);
                out.put_i64(*number);
                continue;
            }
            Value::Text(text) if is_text => {
                out.put_i32(i32::try_from(text.len())?);
                out.put_slice(text.as_bytes());
                continue;
            }
            _ => {}
        }
        let start = out.len();
        out.put_i32(0);
        binary(value, of, out)?;
        let size = i32::try_from(out.len() - start - 4)?;
        out[start..start + 4].copy_from_slice(&size.to_be_bytes());
    }
    Ok(())
}

/// Refuses what the server cannot hold before anything is sent.
pub(crate) fn check(values: &[Value<'_>]) -> Result<()> {
    for value in values {
        match value {
            Value::Text(text) | Value::Json(text) | Value::Decimal(text) if text.contains('\0') => {
                return Err(Error::new(
                    ErrorKind::InvalidInput,
                    "PostgreSQL cannot store a text that holds a NUL character",
                )
                .with_hint("remove the character, or use a column of bytes"));
            }
            Value::List(values) | Value::Array(values) | Value::Tuples { values, .. } => {
                check(values)?;
            }
            _ => {}
        }
    }
    Ok(())
}

fn too_large(ty: &str) -> Failure {
    Box::new(Error::new(
        ErrorKind::ValueTooLong,
        format!("a number is out of range for type {ty}"),
    ))
}

#[cold]
pub(crate) fn unfit(value: &Value<'_>, ty: &Type) -> Error {
    Error::new(
        ErrorKind::InvalidInput,
        format!(
            "{} cannot be bound where PostgreSQL wants {}",
            value.sort(),
            ty.name()
        ),
    )
}
