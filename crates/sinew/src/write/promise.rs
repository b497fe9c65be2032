//! Keys that only the server knows so far.
//!
//! A row that the database numbers has no key before its insert was answered, and what hangs on it
//! would have to wait for that. Instead the row gets a number that stands for its key, a *promise*;
//! the server keeps the keys of each such insert for the rest of the transaction, and later inserts
//! find them there. So a graph of any depth is written in one round trip, and promises are replaced
//! by keys when its answers are in.
//!
//! Promises are far beyond the keys that sequences reach, and they are told apart from other numbers
//! only in columns that hold keys of rows written before.

use sinew_core::driver::Action;
use sinew_core::record::{Record, Wanted};
use sinew_core::schema::{Linkage, ModelMeta, RelationMeta};
use sinew_core::value::TypeFamily;
use sinew_core::{Error, ErrorKind, Result, Value};
use sinew_sql::{BinaryOp, Expr, Promised, Select, SelectItem, Source};

use super::graph::Writer;
use super::lane::Lane;
use super::queue::{Answer, Ticket};
use crate::preload::key_condition;
use crate::relation::reach::column;

/// The inserts whose keys are promised, by the number under which the server keeps them.
#[derive(Default)]
pub(crate) struct Promises(Vec<Promise>);

struct Promise {
    ticket: Ticket,
    range: Promised,
    rows: usize,
    /// The columns that come back: the key, and what else the database chose.
    returned: Vec<usize>,
}

/// How wide a key is, as far as promises are concerned.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Width {
    Bits32,
    Bits64,
}

impl Width {
    fn of(family: TypeFamily) -> Option<Self> {
        use TypeFamily as F;
        match family {
            F::Int64 | F::UInt64 => Some(Self::Bits64),
            F::Int32 | F::UInt32 => Some(Self::Bits32),
            _ => None,
        }
    }

    /// Whether a number can be a promise.
    fn has(self, number: i64) -> bool {
        let (first, last) = (self.range(0), self.range(Self::SLOTS - 1));
        first
            .zip(last)
            .is_some_and(|(first, last)| (last.lowest..=first.highest).contains(&number))
    }

    /// How many inserts of one write can promise keys.
    const SLOTS: usize = 64;

    /// The numbers that stand for the keys of one insert: below the greatest that the type holds,
    /// but not so near that somebody means these.
    fn range(self, slot: usize) -> Option<Promised> {
        let (top, bits) = match self {
            Self::Bits64 => (i64::MAX - (1 << 40), 20),
            Self::Bits32 => (i64::from(i32::MAX) - (1 << 20), 16),
        };
        if slot >= Self::SLOTS {
            return None;
        }
        let highest = top - (i64::try_from(slot).ok()? << bits);
        Some(Promised {
            slot: u32::try_from(slot).ok()?,
            lowest: highest - (1 << bits) + 1,
            highest,
        })
    }
}

fn number(value: &Value<'_>) -> Option<i64> {
    match value {
        Value::Int(number) => Some(*number),
        Value::UInt(number) => i64::try_from(*number).ok(),
        _ => None,
    }
}

/// The generated key, where it is all the key there is.
fn generated(meta: &ModelMeta) -> Option<(usize, Width)> {
    let index = meta.generated.filter(|index| meta.key == [*index])?;
    let width = Width::of(meta.columns.get(index)?.family)?;
    Some((index, width))
}

fn holds(meta: &ModelMeta, index: usize, width: Width) -> bool {
    let family = meta.columns.get(index).map(|column| column.family);
    family.and_then(Width::of).is_some_and(|held| held >= width)
}

impl Promises {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The numbers that stand for keys of the next insert of this model, if so many can be promised.
    pub(super) fn next(&self, meta: &ModelMeta, rows: usize) -> Option<Promised> {
        let (_, width) = generated(meta)?;
        let range = width.range(self.0.len())?;
        (i64::try_from(rows).ok()? <= range.highest - range.lowest).then_some(range)
    }

    pub(super) fn add(
        &mut self,
        ticket: Ticket,
        range: Promised,
        (rows, returned): (usize, Vec<usize>),
    ) {
        self.0.push(Promise {
            ticket,
            range,
            rows,
            returned,
        });
    }

    fn find(&self, value: &Value<'_>) -> Option<(&Promise, usize)> {
        let number = number(value)?;
        self.0.iter().find_map(|promise| {
            let at = usize::try_from(promise.range.highest - number).ok()?;
            (at < promise.rows).then_some((promise, at))
        })
    }

