//! Loaded associations whose keys changed under them.

use sinew_core::Value;
use sinew_core::record::Record;
use sinew_core::schema::Linkage;

/// Associations whose keys changed hold other rows' targets: they become not loaded. `before` has
/// the former values of these columns; the others are as they were.
pub(crate) fn drop_stale(record: &mut dyn Record, columns: &[usize], before: &[Value<'static>]) {
    drop_where(record, columns, before, |_| true);
}

/// As [`drop_stale`], only for what the record belongs to.
pub(crate) fn drop_stale_targets(
    record: &mut dyn Record,
    columns: &[usize],
    before: &[Value<'static>],
) {
    drop_where(record, columns, before, |linkage| {
        matches!(linkage, Linkage::Owner { .. } | Linkage::Any { .. })
    });
}

fn drop_where(
    record: &mut dyn Record,
    columns: &[usize],
    before: &[Value<'static>],
    concerns: impl Fn(&Linkage) -> bool,
) {
    let meta = record.meta();
    for relation in meta
        .relations
        .iter()
        .filter(|relation| concerns(&relation.linkage))
    {
        let kept = |column: &usize| {
            let mut held = columns.iter().zip(before);
            let held = held.find(|(held, _)| *held == column);
            held.is_none_or(|(_, value)| *value == record.value(*column))
        };
        let same = match &relation.linkage {
            Linkage::Owner { own, .. }
            | Linkage::Target { own, .. }
            | Linkage::Join { own, .. } => own.iter().all(kept),
            Linkage::Any { id, kind, .. } => [id, kind].into_iter().all(kept),
            Linkage::Through { .. } => continue,
        };
        if same {
            continue;
        }
        if let Linkage::Owner { own, far, .. } = &relation.linkage
            && holds_key(record, relation.index, own, far)
        {
            continue;
        }
        if let Some(slot) = record
            .slot_mut(relation.index)
            .filter(|slot| slot.is_loaded())
        {
            slot.unload(meta.name, relation.name);
        }
    }
}

fn holds_key(record: &dyn Record, relation: usize, own: &[usize], far: &[usize]) -> bool {
    let mut held: Vec<&dyn Record> = Vec::new();
    if let Some(slot) = record.slot(relation) {
        slot.records(&mut held);
    }
    held.first().is_some_and(|target| {
        own.iter()
            .zip(far)
            .all(|(&own, &far)| record.value(own) == target.value(far))
    })
}
