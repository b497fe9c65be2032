//! Associations: the fields that hold them, the typed constants that name them, and what each
//! kind of them is in SQL.

mod any;
mod belongs_to;
mod handle;
mod has_many;
mod has_one;
mod many_to_many;
pub(crate) mod reach;
mod scope;
#[cfg(feature = "serde")]
mod serde;
pub(crate) mod slot;
mod threads;

pub(crate) use any::VariantRows;
pub use any::{BelongsToAny, PolymorphicOwner};
pub use belongs_to::BelongsTo;
pub use handle::{AnyRelation, Relation, Scoped, kind};
pub use has_many::HasMany;
pub use has_one::HasOne;
pub use many_to_many::ManyToMany;
pub use scope::{FieldOf, Include, JoinNode, Joins, Preload, PreloadNode, TargetsOf};
pub use slot::{SlotInit, SlotName};
