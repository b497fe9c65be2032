//! What an insert of a record writes and reads back.

use std::sync::{Arc, RwLock};

use sinew_core::record::Record;
use sinew_core::schema::{ColumnRole, ModelMeta};
use sinew_core::{Error, ErrorKind, Result, Value};
use sinew_sql::Conflict;

use super::conflict::foreign_columns;
use super::keys::KeyMap;
use super::scope::WriteScope;
use crate::db::Form;

/// What an insert of a record writes and reads back; records of one shape share a statement.
pub(super) struct Shape {
    pub(super) written: Vec<usize>,
    /// Columns that were left out, but can be neither NULL nor left to a default: they get the
    /// zero value of their type.
    pub(super) zeroed: Vec<usize>,
    pub(super) returned: Vec<usize>,
    /// The database makes the key.
    pub(super) generates: bool,
    /// Those of the written columns whose values have a greatest length.
    pub(super) sized: Vec<usize>,
    /// What the text of the insert follows from, where there is no conflict to look after.
    pub(super) form: Form,
    /// The columns that depend on the record, and whether they are left out.
    open: Vec<(Open, bool)>,
}

impl Shape {
    /// Whether the records are to get something from what the insert answers.
    pub(super) fn answers(&self) -> bool {
        self.generates || !self.returned.is_empty()
    }

    /// Whether a record of the model has this shape.
    pub(super) fn fits(&self, record: &dyn Record) -> bool {
        let mut open = self.open.iter();
        open.all(|(open, left_out)| open.is_left_out(record) == *left_out)
    }
}

/// The shapes of inserts of whole records, by the place of their model and whether a key that the
/// database makes has to be asked for: they follow from the model alone.
static KNOWN: RwLock<Option<Known>> = RwLock::new(None);

type Known = KeyMap<Vec<Arc<Shape>>, (usize, bool)>;

/// So many shapes are kept of a model.
const KEPT: usize = 16;

/// A column that one record writes and another leaves out.
#[derive(Clone, Copy)]
enum Open {
    /// Unless it is set, the database makes it.
    Generated(usize),
    /// Unless it is set, it has its default.
    Defaulted(usize),
}

impl Open {
    fn column(self) -> usize {
        match self {
            Self::Generated(column) | Self::Defaulted(column) => column,
        }
    }

    fn is_left_out(self, record: &dyn Record) -> bool {
        match self {
            Self::Generated(column) => record.is_unset(column),
            Self::Defaulted(column) => record.value(column).is_null(),
        }
    }
}

/// Makes the shapes of a level's records.
pub(super) struct Shapes<'s> {
    meta: &'static ModelMeta,
    scope: &'s WriteScope,
    conflict: Option<&'s Conflict>,
    /// Whether a key that the database makes has to be asked for.
    asks_for_key: bool,
}

impl<'s> Shapes<'s> {
    pub(super) fn of(
        meta: &'static ModelMeta,
        scope: &'s WriteScope,
        conflict: Option<&'s Conflict>,
        asks_for_key: bool,
    ) -> Self {
        Self {
            meta,
            scope,
            conflict,
            asks_for_key,
        }
    }

    /// The shape of a record, which is made where it is met first.
    pub(super) fn shape(&self, record: &dyn Record) -> Arc<Shape> {
        if self.conflict.is_some() || !self.scope.is_whole() {
            return Arc::new(self.make(record));
        }
        let place = (std::ptr::from_ref(self.meta).addr(), self.asks_for_key);
        if let Ok(known) = KNOWN.read()
            && let Some(shapes) = known.as_ref().and_then(|known| known.get(&place))
            && let Some(shape) = shapes.iter().find(|shape| shape.fits(record))
        {
            return Arc::clone(shape);
        }
        let shape = Arc::new(self.make(record));
        if let Ok(mut known) = KNOWN.write() {
            let shapes = known.get_or_insert_default().entry(place).or_default();
            if shapes.len() < KEPT {
                shapes.push(Arc::clone(&shape));
            }
        }
        shape
    }

