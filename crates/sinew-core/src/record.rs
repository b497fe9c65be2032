//! Rows as the engine sees them: a [`Record`] is a model without its type, a [`Slot`] is an
//! association field without its type. Generic code stays thin, because it sits behind these.

use std::any::Any;

use crate::driver::Row;
use crate::error::Result;
use crate::schema::ModelMeta;
use crate::value::Value;

/// A Rust struct that stands for rows of a table. Written by `#[derive(Model)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a model",
    label = "not a model",
    note = "add `#[derive(sinew::Model, Clone, Debug, Default)]` to `{Self}`"
)]
pub trait Model: Record + Clone {
    /// The primary key: one column's type, or a tuple in field order.
    type Key: Send + Sync + 'static;

    /// The Rust name.
    const NAME: &'static str;

    /// The table.
    const TABLE: &'static str;

    /// The primary key's column positions.
    const KEY: &'static [usize];

    /// The primary key's column names.
    const KEY_NAMES: &'static [&'static str];

    /// The number of columns.
    const COLUMNS: usize;

    /// The model's description.
    fn schema() -> &'static ModelMeta;

    /// Reads a row whose columns for this model begin at `at`, in field order.
    ///
    /// # Errors
    /// When a value does not fit its field.
    fn decode(row: &dyn Row, at: usize) -> Result<Self>;
}

/// What a `BelongsTo` may hold: a model (required) or an `Option` of one (optional).
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the target of a `BelongsTo`",
    label = "neither a model nor an `Option` of one",
    note = "write `BelongsTo<Company>` beside a key that is not an `Option`, `BelongsTo<Option<Company>>` beside one that is"
)]
pub trait ToOne: Send + Sync + 'static {
    /// The target.
    type Target: Model;

    /// What reading a loaded one gives: `&T` or `Option<&T>`.
    type Ref<'a>;

    /// What changing a loaded one gives: `&mut T` or `Option<&mut T>`.
    type Mut<'a>;

    /// Whether an owner may be without.
    const OPTIONAL: bool;

    /// Turns what is held into what reading gives; `None` when required and missing.
    fn read(held: Option<&Self::Target>) -> Option<Self::Ref<'_>>;

    /// Turns what is held into what changing gives; `None` when required and missing.
    fn change(held: Option<&mut Self::Target>) -> Option<Self::Mut<'_>>;

    /// The target by value, if there is one.
    fn into_target(self) -> Option<Self::Target>;
}

impl<M: Model> ToOne for M {
    type Target = M;
    type Ref<'a> = &'a M;
    type Mut<'a> = &'a mut M;
    const OPTIONAL: bool = false;

    fn read(held: Option<&M>) -> Option<&M> {
        held
    }

    fn change(held: Option<&mut M>) -> Option<&mut M> {
        held
    }

    fn into_target(self) -> Option<M> {
        Some(self)
    }
}

impl<M: Model> ToOne for Option<M> {
    type Target = M;
    type Ref<'a> = Option<&'a M>;
    type Mut<'a> = Option<&'a mut M>;
    const OPTIONAL: bool = true;

    fn read(held: Option<&M>) -> Option<Option<&M>> {
        Some(held)
    }

    fn change(held: Option<&mut M>) -> Option<Option<&mut M>> {
        Some(held)
    }

    fn into_target(self) -> Option<M> {
        self
    }
}

/// The second parameter of a `ManyToMany`: a join model, or `()` for a generated join table.
pub trait JoinModel: Clone + Send + Sync + 'static {
    /// The join model's description, if there is one.
    fn schema() -> Option<&'static ModelMeta>;

    /// This link as a record, if there is a join model.
    fn record(&self) -> Option<&dyn Record>;

    /// This link as a record, if there is a join model.
    fn record_mut(&mut self) -> Option<&mut dyn Record>;
}

