//! What is stored, read by plain SQL that every database understands.

use sinew::{ColumnType, Db, Error, ErrorKind, Result};

/// How many rows a table has.
///
/// # Errors
/// When there is no such table.
pub async fn rows(db: &Db, table: &str) -> Result<i64> {
    count(db, &format!("SELECT COUNT(*) FROM {table}")).await
}

/// How many rows of a table meet a condition.
///
/// # Errors
/// When there is no such table, or the condition is not SQL.
pub async fn rows_where(db: &Db, table: &str, condition: &str) -> Result<i64> {
    count(
        db,
        &format!("SELECT COUNT(*) FROM {table} WHERE {condition}"),
    )
    .await
}

async fn count(db: &Db, sql: &str) -> Result<i64> {
    let found: Vec<(i64,)> = db.query(sql, ()).await?;
    Ok(found.first().map_or(0, |row| row.0))
}

/// The links of a join table, in order.
///
/// # Errors
/// When there is no such table or column.
pub async fn pairs(db: &Db, table: &str, left: &str, right: &str) -> Result<Vec<(i64, i64)>> {
    let sql = format!("SELECT {left}, {right} FROM {table} ORDER BY {left}, {right}");
    db.query(&sql, ()).await
}

/// One column of all rows, by `id`.
///
/// # Errors
/// When there is no such table or column.
pub async fn values<T: ColumnType>(db: &Db, table: &str, column: &str) -> Result<Vec<T>> {
    let sql = format!("SELECT {column} FROM {table} ORDER BY id");
    let found: Vec<(T,)> = db.query(&sql, ()).await?;
    Ok(found.into_iter().map(|row| row.0).collect())
}

/// One column of the row with this `id`.
///
/// # Errors
/// `NotFound` when there is no such row.
pub async fn value<T: ColumnType>(db: &Db, table: &str, column: &str, id: i64) -> Result<T> {
    let sql = format!("SELECT {column} FROM {table} WHERE id = ?");
    let found: Vec<(T,)> = db.query(&sql, (id,)).await?;
    let none = || Error::new(ErrorKind::NotFound, format!("{table} has no row {id}"));
    found.into_iter().next().map(|row| row.0).ok_or_else(none)
}

/// The error of an operation that must fail with this kind.
///
/// # Panics
/// When it succeeded, or failed otherwise.
#[track_caller]
pub fn refused<T>(result: Result<T>, kind: ErrorKind) -> Error {
    let error = result.err();
    assert_eq!(error.as_ref().map(Error::kind), Some(kind), "{error:?}");
    error.unwrap_or_else(|| Error::new(kind, ""))
}
