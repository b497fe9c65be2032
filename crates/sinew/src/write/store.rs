//! Updates of whole records.

use sinew_core::driver::{Action, Done, Row, Sink};
use sinew_core::record::Record;
use sinew_core::schema::{ColumnRole, ModelMeta};
use sinew_core::{Error, ErrorKind, Result, Value};
use sinew_sql::{Expr, Update};

use super::fill::moment_for;
use super::graph::Writer;
use super::insert::at;
use super::lane::Then;
use super::place::Place;
use super::queue::{Blame, Later};
use super::scope::WriteScope;
use super::shape::{check_sizes, sized};
use crate::db::{Form, Prepared};
use crate::relation::reach::column;

/// The columns that an update of a whole record writes.
pub(super) fn updated_columns(meta: &ModelMeta, scope: &WriteScope, root: bool) -> Vec<usize> {
    (0..meta.columns.len())
        .filter(|index| !meta.key.contains(index))
        .filter(
            |&index| match meta.columns.get(index).map(|column| column.role) {
                Some(ColumnRole::UpdatedAt) => true,
                // The moment of creation stays; an associated row's deletion is not undone by a save.
                Some(ColumnRole::CreatedAt) => false,
                Some(ColumnRole::DeletedAt) => root && scope.column(meta, index),
                _ => scope.column(meta, index),
            },
        )
        .collect()
}

pub(super) async fn update_all(
    writer: &mut Writer<'_>,
    meta: &'static ModelMeta,
    records: &mut [&mut dyn Record],
    columns: &[usize],
    place: &Place<'_>,
) -> Result<()> {
    for (index, column) in meta.columns.iter().enumerate() {
        if column.role == ColumnRole::UpdatedAt {
            for record in records.iter_mut() {
                record.set(index, moment_for(column.family, writer.now))?;
            }
        }
    }
    let sized = sized(meta, columns);
    for (index, record) in records.iter().enumerate() {
        check_sizes(&**record, &sized).map_err(|error| at(error, place, index))?;
    }
    update_rows(writer, meta, records, columns, false, place).await
}

struct Counts(Vec<u64>);

impl Sink for Counts {
    fn row(&mut self, _statement: usize, _row: &dyn Row) -> Result<()> {
        Ok(())
    }

    fn done(&mut self, _statement: usize, done: Done) -> Result<()> {
        self.0.push(done.affected);
        Ok(())
    }
}

/// `UPDATE … SET columns WHERE key`, once per record, as one statement.
pub(crate) async fn update_rows(
    writer: &mut Writer<'_>,
    meta: &'static ModelMeta,
    records: &mut [&mut dyn Record],
    columns: &[usize],
    unscoped: bool,
    place: &Place<'_>,
) -> Result<()> {
    update_rows_at(writer, meta, records, columns, None, unscoped, place).await
}

/// As [`update_rows`], of rows that have these keys still.
pub(crate) async fn update_rows_at(
    writer: &mut Writer<'_>,
    meta: &'static ModelMeta,
    records: &mut [&mut dyn Record],
    columns: &[usize],
    keys: Option<&[Vec<Value<'static>>]>,
    unscoped: bool,
    place: &Place<'_>,
) -> Result<()> {
    if columns.is_empty() {
        return Ok(());
    }
    let db = writer.lane.db();
    let live = meta
        .deleted_at()
        .filter(|_| !unscoped && !db.settings.unscoped);
    let form = update_form(meta, columns.iter().copied(), live);
    let mut prepared = Prepared {
        sql: db.text_of(form, || update_of(meta, columns, live)),
        binds: Vec::new(),
    };
    prepared.binds = Vec::with_capacity((columns.len() + meta.key.len()) * records.len());
    for (index, record) in records.iter().enumerate() {
        let of = |columns: &[usize], binds: &mut Vec<_>| {
            binds.extend(columns.iter().map(|&index| record.value(index)));
        };
        of(columns, &mut prepared.binds);
        match keys.and_then(|keys| keys.get(index)) {
            Some(key) => prepared.binds.extend(key.iter().map(Value::reborrow)),
            None => of(&meta.key, &mut prepared.binds),
        }
    }
    let times = records.len();
    if writer.lane.defers() {
        let later = Later {
            sql: prepared.sql,
            binds: prepared.binds.into_iter().map(Value::into_owned).collect(),
            action: Action::Each { times },
            blame: Blame {
                meta: Some(meta),
                place: place.keep(),
                members: Vec::new(),
                conflict: None,
            },
            changes: Some(meta),
        };
        // Whether all rows were there is looked at when the answer comes.
        let _ticket = writer.lane.later(later)?;
        return Ok(());
    }
    let mut counts = Counts(Vec::with_capacity(times));
    let statements = vec![prepared.statement(Action::Each { times })];
    let sent = writer
        .lane
        .run_then(Then::More, statements, &mut counts)
        .await;
    sent.map_err(|failure| {
        failure.or(|error| {
            at(
                error.with_model(meta.name).with_table(meta.table.as_ref()),
                place,
                counts.0.len(),
            )
        })
    })?;
    match counts.0.iter().position(|&affected| affected == 0) {
        None => Ok(()),
        Some(index) => Err(at(
            gone(meta, records.get(index).map(|r| &**r)),
            place,
            index,
        )),
    }
}

/// What the text of [`update_of`] follows from.
pub(super) fn update_form(
    meta: &'static ModelMeta,
    columns: impl ExactSizeIterator<Item = usize>,
    live: Option<usize>,
) -> Form {
    let form = Form::of("update", meta).with(u64::from(live.is_some()));
    form.columns_of(columns)
}

/// The conditions that a row is the one with the key that is bound.
pub(super) fn by_key(meta: &ModelMeta) -> impl Iterator<Item = Expr> {
    let is = |&index: &usize| Expr::here(column(meta, index)).equals(Expr::Param);
    meta.key.iter().map(is)
}

/// `UPDATE … SET columns WHERE key`, of a row that is not soft-deleted where that is to be looked at.
pub(super) fn update_of(meta: &ModelMeta, columns: &[usize], live: Option<usize>) -> Update {
    let mut filter: Vec<Expr> = by_key(meta).collect();
    filter.extend(live.map(|index| Expr::IsNull(Box::new(Expr::here(column(meta, index))), false)));
    Update {
        table: meta.table.clone(),
        set: columns
            .iter()
            .map(|&index| (column(meta, index), Expr::Param))
            .collect(),
        filter,
        returning: Vec::new(),
    }
}

/// The error for a row that is not there (any more).
pub(crate) fn gone(meta: &ModelMeta, record: Option<&dyn Record>) -> Error {
    let key = record
        .map(|record| record.values_owned(&meta.key))
        .unwrap_or_default();
    gone_with(meta, &key)
}

/// As [`gone`], for a row with this key.
pub(super) fn gone_with(meta: &ModelMeta, key: &[Value<'_>]) -> Error {
    let key: Vec<String> = key
        .iter()
        .map(|value| match value {
            Value::Int(n) => n.to_string(),
            other => format!("{other:?}"),
        })
        .collect();
    Error::new(
        ErrorKind::NotFound,
        format!("no {} with key {}", meta.name, key.join(", ")),
    )
    .with_model(meta.name)
    .with_table(meta.table.as_ref())
    .with_hint("it was deleted (or soft-deleted); db.upsert(&mut row) writes it in any case")
}
