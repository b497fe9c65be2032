//! A graph of records written level by level: belongs-to targets first, then the records, then
//! what holds their keys, then links. Each level of each association is one statement, whatever
//! the number of rows.

use sinew_core::driver::BoxFuture;
use sinew_core::record::Record;
use sinew_core::schema::{Linkage, ModelMeta, RelationMeta};
use sinew_core::value::TypeFamily;
use sinew_core::{Error, ErrorKind, Result, Timestamp};
use sinew_sql::{Conflict, Expr};

use super::children::write_below;
use super::early::{Early, early_ones, write_with_targets};
use super::existing::{self, Keys, are_there, become_existing, look_up, unique_sets};
use super::fill::fill_all;
use super::insert::{at, insert};
use super::keys::KeySet;
use super::lane::{Lane, Then};
use super::owners::write_owners;
use super::place::Place;
use super::scope::WriteScope;
use super::store::{update_all, update_rows, updated_columns};
use crate::hook::{self, Moment};
use crate::relation::reach::column;

/// Writes graphs on one lane.
pub(crate) struct Writer<'d> {
    pub(crate) lane: Lane<'d>,
    pub(crate) now: Timestamp,
    /// Existing associated rows are updated too.
    pub(crate) full: bool,
    /// Whether rows with keys of the program's own are looked for before they are inserted.
    pub(crate) looks_first: bool,
}

impl Writer<'_> {
    /// Whether a row of this model that has a key may be written before it is known if it is there:
    /// the program made its key, it is probably new, and nothing has to wait for an answer.
    pub(super) fn presumes(&self, meta: &ModelMeta) -> bool {
        let made = |&index: &usize| {
            let column = meta.columns.get(index);
            column.is_some_and(|column| column.family == TypeFamily::Uuid)
        };
        !self.looks_first
            && !self.full
            && self.lane.pipelines()
            && meta.generated.is_none()
            && !meta.key.is_empty()
            && meta.key.iter().all(made)
    }
}

/// What the records of a level are.
#[derive(Clone, Copy)]
pub(crate) enum Mode<'c> {
    /// The roots of a create.
    Create(Option<&'c Conflict>),
    /// The roots of a save.
    Save,
    /// Targets of a belongs-to or many-to-many.
    Target {
        /// Whether what refers to them takes a promise for their key.
        promises: bool,
    },
    /// Rows that hold their owner's key, in these columns.
    Child(&'c [usize]),
}

/// What happens to one record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Insert,
    /// Inserted unless it is there; then it is only re-pointed.
    Put,
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
    then: Then,
) -> BoxFuture<'f, Result<()>> {
    Box::pin(async move {
        let Some(meta) = records.first().map(|record| record.meta()) else {
            return Ok(());
        };
        let acts = decide(writer, meta, records, mode, place).await?;
        let before = [
            Moment::BeforeSave,
            Moment::BeforeCreate,
            Moment::BeforeUpdate,
        ];
        call_hooks(writer, records, &acts, place, before).await?;
        for relation in chosen(meta, scope) {
            if matches!(
                relation.linkage,
                Linkage::Owner { .. } | Linkage::Any { .. }
            ) && holds(records, relation)
            {
                write_owners(writer, records, relation, scope, place).await?;
            }
        }
        let below: Vec<_> = chosen(meta, scope)
            .filter(|relation| hangs_below(relation) && holds(records, relation))
            .collect();
        let mut early = Early::default();
        let goes_ahead = acts.iter().all(|act| *act == Act::Insert)
            && match mode {
                Mode::Create(conflict) => conflict.is_none(),
                Mode::Target { .. } => unique_sets(meta).is_empty(),
                Mode::Save | Mode::Child(_) => true,
            };
        let waited_for = match mode {
            Mode::Target { promises } => promises,
            _ => !below.is_empty(),
        };
        let promises = goes_ahead && waited_for && writer.promises(meta, records, &below);
        let together =
            promises || goes_ahead && writer.lane.defers() && early_ones(&below, records, scope);
        let written = if together {
            let place = (scope, place);
            write_with_targets(writer, records, place, &below, promises, &mut early).await?;
            vec![true; records.len()]
        } else {
            let then = then.unless(!below.is_empty());
            write_records(writer, meta, records, mode, scope, &acts, (place, then)).await?
        };
        if written.iter().all(|written| *written) {
            return follow(
                writer,
                records,
                &acts,
                (&below, early),
                (scope, place),
                then,
            )
            .await;
        }
        let (mut held, positions) = pick(records, &written, true, place);
        let acts: Vec<Act> = acts
            .into_iter()
            .zip(&written)
            .filter(|(_, written)| **written)
            .map(|(act, _)| act)
            .collect();
        let place = Place {
            positions,
            ..shallow(place)
        };
        let below = (below.as_slice(), early);
        follow(writer, &mut held, &acts, below, (scope, &place), then).await
    })
}

