//! SQLite driver of Sinew, on rusqlite.
//!
//! # Where statements run
//!
//! A statement runs in place, on the thread that polls the operation: a thread hop costs more than
//! most statements do, and rows that another thread made are slow to free. So that a long one does
//! not hold up an async runtime, each connection keeps moving averages of the time that each SQL
//! text took, and of its longest stretch without a row. A batch that is expected to take up to 2 ms
//! runs in one go, by [`Connection::run_inline`]. For a longer one, or on a text that is new to the
//! connection, it declines, and [`Connection::run`]
//!
//! - on a current-thread runtime reads in place too as long as rows come, and lets the runtime's
//!   other tasks have their turn each millisecond. What goes on for more than 2 ms without a row (a
//!   sort, an aggregate, a scan that finds little), writes, and what opens or ends a transaction
//!   moves to a blocking thread with its connection, which hands the rows over in chunks;
//! - on a multi-thread tokio runtime runs the batch in `block_in_place`;
//! - without a runtime runs it in place.
//!
//! On a current-thread runtime the first run of a statement that goes on without a row therefore
//! blocks once. A read that gave way and is dropped is over: nothing of it stays open. Reads give
//! way only where a half-read statement keeps no other connection waiting, which is in WAL mode and
//! in memory. A locked database is never waited for in place inside a runtime: the attempt
//! declines, and the waiting happens as above.
//!
//! # Connections
//!
//! A file in WAL mode gets one connection for writing and up to [`Config::readers`] for reading
//! beside it. In-memory databases and files in other journal modes have one connection for both.
//!
//! # Key lists
//!
//! Each list is one parameter. The SQL forms are, for `x IN list` with [`Value::Array`]:
//!
//! ```sql
//! x IN (SELECT value FROM rarray(?))
//! ```
//!
//! and for `(x, y) IN list` with [`Value::Tuples`] of width 2:
//!
//! ```sql
//! (x, y) IN (SELECT a0, a1 FROM (
//!     SELECT rowid AS n, value AS a0, lead(value, 1) OVER () AS a1 FROM rarray(?)
//! ) WHERE n % 2 = 1)
//! ```
//!
//! [`tuples_sql`] writes the subquery for any width: column `i` is `lead(value, i) OVER ()`, and
//! the remainder is 0 for width 1. All values keep their types, blobs and floats
//! among them.
//!
//! # How values are stored
//!
//! | value | stored as |
//! |---|---|
//! | `Bool` | INTEGER 0 or 1 |
//! | `Int`, `UInt` | INTEGER; above `i64::MAX` its twenty digits as a BLOB, which is ordered after all integers |
//! | `Float` | REAL; NaN is an error, as SQLite would store NULL |
//! | `Timestamp` | TEXT `2026-11-20T12:43:00.123456Z` |
//! | `DateTime` | TEXT `2026-11-20T12:43:00.123456` |
//! | `Date`, `Time` | TEXT `2026-11-20`, `12:43:00.123456` |
//! | `Uuid`, `Bytes` | BLOB |
//! | `Text`, `Json` | TEXT |
//! | `Decimal` | TEXT, of which a column of numbers makes a number; an error with more than fifteen digits, unless it is a whole number of 64 bits |
//!
//! Always six digits of a second, so that times sort as text. Years before 0 are written with a
//! sign and six digits, and do not sort.
//!
//! [`Connection::run_inline`]: sinew_core::driver::Connection::run_inline
//! [`Connection::run`]: sinew_core::driver::Connection::run
//! [`Value::Array`]: sinew_core::value::Value::Array
//! [`Value::Tuples`]: sinew_core::value::Value::Tuples

mod array;
mod bind;
mod chunk;
mod config;
mod connection;
mod error;
mod execute;
mod fetch;
mod handle;
mod hop;
mod lease;
mod moment;
mod open;
mod pool;
mod prepared;
mod profile;
mod raw;
mod row;
mod statement;
mod url;
mod waiter;

use std::sync::Arc;

use sinew_core::Result;
use sinew_core::driver::{BoxFuture, Connection, Driver, Intent, Sink, Statement};

pub use array::tuples_sql;
pub use config::{Config, Journal, Mode, Synchronous};

use connection::{SqliteConnection, run_inline};
use execute::{Outcome, Work};
use pool::Pool;

/// A SQLite database: the pool of its connections.
///
/// # Examples
/// ```
/// use sinew_core::driver::{Driver, Intent};
/// use sinew_sqlite::Sqlite;
///
/// # fn main() -> sinew_core::Result<()> {
/// let database = Sqlite::connect("sqlite::memory:")?;
/// assert!(database.try_acquire(Intent::Write).is_some());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Sqlite {
    pool: Arc<Pool>,
}

impl Sqlite {
    /// Opens the database that a URL names; see [`Config::parse`] for its form.
    ///
    /// # Errors
    /// When the URL makes no sense, or the database cannot be opened.
    pub fn connect(url: &str) -> Result<Self> {
        Self::open(Config::parse(url)?)
    }

    /// Opens the database that a configuration names.
    ///
    /// # Errors
    /// When the database cannot be opened.
    pub fn open(config: Config) -> Result<Self> {
        Ok(Self {
            pool: Pool::open(config)?,
        })
    }

    /// The configuration that it was opened with.
    pub fn config(&self) -> &Config {
        self.pool.config()
    }
}

impl std::fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sqlite")
            .field("config", self.config())
            .finish_non_exhaustive()
    }
}

impl Driver for Sqlite {
    fn try_acquire(&self, intent: Intent) -> Option<Result<Box<dyn Connection>>> {
        let lease = self.pool.try_take(intent)?;
        Some(lease.map(|lease| SqliteConnection::boxed(lease, intent)))
    }

    fn acquire(&self, intent: Intent) -> BoxFuture<'_, Result<Box<dyn Connection>>> {
        let waiting = waiter::Acquire::new(self.pool.clone(), intent);
        Box::pin(async move {
            waiting
                .await
                .map(|lease| SqliteConnection::boxed(lease, intent))
        })
    }

    fn release(&self, _intent: Intent, connection: Box<dyn Connection>, _clean: bool) {
        // The lease inside goes back to its pool when dropped, and rolls back first whatever is
        // open: it asks SQLite, so it need not trust `clean`.
        drop(connection);
    }

    fn run_now(
        &self,
        intent: Intent,
        statement: &Statement<'_>,
        sink: &mut dyn Sink,
    ) -> Option<Result<()>> {
        // Whoever asks again is told the error.
        let mut loan = self.pool.try_borrow(intent)?.ok()?;
        let (raw, pool) = loan.parts()?;
        match run_inline(raw, pool, intent, Work::single(statement), sink)? {
            Outcome::Locked => None,
            outcome => Some(outcome.into_result()),
        }
    }

    fn reads_beside(&self) -> bool {
        self.pool.beside()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.pool.close();
        Box::pin(std::future::ready(()))
    }
}
