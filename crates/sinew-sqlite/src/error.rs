//! What SQLite reports, in Sinew's terms.

use rusqlite::ffi;
use sinew_core::{Error, ErrorKind};

/// Translates an error. The text of the statement is added by the caller, values never are.
#[cold]
pub(crate) fn from_sqlite(cause: &rusqlite::Error) -> Error {
    use rusqlite::Error as Sql;
    match cause {
        Sql::SqliteFailure(failure, message) => {
            let message = message.clone().unwrap_or_else(|| failure.to_string());
            from_code(failure.extended_code, message)
        }
        Sql::SqlInputError { error, msg, .. } => from_code(error.extended_code, msg.clone()),
        Sql::NulError(_) => Error::new(ErrorKind::InvalidInput, "a NUL byte where none may be"),
        Sql::InvalidPath(path) => Error::new(
            ErrorKind::InvalidInput,
            format!("not a usable path: {}", path.display()),
        ),
        Sql::MultipleStatement => Error::new(
            ErrorKind::Statement,
            "the text holds more than one statement; send them one by one",
        ),
        other => Error::new(ErrorKind::Database, other.to_string()),
    }
}

/// An error on the inside, where a lock may still be waited for.
pub(crate) enum Fault {
    /// Another connection's lock was in the way; nothing happened, and waiting may help.
    Busy(Error),
    Failed(Error),
}

impl Fault {
    #[cold]
    pub(crate) fn of(cause: &rusqlite::Error) -> Self {
        let error = from_sqlite(cause);
        if is_busy(cause) {
            Self::Busy(error)
        } else {
            Self::Failed(error)
        }
    }

    /// No longer one to wait for, unless `repeatable`.
    pub(crate) fn final_unless(self, repeatable: bool) -> Self {
        if repeatable {
            self
        } else {
            Self::Failed(self.into_error())
        }
    }

    pub(crate) fn with_sql(self, sql: &str) -> Self {
        match self {
            Self::Busy(error) => Self::Busy(error.with_sql(sql)),
            Self::Failed(error) => Self::Failed(error.with_sql(sql)),
        }
    }

    pub(crate) fn into_error(self) -> Error {
        match self {
            Self::Busy(error) | Self::Failed(error) => error,
        }
    }
}

fn is_busy(cause: &rusqlite::Error) -> bool {
    let code = extended_code(cause);
    primary(code) == ffi::SQLITE_BUSY && code != ffi::SQLITE_BUSY_SNAPSHOT
}

fn extended_code(cause: &rusqlite::Error) -> i32 {
    match cause {
        rusqlite::Error::SqliteFailure(failure, _) => failure.extended_code,
        rusqlite::Error::SqlInputError { error, .. } => error.extended_code,
        _ => ffi::SQLITE_OK,
    }
}

fn primary(code: i32) -> i32 {
    code & 0xff
}

fn from_code(code: i32, message: String) -> Error {
    if primary(code) == ffi::SQLITE_CONSTRAINT {
        return constraint(code, message);
    }
    let (kind, hint) = kind_and_hint(code);
    let error = Error::new(kind, message);
    match hint {
        Some(hint) => error.with_hint(hint),
        None => error,
    }
}

fn kind_and_hint(code: i32) -> (ErrorKind, Option<&'static str>) {
    match code {
        ffi::SQLITE_BUSY_SNAPSHOT => {
            return (
                ErrorKind::Conflict,
                Some("another writer committed after this transaction had read; run it again"),
            );
        }
        // The shared-memory file beside the log could not grow.
        ffi::SQLITE_IOERR_SHMSIZE => return (ErrorKind::DiskFull, Some("free some space")),
        ffi::SQLITE_READONLY_DBMOVED => {
            return (
                ErrorKind::ReadOnly,
                Some("the database file was moved or deleted after it was opened"),
            );
        }
        ffi::SQLITE_READONLY_DIRECTORY => {
            return (
                ErrorKind::ReadOnly,
                Some("SQLite writes files beside the database: make its directory writable"),
            );
        }
        _ => {}
    }
    match primary(code) {
        ffi::SQLITE_BUSY => (
            ErrorKind::Timeout,
            Some(
                "another connection held a lock longer than `busy_timeout`; raise it or shorten the other transaction",
            ),
        ),
        ffi::SQLITE_LOCKED => (
            ErrorKind::Conflict,
            Some(
                "a statement still reads what this one changes; finish or drop it, then try again",
            ),
        ),
        ffi::SQLITE_READONLY => (
            ErrorKind::ReadOnly,
            Some("the connection, the file or its file system does not allow writing"),
        ),
        ffi::SQLITE_FULL => (ErrorKind::DiskFull, Some("free some space")),
        ffi::SQLITE_CANTOPEN | ffi::SQLITE_PERM => (
            ErrorKind::Connection,
            Some("check that the path exists and may be read and written"),
        ),
        ffi::SQLITE_NOTADB => (
            ErrorKind::Connection,
            Some("the file is not a SQLite database, or it is encrypted"),
        ),
        ffi::SQLITE_CORRUPT => (
            ErrorKind::Connection,
            Some("the database file is damaged; restore it from a backup"),
        ),
        ffi::SQLITE_TOOBIG => (ErrorKind::ValueTooLong, None),
        ffi::SQLITE_ERROR | ffi::SQLITE_RANGE | ffi::SQLITE_SCHEMA => (ErrorKind::Statement, None),
        ffi::SQLITE_MISMATCH => (ErrorKind::Decode, None),
        ffi::SQLITE_INTERRUPT => (ErrorKind::Timeout, Some("the operation was cancelled")),
        _ => (ErrorKind::Database, None),
    }
}

