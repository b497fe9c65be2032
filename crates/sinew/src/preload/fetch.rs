//! The select of one place of the tree: its own columns, those of what it joins, and where its
//! owner's key stands.

use sinew_core::Result;
use sinew_core::schema::{Linkage, ModelMeta, RelationMeta};
use sinew_core::{Error, ErrorKind, Value};
use sinew_sql::{
    Expr, Ident, InList, Join, JoinKind, Order, PerGroup, Scope, Select, SelectItem, Source,
};

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
    /// The link row's block, for a many-to-many with a join model: model and first column.
    pub(crate) link: Option<(&'static ModelMeta, usize)>,
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
    let mut select = Select { from: Source::Table(meta.table.clone()), ..Select::default() };
    push_columns(&mut select, meta, None);
    if let Some(index) = meta.deleted_at().filter(|_| !unscoped) {
        select.filter.push(Expr::Live(Scope::Here, reach::column(meta, index)));
    }
    select
}

fn push_columns(select: &mut Select, meta: &ModelMeta, alias: Option<&Ident>) {
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
        joins: Vec<JoinNode>,
        preloads: Vec<PreloadNode>,
        unscoped: bool,
    ) -> Result<Self> {
        let mut blocks = vec![Block { meta, at: 0, parent: None, preloads }];
        let mut folds = false;
        join_all(&mut select, &mut blocks, &mut folds, 0, None, joins, unscoped)?;
        Ok(Self { select, blocks, matching: Matching::Root, folds, link: None })
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
        let link = push_link(&mut select, relation);
        let matching = match &found {
            Match::Target(columns) => Matching::Columns(columns.clone()),
            Match::Extra(exprs) => {
                let at = select.columns.len();
                select.columns.extend(exprs.iter().map(|expr| SelectItem::from(expr.0.clone())));
                Matching::Extra(at, exprs.len())
            }
        };
        order_and_limit(&mut select, &node, meta, &found);
        let children = std::mem::take(&mut node.children);
        let mut blocks = vec![Block { meta, at: 0, parent: None, preloads: children }];
        let mut folds = false;
        let joins = std::mem::take(&mut node.joins);
        if !joins.is_empty() && select.per_group.is_some() {
            return Err(Error::new(
                ErrorKind::Unsupported,
                "an association with a limit per owner cannot be joined further; preload instead",
            )
            .with_association(relation.name));
        }
        join_all(&mut select, &mut blocks, &mut folds, 0, None, joins, node.unscoped)?;
        Ok(Self { select, blocks, matching, folds, link })
    }

    /// Restricts the select to owners with these keys.
    pub(crate) fn restrict(&mut self, keys: Vec<Value<'static>>, width: usize) {
        let tuple = match &self.matching {
            Matching::Root => return,
            Matching::Columns(columns) => match self.blocks.first() {
                Some(block) => {
                    columns.iter().map(|&i| Expr::here(reach::column(block.meta, i))).collect()
                }
                None => return,
            },
            Matching::Extra(at, count) => self
                .select
                .columns
                .iter()
                .skip(*at)
                .take(*count)
                .map(|item| item.expr.clone())
                .collect::<Vec<_>>(),
        };
        self.select.filter.push(key_condition(tuple, keys, width));
    }
}

/// `tuple IN keys`; `=` for a single key.
pub(crate) fn key_condition(
    tuple: Vec<Expr>,
    mut keys: Vec<Value<'static>>,
    width: usize,
) -> Expr {
    if keys.len() == width {
        let pairs = tuple.into_iter().zip(keys.drain(..));
        let mut all: Vec<_> =
            pairs.map(|(expr, value)| expr.equals(Expr::Value(value))).collect();
        return if all.len() == 1 { all.remove(0) } else { Expr::And(all) };
    }
    let values = if width == 1 { Value::Array(keys) } else { Value::Tuples { width, values: keys } };
    Expr::In { tuple, list: InList::Values(values), negated: false }
}

