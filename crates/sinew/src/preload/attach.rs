//! Rows handed to their owners, from the leaves up.

use std::any::Any;

use sinew_core::record::Records;
use sinew_core::{Error, ErrorKind, Result};

use super::keys::NONE;
use super::tree::Branch;
use crate::relation::VariantRows;

/// Hands the rows of every branch but the first to their owners.
pub(crate) fn attach_all(root: Option<&mut dyn Records>, branches: &mut [Branch]) -> Result<()> {
    let mut root = root;
    for index in (1..branches.len()).rev() {
        let (before, rest) = branches.split_at_mut(index);
        let Some((branch, others)) = rest.split_first_mut() else {
            continue;
        };
        let Some((owner, relation)) = branch.owner else {
            continue;
        };
        // Read twice, by a join and a preload say: what was said last counts.
        let again = |other: &Branch| {
            other.variant.is_none()
                && other
                    .owner
                    .is_some_and(|(at, same)| at == owner && std::ptr::eq(same, relation))
        };
        if others.iter().any(again) {
            continue;
        }
        let Some(holder) = before.get_mut(owner) else {
            continue;
        };
        let owners: &mut dyn Records = match (&mut holder.rows, &mut root) {
            (Some(rows), _) => &mut **rows,
            (None, Some(root)) => &mut **root,
            (None, None) => continue,
        };
        attach(owners, branch)?;
    }
    // A to-many join of the root's parts has no owner; nothing is left to do for branch 0.
    Ok(())
}

fn attach(owners: &mut dyn Records, branch: &mut Branch) -> Result<()> {
    let Some((_, relation)) = branch.owner else {
        return Ok(());
    };
    let slot = relation.index;
    if branch.fills {
        for owner in 0..owners.len() {
            if let Some(slot) = owners.get_mut(owner).and_then(|owner| owner.slot_mut(slot)) {
                slot.set_empty();
            }
        }
    }
    let Some(rows) = branch.rows.take() else {
        return Ok(());
    };
    if rows.is_empty() {
        return Ok(());
    }
    let shares = owners
        .get(0)
        .and_then(|owner| owner.slot(slot))
        .is_some_and(|slot| slot.shares());
    let mut targets: Box<dyn Any> = match (shares, branch.variant) {
        (true, Some(variant)) => Box::new(VariantRows {
            variant,
            rows: rows.into_shared(),
        }),
        (true, None) => rows.into_shared(),
        (false, _) => rows.into_taken(),
    };
    let mut links = branch
        .links
        .take()
        .map(sinew_core::record::Rows::into_taken);
    for (index, &first) in branch.owner_of.iter().enumerate() {
        if first == NONE {
            continue;
        }
        let mut chain = branch.owners.chain(first).peekable();
        while let Some(owner) = chain.next() {
            let keep = chain.peek().is_some();
            let Some(slot) = owners
                .get_mut(owner as usize)
                .and_then(|o| o.slot_mut(slot))
            else {
                continue;
            };
            if !slot.attach(&mut *targets, index, keep) {
                return Err(Error::new(
                    ErrorKind::Decode,
                    "an association's targets have another type",
                )
                .with_model(branch.meta.name)
                .with_association(relation.name));
            }
            if let Some(links) = &mut links {
                slot.attach_link(&mut **links, index);
            }
        }
    }
    Ok(())
}