impl JoinModel for () {
    fn schema() -> Option<&'static ModelMeta> {
        None
    }

    fn record(&self) -> Option<&dyn Record> {
        None
    }

    fn record_mut(&mut self) -> Option<&mut dyn Record> {
        None
    }
}

impl<M: Model> JoinModel for M {
    fn schema() -> Option<&'static ModelMeta> {
        Some(<M as Model>::schema())
    }

    fn record(&self) -> Option<&dyn Record> {
        Some(self)
    }

    fn record_mut(&mut self) -> Option<&mut dyn Record> {
        Some(self)
    }
}

/// One row of any model.
pub trait Record: Any + Send + Sync {
    /// The model's description.
    fn meta(&self) -> &'static ModelMeta;

    /// The value of a column. NULL when there is no such column.
    fn value(&self, column: usize) -> Value<'_>;

    /// Sets a column.
    ///
    /// # Errors
    /// When the value does not fit.
    fn set(&mut self, column: usize, value: Value<'_>) -> Result<()>;

    /// Whether a column holds what stands for "not set yet".
    fn is_unset(&self, column: usize) -> bool;

    /// An association field.
    fn slot(&self, relation: usize) -> Option<&dyn Slot>;

    /// An association field.
    fn slot_mut(&mut self, relation: usize) -> Option<&mut dyn Slot>;

    /// This record as `Any`.
    fn as_any(&self) -> &dyn Any;

    /// This record as `Any`.
    fn as_any_mut(&mut self) -> &mut dyn Any;
}

impl dyn Record {
    /// Whether the primary key is set: every part of a composite key counts as set, a single
    /// generated key when it is not zero.
    pub fn has_key(&self) -> bool {
        let meta = self.meta();
        match meta.key.as_slice() {
            [] => false,
            [column] => !self.is_unset(*column),
            several => !several.iter().all(|column| self.is_unset(*column)),
        }
    }

    /// The values of these columns, without borrows.
    pub fn values_owned(&self, columns: &[usize]) -> Vec<Value<'static>> {
        columns
            .iter()
            .map(|&column| self.value(column).into_owned())
            .collect()
    }
}

/// Rows that an operation takes: one model, a slice, an array or a `Vec` of them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither a model nor a list of models",
    label = "expected `&mut T` or `&mut Vec<T>` where `T` is a model"
)]
pub trait RowSet: Send {
    /// The model.
    type Model: Model;

    /// Whether this is a list, even one of a single row.
    const LIST: bool = true;

    /// The rows.
    fn rows(&self) -> &[Self::Model];

    /// The rows, to be changed.
    fn rows_mut(&mut self) -> &mut [Self::Model];
}

impl<M: Model> RowSet for M {
    type Model = M;
    const LIST: bool = false;

    fn rows(&self) -> &[M] {
        std::slice::from_ref(self)
    }

    fn rows_mut(&mut self) -> &mut [M] {
        std::slice::from_mut(self)
    }
}

impl<M: Model> RowSet for Vec<M> {
    type Model = M;

    fn rows(&self) -> &[M] {
        self
    }

    fn rows_mut(&mut self) -> &mut [M] {
        self
    }
}

impl<M: Model> RowSet for [M] {
    type Model = M;

    fn rows(&self) -> &[M] {
        self
    }

    fn rows_mut(&mut self) -> &mut [M] {
        self
    }
}

impl<M: Model, const N: usize> RowSet for [M; N] {
    type Model = M;

    fn rows(&self) -> &[M] {
        self
    }

    fn rows_mut(&mut self) -> &mut [M] {
        self
    }
}

/// Several rows of one model.
pub trait Records: Send {
    /// How many.
    fn len(&self) -> usize;

    /// Whether there is none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One of them.
    fn get(&self, index: usize) -> Option<&dyn Record>;

    /// One of them.
    fn get_mut(&mut self, index: usize) -> Option<&mut dyn Record>;

    /// All of them.
    fn all_mut(&mut self) -> Vec<&mut dyn Record>;
}

