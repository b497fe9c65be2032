//! Single columns of rows at hand set to values or expressions.

use std::sync::Arc;

use sinew_core::driver::{Action, Done, Row, Sink};
use sinew_core::record::Record;
use sinew_core::schema::{ColumnRole, ModelMeta};
use sinew_core::value::TypeFamily;
use sinew_core::{Error, ErrorKind, Result, Value};
use sinew_sql::{Expr, Update};

use super::existing::{Keys, key_of, look_up};
use super::fill::moment_for;
use super::graph::Writer;
use super::insert::at;
use super::lane::Lane;
use super::lane::Then;
use super::place::Place;
use super::rows::{keyless, run_hooks};
use super::shape::{check_sizes, sized};
use super::store::{gone, update_rows_at};
use crate::hook::{self, Moment};
use crate::relation::reach::column;

/// Columns and what they are set to.
pub(crate) type Changes = Vec<(usize, Expr)>;

/// The value of an assignment that needs no database to be known.
pub(crate) fn literal(expr: &Expr) -> Option<Value<'_>> {
    match expr {
        Expr::Value(value) => Some(value.reborrow()),
        Expr::Null => Some(Value::Null),
        _ => None,
    }
}

/// Whether there is a [`literal`].
pub(crate) fn is_literal(expr: &Expr) -> bool {
    matches!(expr, Expr::Value(_) | Expr::Null)
}

/// Refuses changes that set nothing, and raw expressions that do not add up.
pub(crate) fn check(meta: &ModelMeta, changes: &[(usize, Expr)]) -> Result<()> {
    if changes.is_empty() {
        return Err(Error::new(
            ErrorKind::InvalidInput,
            format!("this update of {} sets nothing", meta.name),
        )
        .with_model(meta.name)
        .with_hint("say what changes with .set(Model::column.to(value))"));
    }
    changes.iter().try_for_each(|(_, expr)| check_raw(expr))
}

/// The moments of update that are not among the changes.
fn stamps(
    meta: &ModelMeta,
    changes: &[(usize, Expr)],
) -> impl Iterator<Item = (usize, TypeFamily)> {
    let named = |index| changes.iter().any(|(held, _)| *held == index);
    let columns = meta.columns.iter().enumerate();
    columns
        .filter(move |(index, column)| column.role == ColumnRole::UpdatedAt && !named(*index))
        .map(|(index, column)| (index, column.family))
}

/// The columns that these changes are going to change.
pub(crate) fn changed_columns(meta: &ModelMeta, changes: &[(usize, Expr)]) -> Vec<usize> {
    let named = changes.iter().map(|(index, _)| *index);
    named
        .chain(stamps(meta, changes).map(|(index, _)| index))
        .collect()
}

/// The changes, with `updated_at` unless it is among them. A column named twice has its last value.
pub(crate) fn complete(
    meta: &ModelMeta,
    mut changes: Changes,
    now: sinew_core::Timestamp,
) -> Changes {
    for index in (0..changes.len()).rev() {
        let column = changes.get(index).map(|(column, _)| *column);
        let mut later = changes.iter().skip(index + 1);
        if later.any(|(held, _)| Some(*held) == column) {
            changes.remove(index);
        }
    }
    let stamps: Vec<_> = stamps(meta, &changes).collect();
    let moment = |(index, family)| (index, Expr::Value(moment_for(family, now)));
    changes.extend(stamps.into_iter().map(moment));
    changes
}

fn check_raw(expr: &Expr) -> Result<()> {
    match expr {
        Expr::Raw(raw) => raw.check(),
        _ => Ok(()),
    }
}

/// One statement, run for several records.
struct Run {
    sql: Arc<str>,
    binds: Vec<Value<'static>>,
    /// The columns that come back.
    returned: Vec<usize>,
    members: Vec<usize>,
}

/// What came back, by statement and repetition.
#[derive(Default)]
struct Answers {
    affected: Vec<Vec<u64>>,
    returned: Vec<Vec<Option<Vec<Value<'static>>>>>,
    row: Option<Vec<Value<'static>>>,
}

impl Answers {
    fn at<T>(lists: &mut Vec<Vec<T>>, statement: usize) -> Option<&mut Vec<T>> {
        while lists.len() <= statement {
            lists.push(Vec::new());
        }
        lists.get_mut(statement)
    }
}

impl Sink for Answers {
    fn row(&mut self, _statement: usize, row: &dyn Row) -> Result<()> {
        let values: Result<Vec<_>> = (0..row.len())
            .map(|i| row.get(i).map(Value::into_owned))
            .collect();
        self.row = Some(values?);
        Ok(())
    }

