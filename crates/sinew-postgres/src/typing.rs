//! Parameters whose type the server cannot know.
//!
//! `SELECT $1` makes a text of anything, `$1 IS NULL` and `$1 || $2` are refused, and `$1 + 1` wants an
//! integer, whatever is bound. There the server is told the type of the value. Everywhere else it
//! knows best: a number that is compared with a `varchar` or an `enum` has to travel as it asks for.
//!
//! A text is prepared as it is first, and once more where values are of other types than the server
//! took them for. Should it refuse these, the first form stays.

use sinew_core::Value;
use sinew_core::driver::{Action, Statement};
use tokio_postgres::error::DbError;
use tokio_postgres::types::{Kind, Type};

use crate::bind::UNSPECIFIED;
use crate::execute::Fault;
use crate::prepared::Entry;
use crate::raw::Raw;
use crate::words;

const FENCE: &str = "SAVEPOINT sinew_types";

/// A type that is left to the server.
pub(crate) fn unspecified() -> Type {
    let namespace = "pg_catalog".into();
    Type::new("unspecified".into(), UNSPECIFIED, Kind::Pseudo, namespace)
}

/// The type of a value that is no text.
fn own(value: &Value<'_>) -> Option<Type> {
    Some(match value {
        Value::Bool(_) => Type::BOOL,
        Value::Int(_) => Type::INT8,
        Value::UInt(_) | Value::Decimal(_) => Type::NUMERIC,
        Value::Float(_) => Type::FLOAT8,
        Value::Bytes(_) => Type::BYTEA,
        Value::Timestamp(_) => Type::TIMESTAMPTZ,
        Value::DateTime(_) => Type::TIMESTAMP,
        Value::Date(_) => Type::DATE,
        Value::Time(_) => Type::TIME,
        Value::Uuid(_) => Type::UUID,
        Value::List(items) => list(items),
        _ => return None,
    })
}

