//! List columns: what they keep, how they are found, written and migrated.

// A case is no `#[test]` itself, so clippy does not know that it is one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod conditions;
mod kept;
mod limits;
mod migrated;
mod random;
mod written;

use sinew::private::capabilities;
