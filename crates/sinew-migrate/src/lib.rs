//! Schema migration of Sinew: what the models ask for, what the database has, and the plan that
//! leads from one to the other. Nothing here talks to a database:
//!
//! 1. [`desired`] turns models into a [`Schema`];
//! 2. [`introspection`] says what to ask the database;
//! 3. [`read`] turns the answers into a [`Database`];
//! 4. [`plan()`] compares both and returns a [`Plan`], which the caller runs.

mod database;
mod dialect;
mod diff;
mod plan;
mod schema;

pub use database::{
    Database, ExistingCheck, ExistingColumn, ExistingForeignKey, ExistingIndex, ExistingTable,
    TableKind,
};
pub use dialect::{introspection, read};
pub use plan::{Plan, Step, plan};
pub use schema::{Schema, desired};
