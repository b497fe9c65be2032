use std::borrow::Cow;

use crate::value::TypeFamily;

/// One column of a model.
#[derive(Clone, Debug)]
pub struct ColumnMeta {
    /// The field path in Rust: `name`, or `author.name` inside an embedded struct.
    pub field: Cow<'static, str>,
    /// The column's name in the database.
    pub name: Cow<'static, str>,
    /// The family of its type.
    pub family: TypeFamily,
    /// The exact database type, where the model names one.
    pub sql_type: Option<&'static str>,
    /// Whether it admits NULL.
    pub nullable: bool,
    /// The greatest length in characters (text) or bytes.
    pub size: Option<u32>,
    /// Total digits and digits after the point, for decimals.
    pub precision: Option<(u8, u8)>,
    /// Whether the column alone carries a unique constraint (or is the whole primary key).
    pub unique: bool,
    /// The default as SQL, if any.
    pub default: Option<Cow<'static, str>>,
    /// What Sinew does with it by itself.
    pub role: ColumnRole,
    /// The column's comment.
    pub comment: Option<&'static str>,
    /// False where the model wants no index, although the column is a foreign key.
    pub indexed: bool,
}

/// What Sinew does with a column by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ColumnRole {
    /// Nothing.
    #[default]
    Plain,
    /// Filled when the row is created.
    CreatedAt,
    /// Filled at every write.
    UpdatedAt,
    /// Set when the row is soft-deleted.
    DeletedAt,
}

/// One index.
#[derive(Clone, Debug)]
pub struct IndexMeta {
    /// Its name; `None` for the one by convention, `idx_<table>_<columns>`.
    pub name: Option<Cow<'static, str>>,
    /// The columns, in order.
    pub columns: Vec<usize>,
    /// Whether it is unique.
    pub unique: bool,
    /// A partial index's condition, as SQL.
    pub condition: Option<&'static str>,
}

/// One check constraint.
#[derive(Clone, Debug)]
pub struct CheckMeta {
    /// Its name; `None` for the one by convention, `chk_<table>_<column>`.
    pub name: Option<Cow<'static, str>>,
    /// The column it was written at, if any.
    pub column: Option<usize>,
    /// The condition, as SQL.
    pub condition: Cow<'static, str>,
}
