//! What PostgreSQL reports, in Sinew's terms.

use sinew_core::{Error, ErrorKind};
use tokio_postgres::error::DbError;

/// Translates an error. The text of the statement is added by the caller, values never are.
#[cold]
pub(crate) fn from_postgres(cause: &tokio_postgres::Error) -> Error {
    if let Some(reported) = cause.as_db_error() {
        return from_server(reported);
    }
    if let Some(unfit) = own(cause) {
        return unfit;
    }
    let message = with_sources(cause);
    if message.contains("TLS handshake") {
        return Error::new(ErrorKind::Connection, message)
            .with_hint("name the certificate to trust by `sslrootcert`, or the host as it does");
    }
    if cause.is_closed() || is_io(cause) || message.starts_with("error connecting") {
        return lost(message);
    }
    let kind = match message.as_str() {
        text if text.starts_with("expected ") => ErrorKind::InvalidInput,
        text if text.starts_with("authentication error") => ErrorKind::Connection,
        text if text.contains("TLS") => ErrorKind::Connection,
        text if text.starts_with("timeout") => ErrorKind::Timeout,
        _ => ErrorKind::Database,
    };
    Error::new(kind, message)
}

fn lost(message: String) -> Error {
    Error::new(ErrorKind::Connection, message).with_hint(
        "the server ended the connection or cannot be reached; the next operation opens another",
    )
}

/// An error that the binding of a value met.
fn own(cause: &tokio_postgres::Error) -> Option<Error> {
    let source = std::error::Error::source(cause)?;
    let error = source.downcast_ref::<Error>()?;
    Some(Error::new(error.kind(), error.message()))
}

fn is_io(cause: &tokio_postgres::Error) -> bool {
    let mut source = std::error::Error::source(cause);
    while let Some(error) = source {
        if error.is::<std::io::Error>() {
            return true;
        }
        source = error.source();
    }
    false
}

fn with_sources(cause: &tokio_postgres::Error) -> String {
    let mut message = cause.to_string();
    let mut source = std::error::Error::source(cause);
    while let Some(error) = source {
        let text = error.to_string();
        if !message.contains(&text) {
            message = format!("{message}: {text}");
        }
        source = error.source();
    }
    message
}

/// The code by which the server says that another plan than the one kept is needed.
pub(crate) fn is_stale_plan(cause: &tokio_postgres::Error) -> bool {
    cause
        .as_db_error()
        .is_some_and(|reported| match reported.code().code() {
            "26000" => true,
            "0A000" => reported.routine() == Some("RevalidateCachedQuery"),
            _ => false,
        })
}

/// Whether the error lies in the rows, so that the rows one by one would tell which.
pub(crate) fn lies_in_rows(cause: &tokio_postgres::Error) -> bool {
    match cause.as_db_error() {
        Some(reported) => matches!(&reported.code().code()[..2], "22" | "23" | "42" | "P0"),
        None => own(cause).is_some(),
    }
}

fn from_server(reported: &DbError) -> Error {
    let code = reported.code().code();
    let (kind, hint) = kind_and_hint(code);
    // Class 22 is about values, and quotes them.
    let message = match code.starts_with("22") {
        true => without_value(reported.message()),
        false => reported.message().to_owned(),
    };
    let mut error = Error::new(kind, message);
    if let Some(constraint) = reported.constraint() {
        error = error.with_constraint(constraint);
    }
    if let Some(table) = reported.table() {
        // Without its schema: whether the model names that one is not known here.
        error = error.with_table(table);
    }
    if let Some(column) = reported.column() {
        error = error.with_column(column);
    } else if let Some(columns) = reported.detail().and_then(columns_of) {
        error = error.with_column(columns);
    }
    match hint.or(reported.hint()) {
        Some(hint) => error.with_hint(hint),
        None => error,
    }
}

