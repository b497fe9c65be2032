//! One row that nothing hangs on, written in one statement: most writes are. The rules are those of
//! `level` in the module `graph` and what it calls; what is left out is what concerns several rows,
//! associations and hooks.

use std::sync::Arc;

use sinew_core::driver::{Action, Done, Intent, Row, Sink, Statement};
use sinew_core::record::Record;
use sinew_core::schema::{ColumnRole, Linkage, ModelMeta, RelationMeta};
use sinew_core::{Error, Result, Timestamp, Value};
use sinew_sql::{Delete, Expr};

use super::change::{Changes, complete, is_literal};
use super::fill::{Filling, moment_for};
use super::insert::plain_statement;
use super::link_models::zero;
use super::owners::holds_any;
use super::remove::cascades;
use super::run::counts_on;
use super::scope::WriteScope;
use super::shape::{Shape, Shapes, check_size, check_sizes};
use super::store::{by_key, gone, update_form, update_of, updated_columns};
use crate::db::{Db, Form};
use crate::hook;

static WHOLE: WriteScope = WriteScope::WHOLE;

/// A row that is being written. Unless it came to its end it gets back what was set, also when
/// nobody waits any more.
struct Attempt<'r> {
    row: &'r mut dyn Record,
    /// What the columns held, in the order in which they were set.
    before: Vec<(usize, Value<'static>)>,
}

impl<'r> Attempt<'r> {
    fn at(row: &'r mut dyn Record) -> Self {
        let before = Vec::new();
        Self { row, before }
    }

    fn set(&mut self, column: usize, value: Value<'_>) -> Result<()> {
        let held = self.row.value(column).into_owned();
        self.before.push((column, held));
        self.row.set(column, value)
    }

    /// It was written.
    fn stands(mut self) {
        self.before.clear();
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        for (column, value) in self.before.drain(..).rev() {
            // The value came out of this very field, so it fits.
            let _ = self.row.set(column, value);
        }
    }
}

/// Takes what the statement of one row answers.
#[derive(Default)]
struct Answer {
    done: Done,
    returned: Vec<Value<'static>>,
}

impl Sink for Answer {
    fn row(&mut self, _statement: usize, row: &dyn Row) -> Result<()> {
        let values = (0..row.len()).map(|index| row.get(index).map(Value::into_owned));
        self.returned = values.collect::<Result<_>>()?;
        Ok(())
    }

    fn done(&mut self, _statement: usize, done: Done) -> Result<()> {
        self.done = done;
        Ok(())
    }
}

#[cold]
fn of(error: Error, meta: &ModelMeta) -> Error {
    error.with_model(meta.name).with_table(meta.table.as_ref())
}

/// Whether nothing hangs on a row: it has no hooks, and none of its associations is loaded.
fn is_alone(db: &Db, row: &dyn Record) -> bool {
    hook::of(row.meta(), db).is_none() && !holds_any(row)
}

/// Inserts a row. `None` for one that takes more than a statement: then nothing was done.
pub(super) async fn insert(db: &Db, row: &mut dyn Record) -> Option<Result<()>> {
    if !is_alone(db, row) {
        return None;
    }
    let mut attempt = Attempt::at(row);
    if let Err(error) = attempt.fill() {
        return Some(Err(error));
    }
    let meta = attempt.row.meta();
    let capabilities = db.dialect().capabilities();
    let asks_for_key = !capabilities.last_insert_id.supported;
    let shape = Shapes::of(meta, &WHOLE, None, asks_for_key).shape(attempt.row);
    // Read afterwards where statements return nothing; or a key is given that is to be counted
    // on from.
    if !shape.returned.is_empty() && !capabilities.returning.supported
        || !shape.generates && counts_on(db, &[attempt.row])
    {
        return None;
    }
    Some(attempt.insert(db, meta, &shape).await)
}

/// Saves a row: updates it, or inserts it when it has no key. `None` as for [`insert`].
pub(super) async fn save(db: &Db, row: &mut dyn Record) -> Option<Result<()>> {
    if !row.has_key() {
        return insert(db, row).await;
    }
    if !is_alone(db, row) {
        return None;
    }
    let meta = row.meta();
    let columns = updated_columns(meta, &WHOLE, true);
    if columns.is_empty() {
        return None;
    }
    let mut attempt = Attempt::at(row);
    for (index, column) in meta.columns.iter().enumerate() {
        if column.role == ColumnRole::UpdatedAt
            && let Err(error) = attempt.set(index, moment_for(column.family, Timestamp::now()))
        {
            return Some(Err(error));
        }
    }
    Some(attempt.update(db, meta, Some(columns)).await)
}