/// A growing list of rows of one model: where a driver's rows are decoded into.
pub trait Rows: Records {
    /// Decodes a row and keeps it.
    ///
    /// # Errors
    /// When a value does not fit its field.
    fn push(&mut self, row: &dyn Row, at: usize) -> Result<()>;

    /// The rows as `Vec<T>`.
    fn into_any(self: Box<Self>) -> Box<dyn Any + Send>;

    /// The rows ready to be handed out one by one, as [`Taken<T>`](Taken).
    fn into_taken(self: Box<Self>) -> Box<dyn Any + Send>;

    /// The rows ready to be shared by several owners, as `Vec<Arc<T>>`.
    fn into_shared(self: Box<Self>) -> Box<dyn Any + Send + Sync>;
}

/// Rows that are handed out one by one, in their order.
pub struct Taken<T> {
    rows: std::vec::IntoIter<T>,
    /// The place of the next one.
    at: usize,
}

impl<T: Clone> Taken<T> {
    /// Hands out row `index`; a copy of it when `keep` says that it is needed again. `None` for
    /// one that is out of range, or was passed by.
    pub fn take(&mut self, index: usize, keep: bool) -> Option<T> {
        self.pass_to(index)?;
        if keep {
            return self.rows.as_slice().first().cloned();
        }
        self.at += 1;
        self.rows.next()
    }

    /// Hands out `count` rows from `index` on, behind those in `out`. Returns whether there were
    /// as many.
    pub fn take_run(&mut self, index: usize, count: usize, out: &mut Vec<T>) -> bool {
        if self.pass_to(index).is_none() || self.rows.len() < count {
            return false;
        }
        self.at += count;
        // Not a loop: this copies each row once, and a `push` twice.
        out.extend(self.rows.by_ref().take(count));
        true
    }

    fn pass_to(&mut self, index: usize) -> Option<()> {
        if index < self.at {
            return None;
        }
        while self.at < index {
            self.rows.next()?;
            self.at += 1;
        }
        Some(())
    }
}

// What follows is compiled for each model of an application. So it has loops and matches where
// adapters and closures would be several functions for each of them.

#[allow(clippy::manual_map)]
fn listed<T: Model>(rows: &[T], index: usize) -> Option<&dyn Record> {
    match rows.get(index) {
        Some(row) => Some(row),
        None => None,
    }
}

#[allow(clippy::manual_map)]
fn listed_mut<T: Model>(rows: &mut [T], index: usize) -> Option<&mut dyn Record> {
    match rows.get_mut(index) {
        Some(row) => Some(row),
        None => None,
    }
}

fn list_mut<T: Model>(rows: &mut [T]) -> Vec<&mut dyn Record> {
    let mut all: Vec<&mut dyn Record> = Vec::with_capacity(rows.len());
    for row in rows {
        all.push(row);
    }
    all
}

impl<T: Model> Records for Vec<T> {
    fn len(&self) -> usize {
        Vec::len(self)
    }

    fn get(&self, index: usize) -> Option<&dyn Record> {
        listed(self, index)
    }

    fn get_mut(&mut self, index: usize) -> Option<&mut dyn Record> {
        listed_mut(self, index)
    }

    fn all_mut(&mut self) -> Vec<&mut dyn Record> {
        list_mut(self)
    }
}

impl<T: Model> Rows for Vec<T> {
    fn push(&mut self, row: &dyn Row, at: usize) -> Result<()> {
        match T::decode(row, at) {
            Ok(decoded) => Vec::push(self, decoded),
            Err(error) => return Err(error),
        }
        Ok(())
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any + Send> {
        self
    }

    fn into_taken(self: Box<Self>) -> Box<dyn Any + Send> {
        Box::new(Taken {
            rows: self.into_iter(),
            at: 0,
        })
    }

    fn into_shared(self: Box<Self>) -> Box<dyn Any + Send + Sync> {
        let mut shared = Vec::with_capacity(Vec::len(&self));
        for row in *self {
            shared.push(std::sync::Arc::new(row));
        }
        Box::new(shared)
    }
}

/// Borrowed rows of one model.
pub struct Borrowed<'a, T>(pub &'a mut [T]);

