//! SQL written by the user.

use sinew_core::{Error, ErrorKind, Result, Value};

use super::out::Out;
use super::walk::Walk;
use crate::expr::Raw;

/// A piece of the user's text.
enum Piece<'a> {
    /// To be copied.
    Text(&'a str),
    /// A `?`.
    Placeholder,
    /// The text ended inside a comment up to the end of the line.
    LineComment,
    /// The text ended inside quotes or a comment, opened by this.
    Open(&'static str),
}

/// Cuts the text at its placeholders.
fn pieces<'a>(sql: &'a str, mut each: impl FnMut(Piece<'a>)) {
    let bytes = sql.as_bytes();
    let mut from = 0;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let next = bytes.get(at + 1).copied();
        let end = match (byte, next) {
            (b'\'', _) if escapes(bytes, at) => Ok(escaped(bytes, at)),
            (b'\'', _) => quoted(sql, at, "'"),
            (b'$', _) => Ok(dollars(sql, at).unwrap_or(at + 1)),
            (b'"', _) => quoted(sql, at, "\""),
            (b'`', _) => quoted(sql, at, "`"),
            (b'-', Some(b'-')) => match sql[at..].find('\n') {
                Some(length) => Ok(at + length + 1),
                None => {
                    each(Piece::Text(&sql[from..]));
                    return each(Piece::LineComment);
                }
            },
            (b'/', Some(b'*')) => sql[at + 2..]
                .find("*/")
                .map(|length| at + length + 4)
                .ok_or("/*"),
            (b'?', Some(b'?')) => {
                each(Piece::Text(&sql[from..=at]));
                from = at + 2;
                Ok(from)
            }
            (b'?', _) => {
                each(Piece::Text(&sql[from..at]));
                each(Piece::Placeholder);
                from = at + 1;
                Ok(from)
            }
            _ => Ok(at + 1),
        };
        match end {
            Ok(end) => at = end,
            Err(opened) => {
                each(Piece::Text(&sql[from..]));
                return each(Piece::Open(opened));
            }
        }
    }
    each(Piece::Text(&sql[from..]));
}

/// Where the quotes that open at `at` have closed. A doubled quote closes and opens again.
fn quoted(sql: &str, at: usize, quote: &'static str) -> Result<usize, &'static str> {
    sql[at + 1..]
        .find(quote)
        .map(|length| at + length + 2)
        .ok_or(quote)
}

fn is_part_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || !byte.is_ascii()
}

/// Whether the quote at `at` opens PostgreSQL's `E'…'`, where a backslash escapes.
fn escapes(bytes: &[u8], at: usize) -> bool {
    let before = |n: usize| at.checked_sub(n).and_then(|at| bytes.get(at));
    matches!(before(1), Some(b'e' | b'E')) && !before(2).is_some_and(|&byte| is_part_of_name(byte))
}

/// Where such a text ends; at the end of the whole one when it does not.
fn escaped(bytes: &[u8], at: usize) -> usize {
    let mut at = at + 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b'\'' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// Where the text in PostgreSQL's `$tag$ … $tag$` ends that begins at `at`; `None` where none does.
fn dollars(sql: &str, at: usize) -> Option<usize> {
    let bytes = sql.as_bytes();
    if at > 0 && is_part_of_name(bytes[at - 1]) {
        return None;
    }
    let rest = &sql[at + 1..];
    let tag = rest.find(|c: char| !c.is_alphanumeric() && c != '_')?;
    if !rest[tag..].starts_with('$') || rest.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let tag = &sql[at..at + tag + 2];
    let inside = at + tag.len();
    let length = sql[inside..].find(tag)?;
    Some(inside + length + tag.len())
}

impl Raw {
    /// Checks that there is one value for each `?` and that quotes and comments are closed.
    ///
    /// # Errors
    /// With kind `InvalidInput` when not.
    pub fn check(&self) -> Result<()> {
        let mut placeholders = 0;
        let mut open = None;
        let mut numbered = false;
        let mut after_placeholder = false;
        pieces(&self.sql, |piece| match piece {
            Piece::Text(text) => {
                numbered |= after_placeholder && text.starts_with(|c: char| c.is_ascii_digit());
                after_placeholder = false;
            }
            Piece::Placeholder => {
                placeholders += 1;
                after_placeholder = true;
            }
            Piece::LineComment => {}
            Piece::Open(opened) => open = Some(opened),
        });
        let invalid = |message: String| {
            Err(Error::new(ErrorKind::InvalidInput, message).with_sql(self.sql.clone()))
        };
        if let Some(opened) = open {
            return invalid(format!("the SQL `{}` leaves {opened} open", self.sql));
        }
        if numbered {
            return invalid(format!(
                "the SQL `{}` numbers its placeholders; write a plain `?` for each value",
                self.sql
            ));
        }
        if placeholders != self.binds.len() {
            return invalid(format!(
                "the SQL `{}` has {placeholders} placeholders, but {} values were given; \
                 a literal question mark is written `??`",
                self.sql,
                self.binds.len()
            ));
        }
        Ok(())
    }
}

impl<'a, O: Out> Walk<'a, '_, O> {
    /// The text with the dialect's placeholders. A missing value is NULL: [`Raw::check`] tells
    /// the user before it comes to that.
    pub(super) fn raw(&mut self, raw: &'a Raw) {
        let mut binds = raw.binds.iter();
        pieces(&raw.sql, |piece| match piece {
            Piece::Text(text) => self.push(text),
            Piece::Placeholder => self.value(binds.next().map_or(Value::Null, Value::reborrow)),
            // What follows must not become part of the comment.
            Piece::LineComment => self.push("\n"),
            Piece::Open(_) => {}
        });
    }
}
