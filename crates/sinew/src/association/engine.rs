//! The verbs without types: what is to be linked, what is to be cut, in one transaction.

use sinew_core::record::Record;
use sinew_core::{Result, Value};

use super::linking::{Edits, Held, Key, LinkRows, Linking, Pairs, Values, key_of};
use super::undo::Undo;
use super::{Difference, at_once};
use crate::db::Db;
use crate::write::{KeyMap, KeySet, Place, Seed, Way, Writer, have_hooks, holds_any, with_writer};

/// So many targets are looked for one by one, where that is cheaper.
const FEW: usize = 64;

/// How targets are put on owners.
pub(crate) struct Wish<'e> {
    /// Exactly these, rather than these too.
    pub(crate) replace: bool,
    /// Displaced rows are deleted rather than unlinked.
    pub(crate) deletes: bool,
    /// No target is inserted.
    pub(crate) links_only: bool,
    /// What changes the link row.
    pub(crate) edit: Option<Edits<'e>>,
}

/// What was written.
#[derive(Default)]
pub(crate) struct Outcome {
    pub(crate) difference: Difference,
    pub(crate) links: LinkRows,
}

/// Links targets to owners; `owner_of` tells each target's owner.
pub(crate) async fn put_on(
    db: &Db,
    linking: &Linking,
    owners: &mut [&mut dyn Record],
    targets: &mut [&mut dyn Record],
    owner_of: &[usize],
    wish: Wish<'_>,
) -> Result<Outcome> {
    let keys = linking.owner_values(owners)?;
    if owners.is_empty() || (targets.is_empty() && !wish.replace) {
        return Ok(Outcome::default());
    }
    linking.prepare(targets, owner_of, owners);
    let stamped = linking.stamped_columns();
    let targets_before = Undo::note(targets, stamped);
    let owners_before: Vec<Values> = owners
        .iter()
        .map(|owner| owner.values_owned(linking.owner_columns()))
        .collect();
    let hooks = linking.has_hooks(db, wish.deletes)
        || have_hooks(db, targets.iter().map(|target| &**target as &dyn Record));
    let exactly = wish.replace && !wish.deletes && wish.edit.is_none();
    if exactly
        && !hooks
        && let Some(difference) = at_once::replace(db, linking, &keys, targets).await?
    {
        return Ok(Outcome {
            difference,
            links: LinkRows::default(),
        });
    }
    let full = db.settings.full_save && !wish.links_only;
    let result = with_writer(db, Way::new(hooks, true).full(full), async |writer| {
        Work {
            linking,
            keys: &keys,
            owner_of,
        }
        .run(writer, owners, targets, wish)
        .await
    })
    .await;
    if result.is_err() {
        targets_before.put_back(targets);
        for (owner, values) in owners.iter_mut().zip(owners_before) {
            for (&index, value) in linking.owner_columns().iter().zip(values) {
                owner.set(index, value)?;
            }
        }
    }
    result
}

struct Work<'w> {
    linking: &'w Linking,
    keys: &'w [Values],
    owner_of: &'w [usize],
}

/// What differs between what is linked and what is wanted.
#[derive(Default)]
struct Changes<'c> {
    /// For each target, whether it is to be linked.
    fresh: Vec<bool>,
    /// Links to be cut: the owner's position, and the target's values.
    cut: Vec<(usize, &'c [Value<'static>])>,
    /// Targets that lost their owner.
    gone: Vec<Values>,
    difference: Difference,
}

