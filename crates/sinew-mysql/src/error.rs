//! What MySQL and MariaDB report, in Sinew's terms.

use mysql_async::{DriverError, Error as Cause};
use sinew_core::{Error, ErrorKind};

/// An error with what the connection has to know of it.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) error: Error,
    /// The server's number; 0 for errors that are not the server's.
    pub(crate) code: u16,
    /// The connection cannot be used any more.
    pub(crate) fatal: bool,
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self {
            error,
            code: 0,
            fatal: false,
        }
    }
}

impl Fault {
    #[cold]
    pub(crate) fn of(cause: Cause) -> Self {
        match cause {
            Cause::Server(server) => Self {
                error: from_code(server.code, &server.message),
                code: server.code,
                // The server is about to close the connection.
                fatal: matches!(
                    server.code,
                    1053 | 1079 | 1080 | 1152..=1161 | 1184 | 1927 | 4031
                ),
            },
            other => Self {
                error: from_client(other),
                code: 0,
                fatal: true,
            },
        }
    }

    pub(crate) fn with_sql(mut self, sql: &str) -> Self {
        // How an upsert says that it collided on another key than the one that was meant.
        if self.code == 1242 && sql.contains(crate::text::OTHERWISE) {
            self.error = Error::new(
                ErrorKind::UniqueViolation,
                "another unique key than the one of `on_conflict` is taken by a row",
            );
        }
        self.error = self.error.with_sql(sql);
        self
    }

    /// Whether the server may have rolled the whole transaction back by itself.
    pub(crate) fn may_end_transaction(&self) -> bool {
        matches!(self.code, 1020 | 1205 | 1213 | 1614 | 3572)
    }

    /// Whether one row was refused, and the statement with it.
    pub(crate) fn is_of_a_row(&self) -> bool {
        use ErrorKind as K;
        self.code != 0
            && matches!(
                self.error.kind(),
                K::UniqueViolation
                    | K::ForeignKeyViolation
                    | K::NotNullViolation
                    | K::CheckViolation
                    | K::ValueTooLong
                    | K::Decode
            )
    }
}

#[cold]
fn from_client(cause: Cause) -> Error {
    match cause {
        Cause::Io(io) => Error::new(ErrorKind::Connection, io.to_string()).with_source(io),
        Cause::Driver(DriverError::ConnectionClosed) => {
            Error::new(ErrorKind::Connection, "the server closed the connection")
        }
        Cause::Driver(DriverError::NoClientSslFlagFromServer) => {
            Error::new(ErrorKind::Connection, "the server does not offer TLS")
                .with_hint("set it up there, or send everything in clear: `?tls=off`")
        }
        Cause::Driver(DriverError::PacketTooLarge) => too_large(),
        Cause::Driver(DriverError::StmtParamsMismatch { required, supplied }) => Error::new(
            ErrorKind::InvalidInput,
            format!("the statement has placeholders for {required} values, got {supplied}"),
        ),
        Cause::Driver(DriverError::StmtParamsNumberExceedsLimit { supplied }) => Error::new(
            ErrorKind::InvalidInput,
            format!("a statement takes at most 65535 values, got {supplied}"),
        ),
        Cause::Driver(DriverError::MixedParams) => Error::new(
            ErrorKind::Statement,
            "the text holds both `?` and something that looks like a named parameter, `:name`",
        ),
        other => Error::new(ErrorKind::Connection, other.to_string()),
    }
}

pub(crate) fn too_large() -> Error {
    Error::new(
        ErrorKind::ValueTooLong,
        "the values are larger than the server takes in one piece",
    )
    .with_hint("raise `max_allowed_packet` on the server")
}

