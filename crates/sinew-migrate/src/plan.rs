//! The plan: what would be done, before it is done.

use std::collections::BTreeSet;
use std::fmt;

use sinew_core::{Error, ErrorKind, Result};
use sinew_sql::Ddl;
use sinew_sql::Dialect;
use sinew_sql::ddl::{ForeignKey, Table};

use crate::database::{Database, ExistingTable, TableKind};
use crate::dialect::{Migrator, Task, of};
use crate::diff::diff;
use crate::schema::Schema;

/// What leads from a database to a schema.
///
/// It is run like this: `before`, begin, all steps, `checks`, commit, `after`. Without steps there
/// is nothing to run. Databases without transactional DDL run the steps one by one.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let plan = db.auto_migrate(models![User]).plan().await?;
/// assert!(plan.is_empty());
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The steps in order.
    pub steps: Vec<Step>,
    /// Statements to run before the transaction, on the same connection.
    pub before: Vec<String>,
    /// Statements to run when the transaction has ended, whether it was committed or not.
    pub after: Vec<String>,
    /// Queries to run before the commit. A row that one returns is a row that refers to nothing:
    /// the transaction must then be rolled back. Columns: the table, the row's number, the
    /// table referred to, the position of the foreign key.
    pub checks: Vec<String>,
    /// What is worth knowing before it is run.
    pub note: Option<&'static str>,
}

/// One step of a [`Plan`].
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = Db::connect("sqlite::memory:").await?;
/// for step in &db.auto_migrate(models![Company]).plan().await?.steps {
///     println!("{}: {} statements", step.description, step.sql.len());
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// What it does, in words.
    pub description: String,
    /// The statements that do it.
    pub sql: Vec<String>,
}

impl Step {
    pub(crate) fn new(description: impl Into<String>) -> Self {
        Self {
            description: description.into(),
            sql: Vec::new(),
        }
    }
}

impl Plan {
    /// Whether there is nothing to do.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// assert!(db.auto_migrate(models![Company]).plan().await?.is_empty());
    /// # Ok(()) }
    /// ```
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Every statement of every step, in order.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = Db::connect("sqlite::memory:").await?;
    /// let plan = db.auto_migrate(models![Company]).plan().await?;
    /// assert!(plan.statements().any(|sql| sql.starts_with("CREATE TABLE")));
    /// # Ok(()) }
    /// ```
    pub fn statements(&self) -> impl Iterator<Item = &str> {
        self.steps
            .iter()
            .flat_map(|step| step.sql.iter().map(String::as_str))
    }

    /// Notes that a table is replaced by a copy, which has to happen while nothing looks at
    /// foreign keys; `check` finds rows that refer to nothing afterwards.
    pub(crate) fn rebuilds(&mut self, check: &str) {
        if self.before.is_empty() {
            // With the old behaviour a rename touches neither views nor triggers: they mean the
            // table of that name, which is what they shall find.
            self.before = [
                "PRAGMA foreign_keys = OFF",
                "PRAGMA legacy_alter_table = ON",
            ]
            .map(str::to_owned)
            .into();
            self.after = [
                "PRAGMA legacy_alter_table = OFF",
                "PRAGMA foreign_keys = ON",
            ]
            .map(str::to_owned)
            .into();
        }
        self.checks.push(check.to_owned());
    }
}

/// Each step with its statements.
impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("nothing to do\n");
        }
        if let Some(note) = self.note {
            writeln!(f, "-- {note}")?;
        }
        for (number, step) in self.steps.iter().enumerate() {
            writeln!(f, "{}. {}", number + 1, step.description)?;
            for sql in &step.sql {
                writeln!(f, "   {};", sql.replace('\n', "\n   "))?;
            }
        }
        Ok(())
    }
}

/// The plan that gives the database what the schema asks for. It never drops a table, a column, or
/// anything that Sinew did not make.
///
/// # Errors
/// With kind `Unsupported` for a dialect that migrations do not know.
pub fn plan(database: &Database, schema: &Schema, dialect: &dyn Dialect) -> Result<Plan> {
    let migrator = of(dialect)?;
    let mut schema = shortened(schema, dialect);
    for table in &mut schema.tables {
        migrator.fit(table)?;
    }
    let mut builder = Builder {
        database,
        dialect,
        migrator,
        complete: BTreeSet::new(),
        plan: Plan::default(),
        later: Vec::new(),
    };
    if migrator.has_schemas() {
        builder.schemas(&schema);
    }
    for table in &schema.tables {
        builder.table(table)?;
    }
    let Builder {
        mut plan, later, ..
    } = builder;
    plan.steps.extend(later);
    plan.note = migrator.note().filter(|_| !plan.is_empty());
    Ok(plan)
}

