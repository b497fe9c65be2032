//! Code of yours that runs before and after writes, and after reads.

use std::any::Any;
use std::future::Future;

use sinew_core::driver::BoxFuture;
use sinew_core::record::{Model, Record};
use sinew_core::schema::ModelMeta;
use sinew_core::{Error, ErrorKind, Result};

use crate::db::Db;

/// Hooks of a model; mark it `#[model(hooks)]` for them to run.
///
/// Each runs once per row, on the real row, inside the operation's transaction: `db` is the
/// transaction's handle, so what a hook does is undone with the rest. An `Err` aborts and undoes
/// the whole operation. Every method does nothing unless written.
///
/// # Examples
/// ```
/// use sinew::{prelude::*, Error, Result};
///
/// #[derive(Model, Clone, Debug, Default)]
/// #[model(hooks)]
/// struct Account { id: i64, email: String, audits: HasMany<Audit> }
///
/// #[derive(Model, Clone, Debug, Default)]
/// struct Audit { id: i64, account_id: i64, text: String }
///
/// impl Hooks for Account {
///     async fn before_save(&mut self, _db: &Db) -> Result<()> {
///         self.email = self.email.trim().to_lowercase();
///         if self.email.contains('@') {
///             Ok(())
///         } else {
///             Err(Error::new(ErrorKind::Hook, "an e-mail address has an @"))
///         }
///     }
///
///     async fn after_create(&mut self, db: &Db) -> Result<()> {
///         let text = format!("created {}", self.email);
///         db.create(&mut Audit { account_id: self.id, text, ..Default::default() }).await
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = Db::connect("sqlite::memory:").await?;
/// # db.auto_migrate(models![Account, Audit]).await?;
/// let mut ada = Account { email: " Ada@Example.org ".into(), ..Default::default() };
/// db.create(&mut ada).await?;
/// assert_eq!(db.get::<Audit>(1).await?.text, "created ada@example.org");
///
/// let error = db.create(&mut Account::default()).await.unwrap_err();
/// assert_eq!(error.message(), "an e-mail address has an @");
/// # Ok(()) }
/// ```
pub trait Hooks: Model {
    /// Before a row is created or updated, ahead of the particular hook.
    ///
    /// # Examples
    /// ```
    /// # use sinew::prelude::*;
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # #[model(hooks)]
    /// # struct Page { id: i64, title: String, log: String }
    /// impl Hooks for Page {
    ///     async fn before_save(&mut self, _db: &Db) -> sinew::Result<()> {
    ///         self.title = self.title.trim().into();
    ///         Ok(())
    ///     }
    /// }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = Db::connect("sqlite::memory:").await?;
    /// # db.auto_migrate(models![Page]).await?;
    /// # let mut page = Page { title: " Home ".into(), ..Default::default() };
    /// db.create(&mut page).await?;
    /// assert_eq!(page.title, "Home");
    /// # Ok(()) }
    /// ```
    fn before_save(&mut self, db: &Db) -> impl Future<Output = Result<()>> + Send {
        let _ = db;
        async { Ok(()) }
    }

    /// After a row was created or updated.
    ///
    /// # Examples
    /// ```
    /// # use sinew::prelude::*;
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # #[model(hooks)]
    /// # struct Page { id: i64, title: String, log: String }
    /// impl Hooks for Page {
    ///     async fn after_save(&mut self, _db: &Db) -> sinew::Result<()> {
    ///         self.log += "saved ";
    ///         Ok(())
    ///     }
    /// }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = Db::connect("sqlite::memory:").await?;
    /// # db.auto_migrate(models![Page]).await?;
    /// # let mut page = Page { title: " Home ".into(), ..Default::default() };
    /// db.create(&mut page).await?;
    /// db.save(&mut page).await?;
    /// assert_eq!(page.log, "saved saved ");
    /// # Ok(()) }
    /// ```
    fn after_save(&mut self, db: &Db) -> impl Future<Output = Result<()>> + Send {
        let _ = db;
        async { Ok(()) }
    }

