//! Rows of join tables.

use sinew_core::driver::Action;
use sinew_core::record::Record;
use sinew_core::schema::{JoinTable, Linkage, ModelMeta, RelationMeta};
use sinew_core::{Error, ErrorKind, Result, Value};
use sinew_sql::{Conflict, Insert};

use super::graph::Writer;
use super::insert::{at, promised};
use super::link_models::insert_models;
use super::place::Place;

/// One link to be written: the owner's key, the target's key, and the link row the user gave.
pub(crate) struct Link {
    pub(crate) own: Vec<Value<'static>>,
    pub(crate) far: Vec<Value<'static>>,
    pub(crate) given: Option<Vec<Value<'static>>>,
}

/// Writes the links of everything the records hold under a many-to-many association.
pub(crate) async fn write(
    writer: &mut Writer<'_>,
    records: &mut [&mut dyn Record],
    relation: &'static RelationMeta,
    place: &Place<'_>,
) -> Result<()> {
    let Linkage::Join {
        own, far, table, ..
    } = &relation.linkage
    else {
        return Ok(());
    };
    let mut links = Vec::new();
    for (index, record) in records.iter().enumerate() {
        let Some(slot) = record.slot(relation.index) else {
            continue;
        };
        let mut targets: Vec<&dyn Record> = Vec::new();
        slot.records(&mut targets);
        let mut given: Vec<&dyn Record> = Vec::new();
        slot.links(&mut given);
        let owner = record.values_owned(own);
        for (position, target) in targets.iter().enumerate() {
            let far = target.values_owned(far);
            if !target.has_key() {
                return Err(at(missing_key(target.meta(), relation), place, index));
            }
            let given = given.get(position).map(|link| {
                (0..link.meta().columns.len())
                    .map(|i| link.value(i).into_owned())
                    .collect()
            });
            links.push(Link {
                own: owner.clone(),
                far,
                given,
            });
        }
    }
    insert_links(writer, table, links).await?;
    if table.model.is_some() {
        for record in records.iter_mut() {
            stamp_links(&mut **record, relation, own, far, table)?;
        }
    }
    Ok(())
}

/// Writes the keys into the link rows that the user gave.
fn stamp_links(
    record: &mut dyn Record,
    relation: &RelationMeta,
    own: &[usize],
    far: &[usize],
    table: &JoinTable,
) -> Result<()> {
    let owner = record.values_owned(own);
    let Some(slot) = record.slot_mut(relation.index) else {
        return Ok(());
    };
    let mut targets: Vec<&dyn Record> = Vec::new();
    slot.records(&mut targets);
    let keys: Vec<_> = targets
        .iter()
        .map(|target| target.values_owned(far))
        .collect();
    let mut links = Vec::new();
    slot.links_mut(&mut links);
    for (link, far) in links.into_iter().zip(keys) {
        let values = owner.iter().cloned().chain(far);
        for (name, value) in table.own.iter().chain(&table.far).zip(values) {
            if let Some(column) = link.meta().column(name) {
                link.set(column, value)?;
            }
        }
    }
    Ok(())
}

fn missing_key(meta: &ModelMeta, relation: &RelationMeta) -> Error {
    Error::new(
        ErrorKind::MissingKey,
        format!(
            "a {} of {} has no key, so nothing can be linked to it",
            meta.name, relation.name
        ),
    )
    .with_association(relation.name)
    .with_hint("its targets are omitted: they must be in the database already")
}

/// Inserts links; those that are there already stay (a soft-deleted one is revived).
pub(crate) async fn insert_links(
    writer: &mut Writer<'_>,
    table: &JoinTable,
    links: Vec<Link>,
) -> Result<()> {
    if links.is_empty() {
        return Ok(());
    }
    match table.model {
        Some(model) => insert_models(writer, model(), table, links).await,
        None => insert_pairs(writer, table, links).await,
    }
}

async fn insert_pairs(writer: &mut Writer<'_>, table: &JoinTable, links: Vec<Link>) -> Result<()> {
    // A column shared by both sides (a tenant, say) is written once.
    let far_new: Vec<usize> = (0..table.far.len())
        .filter(|&i| !table.own.contains(&table.far[i]))
        .collect();
    let columns: Vec<_> = table
        .own
        .iter()
        .chain(far_new.iter().map(|&i| &table.far[i]))
        .cloned()
        .collect();
    let times = links.len();
    let mut binds = Vec::with_capacity(columns.len() * times);
    for link in links {
        binds.extend(link.own);
        binds.extend(
            link.far
                .into_iter()
                .enumerate()
                .filter(|(i, _)| far_new.contains(i))
                .map(|(_, v)| v),
        );
    }
    let statement = Insert {
        table: table.name.clone(),
        promised: promised(&writer.lane, &binds, columns.len())?,
        columns,
        rows: 1,
        conflict: Some(Conflict::Nothing(Vec::new())),
        returning: Vec::new(),
        keep: None,
    };
    let db = writer.lane.db().clone();
    let mut prepared = db.prepare(&statement);
    prepared.binds = binds;
    writer.lane.unseen(prepared, Action::Total { times }).await
}
