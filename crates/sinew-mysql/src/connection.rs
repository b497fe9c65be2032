//! The connection that the engine holds.

use sinew_core::driver::{Batch, BoxFuture, Bracket, Connection, Sink, Statement};
use sinew_core::{ErrorKind, Result};

use crate::pool::Lease;

pub(crate) struct MySqlConnection {
    lease: Lease,
}

impl MySqlConnection {
    pub(crate) fn new(lease: Lease) -> Self {
        Self { lease }
    }

    /// Looks whether a connection that lay idle for long still is one.
    async fn sure(&mut self) -> Result<()> {
        if self.lease.session()?.unsure {
            Box::pin(self.lease.assure()).await?;
        }
        Ok(())
    }
}

impl Connection for MySqlConnection {
    fn run<'c>(
        &'c mut self,
        batch: &'c Batch<'c>,
        sink: &'c mut dyn Sink,
    ) -> BoxFuture<'c, Result<()>> {
        Box::pin(async move {
            self.sure().await?;
            let session = self.lease.session()?;
            let repeats = session.begins_harmlessly(batch);
            match session.run(batch, sink).await {
                // The server closed it while nobody used it.
                Err(error)
                    if repeats
                        && error.kind() == ErrorKind::Connection
                        && !session.wire.was_answered() =>
                {
                    Box::pin(self.lease.reopen()).await?;
                    Box::pin(self.lease.session()?.run(batch, sink)).await
                }
                other => other,
            }
        })
    }

    fn fetch<'c>(
        &'c mut self,
        statement: &'c Statement<'c>,
        chunk: usize,
        sink: &'c mut dyn Sink,
    ) -> BoxFuture<'c, Result<bool>> {
        Box::pin(async move {
            self.sure().await?;
            self.lease.session()?.fetch(statement, chunk, sink).await
        })
    }

    fn rollback(&mut self, bracket: Bracket) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move { self.lease.session()?.roll_back(bracket).await })
    }

    fn round_trips(&self) -> u64 {
        self.lease.round_trips()
    }
}
