//! sqlx: its rows, and, on database servers, the statements of the hand-written drivers, one after another; decoded by
//! position, as its checked macros do.

#[cfg(feature = "mysql")]
pub mod mysql;
#[cfg(feature = "postgres")]
pub mod postgres;
#[cfg(feature = "sqlite")]
pub mod sqlite;
