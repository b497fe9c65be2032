//! Naming conventions of Sinew: case, plurals, key and table names. The derive macros and the
//! runtime share it, so that both always mean the same name.

mod case;
mod convention;
mod inflect;
mod shorten;

pub use case::{Case, snake};
pub use convention::{check, foreign_key, index, join_column, join_table, table, unique};
pub use inflect::{plural, singular};
pub use shorten::shorten;
