//! The place where the links of an association live: a foreign key of the owner, one of the
//! target, or a join table. Reading links and cutting them is the same everywhere.

use sinew_core::Result;
use sinew_core::driver::{Action, Done, Row, Sink};
use sinew_core::schema::{Linkage, ModelFn, ModelMeta, RelationMeta};
use sinew_core::value::TypeFamily;
use sinew_core::{Error, ErrorKind, Value};
use sinew_sql::{Delete, Expr, Ident, Select, SelectItem, Source, Update};

use super::{Key, Linking, Values, key_of, rows};
use crate::db::Prepared;
use crate::preload::key_condition;
use crate::relation::reach::{self, column};
use crate::write::{KeyMap, KeySet, Writer, encoded};

/// So many rows of a join table go one by one: finding each by its key is faster than unfolding a
/// list of them.
const FEW: usize = 64;

/// Where links live.
pub(crate) struct Home {
    table: Ident,
    /// Its columns that name the owner.
    own: Vec<Ident>,
    /// Its columns that name the target.
    far: Vec<Ident>,
    pub(super) own_families: Vec<TypeFamily>,
    pub(super) far_families: Vec<TypeFamily>,
    /// The owner's columns whose values name it there.
    pub(super) owner_side: &'static [usize],
    /// The target's columns whose values name it there.
    pub(super) target_side: &'static [usize],
    /// A condition that all these links meet.
    fixed: Option<(Ident, Value<'static>)>,
    /// The column that tells whether a link is soft-deleted.
    live: Option<Ident>,
    cut: Cut,
}

/// What becomes of a link that is cut.
#[derive(Clone)]
pub(crate) enum Cut {
    /// These columns become NULL.
    Null(Vec<Ident>),
    /// It cannot be cut: its columns are NOT NULL.
    Never,
    /// Its row goes; softly where its model says so.
    Row(Option<ModelFn>),
}

impl Home {
    pub(super) fn of(
        owner: &'static ModelMeta,
        target: &'static ModelMeta,
        relation: &'static RelationMeta,
    ) -> Result<Self> {
        Ok(match &relation.linkage {
            Linkage::Owner { own, far, .. } => Self {
                table: owner.table.clone(),
                own: names(owner, &owner.key),
                far: names(owner, own),
                own_families: families(owner, &owner.key),
                far_families: families(owner, own),
                owner_side: &owner.key,
                target_side: far,
                fixed: None,
                live: None,
                cut: nullable(owner, own),
            },
            Linkage::Target {
                own,
                far,
                polymorphic,
                ..
            } => Self {
                table: target.table.clone(),
                own: names(target, far),
                far: names(target, &target.key),
                own_families: families(target, far),
                far_families: families(target, &target.key),
                owner_side: own,
                target_side: &target.key,
                fixed: polymorphic
                    .as_ref()
                    .map(|kind| (column(target, kind.column), Value::Text(kind.value.clone()))),
                live: target.deleted_at().map(|index| column(target, index)),
                cut: nullable(target, far),
            },
            Linkage::Join {
                own, far, table, ..
            } => {
                let model = table.model;
                let of = |names: &[Ident], meta: &ModelMeta, columns: &[usize]| match model {
                    Some(model) => families(model(), &positions(model(), names)),
                    None => families(meta, columns),
                };
                Self {
                    table: table.name.clone(),
                    own: table.own.clone(),
                    far: table.far.clone(),
                    own_families: of(&table.own, owner, own),
                    far_families: of(&table.far, target, far),
                    owner_side: own,
                    target_side: far,
                    fixed: None,
                    live: reach::link_deleted_at(relation),
                    cut: Cut::Row(model),
                }
            }
            Linkage::Through { .. } | Linkage::Any { .. } => {
                return Err(super::read_only(owner, relation));
            }
        })
    }

    pub(crate) fn table(&self) -> &Ident {
        &self.table
    }

    /// The columns that name the owner.
    pub(crate) fn own(&self) -> &[Ident] {
        &self.own
    }

    /// The columns that name the target.
    pub(crate) fn far(&self) -> &[Ident] {
        &self.far
    }

    /// The links of these owners (all, or to these targets alone), as a condition.
    pub(crate) fn among(
        &self,
        owners: &[Values],
        only: Option<&[Values]>,
        dead: bool,
    ) -> Vec<Expr> {
        let mut filter = vec![listed(&self.own, owners)];
        filter.extend(only.map(|only| listed(&self.far, only)));
        self.narrow(filter, dead)
    }

