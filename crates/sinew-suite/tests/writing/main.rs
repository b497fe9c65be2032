//! Writing: graphs, updates, upserts, deletes, hooks, and what a failure leaves.

// A case is no `#[test]` itself, so clippy does not know that it is one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod alone;
mod create;
mod delete;
mod fixture;
mod hooks;
mod keys;
mod promised;
mod update;
mod upsert;
mod whole;