/// The type of a list, by what it holds.
fn list(items: &[Value<'_>]) -> Type {
    // Unsigned numbers are `UInt` only where they are large.
    if items.iter().any(|item| matches!(item, Value::UInt(_))) {
        return Type::NUMERIC_ARRAY;
    }
    match items.iter().find(|item| !item.is_null()) {
        Some(Value::Bool(_)) => Type::BOOL_ARRAY,
        Some(Value::Int(_)) => Type::INT8_ARRAY,
        Some(Value::Decimal(_)) => Type::NUMERIC_ARRAY,
        Some(Value::Float(_)) => Type::FLOAT8_ARRAY,
        Some(Value::Bytes(_)) => Type::BYTEA_ARRAY,
        Some(Value::Timestamp(_)) => Type::TIMESTAMPTZ_ARRAY,
        Some(Value::DateTime(_)) => Type::TIMESTAMP_ARRAY,
        Some(Value::Date(_)) => Type::DATE_ARRAY,
        Some(Value::Time(_)) => Type::TIME_ARRAY,
        Some(Value::Uuid(_)) => Type::UUID_ARRAY,
        _ => Type::TEXT_ARRAY,
    }
}

fn own_or_text(value: &Value<'_>) -> Type {
    own(value).unwrap_or(Type::TEXT)
}

/// Whether the server did not find out what a parameter is.
pub(crate) fn wants_types(reported: &DbError) -> bool {
    // indeterminate_datatype, ambiguous_function
    matches!(reported.code().code(), "42P18" | "42725")
}

/// The types to tell for these values, where they are not what the server takes them for.
pub(crate) fn wanted(entry: &Entry, values: &[Value<'_>]) -> Option<Vec<Type>> {
    let params = entry.statement.params();
    let mut types: Option<Vec<Type>> = None;
    for (at, (param, value)) in params.iter().zip(values).enumerate() {
        let told = entry.told.contains(&at);
        let another = match (param.oid(), value) {
            _ if told => Some(own_or_text(value)).filter(|own| own != param),
            (25, value) if !entry.cast.contains(&at) => own(value),
            (20 | 21 | 23, Value::Float(_)) => Some(Type::FLOAT8),
            _ => None,
        };
        if let Some(another) = another {
            let types = types.get_or_insert_with(|| vec![unspecified(); params.len()]);
            types[at] = another;
        } else if let (Some(types), true) = (&mut types, told) {
            types[at] = param.clone();
        }
    }
    types
}

/// The parameter in `could not determine data type of parameter $2`.
fn parameter(reported: &DbError) -> Option<usize> {
    let (_, after) = reported.message().rsplit_once('$')?;
    let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
    digits.parse::<usize>().ok()?.checked_sub(1)
}

/// The parameters that the text itself casts, by `$1::…` or `CAST($1 AS …)`: it means what it says.
pub(crate) fn casts(sql: &str) -> Vec<usize> {
    let mut found = Vec::new();
    for (at, _) in sql.match_indices('$') {
        let rest = &sql[at + 1..];
        let length = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, after) = rest.split_at(length);
        let Some(number) = number.parse().ok().and_then(|n: usize| n.checked_sub(1)) else {
            continue;
        };
        let before = sql[..at].trim_end().strip_suffix('(').map(str::trim_end);
        let called = before.is_some_and(|before| before.to_ascii_lowercase().ends_with("cast"));
        if after.trim_start().starts_with("::") || called {
            found.push(number);
        }
    }
    found
}

impl Raw {
    /// What fails after this can be undone without the rest of the transaction.
    pub(crate) fn fence(&mut self) {
        if self.in_transaction || self.own_transaction {
            self.pending.push(FENCE.into());
        }
    }

    pub(crate) fn unfence(&mut self, succeeded: bool) {
        if self.in_transaction || self.own_transaction {
            if !succeeded {
                self.pending
                    .push("ROLLBACK TO SAVEPOINT sinew_types".into());
            }
            self.pending.push("RELEASE SAVEPOINT sinew_types".into());
        }
    }

    async fn send_pending(&mut self) -> Result<(), Fault> {
        let words = std::mem::take(&mut self.pending).join("; ");
        if words.is_empty() {
            return Ok(());
        }
        self.trips += 1;
        let sent = self.command(&words).await;
        sent.map_err(|cause| Fault::of(&cause, "SAVEPOINT"))
    }

    /// Prepares a text with these types. In a transaction nothing is lost when it fails.
    async fn try_types(
        &mut self,
        sql: &str,
        types: &[Type],
    ) -> Result<Result<tokio_postgres::Statement, tokio_postgres::Error>, Fault> {
        self.fence();
        self.send_pending().await?;
        self.trips += 1;
        let tried = self.wire.drive(self.client.prepare_typed(sql, types));
        let tried = tried.await;
        self.unfence(tried.is_ok());
        Ok(tried)
    }

    /// Prepares texts of which one was refused because nothing tells the type of a parameter.
    pub(crate) async fn prepare_typed(
        &mut self,
        texts: &[&str],
        statements: &[Statement<'_>],
        reported: &DbError,
    ) -> Result<(), Fault> {
        self.unfence(false);
        let missing = statements.iter().filter(|s| texts.contains(&s.sql));
        for statement in missing {
            if self.prepared.has(statement.sql) {
                continue;
            }
            let count = statement.binds.len() / statement.action.times().max(1);
            let mut types = vec![unspecified(); count];
            let mut problem = reported.clone();
            let mut tries = 0;
            loop {
                let tried = self.try_types(statement.sql, &types).await?;
                let cause = match tried {
                    Ok(prepared) => {
                        let told = (0..count).filter(|&at| types[at].oid() != UNSPECIFIED);
                        let told = told.collect();
                        self.prepared.put_told(statement.sql, prepared, told);
                        break;
                    }
                    Err(cause) => cause,
                };
                match cause.as_db_error() {
                    Some(again) if wants_types(again) && tries <= count => {
                        problem.clone_from(again);
                    }
                    _ => return Err(Fault::of(&cause, statement.sql)),
                }
                tries += 1;
                tell(&mut types, &statement.binds, &problem);
            }
        }
        Ok(())
    }

    /// Prepares what is kept once more for values that the server takes for something else.
    pub(crate) async fn prepare_variants(
        &mut self,
        statements: &[Statement<'_>],
    ) -> Result<(), Fault> {
        for statement in statements {
            let single = matches!(statement.action, Action::Rows | Action::Count);
            if !single || statement.binds.is_empty() || !words::is_kept(statement.sql) {
                continue;
            }
            let Some(entry) = self.prepared.get(statement.sql) else {
                continue;
            };
            let Some(types) = wanted(entry, &statement.binds) else {
                continue;
            };
            let ids: Vec<u32> = types.iter().map(Type::oid).collect();
            if entry.variants.iter().any(|(known, _)| *known == ids) {
                continue;
            }
            let variant = self.try_types(statement.sql, &types).await?.ok();
            if let Some(entry) = self.prepared.get(statement.sql) {
                entry.variants.push((ids, variant));
            }
        }
        Ok(())
    }
}

/// Sets the type that is missing; all of them where it is not said which.
fn tell(types: &mut [Type], values: &[Value<'_>], problem: &DbError) {
    let named = parameter(problem).filter(|&at| at < types.len());
    let missing = types
        .iter_mut()
        .zip(values)
        .enumerate()
        .filter(|(at, _)| named.is_none_or(|named| named == *at));
    for (_, (ty, value)) in missing {
        *ty = own_or_text(value);
    }
}

#[cfg(test)]
mod tests {
    use super::casts;

    #[test]
    fn what_a_text_casts() {
        let sql =
            "SELECT $1, $2::text, cast( $3 AS text), $4 AS x, $5 ::int, $$x$$ WHERE $12::int > 0";
        assert_eq!(casts(sql), [1, 2, 4, 11]);
    }
}
