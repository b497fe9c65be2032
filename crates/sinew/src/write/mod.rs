//! Writing: create, save, update, delete, with whole graphs of associated rows.

mod create;
mod existing;
mod graph;
mod insert;
mod lane;
mod links;
mod place;
mod run;
mod save;
mod scope;
mod snapshot;

pub use create::{Create, OnConflict};
pub(crate) use existing::{comparable, encoded, unique_sets};
pub(crate) use graph::{Mode, Writer, level, stamp_child, update_rows};
pub(crate) use insert::{fill, insert, moment_for};
pub(crate) use lane::Lane;
pub(crate) use links::{Link, Made, blank, insert_links};
pub(crate) use place::Place;
pub(crate) use run::{has_hooks, write_rows, with_writer};
pub use save::Save;
pub use scope::{Choice, Choices};
pub(crate) use scope::WriteScope;
