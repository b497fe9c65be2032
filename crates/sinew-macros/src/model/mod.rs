//! What a type means: its table, columns, key and associations, and the rules they must obey.
//! Every broken rule of a type is collected, none stops the reading.

mod column;
mod errors;
mod key;
mod known;
mod name;
mod relation;
mod suggest;
mod table;
#[cfg(test)]
mod tests;

pub(crate) mod any_owner;
pub(crate) mod enumeration;

pub(crate) use column::{Column, Embedded, Role};
pub(crate) use errors::Errors;
pub(crate) use key::{Generated, Key};
pub(crate) use known::Attrs;
pub(crate) use relation::{Far, FarNames, Has, Link, ManyToMany, OwnKey, OwnNames, Relation};
pub(crate) use suggest::{closest, list};
pub(crate) use table::{FieldKind, Index, Model, check};
