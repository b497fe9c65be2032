//! What a failed write must put back into memory: keys and moments that were stamped for rows
//! that were then rolled back.

use sinew_core::Value;
use sinew_core::record::{Model, Record, Wanted};
use sinew_core::schema::{ColumnRole, Linkage, RelationMeta};

use super::existing::unique_sets;

/// The columns that a write may stamp, of every record of a graph, in a fixed order.
pub(crate) struct Snapshot(Vec<Vec<(usize, Value<'static>)>>);

impl Snapshot {
    pub(crate) fn take<'r>(roots: impl Iterator<Item = &'r dyn Record>) -> Self {
        let mut all = Vec::new();
        for root in roots {
            note(root, &[], false, &mut all);
        }
        Self(all)
    }

    pub(crate) fn restore<'r>(&self, roots: impl Iterator<Item = &'r mut dyn Record>) {
        let mut held = self.0.iter();
        for root in roots {
            put_back(root, &mut held);
        }
    }
}

/// The columns of a record that may be stamped: its generated key, moments and defaults that are
/// not set, and the keys of loaded belongs-to.
fn columns(record: &dyn Record) -> Vec<usize> {
    let meta = record.meta();
    let mut columns: Vec<usize> = meta.generated.into_iter().collect();
    for (index, column) in meta.columns.iter().enumerate() {
        let stamped = matches!(column.role, ColumnRole::CreatedAt | ColumnRole::UpdatedAt);
        let key = meta.key.contains(&index) && Some(index) != meta.generated;
        if stamped || key || column.default.is_some() {
            columns.push(index);
        }
    }
    for relation in &meta.relations {
        if !record
            .slot(relation.index)
            .is_some_and(sinew_core::record::Slot::is_loaded)
        {
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

/// The columns of an association's targets that get the owner's key.
fn stamped(relation: &RelationMeta) -> Vec<usize> {
    match &relation.linkage {
        Linkage::Target {
            far, polymorphic, ..
        } => far
            .iter()
            .copied()
            .chain(polymorphic.as_ref().map(|p| p.column))
            .collect(),
        _ => Vec::new(),
    }
}

fn note(
    record: &dyn Record,
    stamps: &[usize],
    target: bool,
    all: &mut Vec<Vec<(usize, Value<'static>)>>,
) {
    let meta = record.meta();
    let held: Vec<usize> = if target && !record.has_key() && !unique_sets(meta).is_empty() {
        // It may become the row that it collides with.
        (0..meta.columns.len()).collect()
    } else {
        columns(record)
            .into_iter()
            .chain(stamps.iter().copied())
            .collect()
    };
    all.push(
        held.into_iter()
            .map(|i| (i, record.value(i).into_owned()))
            .collect(),
    );
    for relation in &meta.relations {
        let mut below = Vec::new();
        if let Some(slot) = record.slot(relation.index) {
            slot.records(&mut below);
        }
        if below.is_empty() {
            continue;
        }
        let stamps = stamped(relation);
        let target = !matches!(relation.linkage, Linkage::Target { .. });
        for record in below {
            note(record, &stamps, target, all);
        }
    }
}

fn put_back<'s>(
    record: &mut dyn Record,
    held: &mut impl Iterator<Item = &'s Vec<(usize, Value<'static>)>>,
) {
    for (column, value) in held.next().into_iter().flatten() {
        if record.value(*column) != *value {
            // The value came out of this very field, so it fits.
            let _ = record.set(*column, value.reborrow());
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

/// All columns of some rows, without what their associations hold.
pub(crate) struct Columns(Vec<Vec<Value<'static>>>);

impl Columns {
    pub(crate) fn take<M: Model>(rows: &[M]) -> Self {
        let columns: Vec<usize> = (0..M::COLUMNS).collect();
        Self(
            rows.iter()
                .map(|row| (row as &dyn Record).values_owned(&columns))
                .collect(),
        )
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = &[Value<'static>]> {
        self.0.iter().map(Vec::as_slice)
    }

    pub(crate) fn put_back<M: Model>(self, rows: &mut [M]) {
        for (row, values) in rows.iter_mut().zip(self.0) {
            for (column, value) in values.into_iter().enumerate() {
                if row.value(column) != value {
                    // The value came out of this very field, so it fits.
                    let _ = row.set(column, value);
                }
            }
        }
    }
}