fn kind_and_hint(code: &str) -> (ErrorKind, Option<&'static str>) {
    let kind = match code {
        "23505" | "23P01" => ErrorKind::UniqueViolation,
        "23503" | "23001" => ErrorKind::ForeignKeyViolation,
        "23502" => ErrorKind::NotNullViolation,
        "23514" | "44000" => ErrorKind::CheckViolation,
        "22001" | "22003" | "54000" => ErrorKind::ValueTooLong,
        "40001" | "40P01" => return (ErrorKind::Conflict, Some("run the transaction again")),
        "55P03" => {
            return (
                ErrorKind::Timeout,
                Some("another transaction held a lock; try again"),
            );
        }
        "57014" => {
            return (
                ErrorKind::Timeout,
                Some("the statement was cancelled, or took longer than `statement_timeout`"),
            );
        }
        "25P03" | "25P04" => ErrorKind::Timeout,
        "25006" => ErrorKind::ReadOnly,
        "25P02" => {
            return (
                ErrorKind::Conflict,
                Some("an earlier statement failed, so the transaction can only be rolled back"),
            );
        }
        "53100" => return (ErrorKind::DiskFull, Some("free some space")),
        "53300" => {
            return (
                ErrorKind::Connection,
                Some("the server has no connection left; lower `max_connections` of this pool"),
            );
        }
        "22P05" | "22021" => ErrorKind::InvalidInput,
        "22P02" | "22P03" | "22007" | "22008" => ErrorKind::Decode,
        "57P01" | "57P02" | "57P03" | "57P04" | "57P05" => ErrorKind::Connection,
        "28000" | "28P01" => {
            return (
                ErrorKind::Connection,
                Some("check user and password in the URL"),
            );
        }
        "3D000" => return (ErrorKind::Connection, Some("create the database first")),
        "0A000" => ErrorKind::Unsupported,
        _ => match code.get(..2).unwrap_or_default() {
            "08" => ErrorKind::Connection,
            "40" => ErrorKind::Conflict,
            "42" | "26" | "3F" => ErrorKind::Statement,
            _ => ErrorKind::Database,
        },
    };
    (kind, None)
}

/// `value "300" is out of range for type smallint` and `invalid input syntax for type date: "x"`
/// without what is quoted.
fn without_value(message: &str) -> String {
    let (Some(start), Some(end)) = (message.find('"'), message.rfind('"')) else {
        return message.to_owned();
    };
    let before = message[..start].trim_end_matches([' ', ':']);
    let after = message.get(end + 1..).unwrap_or_default();
    format!("{before}{after}")
}

/// The columns in `Key (tenant, name)=(…) …`.
fn columns_of(detail: &str) -> Option<String> {
    let rest = detail.strip_prefix("Key (")?;
    let (columns, _) = rest.split_once(")=(")?;
    Some(columns.replace('"', ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_come_without_their_values() {
        let detail = "Key (tenant, name)=(1, (x)=(y)) already exists.";
        assert_eq!(columns_of(detail).as_deref(), Some("tenant, name"));
        assert_eq!(columns_of("Failing row contains (1)."), None);
    }

    #[test]
    fn values_stay_out_of_messages() {
        for (message, kept) in [
            (
                "value \"300\" is out of range for type smallint",
                "value is out of range for type smallint",
            ),
            (
                "invalid input syntax for type date: \"a\"b\"",
                "invalid input syntax for type date",
            ),
            ("division by zero", "division by zero"),
        ] {
            assert_eq!(without_value(message), kept);
        }
    }

    #[test]
    fn classes_have_kinds() {
        for (code, kind) in [
            ("08006", ErrorKind::Connection),
            ("42P01", ErrorKind::Statement),
            ("40001", ErrorKind::Conflict),
            ("53100", ErrorKind::DiskFull),
            ("57014", ErrorKind::Timeout),
            ("25006", ErrorKind::ReadOnly),
            ("XX000", ErrorKind::Database),
        ] {
            assert_eq!(kind_and_hint(code).0, kind, "{code}");
        }
    }
}
