//! Inserts: one statement for all rows that write the same columns.

use std::collections::HashMap;

use sinew_core::driver::{Action, Done, Row, Sink, Statement};
use sinew_core::record::Record;
use sinew_core::schema::{ColumnRole, ModelMeta};
use sinew_core::value::TypeFamily;
use sinew_core::{Error, ErrorKind, Result, Value};
use sinew_sql::dialect::Upsert;
use sinew_sql::{Conflict, Dialect, Insert, Promised};

use super::conflict::{cannot_conflict, foreign_columns, writing, wrong_target};
use super::lane::{Lane, Then};
use super::link_models::zero;
use super::place::Place;
use super::queue::{Answer, Blame, Later, Ticket};
use super::reread::read_inserted;
use super::scope::WriteScope;
use super::stale::drop_stale_targets;
use crate::db::Prepared;
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

impl KeySink {
    fn of(answer: Answer, times: usize) -> Self {
        let mut sink = Self {
            done: answer.dones.len(),
            last_ids: answer.dones.iter().map(|done| done.last_id).collect(),
            affected: answer.dones.iter().map(|done| done.affected).collect(),
            returned: vec![None; times],
        };
        for (repetition, values) in answer.rows {
            if let Some(place) = sink.returned.get_mut(repetition) {
                *place = Some(values);
            }
        }
        sink
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
    /// The database makes the key.
    generates: bool,
}

impl Shape {
    /// Whether the records are to get something from what the insert answers.
    fn answers(&self) -> bool {
        self.generates || !self.returned.is_empty()
    }
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
            shape.generates = true;
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
    then: Then,
) -> Result<Inserted> {
    let read_back = conflict.filter(|_| then != Then::Unseen);
    let groups = groups(lane.db(), records, scope, read_back, place)?;
    let unseen = then != Then::Last
        && (conflict.is_none() || then == Then::Unseen)
        && !groups.iter().any(|(shape, _)| shape.answers());
    if lane.defers() && (unseen || groups.len() > 1) {
        let started = begin(lane, records, groups, (conflict, unseen), place)?;
        if unseen {
            // Nothing is to be read back; an error finds its record by itself.
            return Ok(Inserted {
                written: vec![true; records.len()],
            });
        }
        return started.end(lane, records, conflict, then).await;
    }
    let mut written = vec![false; records.len()];
    let count = groups.len();
    for (index, (shape, members)) in groups.into_iter().enumerate() {
        let rereads = !returns(lane.db()) && !shape.returned.is_empty();
        let then = then.unless(rereads || index + 1 < count);
        let sink = insert_group(lane, records, &shape, &members, conflict, (place, then)).await?;
        take_back(
            lane,
            records,
            &shape,
            &members,
            sink,
            conflict,
            &mut written,
        )
        .await?;
    }
    Ok(Inserted { written })
}

/// Inserts that were sent, or wait to be.
pub(crate) struct Started {
    groups: Vec<(Shape, Vec<usize>, Ticket)>,
}

impl Started {
    /// As [`insert`], but the statements wait for the next that cannot. Only where the lane defers.
    pub(crate) fn of(
        lane: &mut Lane<'_>,
        records: &[&mut dyn Record],
        scope: &WriteScope,
        conflict: Option<&Conflict>,
        place: &Place<'_>,
    ) -> Result<Self> {
        let groups = groups(lane.db(), records, scope, conflict, place)?;
        begin(lane, records, groups, (conflict, false), place)
    }

    /// Whether anything is to be read back.
    pub(crate) fn returns(&self) -> bool {
        self.groups.iter().any(|(shape, _, _)| shape.answers())
    }

