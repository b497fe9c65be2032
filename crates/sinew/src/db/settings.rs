use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::Db;

/// What a handle does differently from the default.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) full_save: bool,
    pub(crate) skip_hooks: bool,
    pub(crate) unscoped: bool,
    pub(crate) slow: Duration,
    values: HashMap<TypeId, Arc<dyn Any + Send + Sync>>,
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings")
            .field("full_save", &self.full_save)
            .field("skip_hooks", &self.skip_hooks)
            .field("unscoped", &self.unscoped)
            .field("slow", &self.slow)
            .field("values", &self.values.len())
            .finish()
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            full_save: false,
            skip_hooks: false,
            unscoped: false,
            slow: Duration::from_millis(200),
            values: HashMap::new(),
        }
    }
}

/// Settings on top of a handle; every method returns a [`Db`] with the setting, on the same pool.
impl Db {
    /// Associated rows that exist already are updated too when their owner is saved.
    #[must_use]
    pub fn full_save_associations(&self) -> Self {
        self.with_settings(|settings| settings.full_save = true)
    }

    /// No hooks run.
    #[must_use]
    pub fn skip_hooks(&self) -> Self {
        self.with_settings(|settings| settings.skip_hooks = true)
    }

    /// Reads see soft-deleted rows, deletes remove rows for good.
    #[must_use]
    pub fn unscoped(&self) -> Self {
        self.with_settings(|settings| settings.unscoped = true)
    }

    /// Statements that take longer than this are logged as warnings; 200 ms by default.
    #[must_use]
    pub fn slow_threshold(&self, threshold: Duration) -> Self {
        self.with_settings(|settings| settings.slow = threshold)
    }

    /// A handle that carries a value of yours, one per type; [`Db::value`] reads it back, in
    /// hooks too, also those of nested rows.
    ///
    /// # Examples
    /// ```
    /// # use sinew::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sinew::Result<()> {
    /// struct Actor(&'static str);
    ///
    /// let db = Db::connect("sqlite::memory:").await?;
    /// let db = db.with_value(Actor("Ada"));
    /// db.transaction(async |tx| {
    ///     assert_eq!(tx.value::<Actor>().unwrap().0, "Ada");
    ///     Ok(())
    /// })
    /// .await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_value<T: Send + Sync + 'static>(&self, value: T) -> Self {
        self.with_settings(|settings| {
            settings.values.insert(TypeId::of::<T>(), Arc::new(value));
        })
    }

    /// The value of this type that [`Db::with_value`] put on the handle.
    pub fn value<T: Send + Sync + 'static>(&self) -> Option<&T> {
        self.settings
            .values
            .get(&TypeId::of::<T>())
            .and_then(|value| value.downcast_ref())
    }

    /// A handle of its own on the same pool, to put settings on.
    #[must_use]
    pub fn session(&self) -> Self {
        self.clone()
    }
}

/// A handle with settings; the same type as any other handle.
pub type Session = Db;
