//! What a failed write puts back into memory.

use sinew_core::Value;
use sinew_core::record::{Record, Wanted};
use sinew_core::schema::Linkage;

/// Columns that a write stamps, of records and of all that they hold, in a fixed order.
pub(crate) struct Undo(Vec<Vec<(usize, Value<'static>)>>);

impl Undo {
    /// Notes the keys of these records, and `more` of their columns.
    pub(crate) fn note(records: &[&mut dyn Record], more: &[usize]) -> Self {
        let mut all = Vec::new();
        for record in records {
            note(&**record, more, &mut all);
        }
        Self(all)
    }

    pub(crate) fn put_back(self, records: &mut [&mut dyn Record]) {
        let mut held = self.0.into_iter();
        for record in records {
            put_back(&mut **record, &mut held);
        }
    }
}

fn columns(record: &dyn Record) -> Vec<usize> {
    let meta = record.meta();
    let mut columns: Vec<usize> = meta.generated.into_iter().collect();
    for relation in &meta.relations {
        match &relation.linkage {
            Linkage::Owner { own, .. } => columns.extend(own),
            Linkage::Any { id, kind, .. } => columns.extend([*id, *kind]),
            Linkage::Target { .. } | Linkage::Join { .. } | Linkage::Through { .. } => {}
        }
    }
    columns
}

fn note(record: &dyn Record, more: &[usize], all: &mut Vec<Vec<(usize, Value<'static>)>>) {
    let columns = columns(record).into_iter().chain(more.iter().copied());
    all.push(
        columns
            .map(|index| (index, record.value(index).into_owned()))
            .collect(),
    );
    for index in 0..record.meta().relations.len() {
        let mut below = Vec::new();
        if let Some(slot) = record.slot(index) {
            slot.records(&mut below);
        }
        for record in below {
            note(record, &[], all);
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
