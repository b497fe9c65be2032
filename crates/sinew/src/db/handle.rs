use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{Arc, RwLock};

use sinew_core::driver::Driver;
use sinew_core::schema::ModelMeta;
use sinew_sql::{Dialect, Render};

use super::transaction::TxRef;
use super::{Counter, Prepared, Settings};

/// A database: a pool of connections, with settings. Cloning it is cheap and shares the pool.
///
/// Inside [`Db::transaction`] the closure gets a `&Db` that runs everything on the transaction's
/// connection.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let other = db.clone();                 // the same pool
/// other.create(&mut user("Edsger", 30)).await?;
/// assert_eq!(db.find::<User>().count().await?, 4);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Db {
    pub(super) shared: Arc<Shared>,
    pub(crate) settings: Arc<Settings>,
    pub(super) tx: Option<TxRef>,
    pub(super) counter: Option<Arc<Counter>>,
}

pub(super) struct Shared {
    pub(super) driver: Arc<dyn Driver>,
    pub(super) dialect: &'static dyn Dialect,
    pub(super) texts: RwLock<Texts>,
    /// Texts by the form of their statement.
    pub(super) forms: RwLock<Texts>,
    /// The texts of finds by key: by model, sort of key, and whether soft-deleted rows are seen.
    by_key: RwLock<Texts>,
}

pub(super) type Texts = HashMap<u64, Arc<str>, BuildHasherDefault<Mixer>>;

/// Spreads keys that are hashes or addresses, and nobody's choice.
#[derive(Default)]
pub(super) struct Mixer(u64);

impl Hasher for Mixer {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, key: u64) {
        let mixed = (self.0.rotate_left(5) ^ key).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ (mixed >> 32);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// Statement texts kept; beyond this they are forgotten and made again.
const TEXTS: usize = 4096;

impl Db {
    pub(super) fn new(driver: Arc<dyn Driver>, dialect: &'static dyn Dialect) -> Self {
        Self {
            shared: Arc::new(Shared {
                driver,
                dialect,
                texts: RwLock::default(),
                forms: RwLock::default(),
                by_key: RwLock::default(),
            }),
            settings: Arc::default(),
            tx: None,
            counter: None,
        }
    }

    /// How long a round trip to the database takes at the least, where that is known.
    pub(crate) fn latency(&self) -> Option<std::time::Duration> {
        self.shared.driver.latency()
    }

    pub(crate) fn dialect(&self) -> &'static dyn Dialect {
        self.shared.dialect
    }

    /// Whether one connection can read while another one is held.
    pub(crate) fn reads_beside(&self) -> bool {
        self.shared.driver.reads_beside()
    }

    /// Whether other statements may run on the connection that a statement is read from.
    pub(crate) fn runs_between_chunks(&self) -> bool {
        let inside = self.in_transaction();
        self.shared.driver.runs_between_chunks(inside)
    }

    pub(super) fn with_settings(&self, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings::clone(&self.settings);
        change(&mut settings);
        Self {
            settings: Arc::new(settings),
            ..self.clone()
        }
    }

    /// Whether this handle is inside a transaction.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// assert!(!db.in_transaction());
    /// db.transaction(async |tx| {
    ///     assert!(tx.in_transaction());
    ///     Ok(())
    /// }).await?;
    /// # Ok(()) }
    /// ```
    pub fn in_transaction(&self) -> bool {
        self.tx.is_some()
    }

    /// Closes the pool; operations that start later fail with kind `Closed`.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// db.close().await;
    /// assert_eq!(db.find::<User>().await.unwrap_err().kind(), ErrorKind::Closed);
    /// # Ok(()) }
    /// ```
    pub async fn close(&self) {
        self.shared.driver.close().await;
    }

    /// The text that finds one row of a model by this sort of key, if it was made before.
    pub(crate) fn text_by_key(&self, meta: &'static ModelMeta, sort: u8) -> Option<Arc<str>> {
        let texts = self.shared.by_key.read().ok()?;
        texts.get(&self.place(meta, sort)).cloned()
    }

    /// Keeps what [`Db::text_by_key`] finds.
    pub(crate) fn keep_text_by_key(&self, meta: &'static ModelMeta, sort: u8, sql: &Arc<str>) {
        if let Ok(mut texts) = self.shared.by_key.write() {
            texts.insert(self.place(meta, sort), Arc::clone(sql));
        }
    }

    /// A model's address is a multiple of four at least, which leaves two bits.
    fn place(&self, meta: &'static ModelMeta, sort: u8) -> u64 {
        const { assert!(align_of::<ModelMeta>() >= 4) };
        let flags = u64::from(sort & 1) << 1 | u64::from(self.settings.unscoped);
        std::ptr::from_ref(meta).addr() as u64 | flags
    }

    /// The text and values of a statement; the text is made once per shape.
    pub(crate) fn prepare<'a>(&self, statement: &'a impl Render) -> Prepared<'a> {
        let (shape, binds) = statement.shape(self.shared.dialect);
        let known = self
            .shared
            .texts
            .read()
            .ok()
            .and_then(|texts| texts.get(&shape).cloned());
        if let Some(sql) = known {
            return Prepared { sql, binds };
        }
        let sql: Arc<str> = statement.render(self.shared.dialect).sql.into();
        if let Ok(mut texts) = self.shared.texts.write() {
            if texts.len() >= TEXTS {
                texts.clear();
            }
            texts.insert(shape, Arc::clone(&sql));
        }
        Prepared { sql, binds }
    }
}

impl std::fmt::Debug for Db {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Db")
            .field("dialect", &self.shared.dialect.name())
            .field("settings", &self.settings)
            .field("in_transaction", &self.tx.is_some())
            .finish_non_exhaustive()
    }
}
