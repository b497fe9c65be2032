//! What the derive macros say about a model, as data: the single source for migrations, reading,
//! writing and associations.

mod column;
mod relation;

use std::borrow::Cow;

pub use column::{CheckMeta, ColumnMeta, ColumnRole, IndexMeta};
pub use relation::{
    AnyVariant, JoinTable, Linkage, ModelFn, Polymorphic, ReferentialAction, RelationMeta,
};

use crate::record::Rows;

/// Everything that Sinew knows of a model.
#[derive(Debug)]
pub struct ModelMeta {
    /// The Rust name, `User`.
    pub name: &'static str,
    /// The table, `users`; may be qualified, `app.users`.
    pub table: Cow<'static, str>,
    /// The columns in field order, those of embedded structs in place.
    pub columns: Vec<ColumnMeta>,
    /// The primary key's columns.
    pub key: Vec<usize>,
    /// The key column that the database numbers, if it does.
    pub generated: Option<usize>,
    /// The associations in field order.
    pub relations: Vec<RelationMeta>,
    /// Indexes, also those of single columns and of foreign keys.
    pub indexes: Vec<IndexMeta>,
    /// Check constraints.
    pub checks: Vec<CheckMeta>,
    /// The table's comment.
    pub comment: Option<&'static str>,
    /// An empty list of rows of this model.
    pub new_rows: fn() -> Box<dyn Rows>,
    /// The model's hooks, if it has some (the front door's `HookTable`).
    pub hooks: Option<&'static (dyn std::any::Any + Send + Sync)>,
}

impl ModelMeta {
    /// The position of the first column with this role.
    pub fn role(&self, role: ColumnRole) -> Option<usize> {
        self.columns.iter().position(|column| column.role == role)
    }

    /// The soft-delete column, if deletes are soft.
    pub fn deleted_at(&self) -> Option<usize> {
        self.role(ColumnRole::DeletedAt)
    }

    /// The association of this field name, with its position.
    pub fn relation(&self, name: &str) -> Option<&RelationMeta> {
        self.relations.iter().find(|relation| relation.name == name)
    }

    /// The position of the column with this field path or column name.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns
            .iter()
            .position(|column| column.field == name)
            .or_else(|| self.columns.iter().position(|column| column.name == name))
    }

    /// The names of these columns.
    pub fn column_names(&self, columns: &[usize]) -> Vec<&str> {
        columns
            .iter()
            .filter_map(|&index| self.columns.get(index))
            .map(|column| column.name.as_ref())
            .collect()
    }

    /// The sets of columns that are unique together, beside the primary key.
    pub fn unique_sets(&self) -> Vec<Vec<usize>> {
        let single = self
            .columns
            .iter()
            .enumerate()
            .filter(|(index, column)| column.unique && self.key.as_slice() != [*index])
            .map(|(index, _)| vec![index]);
        let several = self
            .indexes
            .iter()
            .filter(|index| index.unique && index.condition.is_none())
            .map(|index| index.columns.clone());
        let mut sets: Vec<Vec<usize>> = single.chain(several).collect();
        sets.sort();
        sets.dedup();
        sets
    }
}
