//! What a failed write puts back into memory.

use sinew_core::Value;
use sinew_core::record::{Record, Wanted};
use sinew_core::schema::Linkage;

/// Columns that a write stamps, of records and of all that they hold, in a fixed order.
pub(crate) struct Undo {
    /// The columns that are held of each model's records, which is known by where it is.
    columns: Vec<(usize, Vec<usize>)>,
    /// The values of all records in a row.
    values: Vec<Value<'static>>,
    /// The records' own columns, beside those of their model.
    more: Vec<usize>,
}

impl Undo {
    /// Notes the keys of these records, and `more` of their columns.
    pub(crate) fn note(records: &[&mut dyn Record], more: Vec<usize>) -> Self {
        let mut all = Self {
            columns: Vec::new(),
            values: Vec::with_capacity(records.len()),
            more,
        };
        for record in records {
            all.take(&**record, true);
        }
        all
    }

    fn take(&mut self, record: &dyn Record, top: bool) {
        let meta = record.meta();
        let model = std::ptr::from_ref(meta).addr();
        let known = self.columns.iter().position(|(held, _)| *held == model);
        let at = known.unwrap_or_else(|| {
            self.columns.push((model, columns(record)));
            self.columns.len() - 1
        });
        let more: &[usize] = if top { &self.more } else { &[] };
        let held = self.columns.get(at).into_iter().flat_map(|(_, held)| held);
        for &index in held.chain(more) {
            self.values.push(record.value(index).into_owned());
        }
        for index in 0..meta.relations.len() {
            let mut below = Vec::new();
            if let Some(slot) = record.slot(index) {
                slot.records(&mut below);
            }
            for record in below {
                self.take(record, false);
            }
        }
    }

    pub(crate) fn put_back(self, records: &mut [&mut dyn Record]) {
        let mut values = self.values.into_iter();
        for record in records {
            put_back(&mut **record, &self.more, &mut values);
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

fn put_back(
    record: &mut dyn Record,
    more: &[usize],
    values: &mut impl Iterator<Item = Value<'static>>,
) {
    let columns = columns(record);
    for (&column, value) in columns.iter().chain(more).zip(&mut *values) {
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
            put_back(record, &[], values);
        }
    }
}
