//! What has to be known of a statement beside its answer.

/// What a statement does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Select,
    Insert,
    Update,
    Delete,
    Other,
}

/// What an insert does with rows that are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnDuplicate {
    Fail,
    /// It sets a column to itself.
    Keep,
    Update,
}

/// What is known of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Meaning {
    pub(crate) verb: Verb,
    pub(crate) on_duplicate: OnDuplicate,
}

/// What Sinew writes for a collision on another key than the one that was meant.
pub(crate) const OTHERWISE: &str = ", (SELECT 1 UNION ALL SELECT 2))";
const DUPLICATE: &str = " ON DUPLICATE KEY UPDATE ";

impl Meaning {
    pub(crate) fn of(sql: &str) -> Self {
        let start = sql.trim_start_matches(|c: char| c.is_whitespace() || c == '(');
        let word = start
            .split(|c: char| !c.is_ascii_alphabetic())
            .next()
            .unwrap_or_default();
        let is = |name: &str| word.eq_ignore_ascii_case(name);
        let verb = match () {
            () if ["select", "with", "show", "values"]
                .iter()
                .any(|name| is(name)) =>
            {
                Verb::Select
            }
            () if is("insert") || is("replace") => Verb::Insert,
            () if is("update") => Verb::Update,
            () if is("delete") => Verb::Delete,
            () => Verb::Other,
        };
        let on_duplicate = match verb {
            Verb::Insert => on_duplicate(sql),
            _ => OnDuplicate::Fail,
        };
        Self { verb, on_duplicate }
    }
}

fn on_duplicate(sql: &str) -> OnDuplicate {
    let Some(at) = unquoted(sql, DUPLICATE) else {
        return OnDuplicate::Fail;
    };
    let set = &sql[at + DUPLICATE.len()..];
    let keeps = set.split_once(" = ").is_some_and(|(left, right)| {
        let right = match right.strip_suffix(OTHERWISE) {
            Some(guarded) => guarded.rsplit_once(", ").map_or("", |(_, kept)| kept),
            None => right,
        };
        let table = right.strip_suffix(left).and_then(|r| r.strip_suffix('.'));
        left.starts_with('`') && table.is_some_and(|table| table.starts_with('`'))
    });
    if keeps {
        OnDuplicate::Keep
    } else {
        OnDuplicate::Update
    }
}

/// Where `part` stands outside of quotes.
fn unquoted(sql: &str, part: &str) -> Option<usize> {
    let mut quote = None;
    let mut escaped = false;
    for (at, byte) in sql.bytes().enumerate() {
        match (quote, byte) {
            (Some(_), _) if escaped => escaped = false,
            (Some(b'\'' | b'"'), b'\\') => escaped = true,
            (Some(open), byte) if open == byte => quote = None,
            (Some(_), _) => {}
            (None, b'\'' | b'"' | b'`') => quote = Some(byte),
            (None, b' ') => {
                let here = sql.as_bytes().get(at..at + part.len());
                if here.is_some_and(|here| here.eq_ignore_ascii_case(part.as_bytes())) {
                    return Some(at);
                }
            }
            (None, _) => {}
        }
    }
    None
}

/// Where the placeholders stand.
pub(crate) fn placeholders(sql: &str) -> Vec<usize> {
    let mut quote = None;
    let mut escaped = false;
    let mut found = Vec::new();
    for (at, byte) in sql.bytes().enumerate() {
        match (quote, byte) {
            (Some(_), _) if escaped => escaped = false,
            (Some(b'\'' | b'"'), b'\\') => escaped = true,
            (Some(open), byte) if open == byte => quote = None,
            (Some(_), _) => {}
            (None, b'\'' | b'"' | b'`') => quote = Some(byte),
            (None, b'?') => found.push(at),
            (None, _) => {}
        }
    }
    found
}

/// An insert of one row, taken apart so that it can be written for many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OneRow<'s> {
    head: &'s str,
    row: &'s str,
    tail: &'s str,
}

impl<'s> OneRow<'s> {
    /// `None` unless the text is of the form that Sinew itself writes.
    pub(crate) fn of(sql: &'s str) -> Option<Self> {
        const VALUES: &str = " VALUES (";
        if !sql.starts_with("INSERT INTO `") {
            return None;
        }
        let at = unquoted(sql, VALUES)? + VALUES.len() - 1;
        let (head, rest) = sql.split_at(at);
        let (row, tail) = rest.split_at(rest.find(')')? + 1);
        let plain = row.bytes().all(|byte| b"(?, )".contains(&byte));
        let known = tail.is_empty() || tail.starts_with(DUPLICATE);
        (plain && known).then_some(Self { head, row, tail })
    }

