//! The select of one place of the tree: its own columns, those of what it joins, and where its
//! owner's key stands.

use sinew_core::Result;
use sinew_core::schema::{Linkage, ModelMeta, RelationMeta};
use sinew_core::value::TypeFamily;
use sinew_core::{Error, ErrorKind, Value};
use sinew_sql::{Expr, Ident, InList, Kept, Scope, Select, SelectItem, Source};

use super::joins::{Joining, repeats};
use super::limit::{last, limit_first, order_and_limit, raw_last, restrict, restrict_to_one};
use crate::relation::reach::{self, Match};
use crate::relation::{JoinNode, PreloadNode};

/// The columns of one model inside a row.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    pub(crate) meta: &'static ModelMeta,
    pub(crate) at: usize,
    /// Joined blocks: the block it hangs on and its association there.
    pub(crate) parent: Option<(usize, &'static RelationMeta)>,
    pub(crate) preloads: Vec<PreloadNode>,
    /// The link row's columns, for a many-to-many with a join model: model and first column.
    pub(crate) link: Option<(&'static ModelMeta, usize)>,
}

/// A select with its layout.
#[derive(Clone, Debug)]
pub(crate) struct Fetch {
    pub(crate) select: Select,
    pub(crate) blocks: Vec<Block>,
    /// Where the owner's key stands: in columns of block 0, or from this column on.
    pub(crate) matching: Matching,
    /// Whether a to-many join repeats rows, so that they have to be folded.
    pub(crate) folds: bool,
    /// Further columns of a root's rows that are kept as they are: from where, and how many.
    pub(crate) extra: Option<(usize, usize)>,
}

#[derive(Clone, Debug)]
pub(crate) enum Matching {
    /// It has no owner.
    Root,
    /// In these columns of the target's own.
    Columns(Vec<usize>),
    /// In so many columns from this position on.
    Extra(usize, usize),
}

/// `SELECT <all columns> FROM <table>`, without soft-deleted rows unless `unscoped`.
pub(crate) fn base_select(meta: &'static ModelMeta, unscoped: bool) -> Select {
    let mut select = Select {
        from: Source::Table(meta.table.clone()),
        ..Select::default()
    };
    push_columns(&mut select, meta, None);
    if let Some(index) = meta.deleted_at().filter(|_| !unscoped) {
        select
            .filter
            .push(Expr::Live(Scope::Here, reach::column(meta, index)));
    }
    select
}

pub(super) fn push_columns(select: &mut Select, meta: &ModelMeta, alias: Option<&Ident>) {
    select.columns.extend(meta.columns.iter().map(|column| {
        SelectItem::from(match alias {
            Some(alias) => Expr::of(alias.clone(), column.name.clone()),
            None => Expr::here(column.name.clone()),
        })
    }));
}

impl Fetch {
    /// The root of a find: `select` already selects the model's columns.
    pub(crate) fn root(
        meta: &'static ModelMeta,
        mut select: Select,
        joins: &[JoinNode],
        preloads: Vec<PreloadNode>,
        unscoped: bool,
    ) -> Result<Self> {
        let limited = select.limit.is_some() || select.offset.is_some();
        if limited && joins.iter().any(repeats) {
            limit_first(meta, &mut select, joins, unscoped)?;
        }
        let mut blocks = vec![Block {
            meta,
            at: 0,
            parent: None,
            preloads,
            link: None,
        }];
        let folds = join(meta, &mut select, &mut blocks, joins, unscoped)?;
        Self {
            select,
            blocks,
            matching: Matching::Root,
            folds,
            extra: None,
        }
        .checked()
    }

    /// Adds columns that are kept beside each row of the root.
    pub(crate) fn select_extra(&mut self, exprs: Vec<Expr>) -> Result<()> {
        self.extra = Some((self.select.columns.len(), exprs.len()));
        for expr in exprs {
            expr.check()?;
            self.select.columns.push(SelectItem::from(expr));
        }
        Ok(())
    }

    /// Refuses what the user wrote in SQL and cannot be sent.
    fn checked(self) -> Result<Self> {
        self.select.check()?;
        Ok(self)
    }

    /// The targets of an association for a set of owners; `keys` comes later.
    pub(crate) fn of(node: &PreloadNode, unscoped: bool) -> Result<Self> {
        let mut node = node.clone();
        node.unscoped |= unscoped;
        if let Some(doubt) = &node.doubt {
            return Err(Error::new(ErrorKind::InvalidInput, doubt.clone()));
        }
        let (mut select, found) = reach::target_select(&node)?;
        let relation = node.meta()?;
        let Some(meta) = relation.target() else {
            return Err(Error::new(ErrorKind::Unsupported, "several targets"));
        };
        push_columns(&mut select, meta, None);
        let link = push_link(&mut select, relation, &reach::LINK.into());
        let matching = match &found {
            Match::Target(columns) => Matching::Columns(columns.clone()),
            Match::Extra(exprs) => {
                let at = select.columns.len();
                select
                    .columns
                    .extend(exprs.iter().map(|expr| SelectItem::from(expr.0.clone())));
                Matching::Extra(at, exprs.len())
            }
        };
        order_and_limit(&mut select, &node, meta, &found)?;
        let children = std::mem::take(&mut node.children);
        let mut blocks = vec![Block {
            meta,
            at: 0,
            parent: None,
            preloads: children,
            link,
        }];
        let joins = std::mem::take(&mut node.joins);
        let limited = select.per_group.is_some() || select.limit.is_some();
        if limited && joins.iter().any(repeats) {
            let message = format!(
                "{} has a limit, so an association that repeats its rows cannot be joined to it",
                relation.name
            );
            return Err(Error::new(ErrorKind::Unsupported, message)
                .with_association(relation.name)
                .with_hint("preload it instead"));
        }
        let folds = join(meta, &mut select, &mut blocks, &joins, unscoped)?;
        if !folds && !meta.key.is_empty() && reach::several_ways((node.owner)(), relation)? {
            // Each target once; the keys determine all that is selected.
            let keys = blocks.iter().flat_map(|block| {
                let columns = block.meta.key.iter().map(move |key| block.at + key);
                columns.filter_map(|at| select.columns.get(at))
            });
            let keys = keys.map(|item| item.expr.clone());
            select.group_by = keys.chain(reach::match_exprs(meta, &found)).collect();
        }
        Self {
            select,
            blocks,
            matching,
            folds,
            extra: None,
        }
        .checked()
    }

    /// Restricts the select to owners with these keys.
    pub(crate) fn restrict(&mut self, keys: Vec<Value<'static>>, width: usize) {
        let Some(tuple) = self.owner_key() else {
            return;
        };
        match key_condition(tuple, keys, width) {
            Expr::In { tuple, list, .. } => restrict(&mut self.select, tuple, list),
            one => restrict_to_one(&mut self.select, one),
        }
    }

    /// Restricts the select to owners whose keys an earlier statement kept in the server.
    pub(crate) fn restrict_to_kept(&mut self, slot: u32, families: Vec<TypeFamily>) {
        if let Some(tuple) = self.owner_key() {
            let list = InList::Kept(Kept { slot, families });
            restrict(&mut self.select, tuple, list);
        }
    }

    /// Where the owner's key stands.
    fn owner_key(&self) -> Option<Vec<Expr>> {
        Some(match &self.matching {
            Matching::Root => return None,
            Matching::Columns(columns) => {
                let block = self.blocks.first()?;
                let names = columns.iter().map(|&i| reach::column(block.meta, i));
                names.map(Expr::here).collect()
            }
            Matching::Extra(at, count) => {
                let items = self.select.columns.iter().skip(*at).take(*count);
                items.map(|item| item.expr.clone()).collect()
            }
        })
    }
}

/// The root's columns under their names, so that a derived table can hand them on.
pub(crate) fn name_columns(select: &mut Select, meta: &ModelMeta) {
    for (item, column) in select.columns.iter_mut().zip(&meta.columns) {
        item.alias = Some(column.name.clone());
    }
}

/// `tuple IN keys`; `=` for a single key.
pub(crate) fn key_condition(tuple: Vec<Expr>, mut keys: Vec<Value<'static>>, width: usize) -> Expr {
    if keys.len() == width {
        let pairs = tuple.into_iter().zip(keys.drain(..));
        let mut all: Vec<_> = pairs
            .map(|(expr, value)| expr.equals(Expr::Value(value)))
            .collect();
        return if all.len() == 1 {
            all.remove(0)
        } else {
            Expr::And(all)
        };
    }
    let list = if width != 1 {
        InList::Values(Value::Tuples {
            width,
            values: keys,
        })
    } else if keys.iter().any(|key| matches!(key, Value::List(_))) {
        // A unique list column.
        InList::Lists(keys)
    } else {
        InList::Values(Value::Array(keys))
    };
    Expr::In {
        tuple,
        list,
        negated: false,
    }
}

/// Adds `joins` to a select of `meta`; whether they repeat rows.
fn join(
    meta: &'static ModelMeta,
    select: &mut Select,
    blocks: &mut Vec<Block>,
    joins: &[JoinNode],
    unscoped: bool,
) -> Result<bool> {
    let main = last(&meta.table);
    let mut joining = Joining {
        select,
        blocks,
        main: &main,
        unscoped,
        selects: true,
        folds: false,
    };
    joining.all(0, None, joins)?;
    let folds = joining.folds;
    if folds && meta.key.is_empty() {
        let message = format!(
            "{} has no primary key, so rows that a join repeats cannot be told apart",
            meta.name
        );
        return Err(Error::new(ErrorKind::Unsupported, message).with_hint("preload instead"));
    }
    raw_last(select);
    Ok(folds)
}

/// Selects the link row, where it has a model.
pub(super) fn push_link(
    select: &mut Select,
    relation: &RelationMeta,
    alias: &Ident,
) -> Option<(&'static ModelMeta, usize)> {
    let Linkage::Join { table, .. } = &relation.linkage else {
        return None;
    };
    let model = (table.model?)();
    let at = select.columns.len();
    push_columns(select, model, Some(alias));
    Some((model, at))
}
