//! The tree while it is read: one branch per association and place.

use sinew_core::driver::{Action, Statement};
use sinew_core::record::{Model, Records, Rows};
use sinew_core::schema::{ModelMeta, RelationMeta};
use sinew_core::value::TypeFamily;
use sinew_core::{Error, ErrorKind, Result, Value};

use super::attach;
use super::fetch::Fetch;
use super::keys::OwnerMap;
use super::live::strip_live_select;
use super::sink::StageSink;
use crate::db::{Db, Op, Prepared};
use crate::hook::{self, Moment};
use crate::relation::PreloadNode;

/// Rows of one model at one place of the tree.
pub(crate) struct Branch {
    pub(crate) meta: &'static ModelMeta,
    pub(crate) rows: Option<Box<dyn Rows>>,
    /// The branch that holds the owners (`None`: the root), and the association there.
    pub(crate) owner: Option<(usize, &'static RelationMeta)>,
    /// Which variant of a polymorphic owner.
    pub(crate) variant: Option<usize>,
    /// For each row, the first owner it belongs to.
    pub(crate) owner_of: Vec<u32>,
    /// Further owners with the same key.
    pub(crate) owners: OwnerMap,
    pub(crate) links: Option<Box<dyn Rows>>,
    /// Whether owners without a row become loaded and empty.
    pub(crate) fills: bool,
}

/// The rows at the root: borrowed from the caller, or read first.
pub(crate) struct Tree<'r> {
    root: Option<&'r mut dyn Records>,
    pub(crate) branches: Vec<Branch>,
    /// What is to be read next: the branch that holds the owners, and what of theirs.
    pub(super) pending: Vec<(usize, PreloadNode)>,
    pub(super) unscoped: bool,
    /// The extra columns of each row of the root, where some were asked for.
    pub(crate) marks: Vec<Vec<Value<'static>>>,
}

/// One select on its way, with the branches that its rows go to.
pub(super) struct Reading {
    pub(super) fetch: Fetch,
    /// The branch of each block.
    pub(super) branches: Vec<usize>,
    /// Folding: rows of each block seen already, by parent row and key.
    pub(super) seen: Vec<OwnerMap>,
    pub(super) scratch: Vec<Value<'static>>,
    /// The extra columns of each row of the root.
    pub(super) marks: Vec<Vec<Value<'static>>>,
    /// Owners that are being read too, and are to be sorted by key once they are there.
    pub(super) owners: Option<Awaited>,
    /// Whether a last column tells rows from the lack of any.
    pub(super) marked: bool,
}

/// Owners that an earlier statement of the same stage reads.
pub(super) struct Awaited {
    pub(super) branch: usize,
    pub(super) own: Vec<usize>,
    pub(super) families: Vec<TypeFamily>,
}

impl<'r> Tree<'r> {
    /// A tree over rows that are there already.
    pub(crate) fn over(
        root: &'r mut dyn Records,
        meta: &'static ModelMeta,
        nodes: Vec<PreloadNode>,
        unscoped: bool,
    ) -> Self {
        let branch = Branch {
            meta,
            rows: None,
            owner: None,
            variant: None,
            owner_of: Vec::new(),
            owners: OwnerMap::default(),
            links: None,
            fills: false,
        };
        let pending = nodes.into_iter().map(|node| (0, node)).collect();
        Self {
            root: Some(root),
            branches: vec![branch],
            pending,
            unscoped,
            marks: Vec::new(),
        }
    }

    /// A tree whose root is read by `fetch`.
    pub(crate) async fn read(op: &mut Op<'_>, mut fetch: Fetch, unscoped: bool) -> Result<Self> {
        let mut tree = Self::new(unscoped);
        if unscoped {
            strip_live_select(&mut fetch.select);
        }
        let reading = tree.begin(fetch, None);
        tree.stage(op, vec![reading]).await?;
        Ok(tree)
    }

    pub(super) fn new(unscoped: bool) -> Self {
        Self {
            root: None,
            branches: Vec::new(),
            pending: Vec::new(),
            unscoped,
            marks: Vec::new(),
        }
    }

    /// A tree whose root is the next rows of a statement that is read chunk by chunk, and
    /// whether more may follow. `fetch` is the layout of its rows.
    pub(crate) async fn chunk(
        op: &mut Op<'_>,
        fetch: Fetch,
        statement: &Statement<'_>,
        place: (u64, bool),
        rows: usize,
        unscoped: bool,
    ) -> Result<(Self, bool)> {
        let mut tree = Self::new(unscoped);
        let mut readings = [tree.begin(fetch, None)];
        let mut sink = StageSink {
            branches: &mut tree.branches,
            readings: &mut readings,
        };
        let more = op.fetch(statement, place, rows, &mut sink).await?;
        Ok((tree, more))
    }

    /// Keeps the first `n` rows of the root.
    pub(crate) fn truncate<M: Model>(&mut self, n: usize) {
        let Some(branch) = self.branches.first_mut() else {
            return;
        };
        let Some(rows) = branch.rows.take() else {
            return;
        };
        if let Ok(mut rows) = rows.into_any().downcast::<Vec<M>>() {
            rows.truncate(n);
            branch.rows = Some(rows);
        }
        self.marks.truncate(n);
    }

    /// How many rows are at the root.
    pub(crate) fn len(&mut self) -> usize {
        self.records(0).map_or(0, |records| records.len())
    }

    /// The rows at the root, with everything attached, as what they are.
    pub(crate) fn into_rows<M: Model>(self) -> Result<Vec<M>> {
        self.finish().map(typed)
    }