/// Sets columns of a row. `None` for changes that take more than a statement with their values,
/// or that loaded associations have to follow; they come back.
pub(super) async fn update(
    db: &Db,
    row: &mut dyn Record,
    changes: &mut Changes,
) -> Option<Result<()>> {
    let meta = row.meta();
    let is_plain = |(index, expr): &(usize, Expr)| is_literal(expr) && !ties(meta, *index);
    if hook::of(meta, db).is_some() || !row.has_key() || !changes.iter().all(is_plain) {
        return None;
    }
    // The clock is looked at where a column holds the moment.
    let now = match meta.role(ColumnRole::UpdatedAt) {
        Some(_) => Timestamp::now(),
        None => Timestamp::UNIX_EPOCH,
    };
    let mut attempt = Attempt::at(row);
    let changes = complete(meta, std::mem::take(changes), now);
    attempt.before.reserve_exact(changes.len());
    for (index, expr) in changes {
        let value = match expr {
            Expr::Value(value) => value,
            _ => Value::Null,
        };
        if let Err(error) = attempt.set(index, value) {
            return Some(Err(error));
        }
    }
    Some(attempt.update(db, meta, None).await)
}

/// Deletes a row. `None` for one whose associations follow, or that has hooks or no key.
pub(super) async fn delete(db: &Db, row: &mut dyn Record) -> Option<Result<()>> {
    let meta = row.meta();
    let soft = meta.deleted_at().filter(|_| !db.settings.unscoped);
    let follow = soft.is_some() && cascades(meta).next().is_some();
    if hook::of(meta, db).is_some() || !row.has_key() || follow {
        return None;
    }
    Some(Attempt::at(row).delete(db, meta, soft).await)
}

/// Whether a column is part of the key, or of what ties rows to those of an association.
fn ties(meta: &ModelMeta, index: usize) -> bool {
    let own = |relation: &RelationMeta| match &relation.linkage {
        Linkage::Owner { own, .. } | Linkage::Target { own, .. } | Linkage::Join { own, .. } => {
            own.contains(&index)
        }
        Linkage::Any { id, kind, .. } => [*id, *kind].contains(&index),
        Linkage::Through { .. } => false,
    };
    meta.key.contains(&index) || meta.relations.iter().any(own)
}

