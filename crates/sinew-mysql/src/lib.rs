//! MySQL and MariaDB driver of Sinew, on mysql_async.
//!
//! For MySQL 8.0 and MariaDB 10.6, and later.
//!
//! # How a batch runs
//!
//! The protocol answers one command at a time, so a batch runs one statement after another, each
//! in one round trip once its text is prepared on the connection (256 texts are kept). `BEGIN`,
//! `COMMIT` and `SAVEPOINT` cost a round trip each; savepoints are not released. What saves round trips is fewer statements:
//! inside a transaction an `INSERT` that is repeated becomes statements with many rows.
//!
//! # Keys of inserted rows
//!
//! The server tells the first generated key of a statement. InnoDB reserves the keys of an
//! `INSERT … VALUES` in one piece, whatever `innodb_autoinc_lock_mode` says, as their number is
//! known beforehand; so the key of row `i` is the first one plus `i * auto_increment_increment`.
//! Inserts with a conflict clause, where some rows may take no key, run row by row.
//!
//! # Lists of keys
//!
//! A list of few keys (up to 32 numbers, 16 others) has a place for each of them; their number is
//! a power of two, the last key is repeated. A longer one is one value, a JSON document. One larger than a part of `max_allowed_packet` is sent in
//! several, which the statement reads as one. A list of texts has the collation of the tables that
//! Sinew makes; where a column's own cannot be compared with that, the list takes the column's.
//!
//! # Futures that are dropped
//!
//! Outside a transaction the connection is closed, which undoes what was not committed. Inside one
//! the answer is awaited by whoever uses the transaction next, and the operation's savepoint is
//! rolled back first. An operation that is a single statement has no savepoint: it is done, or not
//! done, as a whole.
//!
//! # Counts
//!
//! An update counts the rows that it matched, also where it left them as they were. An insert that
//! is ignored counts 0; one that inserts, or updates the row that it met, counts 1.
//!
//! # Sessions
//!
//! Each is set to strict SQL mode, `utf8mb4` and UTC. See [`Config::parse`] for the rest.
//!
//! # How values are stored
//!
//! | value | bound as |
//! |---|---|
//! | `Bool` | integer 0 or 1 |
//! | `Int`, `UInt` | integer |
//! | `Float` | double; NaN and infinities are an error, as MySQL has neither |
//! | `Timestamp`, `DateTime` | `DATETIME` in UTC with microseconds, years 1 to 9999 |
//! | `Date`, `Time` | `DATE`, `TIME` |
//! | `Uuid`, `Bytes` | bytes |
//! | `Text`, `Decimal`, `Json` | text |
//! | `Array`, `Tuples` | a JSON document, which `JSON_TABLE` unfolds; bytes in it as hexadecimals |

mod bind;
mod config;
mod connection;
mod error;
mod execute;
mod fetch;
mod list;
mod many;
mod moment;
mod pool;
mod prepared;
mod row;
mod session;
mod text;
mod url;
mod wire;

use sinew_core::Result;
use sinew_core::driver::{BoxFuture, Connection, Driver, Intent};

pub use config::{Config, Isolation, Tls};

use pool::Pool;

/// A MySQL or MariaDB database: the pool of its connections.
///
/// # Examples
/// ```
/// use sinew_mysql::MySql;
///
/// # fn main() -> sinew_core::Result<()> {
/// let database = MySql::connect("mysql://blog:secret@127.0.0.1/blog?pool_size=4")?;
/// assert!(!format!("{database:?}").contains("secret"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct MySql {
    pool: Pool,
}

impl MySql {
    /// The database that a URL names; see [`Config::parse`] for its form. Connections are opened
    /// when they are needed.
    ///
    /// # Errors
    /// When the URL makes no sense.
    pub fn connect(url: &str) -> Result<Self> {
        Self::open(Config::parse(url)?)
    }

    /// The database that a configuration names.
    ///
    /// # Errors
    /// When the configuration makes no sense.
    pub fn open(config: Config) -> Result<Self> {
        Ok(Self {
            pool: Pool::new(config)?,
        })
    }

    /// The configuration that it was opened with.
    pub fn config(&self) -> &Config {
        self.pool.config()
    }
}

impl std::fmt::Debug for MySql {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MySql")
            .field("config", self.config())
            .finish_non_exhaustive()
    }
}

impl Driver for MySql {
    fn try_acquire(&self, _intent: Intent) -> Option<Result<Box<dyn Connection>>> {
        self.pool.try_acquire()
    }

    fn acquire(&self, _intent: Intent) -> BoxFuture<'_, Result<Box<dyn Connection>>> {
        Box::pin(self.pool.acquire())
    }

    fn release(&self, _intent: Intent, connection: Box<dyn Connection>, _clean: bool) {
        // Dropped, it goes back to its pool, or is closed: it knows by itself whether an answer is
        // outstanding or a transaction open, so it need not trust `clean`.
        drop(connection);
    }

    fn runs_between_chunks(&self, _in_transaction: bool) -> bool {
        // An answer has to be read to its end before the next statement.
        false
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.pool.close();
        Box::pin(std::future::ready(()))
    }
}
