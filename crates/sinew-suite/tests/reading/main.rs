//! Reading: rows, values, joins, pages, streams, SQL by hand, preloads.

// A case is no `#[test]` itself, so clippy does not know that it is one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod fixture;
mod get;
mod join;
mod page;
mod preload_keys;
mod preload_limits;
mod preload_tree;
mod preload_ways;
mod raw;
mod value;
