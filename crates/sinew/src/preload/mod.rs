//! Reading along associations: one statement per association of the tree, whatever the number of
//! rows, level by level; then the rows are handed to their owners from the leaves up.

mod attach;
mod explain;
mod fetch;
mod keys;
mod tree;

pub use explain::Plan;
pub(crate) use explain::plan_of;
pub(crate) use fetch::{Fetch, base_select, key_condition, strip_live, strip_live_select};
pub(crate) use keys::OwnerMap;
pub(crate) use tree::{Branch, Tree, check, load};
