use std::future::IntoFuture;

use sinew_core::driver::{Action, BoxFuture};
use sinew_core::record::{Model, Record, RowSet};
use sinew_core::{Error, ErrorKind, Result};
use sinew_sql::Expr;

use super::change::{Changes, change_records, changed_columns, check, complete, literal};
use super::one;
use super::place::Place;
use super::rows::{conditions, read_rows};
use super::run::{Way, with_writer};
use super::snapshot::Columns;
use super::stale::drop_stale;
use crate::column::Assignment;
use crate::db::{Affected, Db};
use crate::hook;
use crate::query::Find;
use crate::relation::reach::column;

/// What `.set(…)` takes: one assignment, a tuple or a `Vec` of several.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let mut changes = vec![User::age.to(37)];
/// changes.push(User::name.to("Ada King"));
/// db.update(&mut db.get::<User>(1).await?).set(changes).await?;
/// assert_eq!(db.get::<User>(1).await?.name, "Ada King");
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an assignment to a column of `{M}`",
    label = "not an assignment to a column of `{M}`",
    note = "write `{M}::column.to(value)`"
)]
pub trait Assignments<M> {
    #[doc(hidden)]
    fn add_to(self, changes: &mut Vec<(usize, Expr)>);
}

impl<M> Assignments<M> for Assignment<M> {
    fn add_to(self, changes: &mut Changes) {
        changes.push((self.column, self.value));
    }
}

impl<M> Assignments<M> for Vec<Assignment<M>> {
    fn add_to(self, changes: &mut Changes) {
        changes.extend(self.into_iter().map(|one| (one.column, one.value)));
    }
}

macro_rules! tuple_assignments {
    ($($name:ident)+) => {
        impl<M, $($name: Assignments<M>),+> Assignments<M> for ($($name,)+) {
            fn add_to(self, changes: &mut Changes) {
                #[allow(non_snake_case)]
                let ($($name,)+) = self;
                $($name.add_to(changes);)+
            }
        }
    };
}

tuple_assignments!(A);
tuple_assignments!(A B);
tuple_assignments!(A B C);
tuple_assignments!(A B C D);
tuple_assignments!(A B C D E);
tuple_assignments!(A B C D E F);

/// Columns of rows at hand to be changed; awaits to `()`.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let mut users = db.find::<User>().await?;
/// db.update(&mut users).set(User::age.to(User::age + 1)).await?;
/// assert_eq!(users[0].age, 37);
/// # Ok(()) }
/// ```
#[must_use = "nothing is updated until it is awaited"]
pub struct UpdateRows<'a, M> {
    db: &'a Db,
    rows: &'a mut [M],
    changes: Changes,
}

impl Db {
    /// Changes columns of one row (or of each of a `Vec`): only those named by
    /// [`UpdateRows::set`], and `updated_at`. The fields in memory follow; what the database
    /// computes (`User::age + 1`) is read back in the same statement. A loaded association whose
    /// key changed becomes not loaded.
    ///
    /// ```sql
    /// UPDATE users SET name = ?, updated_at = ? WHERE id = ? AND deleted_at IS NULL
    /// ```
    ///
    /// Hooks for update and save run on the row; columns that the before hooks change are
    /// written too.
    ///
    /// # Errors
    /// `NotFound` when the row is gone or soft-deleted, `MissingKey` when it was never created,
    /// `ValueTooLong` when a text exceeds its column, `InvalidInput` without a `.set(…)`. Nothing
    /// is changed then, in memory neither.
    ///
    /// # Examples
    /// ```
    /// # use sinew::prelude::*;
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # pub struct User { pub id: i64, pub name: String, pub age: i32 }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = Db::connect("sqlite::memory:").await?;
    /// # db.auto_migrate(models![User]).await?;
    /// let mut user = User { name: "Ada".into(), age: 36, ..Default::default() };
    /// db.create(&mut user).await?;
    /// db.update(&mut user).set(User::name.to("Grace")).set(User::age.to(User::age + 1)).await?;
    /// assert_eq!((user.name.as_str(), user.age), ("Grace", 37));
    /// # Ok(()) }
    /// ```
    pub fn update<'a, R: RowSet + ?Sized>(&'a self, rows: &'a mut R) -> UpdateRows<'a, R::Model> {
        UpdateRows {
            db: self,
            rows: rows.rows_mut(),
            changes: Vec::new(),
        }
    }
}

