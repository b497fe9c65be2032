//! Taking soft-delete conditions out, for an unscoped session.

use sinew_sql::{Expr, InList, Join, Select, Source};

/// Takes every soft-delete condition out, for an unscoped session.
pub(crate) fn strip_live(expr: &mut Expr) {
    match expr {
        Expr::Live(..) => *expr = Expr::And(Vec::new()),
        Expr::Binary(left, _, right) => {
            strip_live(left);
            strip_live(right);
        }
        Expr::Not(inner)
        | Expr::AsText(inner)
        | Expr::IsNull(inner, _)
        | Expr::ListLength(inner)
        | Expr::List { list: inner, .. } => strip_live(inner),
        Expr::And(all) | Expr::Or(all) | Expr::Function { args: all, .. } => {
            all.iter_mut().for_each(strip_live);
        }
        Expr::Between(three) => three.iter_mut().for_each(strip_live),
        Expr::In { tuple, list, .. } => {
            tuple.iter_mut().for_each(strip_live);
            if let InList::Query(query) = list {
                strip_live_select(query);
            }
        }
        Expr::Like { expr, pattern, .. } => {
            strip_live(expr);
            strip_live(pattern);
        }
        Expr::Exists(query, _) | Expr::Query(query) => strip_live_select(query),
        Expr::Column(..)
        | Expr::Value(_)
        | Expr::Param
        | Expr::Excluded(_)
        | Expr::Raw(_)
        | Expr::One
        | Expr::Null => {}
    }
}

/// As [`strip_live`], for a whole select.
pub(crate) fn strip_live_select(select: &mut Select) {
    for item in &mut select.columns {
        strip_live(&mut item.expr);
    }
    for join in &mut select.joins {
        if let Join::Table { on, .. } = join {
            strip_live(on);
        }
    }
    let lists = [&mut select.filter, &mut select.group_by, &mut select.having];
    for expr in lists.into_iter().flatten() {
        strip_live(expr);
    }
    for order in &mut select.order {
        strip_live(&mut order.expr);
    }
    if let Source::Query(query, _) = &mut select.from {
        strip_live_select(query);
    }
}
