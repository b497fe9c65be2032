//! A whole tree in one round trip: each statement leaves the keys of its rows in the server, where
//! the statements below it find them, so that all can be sent before the first is answered.

use std::collections::HashMap;

use sinew_core::Result;
use sinew_core::driver::Action;
use sinew_core::schema::Linkage;
use sinew_sql::{Dialect, HandOn, Render, Select};

use super::fetch::Fetch;
use super::live::strip_live_select;
use super::sink::StageSink;
use super::tree::{Awaited, Reading, Tree};
use crate::db::{Op, Prepared};
use crate::relation::PreloadNode;
use crate::relation::reach;

/// The keys that a statement leaves: under which number, from which columns.
type Keys = Vec<(u32, Vec<usize>)>;

enum Text {
    Plain(Select),
    HandOn(HandOn),
}

/// What is to be sent together.
#[derive(Default)]
struct Stage {
    readings: Vec<Reading>,
    keys: Vec<Keys>,
    /// For each reading, the one of its owners.
    parents: Vec<Option<usize>>,
    /// For each branch, the reading and the block that fill it.
    filled_by: HashMap<usize, (usize, usize)>,
}

impl Stage {
    fn push(&mut self, reading: Reading, parent: Option<usize>) {
        let number = self.readings.len();
        for (block, &branch) in reading.branches.iter().enumerate() {
            self.filled_by.insert(branch, (number, block));
        }
        self.readings.push(reading);
        self.keys.push(Keys::new());
        self.parents.push(parent);
    }
}

/// Whether the owners' keys of this association can stay in the server.
fn can_hand_on(dialect: &dyn Dialect, node: &PreloadNode) -> Result<bool> {
    let relation = node.meta()?;
    if matches!(relation.linkage, Linkage::Any { .. }) {
        return Ok(false);
    }
    let families = reach::kept_families((node.owner)(), relation)?;
    Ok(families.iter().all(|&family| dialect.keeps(family)))
}

/// Whether this find with these preloads can be read at once.
pub(crate) fn can_be_at_once(dialect: &dyn Dialect, fetch: &Fetch) -> bool {
    dialect.capabilities().pipelining.supported
        && fetch.select.lock.is_none()
        && fetch.blocks.iter().any(|block| {
            let mut nodes = block.preloads.iter();
            nodes.any(|node| can_hand_on(dialect, node).unwrap_or_default())
        })
}

/// A tree that is planned in full, with the texts of its statements.
pub(super) struct Planned<'r> {
    pub(super) tree: Tree<'r>,
    readings: Vec<Reading>,
    texts: Vec<Text>,
    /// For each statement, the one that reads its owners.
    pub(super) parents: Vec<Option<usize>>,
}

impl Planned<'_> {
    /// Plans everything below a find whose keys can be handed on inside the server. The rest is
    /// left pending in the tree.
    pub(super) fn of(dialect: &dyn Dialect, mut fetch: Fetch, unscoped: bool) -> Result<Self> {
        let mut tree = Tree::new(unscoped);
        if unscoped {
            strip_live_select(&mut fetch.select);
        }
        let mut stage = Stage::default();
        let root = tree.begin(fetch, None);
        stage.push(root, None);
        let mut rest = Vec::new();
        while !tree.pending.is_empty() {
            for (owner, node) in std::mem::take(&mut tree.pending) {
                match stage.filled_by.get(&owner).copied() {
                    Some(place) if can_hand_on(dialect, &node)? => {
                        tree.plan(&mut stage, owner, place, &node)?;
                    }
                    _ => rest.push((owner, node)),
                }
            }
        }
        tree.pending = rest;
        let mut readings = stage.readings;
        let texts = readings.iter_mut().zip(stage.keys).map(|(reading, keys)| {
            let query = std::mem::take(&mut reading.fetch.select);
            reading.marked = !keys.is_empty();
            match keys.is_empty() {
                true => Text::Plain(query),
                false => Text::HandOn(HandOn { query, keys }),
            }
        });
        let texts = texts.collect();
        Ok(Self {
            tree,
            readings,
            texts,
            parents: stage.parents,
        })
    }

    /// The table, the text and the number of values of each statement.
    pub(super) fn statements(&self, dialect: &dyn Dialect) -> Vec<(String, String, usize)> {
        let tables = self.readings.iter().map(|reading| {
            let block = reading.fetch.blocks.first();
            block.map_or(String::new(), |block| block.meta.table.to_string())
        });
        let texts = self.texts.iter().map(|text| match text {
            Text::Plain(select) => select.render(dialect),
            Text::HandOn(statement) => statement.render(dialect),
        });
        let of = |(table, rendered): (String, sinew_sql::Rendered<'_>)| {
            (table, rendered.sql, rendered.binds.len())
        };
        tables.zip(texts).map(of).collect()
    }
}

impl Tree<'_> {
    /// A tree whose root is read by `fetch`, and with it all that can be read at once.
    pub(crate) async fn read_at_once(
        op: &mut Op<'_>,
        fetch: Fetch,
        unscoped: bool,
    ) -> Result<Self> {
        let planned = Planned::of(op.db().dialect(), fetch, unscoped)?;
        let (mut tree, texts) = (planned.tree, planned.texts);
        tree.send(op, planned.readings, texts).await?;
        Ok(tree)
    }

    /// Plans the reading of one association, from keys that are not known here.
    fn plan(
        &mut self,
        stage: &mut Stage,
        owner: usize,
        (number, block): (usize, usize),
        node: &PreloadNode,
    ) -> Result<()> {
        let relation = node.meta()?;
        let model = (node.owner)();
        let own = reach::owner_key(model, relation)?;
        let families = reach::kept_families(model, relation)?;
        let slot = u32::try_from(stage.readings.len()).unwrap_or(u32::MAX);
        let at = stage
            .readings
            .get(number)
            .and_then(|reading| reading.fetch.blocks.get(block))
            .map_or(0, |block| block.at);
        if let Some(keys) = stage.keys.get_mut(number) {
            keys.push((slot, own.iter().map(|column| at + column).collect()));
        }
        let mut fetch = Fetch::of(node, self.unscoped)?;
        if self.unscoped {
            strip_live_select(&mut fetch.select);
        }
        fetch.restrict_to_kept(slot, families.clone());
        let mut reading = self.begin(fetch, Some((owner, relation)));
        reading.owners = Some(Awaited {
            branch: owner,
            own,
            families,
        });
        stage.push(reading, Some(number));
        Ok(())
    }

    /// Sends all of it in one transaction, which is what keys are kept for.
    async fn send(
        &mut self,
        op: &mut Op<'_>,
        mut readings: Vec<Reading>,
        texts: Vec<Text>,
    ) -> Result<()> {
        let db = op.db();
        let mut prepared: Vec<Prepared<'_>> = Vec::with_capacity(texts.len());
        for text in &texts {
            prepared.push(match text {
                Text::Plain(select) => db.prepare(select),
                Text::HandOn(statement) => db.prepare(statement),
            });
        }
        let statements = prepared
            .iter_mut()
            .map(|prepared| prepared.statement(Action::Rows))
            .collect();
        let mut sink = StageSink {
            branches: &mut self.branches,
            readings: &mut readings,
        };
        op.begin();
        op.run_and(true, statements, &mut sink).await?;
        op.end();
        self.keep_marks(readings);
        Ok(())
    }
}
