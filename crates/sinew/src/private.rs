//! What generated code names. Not part of the public interface.

pub use std::any::Any;
pub use std::borrow::Cow;
pub use std::sync::LazyLock;

pub use sinew_core::driver::Row;
pub use sinew_core::record::{JoinModel, Model, Record, Rows, Slot, ToOne};
pub use sinew_core::schema::{
    AnyVariant, CheckMeta, ColumnMeta, ColumnRole, IndexMeta, JoinTable, Linkage, ModelMeta,
    Polymorphic, ReferentialAction, RelationMeta,
};
pub use sinew_core::value::{IntoKey, Misfit, Required, TypeFamily};
pub use sinew_core::{ColumnType, Error, ErrorKind, Result, Timestamp, Value};

pub use crate::column::{Column, EmbeddedColumns, Operand};
#[allow(unused_imports)]
pub use crate::generated::*;
pub use crate::hook::{Hooks, hook_table};
pub use crate::relation::{
    AnyRelation, BelongsTo, BelongsToAny, HasMany, HasOne, ManyToMany, PolymorphicOwner, Relation,
    SlotInit, SlotName, kind,
};

/// What the database of a handle can do; for tests that hold on each database what it promises.
pub fn capabilities(db: &crate::Db) -> &'static sinew_sql::dialect::Capabilities {
    db.dialect().capabilities()
}
