//! Writing: create, save, update, delete, with whole graphs of associated rows.

mod change;
mod children;
mod conflict;
mod create;
mod delete;
mod delete_where;
mod early;
mod existing;
mod fill;
mod first;
mod graph;
mod insert;
mod keys;
mod lane;
mod link_models;
mod links;
mod one;
mod owners;
mod place;
mod promise;
mod queue;
mod remove;
mod reread;
mod restore;
mod rows;
mod run;
mod save;
mod scope;
mod shape;
mod snapshot;
mod stale;
mod store;
mod unlink;
mod update;
mod uuid;

pub use create::{Columns, Create, OnConflict};
pub use delete::DeleteRows;
pub use delete_where::DeleteWhere;
pub use first::FirstOr;
pub use restore::Restore;
pub use save::Save;
pub use scope::{Choice, Choices};
pub use update::{Assignments, UpdateRows, UpdateWhere};

// What association mode is made of.
pub(crate) use {
    children::stamp_child,
    existing::{Encoded, comparable, encoded, unique_sets},
    fill::{fill, moment_for},
    graph::{Mode, Writer, level},
    insert::insert,
    keys::{KeyMap, KeySet, Seed},
    lane::Then,
    link_models::{Made, blank},
    links::PlainLinks,
    owners::holds_any,
    place::Place,
    queue::Failure,
    remove::{Removal, cascades, erase, remove},
    rows::{read_rows, run_hooks},
    run::{Way, have_hooks, with_writer},
    scope::WriteScope,
    store::{update_rows, update_rows_at},
};