struct Builder<'a> {
    database: &'a Database,
    dialect: &'a dyn Dialect,
    migrator: &'static dyn Migrator,
    /// The tables that a foreign key can refer to already.
    complete: BTreeSet<String>,
    plan: Plan,
    /// What has to wait until all tables are there.
    later: Vec<Step>,
}

impl Builder<'_> {
    fn schemas(&mut self, schema: &Schema) {
        let names = schema
            .tables
            .iter()
            .filter_map(|table| table.name.rsplit_once('.'));
        let wanted: BTreeSet<&str> = names.map(|(schema, _)| schema).collect();
        for name in wanted {
            if !self.database.schemas.iter().any(|known| known == name) {
                let mut step = Step::new(format!("create schema {name}"));
                step.sql
                    .push(format!("CREATE SCHEMA {}", self.dialect.quote_name(name)));
                self.plan.steps.push(step);
            }
        }
    }

    fn table(&mut self, table: &Table) -> Result<()> {
        match self.database.table(&table.name) {
            None => self.create(table),
            Some(existing) if existing.kind == TableKind::Foreign => return fits(existing, table),
            Some(existing) => {
                let changes = diff(existing, table, self.migrator);
                let Self {
                    database, dialect, ..
                } = *self;
                let task = Task {
                    dialect,
                    database,
                    existing,
                    desired: table,
                };
                self.migrator
                    .alter(&task, &changes, &mut self.plan, &mut self.later)?;
            }
        }
        self.complete.insert(table.name.to_string());
        Ok(())
    }

    fn create(&mut self, table: &Table) {
        let d = self.dialect;
        let name = &table.name;
        let anywhere = d.capabilities().forward_references.supported;
        let ready = |key: &ForeignKey| {
            anywhere || key.table == *name || self.complete.contains(key.table.as_ref())
        };
        let (now, later): (Vec<_>, Vec<_>) = table.foreign_keys.iter().cloned().partition(ready);
        let table = Table {
            foreign_keys: now,
            ..table.clone()
        };
        let mut step = Step::new(format!("create table {name}"));
        step.sql.push(
            Ddl::CreateTable {
                table: &table,
                foreign_keys: true,
            }
            .render(d),
        );
        step.sql.extend(
            table
                .indexes
                .iter()
                .map(|index| self.migrator.create_index(d, &table, index)),
        );
        if d.capabilities().comments.supported {
            let comment = table
                .comment
                .iter()
                .map(|comment| Ddl::CommentTable(name, comment));
            let columns = table
                .columns
                .iter()
                .filter(|column| column.comment.is_some());
            let comments = comment.chain(columns.map(|column| Ddl::CommentColumn(name, column)));
            step.sql.extend(
                comments
                    .map(|ddl| ddl.render(d))
                    .filter(|sql| !sql.is_empty()),
            );
        }
        self.plan.steps.push(step);
        for key in later {
            let mut step = Step::new(format!("add foreign key {} to {name}", key.name));
            step.sql.push(Ddl::AddForeignKey(name, &key).render(d));
            self.later.push(step);
        }
    }
}

/// Refuses a view that lacks a column: it cannot be given one.
fn fits(view: &ExistingTable, table: &Table) -> Result<()> {
    let lacking = table
        .columns
        .iter()
        .find(|column| !view.columns.is_empty() && view.column(&column.name).is_none());
    let Some(column) = lacking else {
        return Ok(());
    };
    let message = format!(
        "{} is a view or foreign table without the column {}, and is not changed",
        view.name, column.name
    );
    Err(Error::new(ErrorKind::Schema, message)
        .with_table(view.name.as_str())
        .with_column(column.name.as_ref())
        .with_hint("add the column to the view, or leave the model out"))
}

/// The schema with the names of constraints and indexes cut to what the database admits.
fn shortened(schema: &Schema, dialect: &dyn Dialect) -> Schema {
    let mut schema = schema.clone();
    let limit = dialect.identifier_limit();
    for table in &mut schema.tables {
        let names = (table.uniques.iter_mut().map(|unique| &mut unique.name))
            .chain(table.checks.iter_mut().map(|check| &mut check.name))
            .chain(table.foreign_keys.iter_mut().map(|key| &mut key.name))
            .chain(table.indexes.iter_mut().map(|index| &mut index.name));
        for name in names {
            if name.len() > limit {
                *name = sinew_names::shorten(name, limit).into();
            }
        }
    }
    schema
}
