//! What a failed write must put back into memory: keys that were stamped for rows that were then
//! rolled back.

use sinew_core::Value;
use sinew_core::record::{Record, Wanted};
use sinew_core::schema::Linkage;

/// The key columns of every record of a graph, in a fixed order.
pub(crate) struct Snapshot(Vec<Vec<(usize, Value<'static>)>>);

impl Snapshot {
    pub(crate) fn take<'r>(roots: impl Iterator<Item = &'r dyn Record>) -> Self {
        let mut all = Vec::new();
        for root in roots {
            note(root, &mut all);
        }
        Self(all)
    }

    pub(crate) fn restore<'r>(self, roots: impl Iterator<Item = &'r mut dyn Record>) {
        let mut held = self.0.into_iter();
        for root in roots {
            put_back(root, &mut held);
        }
    }
}

fn columns(record: &dyn Record) -> Vec<usize> {
    let meta = record.meta();
    let mut columns: Vec<usize> = meta.generated.into_iter().collect();
    for relation in &meta.relations {
        if !record.slot(relation.index).is_some_and(|slot| slot.is_loaded()) {
            continue;
        }
        match &relation.linkage {
            Linkage::Owner { own, .. } => columns.extend(own),
            Linkage::Any { id, kind, .. } => columns.extend([*id, *kind]),
            _ => {}
        }
    }
    columns
}

fn note(record: &dyn Record, all: &mut Vec<Vec<(usize, Value<'static>)>>) {
    let held = columns(record).into_iter().map(|i| (i, record.value(i).into_owned()));
    all.push(held.collect());
    for index in 0..record.meta().relations.len() {
        let mut below = Vec::new();
        if let Some(slot) = record.slot(index) {
            slot.records(&mut below);
        }
        for record in below {
            note(record, all);
        }
    }
}

fn put_back(
    record: &mut dyn Record,
    held: &mut impl Iterator<Item = Vec<(usize, Value<'static>)>>,
) {
    for (column, value) in held.next().into_iter().flatten() {
        if record.value(column) != value {
            // The value came out of this very field, so it fits.
            let _ = record.set(column, value);
        }
    }
    for index in 0..record.meta().relations.len() {
        let mut below = Vec::new();
        if let Some(slot) = record.slot_mut(index) {
            slot.records_mut(Wanted::All, &mut below);
        }
        for record in below {
            put_back(record, held);
        }
    }
}