impl<'a, M: Model> UpdateRows<'a, M> {
    /// Sets a column to a value or an expression; a tuple sets several.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let mut ada = db.get::<User>(1).await?;
    /// db.update(&mut ada).set(User::name.to("Ada King")).set((User::age.to(37), User::company_id.to(None))).await?;
    /// assert_eq!((ada.name.as_str(), ada.company_id), ("Ada King", None));
    /// # Ok(()) }
    /// ```
    pub fn set(mut self, assignments: impl Assignments<M>) -> Self {
        assignments.add_to(&mut self.changes);
        self
    }
}

impl<'a, M: Model> IntoFuture for UpdateRows<'a, M> {
    type Output = Result<()>;
    type IntoFuture = BoxFuture<'a, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        let Self {
            db,
            rows,
            mut changes,
        } = self;
        Box::pin(async move {
            // An update that sets nothing is a mistake also when there are no rows.
            check(M::schema(), &changes)?;
            if let [row] = &mut *rows
                && let Some(written) = one::update(db, row, &mut changes).await
            {
                return written;
            }
            Box::pin(update_rows(db, rows, changes)).await
        })
    }
}

async fn update_rows<M: Model>(db: &Db, rows: &mut [M], changes: Changes) -> Result<()> {
    let meta = M::schema();
    if rows.is_empty() {
        return Ok(());
    }
    let hooks = hook::of(meta, db).is_some();
    let columns = match hooks {
        true => Columns::take(rows),
        false => Columns::some(rows, changed_columns(meta, &changes)),
    };
    let whole = hooks.then(|| rows.to_vec());
    let place = Place::root(rows.len());
    let atomic = rows.len() > 1;
    let mut records: Vec<&mut dyn Record> =
        rows.iter_mut().map(|row| row as &mut dyn Record).collect();
    let result = with_writer(db, Way::new(hooks, atomic), async |writer| {
        change_records(writer, &mut records, changes, &place).await
    })
    .await;
    match (&result, whole) {
        (Ok(()), _) => {
            for (record, before) in records.into_iter().zip(columns.rows()) {
                drop_stale(record, columns.columns(), before);
            }
        }
        (Err(_), Some(before)) => rows.clone_from_slice(&before),
        (Err(_), None) => columns.put_back(rows),
    }
    result
}

/// Columns of all rows that a query finds, to be changed; awaits to the number of rows.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let older = db.find::<User>().filter(User::age.gt(40)).update().set(User::age.to(User::age + 1)).await?;
/// assert_eq!(older, 2);
/// # Ok(()) }
/// ```
#[must_use = "nothing is updated until it is awaited"]
pub struct UpdateWhere<'d, M> {
    find: Find<'d, M>,
    changes: Changes,
    all: bool,
}

impl<'d, M: Model> Find<'d, M> {
    /// Changes columns of all rows found, in one statement; awaits to their number.
    ///
    /// ```sql
    /// UPDATE users SET name = ?, updated_at = ? WHERE users.name = ? AND users.deleted_at IS NULL
    /// ```
    ///
    /// A limit, joins or groups go into a sub-query of keys. Where the model has update hooks,
    /// the rows are read first and the hooks run on each; [`Db::skip_hooks`] keeps it at one
    /// statement.
    ///
    /// # Errors
    /// `MissingCondition` without a condition (see [`UpdateWhere::all_rows`]), `InvalidInput`
    /// without a `.set(…)`, `ValueTooLong`.
    ///
    /// # Examples
    /// ```
    /// # use sinew::prelude::*;
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # pub struct User { pub id: i64, pub name: String }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = Db::connect("sqlite::memory:").await?;
    /// # db.auto_migrate(models![User]).await?;
    /// # db.create(&mut User { name: "x".into(), ..Default::default() }).await?;
    /// let changed =
    ///     db.find::<User>().filter(User::name.eq("x")).update().set(User::name.to("y")).await?;
    /// assert_eq!(changed, 1);
    /// # Ok(()) }
    /// ```
    pub fn update(self) -> UpdateWhere<'d, M> {
        UpdateWhere {
            find: self,
            changes: Vec::new(),
            all: false,
        }
    }
}

