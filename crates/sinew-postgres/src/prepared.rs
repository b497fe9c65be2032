//! The prepared statements of one connection.

use std::collections::HashMap;
use std::sync::Arc;

use tokio_postgres::Statement;

/// One of them.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) statement: Statement,
    /// The text that inserts many rows at once instead; `None` until it was asked for.
    pub(crate) bulk: Option<Option<Arc<str>>>,
    used: u64,
}

/// Statements by their text; those used longest ago make room for others.
pub(crate) struct Prepared {
    entries: HashMap<Arc<str>, Entry>,
    limit: usize,
    clock: u64,
}

impl Prepared {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            entries: HashMap::new(),
            limit,
            clock: 0,
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
        self.clock += 1;
        let entry = Entry {
            statement,
            bulk: None,
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
    }
}
