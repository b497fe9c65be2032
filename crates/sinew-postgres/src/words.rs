//! What the first word of a statement tells.

/// What a text does to the state of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// It begins a transaction.
    Begins,
    /// It ends one.
    Ends,
    /// It drops prepared statements.
    Forgets,
    /// Nothing.
    None,
}

fn first(sql: &str) -> &str {
    let sql = sql.trim_start();
    let end = sql
        .find(|c: char| !c.is_ascii_alphabetic())
        .unwrap_or(sql.len());
    &sql[..end]
}

fn is_one_of(word: &str, words: &[&str]) -> bool {
    words.iter().any(|known| known.eq_ignore_ascii_case(word))
}

pub(crate) fn effect(sql: &str) -> Effect {
    let word = first(sql);
    // The usual ones first.
    if is_one_of(word, &["select", "insert", "update", "delete", "with"]) {
        return Effect::None;
    }
    if is_one_of(word, &["begin", "start"]) {
        Effect::Begins
    } else if is_one_of(word, &["commit", "end", "abort"]) {
        Effect::Ends
    } else if is_one_of(word, &["discard", "deallocate"]) {
        Effect::Forgets
    } else if word.eq_ignore_ascii_case("rollback") && !sql.to_ascii_lowercase().contains("to ") {
        Effect::Ends
    } else {
        Effect::None
    }
}

/// Whether a cursor can be declared for it.
pub(crate) fn is_query(sql: &str) -> bool {
    is_one_of(first(sql), &["select", "values", "with"]) || sql.trim_start().starts_with('(')
}

/// Whether preparing it can pay: statements that change the schema run once.
pub(crate) fn is_kept(sql: &str) -> bool {
    let known = [
        "select", "insert", "update", "delete", "with", "values", "merge", "table",
    ];
    sql.trim_start().starts_with('(') || is_one_of(first(sql), &known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn effects() {
        assert_eq!(effect("  begin;"), Effect::Begins);
        assert_eq!(effect("START TRANSACTION"), Effect::Begins);
        assert_eq!(effect("Rollback"), Effect::Ends);
        assert_eq!(effect("ROLLBACK TO x"), Effect::None);
        assert_eq!(effect("SELECT 1"), Effect::None);
        assert!(is_kept("select 1") && !is_kept("CREATE TABLE t (a int)"));
    }
}
