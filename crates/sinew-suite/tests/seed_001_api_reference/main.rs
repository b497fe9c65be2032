//! The API reference "Associations", section by section.

// A case is no `#[test]` itself, so clippy does not know that it is one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod defining;
mod joining;
mod managing;
mod preloading;
mod shop;
mod special;
mod writing;