    /// These very links, as a condition.
    pub(crate) fn exactly(&self, links: &[(Values, Values)], dead: bool) -> Vec<Expr> {
        let first = links.first().map(|(own, _)| own);
        if links.iter().all(|(own, _)| Some(own) == first) {
            let far: Vec<_> = links.iter().map(|(_, far)| far.clone()).collect();
            let own: Vec<_> = first.into_iter().cloned().collect();
            return self.among(&own, Some(&far), dead);
        }
        let columns: Vec<_> = self.own.iter().chain(&self.far).cloned().collect();
        let tuples: Vec<Values> = links
            .iter()
            .map(|(own, far)| own.iter().chain(far).cloned().collect())
            .collect();
        self.narrow(vec![listed(&columns, &tuples)], dead)
    }

    fn narrow(&self, mut filter: Vec<Expr>, dead: bool) -> Vec<Expr> {
        if let Some((name, value)) = &self.fixed {
            filter.push(Expr::here(name.clone()).equals(Expr::Value(value.clone())));
        }
        if let Some(live) = self.live.as_ref().filter(|_| !dead) {
            filter.push(Expr::IsNull(Box::new(Expr::here(live.clone())), false));
        }
        filter
    }
}

/// Links as they were read.
#[derive(Default)]
pub(crate) struct Held {
    /// The owner's position of each.
    owners: Vec<usize>,
    /// The values of all targets in a row.
    far: Vec<Value<'static>>,
    /// How many values name a target.
    width: usize,
}

impl Held {
    pub(crate) fn is_empty(&self) -> bool {
        self.owners.is_empty()
    }

    /// The owner's position and the target's values of each.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, &[Value<'static>])> {
        let far = self.far.chunks(self.width.max(1));
        self.owners.iter().copied().zip(far)
    }
}

/// Takes links as they are read.
struct Links {
    owners: KeyMap<usize>,
    /// How many values name the owner.
    width: usize,
    /// The owner of the last link: links of one owner mostly stand together.
    last: Option<(Key, usize)>,
    held: Held,
}

impl Sink for Links {
    fn row(&mut self, _statement: usize, row: &dyn Row) -> Result<()> {
        let own = match row.get(0)? {
            Value::Int(n) if self.width == 1 => Key::Int(n),
            _ => {
                let own: Result<Values> = (0..self.width)
                    .map(|index| row.get(index).map(Value::into_owned))
                    .collect();
                encoded(&own?)
            }
        };
        let owner = match &self.last {
            Some((last, owner)) if *last == own => *owner,
            _ => match self.owners.get(&own) {
                Some(&owner) => {
                    self.last = Some((own, owner));
                    owner
                }
                None => return Ok(()),
            },
        };
        let before = self.held.far.len();
        for index in self.width..row.len() {
            match row.get(index)? {
                Value::Null => {
                    self.held.far.truncate(before);
                    return Ok(());
                }
                value => self.held.far.push(value.into_owned()),
            }
        }
        self.held.owners.push(owner);
        Ok(())
    }

    fn done(&mut self, _statement: usize, _done: Done) -> Result<()> {
        Ok(())
    }
}

impl Linking {
    /// What is linked to these owners now.
    pub(crate) async fn current(
        &self,
        writer: &mut Writer<'_>,
        owners: &[Values],
        only: Option<&[Values]>,
    ) -> Result<Held> {
        let home = &self.home;
        let dead = writer.lane.db().settings.unscoped;
        let select = Select {
            columns: home
                .own
                .iter()
                .chain(&home.far)
                .cloned()
                .map(|n| SelectItem::from(Expr::here(n)))
                .collect(),
            from: Source::Table(home.table.clone()),
            filter: home.among(owners, only, dead),
            ..Select::default()
        };
        let owners = owners.iter().enumerate().rev();
        let mut links = Links {
            owners: owners.map(|(index, own)| (key_of(own), index)).collect(),
            width: home.own.len(),
            last: None,
            held: Held {
                width: home.far.len(),
                ..Held::default()
            },
        };
        let mut prepared = writer.lane.db().prepare(&select);
        let statements = vec![prepared.statement(Action::Rows)];
        writer.lane.run(statements, &mut links).await?;
        Ok(links.held)
    }

    /// Refuses to cut what cannot be cut.
    pub(crate) fn check_cut(&self, deletes: bool) -> Result<()> {
        match self.cut_of(deletes) {
            Cut::Never => Err(self.never()),
            Cut::Null(_) | Cut::Row(_) => Ok(()),
        }
    }

    fn cut_of(&self, deletes: bool) -> Cut {
        if deletes && self.exclusive() {
            Cut::Row(Some(self.target_model))
        } else {
            self.home.cut.clone()
        }
    }

    fn never(&self) -> Error {
        let (model, name) = (self.owner.name, self.relation.name);
        let columns = if self.overwrites() {
            &self.home.far
        } else {
            &self.home.own
        };
        let error = Error::new(
            ErrorKind::NotNullViolation,
            format!(
                "a target of {model}.{name} cannot be unlinked: {}.{} is NOT NULL",
                self.home.table,
                columns.join(", ")
            ),
        )
        .with_model(model)
        .with_association(name)
        .with_table(self.home.table.as_ref());
        error.with_hint(if self.overwrites() {
            "link another target instead, or make the key an `Option`"
        } else {
            "`.unscoped()` deletes the displaced rows instead; or make the key an `Option`"
        })
    }