    fn done(&mut self, statement: usize, done: Done) -> Result<()> {
        if let Some(list) = Self::at(&mut self.affected, statement) {
            list.push(done.affected);
        }
        let row = self.row.take();
        if let Some(list) = Self::at(&mut self.returned, statement) {
            list.push(row);
        }
        Ok(())
    }
}

/// Writes the changes into the records and their rows, with update hooks around.
pub(crate) async fn change_records(
    writer: &mut Writer<'_>,
    records: &mut [&mut dyn Record],
    changes: Changes,
    place: &Place<'_>,
) -> Result<()> {
    let Some(meta) = records.first().map(|record| record.meta()) else {
        return Ok(());
    };
    let changes = complete(meta, changes, writer.now);
    if let Some(index) = records.iter().position(|record| !record.has_key()) {
        return Err(at(keyless(meta, "updated"), place, index));
    }
    let hooked = match &writer.lane {
        Lane::Tx(db) => hook::of(meta, db).is_some(),
        Lane::Op(_) => false,
    };
    if !hooked && changes.iter().all(|(_, expr)| is_literal(expr)) {
        return set_values(writer, meta, records, changes, place).await;
    }
    let mut keys = Vec::with_capacity(records.len());
    for (index, record) in records.iter_mut().enumerate() {
        keys.push(record.values_owned(&meta.key));
        for (column, expr) in &changes {
            if let Some(value) = literal(expr) {
                record
                    .set(*column, value)
                    .map_err(|error| at(error, place, index))?;
            }
        }
    }
    let columns: Vec<usize> = (0..meta.columns.len()).collect();
    let mut applied = Vec::new();
    if hooked {
        applied.extend(records.iter().map(|record| record.values_owned(&columns)));
        run_hooks(
            writer,
            records,
            &[Moment::BeforeSave, Moment::BeforeUpdate],
            place,
        )
        .await?;
    }
    let runs = runs_of(writer, meta, records, &changes, &keys, &applied, place)?;
    send(writer, meta, records, &runs, place).await?;
    if !writer
        .lane
        .db()
        .dialect()
        .capabilities()
        .returning
        .supported
    {
        read_back(writer, meta, records, &changes).await?;
    }
    run_hooks(
        writer,
        records,
        &[Moment::AfterUpdate, Moment::AfterSave],
        place,
    )
    .await
}

/// Sets the same values in all records and their rows: one statement, with nothing to be read back.
async fn set_values(
    writer: &mut Writer<'_>,
    meta: &'static ModelMeta,
    records: &mut [&mut dyn Record],
    changes: Changes,
    place: &Place<'_>,
) -> Result<()> {
    let columns: Vec<usize> = changes.iter().map(|(column, _)| *column).collect();
    // A row is found by the key that it has in the database, also where that is changed.
    let moves = meta.key.iter().any(|index| columns.contains(index));
    let keys: Option<Vec<_>> = moves.then(|| {
        let keys = records.iter().map(|record| record.values_owned(&meta.key));
        keys.collect()
    });
    let mut left = records.len();
    let mut changes = changes;
    for (index, record) in records.iter_mut().enumerate() {
        left -= 1;
        for (column, expr) in &mut changes {
            let value = match expr {
                // The last one may have the value itself.
                Expr::Value(value) if left == 0 => std::mem::take(value),
                other => literal(other).unwrap_or_default(),
            };
            record
                .set(*column, value)
                .map_err(|error| at(error, place, index))?;
        }
    }
    let sized = sized(meta, &columns);
    for (index, record) in records.iter().enumerate() {
        check_sizes(&**record, &sized).map_err(|error| at(error, place, index))?;
    }
    let keys = keys.as_deref();
    update_rows_at(writer, meta, records, &columns, keys, false, place).await
}

