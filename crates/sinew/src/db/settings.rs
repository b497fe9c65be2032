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
    pub(crate) by_levels: bool,
    pub(crate) slow: Duration,
    values: HashMap<TypeId, Arc<dyn Any + Send + Sync>>,
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings")
            .field("full_save", &self.full_save)
            .field("skip_hooks", &self.skip_hooks)
            .field("unscoped", &self.unscoped)
            .field("by_levels", &self.by_levels)
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
            by_levels: false,
            slow: Duration::from_millis(200),
            values: HashMap::new(),
        }
    }
}

/// Settings on top of a handle; every method returns a [`Db`] with the setting, on the same pool.
impl Db {
    /// Associated rows that exist already are updated too when their owner is saved.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let full = db.session().full_save_associations();
    /// let mut ada = full.get::<User>(1).preload(User::profile).await?;
    /// ada.profile.loaded_mut()?.unwrap().bio = "Analytical engines".into();
    /// full.save(&mut ada).await?;
    /// assert_eq!(db.get::<Profile>(1).await?.bio, "Analytical engines");
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn full_save_associations(&self) -> Self {
        self.with_settings(|settings| settings.full_save = true)
    }

    /// Preload trees are read level by level, whatever a round trip takes; [`one_trip`](crate::query::Find::one_trip)
    /// on a query has the last word.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let counted = db.session().level_by_level().counting();
    /// // There is no such user, so nobody's orders are asked for.
    /// counted.find::<User>().filter(User::name.eq("Nobody")).preload(User::orders).await?;
    /// assert_eq!(counted.statements(), 1);
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn level_by_level(&self) -> Self {
        self.with_settings(|settings| settings.by_levels = true)
    }

    /// No hooks run.
    ///
    /// # Examples
    /// ```
    /// # use sinew::prelude::*;
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # #[model(hooks)]
    /// # struct Page { id: i64, slug: String }
    /// impl Hooks for Page {
    ///     async fn before_create(&mut self, _db: &Db) -> sinew::Result<()> {
    ///         self.slug = "made-by-hook".into();
    ///         Ok(())
    ///     }
    /// }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = Db::connect("sqlite::memory:").await?;
    /// # db.auto_migrate(models![Page]).await?;
    /// let mut page = Page::default();
    /// db.skip_hooks().create(&mut page).await?;
    /// assert_eq!(page.slug, "");
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn skip_hooks(&self) -> Self {
        self.with_settings(|settings| settings.skip_hooks = true)
    }

    /// Reads see soft-deleted rows, deletes remove rows for good.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// db.delete(&mut db.get::<User>(3).await?).await?;
    /// assert_eq!(db.find::<User>().count().await?, 2);
    /// assert_eq!(db.unscoped().find::<User>().count().await?, 3);
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn unscoped(&self) -> Self {
        self.with_settings(|settings| settings.unscoped = true)
    }

    /// Statements that take longer than this are logged as warnings; 200 ms by default.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// use std::time::Duration;
    /// let watched = db.slow_threshold(Duration::from_millis(20));
    /// assert_eq!(watched.find::<User>().count().await?, 3);
    /// # Ok(()) }
    /// ```
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
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// struct Tenant(i64);
    /// let db = db.with_value(Tenant(7));
    /// assert_eq!(db.value::<Tenant>().map(|tenant| tenant.0), Some(7));
    /// assert!(db.value::<String>().is_none());
    /// # Ok(()) }
    /// ```
    pub fn value<T: Send + Sync + 'static>(&self) -> Option<&T> {
        self.settings
            .values
            .get(&TypeId::of::<T>())
            .and_then(|value| value.downcast_ref())
    }

    /// A handle of its own on the same pool, to put settings on.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let careful = db.session().unscoped().skip_hooks();
    /// assert_eq!(careful.find::<User>().count().await?, 3);
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn session(&self) -> Self {
        self.clone()
    }
}

/// A handle with settings; the same type as any other handle.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// use sinew::db::Session;
/// let session: Session = db.session().unscoped();
/// assert_eq!(session.find::<User>().count().await?, 3);
/// # Ok(()) }
/// ```
pub type Session = Db;
