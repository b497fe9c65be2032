//! The nouns of Sinew: values and column types, the schema of a model, errors, and the contract
//! between the engine and a database driver.
//!
//! This crate writes no SQL, does no I/O and needs no async runtime. Users depend on `sinew`,
//! which re-exports what they need.

pub mod driver;
pub mod error;
pub mod record;
pub mod schema;
pub mod value;

pub use error::{Error, ErrorKind, Result};
pub use value::{ColumnType, Timestamp, Value};
