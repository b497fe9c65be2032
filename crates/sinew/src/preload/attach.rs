//! Rows handed to their owners, from the leaves up.

use std::any::Any;

use sinew_core::record::Records;
use sinew_core::{Error, ErrorKind, Result};

use super::keys::NONE;
use super::tree::Branch;
use crate::relation::VariantRows;

/// Hands the rows of one branch to their owners; the branches below it must have been handed over.
pub(crate) fn attach_branch<'r>(
    root: &mut Option<&'r mut (dyn Records + 'r)>,
    branches: &mut [Branch],
    index: usize,
) -> Result<()> {
    if index >= branches.len() {
        return Ok(());
    }
    let (before, rest) = branches.split_at_mut(index);
    let Some((branch, others)) = rest.split_first_mut() else {
        return Ok(());
    };
    // A to-many join of the root's parts has no owner; nor has the root.
    let Some((owner, relation)) = branch.owner else {
        return Ok(());
    };
    // Read twice, by a join and a preload say: what was said last counts.
    let again = |other: &Branch| {
        other.variant.is_none()
            && other
                .owner
                .is_some_and(|(at, same)| at == owner && std::ptr::eq(same, relation))
    };
    if others.iter().any(again) {
        return Ok(());
    }
    let Some(holder) = before.get_mut(owner) else {
        return Ok(());
    };
    let owners: &mut dyn Records = match (&mut holder.rows, root) {
        (Some(rows), _) => &mut **rows,
        (None, Some(root)) => &mut **root,
        (None, None) => return Ok(()),
    };
    attach(owners, branch)
}

fn attach(owners: &mut dyn Records, branch: &mut Branch) -> Result<()> {
    let Some((_, relation)) = branch.owner else {
        return Ok(());
    };
    let slot = relation.index;
    if std::mem::take(&mut branch.fills) {
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
        .is_some_and(sinew_core::record::Slot::shares);
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
    let mut index = 0;
    // Rows of one owner mostly stand together.
    for run in branch.owner_of.chunk_by(|one, next| one == next) {
        let (from, first) = (index, run.first().copied().unwrap_or(NONE));
        index += run.len();
        if first == NONE {
            continue;
        }
        let mut hand_out = |from: usize, count: usize, owner: u32, keep: bool| {
            let owner = owners.get_mut(owner as usize);
            let Some(slot) = owner.and_then(|owner| owner.slot_mut(slot)) else {
                return true;
            };
            let fits = match keep {
                true => slot.attach(&mut *targets, from, true),
                false => slot.attach_run(&mut *targets, from, count),
            };
            fits && links.iter_mut().all(|links| {
                (from..from + count).all(|at| slot.attach_link(&mut **links, at, keep))
            })
        };
        let fits = if branch.owners.has_further(first) {
            // Several owners have this key: all but the last get copies.
            let several: Vec<u32> = branch.owners.chain(first).collect();
            (from..index).all(|at| {
                (1..)
                    .zip(&several)
                    .all(|(nth, owner)| hand_out(at, 1, *owner, nth < several.len()))
            })
        } else {
            hand_out(from, run.len(), first, false)
        };
        if !fits {
            let message = "an association's targets have another type";
            return Err(Error::new(ErrorKind::Decode, message)
                .with_model(branch.meta.name)
                .with_association(relation.name));
        }
    }
    Ok(())
}
