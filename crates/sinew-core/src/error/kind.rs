use std::fmt;

/// What sort of thing went wrong. The same on every database; prints as its variant's name.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let error = db.create(&mut user("Ada", 1)).await.unwrap_err();
/// match error.kind() {
///     ErrorKind::UniqueViolation => println!("there is an Ada already"),
///     other => panic!("{other}"),
/// }
/// assert_eq!(error.kind().to_string(), "UniqueViolation");
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// No row matched where one was needed.
    NotFound,
    /// An association was read that this value does not hold.
    NotLoaded,
    /// A unique index or primary key refused the row.
    UniqueViolation,
    /// A foreign key points at no row, or rows still point here.
    ForeignKeyViolation,
    /// A required column got no value.
    NotNullViolation,
    /// A check constraint refused the row.
    CheckViolation,
    /// The owner has no key yet, so nothing can be linked to it.
    MissingKey,
    /// A batch has another number of values than owners.
    InvalidLength,
    /// A foreign key and the loaded target beside it disagree.
    Mismatch,
    /// No association has that name.
    UnknownAssociation,
    /// No column has that name.
    UnknownColumn,
    /// An update or delete of a whole table was not asked for.
    MissingCondition,
    /// Two writers got in each other's way; trying again may help.
    Conflict,
    /// Something took longer than allowed.
    Timeout,
    /// The handle, pool or transaction is closed.
    Closed,
    /// The database could not be reached or opened.
    Connection,
    /// The database or the file is read-only.
    ReadOnly,
    /// The disk is full.
    DiskFull,
    /// A value does not fit its column.
    ValueTooLong,
    /// A value from the database does not fit the Rust type, or the other way round.
    Decode,
    /// The statement is not valid for this database or schema.
    Statement,
    /// Sinew or this database cannot do that.
    Unsupported,
    /// The input makes no sense; the message says why.
    InvalidInput,
    /// The schema in code contradicts itself or the database.
    Schema,
    /// A hook refused.
    Hook,
    /// The database reported something else.
    #[default]
    Database,
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}