/// The errors whose message has nothing in it that must be taken apart.
fn plain(code: u16) -> Option<(ErrorKind, &'static str)> {
    use ErrorKind as K;
    Some(match code {
        1205 => (
            K::Timeout,
            "another transaction held a lock longer than `innodb_lock_wait_timeout`",
        ),
        3024 | 1969 => (
            K::Timeout,
            "raise `statement_timeout`, or help the statement",
        ),
        1317 => (K::Timeout, "somebody ended the statement"),
        1213 | 1614 => (
            K::Conflict,
            "each of two transactions waited for the other, so this one was rolled back; run it again",
        ),
        1020 => (
            K::Conflict,
            "another transaction changed the row after this one had read; run it again",
        ),
        3572 => (K::Conflict, "another transaction holds a lock on the row"),
        1290 | 1792 | 1836 | 3032 => (K::ReadOnly, "the server or the transaction only reads"),
        1021 | 1114 => (K::DiskFull, "free some space"),
        1040 => (
            K::Connection,
            "the server has too many connections: lower `pool_size` or raise `max_connections`",
        ),
        1044 | 1045 | 1049 | 1698 => (
            K::Connection,
            "check user, password and database in the URL",
        ),
        1053 | 1927 | 4031 | 2002 | 2006 | 2013 | 1152 | 1154..=1161 | 1184 => {
            (K::Connection, "the server went away")
        }
        1054 | 1064 | 1065 | 1146 | 1109 | 1051 | 1052 | 1060 | 1061 | 1091 | 1305 | 1149
        | 1242 | 1247 => (K::Statement, ""),
        1235 => (K::Unsupported, ""),
        _ => return None,
    })
}

fn from_code(code: u16, message: &str) -> Error {
    if let Some((kind, hint)) = plain(code) {
        let error = Error::new(kind, message);
        return if hint.is_empty() {
            error
        } else {
            error.with_hint(hint)
        };
    }
    match code {
        1022 | 1062 | 1169 | 1557 | 1586 | 1859 => unique(message),
        1216 | 1217 | 1451 | 1452 | 1761 | 1762 => foreign_key(message),
        1048 | 1263 | 1364 | 1566 => {
            let error = Error::new(ErrorKind::NotNullViolation, message);
            with_column(error, between(message, "'", "'"))
        }
        3819 | 4025 => check(message),
        1267 => Error::new(ErrorKind::Statement, message).with_hint(
            "two columns of different collations cannot be compared; convert one of them, best to \
             utf8mb4_nopad_bin (MariaDB) or utf8mb4_0900_bin (MySQL), as tables made by Sinew are",
        ),
        1153 => too_large(),
        1264 | 1406 | 1690 => {
            let error = Error::new(ErrorKind::ValueTooLong, message);
            with_column(error, between(message, "column '", "'"))
        }
        // The first words, as the value that follows is nobody's business.
        1265 | 1292 | 1366 | 3140 | 3156 => {
            let what = message.split(": '").next().unwrap_or_default();
            let column = between(message, "for column ", " at row").map(|name| {
                let last = name.rsplit('.').next().unwrap_or(name);
                last.trim_matches(['`', '\''])
            });
            let text = match column {
                Some(column) => format!("{what} for column {column}"),
                None => what.to_owned(),
            };
            with_column(Error::new(ErrorKind::Decode, text), column)
        }
        // Some end with the value that they are about.
        _ => Error::new(
            ErrorKind::Database,
            message.split(": '").next().unwrap_or_default(),
        ),
    }
}

fn with_column(error: Error, column: Option<&str>) -> Error {
    match column {
        Some(column) => error.with_column(column),
        None => error,
    }
}

/// What stands between two marks.
fn between<'m>(message: &'m str, open: &str, close: &str) -> Option<&'m str> {
    let (_, rest) = message.split_once(open)?;
    rest.split_once(close).map(|(inside, _)| inside)
}

/// `Duplicate entry 'Ada' for key 'users.uni_users_name'`; MariaDB leaves the table out.
fn unique(message: &str) -> Error {
    let key = message
        .rsplit_once("for key '")
        .map(|(_, key)| key.trim_end_matches('\''));
    let Some(key) = key else {
        return Error::new(
            ErrorKind::UniqueViolation,
            "a row with this key is there already",
        );
    };
    let (table, key) = match key.split_once('.') {
        Some((table, key)) => (Some(table), key),
        None => (None, key),
    };
    let error = Error::new(
        ErrorKind::UniqueViolation,
        "a row with the same value of a unique key is there already",
    )
    .with_constraint(key);
    match table {
        Some(table) => error.with_table(table),
        None => error,
    }
}

/// ``… fails (`db`.`orders`, CONSTRAINT `fk` FOREIGN KEY (`user_id`) REFERENCES `users` (`id`))``
fn foreign_key(message: &str) -> Error {
    let mut error = Error::new(ErrorKind::ForeignKeyViolation, message);
    if let Some(name) = between(message, "CONSTRAINT `", "`") {
        error = error.with_constraint(name);
    }
    if let Some((_, table)) = between(message, "(`", ",").and_then(|t| t.rsplit_once(".`")) {
        error = error.with_table(table.trim_end_matches('`'));
    }
    if let Some(columns) = between(message, "FOREIGN KEY (", ")") {
        error = error.with_column(columns.replace('`', ""));
    }
    error
}