    /// The promises among the values of a column, which have to be of one insert.
    pub(super) fn among<'v>(
        &self,
        values: impl Iterator<Item = &'v Value<'v>>,
    ) -> Result<Option<Promised>> {
        let mut found: Option<Promised> = None;
        for (promise, _) in values.filter_map(|value| self.find(value)) {
            match found {
                Some(range) if range != promise.range => return Err(unkept()),
                _ => found = Some(promise.range),
            }
        }
        Ok(found)
    }
}

/// Never seen by a program: the write is done again without promises.
#[cold]
fn unkept() -> Error {
    Error::new(
        ErrorKind::Unsupported,
        "a key that the server alone knows was needed here",
    )
}

impl Writer<'_> {
    /// Whether it is worth a try to write without looking first, as nothing has to wait then.
    fn hurries(&self) -> bool {
        !self.looks_first && self.lane.pipelines() && self.lane.db().dialect().promises()
    }

    /// Whether new rows of this model can be written with promised keys, on which these
    /// associations hang.
    pub(super) fn promises(
        &self,
        meta: &'static ModelMeta,
        records: &[&mut dyn Record],
        below: &[&'static RelationMeta],
    ) -> bool {
        if !self.hurries() {
            return false;
        }
        let Some((key, width)) = generated(meta) else {
            return false;
        };
        records.iter().all(|record| record.is_unset(key))
            && below
                .iter()
                .all(|relation| self.takes(records, relation, (key, width)))
    }

    /// Whether what hangs on the records by this association takes a promise for their key.
    fn takes(
        &self,
        records: &[&mut dyn Record],
        relation: &RelationMeta,
        (key, width): (usize, Width),
    ) -> bool {
        let mut targets: Vec<&dyn Record> = Vec::new();
        for record in records {
            if let Some(slot) = record.slot(relation.index) {
                slot.records(&mut targets);
            }
        }
        let unlike = |record: &dyn Record, index: usize| {
            !number(&record.value(index)).is_some_and(|found| width.has(found))
        };
        match &relation.linkage {
            Linkage::Target { own, far, .. } => {
                let mut pairs = own.iter().zip(far).filter(|(own, _)| **own == key);
                let fits =
                    |target: &dyn Record| pairs.all(|(_, &far)| holds(target.meta(), far, width));
                targets.first().copied().is_none_or(fits)
                    && targets
                        .iter()
                        .all(|target| !target.has_key() || self.presumes(target.meta()))
            }
            Linkage::Join {
                own, far, table, ..
            } => {
                let model = table.model.map(|model| model());
                let column_fits = |name: &str| {
                    model.is_none_or(|model| {
                        let index = model.column(name);
                        index.is_some_and(|index| holds(model, index, width))
                    })
                };
                let mut names = own.iter().zip(&table.own).filter(|(own, _)| **own == key);
                names.all(|(_, name)| column_fits(name))
                    && targets
                        .iter()
                        .all(|target| far.iter().all(|&index| unlike(*target, index)))
            }
            _ => true,
        }
    }

    /// Whether the records of a belongs-to or many-to-many take a promise for the key of a target.
    pub(super) fn takes_target(
        &self,
        owner: &ModelMeta,
        relation: &RelationMeta,
        target: &ModelMeta,
    ) -> bool {
        let Some((key, width)) = generated(target).filter(|_| self.hurries()) else {
            return false;
        };
        match &relation.linkage {
            Linkage::Owner { own, far, .. } => {
                let mut pairs = own.iter().zip(far).filter(|(_, far)| **far == key);
                pairs.all(|(&own, _)| holds(owner, own, width))
            }
            Linkage::Join { far, table, .. } => {
                let Some(model) = table.model.map(|model| model()) else {
                    return true;
                };
                let mut names = far.iter().zip(&table.far).filter(|(far, _)| **far == key);
                names.all(|(_, name)| {
                    let index = model.column(name);
                    index.is_some_and(|index| holds(model, index, width))
                })
            }
            _ => false,
        }
    }

    /// Has the server refuse to go on unless rows with these keys are there, where such rows mostly
    /// are: they have a key that the database made. False where it has to be looked.
    pub(super) async fn presume_there(
        &mut self,
        meta: &'static ModelMeta,
        mut keys: Vec<Vec<Value<'static>>>,
    ) -> Result<bool> {
        if self.full || !self.hurries() || generated(meta).is_none() {
            return Ok(false);
        }
        keys.sort_by_key(|key| key.first().and_then(number));
        keys.dedup();
        let wanted = i64::try_from(keys.len()).unwrap_or(i64::MAX);
        if wanted == 0 {
            return Ok(true);
        }
        let guard = guard(meta, keys, wanted);
        let db = self.lane.db().clone();
        self.lane.presumed();
        self.lane.unseen(db.prepare(&guard), Action::Count).await?;
        Ok(true)
    }
}

