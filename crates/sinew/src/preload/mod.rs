//! Reading along associations: one statement per association of the tree, whatever the number of
//! rows, level by level; then the rows are handed to their owners from the leaves up.

mod at_once;
mod attach;
mod explain;
mod fetch;
mod joins;
mod keys;
mod limit;
mod live;
mod nodes;
mod plain;
mod prepare;
mod sink;
mod tree;

pub(crate) use at_once::can_be_at_once;
pub use explain::Plan;
pub(crate) use explain::plan_of;
pub(crate) use fetch::name_columns;
pub(crate) use fetch::{Fetch, base_select, key_condition};
pub(crate) use joins::repeats;
pub(crate) use keys::encode;
pub(crate) use live::strip_live_select;
pub(crate) use nodes::{check, check_joins, merge, under_joins};
pub(crate) use plain::{integer, plain};
pub(crate) use tree::{Tree, after_find, load, typed};