fn push_link(
    select: &mut Select,
    relation: &RelationMeta,
) -> Option<(&'static ModelMeta, usize)> {
    let Linkage::Join { table, .. } = &relation.linkage else { return None };
    let model = (table.model?)();
    let at = select.columns.len();
    push_columns(select, model, Some(&reach::LINK.into()));
    Some((model, at))
}

fn order_and_limit(select: &mut Select, node: &PreloadNode, meta: &ModelMeta, found: &Match) {
    let link: Ident = reach::LINK.into();
    select.order = node
        .link_order
        .iter()
        .map(|order| Order { expr: order.expr.clone().rebase(&link), ..order.clone() })
        .chain(node.order.iter().cloned())
        .collect();
    let limited = node.limit.is_some() || node.limit_total.is_some() || node.offset > 0;
    if limited {
        // A limit without a total order would pick rows at random.
        select.order.extend(meta.key.iter().map(|&index| Order {
            expr: Expr::here(reach::column(meta, index)),
            descending: false,
            nulls_first: None,
        }));
    }
    select.limit = node.limit_total;
    if node.limit.is_some() || node.offset > 0 {
        select.per_group = Some(PerGroup {
            partition: reach::match_exprs(meta, found),
            limit: node.limit,
            offset: node.offset,
        });
    }
}

/// Adds joins for `joins`, which hang on block `parent`, and their columns.
fn join_all(
    select: &mut Select,
    blocks: &mut Vec<Block>,
    folds: &mut bool,
    parent: usize,
    alias: Option<&Ident>,
    joins: Vec<JoinNode>,
    unscoped: bool,
) -> Result<()> {
    for node in joins {
        if let Some(doubt) = &node.doubt {
            return Err(Error::new(ErrorKind::InvalidInput, doubt.clone()));
        }
        let owner = (node.owner)();
        let Some(relation) = owner.relations.get(node.relation) else { continue };
        let Some(meta) = relation.target() else {
            return Err(Error::new(
                ErrorKind::Unsupported,
                format!("{}.{} has targets of several models and cannot be joined; preload it", owner.name, relation.name),
            ));
        };
        let name: Ident = match alias {
            Some(alias) => format!("{alias}__{}", relation.name).into(),
            None => Ident::Borrowed(relation.name),
        };
        *folds |= relation.many;
        push_joins(select, owner, relation, alias, &name, &node, unscoped)?;
        let at = select.columns.len();
        push_columns(select, meta, Some(&name));
        let index = blocks.len();
        let preloads = node.preloads.clone();
        blocks.push(Block { meta, at, parent: Some((parent, relation)), preloads });
        select.order.extend(node.order.iter().map(|order| Order {
            expr: order.expr.clone().rebase(&name),
            ..order.clone()
        }));
        join_all(select, blocks, folds, index, Some(&name), node.joins, unscoped)?;
    }
    Ok(())
}

