//! Rows on their way from the database into the branches of a tree.

use sinew_core::driver::{Done, Row, Sink};
use sinew_core::schema::ModelMeta;
use sinew_core::{Error, ErrorKind, Result, Value};

use super::fetch::{Fetch, Matching};
use super::prepare::owners_of;
use super::tree::{Awaited, Branch, Reading, to_u32};

pub(super) struct StageSink<'s> {
    pub(super) branches: &'s mut Vec<Branch>,
    pub(super) readings: &'s mut [Reading],
}

impl Sink for StageSink<'_> {
    fn row(&mut self, statement: usize, row: &dyn Row) -> Result<()> {
        let Some(reading) = self.readings.get_mut(statement) else {
            return Ok(());
        };
        if reading.marked && row.get(row.len().saturating_sub(1))?.is_null() {
            return Ok(());
        }
        if let Some(awaited) = reading.owners.take() {
            reading.sort_owners(self.branches, &awaited)?;
        }
        if reading.fetch.folds || reading.branches.len() > 1 {
            return reading.joined_row(self.branches, row);
        }
        let Some(branch) = reading
            .branches
            .first()
            .and_then(|&i| self.branches.get_mut(i))
        else {
            return Ok(());
        };
        reading.plain_row(branch, row)
    }

    fn done(&mut self, _statement: usize, _done: Done) -> Result<()> {
        Ok(())
    }
}

impl Reading {
    /// The owners were read by an earlier statement of this stage, and are complete.
    fn sort_owners(&self, branches: &mut [Branch], awaited: &Awaited) -> Result<()> {
        let held = branches.get(awaited.branch);
        let Some(rows) = held.and_then(|branch| branch.rows.as_deref()) else {
            return Ok(());
        };
        let (owners, _) = owners_of(rows, &awaited.own, &awaited.families)?;
        let first = self.branches.first().copied().unwrap_or_default();
        if let Some(branch) = branches.get_mut(first) {
            branch.owners = owners;
        }
        Ok(())
    }

    /// A row of one model; its owner is found at once.
    fn plain_row(&mut self, branch: &mut Branch, row: &dyn Row) -> Result<()> {
        let Some(rows) = &mut branch.rows else {
            return Ok(());
        };
        match &self.fetch.matching {
            Matching::Root => {
                if let Some(extra) = self.fetch.extra {
                    self.marks.push(mark(row, extra)?);
                }
                rows.push(row, 0)
            }
            Matching::Columns(columns) => {
                rows.push(row, 0)?;
                if let [column] = columns.as_slice()
                    && let Some(key) = row.int(*column)
                    && let Some(owner) = branch.owners.find_int(key)
                {
                    branch.owner_of.push(owner);
                    return Ok(());
                }
                let Some(record) = rows.get(rows.len() - 1) else {
                    return Ok(());
                };
                let owner = match columns.as_slice() {
                    [column] => branch.owners.find(&[record.value(*column)]),
                    columns => {
                        let key: Vec<_> = columns.iter().map(|&c| record.value(c)).collect();
                        branch.owners.find(&key)
                    }
                };
                branch
                    .owner_of
                    .push(owner.ok_or_else(|| stray(branch.meta))?);
                Ok(())
            }
            Matching::Extra(at, count) => {
                rows.push(row, 0)?;
                let owner = match count {
                    1 => match row.int(*at) {
                        Some(key) => branch.owners.find_int(key),
                        None => branch.owners.find(&[row.get(*at)?]),
                    },
                    _ => {
                        let key: Result<Vec<_>> = (*at..at + count).map(|i| row.get(i)).collect();
                        branch.owners.find(&key?)
                    }
                };
                branch
                    .owner_of
                    .push(owner.ok_or_else(|| stray(branch.meta))?);
                let link = self.fetch.blocks.first().and_then(|block| block.link);
                if let (Some((_, at)), Some(links)) = (link, &mut branch.links) {
                    links.push(row, at)?;
                }
                Ok(())
            }
        }
    }

    /// A row of several models; rows of a block that were seen before are not kept again.
    fn joined_row(&mut self, branches: &mut [Branch], row: &dyn Row) -> Result<()> {
        let mut at_block: Vec<Option<u32>> = vec![None; self.branches.len()];
        for (index, block) in self.fetch.blocks.iter().enumerate() {
            let Some(branch) = self.branches.get(index).and_then(|&b| branches.get_mut(b)) else {
                continue;
            };
            let parent = match block.parent {
                Some((parent, _)) => match at_block.get(parent).copied().flatten() {
                    Some(parent) => Some(parent),
                    None => continue,
                },
                None => None,
            };
            let owner = self.fetch.owner(branch, parent, row)?;
            self.scratch.clear();
            for &column in &block.meta.key {
                self.scratch.push(row.get(block.at + column)?.into_owned());
            }
            if block.parent.is_some() && self.scratch.iter().all(Value::is_null) {
                continue;
            }
            // Folding is by parent row and key; without a to-many join every row is new.
            let to_one = block.parent.is_none_or(|(_, relation)| !relation.many);
            if self.fetch.folds || !to_one {
                self.scratch.push(Value::Int(i64::from(owner)));
                // A target comes once for each of its link rows, as when it is preloaded.
                if let Some((model, at)) = block.link {
                    for &column in &model.key {
                        self.scratch.push(row.get(at + column)?.into_owned());
                    }
                }
                let Some(seen) = self.seen.get_mut(index) else {
                    continue;
                };
                if let Some(known) = seen.find_same(&self.scratch) {
                    if let Some(place) = at_block.get_mut(index) {
                        *place = Some(known);
                    }
                    continue;
                }
                seen.insert(&self.scratch, to_u32(branch.owner_of.len())?);
            }
            if let (0, Some(extra)) = (index, self.fetch.extra) {
                self.marks.push(mark(row, extra)?);
            }
            let Some(rows) = &mut branch.rows else {
                continue;
            };
            if let Some(place) = at_block.get_mut(index) {
                *place = Some(to_u32(rows.len())?);
            }
            rows.push(row, block.at)?;
            branch.owner_of.push(owner);
            if let (Some((_, at)), Some(links)) = (block.link, &mut branch.links) {
                links.push(row, at)?;
            }
        }
        Ok(())
    }
}

impl Fetch {
    /// The first owner of a joined row's block: the row that it hangs on, or by its key.
    fn owner(&self, branch: &mut Branch, parent: Option<u32>, row: &dyn Row) -> Result<u32> {
        if let Some(parent) = parent {
            return Ok(parent);
        }
        let key: Vec<_> = match &self.matching {
            Matching::Root => return Ok(0),
            Matching::Columns(columns) => {
                columns.iter().map(|&c| row.get(c)).collect::<Result<_>>()?
            }
            Matching::Extra(from, count) => (*from..from + count)
                .map(|c| row.get(c))
                .collect::<Result<_>>()?,
        };
        branch.owners.find(&key).ok_or_else(|| stray(branch.meta))
    }
}

/// The extra columns of a row.
fn mark(row: &dyn Row, (at, count): (usize, usize)) -> Result<Vec<Value<'static>>> {
    (at..at + count)
        .map(|index| row.get(index).map(Value::into_owned))
        .collect()
}

fn stray(meta: &ModelMeta) -> Error {
    let message = format!(
        "the database matched a row of {} to an owner whose key is another one for Sinew",
        meta.name
    );
    Error::new(ErrorKind::Decode, message)
        .with_model(meta.name)
        .with_hint("the key columns have a collation or a type of their own; give both the same")
}