    /// Reads keys back into the records, which must be the same.
    pub(crate) async fn end(
        self,
        lane: &mut Lane<'_>,
        records: &mut [&mut dyn Record],
        conflict: Option<&Conflict>,
        then: Then,
    ) -> Result<Inserted> {
        let mut written = vec![false; records.len()];
        let rereads = !returns(lane.db());
        for (shape, members, ticket) in self.groups {
            let then = then.unless(rereads && !shape.returned.is_empty());
            let answer = lane.settle(&ticket, then).await?;
            let sink = KeySink::of(answer, members.len());
            take_back(
                lane,
                records,
                &shape,
                &members,
                sink,
                conflict,
                &mut written,
            )
            .await?;
        }
        Ok(Inserted { written })
    }
}

fn returns(db: &crate::db::Db) -> bool {
    db.dialect().capabilities().returning.supported
}

/// Records that share a statement, each shape with the records that have it.
type Groups = Vec<(Shape, Vec<usize>)>;

fn groups(
    db: &crate::db::Db,
    records: &[&mut dyn Record],
    scope: &WriteScope,
    conflict: Option<&Conflict>,
    place: &Place<'_>,
) -> Result<Groups> {
    let tells_ids = db.dialect().capabilities().last_insert_id.supported;
    let mut groups: Groups = Vec::new();
    let mut known: HashMap<Shape, usize> = HashMap::new();
    for (index, record) in records.iter().enumerate() {
        let mut shape = shape_of(&**record, scope);
        if let Some(conflict) = conflict {
            foreign_columns(record.meta(), conflict, &shape.written, &mut shape.returned);
        }
        if let Some(generated) = record.meta().generated
            && !tells_ids
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
    Ok(groups)
}

fn begin(
    lane: &mut Lane<'_>,
    records: &[&mut dyn Record],
    groups: Groups,
    (conflict, unseen): (Option<&Conflict>, bool),
    place: &Place<'_>,
) -> Result<Started> {
    let mut started = Started { groups: Vec::new() };
    for (shape, members) in groups {
        let db = lane.db().clone();
        let parts = (conflict, None);
        let (meta, prepared) = prepare(lane, records, &shape, &members, parts, place)?;
        let later = Later {
            sql: prepared.sql,
            binds: prepared.binds.into_iter().map(Value::into_owned).collect(),
            // With conflicts, many rows are one statement only where nobody asks which were skipped.
            action: match conflict {
                Some(_) if unseen => Action::Total {
                    times: members.len(),
                },
                _ => Action::Each {
                    times: members.len(),
                },
            },
            blame: Blame {
                meta: Some(meta),
                place: place.keep(),
                members: members.clone(),
                conflict: conflict.cloned(),
            },
            changes: None,
        };
        let ticket = lane.later(later)?;
        if let Some((sql, last)) = advance(db.dialect(), meta, &shape, &members, records) {
            let _ticket = lane.later(Later {
                sql: sql.into(),
                binds: vec![Value::Int(last)],
                action: Action::Rows,
                blame: Blame::nobody(),
                changes: None,
            })?;
        }
        started.groups.push((shape, members, ticket));
    }
    Ok(started)
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
        promised: Vec::new(),
        keep: None,
    })
}

