//! Tables, columns, constraints and indexes as data, and the statements that make them.

mod render;
mod table;

pub use table::{Check, Column, ForeignKey, Index, Table, Unique};

/// A statement that changes the schema.
#[derive(Clone, Copy, Debug)]
pub enum Ddl<'a> {
    /// `CREATE TABLE` with its constraints, without its indexes.
    CreateTable {
        /// The table.
        table: &'a Table,
        /// Whether foreign keys are part of it; otherwise they are added later.
        foreign_keys: bool,
    },
    /// `CREATE INDEX`.
    CreateIndex(&'a str, &'a Index),
    /// `DROP INDEX`, of an index of this table.
    DropIndex(&'a str, &'a str),
    /// `ALTER TABLE … ADD COLUMN`, with constraints that concern this column alone.
    AddColumn {
        /// The table.
        table: &'a str,
        /// The column.
        column: &'a Column,
        /// A foreign key on the column.
        foreign_key: Option<&'a ForeignKey>,
        /// Checks.
        checks: &'a [&'a Check],
    },
    /// `ALTER TABLE … ADD CONSTRAINT` of a foreign key.
    AddForeignKey(&'a str, &'a ForeignKey),
    /// `ALTER TABLE … DROP` of a foreign key.
    DropForeignKey(&'a str, &'a str),
    /// `ALTER TABLE … ADD CONSTRAINT … UNIQUE`.
    AddUnique(&'a str, &'a Unique),
    /// `ALTER TABLE … ADD CONSTRAINT … CHECK`.
    AddCheck(&'a str, &'a Check),
    /// `ALTER TABLE … DROP` of a check.
    DropCheck(&'a str, &'a str),
    /// `ALTER TABLE … RENAME TO`, within its schema.
    RenameTable(&'a str, &'a str),
    /// `DROP TABLE`.
    DropTable(&'a str),
    /// A table's comment.
    CommentTable(&'a str, &'a str),
    /// A column's comment.
    CommentColumn(&'a str, &'a Column),
}
