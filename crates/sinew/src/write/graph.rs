//! A graph of records written level by level: belongs-to targets first, then the records, then
//! what holds their keys, then links. Each level of each association is one statement, whatever
//! the number of rows.

use std::collections::HashSet;

use sinew_core::driver::{Action, BoxFuture, Done, Row, Sink};
use sinew_core::record::{Record, Wanted};
use sinew_core::schema::{ColumnRole, Linkage, ModelMeta, RelationMeta};
use sinew_core::{Error, ErrorKind, Result, Timestamp, Value};
use sinew_sql::{Conflict, Expr, Update};

use super::existing::{self, become_existing, look_up, unique_sets};
use super::insert::{at, check_sizes, fill, insert, moment_for};
use super::lane::Lane;
use super::links;
use super::place::Place;
use super::scope::WriteScope;
use crate::hook::{self, Moment};
use crate::relation::reach::{coerce, column};

/// Writes graphs on one lane.
pub(crate) struct Writer<'d> {
    pub(crate) lane: Lane<'d>,
    pub(crate) now: Timestamp,
    /// Existing associated rows are updated too.
    pub(crate) full: bool,
}

/// What the records of a level are.
#[derive(Clone, Copy)]
pub(crate) enum Mode<'c> {
    /// The roots of a create.
    Create(Option<&'c Conflict>),
    /// The roots of a save.
    Save,
    /// Targets of a belongs-to or many-to-many.
    Target,
    /// Rows that hold their owner's key, in these columns.
    Child(&'c [usize]),
}

/// What happens to one record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Insert,
    Update,
    Repoint,
    Nothing,
}

/// Writes the records of one level and everything below them.
pub(crate) fn level<'f, 'd: 'f>(
    writer: &'f mut Writer<'d>,
    records: &'f mut [&mut dyn Record],
    mode: Mode<'f>,
    scope: &'f WriteScope,
    place: &'f Place<'f>,
) -> BoxFuture<'f, Result<()>> {
    Box::pin(async move {
        let Some(meta) = records.first().map(|record| record.meta()) else { return Ok(()) };
        let acts = decide(writer, meta, records, mode, place).await?;
        call_hooks(writer, records, &acts, place, [Moment::BeforeSave, Moment::BeforeCreate, Moment::BeforeUpdate]).await?;
        for relation in chosen(meta, scope) {
            match &relation.linkage {
                Linkage::Owner { .. } | Linkage::Any { .. } => {
                    write_owners(writer, records, relation, scope, place).await?;
                }
                _ => {}
            }
        }
        let written = write_records(writer, meta, records, mode, scope, &acts, place).await?;
        let (mut held, positions) = pick(records, &written, true, place);
        let records = held.as_mut_slice();
        let acts: Vec<Act> =
            acts.into_iter().zip(&written).filter(|(_, written)| **written).map(|(act, _)| act).collect();
        let place = &Place { positions, ..shallow(place) };
        for relation in chosen(meta, scope) {
            match &relation.linkage {
                Linkage::Target { .. } => write_children(writer, records, relation, scope, place).await?,
                Linkage::Join { .. } => {
                    write_targets(writer, records, relation, scope, place).await?;
                }
                Linkage::Owner { .. } | Linkage::Any { .. } | Linkage::Through { .. } => {}
            }
        }
        call_hooks(writer, records, &acts, place, [Moment::AfterSave, Moment::AfterCreate, Moment::AfterUpdate]).await
    })
}

