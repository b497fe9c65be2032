use std::borrow::Cow;

use sinew_core::schema::ReferentialAction;
use sinew_core::value::TypeFamily;

use crate::statement::Ident;

/// A table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// Its name, possibly qualified.
    pub name: Ident,
    /// Its columns.
    pub columns: Vec<Column>,
    /// The primary key's columns.
    pub primary_key: Vec<Ident>,
    /// Unique constraints.
    pub uniques: Vec<Unique>,
    /// Foreign key constraints.
    pub foreign_keys: Vec<ForeignKey>,
    /// Check constraints.
    pub checks: Vec<Check>,
    /// Indexes.
    pub indexes: Vec<Index>,
    /// The table's comment.
    pub comment: Option<Ident>,
}

/// A column.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Its name.
    pub name: Ident,
    /// The family of its type.
    pub family: TypeFamily,
    /// The exact type, where the model names one.
    pub exact: Option<Ident>,
    /// The greatest length.
    pub size: Option<u32>,
    /// Total digits and digits after the point.
    pub precision: Option<(u8, u8)>,
    /// Whether it admits NULL.
    pub nullable: bool,
    /// The default as SQL.
    pub default: Option<Ident>,
    /// Whether the database numbers it.
    pub generated: bool,
    /// Whether its values are keys that the database generates elsewhere: it has their type.
    pub refers: bool,
    /// Its comment.
    pub comment: Option<Ident>,
}

/// A unique constraint.
#[derive(Clone, Debug, PartialEq)]
pub struct Unique {
    /// Its name.
    pub name: Ident,
    /// Its columns.
    pub columns: Vec<Ident>,
}

/// A foreign key constraint.
#[derive(Clone, Debug, PartialEq)]
pub struct ForeignKey {
    /// Its name.
    pub name: Ident,
    /// The referring columns.
    pub columns: Vec<Ident>,
    /// The referenced table.
    pub table: Ident,
    /// The referenced columns.
    pub references: Vec<Ident>,
    /// What a changed key does to the referring rows.
    pub on_update: Option<ReferentialAction>,
    /// What a deleted row does to the referring rows.
    pub on_delete: Option<ReferentialAction>,
}

/// A check constraint.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// Its name.
    pub name: Ident,
    /// The condition as SQL.
    pub condition: Cow<'static, str>,
}

/// An index.
#[derive(Clone, Debug, PartialEq)]
pub struct Index {
    /// Its name.
    pub name: Ident,
    /// Its columns.
    pub columns: Vec<Ident>,
    /// Whether it is unique.
    pub unique: bool,
    /// The condition of a partial index, as SQL.
    pub condition: Option<Ident>,
}

impl Table {
    /// The column of this name, upper and lower case being the same.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns
            .iter()
            .find(|column| column.name.eq_ignore_ascii_case(name))
    }
}
