//! One operation on one connection: acquired once, run batch by batch, atomic where it has to be.

use std::sync::Arc;

use sinew_core::driver::{Action, Batch, Bracket, Connection, Driver, Intent, Sink, Statement};
use sinew_core::{Error, ErrorKind, Result, Value};
use tokio::sync::OwnedMutexGuard;

use super::Db;
use super::transaction::TxConn;
use super::watch::{Watched, watched};

/// A statement's text (made once per shape) and its values.
#[derive(Debug)]
pub(crate) struct Prepared<'a> {
    pub(crate) sql: Arc<str>,
    pub(crate) binds: Vec<Value<'a>>,
}

impl Prepared<'_> {
    pub(crate) fn statement(&mut self, action: Action) -> Statement<'_> {
        Statement {
            sql: &self.sql,
            binds: std::mem::take(&mut self.binds),
            action,
        }
    }
}

/// A connection that goes back to its pool.
pub(crate) struct Lease {
    driver: Arc<dyn Driver>,
    intent: Intent,
    connection: Option<Box<dyn Connection>>,
    /// False while a batch is under way or a bracket is open.
    pub(super) clean: bool,
}

impl Lease {
    pub(super) async fn acquire(driver: &Arc<dyn Driver>, intent: Intent) -> Result<Self> {
        let connection = match driver.try_acquire(intent) {
            Some(connection) => connection?,
            None => driver.acquire(intent).await?,
        };
        Ok(Self {
            driver: Arc::clone(driver),
            intent,
            connection: Some(connection),
            clean: true,
        })
    }

    /// Round trips of the connection so far.
    pub(super) fn trips(&self) -> u64 {
        self.connection
            .as_ref()
            .map_or(0, |connection| connection.round_trips())
    }

    pub(super) fn connection(&mut self) -> Result<&mut dyn Connection> {
        match &mut self.connection {
            Some(connection) => Ok(&mut **connection),
            None => Err(Error::new(
                ErrorKind::Closed,
                "the connection was given back",
            )),
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.driver.release(self.intent, connection, self.clean);
        }
    }
}

/// Where an operation runs: on a connection of its own, or on a transaction's.
enum Place {
    Own(Lease),
    Tx(OwnedMutexGuard<TxConn>),
}

impl Place {
    fn lease(&mut self) -> Result<&mut Lease> {
        match self {
            Self::Own(lease) => Ok(lease),
            Self::Tx(guard) => guard.lease(),
        }
    }
}

/// One operation. Dropping it before [`Op::finish`] undoes what it did.
pub(crate) struct Op<'d> {
    db: &'d Db,
    place: Place,
    bracket: Bracket,
    open: bool,
    /// A statement is read in part, so that the connection cannot go back as it is.
    streaming: bool,
    /// The connection's round trips when the operation began.
    trips: u64,
}

impl Db {
    /// Begins an operation. `atomic` when it may take several statements that write.
    pub(crate) async fn op(&self, intent: Intent, atomic: bool) -> Result<Op<'_>> {
        let (place, bracket) = match &self.tx {
            Some(tx) => {
                let guard = tx.lock().await?;
                (Place::Tx(guard), Bracket::Savepoint(tx.depth() + 1))
            }
            None => (
                Place::Own(Lease::acquire(&self.shared.driver, intent).await?),
                Bracket::Transaction,
            ),
        };
        // Where an error would abort the whole transaction, it is fenced off by a savepoint.
        let fenced = self.tx.is_some() && !self.dialect().capabilities().survives_errors.supported;
        let bracket = if atomic || fenced {
            bracket
        } else {
            Bracket::None
        };
        let mut op = Op {
            db: self,
            place,
            bracket,
            open: false,
            streaming: false,
            trips: 0,
        };
        op.trips = op.place.lease()?.trips();
        Ok(op)
    }
}