impl Work<'_> {
    /// Saves targets, reads what is linked, cuts what is displaced, links what is new.
    async fn run(
        &self,
        writer: &mut Writer<'_>,
        owners: &mut [&mut dyn Record],
        targets: &mut [&mut dyn Record],
        wish: Wish<'_>,
    ) -> Result<Outcome> {
        let linking = self.linking;
        let to_one = !linking.relation.many;
        let root = Place::root(owners.len());
        let place = self.place(&root);
        let displaces = to_one && (wish.deletes || !linking.overwrites());
        let reads = wish.replace || displaces;
        let mut current = if reads {
            Current::of(linking.current(writer, self.keys, None).await?)
        } else {
            Current::default()
        };
        let mut unknown = self.unknown(writer, targets, &current);
        if self.may_look(writer, targets, &unknown, wish.links_only)
            && linking.are_there(writer, targets, &unknown).await?
        {
            unknown.fill(false);
        }
        if unknown.contains(&true) {
            self.save(writer, targets, &unknown, wish.links_only, &place)
                .await?;
        }
        let changes = if reads {
            self.changes(targets, &mut current, &wish)
        } else {
            Changes {
                fresh: vec![true; targets.len()],
                ..Changes::default()
            }
        };
        if !changes.cut.is_empty() {
            linking.check_cut(wish.deletes)?;
            linking
                .cut_exactly(writer, self.keys, &changes.cut, wish.deletes)
                .await?;
        }
        let pairs = Pairs {
            owner_of: self.owner_of,
            owners: self.keys,
            fresh: &changes.fresh,
            last: !wish.deletes,
        };
        let how = (wish.links_only, wish.edit);
        let links = linking
            .link(writer, owners, targets, &pairs, how, &place)
            .await?;
        if wish.deletes {
            linking.remove_targets(writer, &changes.gone).await?;
        }
        self.forget(owners, wish.replace)?;
        Ok(Outcome {
            difference: changes.difference,
            links,
        })
    }

    /// Owners that were left without a target, in memory.
    fn forget(&self, owners: &mut [&mut dyn Record], replace: bool) -> Result<()> {
        if !replace {
            return Ok(());
        }
        for (owner, given) in owners.iter_mut().zip(self.given()) {
            if !given {
                self.linking.forget(&mut **owner, None)?;
            }
        }
        Ok(())
    }

    /// For each owner, whether a target was given for it.
    fn given(&self) -> Vec<bool> {
        let mut given = vec![false; self.keys.len()];
        for &owner in self.owner_of {
            if let Some(given) = given.get_mut(owner) {
                *given = true;
            }
        }
        given
    }

    fn place<'p>(&self, root: &'p Place<'p>) -> Place<'p> {
        let mut next = vec![0_u32; self.keys.len()];
        let position = |&owner: &usize| {
            let at = next.get_mut(owner).map_or(0, |next| {
                *next += 1;
                *next - 1
            });
            (u32::try_from(owner).unwrap_or_default(), at)
        };
        let positions = self.owner_of.iter().map(position).collect();
        let relation = self.linking.relation;
        Place {
            parent: Some(root),
            relation: relation.name,
            many: relation.many,
            positions,
        }
    }

    /// Which targets may have to be written before they can be linked. One that is linked is there,
    /// and need not be looked for.
    fn unknown(
        &self,
        writer: &Writer<'_>,
        targets: &[&mut dyn Record],
        current: &Current,
    ) -> Vec<bool> {
        let linking = self.linking;
        if current.held.is_empty() || writer.full || linking.exclusive() {
            return vec![true; targets.len()];
        }
        let unknown = |(target, &owner): (&&mut dyn Record, &usize)| {
            let linked = |key| current.there.contains_key(&(owner, key));
            !linking.target_key(&**target).is_some_and(linked) || holds_any(&**target)
        };
        targets.iter().zip(self.owner_of).map(unknown).collect()
    }

    /// Whether it is worth a look if the unknown targets are all there, which spares the rest: few
    /// that need nothing else, where a statement more costs nothing but itself.
    fn may_look(
        &self,
        writer: &Writer<'_>,
        targets: &[&mut dyn Record],
        unknown: &[bool],
        links_only: bool,
    ) -> bool {
        let mut unknown = targets.iter().zip(unknown).filter(|(_, unknown)| **unknown);
        writer.lane.db().dialect().capabilities().embedded.supported
            && targets.len() <= FEW
            && !(writer.full || links_only)
            && self.linking.is_plain_join()
            && unknown.all(|(target, _)| target.has_key() && !holds_any(&**target))
    }

    /// Writes those of the targets that may not be in the database, before they are linked.
    async fn save(
        &self,
        writer: &mut Writer<'_>,
        targets: &mut [&mut dyn Record],
        unknown: &[bool],
        links_only: bool,
        place: &Place<'_>,
    ) -> Result<()> {
        let linking = self.linking;
        if unknown.iter().all(|unknown| *unknown) {
            return linking
                .save_targets(writer, targets, links_only, place)
                .await;
        }
        let mut chosen: Vec<&mut dyn Record> = Vec::new();
        let mut positions = Vec::new();
        for (index, (target, &unknown)) in targets.iter_mut().zip(unknown).enumerate() {
            if unknown {
                chosen.push(&mut **target);
                positions.push(place.positions.get(index).copied().unwrap_or_default());
            }
        }
        let place = Place {
            parent: place.parent,
            relation: place.relation,
            many: place.many,
            positions,
        };
        linking
            .save_targets(writer, &mut chosen, links_only, &place)
            .await
    }

    fn changes<'c>(
        &self,
        targets: &[&mut dyn Record],
        current: &'c mut Current,
        wish: &Wish<'_>,
    ) -> Changes<'c> {
        let linking = self.linking;
        let Current { held, there } = current;
        let mut wanted: KeySet<(usize, Key)> =
            KeySet::with_capacity_and_hasher(targets.len(), Seed::default());
        let mut changes = Changes {
            fresh: Vec::with_capacity(targets.len()),
            ..Changes::default()
        };
        for (target, &owner) in targets.iter().zip(self.owner_of) {
            let Some(far) = linking.target_key(&**target) else {
                changes.difference.added += 1;
                changes.fresh.push(true);
                continue;
            };
            let link = (owner, far);
            let fresh = match there.get_mut(&link) {
                Some(state @ Wanted::Not) => {
                    changes.difference.kept += 1;
                    *state = Wanted::Yes;
                    false
                }
                Some(_) => false,
                None => {
                    let new = wanted.insert(link);
                    changes.difference.added += u64::from(new);
                    new
                }
            };
            changes.fresh.push(fresh);
        }
        let given = self.given();
        let given = |owner: usize| given.get(owner).copied().unwrap_or_default();
        // A row that moves to another owner of the batch must not be deleted on the way.
        let moves = linking.exclusive() && (wish.deletes || linking.check_cut(false).is_err());
        let kept = there.iter().filter(|(_, kept)| **kept == Wanted::Yes);
        let taken: KeySet = match moves || wish.deletes {
            true => kept
                .map(|((_, far), _)| far.clone())
                .chain(wanted.into_iter().map(|(_, far)| far))
                .collect(),
            false => KeySet::default(),
        };
        for (owner, far) in held.iter() {
            let link = (owner, key_of(far));
            // A pair may have several links; its target is displaced once.
            let Some(state @ Wanted::Not) = there.get_mut(&link) else {
                continue;
            };
            if !(wish.replace || given(owner)) {
                continue;
            }
            *state = Wanted::Gone;
            changes.difference.removed += 1;
            // A key that is about to be overwritten needs no cut of its own.
            let stays = moves && taken.contains(&link.1);
            let overwritten = linking.overwrites() && given(owner);
            if wish.deletes && !taken.contains(&link.1) {
                changes.gone.push(far.to_vec());
            }
            if !stays && !overwritten {
                changes.cut.push((owner, far));
            }
        }
        changes
    }
}

