use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicU32, Ordering};

use sinew::{Db, Error, ErrorKind, Result};
use tokio::runtime::{Builder, Runtime};

/// A database that the cases run on.
pub struct Database {
    place: Place,
}

enum Place {
    /// Each connect to this URL is a database of its own.
    Embedded(&'static str),
    /// A server: where its URL stands, and how one of its databases is removed.
    Server {
        variable: &'static str,
        removal: fn(&str) -> String,
    },
}

/// SQLite, in memory: each connect is a database of its own.
pub const SQLITE: Database = Database {
    place: Place::Embedded("sqlite::memory:"),
};

/// The PostgreSQL server that `SINEW_TEST_POSTGRES` names.
pub const POSTGRES: Database = Database {
    place: Place::Server {
        variable: "SINEW_TEST_POSTGRES",
        removal: |name| format!("DROP DATABASE {name} WITH (FORCE)"),
    },
};

/// The MySQL or MariaDB server that `SINEW_TEST_MYSQL` names.
pub const MYSQL: Database = Database {
    place: Place::Server {
        variable: "SINEW_TEST_MYSQL",
        removal: |name| format!("DROP DATABASE {name}"),
    },
};

/// Runs a case on a fresh database, which is removed afterwards. Where no server is named nothing
/// is run; `cargo xtask test` names them all.
///
/// # Errors
/// What the case returns, and what goes wrong while its database is opened.
///
/// # Panics
/// When the case does.
pub fn run(database: &Database, case: impl AsyncFnOnce(Db) -> Result<()>) -> Result<()> {
    on_fresh(database, |url| {
        made(&mut Builder::new_current_thread())?
            .block_on(async { case(Db::connect(url).await?).await })
    })
}

/// As [`run`], for a case that opens the database itself, by its URL.
///
/// # Errors
/// What the case returns, and what goes wrong while its database is made.
///
/// # Panics
/// When the case does.
pub fn run_at(database: &Database, case: impl AsyncFnOnce(&str) -> Result<()>) -> Result<()> {
    on_fresh(database, |url| {
        made(&mut Builder::new_current_thread())?.block_on(case(url))
    })
}

/// As [`run`], on a runtime of several threads.
///
/// # Errors
/// As there.
///
/// # Panics
/// As there.
pub fn run_on_threads(database: &Database, case: impl AsyncFnOnce(Db) -> Result<()>) -> Result<()> {
    on_fresh(database, |url| {
        made(Builder::new_multi_thread().worker_threads(4))?
            .block_on(async { case(Db::connect(url).await?).await })
    })
}

/// As [`run`], for a case without a runtime.
///
/// # Errors
/// As there.
///
/// # Panics
/// As there.
pub fn run_blocking(
    database: &Database,
    case: impl FnOnce(sinew::blocking::Db) -> Result<()>,
) -> Result<()> {
    on_fresh(database, |url| case(sinew::blocking::Db::connect(url)?))
}

fn made(runtime: &mut Builder) -> Result<Runtime> {
    let made = runtime.enable_all().build();
    made.map_err(|e| Error::new(ErrorKind::Unsupported, "no runtime").with_source(e))
}

/// Makes a fresh database, visits it by its URL, and removes it.
fn on_fresh(database: &Database, visit: impl FnOnce(&str) -> Result<()>) -> Result<()> {
    match database.place {
        Place::Embedded(url) => visit(url),
        Place::Server { variable, removal } => {
            let Ok(server) = std::env::var(variable) else {
                eprintln!("not run: {variable} names no server");
                return Ok(());
            };
            let name = fresh_name();
            let url = of(&server, &name)?;
            let runtime = made(&mut Builder::new_current_thread())?;
            runtime.block_on(ask(&server, &format!("CREATE DATABASE {name}")))?;
            let outcome = catch_unwind(AssertUnwindSafe(|| visit(&url)));
            let removed = runtime.block_on(ask(&server, &removal(&name)));
            match outcome {
                Ok(outcome) => outcome.and(removed),
                Err(panic) => resume_unwind(panic),
            }
        }
    }
}

/// A name that no other case has, in this process or in another.
fn fresh_name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("sinew_case_{}_{number}", std::process::id())
}

/// Runs one statement on a connection of its own.
async fn ask(server: &str, sql: &str) -> Result<()> {
    let db = Db::connect(server).await?;
    let asked = db.execute(sql, ()).await;
    db.close().await;
    asked.map(|_| ())
}

/// The URL of another database of the same server.
fn of(server: &str, name: &str) -> Result<String> {
    let (address, options) = match server.split_once('?') {
        Some((address, options)) => (address, format!("?{options}")),
        None => (server, String::new()),
    };
    let (host, _) = address.rsplit_once('/').ok_or_else(|| {
        Error::new(
            ErrorKind::InvalidInput,
            format!("`{server}` names no database"),
        )
    })?;
    Ok(format!("{host}/{name}{options}"))
}
