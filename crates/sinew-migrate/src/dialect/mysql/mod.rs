//! MySQL and MariaDB: reads the information schema, and alters in place. Each statement commits
//! by itself, so steps are ordered such that a second run finishes what a first one left.

mod alter;
mod defaults;
mod fit;
mod index;
mod introspect;
mod types;

use sinew_core::Result;
use sinew_sql::Dialect;
use sinew_sql::ddl::{Column, Index, Table};

use super::{Migrator, Rows, Task};
use crate::database::{Database, ExistingColumn};
use crate::diff::Change;
use crate::plan::{Plan, Step};
use crate::schema::Schema;

#[derive(Debug)]
pub(super) struct MySql;

impl Migrator for MySql {
    fn questions(&self, schema: &Schema) -> Vec<String> {
        introspect::questions(schema)
    }

    fn read(&self, answers: &[Rows]) -> Result<Database> {
        Ok(introspect::read(answers))
    }

    fn fit(&self, table: &mut Table) -> Result<()> {
        fit::fit(table)
    }

    fn same_type(&self, known: &ExistingColumn, wanted: &Column) -> bool {
        types::holds(&known.type_name, wanted)
    }

    fn plain(&self, condition: &str) -> String {
        condition.to_owned()
    }

    fn same_default(&self, known: &str, wanted: &str) -> bool {
        defaults::same(known, wanted)
    }

    // The server rewrites them.
    fn keeps_conditions(&self) -> bool {
        false
    }

    fn has_partial_indexes(&self) -> bool {
        false
    }

    fn note(&self) -> Option<&'static str> {
        Some(
            "MySQL commits each of these statements by itself: when one fails, those before it \
             stay, and the next run goes on from there",
        )
    }

    fn create_index(&self, dialect: &dyn Dialect, table: &Table, index: &Index) -> String {
        let long = |name: &str| {
            let column = table.column(name);
            column.is_some_and(|column| types::is_long(&dialect.type_name(column)))
        };
        index::create(dialect, table, &table.name, index, &long)
    }

    fn alter(
        &self,
        task: &Task<'_>,
        changes: &[Change<'_>],
        plan: &mut Plan,
        later: &mut Vec<Step>,
    ) -> Result<()> {
        alter::alter(task, changes, plan, later);
        Ok(())
    }
}