/// The associations that the scope writes.
fn chosen(meta: &'static ModelMeta, scope: &WriteScope) -> Vec<&'static RelationMeta> {
    meta.relations.iter().filter(|relation| scope.relation(relation.index)).collect()
}

/// What happens to each record; looks up which nested ones are there already.
async fn decide(
    writer: &mut Writer<'_>,
    meta: &'static ModelMeta,
    records: &[&mut dyn Record],
    mode: Mode<'_>,
    place: &Place<'_>,
) -> Result<Vec<Act>> {
    let keys: &[usize] = match mode {
        Mode::Create(_) => return Ok(vec![Act::Insert; records.len()]),
        Mode::Save => {
            let act = |r: &&mut dyn Record| if r.has_key() { Act::Update } else { Act::Insert };
            return Ok(records.iter().map(act).collect());
        }
        Mode::Target => &[],
        Mode::Child(far) => far,
    };
    let keyed: Vec<_> = records
        .iter()
        .filter(|record| record.has_key())
        .map(|record| record.values_owned(&meta.key))
        .collect();
    let found = look_up(&mut writer.lane, meta, keyed, keys).await?;
    let mut inserted = HashSet::new();
    let mut acts = Vec::with_capacity(records.len());
    for (index, record) in records.iter().enumerate() {
        if !record.has_key() {
            acts.push(Act::Insert);
            continue;
        }
        let key = existing::key_of(&**record);
        acts.push(match found.get(&key) {
            Some(_) if writer.full => Act::Update,
            Some(held) => {
                let wanted = existing::comparable(record.values_owned(keys));
                if *held == wanted { Act::Nothing } else { Act::Repoint }
            }
            None if inserted.insert(key) => Act::Insert,
            None => Act::Nothing,
        });
        if meta.generated.is_none() && meta.key.is_empty() {
            return Err(at(no_key(meta), place, index));
        }
    }
    Ok(acts)
}

fn no_key(meta: &ModelMeta) -> Error {
    Error::new(ErrorKind::MissingKey, format!("{} has no primary key", meta.name)).with_model(meta.name)
}

/// Runs the three hooks of a side: the one for all, then the one for inserts or updates
/// (the other way round afterwards).
async fn call_hooks(
    writer: &mut Writer<'_>,
    records: &mut [&mut dyn Record],
    acts: &[Act],
    place: &Place<'_>,
    [save, create, update]: [Moment; 3],
) -> Result<()> {
    let Some(meta) = records.first().map(|record| record.meta()) else { return Ok(()) };
    let Lane::Tx(db) = &writer.lane else { return Ok(()) };
    let db: &crate::db::Db = db;
    let Some(hooks) = hook::of(meta, db) else { return Ok(()) };
    for (index, (record, act)) in records.iter_mut().zip(acts).enumerate() {
        let own = match act {
            Act::Insert => create,
            Act::Update => update,
            Act::Repoint | Act::Nothing => continue,
        };
        let order = if save == Moment::BeforeSave { [save, own] } else { [own, save] };
        for moment in order {
            hooks.call(&mut **record, db, moment).await.map_err(|error| at(error, place, index))?;
        }
    }
    Ok(())
}

/// Writes the targets that hold the records' belongs-to, and copies their keys.
async fn write_owners(
    writer: &mut Writer<'_>,
    records: &mut [&mut dyn Record],
    relation: &'static RelationMeta,
    scope: &WriteScope,
    place: &Place<'_>,
) -> Result<()> {
    let slot = relation.index;
    if scope.targets(slot) {
        let wanted = if writer.full || must_descend(writer, records, slot).await? {
            Wanted::All
        } else {
            Wanted::Unkeyed
        };
        let below = scope.below(slot);
        let (mut targets, positions) = collect(records, slot, wanted);
        // A polymorphic owner's targets are of several models; each model is a level of its own.
        let mut rest: Vec<(&mut dyn Record, (u32, u32))> =
            targets.drain(..).zip(positions).collect();
        while let Some(meta) = rest.first().map(|(record, _)| record.meta()) {
            let (same, other): (Vec<_>, Vec<_>) =
                rest.into_iter().partition(|(record, _)| std::ptr::eq(record.meta(), meta));
            rest = other;
            let (mut same, positions): (Vec<_>, Vec<_>) = same.into_iter().unzip();
            let under =
                Place { parent: Some(place), relation: relation.name, many: false, positions };
            level(writer, &mut same, Mode::Target, &below, &under).await?;
        }
    }
    for (index, record) in records.iter_mut().enumerate() {
        stamp_owner(&mut **record, relation).map_err(|error| at(error, place, index))?;
    }
    Ok(())
}

/// Whether keyed targets have to be visited: one is not in the database, or holds associations.
async fn must_descend(
    writer: &mut Writer<'_>,
    records: &[&mut dyn Record],
    slot: usize,
) -> Result<bool> {
    let mut held: Vec<&dyn Record> = Vec::new();
    for record in records {
        if let Some(slot) = record.slot(slot) {
            slot.records(&mut held);
        }
    }
    held.retain(|record| record.has_key());
    let Some(meta) = held.first().map(|record| record.meta()) else { return Ok(false) };
    if held.iter().any(|record| !std::ptr::eq(record.meta(), meta) || holds_any(*record)) {
        return Ok(true);
    }
    let keys: Vec<_> = held.iter().map(|record| record.values_owned(&meta.key)).collect();
    let found = look_up(&mut writer.lane, meta, keys, &[]).await?;
    Ok(held.iter().any(|record| !found.contains_key(&existing::key_of(*record))))
}

/// Whether any association of the record is loaded.
pub(crate) fn holds_any(record: &dyn Record) -> bool {
    (0..record.meta().relations.len())
        .any(|index| record.slot(index).is_some_and(|slot| slot.is_loaded()))
}

/// The targets that the records hold under one association, with owner and position.
pub(crate) fn collect<'a>(
    records: &'a mut [&mut dyn Record],
    slot: usize,
    wanted: Wanted,
) -> (Vec<&'a mut dyn Record>, Vec<(u32, u32)>) {
    let mut targets = Vec::new();
    let mut positions = Vec::new();
    for (owner, record) in (0u32..).zip(records.iter_mut()) {
        let before = targets.len();
        if let Some(slot) = record.slot_mut(slot) {
            slot.records_mut(wanted, &mut targets);
        }
        positions.extend((0u32..).zip(before..targets.len()).map(|(at, _)| (owner, at)));
    }
    (targets, positions)
}

