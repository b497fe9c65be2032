//! Rows on their way between threads: copied into a few buffers, not into a value each.

use std::borrow::Cow;
use std::sync::Arc;

use sinew_core::driver::{Done, Row, Sink};
use sinew_core::{Error, ErrorKind, Result, Value};

use crate::row::{Copied, no_column};

/// What a sink is told, kept in its order.
#[derive(Default)]
pub(crate) struct Chunk {
    entries: Vec<Entry>,
    cells: Vec<Cell>,
    text: String,
    blobs: Vec<u8>,
    errors: Vec<Error>,
    /// The statement whose rows come in, and their column names.
    names: Option<(usize, Names)>,
}

type Names = Arc<[Box<str>]>;

enum Entry {
    /// A row of so many columns.
    Row(usize, usize),
    /// Rows of another statement begin.
    Names(Names),
    Done(usize, Done),
}

#[derive(Clone, Copy)]
enum Cell {
    Null,
    Int(i64),
    Float(f64),
    /// From here to there in the chunk's text.
    Text(usize, usize),
    /// From here to there in the chunk's blobs.
    Blob(usize, usize),
    Error(usize),
}

impl Chunk {
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.text.len() + self.blobs.len()
    }

    /// An empty one with the room that this one took.
    pub(crate) fn next(&self) -> Self {
        let mut next = Self {
            entries: Vec::with_capacity(self.entries.len()),
            cells: Vec::with_capacity(self.cells.len()),
            text: String::with_capacity(self.text.len()),
            names: self.names.clone(),
            ..Self::default()
        };
        let names = next.names.as_ref().map(|(_, names)| names.clone());
        next.entries.extend(names.map(Entry::Names));
        next
    }

    pub(crate) fn row(&mut self, statement: usize, row: &dyn Row) {
        if self.names.as_ref().is_none_or(|(of, _)| *of != statement) {
            let names = Copied::names(row);
            self.entries.push(Entry::Names(names.clone()));
            self.names = Some((statement, names));
        }
        let columns = row.len();
        for index in 0..columns {
            let cell = match row.get(index) {
                Ok(value) => self.cell(&value),
                Err(error) => self.failed(error),
            };
            self.cells.push(cell);
        }
        self.entries.push(Entry::Row(statement, columns));
    }

    fn cell(&mut self, value: &Value<'_>) -> Cell {
        match value {
            Value::Null => Cell::Null,
            Value::Int(v) => Cell::Int(*v),
            Value::Float(v) => Cell::Float(*v),
            Value::Text(v) => {
                let from = self.text.len();
                self.text.push_str(v);
                Cell::Text(from, self.text.len())
            }
            Value::Bytes(v) => {
                let from = self.blobs.len();
                self.blobs.extend_from_slice(v);
                Cell::Blob(from, self.blobs.len())
            }
            other => self.failed(Error::new(
                ErrorKind::Decode,
                format!("SQLite does not return {}", other.sort()),
            )),
        }
    }

    fn failed(&mut self, error: Error) -> Cell {
        self.errors.push(error);
        Cell::Error(self.errors.len() - 1)
    }

    pub(crate) fn done(&mut self, statement: usize, done: Done) {
        self.entries.push(Entry::Done(statement, done));
    }

    /// Tells a sink all of it.
    pub(crate) fn deliver(&self, sink: &mut dyn Sink) -> Result<()> {
        let mut names: &[Box<str>] = &[];
        let mut cells = self.cells.as_slice();
        for entry in &self.entries {
            match entry {
                Entry::Names(held) => names = held,
                Entry::Done(statement, done) => sink.done(*statement, *done)?,
                Entry::Row(statement, columns) => {
                    let (own, rest) = cells.split_at(*columns);
                    cells = rest;
                    let row = Held {
                        chunk: self,
                        cells: own,
                        names,
                    };
                    sink.row(*statement, &row)?;
                }
            }
        }
        Ok(())
    }
}

/// One row of a chunk.
struct Held<'c> {
    chunk: &'c Chunk,
    cells: &'c [Cell],
    names: &'c [Box<str>],
}

impl Row for Held<'_> {
    fn len(&self) -> usize {
        self.cells.len()
    }

    fn get(&self, index: usize) -> Result<Value<'_>> {
        let Some(cell) = self.cells.get(index) else {
            return Err(no_column(index, self.cells.len()));
        };
        Ok(match *cell {
            Cell::Null => Value::Null,
            Cell::Int(v) => Value::Int(v),
            Cell::Float(v) => Value::Float(v),
            Cell::Text(from, to) => {
                let text = self.chunk.text.get(from..to);
                Value::Text(Cow::Borrowed(text.unwrap_or_default()))
            }
            Cell::Blob(from, to) => {
                let bytes = self.chunk.blobs.get(from..to);
                Value::Bytes(Cow::Borrowed(bytes.unwrap_or_default()))
            }
            Cell::Error(at) => {
                return Err(match self.chunk.errors.get(at) {
                    Some(error) => Error::new(error.kind(), error.message()),
                    None => no_column(index, self.cells.len()),
                });
            }
        })
    }

    fn name(&self, index: usize) -> Option<&str> {
        self.names.get(index).map(|name| &**name)
    }
}