/// `SELECT 1 / (COUNT(*) / <wanted>) FROM … WHERE key IN (…)`: an error when rows are missing.
fn guard(meta: &'static ModelMeta, keys: Vec<Vec<Value<'static>>>, wanted: i64) -> Select {
    let count = Expr::Function {
        name: "COUNT",
        distinct: false,
        args: Vec::new(),
    };
    let all = count.binary(BinaryOp::Div, Expr::Value(Value::Int(wanted)));
    let names = meta.key.iter().map(|&index| column(meta, index));
    let names: Vec<Expr> = names.map(Expr::here).collect();
    let width = names.len();
    Select {
        columns: vec![SelectItem::from(Expr::One.binary(BinaryOp::Div, all))],
        from: Source::Table(meta.table.clone()),
        filter: vec![key_condition(
            names,
            keys.into_iter().flatten().collect(),
            width,
        )],
        ..Select::default()
    }
}

/// Keys that were made, in place of the promises for them.
struct Kept {
    promises: Promises,
    rows: Vec<Vec<Vec<Value<'static>>>>,
}

/// Puts the keys of all rows in the place of what was promised, throughout the graph.
pub(super) fn keep(lane: &mut Lane<'_>, records: &mut [&mut dyn Record]) -> Result<()> {
    let promises = lane.take_promises();
    let mut rows = Vec::with_capacity(promises.0.len());
    for promise in &promises.0 {
        let answer = lane.answer(&promise.ticket).unwrap_or_default();
        rows.push(rows_of(answer, promise)?);
    }
    let kept = Kept { promises, rows };
    for record in records {
        kept.settle(&mut **record, &[])?;
    }
    Ok(())
}

fn rows_of(answer: Answer, promise: &Promise) -> Result<Vec<Vec<Value<'static>>>> {
    let rows: Vec<_> = answer.rows.into_iter().map(|(_, values)| values).collect();
    let whole = |values: &Vec<Value<'_>>| values.first().is_some_and(|key| number(key).is_some());
    if rows.len() != promise.rows || !rows.iter().all(whole) {
        return Err(Error::new(
            ErrorKind::Decode,
            "the database did not return the key of each row that was inserted",
        )
        .with_hint("a trigger or rule of the table drops rows; insert them one by one"));
    }
    Ok(rows)
}

impl Kept {
    /// What came back for the row that this number stands for.
    fn row(&self, value: &Value<'_>) -> Option<(&Promise, &[Value<'static>])> {
        let (promise, at) = self.promises.find(value)?;
        let rows = self.rows.get(promise.range.slot as usize)?;
        Some((promise, rows.get(at)?))
    }

    fn replace(&self, record: &mut dyn Record, index: usize) -> Result<()> {
        let key = self.row(&record.value(index));
        let Some(key) = key.and_then(|(_, row)| row.first()) else {
            return Ok(());
        };
        record.set(index, key.reborrow())
    }

    /// `stamps` are the columns that hold the key of the record above.
    fn settle(&self, record: &mut dyn Record, stamps: &[usize]) -> Result<()> {
        let meta = record.meta();
        if let Some(generated) = meta.generated
            && let Some((promise, row)) = self.row(&record.value(generated))
        {
            for (&index, value) in promise.returned.iter().zip(row) {
                record.set(index, value.reborrow())?;
            }
        }
        for &index in meta.key.iter().chain(stamps) {
            self.replace(record, index)?;
        }
        for relation in &meta.relations {
            match &relation.linkage {
                Linkage::Owner { own, .. } => {
                    for &index in own {
                        self.replace(record, index)?;
                    }
                }
                Linkage::Any { id, .. } => self.replace(record, *id)?,
                _ => {}
            }
            let Some(slot) = record.slot_mut(relation.index) else {
                continue;
            };
            if let Linkage::Join { table, .. } = &relation.linkage {
                let mut links = Vec::new();
                slot.links_mut(&mut links);
                for link in links {
                    for name in table.own.iter().chain(&table.far) {
                        if let Some(index) = link.meta().column(name) {
                            self.replace(link, index)?;
                        }
                    }
                }
            }
            let stamps: &[usize] = match &relation.linkage {
                Linkage::Target { far, .. } => far,
                _ => &[],
            };
            let mut below = Vec::new();
            slot.records_mut(Wanted::All, &mut below);
            for record in below {
                self.settle(record, stamps)?;
            }
        }
        Ok(())
    }
}