impl<'d> Op<'d> {
    pub(crate) fn db(&self) -> &'d Db {
        self.db
    }

    /// Runs statements that need not wait for one another.
    pub(crate) async fn run(
        &mut self,
        statements: Vec<Statement<'_>>,
        sink: &mut dyn Sink,
    ) -> Result<()> {
        self.run_and(false, statements, sink).await
    }

    /// As [`Op::run`]; when these are the `last` ones, the end of the transaction travels with
    /// them instead of costing a round trip of its own.
    pub(crate) async fn run_and(
        &mut self,
        last: bool,
        statements: Vec<Statement<'_>>,
        sink: &mut dyn Sink,
    ) -> Result<()> {
        let opens = self.bracket != Bracket::None && !self.open;
        let batch = Batch {
            bracket: self.bracket,
            open: opens,
            close: last && self.bracket != Bracket::None,
            statements,
        };
        self.send(&batch, sink).await
    }

    async fn send(&mut self, batch: &Batch<'_>, sink: &mut dyn Sink) -> Result<()> {
        let started = watched();
        if self.bracket != Bracket::None {
            self.open = true;
        }
        let mut sink = Watched::new(sink, batch.statements.len());
        let lease = self.place.lease()?;
        lease.clean = false;
        let connection = lease.connection()?;
        let result = match connection.run_inline(batch, &mut sink) {
            Some(result) => result,
            None => connection.run(batch, &mut sink).await,
        };
        let rows = sink.rows;
        let failed = result.is_err();
        // A failed batch leaves its bracket rolled back; a bare one leaves nothing behind.
        if failed || batch.close {
            self.open = false;
        }
        if !self.open {
            let inside = matches!(self.place, Place::Tx(_));
            self.place.lease()?.clean = !inside && !self.streaming;
        }
        self.db.observe(
            &batch.statements,
            &rows,
            started,
            result.as_ref().err(),
            true,
        );
        result
    }

    /// From here on everything is one transaction.
    pub(crate) fn begin(&mut self) {
        if self.bracket == Bracket::None {
            self.bracket = Bracket::Transaction;
        }
    }

    /// The transaction that [`Op::begin`] began ended with its last statements.
    pub(crate) fn end(&mut self) {
        if self.bracket == Bracket::Transaction && !self.open {
            self.bracket = Bracket::None;
        }
    }

    /// Ends the transaction that [`Op::begin`] began; the operation may go on without one.
    pub(crate) async fn commit(&mut self) -> Result<()> {
        if self.open {
            let batch = Batch {
                bracket: self.bracket,
                open: false,
                close: true,
                statements: Vec::new(),
            };
            self.send(&batch, &mut super::raw::Ignore).await?;
        }
        self.bracket = Bracket::None;
        Ok(())
    }

    /// Undoes what was done since [`Op::begin`]; the operation may go on without a transaction.
    pub(crate) async fn roll_back(&mut self) -> Result<()> {
        if self.open {
            let bracket = self.bracket;
            let lease = self.place.lease()?;
            lease.connection()?.rollback(bracket).await?;
            self.open = false;
            if let Place::Own(lease) = &mut self.place {
                lease.clean = true;
            }
        }
        self.bracket = Bracket::None;
        Ok(())
    }

    /// Makes what was done last: commits, or releases the savepoint.
    pub(crate) async fn finish(mut self) -> Result<()> {
        self.commit().await
    }

    /// Reads at most `chunk` rows of one statement; whether more may follow. `stream` tells it
    /// from other statements that are read so, `begins` its first chunk from the later ones.
    pub(crate) async fn fetch(
        &mut self,
        statement: &Statement<'_>,
        (stream, begins): (u64, bool),
        chunk: usize,
        sink: &mut dyn Sink,
    ) -> Result<bool> {
        if let Place::Tx(guard) = &mut self.place {
            guard.stream(stream, begins).await?;
        }
        let inside = matches!(self.place, Place::Tx(_));
        let started = watched();
        let mut sink = Watched::new(sink, 1);
        let lease = self.place.lease()?;
        lease.clean = false;
        let result = lease.connection()?.fetch(statement, chunk, &mut sink).await;
        let rows = sink.rows;
        self.db.observe(
            std::slice::from_ref(statement),
            &rows,
            started,
            result.as_ref().err(),
            begins,
        );
        let more = result?;
        self.streaming = more;
        if !more && !inside {
            self.place.lease()?.clean = true;
        }
        Ok(more)
    }

    /// Undoes what was done so far, for an operation that gives up by itself.
    #[cfg(feature = "migrate")]
    pub(crate) async fn undo(mut self) -> Result<()> {
        self.roll_back().await
    }
}

impl Drop for Op<'_> {
    fn drop(&mut self) {
        if let Some(counter) = &self.db.counter {
            let trips = match (
                self.db.dialect().capabilities().embedded.supported,
                &mut self.place,
            ) {
                // An embedded database is visited once per operation.
                (true, place) => u64::from(matches!(place, Place::Own(_))),
                (false, place) => place
                    .lease()
                    .map_or(0, |lease| lease.trips())
                    .saturating_sub(self.trips),
            };
            counter.add(0, trips);
        }
        if self.open
            && let Place::Tx(guard) = &mut self.place
        {
            guard.abandon(self.bracket);
        }
    }
}
