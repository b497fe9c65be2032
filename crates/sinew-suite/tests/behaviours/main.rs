//! Behaviours beyond the seed documents, by group.

mod association;
mod bad_input;
mod conventions;
mod create;
mod delete;
mod fixture;
mod hooks;
mod joins;
mod migrate;
mod preload;
mod queries;
mod save;
mod sessions;
