use std::borrow::Cow;

use sinew_core::schema::{Linkage, ModelMeta, ReferentialAction, RelationMeta};
use sinew_core::{Error, ErrorKind, Result};
use sinew_sql::Ident;
use sinew_sql::ddl::{ForeignKey, Table, Unique};

use super::{Schema, add_index, names, same};

/// What one association says about a foreign key.
pub(super) struct Declared {
    /// The table that holds the key.
    pub(super) on: Ident,
    pub(super) columns: Vec<Ident>,
    pub(super) table: Ident,
    pub(super) references: Vec<Ident>,
    pub(super) name: Ident,
    /// Whether the model gives the name.
    pub(super) named: bool,
    pub(super) side: Side,
    pub(super) constrained: bool,
    pub(super) on_update: Option<ReferentialAction>,
    pub(super) on_delete: Option<ReferentialAction>,
    /// The association, for messages.
    pub(super) by: String,
}

/// From which end a foreign key is declared.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Has,
    BelongsTo,
}

/// Gathers what belongs-to, has-one and has-many associations declare.
pub(super) fn declare(models: &[&'static ModelMeta], declared: &mut Vec<Declared>) -> Result<()> {
    let known = |model: &ModelMeta| models.iter().any(|other| other.table == model.table);
    for model in models {
        for relation in &model.relations {
            match &relation.linkage {
                Linkage::Owner { own, far, target } => {
                    let key = (*model, own.as_slice(), target(), far.as_slice());
                    declared.push(one(model, relation, key, Side::BelongsTo)?);
                }
                Linkage::Target {
                    own,
                    far,
                    polymorphic: None,
                    target,
                } if known(target()) => {
                    let key = (target(), far.as_slice(), *model, own.as_slice());
                    declared.push(one(model, relation, key, Side::Has)?);
                }
                _ => {}
            }
        }
    }
    Ok(())
}

/// The holder of a key with its columns, and the model that it refers to with its columns.
type Key<'a> = (&'a ModelMeta, &'a [usize], &'a ModelMeta, &'a [usize]);

fn one(model: &ModelMeta, relation: &RelationMeta, key: Key<'_>, side: Side) -> Result<Declared> {
    let (holder, columns, target, references) = key;
    let convention = || sinew_names::foreign_key(&model.table, relation.name);
    Ok(Declared {
        on: holder.table.clone(),
        columns: names(holder, columns)?,
        table: target.table.clone(),
        references: names(target, references)?,
        name: relation
            .constraint_name
            .map_or_else(|| Cow::Owned(convention()), Cow::Borrowed),
        named: relation.constraint_name.is_some(),
        side,
        constrained: relation.constrained,
        on_update: relation.on_update,
        on_delete: relation.on_delete,
        by: format!("{}.{}", model.name, relation.name),
    })
}

impl Declared {
    fn same_key(&self, other: &Declared) -> bool {
        let pairs = |key: &Declared| {
            let mut pairs: Vec<_> = key
                .columns
                .iter()
                .cloned()
                .zip(key.references.iter().cloned())
                .collect();
            pairs.sort();
            pairs
        };
        self.on == other.on && self.table == other.table && pairs(self) == pairs(other)
    }

    /// A name that the model gives wins, then the has side's.
    fn rank(&self) -> (bool, bool) {
        (!self.named, self.side == Side::BelongsTo)
    }
}

/// A column that refers to a generated key has that key's type, also by way of others.
fn share_types(schema: &mut Schema, declared: &[Declared]) {
    let mut changed = true;
    while std::mem::take(&mut changed) {
        for one in declared {
            for (own, far) in one.columns.iter().zip(&one.references) {
                let target = schema.table(&one.table).and_then(|table| table.column(far));
                if !target.is_some_and(|column| column.generated || column.refers) {
                    continue;
                }
                let columns = schema.table_mut(&one.on).map(|table| &mut table.columns);
                for column in columns.into_iter().flatten() {
                    if column.name == *own && !column.refers {
                        column.refers = true;
                        changed = true;
                    }
                }
            }
        }
    }
}

/// Adds the foreign keys, each once.
pub(super) fn add(schema: &mut Schema, declared: Vec<Declared>) -> Result<()> {
    share_types(schema, &declared);
    let mut groups: Vec<Vec<Declared>> = Vec::new();
    for one in declared {
        match groups.iter_mut().find(|group| group[0].same_key(&one)) {
            Some(group) => group.push(one),
            None => groups.push(vec![one]),
        }
    }
    for mut group in groups {
        group.sort_by_key(Declared::rank);
        let on_update = agreed(&group, "ON UPDATE", |one| one.on_update)?;
        let on_delete = agreed(&group, "ON DELETE", |one| one.on_delete)?;
        let first = &group[0];
        if !group.iter().all(|one| one.constrained) {
            if let Some(table) = schema.table_mut(&first.on) {
                add_index(table, first.columns.clone());
            }
            continue;
        }
        make_unique(schema, first)?;
        if let Some(table) = schema.table_mut(&first.on) {
            let key = ForeignKey {
                name: free_name(table, &first.name),
                columns: first.columns.clone(),
                table: first.table.clone(),
                references: first.references.clone(),
                on_update,
                on_delete,
            };
            table.foreign_keys.push(key);
        }
    }
    Ok(())
}

fn free_name(table: &Table, base: &Ident) -> Ident {
    let taken = |name: &str| table.foreign_keys.iter().any(|key| key.name == name);
    let mut name = base.clone();
    let mut n = 2;
    while taken(&name) {
        name = format!("{base}_{n}").into();
        n += 1;
    }
    name
}

/// The action that those who name one agree on.
fn agreed(
    group: &[Declared],
    what: &str,
    action: impl Fn(&Declared) -> Option<ReferentialAction>,
) -> Result<Option<ReferentialAction>> {
    let mut said: Option<(&Declared, ReferentialAction)> = None;
    for one in group {
        let Some(action) = action(one) else { continue };
        match said {
            Some((other, before)) if before != action => {
                let message = format!(
                    "{} says {what} {}, but {} says {what} {} for the same foreign key {} on {}",
                    other.by,
                    before.sql(),
                    one.by,
                    action.sql(),
                    one.columns.join(", "),
                    one.on,
                );
                return Err(Error::new(ErrorKind::Schema, message)
                    .with_table(one.on.as_ref())
                    .with_constraint(group[0].name.as_ref())
                    .with_hint("say it at one side, or the same at both"));
            }
            Some(_) => {}
            None => said = Some((one, action)),
        }
    }
    Ok(said.map(|(_, action)| action))
}

/// A foreign key needs a unique key to refer to. Columns that hold one are unique together, which
/// the database has to be told.
fn make_unique(schema: &mut Schema, key: &Declared) -> Result<()> {
    let Some(table) = schema.table_mut(&key.table) else {
        return Ok(());
    };
    let keys: Vec<Vec<Ident>> = std::iter::once(table.primary_key.clone())
        .chain(table.uniques.iter().map(|unique| unique.columns.clone()))
        .chain(
            table
                .indexes
                .iter()
                .filter(|index| index.unique && index.condition.is_none())
                .map(|index| index.columns.clone()),
        )
        .filter(|columns| !columns.is_empty())
        .collect();
    if keys.iter().any(|unique| same(unique, &key.references)) {
        return Ok(());
    }
    if keys
        .iter()
        .any(|unique| unique.iter().all(|column| key.references.contains(column)))
    {
        let name = sinew_names::unique(&table.name, &key.references.join("_")).into();
        table.uniques.push(Unique {
            name,
            columns: key.references.clone(),
        });
        return Ok(());
    }
    let message = format!(
        "{} refers to {}({}), which is not unique: a foreign key needs a primary key or a unique \
         column to refer to",
        key.by,
        key.table,
        key.references.join(", "),
    );
    Err(Error::new(ErrorKind::Schema, message)
        .with_table(key.table.as_ref())
        .with_constraint(key.name.as_ref())
        .with_hint("mark the referenced column `#[model(unique)]`"))
}
