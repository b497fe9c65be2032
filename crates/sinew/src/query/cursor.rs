//! A place in an ordered list, as opaque text.

use std::fmt;
use std::str::FromStr;

use sinew_core::{Error, ErrorKind, Result, Value};

/// A place in the result of an ordered query: where a page ended.
///
/// It prints as opaque text that fits into a URL, and is read back with `parse`. The text is not
/// secret and not signed: it holds the values of the order's columns.
///
/// # Examples
/// ```
/// use sinew::query::Cursor;
/// assert!("not a cursor".parse::<Cursor>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Cursor {
    /// Which order it belongs to.
    pub(super) order: u64,
    pub(super) values: Vec<Value<'static>>,
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/// More than any order needs; a longer text is not one of ours.
const LONGEST: usize = 64 * 1024;

/// FNV-1a.
pub(super) fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn encode(cursor: &Cursor) -> Vec<u8> {
    let mut out = vec![1];
    out.extend_from_slice(&cursor.order.to_le_bytes());
    out.extend_from_slice(&encode_all(&cursor.values));
    let check = hash(&out);
    out.extend_from_slice(&check.to_le_bytes()[..4]);
    out
}

fn encode_all(values: &[Value<'_>]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut put = |tag: u8, bytes: &[u8]| {
        out.push(tag);
        out.extend_from_slice(&(bytes.len() as u64).to_le_bytes()[..4]);
        out.extend_from_slice(bytes);
    };
    for value in values {
        match value {
            Value::Null => put(0, &[]),
            Value::Bool(b) => put(1, &[u8::from(*b)]),
            Value::Int(n) => put(2, &n.to_le_bytes()),
            Value::UInt(n) => put(3, &n.to_le_bytes()),
            Value::Float(n) => put(4, &n.to_bits().to_le_bytes()),
            Value::Text(text) => put(5, text.as_bytes()),
            Value::Bytes(bytes) => put(6, bytes),
            Value::Timestamp(n) => put(7, &n.to_le_bytes()),
            Value::Date(n) => put(8, &n.to_le_bytes()),
            Value::Time(n) => put(9, &n.to_le_bytes()),
            Value::DateTime(n) => put(10, &n.to_le_bytes()),
            Value::Uuid(bytes) => put(11, bytes),
            Value::Decimal(text) => put(12, text.as_bytes()),
            Value::Json(text) => put(13, text.as_bytes()),
            Value::List(items) => put(14, &encode_all(items)),
            // No column has such a value; it reads back as NULL.
            _ => put(0, &[]),
        }
    }
    out
}

fn decode(bytes: &[u8]) -> Option<Cursor> {
    let (body, check) = bytes.split_at_checked(bytes.len().checked_sub(4)?)?;
    if hash(body).to_le_bytes().get(..4)? != check {
        return None;
    }
    let (&version, rest) = body.split_first()?;
    let (order, rest) = rest.split_first_chunk::<8>()?;
    let values = decode_all(rest)?;
    (version == 1).then(|| Cursor {
        order: u64::from_le_bytes(*order),
        values,
    })
}

fn decode_all(mut rest: &[u8]) -> Option<Vec<Value<'static>>> {
    let mut values = Vec::new();
    while let Some((&tag, after)) = rest.split_first() {
        let (length, after) = after.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        let (bytes, after) = after.split_at_checked(length)?;
        values.push(value(tag, bytes)?);
        rest = after;
    }
    Some(values)
}

fn value(tag: u8, bytes: &[u8]) -> Option<Value<'static>> {
    let long = || bytes.try_into().ok();
    let text = || String::from_utf8(bytes.to_owned()).ok();
    Some(match tag {
        0 if bytes.is_empty() => Value::Null,
        1 => Value::Bool(*bytes.first()? != 0),
        2 => Value::Int(i64::from_le_bytes(long()?)),
        3 => Value::UInt(u64::from_le_bytes(long()?)),
        4 => Value::Float(f64::from_bits(u64::from_le_bytes(long()?))),
        5 => Value::Text(text()?.into()),
        6 => Value::Bytes(bytes.to_owned().into()),
        7 => Value::Timestamp(i64::from_le_bytes(long()?)),
        8 => Value::Date(i32::from_le_bytes(bytes.try_into().ok()?)),
        9 => Value::Time(i64::from_le_bytes(long()?)),
        10 => Value::DateTime(i64::from_le_bytes(long()?)),
        11 => Value::Uuid(bytes.try_into().ok()?),
        12 => Value::Decimal(text()?.into()),
        13 => Value::Json(text()?.into()),
        14 => Value::List(decode_all(bytes)?),
        _ => return None,
    })
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in encode(self).chunks(3) {
            let mut bits = 0u32;
            for at in 0..3 {
                bits = bits << 8 | u32::from(chunk.get(at).copied().unwrap_or(0));
            }
            for at in 0..=chunk.len() {
                let index = (bits >> (18 - 6 * at)) & 63;
                let letter = ALPHABET.get(index as usize).copied().unwrap_or(b'A');
                fmt::Write::write_char(f, char::from(letter))?;
            }
        }
        Ok(())
    }
}

fn letters(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() * 3 / 4);
    for chunk in text.as_bytes().chunks(4) {
        let mut bits = 0u32;
        for at in 0..4 {
            let index = match chunk.get(at) {
                Some(letter) => ALPHABET.iter().position(|held| held == letter)?,
                None => 0,
            };
            bits = bits << 6 | u32::try_from(index).ok()?;
        }
        let bytes = bits.to_be_bytes();
        out.extend_from_slice(bytes.get(1..chunk.len().max(2))?);
    }
    Some(out)
}

impl FromStr for Cursor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let known = Some(text).filter(|text| text.len() <= LONGEST);
        known
            .and_then(letters)
            .and_then(|bytes| decode(&bytes))
            .ok_or_else(|| {
                Error::new(ErrorKind::InvalidInput, "this text is not a cursor")
                    .with_hint("pass what an earlier page's `next` printed")
            })
    }
}
