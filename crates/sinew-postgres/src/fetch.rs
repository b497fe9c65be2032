//! Reading one statement slowly, in constant memory.
//!
//! Outside a transaction the answer is a stream that the connection reads only as fast as rows are
//! taken from it: what is not taken yet waits in the server, and there is one round trip. Inside a
//! transaction other statements may run between two chunks, so a cursor of the server is read, a
//! round trip for each chunk.

use std::pin::Pin;

use sinew_core::Result;
use sinew_core::driver::{Action, Batch, Bracket, Done, Row, Sink, Statement};
use tokio_postgres::RowStream;

use crate::bind;
use crate::error::from_postgres;
use crate::execute::{Delivery, next, open};
use crate::raw::Raw;
use crate::row::{Arrived, Reader, readers};
use crate::words;

/// A statement that is being read.
pub(crate) enum Cursor {
    Stream {
        rows: Pin<Box<RowStream>>,
        readers: Vec<Reader>,
    },
    /// A cursor of the server.
    Named,
}

/// Counts rows on their way.
struct Counting<'s> {
    sink: &'s mut dyn Sink,
    rows: usize,
}

impl Sink for Counting<'_> {
    fn row(&mut self, _statement: usize, row: &dyn Row) -> Result<()> {
        self.rows += 1;
        self.sink.row(0, row)
    }

    fn done(&mut self, _statement: usize, _done: Done) -> Result<()> {
        Ok(())
    }
}

impl Raw {
    /// Hands at most `chunk` rows on; whether more may follow.
    pub(crate) async fn fetch(
        &mut self,
        statement: &Statement<'_>,
        chunk: usize,
        sink: &mut dyn Sink,
    ) -> Result<bool> {
        let named = match &self.cursor {
            Some(cursor) => matches!(cursor, Cursor::Named),
            None => self.in_transaction && words::is_query(statement.sql),
        };
        if named {
            return self.fetch_named(statement, chunk, sink).await;
        }
        if self.cursor.is_none() {
            self.begin_stream(statement).await?;
        }
        let Some(Cursor::Stream {
            rows,
            readers: known,
        }) = &mut self.cursor
        else {
            return Ok(false);
        };
        for _ in 0..chunk {
            match next(&mut self.wire, rows.as_mut()).await {
                None => {
                    self.cursor = None;
                    return Ok(false);
                }
                Some(Ok(row)) => {
                    if known.is_empty() {
                        *known = readers(row.columns());
                    }
                    sink.row(
                        0,
                        &Arrived {
                            row: &row,
                            readers: known,
                        },
                    )?;
                }
                Some(Err(cause)) => {
                    self.cursor = None;
                    return Err(self.broken(&cause, statement.sql));
                }
            }
        }
        Ok(true)
    }

    async fn begin_stream(&mut self, statement: &Statement<'_>) -> Result<()> {
        bind::check(&statement.binds)?;
        self.busy = true;
        self.trips += 1;
        if !self.pending.is_empty() {
            let words = std::mem::take(&mut self.pending).join("; ");
            self.trips += 1;
            let done = self.command(&words).await;
            done.map_err(|cause| from_postgres(&cause))?;
        }
        let rows = open(&self.client, None, statement.sql, &statement.binds);
        let rows = self.wire.drive(rows).await;
        self.busy = false;
        let rows = rows.map_err(|cause| self.broken(&cause, statement.sql))?;
        self.cursor = Some(Cursor::Stream {
            rows: Box::pin(rows),
            readers: Vec::new(),
        });
        Ok(())
    }

    async fn fetch_named(
        &mut self,
        statement: &Statement<'_>,
        chunk: usize,
        sink: &mut dyn Sink,
    ) -> Result<bool> {
        let declare = format!(
            "DECLARE sinew_cursor NO SCROLL CURSOR FOR {}",
            statement.sql
        );
        let fetch = format!("FETCH FORWARD {chunk} FROM sinew_cursor");
        let mut statements = Vec::with_capacity(2);
        if self.cursor.is_none() {
            let binds = statement
                .binds
                .iter()
                .map(sinew_core::Value::reborrow)
                .collect();
            statements.push(Statement {
                sql: &declare,
                binds,
                action: Action::Count,
            });
        }
        statements.push(Statement {
            sql: &fetch,
            binds: Vec::new(),
            action: Action::Rows,
        });
        // An error is fenced off, as that of any statement in a transaction.
        let bracket = Bracket::Savepoint(u32::MAX);
        let batch = Batch {
            bracket,
            open: true,
            close: true,
            statements,
        };
        let mut counting = Counting { sink, rows: 0 };
        self.open(&batch);
        self.busy = true;
        let read = self
            .checked(
                &batch,
                &mut Delivery {
                    sink: &mut counting,
                    any: false,
                },
            )
            .await;
        if let Err(fault) = read {
            self.cursor = None;
            self.undo(bracket).await;
            self.busy = false;
            return Err(fault.error);
        }
        self.closed(bracket);
        self.busy = false;
        self.cursor = Some(Cursor::Named);
        if counting.rows < chunk {
            self.end_cursor();
            return Ok(false);
        }
        Ok(true)
    }

    /// Ends what is read slowly.
    pub(crate) fn end_cursor(&mut self) {
        if let Some(Cursor::Named) = self.cursor.take() {
            self.pending.push("CLOSE sinew_cursor".into());
        }
    }

    /// Whether the answer of a statement is still under way.
    pub(crate) fn streams(&self) -> bool {
        matches!(self.cursor, Some(Cursor::Stream { .. }))
    }
}
