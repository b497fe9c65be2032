//! Associations loaded in the same statement: their joins, columns, and where a limit goes.

use sinew_core::schema::{Linkage, ModelMeta, RelationMeta};
use sinew_core::{Error, ErrorKind, Result, Value};
use sinew_sql::{Expr, Ident, Join, JoinKind, Order, Scope, Select};

use super::fetch::{Block, push_columns, push_link};
use crate::relation::JoinNode;
use crate::relation::reach;

/// Whether this join, or one below it, can repeat a row of what it hangs on.
pub(crate) fn repeats(node: &JoinNode) -> bool {
    let here = (node.owner)()
        .relations
        .get(node.relation)
        .is_some_and(many_rows);
    here || node.joins.iter().any(repeats)
}

/// Whether several rows can match: a has-one too, unless its key is unique.
fn many_rows(relation: &RelationMeta) -> bool {
    match &relation.linkage {
        Linkage::Owner { .. } => false,
        Linkage::Target { far, target, .. } => {
            let unique = match far.as_slice() {
                [one] => target()
                    .columns
                    .get(*one)
                    .is_some_and(|column| column.unique),
                _ => false,
            };
            relation.many || !unique
        }
        _ => true,
    }
}

/// What the joins of one statement have in common.
pub(super) struct Joining<'s> {
    pub(super) select: &'s mut Select,
    pub(super) blocks: &'s mut Vec<Block>,
    /// The name of the main source.
    pub(super) main: &'s str,
    pub(super) unscoped: bool,
    /// Whether the joined columns are selected.
    pub(super) selects: bool,
    pub(super) folds: bool,
}

/// What an association hangs on: its model, and its alias unless it is the main source.
#[derive(Clone, Copy)]
struct Origin<'a> {
    model: &'static ModelMeta,
    alias: Option<&'a Ident>,
}

impl Origin<'_> {
    fn column(self, index: usize) -> Expr {
        let column = reach::column(self.model, index);
        match self.alias {
            Some(alias) => Expr::of(alias.clone(), column),
            None => Expr::here(column),
        }
    }
}

