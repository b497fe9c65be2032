//! What the kinds of association differ in when they are written: where their links live, how one
//! is made, and what becomes of one that is cut. The verbs ask here and never name a kind.

mod home;
mod join;
mod owner;
mod plain;
mod rows;
mod target;

use sinew_core::record::Record;
use sinew_core::schema::{Linkage, ModelFn, ModelMeta, Polymorphic, RelationMeta};
use sinew_core::{Error, ErrorKind, Result, Value};

pub(crate) use home::{Held, Home};
pub(crate) use join::{Edit, Edits};

use crate::db::Db;
use crate::hook;
use crate::relation::reach::coerce;
use crate::write::{KeyMap, Place, Writer, cascades, comparable, encoded};

/// An owner or a target as a map key.
pub(crate) type Key = crate::write::Encoded;

/// The values that name an owner or a target in the place where links live.
pub(crate) type Values = Vec<Value<'static>>;

/// One association as the verbs see it.
pub(crate) struct Linking {
    pub(crate) owner: &'static ModelMeta,
    pub(crate) target: &'static ModelMeta,
    target_model: ModelFn,
    pub(crate) relation: &'static RelationMeta,
    pub(crate) home: Home,
    side: Side,
}

/// Who holds the key.
#[derive(Clone, Copy)]
enum Side {
    Owner {
        own: &'static [usize],
        far: &'static [usize],
    },
    Target {
        own: &'static [usize],
        far: &'static [usize],
        polymorphic: Option<&'static Polymorphic>,
    },
    Join {
        table: &'static sinew_core::schema::JoinTable,
    },
}

/// Targets to be linked, each with the values of its owner.
pub(crate) struct Pairs<'p> {
    /// The owner of each target, by position.
    pub(crate) owner_of: &'p [usize],
    /// The owners' values.
    pub(crate) owners: &'p [Values],
    /// Whether the target is to be linked (others are linked already).
    pub(crate) fresh: &'p [bool],
    /// Whether nothing is written after the links.
    pub(crate) last: bool,
}

/// Link rows that were written, found by their owner and target.
pub(crate) type LinkRows = KeyMap<LinkRow, (usize, Key)>;

/// A link row that was written.
pub(crate) struct LinkRow {
    pub(crate) values: Values,
    /// The values of its own key before, if it was there.
    pub(crate) before: Option<Values>,
    /// The pair has others, which stay.
    pub(crate) another: bool,
}

impl Linking {
    /// The association at `index` of a model.
    pub(crate) fn of(owner: &'static ModelMeta, index: usize) -> Result<Self> {
        let unknown = || {
            Error::new(ErrorKind::UnknownAssociation, "no such association").with_model(owner.name)
        };
        let relation = owner.relations.get(index).ok_or_else(unknown)?;
        let (side, target_model) = match &relation.linkage {
            Linkage::Owner { own, far, target } => (Side::Owner { own, far }, *target),
            Linkage::Target {
                own,
                far,
                polymorphic,
                target,
            } => (
                Side::Target {
                    own,
                    far,
                    polymorphic: polymorphic.as_ref(),
                },
                *target,
            ),
            Linkage::Join { table, target, .. } => (Side::Join { table }, *target),
            Linkage::Through { .. } | Linkage::Any { .. } => {
                return Err(read_only(owner, relation));
            }
        };
        let target = target_model();
        let home = Home::of(owner, target, relation)?;
        Ok(Self {
            owner,
            target,
            target_model,
            relation,
            home,
            side,
        })
    }

    /// The values that name each owner in the place where links live.
    pub(crate) fn owner_values(&self, owners: &[&mut dyn Record]) -> Result<Vec<Values>> {
        let values = owners.iter().enumerate().map(|(index, owner)| {
            let held = present(&**owner, self.home.owner_side);
            let keyed = owner.has_key() || self.home.owner_side != self.owner.key;
            let values = held
                .filter(|_| keyed)
                .ok_or_else(|| self.missing_key(index, owners.len()))?;
            Ok(fitted(values, &self.home.own_families))
        });
        values.collect()
    }