/// ``CONSTRAINT `chk` failed for `db`.`users` `` and `Check constraint 'chk' is violated.`
fn check(message: &str) -> Error {
    let error = Error::new(ErrorKind::CheckViolation, message);
    let name = between(message, "CONSTRAINT `", "`").or_else(|| between(message, "'", "'"));
    let error = match name {
        // MariaDB writes the table before the name of a column's own check.
        Some(name) => error.with_constraint(name.rsplit('.').next().unwrap_or(name)),
        None => error,
    };
    match message.rsplit_once(".`") {
        Some((_, table)) => error.with_table(table.trim_end_matches('`')),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unique_keys_of_both_servers() {
        for message in [
            "Duplicate entry 'Ada' for key 'uni_users_name'",
            "Duplicate entry 'for key 'x'' for key 'users.uni_users_name'",
        ] {
            let error = from_code(1062, message);
            assert_eq!(error.kind(), ErrorKind::UniqueViolation);
            assert_eq!(error.constraint(), Some("uni_users_name"));
            assert!(!error.to_string().contains("Ada"));
        }
    }

    #[test]
    fn foreign_keys_name_all_there_is() {
        let error = from_code(
            1452,
            "Cannot add or update a child row: a foreign key constraint fails (`db`.`orders`, \
             CONSTRAINT `fk_orders_user` FOREIGN KEY (`tenant`, `user_id`) REFERENCES `users` \
             (`tenant`, `id`))",
        );
        assert_eq!(error.kind(), ErrorKind::ForeignKeyViolation);
        assert_eq!(error.constraint(), Some("fk_orders_user"));
        assert_eq!(error.table(), Some("orders"));
        assert_eq!(error.column(), Some("tenant, user_id"));
    }

    #[test]
    fn checks_of_both_servers() {
        let error = from_code(4025, "CONSTRAINT `chk_age` failed for `db`.`users`");
        assert_eq!(
            (error.constraint(), error.table()),
            (Some("chk_age"), Some("users"))
        );
        let error = from_code(3819, "Check constraint 'chk_age' is violated.");
        assert_eq!(error.constraint(), Some("chk_age"));
    }

    #[test]
    fn values_stay_out_of_messages() {
        let error = from_code(
            1366,
            "Incorrect integer value: 'geheim' for column `db`.`t`.`age` at row 1",
        );
        assert_eq!(
            (error.kind(), error.column()),
            (ErrorKind::Decode, Some("age"))
        );
        assert!(!error.to_string().contains("geheim"));
    }

    #[test]
    fn kinds() {
        for (code, kind) in [
            (1205, ErrorKind::Timeout),
            (1213, ErrorKind::Conflict),
            (1020, ErrorKind::Conflict),
            (3024, ErrorKind::Timeout),
            (1969, ErrorKind::Timeout),
            (1290, ErrorKind::ReadOnly),
            (1792, ErrorKind::ReadOnly),
            (1021, ErrorKind::DiskFull),
            (1114, ErrorKind::DiskFull),
            (2006, ErrorKind::Connection),
            (2013, ErrorKind::Connection),
            (1040, ErrorKind::Connection),
            (1153, ErrorKind::ValueTooLong),
            (1062, ErrorKind::UniqueViolation),
            (1452, ErrorKind::ForeignKeyViolation),
            (3819, ErrorKind::CheckViolation),
            (4025, ErrorKind::CheckViolation),
            (1366, ErrorKind::Decode),
            (1064, ErrorKind::Statement),
            (1146, ErrorKind::Statement),
            (1054, ErrorKind::Statement),
            (1048, ErrorKind::NotNullViolation),
            (1364, ErrorKind::NotNullViolation),
            (1406, ErrorKind::ValueTooLong),
            (1264, ErrorKind::ValueTooLong),
            (1451, ErrorKind::ForeignKeyViolation),
            (1217, ErrorKind::ForeignKeyViolation),
            (9999, ErrorKind::Database),
        ] {
            assert_eq!(from_code(code, "").kind(), kind, "{code}");
        }
    }
}