impl<'d, M: Model> UpdateWhere<'d, M> {
    /// Sets a column to a value or an expression; a tuple sets several.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let dear = db.find::<Order>().filter(Order::amount.gt(200.0));
    /// assert_eq!(dear.update().set(Order::amount.to(Order::amount * 2.0)).await?, 1);
    /// # Ok(()) }
    /// ```
    pub fn set(mut self, assignments: impl Assignments<M>) -> Self {
        assignments.add_to(&mut self.changes);
        self
    }

    /// Allows an update without a condition.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// assert_eq!(db.find::<User>().update().set(User::age.to(0)).all_rows().await?, 3);
    /// # Ok(()) }
    /// ```
    pub fn all_rows(mut self) -> Self {
        self.all = true;
        self
    }

    async fn run(self) -> Result<u64> {
        let db = self.find.db;
        let meta = M::schema();
        check(meta, &self.changes)?;
        let filter = conditions(self.find, self.all, "update")?;
        let changes = self.changes;
        check_literals(meta, &changes)?;
        let hooks = hook::of(meta, db).is_some();
        with_writer(db, Way::new(hooks, false), async |writer| {
            if hooks {
                let mut rows = read_rows(&mut writer.lane, meta, filter).await?;
                let mut records = rows.all_mut();
                let place = Place::root(records.len());
                change_records(writer, &mut records, changes, &place).await?;
                return Ok(records.len() as u64);
            }
            let set = complete(meta, changes, writer.now);
            let statement = sinew_sql::Update {
                table: meta.table.clone(),
                set: set
                    .into_iter()
                    .map(|(i, expr)| (column(meta, i), expr))
                    .collect(),
                filter,
                returning: Vec::new(),
            };
            let handle = writer.lane.db().clone();
            let mut prepared = handle.prepare(&statement);
            let mut affected = Affected::default();
            let sent = writer
                .lane
                .run(vec![prepared.statement(Action::Count)], &mut affected);
            sent.await
                .map_err(|e| e.with_model(meta.name).with_table(meta.table.as_ref()))?;
            Ok(affected.0)
        })
        .await
    }
}

/// Refuses texts that are longer than their columns.
fn check_literals(meta: &sinew_core::schema::ModelMeta, changes: &Changes) -> Result<()> {
    for (index, expr) in changes {
        let Some(column) = meta.columns.get(*index) else {
            continue;
        };
        let length = match literal(expr) {
            Some(sinew_core::Value::Text(text)) => text.chars().count(),
            Some(sinew_core::Value::Bytes(bytes)) => bytes.len(),
            Some(sinew_core::Value::List(items)) => super::shape::longest(&items),
            _ => continue,
        };
        if column.size.is_some_and(|size| length > size as usize) {
            return Err(Error::new(
                ErrorKind::ValueTooLong,
                format!(
                    "{}.{} is set to {length}, its column holds at most {}",
                    meta.name,
                    column.field,
                    column.size.unwrap_or_default()
                ),
            )
            .with_model(meta.name)
            .with_table(meta.table.as_ref())
            .with_column(column.name.as_ref()));
        }
    }
    Ok(())
}

impl<'d, M: Model> IntoFuture for UpdateWhere<'d, M> {
    type Output = Result<u64>;
    type IntoFuture = BoxFuture<'d, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}
