//! Which records are in the database already.

use std::hash::{Hash, Hasher};

use sinew_core::driver::{Action, Done, Row, Sink};
use sinew_core::record::Record;
use sinew_core::schema::ModelMeta;
use sinew_core::{Error, ErrorKind, Result, Value};
use sinew_sql::{Expr, Select, SelectItem, Source};

use super::insert::at;
use super::keys::{KeyMap, KeySet, Seed};
use super::lane::{Lane, Then};
use super::place::Place;
use super::queue::{Blame, Later, Ticket};
use super::rows::read_select;
use crate::db::{Form, Prepared};
use crate::preload::{base_select, encode, integer, key_condition, plain};
use crate::relation::reach::column;

/// So many rows of an embedded database are looked for one by one: finding each by its key is
/// faster there than unfolding a list of them.
const FEW: usize = 64;

/// Values as a map key: equal whether they come from a record or back from a database, which may
/// return a UUID as bytes or a truth value as a number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Encoded {
    /// A single integer, the usual key.
    Int(i64),
    /// Anything else.
    Bytes(Vec<u8>),
}

/// Without which of the two it is: a map mostly holds one sort.
impl Hash for Encoded {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Self::Int(number) => state.write_i64(*number),
            Self::Bytes(bytes) => bytes.hash(state),
        }
    }
}

/// Values as a map key.
pub(crate) fn encoded(values: &[Value<'_>]) -> Encoded {
    if let [one] = values
        && let Some(n) = integer(one)
    {
        return Encoded::Int(n);
    }
    Encoded::Bytes(encode(values))
}

struct Found {
    width: usize,
    rows: KeyMap<Vec<Value<'static>>>,
}

impl Sink for Found {
    fn row(&mut self, _statement: usize, row: &dyn Row) -> Result<()> {
        if row.len() == 1
            && let Value::Int(n) = row.get(0)?
        {
            self.rows.insert(Encoded::Int(n), Vec::new());
            return Ok(());
        }
        let mut values = Vec::with_capacity(row.len());
        for index in 0..row.len() {
            values.push(row.get(index)?.into_owned());
        }
        // A database with types of its own returns more than SQLite does.
        let mut values = comparable(values);
        let rest = values.split_off(self.width);
        self.rows.insert(encoded(&values), rest);
        Ok(())
    }

    fn done(&mut self, _statement: usize, _done: Done) -> Result<()> {
        Ok(())
    }
}

/// Values as the database returns them, so that they compare equal.
pub(crate) fn comparable(values: Vec<Value<'static>>) -> Vec<Value<'static>> {
    values.into_iter().map(plain).collect()
}

/// The distinct primary keys of records.
pub(crate) struct Keys {
    /// The values of all keys in a row.
    flat: Vec<Value<'static>>,
}

impl Keys {
    pub(crate) fn of<'r>(meta: &ModelMeta, records: impl Iterator<Item = &'r dyn Record>) -> Self {
        let mut seen = KeySet::default();
        let mut flat = Vec::new();
        for record in records {
            if let [index] = meta.key.as_slice()
                && let Value::Int(n) = record.value(*index)
            {
                if seen.insert(Encoded::Int(n)) {
                    flat.push(Value::Int(n));
                }
                continue;
            }
            let key = record.values_owned(&meta.key);
            if seen.insert(encoded(&key)) {
                flat.extend(key);
            }
        }
        Self { flat }
    }

    /// The values of all keys in a row.
    pub(super) fn values(&self) -> &[Value<'static>] {
        &self.flat
    }
}

/// The rows that these keys belong to, soft-deleted ones too: by encoded key, the values of
/// `more` columns.
pub(crate) async fn look_up(
    lane: &mut Lane<'_>,
    meta: &'static ModelMeta,
    keys: Keys,
    more: &[usize],
) -> Result<KeyMap<Vec<Value<'static>>>> {
    let width = meta.key.len().max(1);
    let wanted = keys.flat.len() / width;
    if wanted == 0 {
        return Ok(KeyMap::default());
    }
    let mut found = Found {
        width,
        rows: KeyMap::with_capacity_and_hasher(wanted, Seed::default()),
    };
    let embedded = lane.db().dialect().capabilities().embedded.supported;
    if embedded && wanted <= FEW {
        let form = Form::of("look up", meta).columns(more);
        let one = || select_where(meta, more, all_equal(meta));
        let mut prepared = Prepared {
            sql: lane.db().text_of(form, one),
            binds: keys.flat,
        };
        let statement = prepared.statement(Action::Each { times: wanted });
        lane.run(vec![statement], &mut found).await?;
        return Ok(found.rows);
    }
    let Some(select) = select_of(meta, keys, more) else {
        return Ok(KeyMap::default());
    };
    let mut prepared = lane.db().prepare(&select);
    let statements = vec![prepared.statement(Action::Rows)];
    lane.run(statements, &mut found).await?;
    Ok(found.rows)
}

