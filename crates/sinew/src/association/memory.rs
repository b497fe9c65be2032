//! The in-memory fields of owners follow what was written, where they are loaded.

use std::collections::{HashMap, HashSet};

use sinew_core::Result;
use sinew_core::record::{Model, Record, Slot};
use sinew_core::schema::{Linkage, ModelMeta, RelationMeta};

use super::given::{Given, Item};
use super::linking::{Key, LinkRow, LinkRows, Linking, Values};
use crate::write::Made;

/// Puts the given targets into their owners' fields; with `replace` they hold nothing else then.
pub(crate) fn put<M: Model, T: Model>(
    linking: &Linking,
    owners: &mut [M],
    given: Given<'_, T>,
    owner_of: &[usize],
    replace: bool,
    links: &LinkRows,
) -> Result<()> {
    let relation = linking.relation;
    if linking.exclusive() {
        take_from_others(linking, owners, &given, owner_of);
    }
    let loaded = |owner: &M| owner.slot(relation.index).is_some_and(Slot::is_loaded);
    if !owners.iter().any(loaded) {
        return Ok(());
    }
    let mut of_owner: HashMap<usize, Vec<Item<'_, T>>> = HashMap::new();
    for (item, &owner) in given.items.into_iter().zip(owner_of) {
        of_owner.entry(owner).or_default().push(item);
    }
    for (index, owner) in owners.iter_mut().enumerate() {
        let items = of_owner.remove(&index).unwrap_or_default();
        let Some(slot) = owner
            .slot_mut(relation.index)
            .filter(|slot| slot.is_loaded())
        else {
            continue;
        };
        let mut held: HashMap<Key, Vec<Held<T>>> = HashMap::new();
        let mut there: HashSet<Key> = HashSet::new();
        if replace {
            held = contents(linking, slot);
            slot.set_empty();
        } else if relation.many {
            there = keys(linking, slot);
        }
        for item in items {
            let row = match &item {
                Item::Owned(row) => row,
                Item::Lent(row) => &**row,
            };
            let key = linking.target_key(row);
            let link = key.clone().and_then(|key| links.get(&(index, key)));
            if key.clone().is_some_and(|key| !there.insert(key)) && relation.many {
                match (&key, link) {
                    (_, Some(link)) if link.another => {
                        add(relation, slot, own(item), Some(link.values.clone()))?;
                    }
                    (Some(key), Some(link)) => change_link(linking, slot, key, link)?,
                    _ => {}
                }
                continue;
            }
            let before = key.and_then(|key| held.remove(&key)).unwrap_or_default();
            let mut before = before.into_iter();
            let (row, old) = match before.next() {
                Some(before) => (before.row, before.link),
                None => (own(item), None),
            };
            let link = link.map(|link| link.values.clone()).or(old);
            add(relation, slot, row, link)?;
            // A pair may have several link rows; all of them are kept.
            for more in before.filter(|more| more.link.is_some()) {
                add(relation, slot, more.row, more.link)?;
            }
        }
    }
    Ok(())
}

/// What a field held: a target with its link row.
struct Held<T> {
    row: T,
    link: Option<Values>,
}

fn own<T: Clone>(item: Item<'_, T>) -> T {
    match item {
        Item::Owned(row) => row,
        Item::Lent(row) => row.clone(),
    }
}

/// The model of the links, where they have one.
fn link_model(relation: &RelationMeta) -> Option<&'static ModelMeta> {
    match &relation.linkage {
        Linkage::Join { table, .. } => table.model.map(|model| model()),
        _ => None,
    }
}

fn add<T: Model>(
    relation: &RelationMeta,
    slot: &mut dyn Slot,
    row: T,
    link: Option<Values>,
) -> Result<()> {
    let mut links = Vec::new();
    slot.links(&mut links);
    let complete = links.len() == slot.len();
    if !slot.put(&mut Some(row)) {
        return Ok(());
    }
    if let (Some(model), Some(values)) = (link_model(relation).filter(|_| complete), link) {
        let mut rows = (model.new_rows)();
        rows.push(&Made(values), 0)?;
        slot.attach_link(&mut *rows.into_taken(), 0, false);
    }
    Ok(())
}

