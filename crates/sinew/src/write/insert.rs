//! Inserts: one statement for all rows that write the same columns.

use std::sync::Arc;

use sinew_core::driver::{Action, Done, Row, Sink, Statement};
use sinew_core::record::Record;
use sinew_core::schema::ModelMeta;
use sinew_core::{Error, ErrorKind, Result, Value};
use sinew_sql::dialect::Upsert;
use sinew_sql::{Conflict, Dialect, Insert};

use super::conflict::{cannot_conflict, writing, wrong_target};
use super::lane::{Lane, Then};
use super::link_models::zero;
use super::place::Place;
use super::promise::promised;
use super::queue::{Answer, Blame, Later, Ticket};
use super::reread::read_inserted;
use super::scope::WriteScope;
use super::shape::{Shape, Shapes, check_sizes};
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
    dones: Vec<Done>,
    /// Empty where nothing is returned.
    returned: Vec<Option<Vec<Value<'static>>>>,
}

impl Sink for KeySink {
    fn row(&mut self, statement: usize, row: &dyn Row) -> Result<()> {
        if statement > 0 {
            return Ok(());
        }
        if let Some(place) = self.returned.get_mut(self.dones.len()) {
            let values: Result<Vec<_>> = (0..row.len())
                .map(|i| row.get(i).map(Value::into_owned))
                .collect();
            *place = Some(values?);
        }
        Ok(())
    }

    fn done(&mut self, statement: usize, done: Done) -> Result<()> {
        if statement == 0 {
            self.dones.push(done);
        }
        Ok(())
    }
}

impl KeySink {
    fn new(shape: &Shape, times: usize) -> Self {
        Self {
            dones: Vec::with_capacity(times),
            returned: vec![None; if shape.returned.is_empty() { 0 } else { times }],
        }
    }

    fn of(answer: Answer, times: usize) -> Self {
        let mut returned = vec![None; times];
        for (repetition, values) in answer.rows {
            if let Some(place) = returned.get_mut(repetition) {
                *place = Some(values);
            }
        }
        Self {
            dones: answer.dones,
            returned,
        }
    }
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
    groups: Vec<(Arc<Shape>, Vec<usize>, Ticket)>,
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
type Groups = Vec<(Arc<Shape>, Vec<usize>)>;

pub(super) fn groups(
    db: &crate::db::Db,
    records: &[&mut dyn Record],
    scope: &WriteScope,
    conflict: Option<&Conflict>,
    place: &Place<'_>,
) -> Result<Groups> {
    let mut groups: Groups = Vec::new();
    let Some(meta) = records.first().map(|record| record.meta()) else {
        return Ok(groups);
    };
    let asks_for_key = !db.dialect().capabilities().last_insert_id.supported;
    let shapes = Shapes::of(meta, scope, conflict, asks_for_key);
    // Neighbours mostly have the same shape.
    let mut last = 0;
    for (index, record) in records.iter().enumerate() {
        let record = &**record;
        let fits = |(shape, _): &(Arc<Shape>, Vec<usize>)| shape.fits(record);
        if !groups.get(last).is_some_and(fits) {
            last = groups.iter().position(fits).unwrap_or(groups.len());
        }
        if last == groups.len() {
            let room = if last == 0 { records.len() } else { 0 };
            groups.push((shapes.shape(record), Vec::with_capacity(room)));
        }
        if let Some((shape, members)) = groups.get_mut(last) {
            if !shape.sized.is_empty() {
                check_sizes(record, &shape.sized).map_err(|error| at(error, place, index))?;
            }
            members.push(index);
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
        let (meta, prepared) = prepare(lane, records, &shape, &members, conflict, place)?;
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
        if let Some((sql, last)) = advance(lane.db().dialect(), meta, &shape, &members, records) {
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
    Ok(plain_statement(meta, shape, conflict))
}

pub(super) fn plain_statement(
    meta: &ModelMeta,
    shape: &Shape,
    conflict: Option<Conflict>,
) -> Insert {
    let columns = shape.written.iter().chain(&shape.zeroed);
    Insert {
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
    }
}

/// The statement for the records of a shape, with their values.
fn prepare<'r>(
    lane: &Lane<'_>,
    records: &'r [&mut dyn Record],
    shape: &Shape,
    members: &[usize],
    conflict: Option<&Conflict>,
    place: &Place<'_>,
) -> Result<(&'static ModelMeta, Prepared<'r>)> {
    let first = members.first().copied().unwrap_or_default();
    let Some(meta) = records.get(first).map(|record| record.meta()) else {
        return Err(Error::new(ErrorKind::InvalidInput, "nothing to insert"));
    };
    let db = lane.db();
    let (binds, width) = values(meta, shape, members, records);
    let promised = promised(lane, &binds, width)?;
    let sql = if conflict.is_some() || !promised.is_empty() {
        let mut statement = statement_of(db.dialect(), meta, shape, conflict)
            .map_err(|error| at(error, place, first))?;
        statement.promised = promised;
        db.prepare(&statement).sql
    } else {
        db.text_of(shape.form, || plain_statement(meta, shape, None))
    };
    Ok((meta, Prepared { sql, binds }))
}

/// The values of all records of a shape, and how many each has.
pub(super) fn values<'r>(
    meta: &ModelMeta,
    shape: &Shape,
    members: &[usize],
    records: &'r [&mut dyn Record],
) -> (Vec<Value<'r>>, usize) {
    let zeros = shape
        .zeroed
        .iter()
        .filter_map(|&i| meta.columns.get(i))
        .map(|c| zero(c.family));
    let zeros: Vec<Value<'static>> = zeros.collect();
    let width = shape.written.len() + zeros.len();
    let mut binds = Vec::with_capacity(width * members.len());
    for record in members.iter().filter_map(|&index| records.get(index)) {
        binds.extend(shape.written.iter().map(|&index| record.value(index)));
        if !zeros.is_empty() {
            binds.extend(zeros.iter().cloned());
        }
    }
    (binds, width)
}

async fn insert_group(
    lane: &mut Lane<'_>,
    records: &[&mut dyn Record],
    shape: &Shape,
    members: &[usize],
    conflict: Option<&Conflict>,
    (place, then): (&Place<'_>, Then),
) -> Result<KeySink> {
    let (meta, mut prepared) = prepare(lane, records, shape, members, conflict, place)?;
    let times = members.len();
    let mut sink = KeySink::new(shape, times);
    let advance = advance(lane.db().dialect(), meta, shape, members, records);
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
            let index = members.get(sink.dones.len()).copied().unwrap_or_default();
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
        let ids: Vec<_> = sink.dones.iter().map(|done| done.last_id).collect();
        let wanted = &shape.returned;
        sink.returned = read_inserted(lane, records, members, &ids, wanted, conflict).await?;
    }
    let Some(meta) = records.first().map(|record| record.meta()) else {
        return Ok(());
    };
    let mut rows = sink.returned.into_iter();
    for (&index, done) in members.iter().zip(sink.dones) {
        let row = rows.next().flatten();
        let Some(record) = records.get_mut(index) else {
            continue;
        };
        if done.affected == 0 {
            continue;
        }
        if let Some(place) = written.get_mut(index) {
            *place = true;
        }
        if let Some(generated) = meta.generated
            && let Some(id) = done.last_id
            && record.is_unset(generated)
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
            drop_stale_targets(&mut **record, &columns, &before);
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
