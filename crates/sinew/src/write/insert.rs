//! Inserts: one statement for all rows that write the same columns.

use std::collections::HashMap;

use sinew_core::driver::{Action, Done, Row, Sink, Statement};
use sinew_core::record::Record;
use sinew_core::schema::{ColumnRole, ModelMeta};
use sinew_core::value::TypeFamily;
use sinew_core::{Error, ErrorKind, Result, Value};
use sinew_sql::dialect::Upsert;
use sinew_sql::{Conflict, Dialect, Insert};

use super::conflict::{cannot_conflict, foreign_columns, writing, wrong_target};
use super::lane::Lane;
use super::link_models::zero;
use super::place::Place;
use super::reread::read_inserted;
use super::scope::WriteScope;
use super::stale::drop_stale_targets;
use crate::relation::reach::column;

/// What came of each row.
pub(crate) struct Inserted {
    /// For each record, whether a row was written.
    pub(crate) written: Vec<bool>,
}

/// Takes generated keys, and columns that the database computed, per repetition.
struct KeySink {
    done: usize,
    last_ids: Vec<Option<i64>>,
    affected: Vec<u64>,
    returned: Vec<Option<Vec<Value<'static>>>>,
}

impl Sink for KeySink {
    fn row(&mut self, statement: usize, row: &dyn Row) -> Result<()> {
        if statement > 0 {
            return Ok(());
        }
        let values: Result<Vec<_>> = (0..row.len())
            .map(|i| row.get(i).map(Value::into_owned))
            .collect();
        if let Some(place) = self.returned.get_mut(self.done) {
            *place = Some(values?);
        }
        Ok(())
    }

    fn done(&mut self, statement: usize, done: Done) -> Result<()> {
        if statement > 0 {
            return Ok(());
        }
        self.last_ids.push(done.last_id);
        self.affected.push(done.affected);
        self.done += 1;
        Ok(())
    }
}

/// Fills what Sinew fills by itself before an insert.
pub(crate) fn fill(record: &mut dyn Record, now: sinew_core::Timestamp) -> Result<()> {
    let meta = record.meta();
    if let [key] = meta.key.as_slice()
        && record.value(*key) == Value::Uuid([0; 16])
    {
        record.set(*key, Value::Uuid(super::uuid::v7(now)))?;
    }
    for (index, column) in meta.columns.iter().enumerate() {
        let stamps = matches!(column.role, ColumnRole::CreatedAt | ColumnRole::UpdatedAt);
        if stamps && record.is_unset(index) {
            record.set(index, moment_for(column.family, now))?;
        }
    }
    Ok(())
}

/// `now` as a column of this family holds it.
pub(crate) fn moment_for(family: TypeFamily, now: sinew_core::Timestamp) -> Value<'static> {
    let micros = now.micros().unwrap_or_default();
    match family {
        TypeFamily::DateTime => Value::DateTime(micros),
        family if family.is_integer() => Value::Int(micros.div_euclid(1_000_000)),
        _ => Value::Timestamp(micros),
    }
}

/// Refuses what no database may silently cut or lose.
pub(crate) fn check_sizes(record: &dyn Record, columns: &[usize]) -> Result<()> {
    let meta = record.meta();
    for &index in columns {
        let Some(column) = meta.columns.get(index) else {
            continue;
        };
        let Some(size) = column.size else { continue };
        let length = match record.value(index) {
            Value::Text(text) if text.len() > size as usize => text.chars().count(),
            Value::Bytes(bytes) => bytes.len(),
            _ => continue,
        };
        if length > size as usize {
            return Err(Error::new(
                ErrorKind::ValueTooLong,
                format!(
                    "{}.{} holds {length}, its column at most {size}",
                    meta.name, column.field
                ),
            )
            .with_model(meta.name)
            .with_table(meta.table.as_ref())
            .with_column(column.name.as_ref()));
        }
    }
    Ok(())
}

/// What an insert of a record writes and reads back; records of one shape share a statement.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
struct Shape {
    written: Vec<usize>,
    /// Columns that were left out, but can be neither NULL nor left to a default: they get the
    /// zero value of their type.
    zeroed: Vec<usize>,
    returned: Vec<usize>,
}

