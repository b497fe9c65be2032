//! The prepared statements of one connection.

use std::cell::Cell;
use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use rusqlite::{Connection, Statement};
use self_cell::self_cell;
use sinew_core::{Error, ErrorKind};

use crate::error::Fault;
use crate::handle::Handle;
use crate::profile::{self, Figure, Ready, SlowList};

self_cell!(
    /// A connection together with the statements that borrow it.
    pub(crate) struct Home {
        owner: Connection,

        #[not_covariant]
        dependent: Prepared,
    }
);

/// What a statement does, as far as its report differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Insert,
    /// Changes rows without generating keys.
    Change,
    /// Neither: a query, DDL, a pragma.
    Other,
}

pub(crate) struct Entry<'c> {
    pub(crate) sql: Box<str>,
    pub(crate) statement: Statement<'c>,
    /// The statement as SQLite knows it, where it was found.
    pub(crate) handle: Option<Handle>,
    pub(crate) parameters: usize,
    pub(crate) verb: Verb,
    /// Whether it is a pragma, which may switch what holds for the whole connection.
    pub(crate) pragma: bool,
    pub(crate) figure: Figure,
    used: u64,
}

/// A statement that is being read chunk by chunk.
pub(crate) struct Cursor<'c> {
    pub(crate) entry: Box<Entry<'c>>,
    pub(crate) key: u64,
    /// Where the text and the values of the caller's statement lie: while it is read they stay.
    pub(crate) identity: [usize; 3],
    /// The time of one chunk.
    pub(crate) figure: Figure,
}

pub(crate) struct Prepared<'c> {
    entries: HashMap<u64, Box<Entry<'c>>, BuildHasherDefault<Ready>>,
    pub(crate) cursor: Option<Cursor<'c>>,
    /// The statement that gave way between two rows, and goes on.
    pub(crate) paused: Option<u64>,
    /// A pragma ran.
    pub(crate) switched: bool,
    /// The text that was looked at last, where it lay, and its hash: for the statement that is
    /// about to run, which is not taken through its text twice.
    hashed: Cell<Option<(*const str, u64)>>,
    capacity: usize,
    clock: u64,
}

impl<'c> Prepared<'c> {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            entries: HashMap::default(),
            cursor: None,
            paused: None,
            switched: false,
            hashed: Cell::new(None),
            capacity,
            clock: 0,
        }
    }

    /// The hash of a text that runs next, unless another does.
    pub(crate) fn hash_first(&self, sql: &str) -> u64 {
        let key = profile::hash(sql);
        self.hashed.set(Some((sql, key)));
        key
    }

    /// As [`profile::hash`]. What [`Prepared::hash_first`] made is used once: later another text
    /// may lie there.
    pub(crate) fn hash(&self, sql: &str) -> u64 {
        match self.hashed.take() {
            Some((at, key)) if std::ptr::eq(at, sql) => key,
            _ => profile::hash(sql),
        }
    }

    /// What earlier runs of a text took.
    pub(crate) fn figure(&self, key: u64) -> Figure {
        self.entries
            .get(&key)
            .map_or(Figure::default(), |entry| entry.figure)
    }

    /// The statement for `sql`, prepared unless it is at hand.
    pub(crate) fn entry(
        &mut self,
        connection: &'c Connection,
        key: u64,
        sql: &str,
    ) -> Result<&mut Entry<'c>, Fault> {
        self.clock += 1;
        let used = self.clock;
        // Looked up twice when found: a borrow that is returned cannot end early elsewhere.
        let found = self
            .entries
            .get(&key)
            .is_some_and(|entry| *entry.sql == *sql);
        if !found {
            let entry = self.prepare(connection, sql)?;
            self.insert(key, Box::new(entry));
        }
        match self.entries.get_mut(&key) {
            Some(entry) => {
                entry.used = used;
                self.switched |= entry.pragma;
                Ok(entry)
            }
            None => {
                let lost = Error::new(ErrorKind::Database, "a prepared statement got lost");
                Err(Fault::Failed(lost))
            }
        }
    }

    /// Takes a statement out, so that it can be kept running.
    pub(crate) fn take(
        &mut self,
        connection: &'c Connection,
        key: u64,
        sql: &str,
    ) -> Result<Box<Entry<'c>>, Fault> {
        let entry = match self.entries.remove(&key) {
            Some(entry) if *entry.sql == *sql => entry,
            _ => Box::new(self.prepare(connection, sql)?),
        };
        self.switched |= entry.pragma;
        Ok(entry)
    }

    fn prepare(&self, connection: &'c Connection, sql: &str) -> Result<Entry<'c>, Fault> {
        let mut entry = prepare(connection, sql)?;
        // All other statements of the connection that last are at hand here.
        let cursor = self.cursor.as_ref().map(|cursor| &cursor.entry);
        let held = || self.entries.values().chain(cursor);
        // One of the same text whose handle is not known would be taken for this one.
        if !held().any(|other| other.handle.is_none() && *other.sql == *sql) {
            let is_held = |handle| held().any(|other| other.handle == Some(handle));
            entry.handle = Handle::find(connection, sql, is_held);
        }
        Ok(entry)
    }

    pub(crate) fn insert(&mut self, key: u64, entry: Box<Entry<'c>>) {
        if self.entries.len() >= self.capacity && !self.entries.contains_key(&key) {
            let oldest = self.entries.iter().min_by_key(|(_, entry)| entry.used);
            if let Some(oldest) = oldest.map(|(key, _)| *key) {
                self.entries.remove(&oldest);
            }
        }
        self.entries.insert(key, entry);
    }

    /// Ends a statement that was read only in part.
    pub(crate) fn end_cursor(&mut self) {
        // Dropped, not kept for later: finalizing also lets go of its values.
        self.cursor = None;
    }

    /// Starts a statement over that gave way and does not go on, as its operation is gone.
    pub(crate) fn end_paused(&mut self) {
        if let Some(key) = self.paused.take()
            && let Some(entry) = self.entries.get_mut(&key)
        {
            drop(entry.statement.raw_query());
            entry.statement.clear_bindings();
        }
    }

    /// Ends whatever was read only in part.
    pub(crate) fn end_all(&mut self) {
        self.end_cursor();
        self.end_paused();
    }
}

