//! Reading along one association of rows at hand.

use std::collections::HashSet;

use sinew_core::record::Model;
use sinew_core::{Error, ErrorKind, Result, Value};
use sinew_sql::{Expr, InList, SelectItem};

use crate::db::Db;
use crate::preload::key_condition;
use crate::relation::PreloadNode;
use crate::relation::reach::{self, Match, column};
use crate::write::{comparable, encoded};

/// The condition on the target that it is linked to one of these owners.
pub(crate) fn linked_to<M: Model>(db: &Db, owners: &[M], relation: usize) -> Result<Expr> {
    let mut node = PreloadNode::new(M::schema, relation);
    node.unscoped = db.settings.unscoped;
    let meta = node.meta()?;
    let own = reach::owner_key(M::schema(), meta)?;
    let families = reach::key_families(M::schema(), meta)?;
    let mut seen = HashSet::new();
    let mut keys: Vec<Value<'static>> = Vec::new();
    for owner in owners {
        if own.iter().all(|&index| owner.is_unset(index)) {
            continue;
        }
        if let Some(key) = reach::key_of(owner, &own, &families)
            && seen.insert(encoded(&comparable(key.clone())))
        {
            keys.extend(key);
        }
    }
    if keys.is_empty() {
        return Ok(Expr::Or(Vec::new()));
    }
    let target = meta.target().ok_or_else(|| {
        Error::new(ErrorKind::Unsupported, "targets of several models").with_association(meta.name)
    })?;
    let (mut select, found) = reach::target_select(&node)?;
    let of_owners = key_condition(reach::match_exprs(target, &found), keys, own.len());
    if let (Match::Target(_), true) = (&found, select.joins.is_empty()) {
        // The query leaves soft-deleted targets out by itself.
        select.filter.retain(|expr| !matches!(expr, Expr::Live(..)));
        select.filter.push(of_owners);
        return Ok(Expr::And(select.filter));
    }
    select.filter.push(of_owners);
    let here = || {
        target
            .key
            .iter()
            .map(|&index| Expr::here(column(target, index)))
    };
    select.columns = here().map(SelectItem::from).collect();
    let list = InList::Query(Box::new(select));
    Ok(Expr::In {
        tuple: here().collect(),
        list,
        negated: false,
    })
}
