//! Columns that an insert computed, for databases whose statements return nothing.

use std::collections::HashMap;

use sinew_core::record::Record;
use sinew_core::schema::ModelMeta;
use sinew_core::{Result, Value};
use sinew_sql::Conflict;

use super::existing::encoded;
use super::lane::Lane;
use super::rows::{among, read_select};
use crate::preload::base_select;
use crate::relation::reach::column;

/// The values of `wanted` columns of the rows that an insert just wrote, for each member. They are
/// found by the columns whose conflict was meant, as the row that was updated instead keeps its
/// key; otherwise by their key.
pub(super) async fn read_inserted(
    lane: &mut Lane<'_>,
    records: &[&mut dyn Record],
    members: &[usize],
    last_ids: &[Option<i64>],
    wanted: &[usize],
    conflict: Option<&Conflict>,
) -> Result<Vec<Option<Vec<Value<'static>>>>> {
    let held = || members.iter().map(|&index| records.get(index));
    let Some(meta) = held().flatten().next().map(|record| record.meta()) else {
        return Ok(Vec::new());
    };
    let mut keys = Vec::with_capacity(members.len());
    let by = found_by(meta, conflict);
    for (record, last_id) in held().zip(last_ids) {
        keys.push(record.map(|record| {
            let values = by.iter().map(|&index| match last_id {
                Some(id) if meta.generated == Some(index) && record.is_unset(index) => {
                    Value::Int(*id)
                }
                _ => record.value(index).into_owned(),
            });
            values.collect::<Vec<_>>()
        }));
    }
    let mut select = base_select(meta, true);
    let flat = keys.iter().flatten().flatten().cloned().collect();
    select.filter.push(among(meta, &by, flat));
    let rows = read_select(lane, meta, &select).await?;
    let by_key: HashMap<_, usize> = (0..rows.len())
        .filter_map(|at| {
            rows.get(at)
                .map(|row| (encoded(&row.values_owned(&by)), at))
        })
        .collect();
    let row_of = |key: &Option<Vec<Value<'static>>>| {
        let at = by_key.get(&encoded(key.as_ref()?))?;
        Some(rows.get(*at)?.values_owned(wanted))
    };
    Ok(keys.iter().map(row_of).collect())
}

fn found_by(meta: &ModelMeta, conflict: Option<&Conflict>) -> Vec<usize> {
    match conflict {
        Some(Conflict::Update { target, .. }) if !target.is_empty() => (0..meta.columns.len())
            .filter(|&index| target.contains(&column(meta, index)))
            .collect(),
        _ => meta.key.clone(),
    }
}