fn keys(linking: &Linking, slot: &dyn Slot) -> HashSet<Key> {
    let mut records = Vec::new();
    slot.records(&mut records);
    records
        .into_iter()
        .filter_map(|record| linking.target_key(record))
        .collect()
}

fn contents<T: Model>(linking: &Linking, slot: &dyn Slot) -> HashMap<Key, Vec<Held<T>>> {
    let (mut records, mut links) = (Vec::new(), Vec::new());
    slot.records(&mut records);
    slot.links(&mut links);
    let complete = links.len() == records.len();
    let mut held: HashMap<Key, Vec<Held<T>>> = HashMap::new();
    for (index, record) in records.into_iter().enumerate() {
        let row = record.as_any().downcast_ref::<T>();
        if let (Some(key), Some(row)) = (linking.target_key(record), row) {
            let link = links.get(index).filter(|_| complete).map(|link| {
                (0..link.meta().columns.len())
                    .map(|i| link.value(i).into_owned())
                    .collect()
            });
            held.entry(key).or_default().push(Held {
                row: row.clone(),
                link,
            });
        }
    }
    held
}

/// The link row of a target that the field holds got new values.
fn change_link(linking: &Linking, slot: &mut dyn Slot, key: &Key, row: &LinkRow) -> Result<()> {
    let mut records: Vec<&dyn Record> = Vec::new();
    slot.records(&mut records);
    let same: Vec<usize> = (0..records.len())
        .filter(|&at| linking.target_key(records[at]).as_ref() == Some(key))
        .collect();
    let held = records.len();
    let mut links = Vec::new();
    slot.links_mut(&mut links);
    if links.len() != held {
        return Ok(());
    }
    let was = |at: &&usize| {
        let link = links.get(**at);
        link.map(|link| link.values_owned(&link.meta().key)) == row.before
    };
    let Some(&at) = same.iter().find(was).or(same.first()) else {
        return Ok(());
    };
    if let Some(link) = links.get_mut(at) {
        for (index, value) in row.values.iter().enumerate() {
            link.set(index, value.reborrow())?;
        }
    }
    Ok(())
}

/// As [`put`], for a link row whose columns were changed.
pub(crate) fn put_link<M: Model>(
    linking: &Linking,
    owner: &mut M,
    key: &Key,
    row: &LinkRow,
) -> Result<()> {
    match owner.slot_mut(linking.relation.index) {
        Some(slot) if slot.is_loaded() => change_link(linking, slot, key, row),
        _ => Ok(()),
    }
}

/// A target that has one owner only leaves the fields of the others.
fn take_from_others<M: Model, T: Model>(
    linking: &Linking,
    owners: &mut [M],
    given: &Given<'_, T>,
    owner_of: &[usize],
) {
    let mut taken: HashMap<Key, usize> = HashMap::new();
    for (item, &owner) in given.items.iter().zip(owner_of) {
        let row = match item {
            Item::Owned(row) => row,
            Item::Lent(row) => &**row,
        };
        if let Some(key) = linking.target_key(row) {
            taken.insert(key, owner);
        }
    }
    for (index, owner) in owners.iter_mut().enumerate() {
        if let Some(slot) = owner.slot_mut(linking.relation.index) {
            slot.retain(&mut |record| {
                linking
                    .target_key(record)
                    .and_then(|key| taken.get(&key))
                    .is_none_or(|&to| to == index)
            });
        }
    }
}

/// Takes targets out of their owners' fields: all, or these.
pub(crate) fn remove<M: Model>(linking: &Linking, owners: &mut [M], only: Option<&HashSet<Key>>) {
    for owner in owners {
        let Some(slot) = owner.slot_mut(linking.relation.index) else {
            continue;
        };
        match only {
            None if slot.is_loaded() => slot.set_empty(),
            None => {}
            Some(only) => slot.retain(&mut |record| {
                linking
                    .target_key(record)
                    .is_none_or(|key| !only.contains(&key))
            }),
        }
    }
}
