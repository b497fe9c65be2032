//! The target holds the key.

use sinew_core::record::Record;
use sinew_core::schema::{Linkage, Polymorphic};
use sinew_core::{Result, Value};

use super::Pairs;
use crate::write::{Mode, Place, Then, WriteScope, Writer, level, stamp_child, update_rows};

/// A loaded belongs-to that shares the key with this association, and holds another owner, is
/// stale once the key changes.
pub(super) fn forget_owner(target: &mut dyn Record, key: &[usize], owner: &[Value<'static>]) {
    let meta = target.meta();
    let held = target.values_owned(key);
    if held == owner {
        return;
    }
    for relation in &meta.relations {
        let shares = match &relation.linkage {
            Linkage::Owner { own, .. } => own.iter().any(|index| key.contains(index)),
            Linkage::Any { id, .. } => key.contains(id),
            Linkage::Target { .. } | Linkage::Join { .. } | Linkage::Through { .. } => false,
        };
        if shares
            && let Some(slot) = target.slot_mut(relation.index)
            && slot.is_loaded()
        {
            slot.unload(meta.name, relation.name);
        }
    }
}

/// Writes the owners' keys into the targets, in memory.
pub(super) fn stamp(
    owners: &[&mut dyn Record],
    targets: &mut [&mut dyn Record],
    pairs: &Pairs<'_>,
    (own, far): (&'static [usize], &'static [usize]),
    polymorphic: Option<&'static Polymorphic>,
) -> Result<()> {
    for (target, &position) in targets.iter_mut().zip(pairs.owner_of) {
        if let Some(owner) = owners.get(position) {
            stamp_child(&mut **target, &owner.values_owned(own), far, polymorphic)?;
        }
    }
    Ok(())
}

/// Inserts new targets with their key; of the others only the key is written.
pub(super) async fn link(
    writer: &mut Writer<'_>,
    targets: &mut [&mut dyn Record],
    pairs: &Pairs<'_>,
    columns: &[usize],
    links_only: bool,
    place: &Place<'_>,
) -> Result<()> {
    let mut chosen: Vec<&mut dyn Record> = Vec::new();
    let mut positions = Vec::new();
    for (index, target) in targets.iter_mut().enumerate() {
        if writer.full || pairs.fresh.get(index).copied().unwrap_or(true) {
            chosen.push(&mut **target);
            positions.push(place.positions.get(index).copied().unwrap_or_default());
        }
    }
    let Some(meta) = chosen.first().map(|target| target.meta()) else {
        return Ok(());
    };
    let place = &Place {
        parent: place.parent,
        relation: place.relation,
        many: place.many,
        positions,
    };
    // Of several rows it would not be known which one was refused.
    let then = match chosen.as_slice() {
        [_] if pairs.last => Then::Last,
        _ => Then::More,
    };
    if links_only {
        return update_rows(writer, meta, &mut chosen, columns, false, place).await;
    }
    level(
        writer,
        &mut chosen,
        Mode::Child(columns),
        &WriteScope::default(),
        place,
        then,
    )
    .await
}
