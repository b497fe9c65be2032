//! The prepared statements of one connection.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

use sinew_core::Value;
use tokio_postgres::Statement;
use tokio_postgres::types::Type;

use crate::merge::Merges;
use crate::row::{Reader, readers};
use crate::typing;

/// One of them.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) statement: Statement,
    /// How its columns are read.
    readers: Vec<Reader>,
    /// The text that inserts many rows at once instead; `None` until it was asked for.
    pub(crate) bulk: Option<Option<Arc<str>>>,
    /// The parameters whose types the server was told.
    pub(crate) told: Vec<usize>,
    /// The parameters that the text casts.
    pub(crate) cast: Vec<usize>,
    /// The same text for values of other types; `None` where the server refused them.
    pub(crate) variants: Vec<(Vec<u32>, Option<Statement>)>,
    used: u64,
}

impl Entry {
    /// The form of the statement that takes these values as what they are.
    pub(crate) fn for_values(&self, values: &[Value<'_>]) -> &Statement {
        if let Some(types) = typing::wanted(self, values) {
            let ids: Vec<u32> = types.iter().map(Type::oid).collect();
            let mut known = self.variants.iter();
            if let Some((_, Some(variant))) = known.find(|(of, _)| *of == ids) {
                return variant;
            }
        }
        &self.statement
    }

    /// The statement and how its columns are read, where it takes these values as it is.
    pub(crate) fn as_it_is(&self, values: &[Value<'_>]) -> Option<(&Statement, &[Reader])> {
        match typing::wanted(self, values) {
            None => Some((&self.statement, &self.readers)),
            Some(_) => None,
        }
    }
}

/// A quick hash of texts, for the program's own statements: nobody else chooses them, and there are
/// no more than the limit.
#[derive(Default)]
struct Words(u64);

impl Words {
    fn add(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

impl Hasher for Words {
    fn write(&mut self, bytes: &[u8]) {
        let mut words = bytes.chunks_exact(8);
        for word in &mut words {
            self.add(word.try_into().map_or(0, u64::from_le_bytes));
        }
        let mut last = [0; 8];
        for (into, &byte) in last.iter_mut().zip(words.remainder()) {
            *into = byte;
        }
        self.add(u64::from_le_bytes(last));
    }

    fn write_u8(&mut self, _: u8) {
        // The end of a text, which is always there.
    }

    fn finish(&self) -> u64 {
        // A map picks its place by the low bits, and the high ones have been mixed best.
        self.0 ^ (self.0 >> 32)
    }
}

/// Statements by their text; those used longest ago make room for others.
pub(crate) struct Prepared {
    entries: HashMap<Arc<str>, Entry, BuildHasherDefault<Words>>,
    limit: usize,
    clock: u64,
    /// Statements that stand for several of them.
    pub(crate) merges: Merges,
}

impl Prepared {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            entries: HashMap::default(),
            limit,
            clock: 0,
            merges: Merges::default(),
        }
    }

    pub(crate) fn has(&self, sql: &str) -> bool {
        self.entries.contains_key(sql)
    }

    pub(crate) fn get(&mut self, sql: &str) -> Option<&mut Entry> {
        self.clock += 1;
        let entry = self.entries.get_mut(sql)?;
        entry.used = self.clock;
        Some(entry)
    }

    pub(crate) fn put(&mut self, sql: &str, statement: Statement) {
        self.put_told(sql, statement, Vec::new());
    }

    /// One that was prepared with types for these parameters.
    pub(crate) fn put_told(&mut self, sql: &str, statement: Statement, told: Vec<usize>) {
        self.clock += 1;
        let entry = Entry {
            readers: readers(statement.columns()),
            statement,
            bulk: None,
            told,
            cast: typing::casts(sql),
            variants: Vec::new(),
            used: self.clock,
        };
        self.entries.insert(sql.into(), entry);
    }

    /// Gives up what is too much. Statements in use are held by whoever uses them.
    pub(crate) fn shrink(&mut self) {
        while self.entries.len() > self.limit {
            let oldest = self.entries.iter().min_by_key(|(_, entry)| entry.used);
            let Some(sql) = oldest.map(|(sql, _)| Arc::clone(sql)) else {
                return;
            };
            self.entries.remove(&sql);
        }
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
        self.merges.clear();
    }
}