    fn missing_key(&self, index: usize, owners: usize) -> Error {
        let (model, name) = (self.owner.name, self.relation.name);
        let error = Error::new(
            ErrorKind::MissingKey,
            format!("this {model} has no key yet, so nothing can be linked to its {name}"),
        )
        .with_model(model)
        .with_association(name)
        .with_hint("create it first; its associations are written with it");
        if owners > 1 {
            error.under(&format!("[{index}]"))
        } else {
            error
        }
    }

    /// The values that name a target; `None` for one that is not in the database yet.
    pub(crate) fn target_values(&self, target: &dyn Record) -> Option<Values> {
        let values = present(target, self.home.target_side)?;
        Some(fitted(values, &self.home.far_families))
    }

    /// A target as a map key.
    pub(crate) fn target_key(&self, target: &dyn Record) -> Option<Key> {
        if let ([index], [family]) = (self.home.target_side, self.home.far_families.as_slice())
            && family.is_integer()
            && let Value::Int(n) = target.value(*index)
        {
            return (!target.is_unset(*index)).then_some(Key::Int(n));
        }
        self.target_values(target).map(key)
    }

    /// Whether a target has one owner only, so that linking it takes it from another.
    pub(crate) fn exclusive(&self) -> bool {
        matches!(self.side, Side::Target { .. })
    }

    /// Whether links are rows of a join table without a model, which name targets by their key.
    pub(crate) fn is_plain_join(&self) -> bool {
        let plain = matches!(self.side, Side::Join { table } if table.model.is_none());
        let shares = || {
            self.home
                .own()
                .iter()
                .any(|own| self.home.far().contains(own))
        };
        plain && self.home.target_side == self.target.key && !shares()
    }

    /// The target's columns whose values name it where links live.
    pub(crate) fn target_names(&self) -> Vec<sinew_sql::Ident> {
        let columns = self.home.target_side.iter();
        columns
            .map(|&index| crate::relation::reach::column(self.target, index))
            .collect()
    }

    /// Whether linking a new target overwrites the old link, so that it need not be cut before.
    pub(crate) fn overwrites(&self) -> bool {
        matches!(self.side, Side::Owner { .. })
    }

    /// Whether the model of the rows that this association changes has hooks.
    pub(crate) fn has_hooks(&self, db: &Db, deletes: bool) -> bool {
        let hooked =
            |meta: Option<&ModelMeta>| meta.is_some_and(|meta| hook::of(meta, db).is_some());
        let below = || cascades(self.target).any(|relation| hooked(relation.target()));
        let target = deletes && (hooked(Some(self.target)) || below());
        let join = match self.side {
            Side::Join { table } => hooked(table.model.map(|model| model())),
            Side::Owner { .. } | Side::Target { .. } => false,
        };
        target || join
    }

    /// Columns of a target that linking writes in memory.
    pub(crate) fn stamped_columns(&self) -> Vec<usize> {
        match self.side {
            Side::Target {
                far, polymorphic, ..
            } => far
                .iter()
                .copied()
                .chain(polymorphic.map(|kind| kind.column))
                .collect(),
            Side::Owner { .. } | Side::Join { .. } => Vec::new(),
        }
    }

