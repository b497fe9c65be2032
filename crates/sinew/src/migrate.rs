//! Tables made from models.

use std::future::IntoFuture;

use sinew_core::driver::{Action, BoxFuture, Done, Intent, Row, Sink, Statement};
use sinew_core::schema::ModelMeta;
use sinew_core::{Error, ErrorKind, Result, Value};
use sinew_migrate::{Plan, Schema};

use crate::db::{Db, Ignore, Op};

/// A migration that makes the database fit the models; awaits to `()`.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let plan = db.auto_migrate(models![User, Company]).plan().await?;
/// assert!(plan.is_empty());
/// # Ok(()) }
/// ```
#[must_use = "nothing is migrated until it is awaited"]
pub struct AutoMigrate<'d> {
    db: &'d Db,
    models: Vec<&'static ModelMeta>,
}

impl Db {
    /// Creates what the models need and the database lacks: tables, columns, indexes, join tables,
    /// named foreign keys. The models may come in any order and refer to one another in circles.
    /// Nothing is ever dropped; a table that SQLite can only change by rebuilding keeps every row.
    /// It is one transaction, except on MySQL and MariaDB, which commit each change of a table by
    /// itself: there a migration that broke off is completed by the next one.
    ///
    /// # Errors
    /// `Schema` when the models contradict themselves or the database. `Unsupported` inside a
    /// transaction that it cannot be part of: on MySQL and MariaDB when there is anything to
    /// change, on SQLite when a table has to be rebuilt.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// let db = Db::connect("sqlite::memory:").await?;
    /// let models = models![User, Company, Profile, Order, Item, Language, UserLanguage, Image];
    /// db.auto_migrate(models).await?;
    /// assert_eq!(db.find::<User>().count().await?, 0);
    /// # Ok(()) }
    /// ```
    pub fn auto_migrate(
        &self,
        models: impl IntoIterator<Item = &'static ModelMeta>,
    ) -> AutoMigrate<'_> {
        AutoMigrate {
            db: self,
            models: models.into_iter().collect(),
        }
    }
}

impl<'d> AutoMigrate<'d> {
    /// What the migration would do; it does nothing.
    ///
    /// # Errors
    /// As [`Db::auto_migrate`].
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// let db = Db::connect("sqlite::memory:").await?;
    /// let plan = db.auto_migrate(models![Company]).plan().await?;
    /// assert!(plan.statements().next().unwrap().starts_with("CREATE TABLE"));
    /// println!("{plan}");
    /// # Ok(()) }
    /// ```
    pub async fn plan(self) -> Result<Plan> {
        let schema = sinew_migrate::desired(&self.models)?;
        let mut op = self.db.op(Intent::Read, false).await?;
        let plan = plan(&mut op, &schema).await?;
        op.finish().await?;
        Ok(plan)
    }

    async fn run(self) -> Result<()> {
        let schema = sinew_migrate::desired(&self.models)?;
        let undoable = self.db.dialect().capabilities().transactional_ddl;
        let mut op = self.db.op(Intent::Write, undoable.supported).await?;
        let first = plan(&mut op, &schema).await?;
        if self.db.in_transaction() && !undoable.supported && !first.is_empty() {
            op.undo().await?;
            return Err(commits(undoable.reason));
        }
        if first.before.is_empty() {
            apply(&mut op, &first).await?;
            return op.finish().await;
        }
        op.undo().await?;
        if self.db.in_transaction() {
            return Err(Error::new(
                ErrorKind::Unsupported,
                "this migration rebuilds a table, which cannot be done inside a transaction",
            )
            .with_hint("call auto_migrate on the handle outside the transaction"));
        }
        self.rebuild(&schema, &first).await
    }

    /// Runs a plan that has to switch something off around its transaction.
    async fn rebuild(self, schema: &Schema, first: &Plan) -> Result<()> {
        let mut op = self.db.op(Intent::Write, false).await?;
        all(&mut op, first.before.iter().map(String::as_str)).await?;
        op.begin();
        let result = async {
            // Somebody may have migrated in between.
            let plan = plan(&mut op, schema).await?;
            apply(&mut op, &plan).await
        }
        .await;
        let ended = match result {
            Ok(()) => op.commit().await,
            Err(error) => op.roll_back().await.and(Err(error)),
        };
        let after = all(&mut op, first.after.iter().map(String::as_str)).await;
        ended.and(after)?;
        op.finish().await
    }
}

