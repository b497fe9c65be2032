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
    let mut values = String::from(" VALUES (");
    for number in 1..=params.len() {
        let comma = if number > 1 { ", " } else { "" };
        let _ = write!(values, "{comma}${number}");
    }
    values.push(')');
    let (head, tail) = sql.split_once(&values)?;
    if !head.starts_with("INSERT INTO ") {
        return None;
    }
    let simple = tail.is_empty() || tail.starts_with(" RETURNING ");
    let skips = total && tail.starts_with(" ON CONFLICT") && tail.ends_with(" DO NOTHING");
    if !simple && !skips {
        return None;
    }
    let mut text = format!("{head} SELECT ");
    list(&mut text, params.len(), |text, number| {
        write!(text, "a{number}")
    });
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
    let _ = write!(text, ", n) ORDER BY n{tail}");
    Some(text)
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
