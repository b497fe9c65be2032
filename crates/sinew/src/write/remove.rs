//! Rows removed with what hangs on them, bottom-up: associations first, then the rows. Each
//! association is one or two statements, whatever the number of rows.

use std::collections::HashSet;

use sinew_core::driver::{Action, BoxFuture};
use sinew_core::record::Record;
use sinew_core::schema::{Linkage, ModelMeta, RelationMeta};
use sinew_core::{Error, ErrorKind, Result, Value};
use sinew_sql::{Delete, Expr, Ident, Update};

use super::existing::{Encoded, encoded, key_of};
use super::fill::moment_for;
use super::graph::Writer;
use super::lane::Lane;
use super::place::Place;
use super::rows::{among, keys_of, read_select, run_hooks};
use super::unlink::remove_links;
use crate::db::Affected;
use crate::hook::{self, Moment};
use crate::preload::{Fetch, strip_live_select};
use crate::relation::PreloadNode;
use crate::relation::reach::{self, column};

/// How rows are removed, and what went so far.
pub(crate) struct Removal {
    /// For good, also where deletes are soft.
    pub(crate) hard: bool,
    /// Rows on their way already, by model and key: trees may be circular.
    seen: HashSet<(usize, Encoded)>,
    /// What of the root rows' associations went.
    pub(crate) gone: Vec<Gone>,
    depth: u32,
}

/// What went of one association.
pub(crate) struct Gone {
    pub(crate) relation: usize,
    /// The keys of the targets; `None` means all of them. Links are told by both their keys.
    pub(crate) targets: Option<HashSet<Encoded>>,
}

impl Removal {
    pub(crate) fn new(hard: bool) -> Self {
        Self {
            hard,
            seen: HashSet::new(),
            gone: Vec::new(),
            depth: 0,
        }
    }

    pub(super) fn note(&mut self, relation: usize, targets: Option<HashSet<Encoded>>) {
        if self.depth == 1 {
            self.gone.push(Gone { relation, targets });
        }
    }

    /// Marks a row as on its way; whether it was not before.
    fn enter(&mut self, record: &dyn Record) -> bool {
        let meta = std::ptr::from_ref(record.meta()) as usize;
        self.seen.insert((meta, key_of(record)))
    }
}

/// Whether the model's hooks run on this lane.
pub(super) fn hooked(writer: &Writer<'_>, meta: &ModelMeta) -> bool {
    match &writer.lane {
        Lane::Tx(db) => hook::of(meta, db).is_some(),
        Lane::Op(_) => false,
    }
}

/// The associations that follow a soft delete of the model's rows.
pub(crate) fn cascades(meta: &ModelMeta) -> impl Iterator<Item = &RelationMeta> {
    meta.relations
        .iter()
        .filter(|relation| relation.soft_cascade && softens(relation))
}

/// Whether what an association deletes (targets, or links) is deleted softly.
fn softens(relation: &RelationMeta) -> bool {
    match &relation.linkage {
        Linkage::Target { target, .. } => target().deleted_at().is_some(),
        Linkage::Join { table, .. } => table
            .model
            .is_some_and(|model| model().deleted_at().is_some()),
        _ => false,
    }
}

/// Removes rows with these associations of theirs; the number of rows of the root.
pub(crate) fn remove<'f, 'd: 'f>(
    writer: &'f mut Writer<'d>,
    records: &'f mut [&mut dyn Record],
    owner: fn() -> &'static ModelMeta,
    nodes: &'f [PreloadNode],
    removal: &'f mut Removal,
    place: &'f Place<'f>,
) -> BoxFuture<'f, Result<u64>> {
    Box::pin(async move {
        let Some(meta) = records.first().map(|record| record.meta()) else {
            return Ok(0);
        };
        for record in records.iter() {
            removal.enter(&**record);
        }
        run_hooks(writer, records, &[Moment::BeforeDelete], place).await?;
        let soft = meta.deleted_at().filter(|_| !removal.hard);
        let mut all = nodes.to_vec();
        if soft.is_some() {
            for relation in cascades(meta) {
                if all.iter().all(|node| node.relation != relation.index) {
                    all.push(PreloadNode::new(owner, relation.index));
                }
            }
        }
        removal.depth += 1;
        for node in &all {
            remove_association(writer, records, node, removal).await?;
        }
        removal.depth -= 1;
        let keys = keys_of(records.iter().map(|record| &**record));
        let filter = vec![among(meta, &meta.key, keys)];
        let count = erase(writer, meta, filter, removal.hard).await?;
        if let Some(deleted) = soft {
            let family = meta.columns.get(deleted).map(|column| column.family);
            for record in records.iter_mut() {
                if let Some(family) = family {
                    record.set(deleted, moment_for(family, writer.now))?;
                }
            }
        }
        run_hooks(writer, records, &[Moment::AfterDelete], place).await?;
        Ok(count)
    })
}

/// Deletes rows of a model in one statement: softly where deletes are soft.
pub(crate) async fn erase(
    writer: &mut Writer<'_>,
    meta: &'static ModelMeta,
    filter: Vec<Expr>,
    hard: bool,
) -> Result<u64> {
    let soft = meta
        .deleted_at()
        .filter(|_| !hard)
        .and_then(|i| meta.columns.get(i));
    let moment = soft.map(|deleted| (deleted.name.clone(), moment_for(deleted.family, writer.now)));
    erase_from(writer, meta.table.clone(), filter, moment)
        .await
        .map_err(|error| error.with_model(meta.name).with_table(meta.table.as_ref()))
}

