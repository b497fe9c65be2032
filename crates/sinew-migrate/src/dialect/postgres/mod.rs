//! PostgreSQL: asks its catalogue, and changes tables by `ALTER TABLE`.

mod alter;
mod introspect;
mod sql;
mod types;

use sinew_core::Result;
use sinew_sql::ddl::Column;

use super::{Migrator, Rows, Task};
use crate::database::{Database, ExistingColumn};
use crate::diff::Change;
use crate::plan::{Plan, Step};
use crate::schema::Schema;

#[derive(Debug)]
pub(super) struct Postgres;

impl Migrator for Postgres {
    fn questions(&self, schema: &Schema) -> Vec<String> {
        introspect::questions(schema)
    }

    fn read(&self, answers: &[Rows]) -> Result<Database> {
        Ok(introspect::read(answers))
    }

    fn same_type(&self, known: &ExistingColumn, wanted: &Column) -> bool {
        types::holds(&known.type_name, wanted)
    }

    fn plain(&self, condition: &str) -> String {
        sql::plain(condition)
    }

    /// The server keeps them in words of its own.
    fn keeps_conditions(&self) -> bool {
        false
    }

    fn has_partial_indexes(&self) -> bool {
        true
    }

    fn has_schemas(&self) -> bool {
        true
    }

    fn compares_comments(&self) -> bool {
        true
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
