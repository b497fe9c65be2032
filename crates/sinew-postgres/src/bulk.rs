//! One statement for many rows.
//!
//! The engine sends an insert of one row and says how often. The server has told the type of each
//! parameter by then, so the text can be turned into one that takes a list for each column:
//!
//! ```sql
//! INSERT INTO t (a, b) VALUES ($1, $2) RETURNING id
//! INSERT INTO t (a, b) SELECT a1, a2 FROM unnest($1::"int8"[], $2::"text"[])
//!     WITH ORDINALITY AS rows(a1, a2, n) ORDER BY n RETURNING id
//! ```
//!
//! An `INSERT … SELECT … ORDER BY` computes defaults (the next number of a sequence too) and returns
//! rows in that order, so that the n-th key belongs to the n-th row.

use std::fmt::Write as _;

use tokio_postgres::types::Type;

use crate::bind::element;

/// The text that inserts many rows, where there is one. What handles conflicts cannot say which rows
/// it skipped, so it is taken only when nobody wants to know (`total`).
pub(crate) fn text(sql: &str, params: &[Type], total: bool) -> Option<String> {
    if params.is_empty() || params.iter().any(|ty| element(ty).is_some()) {
        // Lists of lists would be taken apart whole.
        return None;
    }
    let Row { head, values, tail } = Row::of(sql)?;
    let keeps = head.starts_with(KEEPING);
    if !keeps && !head.starts_with("INSERT INTO ") {
        return None;
    }
    if !(is_simple(tail) || total && skips(tail)) {
        return None;
    }
    let mut text = format!("{head} SELECT ");
    columns(&mut text, values);
    text.push_str(" FROM unnest(");
    list(&mut text, params.len(), |text, number| {
        let ty = &params[number - 1];
        write!(
            text,
            "${number}::{}.{}[]",
            quoted(ty.schema()),
            quoted(ty.name())
        )
    });
    text.push_str(") WITH ORDINALITY AS rows(");
    list(&mut text, params.len(), |text, number| {
        write!(text, "a{number}")
    });
    text.push_str(", n) ORDER BY n");
    match keeps {
        true => text.push_str(&tail.replacen("count(*) = 1 ", "count(*) = cardinality($1) ", 1)),
        false => text.push_str(tail),
    }
    Some(text)
}

fn is_simple(tail: &str) -> bool {
    tail.is_empty() || tail.starts_with(" RETURNING ")
}

fn skips(tail: &str) -> bool {
    tail.starts_with(" ON CONFLICT") && tail.ends_with(" DO NOTHING")
}

/// Whether a text inserts one row, and at most leaves it out where it collides.
pub(crate) fn is_plain(sql: &str) -> bool {
    let row = Row::of(sql).filter(|row| row.head.starts_with("INSERT INTO "));
    row.is_some_and(|row| is_simple(row.tail) || skips(row.tail))
}

/// How a setting that holds keys is read, up to its number.
pub(crate) const SETTING: &str = "current_setting('sinew.n";

/// The insert within a statement that keeps the keys it makes, and the number of these.
pub(crate) fn kept(sql: &str) -> Option<(&str, &str)> {
    const KEPT: &str = "), \"kept\" AS MATERIALIZED (SELECT set_config('sinew.n";
    let inner = sql
        .strip_prefix(BEFORE)
        .filter(|inner| inner.starts_with(INSERT))?;
    let (insert, after) = inner.rsplit_once(KEPT)?;
    let (slot, _) = after.split_once('\'')?;
    Some((insert, slot))
}

const BEFORE: &str = "WITH \"made\" AS (";
const INSERT: &str = "INSERT INTO ";
/// How a statement begins that keeps the keys it makes for those that follow.
const KEEPING: &str = "WITH \"made\" AS (INSERT INTO ";

/// Whether a statement keeps the keys of its rows: repeated, it would keep the last one alone.
pub(crate) fn keeps(sql: &str) -> bool {
    sql.starts_with(KEEPING)
}

/// The parts of an insert of one row.
struct Row<'s> {
    head: &'s str,
    /// What stands between the brackets.
    values: &'s str,
    tail: &'s str,
}

