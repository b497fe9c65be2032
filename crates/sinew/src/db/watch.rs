//! Counting rows on their way, for events.

use sinew_core::Result;
use sinew_core::driver::{Done, Row, Sink};

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
