//! What is told of statements: to the counters of a handle, and as events.

use std::time::Instant;

use sinew_core::driver::{Done, Row, Sink, Statement};
use sinew_core::{Error, Result};

use super::Db;

/// The moment, if anybody listens: nobody else asks how long a statement took.
pub(super) fn watched() -> Option<Instant> {
    tracing::enabled!(target: "sinew", tracing::Level::WARN).then(Instant::now)
}

impl Db {
    /// Counts statements, and tells whoever listens what they were, never with their values.
    pub(super) fn observe(
        &self,
        statements: &[Statement<'_>],
        rows: &[u64],
        started: Option<Instant>,
        error: Option<&Error>,
        counts: bool,
    ) {
        if let Some(counter) = self.counter.as_ref().filter(|_| counts) {
            counter.add(statements.len() as u64, 0);
        }
        let Some(started) = started else { return };
        // As OpenTelemetry writes it.
        let system = self.dialect().name().to_ascii_lowercase();
        let elapsed = started.elapsed();
        let slow = elapsed > self.settings.slow;
        for (index, statement) in statements.iter().enumerate() {
            let rows = rows.get(index).copied().unwrap_or_default();
            let sql = statement.sql;
            // The kind of an error, not its text: a database may quote values in it.
            let kind = error.map(|error| tracing::field::display(error.kind()));
            match (slow, error) {
                (true, None) => tracing::warn!(
                    target: "sinew", { db.system = system, db.statement = sql, rows, ?elapsed },
                    "slow statement"
                ),
                (_, Some(_)) => tracing::debug!(
                    target: "sinew", { db.system = system, db.statement = sql, rows, ?elapsed, error = kind },
                    "statement failed"
                ),
                (false, None) => tracing::debug!(
                    target: "sinew", { db.system = system, db.statement = sql, rows, ?elapsed },
                    "statement"
                ),
            }
        }
    }
}

/// A sink that counts what passes through, for whoever listens.
pub(super) struct Watched<'s> {
    sink: &'s mut dyn Sink,
    pub(super) rows: Vec<u64>,
}

impl<'s> Watched<'s> {
    pub(super) fn new(sink: &'s mut dyn Sink, statements: usize) -> Self {
        let listened = tracing::enabled!(target: "sinew", tracing::Level::WARN);
        Self {
            sink,
            rows: if listened {
                vec![0; statements]
            } else {
                Vec::new()
            },
        }
    }
}

impl Sink for Watched<'_> {
    fn row(&mut self, statement: usize, row: &dyn Row) -> Result<()> {
        if let Some(rows) = self.rows.get_mut(statement) {
            *rows += 1;
        }
        self.sink.row(statement, row)
    }

    fn done(&mut self, statement: usize, done: Done) -> Result<()> {
        if let Some(rows) = self.rows.get_mut(statement) {
            *rows = (*rows).max(done.affected);
        }
        self.sink.done(statement, done)
    }
}
