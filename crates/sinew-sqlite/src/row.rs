//! Rows on their way out.

use std::borrow::Cow;
use std::sync::Arc;

use rusqlite::types::ValueRef;
use sinew_core::driver::Row;
use sinew_core::{Error, ErrorKind, Result, Value};

use crate::handle::Handle;

/// A row that SQLite still holds.
pub(crate) struct Current<'r, 's> {
    pub(crate) row: &'r rusqlite::Row<'s>,
    /// The same statement, for the short way to its cells.
    pub(crate) handle: Option<Handle>,
    pub(crate) columns: usize,
}

impl Row for Current<'_, '_> {
    fn len(&self) -> usize {
        self.columns
    }

    fn get(&self, index: usize) -> Result<Value<'_>> {
        match self.row.get_ref(index) {
            Ok(ValueRef::Null) => Ok(Value::Null),
            Ok(ValueRef::Integer(v)) => Ok(Value::Int(v)),
            Ok(ValueRef::Real(v)) => Ok(Value::Float(v)),
            Ok(ValueRef::Text(bytes)) => match std::str::from_utf8(bytes) {
                Ok(text) => Ok(Value::Text(Cow::Borrowed(text))),
                Err(cause) => Err(not_text(self.name(index), cause)),
            },
            Ok(ValueRef::Blob(bytes)) => Ok(Value::Bytes(Cow::Borrowed(bytes))),
            Err(_) => Err(no_column(index, self.columns)),
        }
    }

    #[inline]
    fn int(&self, index: usize) -> Option<i64> {
        let handle = self.handle.filter(|_| index < self.columns)?;
        // SAFETY: the statement stands at this row for as long as `self` is there, and the
        // column is one of its own.
        #[allow(unsafe_code)]
        unsafe {
            handle.int(index)
        }
    }

    #[inline]
    fn text(&self, index: usize) -> Option<&str> {
        let handle = self.handle.filter(|_| index < self.columns)?;
        // SAFETY: as above; the statement goes to its next row only when `self` is gone, and
        // with it what borrows from it.
        #[allow(unsafe_code)]
        let bytes = unsafe { handle.text(index) };
        std::str::from_utf8(bytes?).ok()
    }

    fn name(&self, index: usize) -> Option<&str> {
        self.row.as_ref().column_name(index).ok()
    }
}

/// A row copied out of SQLite.
pub(crate) struct Copied {
    values: Vec<Result<Value<'static>>>,
    names: Arc<[Box<str>]>,
}

impl Copied {
    pub(crate) fn new(row: &dyn Row, names: &Arc<[Box<str>]>) -> Self {
        let values = (0..row.len())
            .map(|at| row.get(at).map(Value::into_owned))
            .collect();
        Self {
            values,
            names: names.clone(),
        }
    }

    pub(crate) fn names(row: &dyn Row) -> Arc<[Box<str>]> {
        (0..row.len())
            .map(|at| row.name(at).unwrap_or_default().into())
            .collect()
    }
}

impl Row for Copied {
    fn len(&self) -> usize {
        self.values.len()
    }

    fn get(&self, index: usize) -> Result<Value<'_>> {
        match self.values.get(index) {
            Some(Ok(value)) => Ok(value.reborrow()),
            Some(Err(error)) => Err(Error::new(error.kind(), error.message())),
            None => Err(no_column(index, self.values.len())),
        }
    }

    fn name(&self, index: usize) -> Option<&str> {
        self.names.get(index).map(|name| &**name)
    }
}

#[cold]
pub(crate) fn no_column(index: usize, columns: usize) -> Error {
    Error::new(
        ErrorKind::Decode,
        format!("the row has {columns} columns, there is none at position {index}"),
    )
}

#[cold]
fn not_text(name: Option<&str>, cause: std::str::Utf8Error) -> Error {
    let name = name.unwrap_or("?");
    Error::new(
        ErrorKind::Decode,
        format!("the text in column {name} is not valid UTF-8"),
    )
    .with_column(name)
    .with_source(cause)
}
