//! Rows that association mode removes: softly where their model says so, with their hooks.

use sinew_core::Result;
use sinew_core::driver::Action;
use sinew_core::record::{Record, Rows};
use sinew_core::schema::ModelMeta;
use sinew_sql::{Delete, Expr, Update};

use super::read::read_rows;
use crate::db::Ignore;
use crate::hook::{self, Moment};
use crate::preload::key_condition;
use crate::relation::reach::column;
use crate::write::{Lane, Writer, moment_for};

/// Removes the rows of a model that meet these conditions.
pub(super) async fn remove(
    writer: &mut Writer<'_>,
    meta: &'static ModelMeta,
    mut filter: Vec<Expr>,
) -> Result<()> {
    let db = writer.lane.db().clone();
    let soft = meta.deleted_at().filter(|_| !db.settings.unscoped);
    if let Some(deleted) = soft {
        filter.push(Expr::IsNull(Box::new(Expr::here(column(meta, deleted))), false));
    }
    if hook::of(meta, &db).is_none() || meta.key.is_empty() {
        return send(writer, meta, soft, filter).await;
    }
    let mut found = read_rows(writer, meta, filter).await?;
    if found.is_empty() {
        return Ok(());
    }
    call(writer, &mut *found, Moment::BeforeDelete).await?;
    let mut keys = Vec::new();
    for record in found.all_mut() {
        let record: &dyn Record = record;
        keys.extend(record.values_owned(&meta.key));
    }
    let tuple = meta.key.iter().map(|&index| Expr::here(column(meta, index))).collect();
    send(writer, meta, soft, vec![key_condition(tuple, keys, meta.key.len())]).await?;
    call(writer, &mut *found, Moment::AfterDelete).await
}

async fn send(
    writer: &mut Writer<'_>,
    meta: &'static ModelMeta,
    soft: Option<usize>,
    filter: Vec<Expr>,
) -> Result<()> {
    let db = writer.lane.db().clone();
    let table = meta.table.clone();
    let family = soft.and_then(|index| meta.columns.get(index)).map(|column| column.family);
    if let (Some(index), Some(family)) = (soft, family) {
        let moment = Expr::Value(moment_for(family, writer.now));
        let set = vec![(column(meta, index), moment)];
        let statement = Update { table, set, filter, returning: Vec::new() };
        let mut prepared = db.prepare(&statement);
        return writer.lane.run(vec![prepared.statement(Action::Count)], &mut Ignore).await;
    }
    let statement = Delete { table, filter, returning: Vec::new() };
    let mut prepared = db.prepare(&statement);
    writer.lane.run(vec![prepared.statement(Action::Count)], &mut Ignore).await
}

/// Runs one hook on each of these rows.
pub(super) async fn call(
    writer: &mut Writer<'_>,
    rows: &mut dyn Rows,
    moment: Moment,
) -> Result<()> {
    let Lane::Tx(db) = &writer.lane else { return Ok(()) };
    let Some(meta) = rows.get(0).map(Record::meta) else { return Ok(()) };
    let Some(hooks) = hook::of(meta, db) else { return Ok(()) };
    for record in rows.all_mut() {
        hooks.call(record, db, moment).await?;
    }
    Ok(())
}