/// Copies the key of a loaded belongs-to target into the record.
fn stamp_owner(record: &mut dyn Record, relation: &'static RelationMeta) -> Result<()> {
    let mut held: Vec<&dyn Record> = Vec::new();
    if let Some(slot) = record.slot(relation.index) {
        slot.records(&mut held);
    }
    let Some(target) = held.first() else { return Ok(()) };
    let (own, values) = match &relation.linkage {
        Linkage::Owner { own, far, .. } => (own.clone(), target.values_owned(far)),
        Linkage::Any { id, kind, variants } => {
            let variant = variants().into_iter().find(|v| std::ptr::eq((v.target)(), target.meta()));
            let Some(variant) = variant else { return Ok(()) };
            let value = Value::Text(variant.value);
            (vec![*id, *kind], vec![target.value(variant.far).into_owned(), value])
        }
        _ => return Ok(()),
    };
    let meta = record.meta();
    for (&index, value) in own.iter().zip(values) {
        let family = meta.columns.get(index).map(|column| column.family);
        let value = family.map_or(value.clone(), |family| coerce(value, family));
        let held = record.value(index);
        if record.is_unset(index) {
            record.set(index, value)?;
        } else if held != value {
            return Err(mismatch(meta, relation, index, &held, &value));
        }
    }
    Ok(())
}

fn mismatch(
    meta: &ModelMeta,
    relation: &RelationMeta,
    index: usize,
    own: &Value<'_>,
    loaded: &Value<'_>,
) -> Error {
    let field = meta.columns.get(index).map(|column| column.field.to_string()).unwrap_or_default();
    Error::new(
        ErrorKind::Mismatch,
        format!(
            "{}.{field} is {own:?}, but the loaded {}.{} has key {loaded:?}",
            meta.name, meta.name, relation.name
        ),
    )
    .with_model(meta.name)
    .with_association(relation.name)
    .with_column(field)
    .with_hint("change only one of them; db.update(&mut row).set(..) of the key drops the stale target")
}

/// Inserts, updates and re-points the records of a level. Tells which of them are in the database
/// now: all, but for creates that were asked to do nothing on a conflict.
async fn write_records(
    writer: &mut Writer<'_>,
    meta: &'static ModelMeta,
    records: &mut [&mut dyn Record],
    mode: Mode<'_>,
    scope: &WriteScope,
    acts: &[Act],
    place: &Place<'_>,
) -> Result<Vec<bool>> {
    let now = writer.now;
    let mut written = vec![true; records.len()];
    for (index, (record, act)) in records.iter_mut().zip(acts).enumerate() {
        if *act == Act::Insert {
            fill(&mut **record, now).map_err(|error| at(error, place, index))?;
        }
    }
    let (mut inserts, positions) = pick(records, acts, Act::Insert, place);
    if !inserts.is_empty() {
        let under = Place { positions, ..shallow(place) };
        let inserted = insert_new(writer, meta, &mut inserts, mode, scope, &under).await?;
        if let Mode::Create(Some(Conflict::Nothing(_))) = mode {
            written = inserted;
        }
    }
    let (mut updates, positions) = pick(records, acts, Act::Update, place);
    if !updates.is_empty() {
        let under = Place { positions, ..shallow(place) };
        let columns = updated_columns(meta, scope, matches!(mode, Mode::Save));
        update_all(writer, meta, &mut updates, &columns, &under).await?;
    }
    let (mut repoints, positions) = pick(records, acts, Act::Repoint, place);
    if !repoints.is_empty()
        && let Mode::Child(far) = mode
    {
        let under = Place { positions, ..shallow(place) };
        update_rows(writer, meta, &mut repoints, far, true, &under).await?;
    }
    Ok(written)
}