    pub(crate) fn times(self, rows: usize) -> String {
        let Self { head, row, tail } = self;
        let mut sql = String::with_capacity(head.len() + tail.len() + rows * (row.len() + 2));
        sql.push_str(head);
        for at in 0..rows {
            if at > 0 {
                sql.push_str(", ");
            }
            sql.push_str(row);
        }
        sql.push_str(tail);
        sql
    }
}

/// The table that a statement writes, without quotes and schema.
pub(crate) fn table(sql: &str) -> Option<String> {
    let mut words = sql.split_whitespace();
    let first = words.next()?;
    let name = match first.to_ascii_uppercase().as_str() {
        "INSERT" | "REPLACE" | "DELETE" => words.nth(1)?,
        "UPDATE" => words.next()?,
        _ => return None,
    };
    let last = name.rsplit('.').next()?;
    Some(last.trim_matches('`').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn meanings() {
        let keep = "INSERT INTO `a` (`b`) VALUES (?) ON DUPLICATE KEY UPDATE `b` = `a`.`b`";
        assert_eq!(Meaning::of(keep).on_duplicate, OnDuplicate::Keep);
        let guarded = "INSERT INTO `a` (`b`) VALUES (?) ON DUPLICATE KEY UPDATE `b` = \
                       IF(`a`.`b` <=> VALUES(`b`), `a`.`b`, (SELECT 1 UNION ALL SELECT 2))";
        assert_eq!(Meaning::of(guarded).on_duplicate, OnDuplicate::Keep);
        let updates = guarded.replace(", `a`.`b`, ", ", VALUES(`b`), ");
        assert_eq!(Meaning::of(&updates).on_duplicate, OnDuplicate::Update);
        for update in [
            "INSERT INTO `a` (`b`) VALUES (?) ON DUPLICATE KEY UPDATE `b` = VALUES(`b`)",
            "insert into a values (1) on duplicate key update b = b + 1",
            "INSERT INTO `a` (`b`) VALUES (?) ON DUPLICATE KEY UPDATE `b` = `a`.`b` + 1",
        ] {
            assert_eq!(
                Meaning::of(update).on_duplicate,
                OnDuplicate::Update,
                "{update}"
            );
        }
        let quoted = "INSERT INTO `a` VALUES (' ON DUPLICATE KEY UPDATE \\' ')";
        assert_eq!(Meaning::of(quoted).on_duplicate, OnDuplicate::Fail);
        assert_eq!(Meaning::of(" (SELECT 1)").verb, Verb::Select);
        assert_eq!(Meaning::of("CREATE TABLE a (b int)").verb, Verb::Other);
    }

    #[test]
    fn many_rows() {
        let one = OneRow::of("INSERT INTO `a VALUES (` (`b`, `c`) VALUES (?, ?)").unwrap();
        assert_eq!(
            one.times(2),
            "INSERT INTO `a VALUES (` (`b`, `c`) VALUES (?, ?), (?, ?)"
        );
        let keep = "INSERT INTO `a` (`b`) VALUES (?) ON DUPLICATE KEY UPDATE `b` = `a`.`b`";
        let many = OneRow::of(keep).unwrap().times(2);
        assert_eq!(
            many,
            "INSERT INTO `a` (`b`) VALUES (?), (?) ON DUPLICATE KEY UPDATE `b` = `a`.`b`"
        );
        let defaults = OneRow::of("INSERT INTO `a` () VALUES ()").unwrap();
        assert_eq!(defaults.times(2), "INSERT INTO `a` () VALUES (), ()");
        for other in [
            "INSERT INTO `a` (`b`) VALUES (now())",
            "INSERT INTO `a` (`b`) SELECT ?",
            "INSERT INTO `a` (`b`) VALUES (?), (?)",
            "INSERT IGNORE INTO `a` (`b`) VALUES (?)",
        ] {
            assert_eq!(OneRow::of(other), None, "{other}");
        }
    }

    #[test]
    fn placeholders_outside_of_quotes() {
        let sql = "SELECT ?, '?', \"\\\"?\", `?` FROM a WHERE b = ?";
        assert_eq!(placeholders(sql), [7, sql.len() - 1]);
    }

    #[test]
    fn tables() {
        assert_eq!(
            table("INSERT INTO `a`.`b` (`c`) VALUES (?)").as_deref(),
            Some("b")
        );
        assert_eq!(table("UPDATE `b` SET `c` = ?").as_deref(), Some("b"));
        assert_eq!(table("DELETE FROM `b`").as_deref(), Some("b"));
        assert_eq!(table("SELECT 1"), None);
    }
}
