//! What a column type holds at its ends, what an operation does with very many rows, how it fails,
//! and what is left when it is dropped.

// A case is no `#[test]` itself, so clippy does not know that it is one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod decimals;
mod documents;
mod dropped;
mod errors;
mod hostile;
mod kept;
mod keys;
mod many_owners;
mod moments;
mod numbers;
mod texts;
mod watched;

use sinew::private::capabilities;
