//! Reading: find, get, first, count, pluck, pages, streams.

mod aggregate;
mod find;
mod get;

pub use aggregate::{Aggregate, Count, Pluck};
pub use find::{Find, First};
pub use get::{Get, GetOptional, Load};
pub use sinew_core::value::IntoKey;
