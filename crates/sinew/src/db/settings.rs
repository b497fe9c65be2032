use std::time::Duration;

use super::Db;

/// What a handle does differently from the default.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) full_save: bool,
    pub(crate) skip_hooks: bool,
    pub(crate) unscoped: bool,
    pub(crate) slow: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            full_save: false,
            skip_hooks: false,
            unscoped: false,
            slow: Duration::from_millis(200),
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

    /// A handle of its own on the same pool, to put settings on.
    #[must_use]
    pub fn session(&self) -> Self {
        self.clone()
    }
}

/// A handle with settings; the same type as any other handle.
pub type Session = Db;