fn shallow<'p>(place: &Place<'p>) -> Place<'p> {
    Place {
        parent: place.parent,
        relation: place.relation,
        many: place.many,
        positions: Vec::new(),
    }
}

/// The records with this act, and their positions.
fn pick<'a, A: PartialEq>(
    records: &'a mut [&mut dyn Record],
    acts: &[A],
    act: A,
    place: &Place<'_>,
) -> (Vec<&'a mut dyn Record>, Vec<(u32, u32)>) {
    let mut picked: Vec<&'a mut dyn Record> = Vec::new();
    let mut positions = Vec::new();
    for (index, record) in records.iter_mut().enumerate() {
        if acts.get(index) == Some(&act) {
            picked.push(&mut **record);
            positions.push(place.positions.get(index).copied().unwrap_or_default());
        }
    }
    (picked, positions)
}

async fn insert_new(
    writer: &mut Writer<'_>,
    meta: &'static ModelMeta,
    records: &mut [&mut dyn Record],
    mode: Mode<'_>,
    scope: &WriteScope,
    place: &Place<'_>,
) -> Result<Vec<bool>> {
    let lane = &mut writer.lane;
    match mode {
        Mode::Create(conflict) => {
            return Ok(insert(lane, records, scope, conflict, place).await?.written);
        }
        Mode::Target if !unique_sets(meta).is_empty() => {
            let ignore = Conflict::Nothing(Vec::new());
            let inserted = insert(lane, records, scope, Some(&ignore), place).await?;
            become_existing(lane, records, &inserted.written, place).await?;
        }
        Mode::Save | Mode::Target | Mode::Child(_) => {
            insert(lane, records, scope, None, place).await?;
        }
    }
    Ok(vec![true; records.len()])
}

/// The columns that an update of a whole record writes.
fn updated_columns(meta: &ModelMeta, scope: &WriteScope, root: bool) -> Vec<usize> {
    (0..meta.columns.len())
        .filter(|index| !meta.key.contains(index))
        .filter(|&index| match meta.columns.get(index).map(|column| column.role) {
            Some(ColumnRole::UpdatedAt) => true,
            // The moment of creation stays; an associated row's deletion is not undone by a save.
            Some(ColumnRole::CreatedAt) => false,
            Some(ColumnRole::DeletedAt) => root && scope.column(meta, index),
            _ => scope.column(meta, index),
        })
        .collect()
}

async fn update_all(
    writer: &mut Writer<'_>,
    meta: &'static ModelMeta,
    records: &mut [&mut dyn Record],
    columns: &[usize],
    place: &Place<'_>,
) -> Result<()> {
    for (index, column) in meta.columns.iter().enumerate() {
        if column.role == ColumnRole::UpdatedAt {
            for record in records.iter_mut() {
                record.set(index, moment_for(column.family, writer.now))?;
            }
        }
    }
    for (index, record) in records.iter().enumerate() {
        check_sizes(&**record, columns).map_err(|error| at(error, place, index))?;
    }
    update_rows(writer, meta, records, columns, false, place).await
}

struct Counts(Vec<u64>);

impl Sink for Counts {
    fn row(&mut self, _statement: usize, _row: &dyn Row) -> Result<()> {
        Ok(())
    }

    fn done(&mut self, _statement: usize, done: Done) -> Result<()> {
        self.0.push(done.affected);
        Ok(())
    }
}

/// `UPDATE … SET columns WHERE key`, once per record, as one statement.
async fn update_rows(
    writer: &mut Writer<'_>,
    meta: &'static ModelMeta,
    records: &mut [&mut dyn Record],
    columns: &[usize],
    unscoped: bool,
    place: &Place<'_>,
) -> Result<()> {
    if columns.is_empty() {
        return Ok(());
    }
    let db = writer.lane.db().clone();
    let mut filter: Vec<Expr> = meta
        .key
        .iter()
        .map(|&index| Expr::here(column(meta, index)).equals(Expr::Param))
        .collect();
    if let Some(deleted) = meta.deleted_at().filter(|_| !unscoped && !db.settings.unscoped) {
        filter.push(Expr::IsNull(Box::new(Expr::here(column(meta, deleted))), false));
    }
    let statement = Update {
        table: meta.table.clone(),
        set: columns.iter().map(|&index| (column(meta, index), Expr::Param)).collect(),
        filter,
        returning: Vec::new(),
    };
    let mut prepared = db.prepare(&statement);
    prepared.binds = Vec::with_capacity((columns.len() + meta.key.len()) * records.len());
    for record in records.iter() {
        prepared.binds.extend(columns.iter().chain(&meta.key).map(|&index| record.value(index)));
    }
    let times = records.len();
    let mut counts = Counts(Vec::with_capacity(times));
    let sent = writer.lane.run(vec![prepared.statement(Action::Each { times })], &mut counts).await;
    sent.map_err(|error| {
        at(error.with_model(meta.name).with_table(meta.table.as_ref()), place, counts.0.len())
    })?;
    match counts.0.iter().position(|&affected| affected == 0) {
        None => Ok(()),
        Some(index) => Err(at(gone(meta, records.get(index).map(|r| &**r)), place, index)),
    }
}

