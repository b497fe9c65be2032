//! PostgreSQL driver of Sinew, on tokio-postgres.
//!
//! # Round trips
//!
//! All statements of a batch go out together, with what opens their transaction or savepoint; rows
//! are decoded as they arrive. Texts that a connection has not met are prepared first, all in one
//! round trip more. `BEGIN`, `SAVEPOINT` and `RELEASE` never cost a round trip: they travel with the
//! next statement. The first use of a type that is not PostgreSQL's own (an enum, say) on a connection
//! asks the server about it, which [`Connection::round_trips`] does not count.
//!
//! # Many rows
//!
//! An insert that is repeated becomes one statement that takes a list for each column. Should a row
//! be refused, the rows are sent one by one to find out which. Updates and deletes are repeated in
//! one burst.
//!
//! A transaction that consists of inserts alone, opened and closed by one batch, becomes one statement
//! when it is met again: each insert is a part of a `WITH`, later ones find the keys that earlier ones
//! made there, and neither `BEGIN` nor `COMMIT` is needed. Where the server refuses it the statements are
//! sent apart, which is one round trip more; if they succeed so, they are never sent as one again.
//!
//! # Cancellation
//!
//! An operation that is dropped half-way leaves a connection that is cleaned in the background (the
//! statement is cancelled, the transaction rolled back) before the pool hands it out again. If that
//! fails or takes longer than ten seconds, the connection is closed.
//!
//! # Tasks
//!
//! A connection has no task of its own: it is moved by whoever awaits an answer of it, on whatever
//! thread that is, and lies still in the pool. It belongs to the runtime that it was opened on, and
//! ends with that.
//!
//! # Values
//!
//! The server tells the type of each parameter. Where it has nothing to go by (`SELECT $1`,
//! `$1 IS NULL`, `$1 || $2`) or takes a fraction for an integer (`$1 + 1`), it is told the type of the
//! value instead; with `prepare=off`, `CAST` has to say it. A value is sent in that type's binary form, or as text
//! where it has none, so that any type of the server can be written. Reading covers the types of the
//! table, arrays, enums and domains of them; others are selected as `column::text`.
//!
//! | value | type |
//! |---|---|
//! | `Bool` | boolean |
//! | `Int`, `UInt` | smallint, integer, bigint, numeric |
//! | `Float` | real, double precision |
//! | `Text` | text, varchar, char, citext, enums |
//! | `Bytes` | bytea |
//! | `Timestamp` | timestamptz |
//! | `DateTime`, `Date`, `Time` | timestamp, date, time |
//! | `Uuid` | uuid |
//! | `Decimal` | numeric |
//! | `Json` | json, jsonb |
//! | `Array` | arrays of one dimension |
//!
//! [`Connection::round_trips`]: sinew_core::driver::Connection::round_trips

mod bind;
mod bulk;
mod burst;
mod cancel;
mod config;
mod connection;
mod error;
mod execute;
mod fetch;
mod latency;
mod merge;
mod moment;
mod numeric;
mod pool;
mod prepared;
mod raw;
mod row;
mod text;
mod tls;
mod together;
mod typing;
mod url;
mod wire;
mod words;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use sinew_core::Result;
use sinew_core::driver::{BoxFuture, Connection, Driver, Intent};

pub use config::{Config, SslMode};

use connection::PostgresConnection;

/// A PostgreSQL database: the pool of its connections.
///
/// # Examples
/// ```no_run
/// use sinew_core::driver::{Driver, Intent};
/// use sinew_postgres::Postgres;
///
/// # async fn example() -> sinew_core::Result<()> {
/// let database = Postgres::connect("postgres://ada@localhost/blog").await?;
/// let connection = database.acquire(Intent::Read).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Postgres {
    shared: Arc<Shared>,
}

struct Shared {
    config: Config,
    pool: pool::Pool,
    opened: Instant,
    /// Seconds after `opened` at which unused connections were last looked for.
    swept: AtomicU64,
}

/// Seconds between two looks for unused connections.
const SWEEP: u64 = 30;

impl Postgres {
    /// Opens the database that a URL names; see [`Config::parse`] for its form. One connection is
    /// made, so that a wrong password or host is told at once.
    ///
    /// # Errors
    /// `InvalidInput` when the URL makes no sense, `Connection` when the server cannot be reached.
    pub async fn connect(url: &str) -> Result<Self> {
        Self::open(Config::parse(url)?).await
    }

    /// Opens the database that a configuration names.
    ///
    /// # Errors
    /// As [`Postgres::connect`].
    pub async fn open(config: Config) -> Result<Self> {
        let pool = pool::open(&config)?;
        let swept = AtomicU64::new(0);
        let shared = Arc::new(Shared {
            config,
            pool,
            opened: Instant::now(),
            swept,
        });
        drop(PostgresConnection::boxed(pool::take(&shared.pool).await?));
        Ok(Self { shared })
    }

    /// The configuration that it was opened with.
    pub fn config(&self) -> &Config {
        &self.shared.config
    }
}

impl std::fmt::Debug for Postgres {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Postgres")
            .field("config", self.config())
            .finish_non_exhaustive()
    }
}

impl Driver for Postgres {
    fn try_acquire(&self, _intent: Intent) -> Option<Result<Box<dyn Connection>>> {
        pool::try_take(&self.shared.pool).map(|loan| Ok(PostgresConnection::boxed(loan)))
    }

    fn acquire(&self, _intent: Intent) -> BoxFuture<'_, Result<Box<dyn Connection>>> {
        Box::pin(async move {
            let loan = pool::take(&self.shared.pool).await?;
            Ok(PostgresConnection::boxed(loan))
        })
    }

    fn release(&self, _intent: Intent, connection: Box<dyn Connection>, _clean: bool) {
        // The connection knows its state, and cleans itself before it goes back.
        drop(connection);
        let now = Instant::now();
        let seconds = now.saturating_duration_since(self.shared.opened).as_secs();
        let last = self.shared.swept.load(Ordering::Relaxed);
        if seconds >= last + SWEEP && self.shared.swept.swap(seconds, Ordering::Relaxed) == last {
            pool::close_idle(&self.shared.pool, &self.shared.config, now);
        }
    }

    fn runs_between_chunks(&self, in_transaction: bool) -> bool {
        // There it is a cursor of the server; elsewhere the one answer that is under way.
        in_transaction
    }

    fn latency(&self) -> Option<Duration> {
        self.shared.pool.manager().latency.get()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.shared.pool.close();
        Box::pin(std::future::ready(()))
    }
}