/// Tells the pool of a slow statement, or that a slow one became fast.
pub(crate) fn note(key: u64, figure: Figure, slow: &SlowList) {
    // The pool's figure only has to warn other connections, so half the limit is enough.
    if let Some(known) = figure.known().filter(|known| known.micros > 1000.0) {
        slow.note(key, known);
    }
}

fn prepare<'c>(connection: &'c Connection, sql: &str) -> Result<Entry<'c>, Fault> {
    // SQLite would read up to the NUL and silently leave out the rest.
    if sql.contains('\0') {
        let error = Error::new(
            ErrorKind::Statement,
            "the statement's text contains a NUL byte",
        );
        return Err(Fault::Failed(error));
    }
    // SQLite prepares nothing at all of a comment, and then calls its use a misuse.
    if first_word(sql).is_empty() {
        let error = Error::new(ErrorKind::Statement, "there is no statement in the text");
        return Err(Fault::Failed(error));
    }
    let statement = connection
        .prepare_with_flags(sql, rusqlite::PrepFlags::SQLITE_PREPARE_PERSISTENT)
        .map_err(|e| Fault::of(&e))?;
    let verb = if statement.readonly() {
        Verb::Other
    } else {
        verb(sql)
    };
    Ok(Entry {
        parameters: statement.parameter_count(),
        sql: sql.into(),
        statement,
        handle: None,
        verb,
        pragma: first_word(sql).eq_ignore_ascii_case("pragma"),
        figure: Figure::default(),
        used: 0,
    })
}

fn verb(sql: &str) -> Verb {
    let is = |word: &str, of: &str| word.eq_ignore_ascii_case(of);
    let word = first_word(sql);
    if is(word, "insert") || is(word, "replace") {
        Verb::Insert
    } else if is(word, "update") || is(word, "delete") {
        Verb::Change
    } else if is(word, "with") {
        // The verb stands behind any number of subqueries; a word inside one of their literals
        // may mislead, and then no more than a key goes missing or is reported in vain.
        let mut words = sql.split(|c: char| !c.is_ascii_alphabetic());
        if words.any(|word| is(word, "insert")) {
            Verb::Insert
        } else {
            Verb::Change
        }
    } else {
        Verb::Other
    }
}

fn first_word(sql: &str) -> &str {
    let mut rest = sql.trim_start();
    loop {
        rest = if let Some(comment) = rest.strip_prefix("--") {
            comment
                .split_once('\n')
                .map_or("", |(_, rest)| rest)
                .trim_start()
        } else if let Some(comment) = rest.strip_prefix("/*") {
            comment
                .split_once("*/")
                .map_or("", |(_, rest)| rest)
                .trim_start()
        } else {
            return rest
                .split(|c: char| !c.is_ascii_alphabetic())
                .next()
                .unwrap_or_default();
        };
    }
}
