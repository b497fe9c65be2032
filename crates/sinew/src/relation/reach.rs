//! How the targets of an association are reached in SQL. Preload, conditions, counts, joins and
//! association mode ask here and never name a kind of association.

use sinew_core::record::Record;
use sinew_core::schema::{Linkage, ModelMeta, RelationMeta};
use sinew_core::value::TypeFamily;
use sinew_core::{Error, ErrorKind, Result, Value};
use sinew_sql::{Expr, Ident, InList, Join, JoinKind, Scope, Select, SelectItem, Source};

use super::scope::PreloadNode;

/// The alias of a join table inside a select of targets.
pub(crate) const LINK: &str = "link";

/// Where a fetched row says which owner it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Match {
    /// In these columns of the target.
    Target(Vec<usize>),
    /// In extra selected expressions.
    Extra(Vec<Expr2>),
}

/// `Expr` without `PartialEq`; a newtype keeps `Match` comparable in tests.
#[derive(Clone, Debug)]
pub(crate) struct Expr2(pub(crate) Expr);

impl PartialEq for Expr2 {
    fn eq(&self, other: &Self) -> bool {
        format!("{:?}", self.0) == format!("{:?}", other.0)
    }
}

impl Eq for Expr2 {}

fn schema_error(owner: &ModelMeta, relation: &RelationMeta, message: String) -> Error {
    Error::new(ErrorKind::Schema, message)
        .with_model(owner.name)
        .with_association(relation.name)
}

#[allow(clippy::ptr_arg)]
fn ident(name: &Ident) -> Ident {
    name.clone()
}

pub(crate) fn column(meta: &ModelMeta, index: usize) -> Ident {
    meta.columns
        .get(index)
        .map_or(Ident::Borrowed(""), |column| ident(&column.name))
}

