//! The contract between the engine and a database driver.
//!
//! The engine never waits between statements of one [`Batch`]; a driver runs a batch in the
//! fewest round trips that its protocol allows and reports rows as they arrive.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use crate::error::Result;
use crate::value::Value;

/// A boxed future, as the driver traits return them.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What a caller is going to do with a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    /// Only reads; may run beside a writer.
    Read,
    /// Writes.
    Write,
}

/// One statement with its values.
#[derive(Debug)]
pub struct Statement<'a> {
    /// The text, with the dialect's placeholders.
    pub sql: &'a str,
    /// The values in placeholder order. With [`Action::Each`], those of all repetitions in a row.
    pub binds: Vec<Value<'a>>,
    /// What is wanted from it.
    pub action: Action,
}

/// What is wanted from a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The rows it returns.
    Rows,
    /// The number of rows it changed.
    Count,
    /// Run it once for each group of `binds / times` values; report each run by
    /// [`Sink::done`] with `last_id`, in order.
    Each {
        /// How many times.
        times: usize,
    },
    /// As [`Action::Each`], but [`Sink::done`] is called once, with the number of rows that all
    /// runs together changed.
    Total {
        /// How many times.
        times: usize,
    },
}

impl Action {
    /// How often the statement runs.
    pub const fn times(self) -> usize {
        match self {
            Self::Each { times } | Self::Total { times } => times,
            Self::Rows | Self::Count => 1,
        }
    }
}

/// Where the statements of a [`Batch`] stand among transactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bracket {
    /// No transaction is opened or closed.
    None,
    /// Begin before and/or commit after.
    Transaction,
    /// A savepoint of this depth before and/or its release after.
    Savepoint(u32),
}

/// Statements that can be sent without waiting for one another's answers.
#[derive(Debug)]
pub struct Batch<'a> {
    /// What `open` and `close` open and close.
    pub bracket: Bracket,
    /// Whether the bracket opens before the first statement.
    pub open: bool,
    /// Whether the bracket closes (commit, release) after the last statement. A commit may travel
    /// with the statements: what the sink refuses then is an error, but no longer undone.
    pub close: bool,
    /// The statements in order.
    pub statements: Vec<Statement<'a>>,
}

impl<'a> Batch<'a> {
    /// Statements with no transaction around them.
    pub fn bare(statements: Vec<Statement<'a>>) -> Self {
        Self {
            bracket: Bracket::None,
            open: false,
            close: false,
            statements,
        }
    }
}

/// One row, read by position while the driver still holds it.
pub trait Row {
    /// The number of columns.
    fn len(&self) -> usize;

    /// Whether there is no column at all.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value of column `index`, borrowed from the row where possible.
    ///
    /// # Errors
    /// When there is no such column, or its bytes are not what its type promises.
    fn get(&self, index: usize) -> Result<Value<'_>>;

    /// The integer in column `index`, where the driver has a short way to it; [`Row::get`] tells
    /// what is there otherwise.
    fn int(&self, _index: usize) -> Option<i64> {
        None
    }

    /// The text in column `index`, where the driver has a short way to it; [`Row::get`] tells
    /// what is there otherwise.
    fn text(&self, _index: usize) -> Option<&str> {
        None
    }

    /// The name of column `index` as the database reports it.
    fn name(&self, index: usize) -> Option<&str>;
}

/// What a finished statement reports.
#[derive(Clone, Copy, Debug, Default)]
pub struct Done {
    /// Rows inserted, changed or removed.
    pub affected: u64,
    /// The key that the database generated, where it tells one.
    pub last_id: Option<i64>,
}

/// Receives what statements return. `statement` counts from 0 within the batch.
pub trait Sink: Send {
    /// Takes one row.
    ///
    /// # Errors
    /// When the row cannot be used; the driver then stops the batch and rolls the bracket back.
    fn row(&mut self, statement: usize, row: &dyn Row) -> Result<()>;

    /// A statement (or one repetition of [`Action::Each`]) is finished.
    ///
    /// # Errors
    /// As for [`Sink::row`].
    fn done(&mut self, statement: usize, done: Done) -> Result<()>;
}

/// One connection. It runs one batch at a time.
///
/// An error inside a batch that opened its bracket in this batch or an earlier one leaves the
/// bracket rolled back (a transaction is rolled back; a savepoint is rolled back to and released).
pub trait Connection: Send {
    /// Runs the batch on this thread, now, when that cannot block for long; `None` when the
    /// driver needs to wait and [`Connection::run`] has to be used. With `None` nothing was run.
    fn run_inline(&mut self, _batch: &Batch<'_>, _sink: &mut dyn Sink) -> Option<Result<()>> {
        None
    }

    /// Runs the batch.
    fn run<'c>(
        &'c mut self,
        batch: &'c Batch<'c>,
        sink: &'c mut dyn Sink,
    ) -> BoxFuture<'c, Result<()>>;

    /// Runs one row-returning statement that may be read slowly: at most `chunk` rows are handed
    /// to the sink per call, `Ok(true)` means that more may follow. The first call starts it,
    /// later calls pass the same statement. Memory stays constant. Where
    /// [`Driver::runs_between_chunks`] says no, another batch in between ends the statement.
    fn fetch<'c>(
        &'c mut self,
        statement: &'c Statement<'c>,
        chunk: usize,
        sink: &'c mut dyn Sink,
    ) -> BoxFuture<'c, Result<bool>>;

    /// Rolls an open bracket back. Called when an operation gave up between two batches.
    fn rollback(&mut self, bracket: Bracket) -> BoxFuture<'_, Result<()>>;

    /// Round trips made since the connection was opened (visits, for an embedded database).
    fn round_trips(&self) -> u64;
}

/// A database: hands out connections and takes them back.
pub trait Driver: Send + Sync {
    /// A connection at once, if one is free (or can be made without waiting).
    fn try_acquire(&self, intent: Intent) -> Option<Result<Box<dyn Connection>>>;

    /// A connection, waiting for one as long as the pool allows.
    fn acquire(&self, intent: Intent) -> BoxFuture<'_, Result<Box<dyn Connection>>>;

    /// Runs one statement that is a whole operation, outside of any transaction, on a connection
    /// that is free, on this thread, now: what [`Driver::try_acquire`],
    /// [`Connection::run_inline`] and [`Driver::release`] do one after another, for a driver that
    /// does it in less than these three. `None` when there is nothing to be gained, or the driver
    /// would need to wait; then nothing was run.
    fn run_now(
        &self,
        _intent: Intent,
        _statement: &Statement<'_>,
        _sink: &mut dyn Sink,
    ) -> Option<Result<()>> {
        None
    }

    /// Takes a connection back. `clean` is false when a batch on it was abandoned half-way or a
    /// transaction is still open: the driver then rolls back or discards it before reuse.
    fn release(&self, intent: Intent, connection: Box<dyn Connection>, clean: bool);

    /// Whether one connection can read while another one is held: not so for a database that
    /// lives inside its only connection.
    fn reads_beside(&self) -> bool {
        true
    }

    /// Whether a connection can run other batches between two chunks of [`Connection::fetch`],
    /// inside a transaction or outside of one.
    fn runs_between_chunks(&self, _in_transaction: bool) -> bool {
        true
    }

    /// How long a round trip to the server takes at the least, as far as that was seen.
    fn latency(&self) -> Option<Duration> {
        None
    }

    /// Closes the pool; later acquires fail with kind `Closed`.
    fn close(&self) -> BoxFuture<'_, ()>;
}
