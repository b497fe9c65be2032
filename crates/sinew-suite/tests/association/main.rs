//! Association mode: what each verb writes, in how many statements, and what memory shows then.

// A case is no `#[test]` itself, so clippy does not know that it is one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod batch;
mod fixture;
mod has;
mod links;
mod many_to_many;
mod replace;
mod wide_links;