/// Whether each record is in the database, also soft-deleted: for those without a key, no. `None`
/// where that is not found out one by one, as [`look_up`] does for few rows of an embedded database.
///
/// ```sql
/// SELECT id FROM tags WHERE id = ?     -- for each
/// ```
pub(crate) async fn are_there(
    lane: &mut Lane<'_>,
    meta: &'static ModelMeta,
    records: &[&mut dyn Record],
) -> Result<Option<Vec<bool>>> {
    let [key] = meta.key.as_slice() else {
        return Ok(None);
    };
    if !lane.db().dialect().capabilities().embedded.supported {
        return Ok(None);
    }
    // The place of each distinct key among those that are looked for.
    let mut places: KeyMap<usize, i64> =
        KeyMap::with_capacity_and_hasher(records.len().min(FEW), Seed::default());
    let mut binds = Vec::with_capacity(records.len().min(FEW));
    let mut wanted = Vec::with_capacity(records.len());
    for record in records {
        if !record.has_key() {
            wanted.push(None);
            continue;
        }
        let Value::Int(number) = record.value(*key) else {
            return Ok(None);
        };
        let place = *places.entry(number).or_insert(binds.len());
        if place == binds.len() {
            if place == FEW {
                return Ok(None);
            }
            binds.push(Value::Int(number));
        }
        wanted.push(Some(place));
    }
    let mut hits = Hits {
        found: vec![false; binds.len()],
        at: 0,
    };
    if !binds.is_empty() {
        let times = binds.len();
        let form = Form::of("look up", meta).columns(&[]);
        let one = || select_where(meta, &[], all_equal(meta));
        let mut prepared = Prepared {
            sql: lane.db().text_of(form, one),
            binds,
        };
        let statement = prepared.statement(Action::Each { times });
        lane.run(vec![statement], &mut hits).await?;
    }
    let found = |place: Option<usize>| place.and_then(|place| hits.found.get(place).copied());
    let there = wanted.into_iter().map(|place| found(place) == Some(true));
    Ok(Some(there.collect()))
}

/// Which of the repetitions of a statement found a row.
struct Hits {
    found: Vec<bool>,
    at: usize,
}

impl Sink for Hits {
    fn row(&mut self, _statement: usize, _row: &dyn Row) -> Result<()> {
        if let Some(found) = self.found.get_mut(self.at) {
            *found = true;
        }
        Ok(())
    }

    fn done(&mut self, _statement: usize, _done: Done) -> Result<()> {
        self.at += 1;
        Ok(())
    }
}

/// The primary key equal to values that are bound.
fn all_equal(meta: &ModelMeta) -> Vec<Expr> {
    let equal = |&index: &usize| Expr::here(column(meta, index)).equals(Expr::Param);
    meta.key.iter().map(equal).collect()
}

/// A [`look_up`] that waits for the next statement that cannot.
pub(super) struct LookUp {
    width: usize,
    ticket: Ticket,
}

impl LookUp {
    /// `None` when there is nothing to look for. Only where the lane defers.
    pub(super) fn begin(
        lane: &mut Lane<'_>,
        meta: &'static ModelMeta,
        keys: Keys,
        more: &[usize],
    ) -> Result<Option<Self>> {
        let Some(select) = select_of(meta, keys, more) else {
            return Ok(None);
        };
        let prepared = lane.db().prepare(&select);
        let later = Later {
            sql: prepared.sql,
            binds: prepared.binds.into_iter().map(Value::into_owned).collect(),
            action: Action::Rows,
            blame: Blame::nobody(),
            changes: None,
        };
        let ticket = lane.later(later)?;
        Ok(Some(Self {
            width: meta.key.len(),
            ticket,
        }))
    }

