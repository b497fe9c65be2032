//! What records belong to: written first, then their keys are copied into the records.

use sinew_core::record::{Record, Slot, Wanted};
use sinew_core::schema::{Linkage, ModelMeta, RelationMeta};
use sinew_core::{Error, ErrorKind, Result, Value};

use super::existing::{self, Keys, look_up};
use super::graph::{Mode, Writer, level};
use super::insert::at;
use super::lane::Then;
use super::place::Place;
use super::scope::WriteScope;
use crate::relation::reach::coerce;

/// Writes the targets that hold the records' belongs-to, and copies their keys.
pub(super) async fn write_owners(
    writer: &mut Writer<'_>,
    records: &mut [&mut dyn Record],
    relation: &'static RelationMeta,
    scope: &WriteScope,
    place: &Place<'_>,
) -> Result<()> {
    let slot = relation.index;
    let owner = records.first().map(|record| record.meta());
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
            let (same, other): (Vec<_>, Vec<_>) = rest
                .into_iter()
                .partition(|(record, _)| std::ptr::eq(record.meta(), meta));
            rest = other;
            let (mut same, positions): (Vec<_>, Vec<_>) = same.into_iter().unzip();
            let under = Place {
                parent: Some(place),
                relation: relation.name,
                many: false,
                positions,
            };
            let takes = owner.is_some_and(|owner| writer.takes_target(owner, relation, meta));
            let mode = Mode::Target { promises: takes };
            level(writer, &mut same, mode, &below, &under, Then::More).await?;
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
    let Some(meta) = held.first().map(|record| record.meta()) else {
        return Ok(false);
    };
    if writer.presumes(meta)
        || held
            .iter()
            .any(|record| !std::ptr::eq(record.meta(), meta) || holds_any(*record))
    {
        return Ok(true);
    }
    let keys = Keys::of(meta, held.iter().copied());
    if writer.presume_there(meta, &keys).await? {
        return Ok(false);
    }
    let found = look_up(&mut writer.lane, meta, keys, &[]).await?;
    Ok(held
        .iter()
        .any(|record| !found.contains_key(&existing::key_of(*record))))
}

/// Whether any association of the record is loaded.
pub(crate) fn holds_any(record: &dyn Record) -> bool {
    (0..record.meta().relations.len()).any(|index| record.slot(index).is_some_and(Slot::is_loaded))
}

/// The targets that the records hold under one association, with owner and position.
pub(crate) fn collect<'a>(
    records: &'a mut [&mut dyn Record],
    slot: usize,
    wanted: Wanted,
) -> (Vec<&'a mut dyn Record>, Vec<(u32, u32)>) {
    let held = records.iter().filter_map(|record| record.slot(slot));
    let room = held.map(Slot::len).sum();
    let mut targets = Vec::with_capacity(room);
    let mut positions = Vec::with_capacity(room);
    for (owner, record) in (0u32..).zip(records.iter_mut()) {
        let before = targets.len();
        if let Some(slot) = record.slot_mut(slot) {
            slot.records_mut(wanted, &mut targets);
        }
        let count = u32::try_from(targets.len() - before).unwrap_or(u32::MAX);
        positions.extend((0..count).map(|at| (owner, at)));
    }
    (targets, positions)
}

/// Copies the key of a loaded belongs-to target into the record.
fn stamp_owner(record: &mut dyn Record, relation: &'static RelationMeta) -> Result<()> {
    let mut held: Vec<&dyn Record> = Vec::new();
    if let Some(slot) = record.slot(relation.index) {
        slot.records(&mut held);
    }
    let Some(target) = held.first() else {
        return Ok(());
    };
    let (own, values) = match &relation.linkage {
        Linkage::Owner { own, far, .. } => (own.clone(), target.values_owned(far)),
        Linkage::Any { id, kind, variants } => {
            let variant = variants()
                .into_iter()
                .find(|v| std::ptr::eq((v.target)(), target.meta()));
            let Some(variant) = variant else {
                return Ok(());
            };
            let value = Value::Text(variant.value);
            (
                vec![*id, *kind],
                vec![target.value(variant.far).into_owned(), value],
            )
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
    let field = meta
        .columns
        .get(index)
        .map(|column| column.field.to_string())
        .unwrap_or_default();
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
    .with_hint(
        "change only one of them; db.update(&mut row).set(..) of the key drops the stale target",
    )
}