/// The associations that a has-many-through passes, resolved.
pub(crate) fn through(
    owner: &'static ModelMeta,
    relation: &RelationMeta,
    path: &[&'static str],
) -> Result<Vec<(&'static ModelMeta, &'static RelationMeta)>> {
    let mut at = owner;
    let mut steps = Vec::new();
    for name in path {
        let step = at.relation(name).ok_or_else(|| {
            schema_error(
                owner,
                relation,
                format!(
                    "{}.{} goes through {name:?}, but {} has no such association",
                    owner.name, relation.name, at.name
                ),
            )
        })?;
        if let Linkage::Through { path: inner, .. } = &step.linkage {
            let inner = through(at, step, inner)?;
            steps.extend(inner);
        } else {
            steps.push((at, step));
        }
        at = step.target().ok_or_else(|| {
            schema_error(
                owner,
                relation,
                format!(
                    "{}.{} cannot go through {name:?}: it has targets of several models",
                    owner.name, relation.name
                ),
            )
        })?;
    }
    Ok(steps)
}

/// Whether a has-many-through can reach a target of one owner in several ways.
pub(crate) fn several_ways(owner: &'static ModelMeta, relation: &RelationMeta) -> Result<bool> {
    let Linkage::Through { path, .. } = &relation.linkage else {
        return Ok(false);
    };
    let steps = through(owner, relation, path)?;
    // Seen from the target: whose key it holds is one row, whoever holds its key may be many.
    let forks = |(depth, (model, step)): (usize, &(&ModelMeta, &RelationMeta))| {
        depth > 0
            && match &step.linkage {
                Linkage::Target { own, .. } => !is_unique(model, own),
                _ => true,
            }
            || matches!(step.linkage, Linkage::Join { .. })
    };
    Ok(steps.iter().enumerate().any(forks))
}

/// Whether no two rows have the same values in these columns.
fn is_unique(meta: &ModelMeta, columns: &[usize]) -> bool {
    let covers = |set: &[usize]| set.iter().all(|index| columns.contains(index));
    !meta.key.is_empty() && covers(&meta.key) || meta.unique_sets().iter().any(|set| covers(set))
}

/// The owner's columns whose values select the targets.
pub(crate) fn owner_key(owner: &'static ModelMeta, relation: &RelationMeta) -> Result<Vec<usize>> {
    match &relation.linkage {
        Linkage::Owner { own, .. } | Linkage::Target { own, .. } | Linkage::Join { own, .. } => {
            Ok(own.clone())
        }
        Linkage::Through { path, .. } => {
            let steps = through(owner, relation, path)?;
            let Some((model, first)) = steps.first() else {
                return Err(schema_error(owner, relation, "an empty path".into()));
            };
            owner_key(model, first)
        }
        Linkage::Any { id, .. } => Ok(vec![*id]),
    }
}

/// The type families of the columns that [`reach`] compares the owner's key with.
pub(crate) fn key_families(
    owner: &'static ModelMeta,
    relation: &RelationMeta,
) -> Result<Vec<TypeFamily>> {
    let of = |meta: &ModelMeta, columns: &[usize]| {
        columns
            .iter()
            .filter_map(|&i| meta.columns.get(i))
            .map(|c| c.family)
            .collect()
    };
    match &relation.linkage {
        Linkage::Owner { far, target, .. } | Linkage::Target { far, target, .. } => {
            Ok(of(target(), far))
        }
        Linkage::Join { own, table, .. } => Ok(match table.model {
            Some(model) => table
                .own
                .iter()
                .filter_map(|name| model().column(name))
                .filter_map(|index| model().columns.get(index))
                .map(|column| column.family)
                .collect(),
            None => of(owner, own),
        }),
        Linkage::Through { path, .. } => match through(owner, relation, path)?.first() {
            Some((model, first)) => key_families(model, first),
            None => Ok(Vec::new()),
        },
        Linkage::Any { .. } => Ok(Vec::new()),
    }
}

/// As [`key_families`], for keys that stay in the server: those that the database generates never
/// exceed a signed number, and columns that hold them are of that type there.
pub(crate) fn kept_families(
    owner: &'static ModelMeta,
    relation: &RelationMeta,
) -> Result<Vec<TypeFamily>> {
    let own = owner_key(owner, relation)?;
    let generated = |at: usize| match &relation.linkage {
        Linkage::Owner { far, target, .. } => far
            .get(at)
            .is_some_and(|far| target().generated == Some(*far)),
        _ => own.get(at).is_some_and(|own| owner.generated == Some(*own)),
    };
    let families = key_families(owner, relation)?.into_iter().enumerate();
    let family = |(at, family)| match family {
        TypeFamily::UInt64 if generated(at) => TypeFamily::Int64,
        other => other,
    };
    Ok(families.map(family).collect())
}

/// Makes a key value comparable with a column of this family: a polymorphic id may be text while
/// the owner's key is a number.
pub(crate) fn coerce(value: Value<'static>, family: TypeFamily) -> Value<'static> {
    match (&value, family) {
        (Value::Int(n), TypeFamily::Text) => Value::Text(n.to_string().into()),
        (Value::UInt(n), TypeFamily::Text) => Value::Text(n.to_string().into()),
        (Value::Text(text), family) if family.is_integer() => {
            text.parse().map_or(value, Value::Int)
        }
        _ => value,
    }
}

/// The family of a model's column.
pub(crate) fn family(meta: &ModelMeta, index: usize) -> Option<TypeFamily> {
    meta.columns.get(index).map(|column| column.family)
}

/// Both columns hold the same key. A polymorphic id may be text while the owner's key is a number;
/// the text is left as it is, so that an index on it can be used.
pub(crate) fn same_key(
    (left, left_family): (Expr, Option<TypeFamily>),
    (right, right_family): (Expr, Option<TypeFamily>),
) -> Expr {
    let is_number = |family: Option<TypeFamily>| family.is_some_and(TypeFamily::is_integer);
    let is_text = |family: Option<TypeFamily>| matches!(family, Some(TypeFamily::Text));
    if is_number(left_family) && is_text(right_family) {
        return Expr::AsText(Box::new(left)).equals(right);
    }
    if is_text(left_family) && is_number(right_family) {
        return left.equals(Expr::AsText(Box::new(right)));
    }
    left.equals(right)
}

/// Makes `select`, whose main source is the target, reach back to the owner: adds the joins and
/// conditions that the association needs, and tells where the owner's key then stands.
pub(crate) fn reach(
    owner: &'static ModelMeta,
    relation: &'static RelationMeta,
    select: &mut Select,
    unscoped: bool,
) -> Result<Match> {
    match &relation.linkage {
        Linkage::Owner { far, .. } => Ok(Match::Target(far.clone())),
        Linkage::Target {
            far,
            polymorphic,
            target,
            ..
        } => {
            if let Some(kind) = polymorphic {
                let value = Expr::Value(Value::Text(kind.value.clone()));
                select
                    .filter
                    .push(Expr::here(column(target(), kind.column)).equals(value));
            }
            Ok(Match::Target(far.clone()))
        }
        Linkage::Join {
            far, table, target, ..
        } => {
            let on = table.far.iter().zip(far).map(|(link, &index)| {
                Expr::of(LINK, ident(link)).equals(Expr::here(column(target(), index)))
            });
            let mut on = Expr::And(on.collect());
            if let Some(deleted) = link_deleted_at(relation).filter(|_| !unscoped) {
                on = on.and(Expr::Live(Scope::Alias(LINK.into()), deleted));
            }
            select.joins.insert(
                0,
                Join::Table {
                    kind: JoinKind::Inner,
                    table: ident(&table.name),
                    alias: LINK.into(),
                    on,
                },
            );
            let own = table
                .own
                .iter()
                .map(|name| Expr2(Expr::of(LINK, ident(name))));
            Ok(Match::Extra(own.collect()))
        }
        Linkage::Through { path, .. } => {
            let steps = through(owner, relation, path)?;
            reach_through(&steps, select, unscoped)
        }
        Linkage::Any { .. } => Err(schema_error(
            owner,
            relation,
            format!(
                "{}.{} has targets of several models",
                owner.name, relation.name
            ),
        )),
    }
}

/// The soft-delete column of a many-to-many's join model.
pub(crate) fn link_deleted_at(relation: &RelationMeta) -> Option<Ident> {
    let Linkage::Join { table, .. } = &relation.linkage else {
        return None;
    };
    let model = table.model?();
    model.deleted_at().map(|index| column(model, index))
}

/// Walks from the target back towards the owner, one join per association on the way.
fn reach_through(
    steps: &[(&'static ModelMeta, &'static RelationMeta)],
    select: &mut Select,
    unscoped: bool,
) -> Result<Match> {
    let mut here: Option<Ident> = None;
    for (depth, (owner, relation)) in steps.iter().enumerate().rev() {
        let (own, keys) = step(owner, relation, depth, here.as_ref(), select, unscoped)?;
        if depth == 0 {
            return Ok(Match::Extra(keys.into_iter().map(Expr2).collect()));
        }
        let alias: Ident = format!("via{depth}").into();
        let mut families = key_families(owner, relation)?.into_iter();
        let on = keys.into_iter().zip(own).map(|(key, &index)| {
            let own = Expr::of(alias.clone(), column(owner, index));
            same_key((key, families.next()), (own, family(owner, index)))
        });
        let mut on = Expr::And(on.collect());
        if let Some(index) = owner.deleted_at().filter(|_| !unscoped) {
            let live = Expr::Live(Scope::Alias(alias.clone()), column(owner, index));
            on = on.and(live);
        }
        push_join(select, ident(&owner.table), alias.clone(), on);
        here = Some(alias);
    }
    Err(Error::new(
        ErrorKind::Schema,
        "a has-many-through needs at least one step",
    ))
}

/// One association of a path, seen from its targets (under the alias `here`, or the main source):
/// the owner's columns, and the expressions that are equal to them.
fn step<'r>(
    owner: &'static ModelMeta,
    relation: &'r RelationMeta,
    depth: usize,
    here: Option<&Ident>,
    select: &mut Select,
    unscoped: bool,
) -> Result<(&'r [usize], Vec<Expr>)> {
    let at = |name: Ident| match here {
        Some(alias) => Expr::of(alias.clone(), name),
        None => Expr::here(name),
    };
    match &relation.linkage {
        Linkage::Owner { own, far, target } => {
            let keys = far.iter().map(|&index| at(column(target(), index)));
            Ok((own, keys.collect()))
        }
        Linkage::Target {
            own,
            far,
            polymorphic,
            target,
        } => {
            if let Some(kind) = polymorphic {
                let value = Expr::Value(Value::Text(kind.value.clone()));
                let is_kind = at(column(target(), kind.column)).equals(value);
                select.filter.push(is_kind);
            }
            let keys = far.iter().map(|&index| at(column(target(), index)));
            Ok((own, keys.collect()))
        }
        Linkage::Join {
            own,
            far,
            table,
            target,
        } => {
            let link: Ident = format!("link{depth}").into();
            let on = table.far.iter().zip(far).map(|(name, &index)| {
                Expr::of(link.clone(), ident(name)).equals(at(column(target(), index)))
            });
            let mut on = Expr::And(on.collect());
            if let Some(deleted) = link_deleted_at(relation).filter(|_| !unscoped) {
                on = on.and(Expr::Live(Scope::Alias(link.clone()), deleted));
            }
            push_join(select, ident(&table.name), link.clone(), on);
            let keys = table
                .own
                .iter()
                .map(|name| Expr::of(link.clone(), ident(name)));
            Ok((own, keys.collect()))
        }
        Linkage::Through { .. } | Linkage::Any { .. } => {
            let message = format!(
                "{}.{} cannot be a step of a path",
                owner.name, relation.name
            );
            Err(schema_error(owner, relation, message))
        }
    }
}

fn push_join(select: &mut Select, table: Ident, alias: Ident, on: Expr) {
    select.joins.push(Join::Table {
        kind: JoinKind::Inner,
        table,
        alias,
        on,
    });
}

/// The expressions of a [`Match`].
pub(crate) fn match_exprs(target: &ModelMeta, found: &Match) -> Vec<Expr> {
    match found {
        Match::Target(columns) => columns
            .iter()
            .map(|&i| Expr::here(column(target, i)))
            .collect(),
        Match::Extra(exprs) => exprs.iter().map(|expr| expr.0.clone()).collect(),
    }
}

/// A select of nothing yet from the target, with the node's conditions and the soft-delete
/// condition. Its row is `Scope::Here`.
pub(crate) fn target_select(node: &PreloadNode) -> Result<(Select, Match)> {
    let owner = (node.owner)();
    let relation = node.meta()?;
    let target = relation.target().ok_or_else(|| {
        schema_error(
            owner,
            relation,
            format!(
                "{}.{} has targets of several models; preload it instead",
                owner.name, relation.name
            ),
        )
    })?;
    let mut select = Select {
        from: Source::Table(target.table.clone()),
        ..Select::default()
    };
    let found = reach(owner, relation, &mut select, node.unscoped)?;
    if let Some(index) = target.deleted_at().filter(|_| !node.unscoped) {
        select
            .filter
            .push(Expr::Live(Scope::Here, column(target, index)));
    }
    let link: Ident = LINK.into();
    select.filter.extend(node.filter.iter().cloned());
    select.filter.extend(
        node.link_filter
            .iter()
            .cloned()
            .map(|expr| expr.rebase(&link)),
    );
    Ok((select, found))
}

/// The select of a node's targets that belong to the row of the enclosing statement.
fn correlated(node: &PreloadNode) -> Result<Select> {
    let owner = (node.owner)();
    let relation = node.meta()?;
    if let Some(doubt) = &node.doubt {
        return Err(Error::new(ErrorKind::InvalidInput, doubt.clone()));
    }
    if node.limit.is_some() || node.limit_total.is_some() || node.offset > 0 {
        let message = format!(
            "{}.{} is limited, which has no meaning inside a condition or a count",
            owner.name, relation.name
        );
        return Err(Error::new(ErrorKind::Unsupported, message)
            .with_model(owner.name)
            .with_association(relation.name));
    }
    let (mut select, found) = target_select(node)?;
    let own = owner_key(owner, relation)?;
    let target = relation.target().unwrap_or(owner);
    let mut families = key_families(owner, relation)?.into_iter();
    for (expr, index) in match_exprs(target, &found).into_iter().zip(own) {
        let own = Expr::outer(1, column(owner, index));
        let same = same_key((expr, families.next()), (own, family(owner, index)));
        select.filter.push(same);
    }
    Ok(select)
}

/// As [`correlated`], with each target once, however many ways lead to it.
fn correlated_once(node: &PreloadNode) -> Result<Select> {
    let mut found = correlated(node)?;
    let (owner, relation) = ((node.owner)(), node.meta()?);
    let target = relation.target().unwrap_or(owner);
    if target.key.is_empty() || !several_ways(owner, relation)? {
        return Ok(found);
    }
    let key = || {
        target
            .key
            .iter()
            .map(|&index| Expr::here(column(target, index)))
    };
    found.columns = key().map(SelectItem::from).collect();
    // One statement further in now.
    found.each_scope(0, &mut |depth, scope| match scope {
        Scope::Outer(n) if *n > depth => *n += 1,
        _ => {}
    });
    Ok(Select {
        from: Source::Table(target.table.clone()),
        filter: vec![Expr::In {
            tuple: key().collect(),
            list: InList::Query(Box::new(found)),
            negated: false,
        }],
        ..Select::default()
    })
}

pub(crate) fn exists(node: &PreloadNode, negated: bool) -> Expr {
    match correlated(node) {
        Ok(mut select) => {
            select.columns = vec![SelectItem::from(Expr::One)];
            Expr::Exists(Box::new(select), negated)
        }
        Err(error) => Expr::unbuilt(&error),
    }
}

pub(crate) fn aggregate(
    node: &PreloadNode,
    name: &'static str,
    distinct: bool,
    of: Option<Expr>,
) -> Expr {
    match correlated_once(node) {
        Ok(mut select) => {
            let call = Expr::Function {
                name,
                distinct,
                args: of.into_iter().collect(),
            };
            select.columns = vec![SelectItem::from(call)];
            Expr::Query(Box::new(select))
        }
        Err(error) => Expr::unbuilt(&error),
    }
}

pub(crate) fn value(node: &PreloadNode, of: Expr) -> Expr {
    match correlated(node) {
        Ok(mut select) => {
            select.columns = vec![SelectItem::from(of)];
            select.order.clone_from(&node.order);
            select.limit = Some(1);
            Expr::Query(Box::new(select))
        }
        Err(error) => Expr::unbuilt(&error),
    }
}

/// The owner's key values, fit for comparison with the other side; `None` when a part is NULL.
pub(crate) fn key_of(
    record: &dyn Record,
    own: &[usize],
    families: &[TypeFamily],
) -> Option<Vec<Value<'static>>> {
    let mut key = Vec::with_capacity(own.len());
    for (position, &index) in own.iter().enumerate() {
        let value = record.value(index);
        if value.is_null() {
            return None;
        }
        let value = value.into_owned();
        key.push(match families.get(position) {
            Some(&family) => coerce(value, family),
            None => value,
        });
    }
    Some(key)
}
