//! Reading: find, get, first, count, pluck, pages, streams.

mod aggregate;
mod asked;
mod cursor;
mod find;
mod get;
mod one_trip;
mod page;
mod plan;
mod selection;
mod stream;
mod with;

pub use aggregate::{Aggregate, Count, Exists, Pluck};
pub use asked::FindFuture;
pub use cursor::Cursor;
pub use find::{Find, First};
pub use get::{Get, GetOptional, Load};
pub use page::{Page, Paged};
pub use plan::QueryPlan;
pub use selection::Selection;
pub use sinew_core::value::IntoKey;
pub use stream::RowStream;
pub use with::With;
