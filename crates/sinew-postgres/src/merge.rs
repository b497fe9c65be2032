//! One statement for a whole transaction of inserts.
//!
//! The inserts of a graph are sent together, each as a statement of its own between `BEGIN` and
//! `COMMIT`. Every one of them is planned, started, answered and waited for by itself. Where the
//! server takes them as one, it is one statement, which is a transaction without further words:
//!
//! ```sql
//! WITH "sinew.m0"("c0") AS (INSERT INTO users … RETURNING "id"),
//! "sinew.k0" AS MATERIALIZED (SELECT count(*) AS "n", array_agg("c0") AS "c0" FROM "sinew.m0"),
//! "sinew.m1"("c0") AS (INSERT INTO posts … (SELECT "c0" FROM "sinew.k0") … RETURNING "id"),
//! "sinew.k1" AS MATERIALIZED (…)
//! SELECT (SELECT "n" FROM "sinew.k0"), (SELECT "c0" FROM "sinew.k0"), (SELECT "n" FROM "sinew.k1"), …
//! ```
//!
//! Keys are handed on by the name of what made them instead of a setting of the transaction, and
//! what the inserts return comes back as lists, in their order. Foreign keys are checked when all
//! rows are there. The parts see the tables as they were before: nothing here reads what another
//! part wrote, but for triggers and policies. So whatever the server refuses is sent once more
//! statement by statement, which tells also where the fault lies; a text that then succeeds is
//! never merged again.

use std::fmt::Write as _;
use std::sync::Arc;

use sinew_core::Value;
use sinew_core::driver::Action;
use tokio_postgres::types::Type;

use crate::bind::{Bind, Column, Param, element};
use crate::bulk;

/// Whether there is a trigger that sees the tables as they were before the statement: a function that
/// is not VOLATILE does. What it looks up in an owner that is made by the same statement would not be
/// there, and nothing would tell. Texts are then never merged.
pub(crate) const LOOKS_BACK: &str = "SELECT 1 FROM pg_catalog.pg_trigger t \
     JOIN pg_catalog.pg_proc f ON f.oid = t.tgfoid \
     WHERE NOT t.tgisinternal AND f.provolatile <> 'v' LIMIT 1";

/// More parts than this are left alone: the server plans them all, whatever little they do.
const PARTS: usize = 16;
/// How many texts are kept.
const KEPT: usize = 32;

/// A statement of a batch in the form in which it is sent.
pub(crate) struct Form<'b> {
    pub(crate) sql: &'b str,
    /// The text that takes lists, where many rows are inserted.
    pub(crate) bulk: Option<Arc<str>>,
    pub(crate) statement: tokio_postgres::Statement,
    pub(crate) action: Action,
}

impl Form<'_> {
    fn text(&self) -> &str {
        self.bulk.as_deref().unwrap_or(self.sql)
    }
}

/// What one part of the merged statement answers.
#[derive(Clone)]
pub(crate) struct Part {
    /// How many parameters it has.
    params: usize,
    pub(crate) bulk: bool,
    /// Otherwise it is a question that only has to succeed.
    pub(crate) inserts: bool,
    /// As it was prepared by itself, with the names of its columns.
    pub(crate) statement: tokio_postgres::Statement,
}

/// Statements as one.
pub(crate) struct Merged {
    pub(crate) text: String,
    pub(crate) parts: Vec<Part>,
}

impl Merged {
    /// The parameters of all parts.
    pub(crate) fn params<'v>(
        &self,
        binds: impl Iterator<Item = &'v [Value<'v>]>,
    ) -> Vec<Param<'v>> {
        let mut params = Vec::with_capacity(self.parts.iter().map(|part| part.params).sum());
        for (part, values) in self.parts.iter().zip(binds) {
            match part.bulk {
                true => params.extend(
                    (0..part.params).map(|at| Param::Column(Column::new(values, at, part.params))),
                ),
                false => params.extend(values.iter().map(|value| Param::One(Bind(value)))),
            }
        }
        params
    }

    /// Whether the server takes the parameters for what they are one by one.
    fn takes(&self, statement: &tokio_postgres::Statement) -> bool {
        let apart = self.parts.iter().flat_map(|part| part.statement.params());
        let together = statement.params().iter();
        together.map(Type::oid).eq(apart.map(Type::oid))
    }
}

/// What is known of a list of texts.
pub(crate) enum Known {
    /// It is to be prepared.
    New(Arc<Merged>),
    Ready(Arc<Merged>, tokio_postgres::Statement),
    /// They cannot be one.
    Apart,
}

