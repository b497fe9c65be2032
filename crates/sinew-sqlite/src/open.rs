//! Opening one connection.

use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use sinew_core::{Error, Result};

use crate::config::{Config, Journal, Location, Mode};
use crate::error;

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Writes, and creates the file.
    Writer,
    /// Reads beside the writer.
    Reader,
}

/// A connection as configured, and whether readers may stand beside it.
pub(crate) fn open(config: &Config, role: Role) -> Result<(Connection, bool)> {
    let connection = connect(config, role).map_err(|e| located(config, &error::from_sqlite(&e)))?;
    let beside =
        set_up(config, role, &connection).map_err(|e| located(config, &error::from_sqlite(&e)))?;
    Ok((connection, beside))
}

fn connect(config: &Config, role: Role) -> rusqlite::Result<Connection> {
    // A connection is used by one thread at a time, so SQLite's own mutex (1.8 times the cost of
    // reading many rows) is left out.
    let mut flags = OpenFlags::SQLITE_OPEN_NO_MUTEX;
    flags |= match (config.mode, role) {
        (Mode::ReadOnly, _) => OpenFlags::SQLITE_OPEN_READ_ONLY,
        (Mode::Create, Role::Writer) => {
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE
        }
        // A reader needs to write the log's shared memory. It must not create a file that was
        // deleted in the meantime.
        _ => OpenFlags::SQLITE_OPEN_READ_WRITE,
    };
    match &config.location {
        Location::File(path) => Connection::open_with_flags(plain(path), flags),
        Location::Memory => Connection::open_in_memory_with_flags(
            OpenFlags::SQLITE_OPEN_NO_MUTEX
                | OpenFlags::SQLITE_OPEN_READ_WRITE
                | OpenFlags::SQLITE_OPEN_CREATE,
        ),
        Location::Shared(name) => Connection::open_with_flags(
            format!("file:{}?mode=memory&cache=shared", encoded(name)),
            OpenFlags::SQLITE_OPEN_NO_MUTEX
                | OpenFlags::SQLITE_OPEN_READ_WRITE
                | OpenFlags::SQLITE_OPEN_CREATE
                | OpenFlags::SQLITE_OPEN_URI,
        ),
    }
}

/// A path that SQLite takes for nothing else: it may be built to read `file:` as a URI.
fn plain(path: &Path) -> PathBuf {
    let text = path.to_string_lossy();
    if text.starts_with("file:") || text.starts_with(':') {
        Path::new(".").join(path)
    } else {
        path.to_path_buf()
    }
}

fn encoded(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

fn set_up(config: &Config, role: Role, connection: &Connection) -> rusqlite::Result<bool> {
    connection.busy_timeout(config.busy_timeout)?;
    // Otherwise a misspelt column in double quotes is taken for a text.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
    rusqlite::vtab::array::load_module(connection)?;
    connection.pragma_update(None, "foreign_keys", config.foreign_keys)?;
    // Reads the file's head: what is no database is found out here.
    let _: i64 = connection.query_row("PRAGMA schema_version", [], |row| row.get(0))?;
    if config.is_memory() {
        return Ok(false);
    }
    let writable = config.mode != Mode::ReadOnly && !connection.is_readonly("main")?;
    let journal = match (role, writable) {
        (Role::Writer, true) => {
            let sql = format!("PRAGMA journal_mode = {}", config.journal.name());
            connection.query_row(&sql, [], |row| row.get::<_, String>(0))?
        }
        _ => connection.query_row("PRAGMA journal_mode", [], |row| row.get::<_, String>(0))?,
    };
    if writable {
        connection.pragma_update(None, "synchronous", config.effective_synchronous().name())?;
    }
    if role == Role::Reader {
        connection.pragma_update(None, "query_only", true)?;
    }
    // Readers beside a writer need WAL; with nobody writing here, any mode will do.
    Ok(!writable || journal.eq_ignore_ascii_case(Journal::Wal.name()))
}

fn located(config: &Config, error: &Error) -> Error {
    let place = match &config.location {
        Location::File(path) => path.display().to_string(),
        Location::Memory => ":memory:".to_owned(),
        Location::Shared(name) => name.clone(),
    };
    let located = Error::new(
        error.kind(),
        format!("cannot open {place}: {}", error.message()),
    );
    match error.hint() {
        Some(hint) => located.with_hint(hint),
        None => located,
    }
}
