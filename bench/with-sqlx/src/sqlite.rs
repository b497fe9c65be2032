//! The rows on SQLite. What reads and writes them is in the program for SQLite.

use sqlx::sqlite::SqliteRow as DbRow;

#[path = "rows.rs"]
pub mod rows;