/// `UNIQUE constraint failed: users.name, users.tenant` and its relatives.
fn constraint(code: i32, message: String) -> Error {
    let subject = message
        .split_once("constraint failed: ")
        .map(|(_, subject)| subject.to_owned());
    // A RESTRICT action is a trigger inside SQLite and reports that code.
    if code == ffi::SQLITE_CONSTRAINT_FOREIGNKEY || message.starts_with("FOREIGN KEY") {
        return Error::new(ErrorKind::ForeignKeyViolation, message).with_hint(
            "a foreign key points at no row, or rows still point here; SQLite does not say which",
        );
    }
    let kind = match code {
        ffi::SQLITE_CONSTRAINT_UNIQUE
        | ffi::SQLITE_CONSTRAINT_PRIMARYKEY
        | ffi::SQLITE_CONSTRAINT_ROWID => ErrorKind::UniqueViolation,
        ffi::SQLITE_CONSTRAINT_NOTNULL => ErrorKind::NotNullViolation,
        ffi::SQLITE_CONSTRAINT_CHECK => ErrorKind::CheckViolation,
        ffi::SQLITE_CONSTRAINT_DATATYPE => return wrong_type(message),
        _ => ErrorKind::Database,
    };
    let error = Error::new(kind, message);
    let Some(subject) = subject else { return error };
    match kind {
        ErrorKind::CheckViolation => error.with_constraint(subject),
        _ => match subject
            .strip_prefix("index '")
            .and_then(|rest| rest.strip_suffix('\''))
        {
            Some(index) => error.with_constraint(index),
            None => with_columns(error, &subject),
        },
    }
}

fn with_columns(error: Error, subject: &str) -> Error {
    let error = match error.kind() {
        ErrorKind::UniqueViolation => error.with_constraint(subject),
        _ => error,
    };
    let pairs: Vec<_> = subject
        .split(", ")
        .filter_map(|pair| pair.split_once('.'))
        .collect();
    let Some((table, _)) = pairs.first() else {
        return error;
    };
    let columns: Vec<&str> = pairs.iter().map(|(_, column)| *column).collect();
    error.with_table(*table).with_column(columns.join(", "))
}

/// `cannot store TEXT value in INTEGER column users.age`, of STRICT tables.
fn wrong_type(message: String) -> Error {
    let place = message
        .rsplit_once(' ')
        .and_then(|(_, place)| place.split_once('.'));
    let place = place.map(|(table, column)| (table.to_owned(), column.to_owned()));
    let error = Error::new(ErrorKind::Decode, message);
    match place {
        Some((table, column)) => error.with_table(table).with_column(column),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unique_names_table_and_columns() {
        let message = "UNIQUE constraint failed: users.tenant, users.name";
        let error = from_code(ffi::SQLITE_CONSTRAINT_UNIQUE, message.into());
        assert_eq!(error.kind(), ErrorKind::UniqueViolation);
        assert_eq!(
            (error.table(), error.column()),
            (Some("users"), Some("tenant, name"))
        );
        let message = "UNIQUE constraint failed: index 'users_lower_name'";
        let error = from_code(ffi::SQLITE_CONSTRAINT_UNIQUE, message.into());
        assert_eq!(error.constraint(), Some("users_lower_name"));
        assert_eq!(error.table(), None);
    }

    #[test]
    fn codes_without_a_scene_of_their_own() {
        for (code, kind) in [
            (ffi::SQLITE_FULL, ErrorKind::DiskFull),
            (ffi::SQLITE_IOERR_SHMSIZE, ErrorKind::DiskFull),
            (ffi::SQLITE_CORRUPT, ErrorKind::Connection),
            (ffi::SQLITE_BUSY_SNAPSHOT, ErrorKind::Conflict),
            (ffi::SQLITE_LOCKED, ErrorKind::Conflict),
            (ffi::SQLITE_INTERRUPT, ErrorKind::Timeout),
            (ffi::SQLITE_READONLY_DBMOVED, ErrorKind::ReadOnly),
            (ffi::SQLITE_NOMEM, ErrorKind::Database),
        ] {
            assert_eq!(from_code(code, String::new()).kind(), kind, "{code}");
        }
    }
}