/// What comes after the records of a level: what hangs on them, and their hooks.
async fn follow(
    writer: &mut Writer<'_>,
    records: &mut [&mut dyn Record],
    acts: &[Act],
    (below, early): (&[&'static RelationMeta], Early),
    (scope, place): (&WriteScope, &Place<'_>),
    then: Then,
) -> Result<()> {
    if !below.is_empty() {
        write_below(writer, records, below, early, (scope, place), then).await?;
    }
    let after = [Moment::AfterSave, Moment::AfterCreate, Moment::AfterUpdate];
    call_hooks(writer, records, acts, place, after).await
}

/// Whether an association's targets are written after its owners.
fn hangs_below(relation: &RelationMeta) -> bool {
    matches!(
        relation.linkage,
        Linkage::Target { .. } | Linkage::Join { .. }
    )
}

/// Whether any record holds a target of this association.
fn holds(records: &[&mut dyn Record], relation: &RelationMeta) -> bool {
    let mut slots = records.iter().map(|record| record.slot(relation.index));
    slots.any(|slot| slot.is_some_and(|slot| !slot.is_empty()))
}

/// The associations that the scope writes.
fn chosen(
    meta: &'static ModelMeta,
    scope: &WriteScope,
) -> impl Iterator<Item = &'static RelationMeta> {
    meta.relations
        .iter()
        .filter(|relation| scope.relation(relation.index))
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
            let act = |r: &&mut dyn Record| {
                if r.has_key() {
                    Act::Update
                } else {
                    Act::Insert
                }
            };
            return Ok(records.iter().map(act).collect());
        }
        Mode::Target { .. } => &[],
        Mode::Child(far) => far,
    };
    let mut inserted = KeySet::default();
    if writer.presumes(meta) {
        let act = |record: &&mut dyn Record| match record.has_key() {
            false => Act::Insert,
            true if inserted.insert(existing::key_of(&**record)) => Act::Put,
            true => Act::Nothing,
        };
        return Ok(records.iter().map(act).collect());
    }
    if keys.is_empty()
        && !writer.lane.defers()
        && let Some(there) = are_there(&mut writer.lane, meta, records).await?
    {
        return Ok(decide_by(writer, records, &there));
    }
    let held = records.iter().map(|record| &**record as &dyn Record);
    let keyed = Keys::of(meta, held.filter(|record| record.has_key()));
    let found = look_up(&mut writer.lane, meta, keyed, keys).await?;
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
                if keys.is_empty() || *held == existing::comparable(record.values_owned(keys)) {
                    Act::Nothing
                } else {
                    Act::Repoint
                }
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

/// What happens to targets of which it is known whether they are there.
fn decide_by(writer: &Writer<'_>, records: &[&mut dyn Record], there: &[bool]) -> Vec<Act> {
    let mut inserted = KeySet::default();
    let act = |(record, there): (&&mut dyn Record, &bool)| match there {
        true if writer.full => Act::Update,
        true => Act::Nothing,
        false if !record.has_key() => Act::Insert,
        false if inserted.insert(existing::key_of(&**record)) => Act::Insert,
        false => Act::Nothing,
    };
    records.iter().zip(there).map(act).collect()
}

fn no_key(meta: &ModelMeta) -> Error {
    Error::new(
        ErrorKind::MissingKey,
        format!("{} has no primary key", meta.name),
    )
    .with_model(meta.name)
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
    let Some(meta) = records.first().map(|record| record.meta()) else {
        return Ok(());
    };
    let Lane::Tx(db) = &writer.lane else {
        return Ok(());
    };
    let db: &crate::db::Db = db;
    let Some(hooks) = hook::of(meta, db) else {
        return Ok(());
    };
    for (index, (record, act)) in records.iter_mut().zip(acts).enumerate() {
        let own = match act {
            Act::Insert => create,
            Act::Update => update,
            Act::Put | Act::Repoint | Act::Nothing => continue,
        };
        let order = if save == Moment::BeforeSave {
            [save, own]
        } else {
            [own, save]
        };
        for moment in order {
            hooks
                .call(&mut **record, db, moment)
                .await
                .map_err(|error| at(error, place, index))?;
        }
    }
    Ok(())
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
    (place, then): (&Place<'_>, Then),
) -> Result<Vec<bool>> {
    let ignores = matches!(mode, Mode::Create(Some(Conflict::Nothing(_))));
    if !ignores && acts.iter().all(|act| *act == Act::Insert) {
        fill_all(records, writer.now, place)?;
        insert_new(writer, meta, records, mode, scope, (place, then)).await?;
        return Ok(vec![true; records.len()]);
    }
    let mut written = vec![true; records.len()];
    let before: Vec<_> = if ignores {
        let columns: Vec<usize> = (0..meta.columns.len()).collect();
        let values = records.iter().map(|record| record.values_owned(&columns));
        values.collect()
    } else {
        Vec::new()
    };
    let (mut inserts, positions) = pick(records, acts, Act::Insert, place);
    if !inserts.is_empty() {
        let under = Place {
            positions,
            ..shallow(place)
        };
        fill_all(&mut inserts, writer.now, &under)?;
        let then = then.unless(acts.iter().any(|act| *act != Act::Insert));
        let inserted = insert_new(writer, meta, &mut inserts, mode, scope, (&under, then)).await?;
        if ignores {
            written = inserted;
        }
    }
    // What was not written is not stamped.
    let ignored = records.iter_mut().zip(before).zip(&written);
    for ((record, values), _) in ignored.filter(|(_, written)| !**written) {
        for (index, value) in values.into_iter().enumerate() {
            record.set(index, value)?;
        }
    }
    let (mut puts, positions) = pick(records, acts, Act::Put, place);
    if !puts.is_empty() {
        let under = Place {
            positions,
            ..shallow(place)
        };
        fill_all(&mut puts, writer.now, &under)?;
        put(writer, meta, &mut puts, mode, scope, &under).await?;
    }
    let (mut updates, positions) = pick(records, acts, Act::Update, place);
    if !updates.is_empty() {
        let under = Place {
            positions,
            ..shallow(place)
        };
        let columns = updated_columns(meta, scope, matches!(mode, Mode::Save));
        update_all(writer, meta, &mut updates, &columns, &under).await?;
    }
    let (mut repoints, positions) = pick(records, acts, Act::Repoint, place);
    if !repoints.is_empty()
        && let Mode::Child(far) = mode
    {
        let under = Place {
            positions,
            ..shallow(place)
        };
        update_rows(writer, meta, &mut repoints, far, true, &under).await?;
    }
    Ok(written)
}

/// Inserts records that may be there already, without waiting for what comes of it. Where it was
/// presumed wrongly, the database refuses something, and the write is done again with a look first.
async fn put(
    writer: &mut Writer<'_>,
    meta: &'static ModelMeta,
    records: &mut [&mut dyn Record],
    mode: Mode<'_>,
    scope: &WriteScope,
    place: &Place<'_>,
) -> Result<()> {
    let key = meta.key.iter().map(|&index| column(meta, index)).collect();
    let conflict = match mode {
        Mode::Child(far) => Conflict::Update {
            target: key,
            set: far
                .iter()
                .map(|&index| column(meta, index))
                .map(|name| (name.clone(), Expr::Excluded(name)))
                .collect(),
        },
        _ => Conflict::Nothing(key),
    };
    let lane = &mut writer.lane;
    lane.presumed();
    insert(lane, records, scope, Some(&conflict), place, Then::Unseen).await?;
    Ok(())
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
fn pick<'a, A: PartialEq + Copy>(
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
    (place, then): (&Place<'_>, Then),
) -> Result<Vec<bool>> {
    let lane = &mut writer.lane;
    match mode {
        Mode::Create(conflict) => {
            let inserted = insert(lane, records, scope, conflict, place, then).await?;
            return Ok(inserted.written);
        }
        Mode::Target { .. } if !unique_sets(meta).is_empty() => {
            let ignore = Conflict::Nothing(Vec::new());
            let inserted = insert(lane, records, scope, Some(&ignore), place, Then::More).await?;
            become_existing(lane, records, &inserted.written, place).await?;
        }
        Mode::Save | Mode::Target { .. } | Mode::Child(_) => {
            insert(lane, records, scope, None, place, then).await?;
        }
    }
    Ok(vec![true; records.len()])
}