fn push_joins(
    select: &mut Select,
    owner: &'static ModelMeta,
    relation: &'static RelationMeta,
    owner_alias: Option<&Ident>,
    name: &Ident,
    node: &JoinNode,
    unscoped: bool,
) -> Result<()> {
    let own_column = |index: usize| {
        let column = reach::column(owner, index);
        match owner_alias {
            Some(alias) => Expr::of(alias.clone(), column),
            None => Expr::here(column),
        }
    };
    let unscoped = unscoped || node.unscoped;
    let meta = relation.target().unwrap_or(owner);
    let mut conditions: Vec<Expr> =
        node.filter.iter().map(|expr| expr.clone().rebase(name)).collect();
    if let Some(index) = meta.deleted_at().filter(|_| !unscoped) {
        conditions.push(Expr::Live(Scope::Alias(name.clone()), reach::column(meta, index)));
    }
    let kind = node.kind;
    match &relation.linkage {
        Linkage::Owner { own, far, .. } | Linkage::Target { own, far, .. } => {
            let mut on: Vec<Expr> = far
                .iter()
                .zip(own)
                .map(|(&f, &o)| Expr::of(name.clone(), reach::column(meta, f)).equals(own_column(o)))
                .collect();
            if let Linkage::Target { polymorphic: Some(p), .. } = &relation.linkage {
                let value = Expr::Value(Value::Text(p.value.clone()));
                on.push(Expr::of(name.clone(), reach::column(meta, p.column)).equals(value));
            }
            on.extend(conditions);
            push(select, kind, meta.table.clone(), name.clone(), on);
        }
        Linkage::Join { own, far, table, .. } => {
            let link: Ident = format!("{name}__link").into();
            let mut on: Vec<Expr> = table
                .own
                .iter()
                .zip(own)
                .map(|(l, &o)| Expr::of(link.clone(), l.clone()).equals(own_column(o)))
                .collect();
            if let Some(deleted) = reach::link_deleted_at(relation).filter(|_| !unscoped) {
                on.push(Expr::Live(Scope::Alias(link.clone()), deleted));
            }
            push(select, kind, table.name.clone(), link.clone(), on);
            let mut on: Vec<Expr> = table
                .far
                .iter()
                .zip(far)
                .map(|(l, &f)| {
                    Expr::of(name.clone(), reach::column(meta, f))
                        .equals(Expr::of(link.clone(), l.clone()))
                })
                .collect();
            on.extend(conditions);
            push(select, kind, meta.table.clone(), name.clone(), on);
        }
        Linkage::Through { .. } | Linkage::Any { .. } => {
            return Err(Error::new(
                ErrorKind::Unsupported,
                format!(
                    "{}.{} cannot be joined directly; join the associations on its way, or preload it",
                    owner.name, relation.name
                ),
            )
            .with_model(owner.name)
            .with_association(relation.name));
        }
    }
    Ok(())
}

fn push(select: &mut Select, kind: JoinKind, table: Ident, alias: Ident, on: Vec<Expr>) {
    select.joins.push(Join::Table { kind, table, alias, on: Expr::And(on) });
}

/// Takes every soft-delete condition out, for an unscoped session.
pub(crate) fn strip_live(expr: &mut Expr) {
    match expr {
        Expr::Live(..) => *expr = Expr::And(Vec::new()),
        Expr::Binary(left, _, right) => {
            strip_live(left);
            strip_live(right);
        }
        Expr::Not(inner) | Expr::IsNull(inner, _) => strip_live(inner),
        Expr::And(all) | Expr::Or(all) | Expr::Function { args: all, .. } => {
            all.iter_mut().for_each(strip_live);
        }
        Expr::Between(three) => three.iter_mut().for_each(strip_live),
        Expr::In { tuple, list, .. } => {
            tuple.iter_mut().for_each(strip_live);
            if let InList::Query(query) = list {
                strip_live_select(query);
            }
        }
        Expr::Like { expr, pattern, .. } => {
            strip_live(expr);
            strip_live(pattern);
        }
        Expr::Exists(query, _) | Expr::Query(query) => strip_live_select(query),
        Expr::Column(..)
        | Expr::Value(_)
        | Expr::Param
        | Expr::Excluded(_)
        | Expr::Raw(_)
        | Expr::One
        | Expr::Null => {}
    }
}

/// As [`strip_live`], for a whole select.
pub(crate) fn strip_live_select(select: &mut Select) {
    for item in &mut select.columns {
        strip_live(&mut item.expr);
    }
    for join in &mut select.joins {
        if let Join::Table { on, .. } = join {
            strip_live(on);
        }
    }
    let lists = [&mut select.filter, &mut select.group_by, &mut select.having];
    for expr in lists.into_iter().flatten() {
        strip_live(expr);
    }
    for order in &mut select.order {
        strip_live(&mut order.expr);
    }
    if let Source::Query(query, _) = &mut select.from {
        strip_live_select(query);
    }
}