    /// Columns of an owner that linking writes.
    pub(crate) fn owner_columns(&self) -> &'static [usize] {
        match self.side {
            Side::Owner { own, .. } => own,
            Side::Target { .. } | Side::Join { .. } => &[],
        }
    }

    /// Makes targets ready in memory: those that will hold a new key forget an old owner.
    pub(crate) fn prepare(
        &self,
        targets: &mut [&mut dyn Record],
        owner_of: &[usize],
        owners: &[&mut dyn Record],
    ) {
        if let Side::Target { own, far, .. } = self.side {
            for (target, &owner) in targets.iter_mut().zip(owner_of) {
                if let Some(owner) = owners.get(owner) {
                    target::forget_owner(&mut **target, far, &owner.values_owned(own));
                }
            }
        }
    }

    /// Writes targets that have to be in the database before they can be linked.
    pub(crate) async fn save_targets(
        &self,
        writer: &mut Writer<'_>,
        targets: &mut [&mut dyn Record],
        links_only: bool,
        place: &Place<'_>,
    ) -> Result<()> {
        match self.side {
            Side::Target { .. } => Ok(()),
            Side::Owner { .. } | Side::Join { .. } if links_only => self.all_keyed(targets),
            Side::Owner { .. } | Side::Join { .. } => owner::save(writer, targets, place).await,
        }
    }

    fn all_keyed(&self, targets: &[&mut dyn Record]) -> Result<()> {
        match targets
            .iter()
            .find(|target| self.target_values(&***target).is_none())
        {
            None => Ok(()),
            Some(_) => Err(Error::new(
                ErrorKind::MissingKey,
                format!("a {} without a key cannot be linked", self.target.name),
            )
            .with_model(self.owner.name)
            .with_association(self.relation.name)
            .with_hint("only links are written here: the target must be in the database already")),
        }
    }

    /// Links targets to their owners. Returns the link rows where they have a model.
    pub(crate) async fn link(
        &self,
        writer: &mut Writer<'_>,
        owners: &mut [&mut dyn Record],
        targets: &mut [&mut dyn Record],
        pairs: &Pairs<'_>,
        (links_only, edit): (bool, Option<Edits<'_>>),
        place: &Place<'_>,
    ) -> Result<LinkRows> {
        match self.side {
            Side::Owner { own, far } => {
                owner::link(writer, owners, targets, pairs, (own, far)).await?;
                Ok(LinkRows::default())
            }
            Side::Target {
                own,
                far,
                polymorphic,
            } => {
                target::stamp(owners, targets, pairs, (own, far), polymorphic)?;
                if links_only {
                    self.all_keyed(targets)?;
                }
                target::link(
                    writer,
                    targets,
                    pairs,
                    &self.stamped_columns(),
                    links_only,
                    place,
                )
                .await?;
                Ok(LinkRows::default())
            }
            Side::Join { table } => join::link(self, writer, targets, pairs, table, edit).await,
        }
    }

    /// The owner no longer refers to a target, in memory.
    pub(crate) fn forget(&self, owner: &mut dyn Record, only: Option<&[Values]>) -> Result<()> {
        let Side::Owner { own, .. } = self.side else {
            return Ok(());
        };
        let held = fitted(owner.values_owned(own), &self.home.far_families);
        let wanted = encoded(&comparable(held));
        if only.is_some_and(|only| {
            only.iter()
                .all(|values| encoded(&comparable(values.clone())) != wanted)
        }) {
            return Ok(());
        }
        let meta = owner.meta();
        for &index in own {
            if meta
                .columns
                .get(index)
                .is_some_and(|column| column.nullable)
            {
                owner.set(index, Value::Null)?;
            }
        }
        Ok(())
    }
}

/// Values as a map key.
pub(crate) fn key(values: Values) -> Key {
    encoded(&comparable(values))
}

/// As [`key`], of values that are needed further.
pub(crate) fn key_of(values: &[Value<'static>]) -> Key {
    match values {
        [Value::Int(n)] => Key::Int(*n),
        values => key(values.to_vec()),
    }
}

/// The values of these columns, if they name a row: none is NULL, no generated key is unset.
fn present(record: &dyn Record, columns: &[usize]) -> Option<Values> {
    let generated = record.meta().generated;
    let unset = columns.iter().all(|&index| record.is_unset(index))
        || columns
            .iter()
            .any(|&index| generated == Some(index) && record.is_unset(index));
    let values = record.values_owned(columns);
    (!unset && !values.iter().any(Value::is_null)).then_some(values)
}

fn fitted(values: Values, families: &[sinew_core::value::TypeFamily]) -> Values {
    let mut families = families.iter();
    let fit = |value| match families.next() {
        Some(&family) => coerce(value, family),
        None => value,
    };
    values.into_iter().map(fit).collect()
}

fn read_only(owner: &ModelMeta, relation: &RelationMeta) -> Error {
    Error::new(
        ErrorKind::Unsupported,
        format!(
            "{}.{} cannot be written in association mode",
            owner.name, relation.name
        ),
    )
    .with_model(owner.name)
    .with_association(relation.name)
}
