//! Column types of other crates, each behind its feature (jiff's are always there: Sinew uses it).

#[cfg(feature = "bytes")]
mod bytes;
#[cfg(feature = "chrono")]
mod chrono;
mod jiff;
#[cfg(feature = "rust_decimal")]
mod rust_decimal;
#[cfg(feature = "time")]
mod time;
#[cfg(feature = "uuid")]
mod uuid;

use super::{Misfit, Value};

/// Text that a type of another crate reads by itself.
#[allow(dead_code)]
fn parsed<T>(text: &str, wanted: &str, parse: impl FnOnce(&str) -> Option<T>) -> Result<T, Misfit> {
    parse(text).ok_or_else(|| Misfit(format!("expected {wanted}, got another text")))
}

/// A misfit for a value of a wrong sort.
#[allow(dead_code)]
fn wrong<T>(wanted: &str, value: &Value<'_>) -> Result<T, Misfit> {
    Err(Misfit::new(wanted, value))
}

/// Microseconds in a day.
#[allow(dead_code)]
const DAY: i64 = 86_400_000_000;
