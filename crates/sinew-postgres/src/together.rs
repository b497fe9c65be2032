//! Running a transaction as one statement, where [`merge`](crate::merge) made one of it.

use std::pin::pin;

use sinew_core::driver::{Batch, Bracket, Row};
use sinew_core::{Error, ErrorKind, Result, Value};
use tokio_postgres::RowStream;

use crate::execute::{Delivery, Fault, commits, done, next, repetitions, skipped};
use crate::merge::{Form, Known, Merged, Part};
use crate::raw::{BEGIN, Raw};
use crate::row::{Arrived, readers};
use crate::wire::Wire;

impl Raw {
    /// The statements of a batch that is a transaction of its own, as one.
    pub(crate) fn mergeable(&mut self, batch: &Batch<'_>) -> Option<Known> {
        let whole = batch.open && commits(batch) && self.keeps && !self.own_transaction;
        let times = |action| repetitions(action).map_or(1, |(times, _)| times);
        let many = batch.statements.len() > 1
            || batch
                .statements
                .iter()
                .any(|statement| times(statement.action) > 1);
        if !whole || !many {
            return None;
        }
        let mut forms = Vec::with_capacity(batch.statements.len());
        for statement in &batch.statements {
            let entry = self.prepared.get(statement.sql)?;
            let several = times(statement.action) > 1;
            let bulk = match (several, &entry.bulk) {
                (true, Some(Some(text))) => Some(text.clone()),
                (true, _) => return None,
                (false, _) => None,
            };
            let kept = match &bulk {
                Some(text) => self.prepared.get(text)?.statement.clone(),
                // A form for other values than the server took them for stays by itself.
                None if entry.told.is_empty() && entry.variants.is_empty() => {
                    entry.statement.clone()
                }
                None => return None,
            };
            forms.push(Form {
                sql: statement.sql,
                bulk,
                statement: kept,
                action: statement.action,
            });
        }
        let known = self.prepared.merges.find(&forms);
        // A transaction that was begun already, to prepare something, goes on as it began.
        match known {
            Known::Ready(..) if self.pending.as_slice() != [BEGIN] => None,
            known => Some(known),
        }
    }

    /// Runs the statements as one. What the server refuses then is told by the statements apart.
    pub(crate) async fn merged(
        &mut self,
        batch: &Batch<'_>,
        (merged, statement): (&std::sync::Arc<Merged>, &tokio_postgres::Statement),
        out: &mut Delivery<'_>,
    ) -> Result<(), Fault> {
        debug_assert!(batch.bracket == Bracket::Transaction);
        // A statement is a transaction without these words.
        let begin = std::mem::take(&mut self.pending);
        let answer = self.send_merged(batch, merged, statement).await;
        let fault = match answer {
            Ok(answer) => return deliver(&answer, merged, batch, out),
            Err(fault) => fault,
        };
        // Nothing of it is left, not even a transaction that could be rolled back.
        self.pending = begin;
        if !is_refused(&fault) {
            return Err(fault);
        }
        self.apart(batch, out).await?;
        self.prepared.merges.refuse(merged);
        Ok(())
    }

    async fn send_merged(
        &mut self,
        batch: &Batch<'_>,
        merged: &Merged,
        statement: &tokio_postgres::Statement,
    ) -> Result<tokio_postgres::Row, Fault> {
        self.trips += 1;
        let binds = batch.statements.iter().map(|statement| &*statement.binds);
        let params = merged.params(binds);
        let fault = |cause| Fault::of(&cause, &merged.text);
        let sent = self.client.query_raw(statement, params);
        let sent = self.wire.drive(sent).await;
        let rows = pin!(sent.map_err(fault)?);
        only(&mut self.wire, rows)
            .await
            .map_err(fault)?
            .ok_or_else(|| Fault::own(unanswered(), &merged.text))
    }
}

/// Whether the statements apart may succeed, or tell where the fault lies.
fn is_refused(fault: &Fault) -> bool {
    use ErrorKind as K;
    let lost = matches!(
        fault.error.kind(),
        K::Connection | K::Closed | K::Timeout | K::Conflict
    );
    fault.reached && !fault.stale && !lost
}