impl Attempt<'_> {
    /// Fills what Sinew makes by itself.
    fn fill(&mut self) -> Result<()> {
        let filling = Filling::of(self.row.meta());
        if filling.is_empty() {
            return Ok(());
        }
        let now = Timestamp::now();
        for (index, value) in filling.missing(self.row, now) {
            self.set(index, value)?;
        }
        Ok(())
    }

    async fn insert(mut self, db: &Db, meta: &'static ModelMeta, shape: &Shape) -> Result<()> {
        check_sizes(self.row, &shape.sized)?;
        let sql = db.text_of(shape.form, || plain_statement(meta, shape, None));
        let mut binds = Vec::with_capacity(shape.written.len() + shape.zeroed.len());
        binds.extend(shape.written.iter().map(|&index| self.row.value(index)));
        let zeroed = shape.zeroed.iter().filter_map(|&i| meta.columns.get(i));
        binds.extend(zeroed.map(|column| zero(column.family)));
        let mut answer = Answer::default();
        let statement = Statement {
            sql: &sql,
            binds,
            action: Action::Each { times: 1 },
        };
        let sent = match db.run_now(Intent::Write, &statement, &mut answer) {
            Some(sent) => sent,
            None => db.run_alone(Intent::Write, &statement, &mut answer).await,
        };
        if let Err(error) = sent {
            return Err(of(error, meta));
        }
        drop(statement);
        if answer.done.affected > 0 {
            self.take_back(meta, shape, answer)?;
        }
        self.stands();
        Ok(())
    }

    /// Sets what the database chose.
    fn take_back(&mut self, meta: &ModelMeta, shape: &Shape, answer: Answer) -> Result<()> {
        if let Some(generated) = meta.generated
            && let Some(id) = answer.done.last_id
            && self.row.is_unset(generated)
        {
            match answer.returned.is_empty() {
                // Nothing that could fail comes after it.
                true => self.row.set(generated, Value::Int(id))?,
                false => self.set(generated, Value::Int(id))?,
            }
        }
        for (&index, value) in shape.returned.iter().zip(answer.returned) {
            self.set(index, value)?;
        }
        Ok(())
    }

    /// Writes these columns of a row that has a key: those that were set, unless others are told.
    async fn update(
        self,
        db: &Db,
        meta: &'static ModelMeta,
        columns: Option<Vec<usize>>,
    ) -> Result<()> {
        let (sql, binds) = match &columns {
            Some(columns) => self.prepare_update(db, meta, columns.iter().copied())?,
            None => self.prepare_update(db, meta, self.before.iter().map(|(index, _)| *index))?,
        };
        let mut answer = Answer::default();
        let statement = Statement {
            sql: &sql,
            binds,
            action: Action::Each { times: 1 },
        };
        let sent = match db.run_now(Intent::Write, &statement, &mut answer) {
            Some(sent) => sent,
            None => db.run_alone(Intent::Write, &statement, &mut answer).await,
        };
        if let Err(error) = sent {
            return Err(of(error, meta));
        }
        if answer.done.affected == 0 {
            return Err(gone(meta, Some(self.row)));
        }
        drop(statement);
        self.stands();
        Ok(())
    }

    fn prepare_update(
        &self,
        db: &Db,
        meta: &'static ModelMeta,
        columns: impl ExactSizeIterator<Item = usize> + Clone,
    ) -> Result<(Arc<str>, Vec<Value<'_>>)> {
        for index in columns.clone() {
            check_size(self.row, meta, index)?;
        }
        let live = meta.deleted_at().filter(|_| !db.settings.unscoped);
        let sql = text_of_update(db, meta, columns.clone(), live);
        let mut binds = Vec::with_capacity(columns.len() + meta.key.len());
        binds.extend(columns.map(|index| self.row.value(index)));
        binds.extend(meta.key.iter().map(|&index| self.row.value(index)));
        Ok((sql, binds))
    }

    /// Deletes the row, softly by setting this column.
    async fn delete(self, db: &Db, meta: &'static ModelMeta, soft: Option<usize>) -> Result<()> {
        let (sql, moment) = match soft.and_then(|index| Some((index, meta.columns.get(index)?))) {
            Some((index, column)) => (
                text_of_update(db, meta, [index].into_iter(), soft),
                Some((index, moment_for(column.family, Timestamp::now()))),
            ),
            None => (
                db.text_of(Form::of("delete", meta), || delete_of(meta)),
                None,
            ),
        };
        let mut binds = Vec::with_capacity(meta.key.len() + usize::from(moment.is_some()));
        binds.extend(moment.iter().map(|(_, moment)| moment.reborrow()));
        binds.extend(meta.key.iter().map(|&index| self.row.value(index)));
        let mut answer = Answer::default();
        let statement = Statement {
            sql: &sql,
            binds,
            action: Action::Count,
        };
        let sent = match db.run_now(Intent::Write, &statement, &mut answer) {
            Some(sent) => sent,
            None => db.run_alone(Intent::Write, &statement, &mut answer).await,
        };
        if let Err(error) = sent {
            return Err(of(error, meta));
        }
        if answer.done.affected == 0 {
            return Err(gone(meta, Some(self.row)));
        }
        drop(statement);
        if let Some((index, moment)) = moment {
            self.row.set(index, moment)?;
        }
        self.stands();
        Ok(())
    }
}

/// The text of `UPDATE … SET columns WHERE key`, as that of many rows.
fn text_of_update(
    db: &Db,
    meta: &'static ModelMeta,
    columns: impl ExactSizeIterator<Item = usize> + Clone,
    live: Option<usize>,
) -> Arc<str> {
    let form = update_form(meta, columns.clone(), live);
    let statement = || update_of(meta, &columns.collect::<Vec<_>>(), live);
    db.text_of(form, statement)
}

fn delete_of(meta: &ModelMeta) -> Delete {
    Delete {
        table: meta.table.clone(),
        filter: by_key(meta).collect(),
        returning: Vec::new(),
    }
}