impl Known {
    pub(crate) fn into_new(self) -> Option<Arc<Merged>> {
        match self {
            Self::New(merged) => Some(merged),
            Self::Ready(..) | Self::Apart => None,
        }
    }
}

impl Clone for Known {
    fn clone(&self) -> Self {
        match self {
            Self::New(merged) => Self::New(Arc::clone(merged)),
            Self::Ready(merged, statement) => Self::Ready(Arc::clone(merged), statement.clone()),
            Self::Apart => Self::Apart,
        }
    }
}

/// The texts that were merged on a connection, or tried.
#[derive(Default)]
pub(crate) struct Merges(Vec<(Vec<Box<str>>, Known)>);

impl Merges {
    /// What is known of these statements; a new text is made where nothing is.
    pub(crate) fn find(&mut self, forms: &[Form<'_>]) -> Known {
        let texts = || forms.iter().map(Form::text);
        let is_it = |(known, _): &(Vec<Box<str>>, Known)| known.iter().map(|t| &**t).eq(texts());
        if let Some(at) = self.0.iter().position(is_it) {
            return self.0[at].1.clone();
        }
        let known = merge(forms).map_or(Known::Apart, |merged| Known::New(Arc::new(merged)));
        if self.0.len() >= KEPT {
            self.0.remove(0);
        }
        self.0
            .push((texts().map(Box::from).collect(), known.clone()));
        known
    }

    fn set(&mut self, merged: &Arc<Merged>, to: Known) {
        let is_it = |known: &Known| match known {
            Known::New(of) | Known::Ready(of, _) => Arc::ptr_eq(of, merged),
            Known::Apart => false,
        };
        if let Some((_, known)) = self.0.iter_mut().find(|(_, known)| is_it(known)) {
            *known = to;
        }
    }

    /// The server prepared the text, or refused to.
    pub(crate) fn prepared(
        &mut self,
        merged: &Arc<Merged>,
        statement: Option<tokio_postgres::Statement>,
    ) {
        let ready = statement
            .filter(|statement| merged.takes(statement))
            .map(|statement| Known::Ready(Arc::clone(merged), statement));
        self.set(merged, ready.unwrap_or(Known::Apart));
    }

    /// One by one they do what they do not do together.
    pub(crate) fn refuse(&mut self, merged: &Arc<Merged>) {
        self.set(merged, Known::Apart);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

/// What a text does, as far as it can be a part.
enum Kind<'s> {
    /// Inserts rows whose keys later parts want, by the number under which they are kept.
    Keeps {
        insert: &'s str,
        slot: &'s str,
    },
    Inserts(&'s str),
    /// Fails unless something is there.
    Asks(&'s str),
}

fn kind<'s>(form: &'s Form<'_>) -> Option<Kind<'s>> {
    let text = form.text();
    if form.action == Action::Count && text.starts_with("SELECT ") {
        let single = form.statement.columns().len() == 1;
        return single.then_some(Kind::Asks(text));
    }
    let (Action::Each { times } | Action::Total { times }) = form.action else {
        return None;
    };
    if times != 1 && form.bulk.is_none() {
        return None;
    }
    let columns = form.statement.columns();
    if columns
        .iter()
        .any(|column| element(column.type_()).is_some())
    {
        // A list of lists may be refused for the lengths of its parts.
        return None;
    }
    if let Some((insert, slot)) = bulk::kept(text) {
        return (!columns.is_empty()).then_some(Kind::Keeps { insert, slot });
    }
    let plain = form.bulk.is_some() || bulk::is_plain(text);
    plain.then_some(Kind::Inserts(text))
}

/// One statement for these, if there is one.
fn merge(forms: &[Form<'_>]) -> Option<Merged> {
    if forms.len() > PARTS {
        return None;
    }
    let mut text = String::from("WITH ");
    let mut answer = String::new();
    let mut parts = Vec::with_capacity(forms.len());
    let mut slots: Vec<(&str, usize)> = Vec::new();
    let mut offset = 0;
    for (at, form) in forms.iter().enumerate() {
        let kind = kind(form)?;
        answer.push_str(if at == 0 { " SELECT " } else { ", " });
        if let Kind::Asks(select) = kind {
            answer.push('(');
            part(&mut answer, select, offset, &slots)?;
            answer.push(')');
        } else {
            text.push_str(if text.ends_with(')') { ", " } else { "" });
            insert(&mut text, &kind, (at, offset, form), &slots)?;
            let _ = write!(answer, "(SELECT \"n\" FROM \"sinew.k{at}\")");
            for column in 0..form.statement.columns().len() {
                let _ = write!(answer, ", (SELECT \"c{column}\" FROM \"sinew.k{at}\")");
            }
        }
        if let Kind::Keeps { slot, .. } = kind {
            slots.push((slot, at));
        }
        let params = form.statement.params().len();
        offset += params;
        parts.push(Part {
            params,
            bulk: form.bulk.is_some(),
            inserts: !matches!(kind, Kind::Asks(_)),
            statement: form.statement.clone(),
        });
    }
    let inserts = parts.iter().any(|part| part.inserts);
    text.push_str(&answer);
    inserts.then_some(Merged { text, parts })
}

/// Two parts of the list: the rows, and what came of them.
fn insert(
    text: &mut String,
    kind: &Kind<'_>,
    (at, offset, form): (usize, usize, &Form<'_>),
    slots: &[(&str, usize)],
) -> Option<()> {
    let (rows, keeps) = match kind {
        Kind::Keeps { insert, .. } => (*insert, true),
        Kind::Inserts(insert) | Kind::Asks(insert) => (*insert, false),
    };
    let columns = form.statement.columns().len();
    let _ = write!(text, "\"sinew.m{at}\"(\"c0\"");
    for column in 1..columns {
        let _ = write!(text, ", \"c{column}\"");
    }
    text.push_str(") AS (");
    part(text, rows, offset, slots)?;
    text.push_str(if columns == 0 { " RETURNING 1" } else { "" });
    let _ = write!(
        text,
        "), \"sinew.k{at}\" AS MATERIALIZED (SELECT count(*) AS \"n\""
    );
    for column in 0..columns {
        text.push_str(", ");
        if keeps && column == 0 {
            // Where rows are missing nobody knows whose key is whose.
            text.push_str("CASE WHEN count(*) = ");
            let _ = match form.bulk {
                Some(_) => write!(text, "cardinality(${})", offset + 1),
                None => write!(text, "1"),
            };
            text.push_str(
                " THEN array_agg(\"c0\")::int8[] ELSE ('incomplete' || count(*))::int8[] END AS \"c0\"",
            );
        } else {
            let _ = write!(text, "array_agg(\"c{column}\") AS \"c{column}\"");
        }
    }
    let _ = write!(text, " FROM \"sinew.m{at}\")");
    Some(())
}

/// A text with its parameters counted on from others, and with keys by the name of what made them.
fn part(text: &mut String, sql: &str, offset: usize, slots: &[(&str, usize)]) -> Option<()> {
    let mut quote = None;
    let mut copied = 0;
    let bytes = sql.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match (quote, byte) {
            (Some(end), _) if byte == end => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'$') => {
                let digits = &sql[at + 1..];
                let length = digits.bytes().take_while(u8::is_ascii_digit).count();
                let number: usize = digits[..length].parse().ok()?;
                text.push_str(&sql[copied..=at]);
                let _ = write!(text, "{}", number + offset);
                copied = at + 1 + length;
                at = copied;
                continue;
            }
            (None, b'c') if sql[at..].starts_with(bulk::SETTING) => {
                let rest = &sql[at + bulk::SETTING.len()..];
                let (slot, _) = rest.split_once('\'')?;
                let after = rest.strip_prefix(slot)?.strip_prefix("')::int8[]")?;
                let (_, made) = slots.iter().rev().find(|(known, _)| *known == slot)?;
                text.push_str(&sql[copied..at]);
                let _ = write!(text, "\"c0\" FROM \"sinew.k{made}\"");
                copied = sql.len() - after.len();
                at = copied;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    text.push_str(&sql[copied..]);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::part;

    fn shifted(sql: &str) -> Option<String> {
        let mut text = String::new();
        part(&mut text, sql, 10, &[("0", 0), ("1", 3)]).map(|()| text)
    }

    #[test]
    fn parameters_are_counted_on() {
        assert_eq!(
            shifted("INSERT INTO \"a$1\" VALUES ($1, '$2', $12::\"int8\")").as_deref(),
            Some("INSERT INTO \"a$1\" VALUES ($11, '$2', $22::\"int8\")")
        );
    }

    #[test]
    fn keys_come_from_what_made_them() {
        assert_eq!(
            shifted("((SELECT current_setting('sinew.n1')::int8[]))[(9 - $2::int8)]").as_deref(),
            Some("((SELECT \"c0\" FROM \"sinew.k3\"))[(9 - $12::int8)]")
        );
        // An earlier transaction's keys, which nobody made here.
        assert_eq!(
            shifted("(SELECT current_setting('sinew.n7')::int8[])"),
            None
        );
        assert!(shifted("'current_setting(''sinew.n7'')'").is_some());
    }
}
