//! What single-table writes share: reading the rows they concern, running hooks on them, and the
//! conditions that name them.

use std::collections::HashSet;

use sinew_core::driver::{Action, Done, Row, Sink};
use sinew_core::record::{Model, Record, Rows};
use sinew_core::schema::ModelMeta;
use sinew_core::{Error, ErrorKind, Result, Value};
use sinew_sql::{Expr, InList, JoinKind, Select, SelectItem};

use super::existing::encoded;
use super::graph::Writer;
use super::insert::at;
use super::lane::Lane;
use super::place::Place;
use crate::hook::{self, Moment};
use crate::preload::{base_select, key_condition, strip_live_select};
use crate::query::Find;
use crate::relation::reach::column;

/// Decodes whole rows of one model.
pub(crate) struct Whole(pub(crate) Box<dyn Rows>);

impl Sink for Whole {
    fn row(&mut self, _statement: usize, row: &dyn Row) -> Result<()> {
        self.0.push(row, 0)
    }

    fn done(&mut self, _statement: usize, _done: Done) -> Result<()> {
        Ok(())
    }
}

/// The rows of a model that meet these conditions, soft-deleted ones too.
pub(crate) async fn read_rows(
    lane: &mut Lane<'_>,
    meta: &'static ModelMeta,
    filter: Vec<Expr>,
) -> Result<Box<dyn Rows>> {
    let mut select = base_select(meta, true);
    select.filter.extend(filter);
    read_select(lane, meta, &select).await
}

/// The rows of a select whose first columns are the model's.
pub(crate) async fn read_select(
    lane: &mut Lane<'_>,
    meta: &'static ModelMeta,
    select: &Select,
) -> Result<Box<dyn Rows>> {
    let db = lane.db().clone();
    let mut prepared = db.prepare(select);
    let mut whole = Whole((meta.new_rows)());
    lane.run(vec![prepared.statement(Action::Rows)], &mut whole)
        .await?;
    Ok(whole.0)
}

/// `columns IN keys` on the statement's own row; `keys` holds the values of all tuples in a row.
pub(crate) fn among(meta: &ModelMeta, columns: &[usize], keys: Vec<Value<'static>>) -> Expr {
    let tuple = columns
        .iter()
        .map(|&index| Expr::here(column(meta, index)))
        .collect();
    key_condition(tuple, keys, columns.len())
}

/// The distinct primary keys of these records, in a row.
pub(crate) fn keys_of<'r>(records: impl Iterator<Item = &'r dyn Record>) -> Vec<Value<'static>> {
    let mut seen = HashSet::new();
    let mut flat = Vec::new();
    for record in records {
        let key = record.values_owned(&record.meta().key);
        if seen.insert(encoded(&key)) {
            flat.extend(key);
        }
    }
    flat
}

/// The error for a row that has no key yet.
pub(crate) fn keyless(meta: &ModelMeta, what: &str) -> Error {
    Error::new(
        ErrorKind::MissingKey,
        format!("this {} has no key, so it cannot be {what}", meta.name),
    )
    .with_model(meta.name)
    .with_hint("create it first, or read it from the database")
}

/// Runs hooks on every record, in this order on each.
pub(crate) async fn run_hooks(
    writer: &mut Writer<'_>,
    records: &mut [&mut dyn Record],
    moments: &[Moment],
    place: &Place<'_>,
) -> Result<()> {
    let Lane::Tx(db) = &writer.lane else {
        return Ok(());
    };
    let Some(meta) = records.first().map(|record| record.meta()) else {
        return Ok(());
    };
    let Some(hooks) = hook::of(meta, db) else {
        return Ok(());
    };
    for (index, record) in records.iter_mut().enumerate() {
        for &moment in moments {
            hooks
                .call(&mut **record, db, moment)
                .await
                .map_err(|error| at(error, place, index))?;
        }
    }
    Ok(())
}

/// Whether a condition holds for every row whatever it says.
fn says_nothing(expr: &Expr) -> bool {
    match expr {
        Expr::Live(..) => true,
        Expr::And(all) => all.iter().all(says_nothing),
        Expr::Or(all) => all.iter().any(says_nothing),
        Expr::Not(inner) => matches!(&**inner, Expr::Or(all) if all.is_empty()),
        Expr::In {
            list: InList::Values(Value::Array(values)),
            negated: true,
            ..
        } => values.is_empty(),
        Expr::In {
            list: InList::Lists(lists),
            negated: true,
            ..
        } => lists.is_empty(),
        _ => false,
    }
}

/// The conditions of a query, for an update or delete of what it finds. A limit, an order, joins
/// and groups go into a sub-query of keys.
pub(crate) fn conditions<M: Model>(find: Find<'_, M>, all: bool, verb: &str) -> Result<Vec<Expr>> {
    let meta = M::schema();
    let narrowed = !find.select.filter.iter().all(says_nothing)
        || find.select.limit.is_some()
        || find.joins.iter().any(|join| join.kind == JoinKind::Inner);
    if !narrowed && !all {
        return Err(Error::new(
            ErrorKind::MissingCondition,
            format!("this would {verb} every row of {}", meta.table),
        )
        .with_model(meta.name)
        .with_table(meta.table.as_ref())
        .with_hint("add a .filter(…), or say .all_rows()"));
    }
    let unscoped = find.db.settings.unscoped;
    let select = &find.select;
    let plain = find.joins.is_empty()
        && select.joins.is_empty()
        && select.group_by.is_empty()
        && select.having.is_empty()
        && select.limit.is_none()
        && select.offset.is_none();
    let doubted = find.doubt.is_some();
    let mut select = if plain && !doubted {
        find.select
    } else {
        find.fetch()?.select
    };
    if unscoped {
        strip_live_select(&mut select);
    }
    if plain {
        return Ok(select.filter);
    }
    if meta.key.is_empty() {
        return Err(Error::new(
            ErrorKind::Unsupported,
            format!(
                "{} has no primary key, so a limit or join cannot say which rows to {verb}",
                meta.name
            ),
        )
        .with_model(meta.name));
    }
    let tuple: Vec<Expr> = meta
        .key
        .iter()
        .map(|&i| Expr::here(column(meta, i)))
        .collect();
    select.columns = tuple.iter().cloned().map(SelectItem::from).collect();
    select.lock = None;
    Ok(vec![Expr::In {
        tuple,
        list: InList::Query(Box::new(select)),
        negated: false,
    }])
}
