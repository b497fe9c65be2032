//! The connection that the engine holds.

use sinew_core::driver::{Batch, BoxFuture, Bracket, Connection, Sink, Statement};
use sinew_core::{Error, ErrorKind, Result};

use crate::pool::Loan;
use crate::raw::{Raw, clean};

/// A connection on loan. Dropped, it goes back to its pool: cleaned first where that is needed.
pub(crate) struct PostgresConnection(Option<Loan>);

impl PostgresConnection {
    pub(crate) fn boxed(loan: Loan) -> Box<dyn Connection> {
        Box::new(Self(Some(loan)))
    }

    fn raw(&mut self) -> Result<&mut Raw> {
        match &mut self.0 {
            Some(loan) => Ok(loan),
            None => Err(Error::new(
                ErrorKind::Closed,
                "the connection was given back",
            )),
        }
    }
}

impl Drop for PostgresConnection {
    fn drop(&mut self) {
        let Some(mut loan) = self.0.take() else {
            return;
        };
        if !loan.is_dirty() {
            loan.reset();
            return;
        }
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn(clean(loan))),
            // Nobody is left to clean it: closing it rolls back too.
            Err(_) => drop(Loan::take(loan)),
        }
    }
}

impl Connection for PostgresConnection {
    fn run<'c>(
        &'c mut self,
        batch: &'c Batch<'c>,
        sink: &'c mut dyn Sink,
    ) -> BoxFuture<'c, Result<()>> {
        match self.raw() {
            Ok(raw) if raw.is_alone(batch) => Box::pin(raw.run_alone(batch, sink)),
            Ok(raw) => Box::pin(raw.run(batch, sink)),
            Err(error) => Box::pin(std::future::ready(Err(error))),
        }
    }

    fn fetch<'c>(
        &'c mut self,
        statement: &'c Statement<'c>,
        chunk: usize,
        sink: &'c mut dyn Sink,
    ) -> BoxFuture<'c, Result<bool>> {
        Box::pin(async move { self.raw()?.fetch(statement, chunk, sink).await })
    }

    fn rollback(&mut self, bracket: Bracket) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move { self.raw()?.roll_back(bracket).await })
    }

    fn round_trips(&self) -> u64 {
        self.0.as_ref().map_or(0, |loan| loan.trips)
    }
}