/// `DELETE FROM table`, or `UPDATE table SET deleted_at = moment` for those that are not deleted.
pub(super) async fn erase_from(
    writer: &mut Writer<'_>,
    table: Ident,
    mut filter: Vec<Expr>,
    soft: Option<(Ident, Value<'static>)>,
) -> Result<u64> {
    let db = writer.lane.db().clone();
    let mut affected = Affected::default();
    match soft {
        Some((name, moment)) => {
            if !filter.iter().any(|expr| matches!(expr, Expr::Live(..))) {
                filter.push(Expr::IsNull(Box::new(Expr::here(name.clone())), false));
            }
            let set = vec![(name, Expr::Value(moment))];
            let statement = Update {
                table,
                set,
                filter,
                returning: Vec::new(),
            };
            let mut prepared = db.prepare(&statement);
            writer
                .lane
                .run(vec![prepared.statement(Action::Count)], &mut affected)
                .await?;
        }
        None => {
            let statement = Delete {
                table,
                filter,
                returning: Vec::new(),
            };
            let mut prepared = db.prepare(&statement);
            writer
                .lane
                .run(vec![prepared.statement(Action::Count)], &mut affected)
                .await?;
        }
    }
    Ok(affected.0)
}

async fn remove_association(
    writer: &mut Writer<'_>,
    owners: &[&mut dyn Record],
    node: &PreloadNode,
    removal: &mut Removal,
) -> Result<()> {
    let relation = node.meta()?;
    match &relation.linkage {
        Linkage::Target { .. } => remove_targets(writer, owners, node, relation, removal).await,
        Linkage::Join { .. } => {
            nothing_below(node, relation)?;
            remove_links(writer, owners, node, relation, removal).await
        }
        // What a row belongs to outlives it.
        Linkage::Owner { .. } | Linkage::Any { .. } => nothing_below(node, relation),
        Linkage::Through { .. } => Err(refused(
            node,
            relation,
            "goes through others and is read-only; delete the associations on the way",
        )),
    }
}

fn refused(node: &PreloadNode, relation: &RelationMeta, why: &str) -> Error {
    let owner = (node.owner)();
    Error::new(
        ErrorKind::Unsupported,
        format!("{}.{} {why}", owner.name, relation.name),
    )
    .with_model(owner.name)
    .with_association(relation.name)
}

fn nothing_below(node: &PreloadNode, relation: &RelationMeta) -> Result<()> {
    if node.children.is_empty() {
        return Ok(());
    }
    Err(refused(
        node,
        relation,
        "keeps its targets when its owner is deleted, so nothing below them goes",
    ))
}

/// The values of the owners' key for an association, each once, in a row.
pub(super) fn owner_keys(
    owners: &[&mut dyn Record],
    node: &PreloadNode,
    relation: &'static RelationMeta,
) -> Result<(Vec<Value<'static>>, usize)> {
    let model = (node.owner)();
    let own = reach::owner_key(model, relation)?;
    let families = reach::key_families(model, relation)?;
    let mut seen = HashSet::new();
    let mut keys = Vec::new();
    for owner in owners {
        if let Some(key) = reach::key_of(&**owner, &own, &families)
            && seen.insert(encoded(&key))
        {
            keys.extend(key);
        }
    }
    Ok((keys, own.len()))
}

/// Whether a node narrows its association.
pub(super) fn narrows(node: &PreloadNode) -> bool {
    !node.filter.is_empty()
        || node.limit.is_some()
        || node.limit_total.is_some()
        || node.offset > 0
        || !node.joins.is_empty()
}

async fn remove_targets(
    writer: &mut Writer<'_>,
    owners: &[&mut dyn Record],
    node: &PreloadNode,
    relation: &'static RelationMeta,
    removal: &mut Removal,
) -> Result<()> {
    let Linkage::Target {
        far,
        polymorphic,
        target,
        ..
    } = &relation.linkage
    else {
        return Ok(());
    };
    let meta = target();
    let hard = removal.hard;
    let (keys, width) = owner_keys(owners, node, relation)?;
    if keys.is_empty() {
        return Ok(());
    }
    let soft = meta.deleted_at().is_some() && !hard;
    let leaf = node.children.is_empty() && !(soft && cascades(meta).next().is_some());
    if leaf && !narrows(node) && !hooked(writer, meta) {
        let mut filter = vec![among(meta, far, keys)];
        if let Some(kind) = polymorphic {
            let value = Expr::Value(Value::Text(kind.value.clone()));
            filter.push(Expr::here(column(meta, kind.column)).equals(value));
        }
        removal.note(relation.index, None);
        return erase(writer, meta, filter, hard).await.map(|_| ());
    }
    // The tree of a delete is that of a preload; what is below is deleted, not loaded.
    let mut narrow = node.clone();
    narrow.children.clear();
    let mut fetch = Fetch::of(&narrow, hard)?;
    if hard {
        strip_live_select(&mut fetch.select);
    }
    fetch.restrict(keys, width);
    let mut rows = read_select(&mut writer.lane, meta, &fetch.select).await?;
    let mut found = rows.all_mut();
    found.retain(|record| removal.enter(&**record));
    let targets = found.iter().map(|record| key_of(&**record)).collect();
    removal.note(relation.index, narrows(node).then_some(targets));
    let positions = (0u32..).take(found.len()).map(|i| (0, i)).collect();
    let under = Place {
        parent: None,
        relation: relation.name,
        many: relation.many,
        positions,
    };
    remove(writer, &mut found, *target, &node.children, removal, &under)
        .await
        .map(|_| ())
}
