//! Behaviours beyond the seed documents, by group.

// A case is no `#[test]` itself, so clippy does not know that it is one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod alike;
mod association;
mod bad_input;
mod conventions;
mod create;
mod delete;
mod fixture;
mod hooks;
mod joins;
mod migrate;
mod migrate_all;
mod preload;
mod queries;
mod save;
mod sessions;
