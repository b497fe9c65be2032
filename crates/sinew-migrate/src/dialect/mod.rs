//! What migrations do differently on each database.

mod mysql;
mod postgres;
mod sqlite;

use sinew_core::{Error, ErrorKind, Result, Value};
use sinew_sql::ddl::{Column, Index, Table};
use sinew_sql::{Ddl, Dialect};

use crate::database::{Database, ExistingColumn, ExistingTable};
use crate::diff::Change;
use crate::plan::{Plan, Step};
use crate::schema::Schema;

/// Rows of one query.
pub(crate) type Rows = Vec<Vec<Value<'static>>>;

/// One database's side of migrations.
pub(crate) trait Migrator: Sync {
    /// The queries that tell what is there; none depends on another's answer.
    fn questions(&self, schema: &Schema) -> Vec<String>;

    /// What the answers, in the order of the questions, tell.
    fn read(&self, answers: &[Rows]) -> Result<Database>;

    /// Makes of a table that the models ask for what the database can hold.
    fn fit(&self, _table: &mut Table) -> Result<()> {
        Ok(())
    }

    /// What is worth knowing before a plan is run.
    fn note(&self) -> Option<&'static str> {
        None
    }

    /// Whether a column's type can hold what the model wants to keep in it.
    fn same_type(&self, known: &ExistingColumn, wanted: &Column) -> bool;

    /// A condition in the form that [`Migrator::read`] gives.
    fn plain(&self, condition: &str) -> String;

    /// Whether two defaults are the same.
    fn same_default(&self, known: &str, wanted: &str) -> bool {
        self.plain(known) == self.plain(wanted)
    }

    /// Whether the database keeps conditions as they were written, so that they can be compared.
    fn keeps_conditions(&self) -> bool;

    /// Whether indexes may have conditions.
    fn has_partial_indexes(&self) -> bool;

    /// Whether a schema that the models name is made where it is missing.
    fn has_schemas(&self) -> bool {
        false
    }

    /// Whether comments that differ from those of the models are replaced.
    fn compares_comments(&self) -> bool {
        false
    }

    /// The statement that makes an index of a new table.
    fn create_index(&self, dialect: &dyn Dialect, table: &Table, index: &Index) -> String {
        Ddl::CreateIndex(&table.name, index).render(dialect)
    }

    /// The steps that make these changes. What has to wait until all tables are complete goes
    /// to `later`.
    fn alter(
        &self,
        task: &Task<'_>,
        changes: &[Change<'_>],
        plan: &mut Plan,
        later: &mut Vec<Step>,
    ) -> Result<()>;
}

/// A table on its way from what it is to what it should be.
pub(crate) struct Task<'a> {
    pub(crate) dialect: &'a dyn Dialect,
    pub(crate) database: &'a Database,
    pub(crate) existing: &'a ExistingTable,
    pub(crate) desired: &'a Table,
}

pub(crate) fn of(dialect: &dyn Dialect) -> Result<&'static dyn Migrator> {
    match dialect.name() {
        "SQLite" => Ok(&sqlite::Sqlite),
        "MySQL" => Ok(&mysql::MySql),
        "PostgreSQL" => Ok(&postgres::Postgres),
        other => Err(Error::new(
            ErrorKind::Unsupported,
            format!("migrations do not know the database {other}"),
        )),
    }
}

/// The queries that tell what the database has; all can be sent at once.
///
/// # Errors
/// With kind `Unsupported` for a dialect that migrations do not know.
pub fn introspection(dialect: &dyn Dialect, schema: &Schema) -> Result<Vec<String>> {
    Ok(of(dialect)?.questions(schema))
}

/// What the database has, from the rows that the queries of [`introspection`] returned, in order.
///
/// # Errors
/// When the answers are not those of a database that migrations know.
pub fn read(dialect: &dyn Dialect, answers: &[Vec<Vec<Value<'static>>>]) -> Result<Database> {
    of(dialect)?.read(answers)
}

/// The text in a column of an answer.
pub(crate) fn text(row: &[Value<'static>], at: usize) -> Option<String> {
    match row.get(at) {
        Some(Value::Text(text) | Value::Json(text)) => Some(text.to_string()),
        Some(Value::Bytes(bytes)) => Some(String::from_utf8_lossy(bytes).into_owned()),
        Some(Value::Int(number)) => Some(number.to_string()),
        _ => None,
    }
}
