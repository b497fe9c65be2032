//! The next statements of a tree, from the keys of the owners that were read.

use sinew_core::record::Records;
use sinew_core::schema::{AnyVariant, Linkage};
use sinew_core::value::TypeFamily;
use sinew_core::{Result, Value};

use super::fetch::{Fetch, Matching, base_select};
use super::keys::OwnerMap;
use super::live::strip_live_select;
use super::tree::{Reading, Tree, to_u32};
use crate::relation::PreloadNode;
use crate::relation::reach;

impl Tree<'_> {
    /// Makes the reading of one association, with the keys of its owners.
    pub(super) fn prepare(
        &mut self,
        owner: usize,
        node: &PreloadNode,
        readings: &mut Vec<Reading>,
    ) -> Result<()> {
        let relation = node.meta()?;
        if let Linkage::Any { id, kind, variants } = &relation.linkage {
            return self.prepare_any(owner, node, (*id, *kind), variants(), readings);
        }
        let model = (node.owner)();
        let own = reach::owner_key(model, relation)?;
        let families = reach::key_families(model, relation)?;
        let mut fetch = Fetch::of(node, self.unscoped)?;
        if self.unscoped {
            strip_live_select(&mut fetch.select);
        }
        let Some(records) = self.records(owner) else {
            return Ok(());
        };
        let (owners, keys) = owners_of(records, &own, &families)?;
        let none = keys.is_empty();
        fetch.restrict(keys, own.len());
        let reading = self.begin(fetch, Some((owner, relation)));
        if let Some(branch) = reading
            .branches
            .first()
            .and_then(|&first| self.branches.get_mut(first))
        {
            branch.owners = owners;
        }
        if !none {
            readings.push(reading);
        }
        Ok(())
    }

    /// One reading per model that the rows belong to.
    fn prepare_any(
        &mut self,
        owner: usize,
        node: &PreloadNode,
        (id, kind): (usize, usize),
        variants: Vec<AnyVariant>,
        readings: &mut Vec<Reading>,
    ) -> Result<()> {
        let relation = node.meta()?;
        let last = variants.len().saturating_sub(1);
        for (variant, any) in variants.into_iter().enumerate() {
            let meta = (any.target)();
            let families: Vec<_> = meta
                .columns
                .get(any.far)
                .map(|c| c.family)
                .into_iter()
                .collect();
            let Some(records) = self.records(owner) else {
                return Ok(());
            };
            let mut owners = OwnerMap::with_capacity(records.len());
            let mut keys = Vec::new();
            for index in 0..records.len() {
                let Some(record) = records.get(index) else {
                    continue;
                };
                if !is_text(&record.value(kind), &any.value) {
                    continue;
                }
                let Some(key) = reach::key_of(record, &[id], &families) else {
                    continue;
                };
                if owners.insert(&key, to_u32(index)?) {
                    keys.extend(key);
                }
            }
            let none = keys.is_empty();
            let select = base_select(meta, self.unscoped || node.unscoped);
            let mut fetch = Fetch::root(meta, select, &[], Vec::new(), self.unscoped)?;
            fetch.matching = Matching::Columns(vec![any.far]);
            fetch.restrict(keys, 1);
            let reading = self.begin(fetch, Some((owner, relation)));
            if let Some(branch) = reading
                .branches
                .first()
                .and_then(|&first| self.branches.get_mut(first))
            {
                branch.owners = owners;
                branch.variant = Some(variant);
                // Handed out from the last branch to the first, so the last one clears.
                branch.fills = variant == last;
            }
            if !none {
                readings.push(reading);
            }
        }
        Ok(())
    }
}

/// Owners by their keys, and each key once.
pub(super) fn owners_of(
    records: &dyn Records,
    own: &[usize],
    families: &[TypeFamily],
) -> Result<(OwnerMap, Vec<Value<'static>>)> {
    let mut owners = OwnerMap::with_capacity(records.len());
    let mut keys = Vec::with_capacity(records.len() * own.len());
    // The usual key; compared with texts it would become one.
    let integer = match (own, families) {
        ([column], [family]) if family.is_integer() => Some(*column),
        _ => None,
    };
    for index in 0..records.len() {
        let Some(record) = records.get(index) else {
            continue;
        };
        if let Some(Value::Int(key)) = integer.map(|column| record.value(column)) {
            if owners.insert_int(key, to_u32(index)?) {
                keys.push(Value::Int(key));
            }
            continue;
        }
        let Some(key) = reach::key_of(record, own, families) else {
            continue;
        };
        if owners.insert(&key, to_u32(index)?) {
            keys.extend(key);
        }
    }
    Ok((owners, keys))
}

fn is_text(value: &Value<'_>, text: &str) -> bool {
    matches!(value, Value::Text(held) if held == text)
}
