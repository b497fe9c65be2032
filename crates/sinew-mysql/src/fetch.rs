//! Reading a statement's rows in chunks, straight from the wire.

use sinew_core::Result;
use sinew_core::driver::{Done, Sink, Statement};

use crate::bind;
use crate::error::Fault;
use crate::execute::repetitions;
use crate::list;
use crate::row::Fetched;
use crate::session::Session;

/// Tells a statement from others while it lives, wherever it is moved.
fn identity(statement: &Statement<'_>) -> [usize; 3] {
    [
        statement.sql.as_ptr() as usize,
        statement.binds.as_ptr() as usize,
        statement.binds.len(),
    ]
}

impl Session {
    pub(crate) async fn fetch(
        &mut self,
        statement: &Statement<'_>,
        chunk: usize,
        sink: &mut dyn Sink,
    ) -> Result<bool> {
        self.ready().await?;
        let identity = identity(statement);
        if self.stream != Some(identity) {
            self.end_stream().await?;
        }
        self.busy = true;
        let result = self.chunk(statement, identity, chunk.max(1), sink).await;
        self.busy = false;
        self.broken = result.as_ref().is_err_and(|fault| fault.fatal);
        result.map_err(|fault| fault.with_sql(statement.sql).error)
    }

    async fn chunk(
        &mut self,
        statement: &Statement<'_>,
        identity: [usize; 3],
        chunk: usize,
        sink: &mut dyn Sink,
    ) -> Result<bool, Fault> {
        if self.stream.is_none() {
            let split = list::split(statement, self.packet)?;
            let (sql, binds) = match &split {
                Some((sql, binds)) => (sql.as_str(), binds),
                None => (statement.sql, &statement.binds),
            };
            let entry = self.entry(sql).await?;
            repetitions(usize::from(entry.statement.num_params()), 1, binds)?;
            let params = bind::params(binds, self.packet)?;
            self.round_trips += 1;
            if let Err(fault) = self.wire.execute(&entry.statement, params).await {
                let entry = self.otherwise(sql, &entry, fault).await?;
                self.round_trips += 1;
                let params = bind::params(binds, self.packet)?;
                self.wire.execute(&entry.statement, params).await?;
            }
            self.stream = Some(identity);
        }
        let mut rows = self.wire.rows()?;
        for _ in 0..chunk {
            match rows.next().await {
                Ok(Some(row)) => sink.row(0, &Fetched { row: &row })?,
                Ok(None) => {
                    self.stream = None;
                    sink.done(0, Done::default())?;
                    return Ok(false);
                }
                Err(cause) => {
                    self.stream = None;
                    return Err(Fault::of(cause));
                }
            }
        }
        Ok(true)
    }

    /// Reads past the rows of a stream that was given up: they stand before every other answer.
    pub(crate) async fn end_stream(&mut self) -> Result<()> {
        if self.stream.take().is_none() {
            return Ok(());
        }
        self.busy = true;
        let rest = Box::pin(self.wire.drain()).await;
        self.busy = false;
        self.broken = rest.is_err();
        rest.map_err(|fault| fault.error)
    }
}
