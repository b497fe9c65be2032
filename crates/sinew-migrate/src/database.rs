//! What the database has.

use sinew_core::schema::ReferentialAction;

/// The tables of a database, as far as they matter to a [`Schema`](crate::Schema).
#[derive(Clone, Debug, Default)]
pub struct Database {
    /// The tables and views.
    pub tables: Vec<ExistingTable>,
    /// The schemas, where the database has them.
    pub schemas: Vec<String>,
}

/// A table that exists.
#[derive(Clone, Debug, Default)]
pub struct ExistingTable {
    /// Its name as the models would write it, qualified if it is not in the main schema.
    pub name: String,
    /// What it is.
    pub kind: TableKind,
    /// Its columns.
    pub columns: Vec<ExistingColumn>,
    /// The primary key's columns.
    pub primary_key: Vec<String>,
    /// Indexes and unique constraints.
    pub indexes: Vec<ExistingIndex>,
    /// Foreign keys.
    pub foreign_keys: Vec<ExistingForeignKey>,
    /// Check constraints.
    pub checks: Vec<ExistingCheck>,
    /// The table's comment.
    pub comment: Option<String>,
    /// The statement that made it, where the database keeps it.
    pub sql: Option<String>,
    /// The statements that made its indexes and triggers, where the database keeps them.
    pub attached: Vec<Attached>,
}

/// An index or trigger of a table.
#[derive(Clone, Debug)]
pub struct Attached {
    /// Its name.
    pub name: String,
    /// The statement that made it.
    pub sql: String,
}

/// What a name in the database stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TableKind {
    /// A table.
    #[default]
    Table,
    /// A view or a virtual table: migrations leave it alone.
    Foreign,
}

/// A column that exists.
#[derive(Clone, Debug)]
pub struct ExistingColumn {
    /// Its name.
    pub name: String,
    /// Its type as declared.
    pub type_name: String,
    /// Whether it admits NULL.
    pub nullable: bool,
    /// Its default as SQL.
    pub default: Option<String>,
    /// Whether it is computed from other columns.
    pub computed: bool,
    /// Its comment.
    pub comment: Option<String>,
}

/// An index or unique constraint that exists.
#[derive(Clone, Debug)]
pub struct ExistingIndex {
    /// Its name; a constraint may have none.
    pub name: Option<String>,
    /// Its columns; expressions in a form that is no column's name.
    pub columns: Vec<String>,
    /// Whether it is unique.
    pub unique: bool,
    /// The condition of a partial index, in the form that [`plan()`](crate::plan()) compares.
    pub condition: Option<String>,
}

/// A foreign key that exists.
#[derive(Clone, Debug)]
pub struct ExistingForeignKey {
    /// Its name, if it has one.
    pub name: Option<String>,
    /// The referring columns.
    pub columns: Vec<String>,
    /// The referenced table.
    pub table: String,
    /// The referenced columns; empty for the primary key.
    pub references: Vec<String>,
    /// What a changed key does to the referring rows.
    pub on_update: ReferentialAction,
    /// What a deleted row does to the referring rows.
    pub on_delete: ReferentialAction,
}

/// A check constraint that exists.
#[derive(Clone, Debug)]
pub struct ExistingCheck {
    /// Its name, if it has one.
    pub name: Option<String>,
    /// The condition, in the form that [`plan()`](crate::plan()) compares.
    pub condition: String,
}

impl Database {
    /// The table of this name, upper and lower case being the same.
    pub fn table(&self, name: &str) -> Option<&ExistingTable> {
        self.tables
            .iter()
            .find(|table| table.name.eq_ignore_ascii_case(name))
    }
}

impl ExistingTable {
    /// The column of this name, upper and lower case being the same.
    pub fn column(&self, name: &str) -> Option<&ExistingColumn> {
        self.columns
            .iter()
            .find(|column| column.name.eq_ignore_ascii_case(name))
    }
}
