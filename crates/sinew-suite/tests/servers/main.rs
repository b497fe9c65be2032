//! Databases in a server of their own: connections that are lost, locks that are waited for, pools
//! that are full. What it takes to provoke this differs from server to server and stands in
//! [`Server`]; the cases are the same.

// A case is no `#[test]` itself, so clippy does not know that it is one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod connecting;
mod killed;
mod locks;

use sinew::{Db, Result};

/// What the cases have to say to a server in its own words.
pub(crate) struct Server {
    database: &'static sinew_suite::Database,
    /// The number of this connection.
    own_number: &'static str,
    /// Ends the connection of that number.
    kill: fn(i64) -> String,
    /// Takes ten seconds.
    sleep: &'static str,
    /// How many connections this database has.
    connections: &'static str,
    /// The option of a URL that says how many connections a pool has at most.
    pool_size: &'static str,
    /// Lets this transaction wait for locks for a second at most.
    lock_timeout: &'static str,
}

const POSTGRES: Server = Server {
    database: &sinew_suite::POSTGRES,
    own_number: "SELECT CAST(pg_backend_pid() AS bigint)",
    kill: |number| format!("SELECT pg_terminate_backend({number})"),
    sleep: "SELECT 1 FROM (SELECT pg_sleep(10)) AS s",
    connections: "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database()",
    pool_size: "max_connections",
    lock_timeout: "SET LOCAL lock_timeout = '1s'",
};

const MYSQL: Server = Server {
    database: &sinew_suite::MYSQL,
    own_number: "SELECT CONNECTION_ID()",
    kill: |number| format!("KILL {number}"),
    sleep: "SELECT SLEEP(10)",
    connections: "SELECT COUNT(*) FROM information_schema.processlist WHERE db = DATABASE()",
    pool_size: "pool_size",
    lock_timeout: "SET innodb_lock_wait_timeout = 1",
};

/// A URL with an option more.
pub(crate) fn with(url: &str, option: &str) -> String {
    let mark = if url.contains('?') { '&' } else { '?' };
    format!("{url}{mark}{option}")
}

/// The number of the connection that the handle uses.
pub(crate) async fn number_of(server: &Server, db: &Db) -> Result<i64> {
    Ok(db.query::<(i64,)>(server.own_number, ()).await?[0].0)
}

/// Makes each case of a module one test per server.
macro_rules! servers {
    ($($case:ident),* $(,)?) => {
        mod postgres {
            $(#[test] fn $case() -> sinew::Result<()> {
                let server = &crate::POSTGRES;
                sinew_suite::run_at(server.database, async |url| super::$case(server, url).await)
            })*
        }
        mod mysql {
            $(#[test] fn $case() -> sinew::Result<()> {
                let server = &crate::MYSQL;
                sinew_suite::run_at(server.database, async |url| super::$case(server, url).await)
            })*
        }
    };
}

pub(crate) use servers;
