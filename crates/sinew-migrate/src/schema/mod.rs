//! The schema that a set of models asks for.

mod collect;
mod foreign;
mod join;
mod order;
mod table;

use sinew_core::schema::{Linkage, ModelMeta};
use sinew_core::{Error, ErrorKind, Result};
use sinew_sql::Ident;
use sinew_sql::ddl::{Index, Table};

/// The tables that a set of models asks for, each after those that it refers to where there is no
/// circle.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Schema {
    /// The tables.
    pub tables: Vec<Table>,
}

impl Schema {
    /// The table of this name, upper and lower case being the same.
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables
            .iter()
            .find(|table| table.name.eq_ignore_ascii_case(name))
    }

    fn table_mut(&mut self, name: &str) -> Option<&mut Table> {
        self.tables
            .iter_mut()
            .find(|table| table.name.eq_ignore_ascii_case(name))
    }
}

/// The schema of these models, in any order. The models and join tables that they cannot do without
/// are part of it: the targets of belongs-to and many-to-many associations, but not the children
/// of has-one and has-many.
///
/// 1. gather the models;
/// 2. a table for each;
/// 3. the join tables;
/// 4. foreign keys, from what both sides declare;
/// 5. an index for each foreign key that has none;
/// 6. the order.
///
/// # Errors
/// With kind `Schema` when the models contradict one another or refer to columns that are not
/// unique.
pub fn desired(models: &[&'static ModelMeta]) -> Result<Schema> {
    let models = collect::reachable(models);
    let mut schema = Schema::default();
    for model in &models {
        table::add(&mut schema, model)?;
    }
    let mut declared = Vec::new();
    join::add(&mut schema, &models, &mut declared)?;
    for model in &models {
        table::polymorphic_indexes(&mut schema, model)?;
    }
    foreign::declare(&models, &mut declared)?;
    foreign::add(&mut schema, declared)?;
    let bare = unindexed(&models)?;
    for table in &mut schema.tables {
        index_foreign_keys(table, &bare);
    }
    order::sort(&mut schema);
    Ok(schema)
}

/// The names of a model's columns.
fn names(model: &ModelMeta, columns: &[usize]) -> Result<Vec<Ident>> {
    let name = |&at: &usize| {
        model
            .columns
            .get(at)
            .map(|column| column.name.clone())
            .ok_or_else(|| {
                let message = format!("{} has no column number {at}", model.name);
                Error::new(ErrorKind::Schema, message).with_model(model.name)
            })
    };
    columns.iter().map(name).collect()
}

fn index_foreign_keys(table: &mut Table, bare: &[(Ident, Vec<Ident>)]) {
    for at in 0..table.foreign_keys.len() {
        let columns = table.foreign_keys[at].columns.clone();
        if !bare
            .iter()
            .any(|(on, key)| *on == table.name && *key == columns)
        {
            add_index(table, columns);
        }
    }
}

/// The foreign keys that models want no index for: the table that holds them, and their columns.
fn unindexed(models: &[&'static ModelMeta]) -> Result<Vec<(Ident, Vec<Ident>)>> {
    let mut bare = Vec::new();
    for model in models {
        let single = model.columns.iter().filter(|column| !column.indexed);
        bare.extend(single.map(|column| (model.table.clone(), vec![column.name.clone()])));
        for relation in model.relations.iter().filter(|relation| !relation.indexed) {
            match &relation.linkage {
                Linkage::Owner { own, .. } => bare.push((model.table.clone(), names(model, own)?)),
                Linkage::Target { far, target, .. } => {
                    bare.push((target().table.clone(), names(target(), far)?));
                }
                Linkage::Join { table, .. } => {
                    bare.push((table.name.clone(), table.own.clone()));
                    bare.push((table.name.clone(), table.far.clone()));
                }
                Linkage::Through { .. } | Linkage::Any { .. } => {}
            }
        }
    }
    Ok(bare)
}

/// Adds an index on these columns unless some key begins with them.
fn add_index(table: &mut Table, columns: Vec<Ident>) {
    let covered = std::iter::once(table.primary_key.as_slice())
        .chain(table.uniques.iter().map(|unique| unique.columns.as_slice()))
        .chain(
            table
                .indexes
                .iter()
                .filter(|index| index.condition.is_none())
                .map(|index| index.columns.as_slice()),
        )
        .any(|key| leads(key, &columns));
    if !covered {
        let parts: Vec<&str> = columns.iter().map(AsRef::as_ref).collect();
        let name = sinew_names::index(&table.name, &parts).into();
        table.indexes.push(Index {
            name,
            columns,
            unique: false,
            condition: None,
        });
    }
}

/// Whether `columns`, in any order, are the first ones of `key`.
pub(crate) fn leads<A: AsRef<str>, B: AsRef<str>>(key: &[A], columns: &[B]) -> bool {
    key.get(..columns.len())
        .is_some_and(|first| same(first, columns))
}

/// Whether these are the same columns in any order.
pub(crate) fn same<A: AsRef<str>, B: AsRef<str>>(a: &[A], b: &[B]) -> bool {
    a.len() == b.len()
        && a.iter().all(|a| {
            b.iter()
                .any(|b| a.as_ref().eq_ignore_ascii_case(b.as_ref()))
        })
}