    /// Before a row is inserted.
    ///
    /// # Examples
    /// ```
    /// # use sinew::prelude::*;
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # #[model(hooks)]
    /// # struct Page { id: i64, title: String, log: String }
    /// impl Hooks for Page {
    ///     async fn before_create(&mut self, _db: &Db) -> sinew::Result<()> {
    ///         self.log = "new".into();
    ///         Ok(())
    ///     }
    /// }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = Db::connect("sqlite::memory:").await?;
    /// # db.auto_migrate(models![Page]).await?;
    /// # let mut page = Page { title: " Home ".into(), ..Default::default() };
    /// db.create(&mut page).await?;
    /// assert_eq!(db.get::<Page>(1).await?.log, "new");
    /// # Ok(()) }
    /// ```
    fn before_create(&mut self, db: &Db) -> impl Future<Output = Result<()>> + Send {
        let _ = db;
        async { Ok(()) }
    }

    /// After a row was inserted.
    ///
    /// # Examples
    /// ```
    /// # use sinew::prelude::*;
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # #[model(hooks)]
    /// # struct Page { id: i64, title: String, log: String }
    /// impl Hooks for Page {
    ///     async fn after_create(&mut self, _db: &Db) -> sinew::Result<()> {
    ///         self.log = format!("page {}", self.id);
    ///         Ok(())
    ///     }
    /// }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = Db::connect("sqlite::memory:").await?;
    /// # db.auto_migrate(models![Page]).await?;
    /// # let mut page = Page { title: " Home ".into(), ..Default::default() };
    /// db.create(&mut page).await?;
    /// assert_eq!(page.log, "page 1");
    /// # Ok(()) }
    /// ```
    fn after_create(&mut self, db: &Db) -> impl Future<Output = Result<()>> + Send {
        let _ = db;
        async { Ok(()) }
    }

    /// Before a row is updated.
    ///
    /// # Examples
    /// ```
    /// # use sinew::prelude::*;
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # #[model(hooks)]
    /// # struct Page { id: i64, title: String, log: String }
    /// impl Hooks for Page {
    ///     async fn before_update(&mut self, _db: &Db) -> sinew::Result<()> {
    ///         self.log = "edited".into();
    ///         Ok(())
    ///     }
    /// }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = Db::connect("sqlite::memory:").await?;
    /// # db.auto_migrate(models![Page]).await?;
    /// # let mut page = Page { title: " Home ".into(), ..Default::default() };
    /// db.create(&mut page).await?;
    /// db.update(&mut page).set(Page::title.to("Start")).await?;
    /// assert_eq!(db.get::<Page>(1).await?.log, "edited");
    /// # Ok(()) }
    /// ```
    fn before_update(&mut self, db: &Db) -> impl Future<Output = Result<()>> + Send {
        let _ = db;
        async { Ok(()) }
    }

    /// After a row was updated.
    ///
    /// # Examples
    /// ```
    /// # use sinew::prelude::*;
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # #[model(hooks)]
    /// # struct Page { id: i64, title: String, log: String }
    /// impl Hooks for Page {
    ///     async fn after_update(&mut self, _db: &Db) -> sinew::Result<()> {
    ///         self.log = "edited".into();
    ///         Ok(())
    ///     }
    /// }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = Db::connect("sqlite::memory:").await?;
    /// # db.auto_migrate(models![Page]).await?;
    /// # let mut page = Page { title: " Home ".into(), ..Default::default() };
    /// db.create(&mut page).await?;
    /// db.update(&mut page).set(Page::title.to("Start")).await?;
    /// assert_eq!(page.log, "edited");
    /// # Ok(()) }
    /// ```
    fn after_update(&mut self, db: &Db) -> impl Future<Output = Result<()>> + Send {
        let _ = db;
        async { Ok(()) }
    }

    /// Before a row is deleted, softly or for good.
    ///
    /// # Examples
    /// ```
    /// # use sinew::prelude::*;
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # #[model(hooks)]
    /// # struct Page { id: i64, title: String, log: String }
    /// impl Hooks for Page {
    ///     async fn before_delete(&mut self, _db: &Db) -> sinew::Result<()> {
    ///         self.log = "going".into();
    ///         Ok(())
    ///     }
    /// }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = Db::connect("sqlite::memory:").await?;
    /// # db.auto_migrate(models![Page]).await?;
    /// # let mut page = Page { title: " Home ".into(), ..Default::default() };
    /// db.create(&mut page).await?;
    /// db.delete(&mut page).await?;
    /// assert_eq!(page.log, "going");
    /// # Ok(()) }
    /// ```
    fn before_delete(&mut self, db: &Db) -> impl Future<Output = Result<()>> + Send {
        let _ = db;
        async { Ok(()) }
    }