/// The error for a row that is not there (any more).
pub(crate) fn gone(meta: &ModelMeta, record: Option<&dyn Record>) -> Error {
    let key = record.map(|record| record.values_owned(&meta.key)).unwrap_or_default();
    let key: Vec<String> = key
        .iter()
        .map(|value| match value {
            Value::Int(n) => n.to_string(),
            other => format!("{other:?}"),
        })
        .collect();
    Error::new(ErrorKind::NotFound, format!("no {} with key {}", meta.name, key.join(", ")))
        .with_model(meta.name)
        .with_table(meta.table.as_ref())
        .with_hint("it was deleted (or soft-deleted); db.upsert(&mut row) writes it in any case")
}

/// Stamps the records' keys into their has-one and has-many targets and writes those.
async fn write_children(
    writer: &mut Writer<'_>,
    records: &mut [&mut dyn Record],
    relation: &'static RelationMeta,
    scope: &WriteScope,
    place: &Place<'_>,
) -> Result<()> {
    let slot = relation.index;
    if !scope.targets(slot) {
        return Ok(());
    }
    let Linkage::Target { far, polymorphic, .. } = &relation.linkage else { return Ok(()) };
    for (index, record) in records.iter_mut().enumerate() {
        stamp_children(&mut **record, relation).map_err(|error| at(error, place, index))?;
    }
    let below = scope.below(slot);
    let (mut targets, positions) = collect(records, slot, Wanted::All);
    if targets.is_empty() {
        return Ok(());
    }
    let mut columns = far.clone();
    columns.extend(polymorphic.as_ref().map(|p| p.column));
    let below = below.requiring(&columns);
    let under =
        Place { parent: Some(place), relation: relation.name, many: relation.many, positions };
    level(writer, &mut targets, Mode::Child(&columns), &below, &under).await
}

/// Writes the owner's key into the targets it holds.
pub(crate) fn stamp_children(record: &mut dyn Record, relation: &'static RelationMeta) -> Result<()> {
    let Linkage::Target { own, far, polymorphic, .. } = &relation.linkage else { return Ok(()) };
    let key = record.values_owned(own);
    let Some(slot) = record.slot_mut(relation.index) else { return Ok(()) };
    let mut targets = Vec::new();
    slot.records_mut(Wanted::All, &mut targets);
    for target in targets {
        stamp_child(target, &key, far, polymorphic.as_ref())?;
    }
    Ok(())
}

/// Writes an owner's key (and type) into one target.
pub(crate) fn stamp_child(
    target: &mut dyn Record,
    key: &[Value<'static>],
    far: &[usize],
    polymorphic: Option<&sinew_core::schema::Polymorphic>,
) -> Result<()> {
    let meta = target.meta();
    for (&index, value) in far.iter().zip(key) {
        let value = match meta.columns.get(index) {
            Some(column) => coerce(value.clone(), column.family),
            None => value.clone(),
        };
        target.set(index, value)?;
    }
    if let Some(kind) = polymorphic {
        target.set(kind.column, Value::Text(kind.value.clone()))?;
    }
    Ok(())
}

/// Writes many-to-many targets and their links.
async fn write_targets(
    writer: &mut Writer<'_>,
    records: &mut [&mut dyn Record],
    relation: &'static RelationMeta,
    scope: &WriteScope,
    place: &Place<'_>,
) -> Result<()> {
    let slot = relation.index;
    if scope.targets(slot) {
        let below = scope.below(slot);
        let (mut targets, positions) = collect(records, slot, Wanted::All);
        if targets.is_empty() {
            return Ok(());
        }
        let under =
            Place { parent: Some(place), relation: relation.name, many: true, positions };
        level(writer, &mut targets, Mode::Target, &below, &under).await?;
    }
    links::write(writer, records, relation, place).await
}
