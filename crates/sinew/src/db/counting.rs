use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::Db;

/// What ran through a handle.
#[derive(Debug, Default)]
pub(crate) struct Counter {
    statements: AtomicU64,
    round_trips: AtomicU64,
}

impl Counter {
    pub(super) fn add(&self, statements: u64, round_trips: u64) {
        self.statements.fetch_add(statements, Ordering::Relaxed);
        self.round_trips.fetch_add(round_trips, Ordering::Relaxed);
    }
}

impl Db {
    /// A handle that counts what runs through it, for tests.
    ///
    /// Begin, commit and savepoints are not counted as statements.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let counted = db.counting();
    /// counted.find::<User>().preload(User::orders).preload(User::profile).await?;
    /// assert_eq!(counted.statements(), 3);
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn counting(&self) -> Self {
        Self {
            counter: Some(Arc::default()),
            ..self.clone()
        }
    }

    /// Statements that ran through this counting handle (and its clones, and transactions opened
    /// on it); 0 when the handle does not count.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let counted = db.counting();
    /// db.find::<User>().await?;               // another handle
    /// counted.find::<User>().await?;
    /// assert_eq!(counted.statements(), 1);
    /// # Ok(()) }
    /// ```
    pub fn statements(&self) -> u64 {
        self.counter
            .as_ref()
            .map_or(0, |counter| counter.statements.load(Ordering::Relaxed))
    }

    /// Round trips that ran through this counting handle.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let counted = db.counting();
    /// counted.get::<User>(1).await?;
    /// assert_eq!(counted.round_trips(), 1);
    /// # Ok(()) }
    /// ```
    pub fn round_trips(&self) -> u64 {
        self.counter
            .as_ref()
            .map_or(0, |counter| counter.round_trips.load(Ordering::Relaxed))
    }

    /// Sets both figures of a counting handle back to 0.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let counted = db.counting();
    /// counted.get::<User>(1).await?;
    /// counted.reset_counts();
    /// assert_eq!((counted.statements(), counted.round_trips()), (0, 0));
    /// # Ok(()) }
    /// ```
    pub fn reset_counts(&self) {
        if let Some(counter) = &self.counter {
            counter.statements.store(0, Ordering::Relaxed);
            counter.round_trips.store(0, Ordering::Relaxed);
        }
    }
}