    /// Hands the rows of a branch to their owners, once those below it have been.
    pub(crate) fn attach(&mut self, index: usize) -> Result<()> {
        attach::attach_branch(&mut self.root, &mut self.branches, index)
    }

    /// The rows at the root, with everything attached.
    pub(crate) fn finish(mut self) -> Result<Option<Box<dyn Rows>>> {
        for index in (1..self.branches.len()).rev() {
            self.attach(index)?;
        }
        Ok(self
            .branches
            .first_mut()
            .and_then(|branch| branch.rows.take()))
    }

    /// Reads what is pending, level by level.
    pub(crate) async fn descend(&mut self, op: &mut Op<'_>) -> Result<()> {
        while !self.pending.is_empty() {
            let pending = std::mem::take(&mut self.pending);
            let mut readings = Vec::new();
            for (branch, node) in pending {
                self.prepare(branch, &node, &mut readings)?;
            }
            self.stage(op, readings).await?;
        }
        Ok(())
    }

    pub(super) fn records(&mut self, branch: usize) -> Option<&mut dyn Records> {
        let held = self.branches.get_mut(branch)?;
        match &mut held.rows {
            Some(rows) => Some(&mut **rows),
            None if branch == 0 => match &mut self.root {
                Some(root) => Some(&mut **root),
                None => None,
            },
            None => None,
        }
    }

    /// Adds the branches that `fetch` fills and queues what comes below them.
    pub(super) fn begin(
        &mut self,
        mut fetch: Fetch,
        owner: Option<(usize, &'static RelationMeta)>,
    ) -> Reading {
        let first = self.branches.len();
        let mut branches = Vec::with_capacity(fetch.blocks.len());
        for (index, block) in fetch.blocks.iter_mut().enumerate() {
            let owner = match block.parent {
                Some((parent, relation)) => Some((first + parent, relation)),
                None => owner,
            };
            self.branches.push(Branch {
                meta: block.meta,
                rows: Some((block.meta.new_rows)()),
                owner,
                variant: None,
                owner_of: Vec::new(),
                owners: OwnerMap::default(),
                links: block.link.map(|(model, _)| (model.new_rows)()),
                fills: true,
            });
            branches.push(first + index);
            let below = std::mem::take(&mut block.preloads);
            self.pending
                .extend(below.into_iter().map(|node| (first + index, node)));
        }
        let seen = fetch.blocks.iter().map(|_| OwnerMap::default()).collect();
        Reading {
            fetch,
            branches,
            seen,
            scratch: Vec::new(),
            marks: Vec::new(),
            owners: None,
            marked: false,
        }
    }

    /// Sends the statements of one stage together and takes their rows.
    async fn stage(&mut self, op: &mut Op<'_>, mut readings: Vec<Reading>) -> Result<()> {
        if readings.is_empty() {
            return Ok(());
        }
        let selects: Vec<_> = readings
            .iter_mut()
            .map(|reading| std::mem::take(&mut reading.fetch.select))
            .collect();
        let db = op.db();
        let mut prepared: Vec<Prepared<'_>> =
            selects.iter().map(|select| db.prepare(select)).collect();
        let statements = prepared
            .iter_mut()
            .map(|prepared| prepared.statement(Action::Rows))
            .collect();
        let mut sink = StageSink {
            branches: &mut self.branches,
            readings: &mut readings,
        };
        op.run(statements, &mut sink).await?;
        self.keep_marks(readings);
        Ok(())
    }

    pub(super) fn keep_marks(&mut self, readings: Vec<Reading>) {
        for reading in readings {
            if reading.fetch.extra.is_some() {
                self.marks = reading.marks;
            }
        }
    }
}

pub(super) fn to_u32(index: usize) -> Result<u32> {
    u32::try_from(index).map_err(|_| {
        Error::new(
            ErrorKind::Unsupported,
            "more than four billion rows at once",
        )
    })
}

/// Loads associations of rows that are there already.
pub(crate) async fn load(
    op: &mut Op<'_>,
    rows: &mut dyn Records,
    meta: &'static ModelMeta,
    nodes: Vec<PreloadNode>,
    unscoped: bool,
) -> Result<()> {
    let mut tree = Tree::over(rows, meta, nodes, unscoped);
    tree.descend(op).await?;
    let db = op.db();
    after_find(db, &mut tree).await?;
    tree.finish().map(|_| ())
}

/// Runs after-find hooks of everything that was read and hands rows to their owners: children are
/// complete before their owners' hooks run.
pub(crate) async fn after_find(db: &Db, tree: &mut Tree<'_>) -> Result<()> {
    for index in (0..tree.branches.len()).rev() {
        if let Some(branch) = tree.branches.get_mut(index)
            && let Some(hooks) = hook::of(branch.meta, db)
            && let Some(rows) = &mut branch.rows
        {
            for record in rows.all_mut() {
                hooks.call(record, db, Moment::AfterFind).await?;
            }
        }
        tree.attach(index)?;
    }
    Ok(())
}

/// The rows with their type.
pub(crate) fn typed<M: Model>(rows: Option<Box<dyn Rows>>) -> Vec<M> {
    let Some(rows) = rows else {
        return Vec::new();
    };
    // Not `Box::downcast`: this is compiled for each model of an application.
    match rows.into_any().downcast_mut::<Vec<M>>() {
        Some(rows) => std::mem::take(rows),
        None => Vec::new(),
    }
}