    /// After a row was deleted, softly or for good.
    ///
    /// # Examples
    /// ```
    /// # use sinew::prelude::*;
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # #[model(hooks)]
    /// # struct Page { id: i64, title: String, log: String }
    /// impl Hooks for Page {
    ///     async fn after_delete(&mut self, _db: &Db) -> sinew::Result<()> {
    ///         self.log = "gone".into();
    ///         Ok(())
    ///     }
    /// }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = Db::connect("sqlite::memory:").await?;
    /// # db.auto_migrate(models![Page]).await?;
    /// # let mut page = Page { title: " Home ".into(), ..Default::default() };
    /// db.create(&mut page).await?;
    /// db.delete(&mut page).await?;
    /// assert_eq!(page.log, "gone");
    /// # Ok(()) }
    /// ```
    fn after_delete(&mut self, db: &Db) -> impl Future<Output = Result<()>> + Send {
        let _ = db;
        async { Ok(()) }
    }

    /// After a row was read, once its associations are loaded.
    ///
    /// # Examples
    /// ```
    /// # use sinew::prelude::*;
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # #[model(hooks)]
    /// # struct Page { id: i64, title: String, log: String }
    /// impl Hooks for Page {
    ///     async fn after_find(&mut self, _db: &Db) -> sinew::Result<()> {
    ///         self.log = "read".into();
    ///         Ok(())
    ///     }
    /// }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = Db::connect("sqlite::memory:").await?;
    /// # db.auto_migrate(models![Page]).await?;
    /// # let mut page = Page { title: " Home ".into(), ..Default::default() };
    /// db.create(&mut page).await?;
    /// assert_eq!(db.get::<Page>(1).await?.log, "read");
    /// # Ok(()) }
    /// ```
    fn after_find(&mut self, db: &Db) -> impl Future<Output = Result<()>> + Send {
        let _ = db;
        async { Ok(()) }
    }
}

/// When a hook runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    BeforeSave,
    AfterSave,
    BeforeCreate,
    AfterCreate,
    BeforeUpdate,
    AfterUpdate,
    BeforeDelete,
    AfterDelete,
    AfterFind,
}

type Run = for<'a> fn(&'a mut dyn Record, &'a Db, Moment) -> BoxFuture<'a, Result<()>>;

/// A model's hooks without its type.
#[doc(hidden)]
pub struct HookTable {
    run: Run,
}

/// The hooks of `M`, for `#[model(hooks)]`.
#[doc(hidden)]
pub fn hook_table<M: Hooks>() -> &'static (dyn Any + Send + Sync) {
    // One per model, made when its description is.
    Box::leak(Box::new(HookTable { run: run::<M> }))
}

fn run<'a, M: Hooks>(
    record: &'a mut dyn Record,
    db: &'a Db,
    moment: Moment,
) -> BoxFuture<'a, Result<()>> {
    let Some(row) = record.as_any_mut().downcast_mut::<M>() else {
        return Box::pin(async {
            Err(Error::new(
                ErrorKind::Hook,
                "a hook got another model's row",
            ))
        });
    };
    match moment {
        Moment::BeforeSave => Box::pin(row.before_save(db)),
        Moment::AfterSave => Box::pin(row.after_save(db)),
        Moment::BeforeCreate => Box::pin(row.before_create(db)),
        Moment::AfterCreate => Box::pin(row.after_create(db)),
        Moment::BeforeUpdate => Box::pin(row.before_update(db)),
        Moment::AfterUpdate => Box::pin(row.after_update(db)),
        Moment::BeforeDelete => Box::pin(row.before_delete(db)),
        Moment::AfterDelete => Box::pin(row.after_delete(db)),
        Moment::AfterFind => Box::pin(row.after_find(db)),
    }
}

/// The hooks of a model, unless it has none or the handle skips them.
pub(crate) fn of(meta: &ModelMeta, db: &Db) -> Option<&'static HookTable> {
    if db.settings.skip_hooks {
        return None;
    }
    meta.hooks
        .and_then(|hooks| hooks.downcast_ref::<HookTable>())
}

impl HookTable {
    /// Runs one hook on one row.
    pub(crate) fn call<'a>(
        &self,
        record: &'a mut dyn Record,
        db: &'a Db,
        moment: Moment,
    ) -> BoxFuture<'a, Result<()>> {
        (self.run)(record, db, moment)
    }
}
