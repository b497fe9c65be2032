//! What a failed write must put back into memory: keys and moments that were stamped for rows
//! that were then rolled back.

use sinew_core::Value;
use sinew_core::record::{Model, Record, Slot, Wanted};
use sinew_core::schema::{ColumnRole, Linkage, RelationMeta};

use super::existing::unique_sets;

/// The columns that a write may stamp, of every record of a graph, in a fixed order.
#[derive(Default)]
pub(crate) struct Snapshot {
    /// Which columns are held of a record, and what that follows from.
    forms: Vec<(Signs, Vec<usize>)>,
    /// The form of each record.
    records: Vec<usize>,
    /// The values of all records in a row.
    values: Vec<Value<'static>>,
}

/// Room for so many records is made in the beginning.
const ROOM: usize = 32;

/// So many forms are looked through for that of a record: a level's records have few.
const RECENT: usize = 8;

/// What the columns that are held of a record follow from. The model and the association are known
/// by where they are.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Signs {
    meta: usize,
    /// The association that it hangs on, whose owner's key it gets.
    above: Option<usize>,
    /// It may become the row that it collides with.
    may_turn: bool,
    /// The database may make its key: not one that is set.
    numbered: bool,
    /// Which of its associations are loaded.
    loaded: u64,
}

impl Snapshot {
    pub(crate) fn take(roots: &[&dyn Record]) -> Self {
        // A row mostly has one value that may be stamped: its key, or that of its owner.
        let room = roots.len().max(ROOM);
        let mut all = Self {
            forms: Vec::new(),
            records: Vec::with_capacity(room),
            values: Vec::with_capacity(room),
        };
        let mut below = Vec::new();
        for root in roots {
            all.note(*root, None, &mut below);
        }
        all
    }

    pub(crate) fn restore<'r>(&self, roots: impl Iterator<Item = &'r mut dyn Record>) {
        let mut held = Held {
            forms: self
                .records
                .iter()
                .filter_map(|&form| self.forms.get(form).map(|(_, columns)| columns)),
            values: self.values.iter(),
        };
        for root in roots {
            put_back(root, &mut held);
        }
    }

    /// `below` holds what is still to be noted of the records above.
    fn note<'r>(
        &mut self,
        record: &'r dyn Record,
        above: Option<&RelationMeta>,
        below: &mut Vec<&'r dyn Record>,
    ) {
        let meta = record.meta();
        let mut loaded = 0;
        for relation in &meta.relations {
            if record.slot(relation.index).is_some_and(Slot::is_loaded) {
                loaded |= 1 << relation.index.min(63);
            }
        }
        let target = above.is_some_and(|above| !matches!(above.linkage, Linkage::Target { .. }));
        let numbered = meta.generated.is_none_or(|key| record.is_unset(key));
        let signs = Signs {
            meta: std::ptr::from_ref(meta).addr(),
            above: above.map(|above| std::ptr::from_ref(above).addr()),
            may_turn: target && !record.has_key(),
            numbered,
            loaded,
        };
        // Beyond so many associations they do not have a bit each.
        let recent = if meta.relations.len() < 64 { RECENT } else { 0 };
        let known = self.forms.iter().rev().take(recent);
        let back = known.map(|(held, _)| held).position(|held| *held == signs);
        let form = match back {
            Some(back) => self.forms.len() - 1 - back,
            None => {
                let columns = columns(record, above, &signs);
                self.forms.push((signs, columns));
                self.forms.len() - 1
            }
        };
        self.records.push(form);
        if let Some((_, columns)) = self.forms.get(form) {
            for &index in columns {
                self.values.push(record.value(index).into_owned());
            }
        }
        if loaded == 0 {
            return;
        }
        for relation in &meta.relations {
            let first = below.len();
            if let Some(slot) = record.slot(relation.index) {
                slot.records(below);
            }
            for at in first..below.len() {
                if let Some(record) = below.get(at).copied() {
                    self.note(record, Some(relation), below);
                }
            }
            below.truncate(first);
        }
    }
}

/// The columns of a record that may be stamped: its generated key, moments and defaults that are not
/// set, the keys of loaded belongs-to, and that of its owner above. All of them where it may turn into
/// the row that it collides with.
fn columns(record: &dyn Record, above: Option<&RelationMeta>, signs: &Signs) -> Vec<usize> {
    let meta = record.meta();
    if signs.may_turn && !unique_sets(meta).is_empty() {
        return (0..meta.columns.len()).collect();
    }
    // A key that is set changes only where the row becomes another one.
    let turns = || above.is_none() || !unique_sets(meta).is_empty();
    let key = meta.generated.filter(|_| signs.numbered || turns());
    let mut columns: Vec<usize> = key.into_iter().collect();
    for (index, column) in meta.columns.iter().enumerate() {
        let stamped = matches!(column.role, ColumnRole::CreatedAt | ColumnRole::UpdatedAt);
        let key = meta.key.contains(&index) && Some(index) != meta.generated;
        if stamped || key || column.default.is_some() {
            columns.push(index);
        }
    }
    for relation in &meta.relations {
        if !record.slot(relation.index).is_some_and(Slot::is_loaded) {
            continue;
        }
        match &relation.linkage {
            Linkage::Owner { own, .. } => columns.extend(own),
            Linkage::Any { id, kind, .. } => columns.extend([*id, *kind]),
            _ => {}
        }
    }
    if let Some(Linkage::Target {
        far, polymorphic, ..
    }) = above.map(|above| &above.linkage)
    {
        columns.extend(far);
        columns.extend(polymorphic.as_ref().map(|p| p.column));
    }
    columns
}

/// What is to be put back, record by record.
struct Held<F, V> {
    forms: F,
    values: V,
}

fn put_back<'s>(
    record: &mut dyn Record,
    held: &mut Held<impl Iterator<Item = &'s Vec<usize>>, impl Iterator<Item = &'s Value<'static>>>,
) {
    for &column in held.forms.next().into_iter().flatten() {
        if let Some(value) = held.values.next()
            && record.value(column) != *value
        {
            // The value came out of this very field, so it fits.
            let _ = record.set(column, value.reborrow());
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

/// Columns of some rows, without what their associations hold.
pub(crate) struct Columns {
    columns: Vec<usize>,
    /// The values of all rows in a row.
    values: Vec<Value<'static>>,
}

impl Columns {
    /// All columns.
    pub(crate) fn take<M: Model>(rows: &[M]) -> Self {
        Self::some(rows, (0..M::COLUMNS).collect())
    }

    /// These columns.
    pub(crate) fn some<M: Model>(rows: &[M], columns: Vec<usize>) -> Self {
        let mut values = Vec::with_capacity(rows.len() * columns.len());
        for row in rows {
            values.extend(columns.iter().map(|&index| row.value(index).into_owned()));
        }
        Self { columns, values }
    }

    pub(crate) fn columns(&self) -> &[usize] {
        &self.columns
    }

    /// The values of each row.
    pub(crate) fn rows(&self) -> impl Iterator<Item = &[Value<'static>]> {
        self.values.chunks(self.columns.len().max(1))
    }

    pub(crate) fn put_back<M: Model>(self, rows: &mut [M]) {
        let mut values = self.values.into_iter();
        for row in rows {
            for (&column, value) in self.columns.iter().zip(&mut values) {
                if row.value(column) != value {
                    // The value came out of this very field, so it fits.
                    let _ = row.set(column, value);
                }
            }
        }
    }
}
