//! What to open, and how.

use std::path::PathBuf;
use std::time::Duration;

use sinew_core::Result;

/// How a database is opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Only reads.
    ReadOnly,
    /// Reads and writes; the file must exist.
    ReadWrite,
    /// Reads and writes; a missing file is created.
    #[default]
    Create,
}

/// SQLite's journal modes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Journal {
    /// A write-ahead log: readers go on beside a writer.
    #[default]
    Wal,
    /// A rollback journal, deleted at each commit.
    Delete,
    /// A rollback journal, truncated at each commit.
    Truncate,
    /// A rollback journal, overwritten at each commit.
    Persist,
    /// A rollback journal in memory; a crash may corrupt the file.
    Memory,
    /// No journal: no rollback.
    Off,
}

impl Journal {
    pub(crate) const NAMES: [(&'static str, Self); 6] = [
        ("wal", Self::Wal),
        ("delete", Self::Delete),
        ("truncate", Self::Truncate),
        ("persist", Self::Persist),
        ("memory", Self::Memory),
        ("off", Self::Off),
    ];

    pub(crate) fn name(self) -> &'static str {
        Self::NAMES
            .iter()
            .find(|(_, mode)| *mode == self)
            .map_or("wal", |(name, _)| name)
    }
}

/// When SQLite waits for the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Synchronous {
    /// Never; a power cut may corrupt the file.
    Off,
    /// At checkpoints; in WAL mode a power cut may lose the last commits, nothing more.
    Normal,
    /// At each commit.
    Full,
    /// At each commit, and for the directory too.
    Extra,
}

impl Synchronous {
    pub(crate) const NAMES: [(&'static str, Self); 4] = [
        ("off", Self::Off),
        ("normal", Self::Normal),
        ("full", Self::Full),
        ("extra", Self::Extra),
    ];

    pub(crate) fn name(self) -> &'static str {
        Self::NAMES
            .iter()
            .find(|(_, mode)| *mode == self)
            .map_or("full", |(name, _)| name)
    }
}

/// Where the database lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Location {
    File(PathBuf),
    /// A database of its own in memory.
    Memory,
    /// A database in memory that everyone in the process who knows its name shares.
    Shared(String),
}

/// How to open a SQLite database.
///
/// # Examples
/// ```
/// use sinew_sqlite::Config;
///
/// let config = Config::file("blog.db").readers(8).foreign_keys(false);
/// assert_eq!(Config::parse("sqlite://blog.db?readers=8&foreign_keys=off").unwrap(), config);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    pub(crate) location: Location,
    pub(crate) mode: Mode,
    pub(crate) busy_timeout: Duration,
    pub(crate) acquire_timeout: Duration,
    pub(crate) journal: Journal,
    pub(crate) synchronous: Option<Synchronous>,
    pub(crate) foreign_keys: bool,
    pub(crate) readers: usize,
    pub(crate) statement_cache: usize,
}

impl Config {
    /// The database in this file.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self::at(Location::File(path.into()))
    }

    /// A new database in memory, gone when the pool is dropped.
    pub fn memory() -> Self {
        Self::at(Location::Memory)
    }

    /// The database in memory that goes by this name within the process.
    pub fn shared_memory(name: impl Into<String>) -> Self {
        Self::at(Location::Shared(name.into()))
    }

    pub(crate) fn at(location: Location) -> Self {
        Self {
            location,
            mode: Mode::default(),
            busy_timeout: Duration::from_secs(5),
            acquire_timeout: Duration::from_secs(30),
            journal: Journal::default(),
            synchronous: None,
            foreign_keys: true,
            readers: 4,
            statement_cache: 256,
        }
    }

    /// Reads a URL.
    ///
    /// `sqlite://blog.db` is relative to the working directory, `sqlite:///var/blog.db` absolute,
    /// `sqlite::memory:` in memory. Options follow as a query: `mode=ro|rw|rwc|memory`,
    /// `cache=private|shared`, `busy_timeout=MS`, `acquire_timeout=MS`, `journal=MODE`,
    /// `synchronous=off|normal|full|extra`, `foreign_keys=on|off`, `readers=N`,
    /// `statement_cache=N`. Paths may be percent-encoded.
    ///
    /// # Errors
    /// Of kind `InvalidInput`, when the URL or an option makes no sense.
    pub fn parse(url: &str) -> Result<Self> {
        crate::url::parse(url)
    }

    /// How it is opened; [`Mode::Create`] unless set.
    #[must_use]
    pub fn mode(mut self, mode: Mode) -> Self {
        self.mode = mode;
        self
    }

    /// How long to wait for another process's lock; 5 seconds unless set.
    #[must_use]
    pub fn busy_timeout(mut self, wait: Duration) -> Self {
        self.busy_timeout = wait;
        self
    }

    /// How long to wait for a free connection; 30 seconds unless set.
    #[must_use]
    pub fn acquire_timeout(mut self, wait: Duration) -> Self {
        self.acquire_timeout = wait;
        self
    }

    /// The journal mode of a file; [`Journal::Wal`] unless set.
    #[must_use]
    pub fn journal(mut self, journal: Journal) -> Self {
        self.journal = journal;
        self
    }

    /// When to wait for the disk; [`Synchronous::Normal`] in WAL mode and [`Synchronous::Full`]
    /// otherwise, unless set.
    #[must_use]
    pub fn synchronous(mut self, synchronous: Synchronous) -> Self {
        self.synchronous = Some(synchronous);
        self
    }

    /// Whether foreign keys are enforced; they are unless set.
    #[must_use]
    pub fn foreign_keys(mut self, enforced: bool) -> Self {
        self.foreign_keys = enforced;
        self
    }

    /// How many connections read beside the writer, at least 1; 4 unless set.
    #[must_use]
    pub fn readers(mut self, readers: usize) -> Self {
        self.readers = readers.max(1);
        self
    }

    /// How many prepared statements each connection keeps, at least 1; 256 unless set.
    #[must_use]
    pub fn statement_cache(mut self, statements: usize) -> Self {
        self.statement_cache = statements.max(1);
        self
    }

    pub(crate) fn is_memory(&self) -> bool {
        !matches!(self.location, Location::File(_))
    }

    /// Whether no other connection can see the database.
    pub(crate) fn is_private(&self) -> bool {
        self.location == Location::Memory
    }

    pub(crate) fn effective_synchronous(&self) -> Synchronous {
        self.synchronous.unwrap_or(match self.journal {
            Journal::Wal => Synchronous::Normal,
            _ => Synchronous::Full,
        })
    }
}