/// The row of the answer, once all of it is here: only then it is committed.
async fn only(
    wire: &mut Wire,
    mut rows: std::pin::Pin<&mut RowStream>,
) -> Result<Option<tokio_postgres::Row>, tokio_postgres::Error> {
    let mut only = None;
    while let Some(row) = next(wire, rows.as_mut()).await {
        only = Some(row?);
    }
    Ok(only)
}

#[cold]
fn unanswered() -> Error {
    Error::new(
        ErrorKind::Decode,
        "a statement that returns one row returned none",
    )
}

/// Reports what each of the statements did.
fn deliver(
    answer: &tokio_postgres::Row,
    merged: &Merged,
    batch: &Batch<'_>,
    out: &mut Delivery<'_>,
) -> Result<(), Fault> {
    let readers = readers(answer.columns());
    let answer = Arrived {
        row: answer,
        readers: &readers,
    };
    let mut at = 0;
    for (index, (part, statement)) in merged.parts.iter().zip(&batch.statements).enumerate() {
        let sql = statement.sql;
        let own = |error: Error| Fault::own(error, sql);
        if !part.inserts {
            at += 1;
            done(out, index, sql, 1)?;
            continue;
        }
        let columns = part.statement.columns().len();
        let made = answer.int(at).and_then(|made| u64::try_from(made).ok());
        let made = made.ok_or_else(|| own(unanswered()))?;
        let mut rows = Returned {
            columns: Vec::with_capacity(columns),
            at: 0,
            part,
        };
        for column in at + 1..=at + columns {
            rows.columns.push(list(answer.get(column)).map_err(own)?);
        }
        at += 1 + columns;
        let each = match repetitions(statement.action) {
            Some((times, false)) if part.bulk => Some(times),
            _ => None,
        };
        for row in 0..rows.columns.first().map_or(0, Vec::len) {
            rows.at = row;
            out.any = true;
            out.sink.row(index, &rows).map_err(own)?;
            if each.is_some() {
                done(out, index, sql, 1)?;
            }
        }
        match each {
            Some(times) if made != times as u64 => return Err(own(skipped(times, made))),
            Some(times) if columns == 0 => {
                for _ in 0..times {
                    done(out, index, sql, 1)?;
                }
            }
            Some(_) => {}
            None => done(out, index, sql, made)?,
        }
    }
    Ok(())
}

/// What `array_agg` made of no row is no list.
fn list(value: Result<Value<'_>>) -> Result<Vec<Value<'_>>> {
    match value? {
        Value::List(values) => Ok(values),
        _ => Ok(Vec::new()),
    }
}

/// Rows that came as a list for each column.
struct Returned<'r> {
    columns: Vec<Vec<Value<'r>>>,
    at: usize,
    part: &'r Part,
}

impl Returned<'_> {
    fn value(&self, index: usize) -> Option<&Value<'_>> {
        self.columns.get(index)?.get(self.at)
    }
}

impl Row for Returned<'_> {
    fn len(&self) -> usize {
        self.columns.len()
    }

    fn get(&self, index: usize) -> Result<Value<'_>> {
        match self.value(index) {
            Some(value) => Ok(value.reborrow()),
            None => Err(unanswered()),
        }
    }

    fn int(&self, index: usize) -> Option<i64> {
        match self.value(index)? {
            Value::Int(number) => Some(*number),
            _ => None,
        }
    }

    fn text(&self, index: usize) -> Option<&str> {
        match self.value(index)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    fn name(&self, index: usize) -> Option<&str> {
        let column = self.part.statement.columns().get(index);
        column.map(tokio_postgres::Column::name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_row_is_no_list() {
        assert!(list(Ok(Value::Null)).unwrap().is_empty());
        let keys = list(Ok(Value::List(vec![Value::Int(1), Value::Int(2)]))).unwrap();
        assert_eq!(keys.len(), 2);
    }
}
