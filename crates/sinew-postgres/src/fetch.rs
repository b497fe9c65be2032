//! Reading one statement slowly.
//!
//! The answer is a stream that the connection reads only as fast as rows are taken from it: what is
//! not taken yet waits in the server, so memory stays constant and there is one round trip.

use std::pin::Pin;

use futures_core::Stream;
use sinew_core::Result;
use sinew_core::driver::{Sink, Statement};
use tokio_postgres::RowStream;

use crate::bind;
use crate::error::from_postgres;
use crate::execute::open;
use crate::raw::Raw;
use crate::row::{Arrived, Reader, readers};

/// A statement that is being read.
pub(crate) struct Cursor {
    rows: Pin<Box<RowStream>>,
    readers: Vec<Reader>,
}

impl Raw {
    /// Hands at most `chunk` rows on; whether more may follow.
    pub(crate) async fn fetch(
        &mut self,
        statement: &Statement<'_>,
        chunk: usize,
        sink: &mut dyn Sink,
    ) -> Result<bool> {
        if self.cursor.is_none() {
            bind::check(&statement.binds)?;
            if !self.pending.is_empty() {
                let words = std::mem::take(&mut self.pending).join("; ");
                self.trips += 1;
                self.busy = true;
                let done = self.client.batch_execute(&words).await;
                self.busy = false;
                done.map_err(|cause| from_postgres(&cause))?;
            }
            self.busy = true;
            self.trips += 1;
            let rows = open(&self.client, None, statement.sql, &statement.binds).await;
            self.busy = false;
            let rows = rows.map_err(|cause| self.broken(&cause, statement.sql))?;
            self.cursor = Some(Cursor { rows: Box::pin(rows), readers: Vec::new() });
        }
        let Some(cursor) = &mut self.cursor else { return Ok(false) };
        for _ in 0..chunk {
            let next = std::future::poll_fn(|context| cursor.rows.as_mut().poll_next(context)).await;
            match next {
                None => {
                    self.cursor = None;
                    return Ok(false);
                }
                Some(Ok(row)) => {
                    if cursor.readers.is_empty() {
                        cursor.readers = readers(&row);
                    }
                    sink.row(0, &Arrived { row: &row, readers: &cursor.readers })?;
                }
                Some(Err(cause)) => {
                    self.cursor = None;
                    return Err(self.broken(&cause, statement.sql));
                }
            }
        }
        Ok(true)
    }
}