impl Joining<'_> {
    /// Adds joins for `nodes`, which hang on block `parent`, and their columns.
    pub(super) fn all(
        &mut self,
        parent: usize,
        alias: Option<&Ident>,
        nodes: &[JoinNode],
    ) -> Result<()> {
        for node in nodes {
            if let Some(doubt) = &node.doubt {
                return Err(Error::new(ErrorKind::InvalidInput, doubt.clone()));
            }
            let owner = (node.owner)();
            let Some(relation) = owner.relations.get(node.relation) else {
                continue;
            };
            let meta = joinable(owner, relation)?;
            let name = self.free_alias(alias, relation.name);
            self.folds |= many_rows(relation);
            self.push_joins(
                Origin {
                    model: owner,
                    alias,
                },
                relation,
                &name,
                node,
            )?;
            let index = self.blocks.len();
            if self.selects {
                let at = self.select.columns.len();
                push_columns(self.select, meta, Some(&name));
                let preloads = node.preloads.clone();
                let link = push_link(self.select, relation, &link_alias(&name));
                self.blocks.push(Block {
                    meta,
                    at,
                    parent: Some((parent, relation)),
                    preloads,
                    link,
                });
            }
            let link = link_alias(&name);
            let by_link = node.link_order.iter().map(|order| (order, &link));
            let by_target = node.order.iter().map(|order| (order, &name));
            let orders = by_link.chain(by_target).map(|(order, alias)| Order {
                expr: order.expr.clone().rebase(alias),
                descending: order.descending,
                // Rows without a target have NULL in its columns, whatever these admit.
                nulls_first: order
                    .nulls_first
                    .or((node.kind == JoinKind::Left).then_some(!order.descending)),
            });
            self.select.order.extend(orders);
            self.all(index, Some(&name), &node.joins)?;
        }
        Ok(())
    }

    /// The association's name as an alias: `orders`, `orders__items`; longer where it is taken.
    fn free_alias(&self, owner: Option<&Ident>, relation: &'static str) -> Ident {
        let mut name: Ident = match owner {
            Some(owner) => format!("{owner}__{relation}").into(),
            None => Ident::Borrowed(relation),
        };
        while self.taken(&name) {
            name = format!("{name}_").into();
        }
        name
    }

    fn taken(&self, name: &str) -> bool {
        self.main.eq_ignore_ascii_case(name)
            || self.select.joins.iter().any(|join| match join {
                Join::Table { alias, .. } => alias.eq_ignore_ascii_case(name),
                Join::Raw(_) => false,
            })
    }

    fn push_joins(
        &mut self,
        from: Origin<'_>,
        relation: &'static RelationMeta,
        name: &Ident,
        node: &JoinNode,
    ) -> Result<()> {
        let unscoped = self.unscoped || node.unscoped;
        let rebased = |filter: &[Expr], alias: &Ident| {
            let rebased = filter.iter().map(|expr| expr.clone().rebase(alias));
            rebased.collect()
        };
        let conditions = Conditions {
            target: rebased(&node.filter, name),
            link: rebased(&node.link_filter, &link_alias(name)),
        };
        let Linkage::Through { path, .. } = &relation.linkage else {
            return self.push_step(from, relation, name, node.kind, conditions, unscoped);
        };
        let steps = reach::through(from.model, relation, path)?;
        let last = steps.len().saturating_sub(1);
        let mut alias = from.alias.cloned();
        let mut conditions = Some(conditions);
        for (depth, (model, step)) in steps.into_iter().enumerate() {
            let here = Origin {
                model,
                alias: alias.as_ref(),
            };
            let (to, on): (Ident, _) = if depth == last {
                (name.clone(), conditions.take().unwrap_or_default())
            } else {
                (format!("{name}__via{depth}").into(), Conditions::default())
            };
            self.push_step(here, step, &to, node.kind, on, unscoped)?;
            alias = Some(to);
        }
        Ok(())
    }

    /// The joins of one association that goes through no others.
    fn push_step(
        &mut self,
        from: Origin<'_>,
        relation: &'static RelationMeta,
        name: &Ident,
        kind: JoinKind,
        conditions: Conditions,
        unscoped: bool,
    ) -> Result<()> {
        let (mut conditions, of_link) = (conditions.target, conditions.link);
        let meta = joinable(from.model, relation)?;
        if let Some(index) = meta.deleted_at().filter(|_| !unscoped) {
            conditions.push(Expr::Live(
                Scope::Alias(name.clone()),
                reach::column(meta, index),
            ));
        }
        match &relation.linkage {
            Linkage::Owner { own, far, .. } | Linkage::Target { own, far, .. } => {
                let pairs = far.iter().zip(own);
                let mut on: Vec<Expr> = pairs
                    .map(|(&far, &own)| {
                        let theirs = Expr::of(name.clone(), reach::column(meta, far));
                        reach::same_key(
                            (theirs, reach::family(meta, far)),
                            (from.column(own), reach::family(from.model, own)),
                        )
                    })
                    .collect();
                if let Linkage::Target {
                    polymorphic: Some(p),
                    ..
                } = &relation.linkage
                {
                    let value = Expr::Value(Value::Text(p.value.clone()));
                    on.push(Expr::of(name.clone(), reach::column(meta, p.column)).equals(value));
                }
                on.extend(conditions);
                self.push(kind, meta.table.clone(), name.clone(), on);
            }
            Linkage::Join {
                own, far, table, ..
            } => {
                let link = link_alias(name);
                let pairs = table.own.iter().zip(own);
                let mut on: Vec<Expr> = pairs
                    .map(|(column, &own)| {
                        Expr::of(link.clone(), column.clone()).equals(from.column(own))
                    })
                    .collect();
                if let Some(deleted) = reach::link_deleted_at(relation).filter(|_| !unscoped) {
                    on.push(Expr::Live(Scope::Alias(link.clone()), deleted));
                }
                on.extend(of_link);
                self.push(kind, table.name.clone(), link.clone(), on);
                let pairs = table.far.iter().zip(far);
                let mut on: Vec<Expr> = pairs
                    .map(|(column, &far)| {
                        Expr::of(name.clone(), reach::column(meta, far))
                            .equals(Expr::of(link.clone(), column.clone()))
                    })
                    .collect();
                on.extend(conditions);
                self.push(kind, meta.table.clone(), name.clone(), on);
            }
            Linkage::Through { .. } | Linkage::Any { .. } => {
                return Err(not_joinable(from.model, relation, "goes through others"));
            }
        }
        Ok(())
    }

    fn push(&mut self, kind: JoinKind, table: Ident, alias: Ident, on: Vec<Expr>) {
        self.select.joins.push(Join::Table {
            kind,
            table,
            alias,
            on: Expr::And(on),
        });
    }
}

/// What a joined association's rows have to meet beside its keys.
#[derive(Default)]
struct Conditions {
    target: Vec<Expr>,
    link: Vec<Expr>,
}

/// The join table of the association that is joined as `name`.
fn link_alias(name: &Ident) -> Ident {
    format!("{name}__link").into()
}

fn not_joinable(owner: &ModelMeta, relation: &RelationMeta, why: &str) -> Error {
    let message = format!(
        "{}.{} {why} and cannot be joined; preload it",
        owner.name, relation.name
    );
    Error::new(ErrorKind::Unsupported, message)
        .with_model(owner.name)
        .with_association(relation.name)
}

/// The target of an association that can be joined.
fn joinable(owner: &ModelMeta, relation: &RelationMeta) -> Result<&'static ModelMeta> {
    let Some(meta) = relation.target() else {
        return Err(not_joinable(
            owner,
            relation,
            "has targets of several models",
        ));
    };
    if meta.key.is_empty() {
        return Err(not_joinable(
            owner,
            relation,
            "has targets without a primary key",
        ));
    }
    Ok(meta)
}
