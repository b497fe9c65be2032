//! A limit that counts rows of the root although joins repeat them.

use sinew_core::Result;
use sinew_core::schema::ModelMeta;
use sinew_sql::{Expr, Ident, Join, JoinKind, Select, Source};

use super::fetch::{name_columns, push_columns};
use super::joins::Joining;
use crate::relation::JoinNode;

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