fn shape_of(record: &dyn Record, scope: &WriteScope) -> Shape {
    let meta = record.meta();
    let mut shape = Shape {
        written: Vec::with_capacity(meta.columns.len()),
        ..Shape::default()
    };
    for (index, column) in meta.columns.iter().enumerate() {
        let generated = meta.generated == Some(index) && record.is_unset(index);
        let defaulted =
            column.default.is_some() && column.nullable && record.value(index).is_null();
        let stamped = matches!(column.role, ColumnRole::CreatedAt | ColumnRole::UpdatedAt);
        let chosen = stamped || scope.column(meta, index);
        if generated {
            continue;
        }
        if chosen && !defaulted {
            shape.written.push(index);
        } else if column.default.is_some() {
            shape.returned.push(index);
        } else if !column.nullable {
            shape.zeroed.push(index);
        }
    }
    shape
}

/// Inserts the records; keys are read back into them.
pub(crate) async fn insert(
    lane: &mut Lane<'_>,
    records: &mut [&mut dyn Record],
    scope: &WriteScope,
    conflict: Option<&Conflict>,
    place: &Place<'_>,
) -> Result<Inserted> {
    let mut written = vec![false; records.len()];
    let mut groups: Vec<(Shape, Vec<usize>)> = Vec::new();
    let mut known: HashMap<Shape, usize> = HashMap::new();
    for (index, record) in records.iter().enumerate() {
        let mut shape = shape_of(&**record, scope);
        if let Some(conflict) = conflict {
            foreign_columns(record.meta(), conflict, &shape.written, &mut shape.returned);
        }
        if let Some(generated) = record.meta().generated
            && !lane.db().dialect().capabilities().last_insert_id.supported
            && record.is_unset(generated)
            && !shape.returned.contains(&generated)
        {
            shape.returned.push(generated);
        }
        check_sizes(&**record, &shape.written).map_err(|error| at(error, place, index))?;
        match groups.last_mut() {
            Some((last, members)) if *last == shape => members.push(index),
            _ => match known.get(&shape).and_then(|&group| groups.get_mut(group)) {
                Some((_, members)) => members.push(index),
                None => {
                    known.insert(shape.clone(), groups.len());
                    groups.push((shape, vec![index]));
                }
            },
        }
    }
    for (shape, members) in groups {
        let mut sink = insert_group(lane, records, &shape, &members, conflict, place).await?;
        let returns = lane.db().dialect().capabilities().returning.supported;
        if !returns && !shape.returned.is_empty() {
            let (ids, wanted) = (&sink.last_ids, &shape.returned);
            sink.returned = read_inserted(lane, records, &members, ids, wanted, conflict).await?;
        }
        take_back(
            records,
            &shape.returned,
            &members,
            sink,
            conflict,
            &mut written,
        )?;
    }
    Ok(Inserted { written })
}

/// The statement that inserts one record of a shape.
fn statement_of(
    dialect: &dyn Dialect,
    meta: &'static ModelMeta,
    shape: &Shape,
    conflict: Option<&Conflict>,
) -> Result<Insert> {
    let unchecked = conflict.filter(|_| dialect.upsert() == Upsert::OnDuplicateKey);
    if let Some(error) = unchecked.and_then(|conflict| cannot_conflict(meta, conflict)) {
        return Err(error);
    }
    let mut conflict = conflict.map(|conflict| writing(conflict, meta, &shape.written));
    if let Some(Conflict::Update { set, .. }) = &mut conflict
        && let Some(generated) = meta
            .generated
            .filter(|index| shape.returned.contains(index))
        && let Some(key) = dialect.tell_key(&column(meta, generated))
    {
        set.insert(0, (column(meta, generated), key));
    }
    let columns = shape.written.iter().chain(&shape.zeroed);
    Ok(Insert {
        table: meta.table.clone(),
        columns: columns.map(|&index| column(meta, index)).collect(),
        rows: 1,
        conflict,
        returning: shape
            .returned
            .iter()
            .map(|&index| column(meta, index))
            .collect(),
    })
}