impl<'d> IntoFuture for AutoMigrate<'d> {
    type Output = Result<()>;
    type IntoFuture = BoxFuture<'d, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

/// Says so where rows that are there do not fit what the models ask for.
fn unfit(step: &str, error: Error) -> Error {
    if error.kind() != ErrorKind::ValueTooLong {
        return error;
    }
    let message = format!("cannot {step}: there are rows that do not fit: {error}");
    let schema = Error::new(ErrorKind::Schema, message)
        .with_hint("shorten these rows first, or let the model say a larger size");
    match error.column() {
        Some(column) => schema.with_column(column.to_owned()),
        None => schema,
    }
}

/// Refuses a migration that would commit what the transaction around it has done so far.
#[cold]
fn commits(reason: &str) -> Error {
    Error::new(
        ErrorKind::Unsupported,
        format!(
            "this migration changes tables, which cannot be part of a transaction here: {reason}"
        ),
    )
    .with_hint("call auto_migrate on the handle outside the transaction")
}

/// The rows of each statement.
struct Answers(Vec<Vec<Vec<Value<'static>>>>);

impl Sink for Answers {
    fn row(&mut self, statement: usize, row: &dyn Row) -> Result<()> {
        let values: Result<_> = (0..row.len())
            .map(|index| row.get(index).map(Value::into_owned))
            .collect();
        if let Some(answer) = self.0.get_mut(statement) {
            answer.push(values?);
        }
        Ok(())
    }

    fn done(&mut self, _statement: usize, _done: Done) -> Result<()> {
        Ok(())
    }
}

fn statement(sql: &str) -> Statement<'_> {
    Statement {
        sql,
        binds: Vec::new(),
        action: Action::Rows,
    }
}

/// Asks all questions at once; none depends on another's answer.
async fn ask(op: &mut Op<'_>, questions: &[String]) -> Result<Vec<Vec<Vec<Value<'static>>>>> {
    let mut answers = Answers(vec![Vec::new(); questions.len()]);
    if !questions.is_empty() {
        let statements = questions.iter().map(|sql| statement(sql)).collect();
        op.run(statements, &mut answers).await?;
    }
    Ok(answers.0)
}

/// How many statements are done.
struct Steps(usize);

impl Sink for Steps {
    fn row(&mut self, _statement: usize, _row: &dyn Row) -> Result<()> {
        Ok(())
    }

    fn done(&mut self, _statement: usize, _done: Done) -> Result<()> {
        self.0 += 1;
        Ok(())
    }
}

async fn all(op: &mut Op<'_>, statements: impl Iterator<Item = &str>) -> Result<()> {
    let statements: Vec<_> = statements.map(statement).collect();
    if statements.is_empty() {
        return Ok(());
    }
    op.run(statements, &mut Ignore).await
}

async fn plan(op: &mut Op<'_>, schema: &Schema) -> Result<Plan> {
    let dialect = op.db().dialect();
    let answers = ask(op, &sinew_migrate::introspection(dialect, schema)?).await?;
    let database = sinew_migrate::read(dialect, &answers)?;
    sinew_migrate::plan(&database, schema, dialect)
}

async fn apply(op: &mut Op<'_>, plan: &Plan) -> Result<()> {
    let mut steps = Steps(0);
    let statements: Vec<_> = plan.statements().map(statement).collect();
    if !statements.is_empty()
        && let Err(error) = op.run(statements, &mut steps).await
    {
        let failed = plan
            .steps
            .iter()
            .flat_map(|step| step.sql.iter().map(|_| step.description.as_str()))
            .nth(steps.0);
        return Err(unfit(failed.unwrap_or("migrate"), error));
    }
    for answer in ask(op, &plan.checks).await? {
        if let Some(row) = answer.first() {
            let table = row
                .first()
                .map(|value| format!("{value:?}"))
                .unwrap_or_default();
            return Err(Error::new(
                ErrorKind::ForeignKeyViolation,
                format!(
                    "rows of {table} refer to rows that do not exist, so the migration was undone"
                ),
            )
            .with_hint("repair or remove them first"));
        }
    }
    Ok(())
}