impl<'s> Row<'s> {
    fn of(sql: &'s str) -> Option<Self> {
        const VALUES: &str = ") VALUES (";
        let mut quote = None;
        let mut begin = None;
        let mut depth = 0;
        for (at, byte) in sql.bytes().enumerate() {
            match (quote, byte) {
                (Some(end), _) if byte == end => quote = None,
                (Some(_), _) => {}
                (None, b'"' | b'\'') => quote = Some(byte),
                (None, b')') if begin.is_none() && sql.get(at..)?.starts_with(VALUES) => {
                    begin = Some(at + VALUES.len());
                }
                (None, b'(') => depth += i32::from(begin.is_some_and(|begin| at >= begin)),
                (None, b')') if begin.is_some_and(|begin| at >= begin) && depth > 0 => depth -= 1,
                (None, b')') if begin.is_some_and(|begin| at >= begin) => {
                    let begin = begin?;
                    return Some(Self {
                        head: sql.get(..=begin - VALUES.len())?,
                        values: sql.get(begin..at)?,
                        tail: sql.get(at + 1..)?,
                    });
                }
                _ => {}
            }
        }
        None
    }
}

/// The values, each placeholder replaced by the column of its list.
fn columns(text: &mut String, values: &str) {
    let mut rest = values;
    while let Some(at) = rest.find('$') {
        let (before, after) = rest.split_at(at);
        text.push_str(before);
        rest = &after[1..];
        let placeholder = rest.starts_with(|next: char| next.is_ascii_digit());
        text.push(if placeholder { 'a' } else { '$' });
    }
    text.push_str(rest);
}

fn list(text: &mut String, length: usize, one: impl Fn(&mut String, usize) -> std::fmt::Result) {
    for number in 1..=length {
        if number > 1 {
            text.push_str(", ");
        }
        let _ = one(text, number);
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_row_becomes_many() {
        let sql = "INSERT INTO \"t\" (\"a\", \"b\") VALUES ($1, $2) RETURNING \"id\"";
        let wanted = "INSERT INTO \"t\" (\"a\", \"b\") SELECT a1, a2 FROM unnest($1::\"pg_catalog\".\"int8\"[], \
                      $2::\"pg_catalog\".\"text\"[]) WITH ORDINALITY AS rows(a1, a2, n) ORDER BY n RETURNING \"id\"";
        assert_eq!(
            text(sql, &[Type::INT8, Type::TEXT], false).as_deref(),
            Some(wanted)
        );
    }

    #[test]
    fn keys_are_kept_of_many_too() {
        let sql = "WITH \"made\" AS (INSERT INTO \"t\" (\"a) VALUES (\", \"b\") VALUES (CASE WHEN $1::int8 > 5 \
                   THEN f('$x)')[(9 - $1::int8)] END, $2) RETURNING \"id\"), \"kept\" AS MATERIALIZED (SELECT \
                   set_config('sinew.n0', CASE WHEN count(*) = 1 THEN array_agg(\"id\")::text ELSE 'incomplete' END, \
                   true) FROM \"made\") SELECT \"made\".* FROM \"kept\" LEFT JOIN \"made\" ON TRUE";
        let wanted = "WITH \"made\" AS (INSERT INTO \"t\" (\"a) VALUES (\", \"b\") SELECT CASE WHEN a1::int8 > 5 \
                      THEN f('$x)')[(9 - a1::int8)] END, a2 FROM unnest($1::\"pg_catalog\".\"int8\"[], \
                      $2::\"pg_catalog\".\"text\"[]) WITH ORDINALITY AS rows(a1, a2, n) ORDER BY n RETURNING \"id\"), \
                      \"kept\" AS MATERIALIZED (SELECT set_config('sinew.n0', CASE WHEN count(*) = cardinality($1) \
                      THEN array_agg(\"id\")::text ELSE 'incomplete' END, true) FROM \"made\") SELECT \"made\".* \
                      FROM \"kept\" LEFT JOIN \"made\" ON TRUE";
        assert!(keeps(sql));
        assert_eq!(
            text(sql, &[Type::INT8, Type::TEXT], false).as_deref(),
            Some(wanted)
        );
    }

    #[test]
    fn where_it_would_change_the_meaning() {
        let sql = "INSERT INTO \"t\" (\"a\") VALUES ($1) ON CONFLICT DO NOTHING";
        assert_eq!(text(sql, &[Type::INT8], false), None);
        assert!(text(sql, &[Type::INT8], true).is_some());
        let sql = "INSERT INTO \"t\" (\"a\") VALUES ($1)";
        assert_eq!(text(sql, &[Type::INT8_ARRAY], false), None);
        assert_eq!(text("UPDATE \"t\" SET a = $1", &[Type::INT8], false), None);
        assert_eq!(text("INSERT INTO \"t\" DEFAULT VALUES", &[], false), None);
    }
}
