//! Rows of join tables.

use sinew_core::driver::Action;
use sinew_core::record::{Record, Slot};
use sinew_core::schema::{JoinTable, Linkage, ModelMeta, RelationMeta};
use sinew_core::{Error, ErrorKind, Result, Value};
use sinew_sql::{Conflict, Insert};

use super::graph::Writer;
use super::insert::at;
use super::link_models::insert_models;
use super::place::Place;
use super::promise::promised;
use crate::db::Prepared;

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
    if table.model.is_none() {
        let held = records.iter().filter_map(|r| r.slot(relation.index));
        let mut pairs = PlainLinks::with_room(table, held.map(Slot::len).sum());
        let mut targets: Vec<&dyn Record> = Vec::new();
        for (index, record) in records.iter().enumerate() {
            if let Some(slot) = record.slot(relation.index) {
                slot.records(&mut targets);
            }
            for target in targets.drain(..) {
                if !target.has_key() {
                    return Err(at(missing_key(target.meta(), relation), place, index));
                }
                pairs.push(values(&**record, own), values(target, far));
            }
        }
        return pairs.insert(writer).await;
    }
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
    for record in records.iter_mut() {
        stamp_links(&mut **record, relation, own, far, table)?;
    }
    Ok(())
}

/// The values of these columns.
fn values(record: &dyn Record, columns: &[usize]) -> impl Iterator<Item = Value<'static>> {
    columns
        .iter()
        .map(|&column| record.value(column).into_owned())
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
        None => {
            let mut pairs = PlainLinks::with_room(table, links.len());
            for link in links {
                pairs.push(link.own, link.far);
            }
            pairs.insert(writer).await
        }
    }
}

/// Rows of a join table without a model.
pub(crate) struct PlainLinks<'t> {
    table: &'t JoinTable,
    /// Which of the target's columns are written: one shared by both sides (a tenant, say) is
    /// written once.
    far: Vec<bool>,
    /// The values of all rows.
    binds: Vec<Value<'static>>,
    count: usize,
}

impl<'t> PlainLinks<'t> {
    /// With room for so many rows.
    pub(crate) fn with_room(table: &'t JoinTable, rows: usize) -> Self {
        let shared = |name| table.own.contains(name);
        Self {
            table,
            far: table.far.iter().map(|name| !shared(name)).collect(),
            binds: Vec::with_capacity((table.own.len() + table.far.len()) * rows),
            count: 0,
        }
    }

    pub(crate) fn push(
        &mut self,
        own: impl IntoIterator<Item = Value<'static>>,
        far: impl IntoIterator<Item = Value<'static>>,
    ) {
        self.binds.extend(own);
        for (value, written) in far.into_iter().zip(&self.far) {
            if *written {
                self.binds.push(value);
            }
        }
        self.count += 1;
    }

    /// Inserts them; those that are there already stay.
    pub(crate) async fn insert(self, writer: &mut Writer<'_>) -> Result<()> {
        if self.count == 0 {
            return Ok(());
        }
        let far = self.table.far.iter().zip(&self.far);
        let far = far.filter(|(_, written)| **written).map(|(name, _)| name);
        let columns: Vec<_> = self.table.own.iter().chain(far).cloned().collect();
        let width = columns.len();
        let statement = Insert {
            table: self.table.name.clone(),
            promised: promised(&writer.lane, &self.binds, width)?,
            columns,
            rows: 1,
            conflict: Some(Conflict::Nothing(Vec::new())),
            returning: Vec::new(),
            keep: None,
        };
        let sql = writer.lane.db().prepare(&statement).sql;
        let prepared = Prepared {
            sql,
            binds: self.binds,
        };
        let times = self.count;
        writer.lane.unseen(prepared, Action::Total { times }).await
    }
}