/// What is linked before anything is written.
#[derive(Default)]
struct Current {
    held: Held,
    there: KeyMap<Wanted, (usize, Key)>,
}

impl Current {
    fn of(held: Held) -> Self {
        let there = held
            .iter()
            .map(|(owner, far)| ((owner, key_of(far)), Wanted::Not));
        Self {
            there: there.collect(),
            held,
        }
    }
}

/// Whether a link that is there is to stay.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Not,
    Yes,
    /// It is among those to be cut already.
    Gone,
}

/// Cuts the links of owners: all of them, or those to certain targets.
pub(crate) async fn cut_off(
    db: &Db,
    linking: &Linking,
    owners: &mut [&mut dyn Record],
    only: Option<&[Values]>,
    deletes: bool,
) -> Result<()> {
    let keys = linking.owner_values(owners)?;
    if keys.is_empty() || only.is_some_and(<[Values]>::is_empty) {
        return Ok(());
    }
    linking.check_cut(deletes)?;
    let removes = deletes && linking.overwrites();
    let hooks = linking.has_hooks(db, deletes);
    with_writer(db, Way::new(hooks, removes), async |writer| {
        let gone = if removes {
            linking.current(writer, &keys, only).await?
        } else {
            Held::default()
        };
        let dead = db.settings.unscoped;
        linking
            .cut(writer, linking.home.among(&keys, only, dead), deletes)
            .await?;
        let gone: Vec<Values> = gone.iter().map(|(_, far)| far.to_vec()).collect();
        linking.remove_targets(writer, &gone).await
    })
    .await?;
    for owner in owners {
        linking.forget(&mut **owner, only)?;
    }
    Ok(())
}
