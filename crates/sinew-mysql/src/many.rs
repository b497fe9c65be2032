//! Inserts of many rows by one statement.

use sinew_core::Value;
use sinew_core::driver::{Action, Done, Sink, Statement};

use crate::bind;
use crate::error::Fault;
use crate::execute::Run;
use crate::session::Session;
use crate::text::{Meaning, OnDuplicate, OneRow};

/// Rows per statement. Each number of rows is a text of its own.
const ROWS: usize = 1024;
/// Values per statement, by the protocol.
const VALUES: usize = 65_535;
/// Bytes per statement, well below the least that servers are set to take in one piece.
const BYTES: usize = 1 << 20;

impl Session {
    /// Runs a repeated insert with many rows at a time; `false` where each row has to tell for
    /// itself what came of it, and nothing was done.
    pub(crate) async fn many(
        &mut self,
        run: Run,
        statement: &Statement<'_>,
        times: usize,
        sink: &mut dyn Sink,
    ) -> Result<bool, Fault> {
        let Some(one) = OneRow::of(statement.sql) else {
            return Ok(false);
        };
        let in_one = match Meaning::of(statement.sql).on_duplicate {
            OnDuplicate::Fail => true,
            OnDuplicate::Keep => matches!(statement.action, Action::Total { .. }),
            OnDuplicate::Update => false,
        };
        if !in_one || !statement.binds.len().is_multiple_of(times) {
            return Ok(false);
        }
        let width = statement.binds.len() / times;
        let mut begin = 0;
        while begin < times {
            let rows = chunk(&statement.binds[begin * width..], width, times - begin);
            let values = &statement.binds[begin * width..(begin + rows) * width];
            self.rows(run, statement.sql, one, rows, values, sink)
                .await?;
            begin += rows;
        }
        Ok(true)
    }

    async fn rows(
        &mut self,
        run: Run,
        single: &str,
        one: OneRow<'_>,
        rows: usize,
        values: &[Value<'_>],
        sink: &mut dyn Sink,
    ) -> Result<(), Fault> {
        let sql = one.times(rows);
        let entry = self.entry(&sql).await?;
        if usize::from(entry.statement.num_params()) != values.len() {
            return Err(
                bind::invalid("the statement has another number of placeholders".into()).into(),
            );
        }
        match self.once(run, &entry, values, sink).await {
            Ok(done) => {
                let increment = self.increment;
                let each = |at: usize| share(increment, done, rows, at);
                (0..rows).try_for_each(|at| sink.done(run.index, each(at)))?;
                self.let_go(entry).await
            }
            // The statement is undone as a whole: row by row it shows which one is to blame.
            Err(fault) if rows > 1 && fault.is_of_a_row() => {
                self.let_go(entry).await?;
                let entry = self.entry(single).await?;
                for values in values.chunks(values.len() / rows) {
                    let done = self.once(run, &entry, values, sink).await?;
                    sink.done(run.index, done)?;
                }
                self.let_go(entry).await
            }
            Err(fault) => Err(fault),
        }
    }
}

/// The part of row `at` in what came of all.
fn share(increment: u64, done: Done, rows: usize, at: usize) -> Done {
    let all = u64::try_from(rows).is_ok_and(|rows| rows == done.affected);
    let step = i64::try_from(increment).unwrap_or(1);
    let offset = i64::try_from(at).ok().and_then(|at| at.checked_mul(step));
    let last_id = match (done.last_id, offset) {
        (Some(first), Some(offset)) if all => first.checked_add(offset),
        _ => None,
    };
    let affected = u64::from(u64::try_from(at).is_ok_and(|at| at < done.affected));
    Done { affected, last_id }
}

/// How many of the `left` rows fit into one statement.
fn chunk(values: &[Value<'_>], width: usize, left: usize) -> usize {
    let most = left.min(ROWS).min(VALUES / width.max(1)).max(1);
    let mut bytes = 0;
    for row in 0..most {
        bytes += values[row * width..(row + 1) * width]
            .iter()
            .map(size)
            .sum::<usize>();
        if bytes > BYTES {
            return row.max(1);
        }
    }
    most
}

fn size(value: &Value<'_>) -> usize {
    match value {
        Value::Text(v) | Value::Decimal(v) | Value::Json(v) => v.len(),
        Value::Bytes(v) => v.len(),
        Value::List(items) => items.iter().map(size).sum(),
        _ => 16,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_follow_the_increment() {
        let done = |affected| Done {
            affected,
            last_id: Some(10),
        };
        for (increment, wanted) in [(1, [10, 11, 12]), (3, [10, 13, 16])] {
            let keys = [0, 1, 2].map(|at| share(increment, done(3), 3, at).last_id);
            assert_eq!(keys, wanted.map(Some));
        }
        // Where a row was left out, nobody knows which key is whose.
        assert_eq!(share(1, done(2), 3, 0).last_id, None);
        assert_eq!(
            [0, 1, 2].map(|at| share(1, done(2), 3, at).affected),
            [1, 1, 0]
        );
    }
}
