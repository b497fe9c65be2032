//! Writing: create, save, update, delete, with whole graphs of associated rows.

mod change;
mod create;
mod delete;
mod existing;
mod first;
mod graph;
mod insert;
mod lane;
mod links;
mod place;
mod remove;
mod restore;
mod rows;
mod run;
mod save;
mod scope;
mod snapshot;
mod unlink;
mod update;
mod uuid;

pub use create::{Columns, Create, OnConflict};
pub use delete::{DeleteRows, DeleteWhere};
pub use first::FirstOr;
pub(crate) use graph::{Mode, Writer, level, stamp_child};
pub(crate) use lane::Lane;
pub(crate) use links::{Link, insert_links};
pub(crate) use place::Place;
pub(crate) use remove::{Removal, remove};
pub use restore::Restore;
pub(crate) use run::{has_hooks, write_rows, with_writer};
pub use save::Save;
pub(crate) use scope::WriteScope;
pub use scope::{Choice, Choices};
pub use update::{Assignments, UpdateRows, UpdateWhere};
