//! Links of a many-to-many removed; their targets stay.

use std::collections::HashSet;

use sinew_core::driver::{Action, Done, Row, Sink};
use sinew_core::record::Record;
use sinew_core::schema::{JoinTable, Linkage, ModelMeta, RelationMeta};
use sinew_core::{Result, Value};
use sinew_sql::{Expr, SelectItem};

use super::existing::{Encoded, comparable, encoded};
use super::fill::moment_for;
use super::graph::Writer;
use super::place::Place;
use super::remove::{Removal, erase_from, hooked, narrows, owner_keys, remove};
use super::rows::read_rows;
use crate::preload::{Fetch, key_condition, strip_live_select};
use crate::relation::PreloadNode;
use crate::relation::reach::{LINK, column};

/// The keys of links: those of the owner, then those of the target.
struct Pairs(Vec<Vec<Value<'static>>>);

impl Sink for Pairs {
    fn row(&mut self, _statement: usize, row: &dyn Row) -> Result<()> {
        let values: Result<Vec<_>> = (0..row.len())
            .map(|i| row.get(i).map(Value::into_owned))
            .collect();
        self.0.push(values?);
        Ok(())
    }

    fn done(&mut self, _statement: usize, _done: Done) -> Result<()> {
        Ok(())
    }
}

/// Removes the links that the owners have under an association, as far as the node admits them.
pub(super) async fn remove_links(
    writer: &mut Writer<'_>,
    owners: &[&mut dyn Record],
    node: &PreloadNode,
    relation: &'static RelationMeta,
    removal: &mut Removal,
) -> Result<()> {
    let Linkage::Join { table, .. } = &relation.linkage else {
        return Ok(());
    };
    let (keys, width) = owner_keys(owners, node, relation)?;
    if keys.is_empty() {
        return Ok(());
    }
    let names = |names: &[std::borrow::Cow<'static, str>]| -> Vec<Expr> {
        names.iter().cloned().map(Expr::here).collect()
    };
    let mut filter;
    if narrows(node) {
        let pairs = pairs_of(writer, node, table, keys, width, removal.hard).await?;
        let gone: HashSet<Encoded> = pairs
            .iter()
            .map(|pair| encoded(&comparable(pair.clone())))
            .collect();
        removal.note(relation.index, Some(gone));
        if pairs.is_empty() {
            return Ok(());
        }
        let tuple = names(&table.own)
            .into_iter()
            .chain(names(&table.far))
            .collect::<Vec<_>>();
        let width = tuple.len();
        filter = vec![key_condition(
            tuple,
            pairs.into_iter().flatten().collect(),
            width,
        )];
    } else {
        filter = vec![key_condition(names(&table.own), keys, width)];
        filter.extend(node.link_filter.iter().cloned());
        // Which ones a condition on the links meets is not known in memory.
        let unknown = !node.link_filter.is_empty();
        removal.note(
            relation.index,
            if unknown { Some(HashSet::new()) } else { None },
        );
    }
    match table.model {
        Some(model) => remove_models(writer, model, relation, filter, removal).await,
        None => erase_from(writer, table.name.clone(), filter, None)
            .await
            .map(|_| ()),
    }
}

async fn remove_models(
    writer: &mut Writer<'_>,
    model: fn() -> &'static ModelMeta,
    relation: &RelationMeta,
    mut filter: Vec<Expr>,
    removal: &mut Removal,
) -> Result<()> {
    let meta = model();
    let deleted = meta.deleted_at().filter(|_| !removal.hard);
    if hooked(writer, meta) && !meta.key.is_empty() {
        filter.extend(deleted.map(|i| Expr::IsNull(Box::new(Expr::here(column(meta, i))), false)));
        let mut rows = read_rows(&mut writer.lane, meta, filter).await?;
        let mut records = rows.all_mut();
        let positions = (0u32..).take(records.len()).map(|i| (0, i)).collect();
        let place = Place {
            parent: None,
            relation: relation.name,
            many: true,
            positions,
        };
        return remove(writer, &mut records, model, &[], removal, &place)
            .await
            .map(|_| ());
    }
    let soft = deleted.and_then(|i| meta.columns.get(i));
    let soft = soft.map(|column| (column.name.clone(), moment_for(column.family, writer.now)));
    erase_from(writer, meta.table.clone(), filter, soft)
        .await
        .map(|_| ())
}

/// The links whose targets a node admits.
async fn pairs_of(
    writer: &mut Writer<'_>,
    node: &PreloadNode,
    table: &JoinTable,
    keys: Vec<Value<'static>>,
    width: usize,
    hard: bool,
) -> Result<Vec<Vec<Value<'static>>>> {
    let mut fetch = Fetch::of(node, hard)?;
    if hard {
        strip_live_select(&mut fetch.select);
    }
    fetch.restrict(keys, width);
    let link =
        |name: &std::borrow::Cow<'static, str>| SelectItem::from(Expr::of(LINK, name.clone()));
    fetch.select.columns = table.own.iter().chain(&table.far).map(link).collect();
    let db = writer.lane.db().clone();
    let mut prepared = db.prepare(&fetch.select);
    let mut pairs = Pairs(Vec::new());
    writer
        .lane
        .run(vec![prepared.statement(Action::Rows)], &mut pairs)
        .await?;
    Ok(pairs.0)
}
