//! Sinew: an ORM whose heart is associations, checked by the compiler.

pub mod association;
pub mod blocking;
pub mod column;
pub mod db;
#[doc(hidden)]
pub mod generated;
pub mod hook;
#[cfg(feature = "migrate")]
pub mod migrate;
mod preload;
#[doc(hidden)]
pub mod private;
pub mod query;
pub mod relation;
pub mod write;

pub use association::{Association, Difference};
pub use column::{Column, Condition, Fragment, sql};
pub use db::Db;
pub use hook::Hooks;
pub use preload::Plan;
pub use relation::{
    AnyRelation, BelongsTo, BelongsToAny, HasMany, HasOne, ManyToMany, PolymorphicOwner, Relation,
};
pub use sinew_core::record::Model;
pub use sinew_core::value::{ColumnType, DeletedAt, Json, Timestamp, Value};
pub use sinew_core::{Error, ErrorKind, Result};
#[doc(inline)]
pub use sinew_macros::*;

/// What most files of an application need.
pub mod prelude {
    pub use crate::blocking::Run as _;
    pub use crate::{
        BelongsTo, BelongsToAny, Db, DeletedAt, Error, ErrorKind, HasMany, HasOne, Hooks, Json,
        ManyToMany, Timestamp, models, sql,
    };
    #[doc(inline)]
    pub use sinew_macros::*;
}

/// The descriptions of several models, for [`Db::auto_migrate`].
///
/// ```
/// # use sinew::prelude::*;
/// # #[derive(Model, Clone, Debug, Default)]
/// # struct User { id: i64 }
/// let all = models![User];
/// assert_eq!(all.len(), 1);
/// ```
#[macro_export]
macro_rules! models {
    ($($model:ty),* $(,)?) => {
        [$(<$model as $crate::private::Model>::schema()),*]
    };
}