    pub(super) async fn end(self, lane: &mut Lane<'_>) -> Result<KeyMap<Vec<Value<'static>>>> {
        let answer = lane.settle(&self.ticket, Then::More).await?;
        let rows = answer.rows.into_iter().map(|(_, values)| {
            let mut values = comparable(values);
            let rest = values.split_off(self.width);
            (encoded(&values), rest)
        });
        Ok(rows.collect())
    }
}

fn select_of(meta: &'static ModelMeta, keys: Keys, more: &[usize]) -> Option<Select> {
    let flat = keys.flat;
    if flat.is_empty() {
        return None;
    }
    let tuple = meta
        .key
        .iter()
        .map(|&index| Expr::here(column(meta, index)))
        .collect();
    let filter = vec![key_condition(tuple, flat, meta.key.len())];
    Some(select_where(meta, more, filter))
}

/// The primary key and `more` columns of some rows.
fn select_where(meta: &ModelMeta, more: &[usize], filter: Vec<Expr>) -> Select {
    Select {
        columns: meta
            .key
            .iter()
            .chain(more)
            .map(|&index| SelectItem::from(Expr::here(column(meta, index))))
            .collect(),
        from: Source::Table(meta.table.clone()),
        filter,
        ..Select::default()
    }
}

/// The key under which [`look_up`] lists a record.
pub(crate) fn key_of(record: &dyn Record) -> Encoded {
    let key = &record.meta().key;
    if let [index] = key.as_slice()
        && let Value::Int(n) = record.value(*index)
    {
        return Encoded::Int(n);
    }
    encoded(&comparable(record.values_owned(key)))
}

/// The sets of columns that are unique together, beside the primary key.
pub(crate) fn unique_sets(meta: &ModelMeta) -> Vec<Vec<usize>> {
    meta.unique_sets()
}

/// Records whose insert was ignored become the rows they collided with.
pub(crate) async fn become_existing(
    lane: &mut Lane<'_>,
    records: &mut [&mut dyn Record],
    written: &[bool],
    place: &Place<'_>,
) -> Result<()> {
    let mut missing: Vec<usize> = (0..records.len())
        .filter(|&i| !written.get(i).copied().unwrap_or(true))
        .collect();
    let Some(meta) = missing
        .first()
        .and_then(|&i| records.get(i))
        .map(|r| r.meta())
    else {
        return Ok(());
    };
    for set in unique_sets(meta) {
        if missing.is_empty() {
            break;
        }
        let mut flat = Vec::new();
        for record in missing.iter().filter_map(|&i| records.get(i)) {
            let values = record.values_owned(&set);
            if !values.iter().any(Value::is_null) {
                flat.extend(values);
            }
        }
        if flat.is_empty() {
            continue;
        }
        let mut select = base_select(meta, true);
        let tuple = set
            .iter()
            .map(|&index| Expr::here(column(meta, index)))
            .collect();
        select.filter.push(key_condition(tuple, flat, set.len()));
        let rows = read_select(lane, meta, &select).await?;
        let by_key: KeyMap<usize> = (0..rows.len())
            .filter_map(|i| rows.get(i).map(|row| (encoded(&row.values_owned(&set)), i)))
            .collect();
        let mut still = Vec::new();
        for &index in &missing {
            let Some(record) = records.get_mut(index) else {
                continue;
            };
            let key = encoded(&record.values_owned(&set));
            let found = by_key.get(&key).and_then(|&i| rows.get(i));
            match found {
                Some(row) => copy(row, &mut **record).map_err(|error| at(error, place, index))?,
                None => still.push(index),
            }
        }
        missing = still;
    }
    match missing.first() {
        None => Ok(()),
        Some(&index) => Err(at(
            Error::new(
                ErrorKind::UniqueViolation,
                format!(
                    "this {} collides with a row on a unique column, but not on all of one",
                    meta.name
                ),
            )
            .with_model(meta.name)
            .with_table(meta.table.as_ref()),
            place,
            index,
        )),
    }
}

fn copy(from: &dyn Record, to: &mut dyn Record) -> Result<()> {
    let meta = from.meta();
    if let Some(deleted) = meta.deleted_at()
        && !from.is_unset(deleted)
    {
        return Err(Error::new(
            ErrorKind::UniqueViolation,
            format!(
                "a soft-deleted {} holds a unique value of this one",
                meta.name
            ),
        )
        .with_model(meta.name)
        .with_table(meta.table.as_ref())
        .with_hint("restore it, or remove it for good through db.unscoped()"));
    }
    for index in 0..meta.columns.len() {
        to.set(index, from.value(index))?;
    }
    Ok(())
}
