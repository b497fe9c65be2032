//! Limits: of targets for each owner, and of the root's rows although joins repeat them.

use sinew_core::Result;
use sinew_core::schema::ModelMeta;
use sinew_sql::{Expr, Ident, InList, Join, JoinKind, Order, PerGroup, Select, Source};

use super::fetch::{name_columns, push_columns};
use super::joins::Joining;
use crate::relation::reach::{self, Match};
use crate::relation::{JoinNode, PreloadNode};

/// The last part of a table's name, which is what its columns are qualified with.
pub(super) fn last(table: &Ident) -> Ident {
    match table.rsplit_once('.') {
        Some((_, last)) => last.to_owned().into(),
        None => table.clone(),
    }
}

/// Makes the limit count rows of the root although joins repeat them: the root's rows are
/// chosen in a derived table, and the joins come around it.
pub(super) fn limit_first(
    meta: &'static ModelMeta,
    select: &mut Select,
    nodes: &[JoinNode],
    unscoped: bool,
) -> Result<()> {
    let mut inner = Select {
        columns: std::mem::take(&mut select.columns),
        from: std::mem::take(&mut select.from),
        joins: select.joins.clone(),
        filter: std::mem::take(&mut select.filter),
        group_by: std::mem::take(&mut select.group_by),
        having: std::mem::take(&mut select.having),
        order: select.order.clone(),
        limit: select.limit.take(),
        offset: select.offset.take(),
        distinct: std::mem::take(&mut select.distinct),
        ..Select::default()
    };
    name_columns(&mut inner, meta);
    let name = last(&meta.table);
    if nodes.iter().any(narrows) || mentions_joins(&inner) {
        inner.distinct = true;
        let mut blocks = Vec::new();
        let mut joining = Joining {
            select: &mut inner,
            blocks: &mut blocks,
            main: &name,
            unscoped,
            selects: false,
            folds: false,
        };
        joining.all(0, None, nodes)?;
        // The joined tables' order is for within a row of the root.
        inner.order.truncate(select.order.len());
        raw_last(&mut inner);
    }
    push_columns(select, meta, None);
    select.from = Source::Query(Box::new(inner), name);
    Ok(())
}

/// Joins written in SQL come last, so that they can name what was joined by association.
pub(super) fn raw_last(select: &mut Select) {
    select
        .joins
        .sort_by_key(|join| matches!(join, Join::Raw(_)));
}

/// Whether this join, or one below it, drops rows.
fn narrows(node: &JoinNode) -> bool {
    node.kind == JoinKind::Inner || node.joins.iter().any(narrows)
}

/// Whether a condition or an order could name a joined table: only SQL of the user's can.
fn mentions_joins(select: &Select) -> bool {
    let raw = |expr: &Expr| matches!(expr, Expr::Raw(_)) || format!("{expr:?}").contains("Raw(");
    !select.joins.is_empty()
        || select.filter.iter().any(raw)
        || select.order.iter().any(|order| raw(&order.expr))
}

/// The order of an association's targets, and how many of them.
pub(super) fn order_and_limit(
    select: &mut Select,
    node: &PreloadNode,
    meta: &ModelMeta,
    found: &Match,
) -> Result<()> {
    let link: Ident = reach::LINK.into();
    select.order = node
        .link_order
        .iter()
        .map(|order| Order {
            expr: order.expr.clone().rebase(&link),
            ..order.clone()
        })
        .chain(node.order.iter().cloned())
        .collect();
    let limited = node.limit.is_some() || node.limit_total.is_some() || node.offset > 0;
    if limited {
        // A limit without a total order would pick rows at random.
        select.order.extend(meta.key.iter().map(|&index| Order {
            expr: Expr::here(reach::column(meta, index)),
            descending: false,
            nulls_first: None,
        }));
    }
    select.limit = node.limit_total;
    if node.limit.is_some() || node.offset > 0 {
        let key = match meta.key.as_slice() {
            [key] => Some(reach::column(meta, *key)),
            _ => None,
        };
        select.per_group = Some(PerGroup {
            partition: reach::match_exprs(meta, found),
            limit: node.limit,
            offset: node.offset,
            keys: None,
            indexed: reach::is_looked_up((node.owner)(), node.meta()?)?,
            row: key,
        });
    }
    Ok(())
}

/// Restricts the select to these owners.
pub(super) fn restrict(select: &mut Select, tuple: Vec<Expr>, list: InList) {
    match &mut select.per_group {
        Some(group) => group.keys = Some(list),
        None => select.filter.push(Expr::In {
            tuple,
            list,
            negated: false,
        }),
    }
}

/// Restricts the select to one owner, for whom the limit is a plain one.
pub(super) fn restrict_to_one(select: &mut Select, key: Expr) {
    select.filter.push(key);
    // One over all owners may be there already.
    if select.limit.is_none()
        && let Some(group) = select.per_group.take()
    {
        select.limit = group.limit;
        select.offset = Some(group.offset);
    }
}