impl<T: Model> Records for Borrowed<'_, T> {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn get(&self, index: usize) -> Option<&dyn Record> {
        listed(self.0, index)
    }

    fn get_mut(&mut self, index: usize) -> Option<&mut dyn Record> {
        listed_mut(self.0, index)
    }

    fn all_mut(&mut self) -> Vec<&mut dyn Record> {
        list_mut(self.0)
    }
}

/// Which rows of a slot are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// All.
    All,
    /// Those without a primary key: not in the database yet.
    Unkeyed,
    /// Those with a primary key.
    Keyed,
}

impl Wanted {
    /// Whether this row is one of them.
    pub fn admits(self, record: &dyn Record) -> bool {
        match self {
            Self::All => true,
            Self::Unkeyed => !record.has_key(),
            Self::Keyed => record.has_key(),
        }
    }
}

/// An association field: not loaded, or loaded with its targets.
pub trait Slot: Send + Sync {
    /// Whether it is loaded (or was filled by hand).
    fn is_loaded(&self) -> bool;

    /// How many targets it holds; 0 when not loaded.
    fn len(&self) -> usize;

    /// Whether it holds no target (loaded or not).
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Becomes loaded with no target.
    fn set_empty(&mut self);

    /// Becomes not loaded, remembering its name for messages.
    fn unload(&mut self, model: &'static str, field: &'static str);

    /// Whether [`Slot::attach`] wants `Vec<Arc<T>>` ([`Rows::into_shared`]) rather than
    /// [`Taken<T>`](Taken).
    fn shares(&self) -> bool {
        false
    }

    /// Adds target `index` of `targets`; `keep` when another owner needs the same one later.
    /// Returns whether `targets` had the right type and row.
    fn attach(&mut self, targets: &mut dyn Any, index: usize, keep: bool) -> bool;

    /// Adds `count` targets from `index` on, none of which another owner needs.
    fn attach_run(&mut self, targets: &mut dyn Any, index: usize, count: usize) -> bool {
        (index..index + count).all(|index| self.attach(targets, index, false))
    }

    /// Adds the link row that belongs to the target attached last (many-to-many with a join
    /// model; others ignore it); `keep` as for [`Slot::attach`].
    fn attach_link(&mut self, _links: &mut dyn Any, _index: usize, _keep: bool) -> bool {
        true
    }

    /// The targets.
    fn records<'a>(&'a self, out: &mut Vec<&'a dyn Record>);

    /// The wanted targets, to be changed. Shared targets are copied first.
    fn records_mut<'a>(&'a mut self, wanted: Wanted, out: &mut Vec<&'a mut dyn Record>);

    /// The link rows that the user filled, one per target, if the association has a join model
    /// and they are there.
    fn links<'a>(&'a self, _out: &mut Vec<&'a dyn Record>) {}

    /// The link rows, to be changed. A loaded many-to-many with a join model makes one for each
    /// target that has none yet.
    fn links_mut<'a>(&'a mut self, _out: &mut Vec<&'a mut dyn Record>) {}

    /// Keeps only the targets that `keep` admits; nothing happens when not loaded.
    fn retain(&mut self, keep: &mut dyn FnMut(&dyn Record) -> bool);

    /// Takes a target out of `target`, an `Option<T>` of the association's target type: a to-one
    /// slot is replaced, a to-many slot grows. Returns whether there was one of that type.
    fn put(&mut self, target: &mut dyn Any) -> bool;

    /// This slot as `Any`.
    fn as_any(&self) -> &dyn Any;

    /// This slot as `Any`.
    fn as_any_mut(&mut self) -> &mut dyn Any;
}