async fn insert_group(
    lane: &mut Lane<'_>,
    records: &[&mut dyn Record],
    shape: &Shape,
    members: &[usize],
    conflict: Option<&Conflict>,
    place: &Place<'_>,
) -> Result<KeySink> {
    let Some(meta) = members
        .first()
        .and_then(|&i| records.get(i))
        .map(|r| r.meta())
    else {
        return Err(Error::new(ErrorKind::InvalidInput, "nothing to insert"));
    };
    let db = lane.db().clone();
    let statement = statement_of(db.dialect(), meta, shape, conflict).map_err(|error| {
        let index = members.first().copied().unwrap_or_default();
        at(error, place, index)
    })?;
    let mut prepared = db.prepare(&statement);
    prepared.binds = Vec::with_capacity(statement.columns.len() * members.len());
    let zeros = shape
        .zeroed
        .iter()
        .filter_map(|&i| meta.columns.get(i))
        .map(|c| zero(c.family));
    let zeros: Vec<Value<'static>> = zeros.collect();
    for record in members.iter().filter_map(|&index| records.get(index)) {
        prepared
            .binds
            .extend(shape.written.iter().map(|&index| record.value(index)));
        prepared.binds.extend(zeros.iter().cloned());
    }
    let times = members.len();
    let mut sink = KeySink {
        done: 0,
        last_ids: Vec::with_capacity(times),
        affected: Vec::with_capacity(times),
        returned: vec![None; if shape.returned.is_empty() { 0 } else { times }],
    };
    let advance = advance(db.dialect(), meta, shape, members, records);
    let mut statements = vec![prepared.statement(Action::Each { times })];
    if let Some((sql, last)) = &advance {
        statements.push(Statement {
            sql,
            binds: vec![Value::Int(*last)],
            action: Action::Rows,
        });
    }
    let sent = lane.run(statements, &mut sink).await;
    sent.map_err(|error| {
        let index = members.get(sink.done).copied().unwrap_or_default();
        let error = conflict
            .and_then(|c| wrong_target(meta, c, &error))
            .unwrap_or(error);
        at(
            error.with_model(meta.name).with_table(meta.table.as_ref()),
            place,
            index,
        )
    })?;
    Ok(sink)
}

/// The statement that makes the database count on from keys that these records bring along, and the
/// greatest of them.
fn advance(
    dialect: &dyn Dialect,
    meta: &ModelMeta,
    shape: &Shape,
    members: &[usize],
    records: &[&mut dyn Record],
) -> Option<(String, i64)> {
    let generated = meta
        .generated
        .filter(|index| shape.written.contains(index))?;
    let given = members.iter().filter_map(|&index| records.get(index));
    let numbers = given.filter_map(|record| match record.value(generated) {
        Value::Int(number) => Some(number),
        Value::UInt(number) => i64::try_from(number).ok(),
        _ => None,
    });
    let last = numbers.max()?;
    let sql = dialect.advance(&meta.table, &column(meta, generated))?;
    Some((sql, last))
}

fn take_back(
    records: &mut [&mut dyn Record],
    returned: &[usize],
    members: &[usize],
    sink: KeySink,
    conflict: Option<&Conflict>,
    written: &mut [bool],
) -> Result<()> {
    let mut rows = sink.returned.into_iter();
    for (position, &index) in members.iter().enumerate() {
        let Some(record) = records.get_mut(index) else {
            continue;
        };
        let row = rows.next().flatten();
        if sink.affected.get(position).copied().unwrap_or_default() == 0 {
            continue;
        }
        if let Some(place) = written.get_mut(index) {
            *place = true;
        }
        let meta = record.meta();
        if let Some(generated) = meta.generated
            && record.is_unset(generated)
            && let Some(id) = sink.last_ids.get(position).copied().flatten()
        {
            record.set(generated, Value::Int(id))?;
        }
        let Some(row) = row else { continue };
        let columns: Vec<usize> = (0..meta.columns.len()).collect();
        let before = conflict.map(|_| record.values_owned(&columns));
        for (&column, value) in returned.iter().zip(row) {
            record.set(column, value)?;
        }
        if let Some(before) = before {
            drop_stale_targets(&mut **record, &before);
        }
    }
    Ok(())
}

/// The error with the path of record `index`.
pub(crate) fn at(error: Error, place: &Place<'_>, index: usize) -> Error {
    let path = place.path(index);
    if path.is_empty() || error.path().is_some() {
        error
    } else {
        error.under(&path)
    }
}