    /// Cuts these very links.
    pub(crate) async fn cut_exactly(
        &self,
        writer: &mut Writer<'_>,
        owners: &[Values],
        links: &[(usize, &[Value<'static>])],
        deletes: bool,
    ) -> Result<()> {
        let home = &self.home;
        let own = |owner: &usize| owners.get(*owner).into_iter().flatten();
        let plain = matches!(self.cut_of(deletes), Cut::Row(None)) && home.fixed.is_none();
        // A statement for each link, unless every one would be waited for.
        let apart = !writer.lane.defers() || writer.lane.pipelines();
        if !plain || !apart || links.len() > FEW {
            let dead = writer.lane.db().settings.unscoped;
            let links: Vec<(Values, Values)> = links
                .iter()
                .map(|(owner, far)| (own(owner).cloned().collect(), far.to_vec()))
                .collect();
            let filter = home.exactly(&links, dead);
            return self.cut(writer, filter, deletes).await;
        }
        let columns = || home.own.iter().chain(&home.far);
        let statement = Delete {
            table: home.table.clone(),
            filter: columns()
                .map(|name| Expr::here(name.clone()).equals(Expr::Param))
                .collect(),
            returning: Vec::new(),
        };
        let mut binds = Vec::with_capacity(links.len() * columns().count());
        for (owner, far) in links {
            binds.extend(own(owner).chain(*far).map(Value::reborrow));
        }
        let sql = writer.lane.db().prepare(&statement).sql;
        let prepared = Prepared { sql, binds };
        let times = links.len();
        writer.lane.unseen(prepared, Action::Total { times }).await
    }

    /// Cuts links, in one statement where no hooks run.
    pub(crate) async fn cut(
        &self,
        writer: &mut Writer<'_>,
        filter: Vec<Expr>,
        deletes: bool,
    ) -> Result<()> {
        let db = writer.lane.db().clone();
        let table = self.home.table.clone();
        match self.cut_of(deletes) {
            Cut::Never => Err(self.never()),
            Cut::Row(Some(model)) => rows::remove(writer, model, filter).await,
            Cut::Row(None) => {
                let statement = Delete {
                    table,
                    filter,
                    returning: Vec::new(),
                };
                let prepared = db.prepare(&statement);
                writer.lane.unseen(prepared, Action::Count).await
            }
            Cut::Null(columns) => {
                let set = columns.into_iter().map(|name| (name, Expr::Null)).collect();
                let statement = Update {
                    table,
                    set,
                    filter,
                    returning: Vec::new(),
                };
                let prepared = db.prepare(&statement);
                writer.lane.unseen(prepared, Action::Count).await
            }
        }
    }

    /// Deletes targets that were unlinked, where that is not what cutting does anyway.
    pub(crate) async fn remove_targets(
        &self,
        writer: &mut Writer<'_>,
        gone: &[Values],
    ) -> Result<()> {
        if gone.is_empty() || !self.overwrites() {
            return Ok(());
        }
        let columns = names(self.target, self.home.target_side);
        rows::remove(writer, self.target_model, vec![listed(&columns, gone)]).await
    }
}

/// `columns IN values`.
fn listed(columns: &[Ident], values: &[Values]) -> Expr {
    let mut seen = KeySet::default();
    let distinct = values
        .iter()
        .filter(|values| seen.insert(encoded(values.as_slice())));
    let flat: Values = distinct.flatten().cloned().collect();
    let tuple = columns.iter().cloned().map(Expr::here).collect();
    if flat.is_empty() {
        Expr::Or(Vec::new())
    } else {
        key_condition(tuple, flat, columns.len())
    }
}

fn names(meta: &ModelMeta, columns: &[usize]) -> Vec<Ident> {
    columns.iter().map(|&index| column(meta, index)).collect()
}

fn families(meta: &ModelMeta, columns: &[usize]) -> Vec<TypeFamily> {
    columns
        .iter()
        .filter_map(|&index| meta.columns.get(index))
        .map(|column| column.family)
        .collect()
}

/// The positions of a join model's columns.
pub(super) fn positions(model: &ModelMeta, names: &[Ident]) -> Vec<usize> {
    names.iter().filter_map(|name| model.column(name)).collect()
}

/// How a foreign key is emptied: its nullable parts become NULL.
fn nullable(meta: &ModelMeta, key: &[usize]) -> Cut {
    let nullable = key
        .iter()
        .filter(|&&index| meta.columns.get(index).is_some_and(|c| c.nullable));
    let columns: Vec<_> = nullable.map(|&index| column(meta, index)).collect();
    if columns.is_empty() {
        Cut::Never
    } else {
        Cut::Null(columns)
    }
}
