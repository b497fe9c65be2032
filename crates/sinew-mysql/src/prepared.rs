//! The prepared statements of a connection.

use std::collections::HashMap;

use mysql_async::Statement;

use crate::text::Meaning;

#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) statement: Statement,
    pub(crate) meaning: Meaning,
    /// Closed after its run, as it is not kept.
    pub(crate) passing: bool,
}

/// Statements by text; the one not used for longest goes first.
pub(crate) struct Cache {
    limit: usize,
    clock: u64,
    entries: HashMap<Box<str>, (Entry, u64)>,
}

impl Cache {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit,
            clock: 0,
            entries: HashMap::new(),
        }
    }

    pub(crate) fn limit(&self) -> usize {
        self.limit
    }

    pub(crate) fn has(&self, sql: &str) -> bool {
        self.entries.contains_key(sql)
    }

    pub(crate) fn get(&mut self, sql: &str) -> Option<Entry> {
        self.clock += 1;
        let (entry, used) = self.entries.get_mut(sql)?;
        *used = self.clock;
        Some(entry.clone())
    }

    /// Keeps another statement for a text that is kept.
    pub(crate) fn replace(&mut self, sql: &str, entry: Entry) {
        if let Some((kept, _)) = self.entries.get_mut(sql) {
            *kept = entry;
        }
    }

    /// Keeps a statement; the one that has to go for it is returned.
    pub(crate) fn put(&mut self, sql: &str, entry: Entry) -> Option<Statement> {
        let mut gone = None;
        if self.entries.len() >= self.limit {
            let oldest = self.entries.iter().min_by_key(|(_, (_, used))| *used);
            let key = oldest.map(|(sql, _)| sql.clone());
            gone = key.and_then(|sql| self.entries.remove(&sql));
        }
        self.entries.insert(sql.into(), (entry, self.clock));
        gone.map(|(entry, _)| entry.statement)
    }
}