/// The statements: records whose updates read the same share one.
fn runs_of(
    writer: &Writer<'_>,
    meta: &'static ModelMeta,
    records: &[&mut dyn Record],
    changes: &[(usize, Expr)],
    keys: &[Vec<Value<'static>>],
    applied: &[Vec<Value<'static>>],
    place: &Place<'_>,
) -> Result<Vec<Run>> {
    let db = writer.lane.db();
    let live = meta.deleted_at().filter(|_| !db.settings.unscoped);
    let mut runs: Vec<Run> = Vec::new();
    for (index, record) in records.iter().enumerate() {
        let moved = |column: usize| {
            let before = applied.get(index).and_then(|values| values.get(column));
            before.is_some_and(|before| *before != record.value(column))
        };
        let mut set = Vec::with_capacity(changes.len());
        let mut written = Vec::with_capacity(changes.len());
        let mut returned = Vec::new();
        for (column_at, expr) in changes {
            let known = literal(expr).is_some() || moved(*column_at);
            let value = if known {
                written.push(*column_at);
                Expr::Value(record.value(*column_at).into_owned())
            } else {
                returned.push(*column_at);
                expr.clone()
            };
            set.push((column(meta, *column_at), value));
        }
        // What a hook changed beside is written too.
        let named = |column: usize| changes.iter().any(|(held, _)| *held == column);
        for other in (0..meta.columns.len()).filter(|&i| !named(i) && moved(i)) {
            written.push(other);
            set.push((
                column(meta, other),
                Expr::Value(record.value(other).into_owned()),
            ));
        }
        check_sizes(&**record, &written).map_err(|error| at(error, place, index))?;
        let key = keys.get(index).map(Vec::as_slice).unwrap_or_default();
        let mut filter: Vec<Expr> = meta
            .key
            .iter()
            .zip(key)
            .map(|(&i, value)| Expr::here(column(meta, i)).equals(Expr::Value(value.clone())))
            .collect();
        filter.extend(live.map(|i| Expr::IsNull(Box::new(Expr::here(column(meta, i))), false)));
        let returning = returned.iter().map(|&i| column(meta, i)).collect();
        let statement = Update {
            table: meta.table.clone(),
            set,
            filter,
            returning,
        };
        let prepared = db.prepare(&statement);
        let binds = prepared.binds.into_iter().map(Value::into_owned);
        match runs.iter_mut().find(|run| run.sql == prepared.sql) {
            Some(run) => {
                run.binds.extend(binds);
                run.members.push(index);
            }
            None => runs.push(Run {
                sql: prepared.sql,
                binds: binds.collect(),
                returned,
                members: vec![index],
            }),
        }
    }
    Ok(runs)
}

async fn send(
    writer: &mut Writer<'_>,
    meta: &'static ModelMeta,
    records: &mut [&mut dyn Record],
    runs: &[Run],
    place: &Place<'_>,
) -> Result<()> {
    let statements = runs.iter().map(|run| sinew_core::driver::Statement {
        sql: &run.sql,
        binds: run.binds.iter().map(Value::reborrow).collect(),
        action: Action::Each {
            times: run.members.len(),
        },
    });
    let mut answers = Answers::default();
    let lane = &mut writer.lane;
    let sent = lane
        .run_then(Then::More, statements.collect(), &mut answers)
        .await;
    sent.map_err(|failure| {
        let done: usize = answers.affected.iter().map(Vec::len).sum();
        let failed = runs.iter().flat_map(|run| &run.members).nth(done).copied();
        failure.or(|error| {
            let error = error.with_model(meta.name).with_table(meta.table.as_ref());
            at(error, place, failed.unwrap_or_default())
        })
    })?;
    for (statement, run) in runs.iter().enumerate() {
        let mut affected = answers.affected.get(statement).into_iter().flatten();
        let mut rows = answers.returned.get_mut(statement).into_iter().flatten();
        for &index in &run.members {
            let Some(record) = records.get_mut(index) else {
                continue;
            };
            if affected.next().copied().unwrap_or_default() == 0 {
                return Err(at(gone(meta, Some(&**record)), place, index));
            }
            let row = rows.next().and_then(Option::take).into_iter().flatten();
            for (&column, value) in run.returned.iter().zip(row) {
                record
                    .set(column, value)
                    .map_err(|error| at(error, place, index))?;
            }
        }
    }
    Ok(())
}

/// Where the database cannot return what an update computed, it is asked for afterwards.
async fn read_back(
    writer: &mut Writer<'_>,
    meta: &'static ModelMeta,
    records: &mut [&mut dyn Record],
    changes: &[(usize, Expr)],
) -> Result<()> {
    let computed: Vec<usize> = changes
        .iter()
        .filter(|(_, expr)| literal(expr).is_none())
        .map(|(i, _)| *i)
        .collect();
    if computed.is_empty() {
        return Ok(());
    }
    let keys = Keys::of(meta, records.iter().map(|record| &**record));
    let found = look_up(&mut writer.lane, meta, keys, &computed).await?;
    for record in records.iter_mut() {
        let Some(values) = found.get(&key_of(&**record)) else {
            continue;
        };
        for (&column, value) in computed.iter().zip(values) {
            record.set(column, value.reborrow())?;
        }
    }
    Ok(())
}
