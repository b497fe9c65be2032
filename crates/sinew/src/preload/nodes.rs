//! What is asked for, before anything is read: checks, and what can be read together.

use sinew_core::{Error, ErrorKind, Result};
use sinew_sql::Expr;

use crate::relation::{JoinNode, PreloadNode};

/// Refuses nodes whose builder met an error, those for another model, and SQL of the user's that
/// cannot be sent.
pub(crate) fn check(nodes: &[PreloadNode]) -> Result<()> {
    for node in nodes {
        refuse(node.doubt.as_deref())?;
        node.meta()?;
        node.filter
            .iter()
            .chain(&node.link_filter)
            .try_for_each(Expr::check)?;
        node.order
            .iter()
            .chain(&node.link_order)
            .try_for_each(|order| order.expr.check())?;
        check_joins(&node.joins)?;
        check(&node.children)?;
    }
    Ok(())
}

/// As [`check`], for joins and what hangs on them.
pub(crate) fn check_joins(nodes: &[JoinNode]) -> Result<()> {
    for node in nodes {
        refuse(node.doubt.as_deref())?;
        node.filter
            .iter()
            .chain(&node.link_filter)
            .try_for_each(Expr::check)?;
        node.order
            .iter()
            .chain(&node.link_order)
            .try_for_each(|order| order.expr.check())?;
        check(&node.preloads)?;
        check_joins(&node.joins)?;
    }
    Ok(())
}

fn refuse(doubt: Option<&str>) -> Result<()> {
    doubt.map_or(Ok(()), |doubt| {
        Err(Error::new(ErrorKind::InvalidInput, doubt))
    })
}

/// Preloads of an association that is joined as a whole anyway go below the join; the others
/// stay.
pub(crate) fn under_joins(joins: &mut [JoinNode], preloads: Vec<PreloadNode>) -> Vec<PreloadNode> {
    let mut rest = Vec::new();
    for mut node in preloads {
        let joined = joins
            .iter_mut()
            .rev()
            .find(|join| join.relation == node.relation);
        match joined.filter(|join| node.is_plain() && join.loads_all()) {
            Some(join) => {
                let below = std::mem::take(&mut node.children);
                let below = under_joins(&mut join.joins, below);
                join.preloads
                    .retain(|held| below.iter().all(|b| b.relation != held.relation));
                join.preloads.extend(below);
            }
            None => rest.push(node),
        }
    }
    rest
}

/// Adds `node` beside what is there, following a common path.
pub(crate) fn merge(nodes: &mut Vec<PreloadNode>, node: PreloadNode) {
    match nodes.iter_mut().find(|held| held.relation == node.relation) {
        Some(held) => {
            for child in node.children {
                merge(&mut held.children, child);
            }
        }
        None => nodes.push(node),
    }
}
