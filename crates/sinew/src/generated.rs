//! What the derive macros' code names. It reaches this through `sinew::private`; nothing here is
//! part of the public interface.

#![allow(missing_docs)]

pub mod check;
pub mod describe;
pub mod embed;
pub mod fit;
pub mod owner;
pub mod spec;

pub use std::any::Any;
pub use std::option::Option::{self, None, Some};
pub use std::result::Result as CoreResult;
pub use std::result::Result::{Err, Ok};
pub use std::sync::LazyLock;
pub use std::vec::Vec;

pub use sinew_core::Result;
pub use sinew_core::driver::Row;
pub use sinew_core::record::{Model, Record, Slot};
pub use sinew_core::schema::{AnyVariant, ModelMeta, ReferentialAction};
pub use sinew_core::value::{ColumnType, Element, Json, Misfit, Required, TypeFamily, Value};

pub use crate::column::{Column, EmbeddedColumns};
pub use crate::relation::{AnyRelation, PolymorphicOwner, Relation, SlotInit, SlotName, kind};

pub use check::{
    ColumnAt, ForeignKey, ForeignKeyTo, ForeignKeys, ForeignKeysTo, PolymorphicKey,
    PolymorphicKeyTo, TypeColumn, TypeText, has_column, has_key_columns, is_list, referable,
    shifted, step,
};
pub use describe::describe;
pub use embed::Embedded;
pub use fit::{
    Field, Fit, Misread, Place, broken, kept, placed, taken, text_of, text_value, unknown_number,
    unknown_text,
};
#[cfg(feature = "json")]
pub use fit::{json_assign, json_decode, json_value};
pub use owner::{shared, variant};
pub use spec::{
    CheckSpec, ColumnSpec, Described, EmbeddedSpec, IndexSpec, JoinNames, ModelSpec, Part,
    RelationSpec,
};