    /// The columns that one record writes and another leaves out.
    fn open(&self) -> impl Iterator<Item = Open> {
        let meta = self.meta;
        let defaulted = meta.columns.iter().enumerate().filter(|(index, column)| {
            column.default.is_some() && column.nullable && meta.generated != Some(*index)
        });
        let generated = meta.generated.into_iter().map(Open::Generated);
        generated.chain(defaulted.map(|(index, _)| Open::Defaulted(index)))
    }

    fn make(&self, record: &dyn Record) -> Shape {
        let meta = self.meta;
        let open = self.open().map(|open| (open, open.is_left_out(record)));
        let mut shape = Shape {
            written: Vec::with_capacity(meta.columns.len()),
            zeroed: Vec::new(),
            returned: Vec::new(),
            generates: false,
            sized: Vec::new(),
            form: Form::of("insert", meta),
            open: open.collect(),
        };
        let out = shape.open.iter().filter(|(_, left_out)| *left_out);
        let left_out: Vec<usize> = out.map(|(open, _)| open.column()).collect();
        for (index, column) in meta.columns.iter().enumerate() {
            let out = left_out.contains(&index);
            if out && meta.generated == Some(index) {
                shape.generates = true;
                continue;
            }
            let stamped = matches!(column.role, ColumnRole::CreatedAt | ColumnRole::UpdatedAt);
            let chosen = stamped || self.scope.column(meta, index);
            if chosen && !out {
                shape.written.push(index);
            } else if column.default.is_some() {
                shape.returned.push(index);
            } else if !column.nullable {
                shape.zeroed.push(index);
            }
        }
        if let Some(conflict) = self.conflict {
            foreign_columns(meta, conflict, &shape.written, &mut shape.returned);
        }
        if let Some(generated) = meta.generated
            && self.asks_for_key
            && shape.generates
            && !shape.returned.contains(&generated)
        {
            shape.returned.push(generated);
        }
        shape.sized = sized(meta, &shape.written);
        shape.form = shape
            .form
            .columns(&shape.written)
            .columns(&shape.zeroed)
            .columns(&shape.returned);
        shape
    }
}

/// Those of the columns whose values have a greatest length.
pub(super) fn sized(meta: &ModelMeta, columns: &[usize]) -> Vec<usize> {
    let has_size = |index: &&usize| {
        let column = meta.columns.get(**index);
        column.is_some_and(|column| column.size.is_some())
    };
    columns.iter().filter(has_size).copied().collect()
}

/// The length of the longest text or bytes of a list.
pub(super) fn longest(items: &[Value<'_>]) -> usize {
    let length = |item: &Value<'_>| match item {
        Value::Text(text) => text.chars().count(),
        Value::Bytes(bytes) => bytes.len(),
        _ => 0,
    };
    items.iter().map(length).max().unwrap_or_default()
}

/// Refuses what no database may silently cut or lose.
pub(crate) fn check_sizes(record: &dyn Record, columns: &[usize]) -> Result<()> {
    if columns.is_empty() {
        return Ok(());
    }
    let meta = record.meta();
    let mut columns = columns.iter();
    columns.try_for_each(|&index| check_size(record, meta, index))
}

/// As [`check_sizes`], of one column.
pub(super) fn check_size(record: &dyn Record, meta: &ModelMeta, index: usize) -> Result<()> {
    let Some((column, size)) = meta.columns.get(index).and_then(|c| Some((c, c.size?))) else {
        return Ok(());
    };
    let length = match record.value(index) {
        Value::Text(text) if text.len() > size as usize => text.chars().count(),
        Value::Bytes(bytes) => bytes.len(),
        // The size is that of each element.
        Value::List(items) => longest(&items),
        _ => return Ok(()),
    };
    if length <= size as usize {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::ValueTooLong,
        format!(
            "{}.{} holds {length}, its column at most {size}",
            meta.name, column.field
        ),
    )
    .with_model(meta.name)
    .with_table(meta.table.as_ref())
    .with_column(column.name.as_ref()))
}
