//! SQLite: reads the statements that the database keeps, and rebuilds tables that `ALTER TABLE`
//! cannot change.

mod alter;
mod introspect;
mod parse;
mod rebuild;
mod token;
mod types;

use sinew_core::Result;
use sinew_sql::ddl::Column;

use super::{Migrator, Rows, Task};
use crate::database::{Database, ExistingColumn};
use crate::diff::Change;
use crate::plan::{Plan, Step};
use crate::schema::Schema;

#[derive(Debug)]
pub(super) struct Sqlite;

impl Migrator for Sqlite {
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
        token::plain_sql(condition)
    }

    fn keeps_conditions(&self) -> bool {
        true
    }

    fn has_partial_indexes(&self) -> bool {
        true
    }

    fn alter(
        &self,
        task: &Task<'_>,
        changes: &[Change<'_>],
        plan: &mut Plan,
        _later: &mut Vec<Step>,
    ) -> Result<()> {
        alter::alter(task, changes, plan)
    }
}