/// The columns that hold keys which only the server knows, of rows with so many values.
pub(super) fn promised(
    lane: &Lane<'_>,
    binds: &[Value<'_>],
    width: usize,
) -> Result<Vec<(usize, Promised)>> {
    let Some(promises) = lane.promises() else {
        return Ok(Vec::new());
    };
    let mut columns = Vec::new();
    for at in 0..width {
        let values = binds.iter().skip(at).step_by(width);
        columns.extend(promises.among(values)?.map(|range| (at, range)));
    }
    Ok(columns)
}

/// Sends an insert whose keys are promised: the records get numbers that stand for them. False where
/// that cannot be, and nothing was sent.
pub(super) fn promise(
    lane: &mut Lane<'_>,
    records: &mut [&mut dyn Record],
    scope: &WriteScope,
    place: &Place<'_>,
) -> Result<bool> {
    let Some(meta) = records.first().map(|record| record.meta()) else {
        return Ok(false);
    };
    let mut groups = groups(lane.db(), records, scope, None, place)?;
    let range = lane.promises_mut()?.next(meta, records.len());
    let (Some(range), Some(key), Some((mut shape, members)), true) =
        (range, meta.generated, groups.pop(), groups.is_empty())
    else {
        return Ok(false);
    };
    // Rows of defaults alone cannot be inserted together.
    let empty = shape.written.is_empty() && shape.zeroed.is_empty();
    if !shape.generates || empty && members.len() > 1 {
        return Ok(false);
    }
    // The key comes first, that is what is kept.
    shape.returned.retain(|&index| index != key);
    shape.returned.insert(0, key);
    let parts = (None, Some(range.slot));
    let (_, prepared) = prepare(lane, records, &shape, &members, parts, place)?;
    let later = Later {
        sql: prepared.sql,
        binds: prepared.binds.into_iter().map(Value::into_owned).collect(),
        action: Action::Each {
            times: members.len(),
        },
        blame: Blame {
            meta: Some(meta),
            place: place.keep(),
            members,
            conflict: None,
        },
        changes: None,
    };
    lane.presumed();
    let ticket = lane.later(later)?;
    lane.promises_mut()?
        .add(ticket, range, (records.len(), shape.returned));
    for (number, record) in (range.lowest..=range.highest).rev().zip(records) {
        record.set(key, Value::Int(number))?;
    }
    Ok(true)
}

/// The statement for the records of a shape, with their values.
fn prepare<'r>(
    lane: &Lane<'_>,
    records: &'r [&mut dyn Record],
    shape: &Shape,
    members: &[usize],
    (conflict, keep): (Option<&Conflict>, Option<u32>),
    place: &Place<'_>,
) -> Result<(&'static ModelMeta, Prepared<'r>)> {
    let db = lane.db();
    let first = members.first().copied().unwrap_or_default();
    let Some(meta) = records.get(first).map(|record| record.meta()) else {
        return Err(Error::new(ErrorKind::InvalidInput, "nothing to insert"));
    };
    let mut statement = statement_of(db.dialect(), meta, shape, conflict)
        .map_err(|error| at(error, place, first))?;
    statement.keep = keep;
    let zeros = shape
        .zeroed
        .iter()
        .filter_map(|&i| meta.columns.get(i))
        .map(|c| zero(c.family));
    let zeros: Vec<Value<'static>> = zeros.collect();
    let mut binds = Vec::with_capacity(statement.columns.len() * members.len());
    for record in members.iter().filter_map(|&index| records.get(index)) {
        binds.extend(shape.written.iter().map(|&index| record.value(index)));
        binds.extend(zeros.iter().cloned());
    }
    statement.promised = promised(lane, &binds, statement.columns.len())?;
    let sql = db.prepare(&statement).sql;
    Ok((meta, Prepared { sql, binds }))
}

async fn insert_group(
    lane: &mut Lane<'_>,
    records: &[&mut dyn Record],
    shape: &Shape,
    members: &[usize],
    conflict: Option<&Conflict>,
    (place, then): (&Place<'_>, Then),
) -> Result<KeySink> {
    let db = lane.db().clone();
    let (meta, mut prepared) = prepare(lane, records, shape, members, (conflict, None), place)?;
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
    let sent = lane.run_then(then, statements, &mut sink).await;
    sent.map_err(|failure| {
        failure.or(|error| {
            let index = members.get(sink.done).copied().unwrap_or_default();
            let error = conflict
                .and_then(|c| wrong_target(meta, c, &error))
                .unwrap_or(error);
            at(
                error.with_model(meta.name).with_table(meta.table.as_ref()),
                place,
                index,
            )
        })
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

/// Sets what the database chose; where statements return nothing, it is read first.
async fn take_back(
    lane: &mut Lane<'_>,
    records: &mut [&mut dyn Record],
    shape: &Shape,
    members: &[usize],
    mut sink: KeySink,
    conflict: Option<&Conflict>,
    written: &mut [bool],
) -> Result<()> {
    if !shape.returned.is_empty() && !returns(lane.db()) {
        let (ids, wanted) = (&sink.last_ids, &shape.returned);
        sink.returned = read_inserted(lane, records, members, ids, wanted, conflict).await?;
    }
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
        for (&column, value) in shape.returned.iter().zip(row) {
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
