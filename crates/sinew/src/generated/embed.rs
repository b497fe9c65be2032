use sinew_core::value::Value;

use super::fit::{Fit, Place};
use super::spec::EmbeddedSpec;

/// A struct whose columns are part of every model that embeds it. Written by
/// `#[derive(Embedded)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be embedded",
    label = "not an embedded struct",
    note = "add `#[derive(sinew::Embedded, Clone, Debug, Default)]` to `{Self}`"
)]
pub trait Embedded: Clone + Send + Sync + 'static {
    /// The primary key that it holds, `()` for none.
    type Key: Send + Sync + 'static;

    /// That key's positions.
    const KEY: &'static [usize];

    /// That key's column names.
    const KEY_NAMES: &'static [&'static str];

    /// The number of columns.
    const COUNT: usize;

    /// The columns.
    const SPEC: EmbeddedSpec;

    /// Reads the columns. `None` when a value does not fit its field, which the place then tells.
    fn decode(place: &Place<'_>) -> Option<Self>;

    /// The value of a column.
    fn value(&self, column: usize) -> Value<'_>;

    /// Sets a column.
    ///
    /// # Errors
    /// When the value does not fit.
    fn set(&mut self, column: usize, value: Value<'_>) -> Fit;

    /// Whether a column holds what stands for "not set yet".
    fn is_unset(&self, column: usize) -> bool;
}
