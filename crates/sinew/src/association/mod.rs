//! Association mode: what an owner is linked to, read and changed without saving the owner.
//!
//! [`Db::association`] gives a handle on one association of one or several rows. Its verbs write
//! links, and targets that are new; nothing else. Each is one transaction in as few statements as
//! possible, also for thousands of owners. The in-memory field follows where it is loaded.
//!
//! # Examples
//! ```
//! # use sinew::prelude::*;
//! # #[derive(Model, Clone, Debug, Default)]
//! # struct User { id: i64, name: String, #[model(join_table = "user_languages")] languages: ManyToMany<Language> }
//! # #[derive(Model, Clone, Debug, Default)]
//! # struct Language { id: i64, #[model(unique)] name: String }
//! # async fn run() -> sinew::Result<()> {
//! # let db = Db::connect("sqlite::memory:").await?;
//! # db.execute("CREATE TABLE users (id integer PRIMARY KEY, name text NOT NULL)", ()).await?;
//! # db.execute("CREATE TABLE languages (id integer PRIMARY KEY, name text NOT NULL UNIQUE)", ()).await?;
//! # db.execute("CREATE TABLE user_languages (user_id integer, language_id integer, PRIMARY KEY (user_id, language_id))", ()).await?;
//! # let mut user = User { name: "Ada".into(), ..Default::default() };
//! # db.create(&mut user).await?;
//! let mut go = Language { name: "Go".into(), ..Default::default() };
//! db.association(&mut user, User::languages).append(&mut go).await?;
//! assert_eq!(go.id, 1);
//!
//! let rust = Language { name: "Rust".into(), ..Default::default() };
//! let diff = db.association(&mut user, User::languages).replace([go.clone(), rust]).await?;
//! assert_eq!((diff.added, diff.kept, diff.removed), (1, 1, 0));
//!
//! db.association(&mut user, User::languages).delete(&go).await?;
//! assert_eq!(db.association(&mut user, User::languages).count().await?, 1);
//!
//! db.association(&mut user, User::languages).clear().await?;
//! assert_eq!(db.find::<Language>().count().await?, 2);
//! # Ok(())
//! # }
//! # tokio::runtime::Runtime::new().unwrap().block_on(run()).unwrap();
//! ```
//!
//! What would set a NOT NULL key to NULL does not compile; `.unscoped()` deletes instead:
//!
//! ```compile_fail
//! # use sinew::prelude::*;
//! # #[derive(Model, Clone, Debug, Default)]
//! # struct User { id: i64, orders: HasMany<Order> }
//! # #[derive(Model, Clone, Debug, Default)]
//! # struct Order { id: i64, user_id: i64 }
//! # async fn run(db: Db, mut user: User) -> sinew::Result<()> {
//! db.association(&mut user, User::orders).clear().await // `user_id` is not an `Option`
//! # }
//! ```
//!
//! Associations through others can be read, not written:
//!
//! ```compile_fail
//! # use sinew::prelude::*;
//! # #[derive(Model, Clone, Debug, Default)]
//! # struct User { id: i64, orders: HasMany<Order>, #[model(through = (orders, items))] items: HasMany<Item> }
//! # #[derive(Model, Clone, Debug, Default)]
//! # struct Order { id: i64, user_id: i64, items: HasMany<Item> }
//! # #[derive(Model, Clone, Debug, Default)]
//! # struct Item { id: i64, order_id: i64 }
//! # async fn run(db: Db, mut user: User) -> sinew::Result<()> {
//! db.association(&mut user, User::items).append(Item::default()).await
//! # }
//! ```

mod at_once;
mod engine;
mod find;
mod given;
mod linking;
mod memory;
mod undo;
mod verbs;

use std::marker::PhantomData;

use sinew_core::record::{Model, RowSet};

pub use given::{Given, Item, OneTarget, Targets};
pub use verbs::{Append, AppendWith, Clear, Delete, Replace, UpdateLink};

use crate::db::Db;
use crate::query::{Count, Find};
use crate::relation::{Relation, kind};

/// What becomes of targets that are displaced: their key is set to NULL, or their link removed.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let mut ada = db.get::<User>(1).await?;
/// db.association(&mut ada, User::orders).clear().await?;
/// assert_eq!(db.find::<Order>().filter(Order::user_id.is_null()).count().await?, 2);
/// # Ok(()) }
/// ```
pub struct Unlinks;

/// What becomes of targets that are displaced: they are deleted, as `db.delete` would.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// let mut ada = db.get::<User>(1).await?;
/// db.association(&mut ada, User::orders).unscoped().clear().await?;
/// assert_eq!(db.find::<Order>().count().await?, 1);
/// # Ok(()) }
/// ```
pub struct Deletes;

/// A handle that can displace targets of an association of kind `K`.
#[doc(hidden)]
pub trait Displaces<K> {
    #[doc(hidden)]
    const DELETES: bool;
}

impl<K: kind::Unlink> Displaces<K> for Unlinks {
    const DELETES: bool = false;
}

impl<K: kind::Writable> Displaces<K> for Deletes {
    const DELETES: bool = true;
}

/// A handle that can put other targets in place of those of an association of kind `K`.
#[doc(hidden)]
pub trait Exchanges<K> {
    #[doc(hidden)]
    const DELETES: bool;
}

impl<K: kind::Exchange> Exchanges<K> for Unlinks {
    const DELETES: bool = false;
}

impl<K: kind::Writable> Exchanges<K> for Deletes {
    const DELETES: bool = true;
}

/// A way of displacing targets.
#[doc(hidden)]
pub trait Displacing {
    #[doc(hidden)]
    const DELETES: bool;
}

impl Displacing for Unlinks {
    const DELETES: bool = false;
}

impl Displacing for Deletes {
    const DELETES: bool = true;
}

/// What a replace changed, in links over all owners.
/// # Examples
/// ```
/// # use sinew::prelude::*;
/// # #[derive(Model, Clone, Debug, Default)]
/// # struct User { id: i64, name: String, #[model(join_table = "user_languages")] languages: ManyToMany<Language> }
/// # #[derive(Model, Clone, Debug, Default)]
/// # struct Language { id: i64, #[model(unique)] name: String }
/// # async fn run() -> sinew::Result<()> {
/// # let db = Db::connect("sqlite::memory:").await?;
/// # db.execute("CREATE TABLE users (id integer PRIMARY KEY, name text NOT NULL)", ()).await?;
/// # db.execute("CREATE TABLE languages (id integer PRIMARY KEY, name text NOT NULL UNIQUE)", ()).await?;
/// # db.execute("CREATE TABLE user_languages (user_id integer, language_id integer, PRIMARY KEY (user_id, language_id))", ()).await?;
/// # let mut user = User { name: "Ada".into(), ..Default::default() };
/// # db.create(&mut user).await?;
/// let rust = Language { name: "Rust".into(), ..Default::default() };
/// let diff = db.association(&mut user, User::languages).replace(rust).await?;
/// assert_eq!(diff, sinew::Difference { added: 1, kept: 0, removed: 0 });
/// # Ok(())
/// # }
/// # tokio::runtime::Runtime::new().unwrap().block_on(run()).unwrap();
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Difference {
    /// Targets that were not linked before.
    pub added: u64,
    /// Targets that were linked already; nothing was written for them.
    pub kept: u64,
    /// Targets that are not linked any more.
    pub removed: u64,
}

/// What a handle is tied to.
type Of<T, K, S> = fn() -> (T, K, S);

/// One association of one or several owners. See [the module](self) for what can be done with it.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
/// # let db = db().await?;
/// use sinew::{Association, relation::kind};
///
/// async fn how_many<K>(languages: Association<'_, User, Language, K>) -> sinew::Result<u64> {
///     languages.count().await
/// }
/// let mut ada = db.get::<User>(1).await?;
/// assert_eq!(how_many(db.association(&mut ada, User::languages)).await?, 2);
/// # let _: Option<kind::Through> = None;
/// # Ok(()) }
/// ```
#[must_use = "say what to do with the association"]
pub struct Association<'a, M, T, K, S = Unlinks> {
    db: &'a Db,
    owners: &'a mut [M],
    /// Whether the owners came as a list, even one of one.
    list: bool,
    relation: usize,
    links_only: bool,
    of: PhantomData<Of<T, K, S>>,
}

impl Db {
    /// A handle on one association of a row, or of the rows of a `Vec` or slice.
    ///
    /// # Examples
    /// ```
    /// # use sinew::prelude::*;
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # struct User { id: i64, name: String, #[model(join_table = "user_languages")] languages: ManyToMany<Language> }
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # struct Language { id: i64, #[model(unique)] name: String }
    /// # async fn run() -> sinew::Result<()> {
    /// # let db = Db::connect("sqlite::memory:").await?;
    /// # db.execute("CREATE TABLE users (id integer PRIMARY KEY, name text NOT NULL)", ()).await?;
    /// # db.execute("CREATE TABLE languages (id integer PRIMARY KEY, name text NOT NULL UNIQUE)", ()).await?;
    /// # db.execute("CREATE TABLE user_languages (user_id integer, language_id integer, PRIMARY KEY (user_id, language_id))", ()).await?;
    /// # let mut user = User { name: "Ada".into(), ..Default::default() };
    /// # db.create(&mut user).await?;
    /// let go = Language { name: "Go".into(), ..Default::default() };
    /// db.association(&mut user, User::languages).append(go).await?;
    /// # Ok(())
    /// # }
    /// # tokio::runtime::Runtime::new().unwrap().block_on(run()).unwrap();
    /// ```
    pub fn association<'a, R, T, K>(
        &'a self,
        owners: &'a mut R,
        relation: Relation<R::Model, T, K>,
    ) -> Association<'a, R::Model, T, K>
    where
        R: RowSet + ?Sized,
        T: Model,
    {
        Association {
            db: self,
            owners: owners.rows_mut(),
            list: R::LIST,
            relation: relation.index(),
            links_only: false,
            of: PhantomData,
        }
    }
}

impl<'a, M: Model, T: Model, K, S> Association<'a, M, T, K, S> {
    /// A handle for one more verb; this one can be used again afterwards.
    ///
    /// # Examples
    /// ```
    /// # use sinew::prelude::*;
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # struct User { id: i64, name: String, #[model(join_table = "user_languages")] languages: ManyToMany<Language> }
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # struct Language { id: i64, #[model(unique)] name: String }
    /// # async fn run() -> sinew::Result<()> {
    /// # let db = Db::connect("sqlite::memory:").await?;
    /// # db.execute("CREATE TABLE users (id integer PRIMARY KEY, name text NOT NULL)", ()).await?;
    /// # db.execute("CREATE TABLE languages (id integer PRIMARY KEY, name text NOT NULL UNIQUE)", ()).await?;
    /// # db.execute("CREATE TABLE user_languages (user_id integer, language_id integer, PRIMARY KEY (user_id, language_id))", ()).await?;
    /// # let mut user = User { name: "Ada".into(), ..Default::default() };
    /// # db.create(&mut user).await?;
    /// let mut languages = db.association(&mut user, User::languages);
    /// languages.reborrow().append(Language { name: "Go".into(), ..Default::default() }).await?;
    /// assert_eq!(languages.count().await?, 1);
    /// # Ok(())
    /// # }
    /// # tokio::runtime::Runtime::new().unwrap().block_on(run()).unwrap();
    /// ```
    pub fn reborrow(&mut self) -> Association<'_, M, T, K, S> {
        Association {
            db: self.db,
            owners: &mut *self.owners,
            list: self.list,
            relation: self.relation,
            links_only: self.links_only,
            of: PhantomData,
        }
    }

    /// The targets, as a query that can be narrowed further. For several owners each target comes
    /// once. An owner without a key has none.
    ///
    /// # Examples
    /// ```
    /// # use sinew::prelude::*;
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # struct User { id: i64, name: String, orders: HasMany<Order> }
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # struct Order { id: i64, user_id: i64, amount: f64 }
    /// # async fn run() -> sinew::Result<()> {
    /// # let db = Db::connect("sqlite::memory:").await?;
    /// # db.execute("CREATE TABLE users (id integer PRIMARY KEY, name text NOT NULL)", ()).await?;
    /// # db.execute("CREATE TABLE orders (id integer PRIMARY KEY, user_id integer NOT NULL, amount real NOT NULL)", ()).await?;
    /// # let mut user = User { name: "Ada".into(), orders: [Order { amount: 9.0, ..Default::default() }, Order { amount: 400.0, ..Default::default() }].into(), ..Default::default() };
    /// # db.create(&mut user).await?;
    /// let big = db.association(&mut user, User::orders).find().filter(Order::amount.gt(100.0)).await?;
    /// assert_eq!(big.len(), 1);
    /// # Ok(())
    /// # }
    /// # tokio::runtime::Runtime::new().unwrap().block_on(run()).unwrap();
    /// ```
    pub fn find(self) -> Find<'a, T> {
        let linked = find::linked_to(self.db, self.owners, self.relation);
        self.db.find::<T>().within(linked)
    }

    /// How many targets there are. An owner without a key has none.
    ///
    /// # Examples
    /// ```
    /// # use sinew::prelude::*;
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # struct User { id: i64, name: String, orders: HasMany<Order> }
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # struct Order { id: i64, user_id: i64, amount: f64 }
    /// # async fn run() -> sinew::Result<()> {
    /// # let db = Db::connect("sqlite::memory:").await?;
    /// # db.execute("CREATE TABLE users (id integer PRIMARY KEY, name text NOT NULL)", ()).await?;
    /// # db.execute("CREATE TABLE orders (id integer PRIMARY KEY, user_id integer NOT NULL, amount real NOT NULL)", ()).await?;
    /// # let mut user = User { name: "Ada".into(), orders: [Order { amount: 9.0, ..Default::default() }, Order { amount: 400.0, ..Default::default() }].into(), ..Default::default() };
    /// # db.create(&mut user).await?;
    /// assert_eq!(db.association(&mut user, User::orders).count().await?, 2);
    /// # Ok(())
    /// # }
    /// # tokio::runtime::Runtime::new().unwrap().block_on(run()).unwrap();
    /// ```
    pub fn count(self) -> Count<'a> {
        self.find().count()
    }
}

impl<'a, M: Model, T: Model, K: kind::Writable, S> Association<'a, M, T, K, S> {
    /// Displaced targets are deleted instead of unlinked: as `db.delete` would, softly where their
    /// model says so. It works with keys that are NOT NULL. Of a many-to-many only links go.
    ///
    /// # Examples
    /// ```
    /// # use sinew::prelude::*;
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # struct User { id: i64, name: String, orders: HasMany<Order> }
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # struct Order { id: i64, user_id: i64, amount: f64 }
    /// # async fn run() -> sinew::Result<()> {
    /// # let db = Db::connect("sqlite::memory:").await?;
    /// # db.execute("CREATE TABLE users (id integer PRIMARY KEY, name text NOT NULL)", ()).await?;
    /// # db.execute("CREATE TABLE orders (id integer PRIMARY KEY, user_id integer NOT NULL, amount real NOT NULL)", ()).await?;
    /// # let mut user = User { name: "Ada".into(), orders: [Order { amount: 9.0, ..Default::default() }, Order { amount: 400.0, ..Default::default() }].into(), ..Default::default() };
    /// # db.create(&mut user).await?;
    /// db.association(&mut user, User::orders).unscoped().clear().await?;
    /// assert_eq!(db.find::<Order>().count().await?, 0);
    /// # Ok(())
    /// # }
    /// # tokio::runtime::Runtime::new().unwrap().block_on(run()).unwrap();
    /// ```
    pub fn unscoped(self) -> Association<'a, M, T, K, Deletes> {
        Association {
            db: self.db,
            owners: self.owners,
            list: self.list,
            relation: self.relation,
            links_only: self.links_only,
            of: PhantomData,
        }
    }

    /// Writes links alone: no target is inserted or looked up. One that is not in the database is
    /// an error.
    ///
    /// # Examples
    /// ```
    /// # use sinew::prelude::*;
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # struct User { id: i64, name: String, #[model(join_table = "user_languages")] languages: ManyToMany<Language> }
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # struct Language { id: i64, #[model(unique)] name: String }
    /// # async fn run() -> sinew::Result<()> {
    /// # let db = Db::connect("sqlite::memory:").await?;
    /// # db.execute("CREATE TABLE users (id integer PRIMARY KEY, name text NOT NULL)", ()).await?;
    /// # db.execute("CREATE TABLE languages (id integer PRIMARY KEY, name text NOT NULL UNIQUE)", ()).await?;
    /// # db.execute("CREATE TABLE user_languages (user_id integer, language_id integer, PRIMARY KEY (user_id, language_id))", ()).await?;
    /// # let mut user = User { name: "Ada".into(), ..Default::default() };
    /// # db.create(&mut user).await?;
    /// let unknown = Language { id: 7, ..Default::default() };
    /// db.association(&mut user, User::languages).links_only().append(unknown).await?;
    /// assert_eq!(db.find::<Language>().count().await?, 0);
    /// # Ok(())
    /// # }
    /// # tokio::runtime::Runtime::new().unwrap().block_on(run()).unwrap();
    /// ```
    pub fn links_only(mut self) -> Self {
        self.links_only = true;
        self
    }

    /// Links these targets too; those that are new are inserted and their keys stamped. A to-one
    /// association is replaced. The owner's row is not touched (but for the key of a belongs-to).
    ///
    /// For several owners: one value for each, or one collection for each.
    ///
    /// # Errors
    /// `InvalidLength` when a batch has another number of values than owners; `MissingKey` when an
    /// owner is not in the database; `NotNullViolation` when the displaced target of a has-one
    /// cannot be unlinked.
    ///
    /// # Examples
    /// ```
    /// # use sinew::prelude::*;
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # struct User { id: i64, name: String, #[model(join_table = "user_languages")] languages: ManyToMany<Language> }
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # struct Language { id: i64, #[model(unique)] name: String }
    /// # async fn run() -> sinew::Result<()> {
    /// # let db = Db::connect("sqlite::memory:").await?;
    /// # db.execute("CREATE TABLE users (id integer PRIMARY KEY, name text NOT NULL)", ()).await?;
    /// # db.execute("CREATE TABLE languages (id integer PRIMARY KEY, name text NOT NULL UNIQUE)", ()).await?;
    /// # db.execute("CREATE TABLE user_languages (user_id integer, language_id integer, PRIMARY KEY (user_id, language_id))", ()).await?;
    /// # let mut user = User { name: "Ada".into(), ..Default::default() };
    /// # db.create(&mut user).await?;
    /// let (rust, zig) = ("Rust", "Zig");
    /// let [rust, zig] = [rust, zig].map(|name| Language { name: name.into(), ..Default::default() });
    /// db.association(&mut user, User::languages).append([rust, zig]).await?;
    /// assert_eq!(db.association(&mut user, User::languages).count().await?, 2);
    /// # Ok(())
    /// # }
    /// # tokio::runtime::Runtime::new().unwrap().block_on(run()).unwrap();
    /// ```
    pub fn append(self, targets: impl Targets<'a, T>) -> Append<'a, M, T, K, S>
    where
        S: Displacing,
    {
        Append {
            on: self,
            given: targets.into_given(),
        }
    }

    /// Links exactly these targets; only the difference to what is linked now is written, and
    /// returned. Nothing given means: unlink all.
    ///
    /// # Examples
    /// ```
    /// # use sinew::prelude::*;
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # struct User { id: i64, name: String, #[model(join_table = "user_languages")] languages: ManyToMany<Language> }
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # struct Language { id: i64, #[model(unique)] name: String }
    /// # async fn run() -> sinew::Result<()> {
    /// # let db = Db::connect("sqlite::memory:").await?;
    /// # db.execute("CREATE TABLE users (id integer PRIMARY KEY, name text NOT NULL)", ()).await?;
    /// # db.execute("CREATE TABLE languages (id integer PRIMARY KEY, name text NOT NULL UNIQUE)", ()).await?;
    /// # db.execute("CREATE TABLE user_languages (user_id integer, language_id integer, PRIMARY KEY (user_id, language_id))", ()).await?;
    /// # let mut user = User { name: "Ada".into(), ..Default::default() };
    /// # db.create(&mut user).await?;
    /// let go = Language { name: "Go".into(), ..Default::default() };
    /// let diff = db.association(&mut user, User::languages).replace([go]).await?;
    /// assert_eq!((diff.added, diff.kept, diff.removed), (1, 0, 0));
    /// # Ok(())
    /// # }
    /// # tokio::runtime::Runtime::new().unwrap().block_on(run()).unwrap();
    /// ```
    pub fn replace(self, targets: impl Targets<'a, T>) -> Replace<'a, M, T, K, S>
    where
        S: Exchanges<K>,
    {
        Replace {
            on: self,
            given: targets.into_given(),
        }
    }

    /// Unlinks these targets where they are linked. They survive.
    ///
    /// # Examples
    /// ```
    /// # use sinew::prelude::*;
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # struct User { id: i64, name: String, #[model(join_table = "user_languages")] languages: ManyToMany<Language> }
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # struct Language { id: i64, #[model(unique)] name: String }
    /// # async fn run() -> sinew::Result<()> {
    /// # let db = Db::connect("sqlite::memory:").await?;
    /// # db.execute("CREATE TABLE users (id integer PRIMARY KEY, name text NOT NULL)", ()).await?;
    /// # db.execute("CREATE TABLE languages (id integer PRIMARY KEY, name text NOT NULL UNIQUE)", ()).await?;
    /// # db.execute("CREATE TABLE user_languages (user_id integer, language_id integer, PRIMARY KEY (user_id, language_id))", ()).await?;
    /// # let mut user = User { name: "Ada".into(), ..Default::default() };
    /// # db.create(&mut user).await?;
    /// let mut go = Language { name: "Go".into(), ..Default::default() };
    /// db.association(&mut user, User::languages).append(&mut go).await?;
    /// db.association(&mut user, User::languages).delete(&go).await?;
    /// assert_eq!(db.association(&mut user, User::languages).count().await?, 0);
    /// assert_eq!(db.find::<Language>().count().await?, 1);
    /// # Ok(())
    /// # }
    /// # tokio::runtime::Runtime::new().unwrap().block_on(run()).unwrap();
    /// ```
    pub fn delete<R>(self, targets: &R) -> Delete<'a, M, T, K, S>
    where
        R: RowSet<Model = T> + ?Sized,
        S: Displaces<K>,
    {
        Delete::of(self, targets.rows())
    }

    /// Unlinks all targets. They survive.
    ///
    /// # Examples
    /// ```
    /// # use sinew::prelude::*;
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # struct User { id: i64, name: String, #[model(join_table = "user_languages")] languages: ManyToMany<Language> }
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # struct Language { id: i64, #[model(unique)] name: String }
    /// # async fn run() -> sinew::Result<()> {
    /// # let db = Db::connect("sqlite::memory:").await?;
    /// # db.execute("CREATE TABLE users (id integer PRIMARY KEY, name text NOT NULL)", ()).await?;
    /// # db.execute("CREATE TABLE languages (id integer PRIMARY KEY, name text NOT NULL UNIQUE)", ()).await?;
    /// # db.execute("CREATE TABLE user_languages (user_id integer, language_id integer, PRIMARY KEY (user_id, language_id))", ()).await?;
    /// # let mut user = User { name: "Ada".into(), ..Default::default() };
    /// # db.create(&mut user).await?;
    /// let go = Language { name: "Go".into(), ..Default::default() };
    /// db.association(&mut user, User::languages).append(go).await?;
    /// db.association(&mut user, User::languages).clear().await?;
    /// assert_eq!(db.association(&mut user, User::languages).count().await?, 0);
    /// # Ok(())
    /// # }
    /// # tokio::runtime::Runtime::new().unwrap().block_on(run()).unwrap();
    /// ```
    pub fn clear(self) -> Clear<'a, M, T, K, S>
    where
        S: Displaces<K>,
    {
        Clear { on: self }
    }
}

impl<'a, M, T, K, S> Association<'a, M, T, K, S>
where
    M: Model,
    T: Model,
    K: kind::Linked,
    K::Link: Model,
{
    /// Links a target, and fills the columns of the link. A link that is there already gets its
    /// columns changed.
    ///
    /// Where the primary key of the join model holds more columns than those of the pair, a pair
    /// can have several links. Tried on a blank row first, the change tells which of them is
    /// meant; a key that none of them has makes another link.
    ///
    /// # Examples
    /// ```
    /// # use sinew::prelude::*;
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # struct User { id: i64, name: String, languages: ManyToMany<Language, UserLanguage> }
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # struct Language { id: i64, #[model(unique)] name: String }
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # struct UserLanguage { #[model(primary_key)] user_id: i64, #[model(primary_key)] language_id: i64, proficiency: String }
    /// # async fn run() -> sinew::Result<()> {
    /// # let db = Db::connect("sqlite::memory:").await?;
    /// # db.execute("CREATE TABLE users (id integer PRIMARY KEY, name text NOT NULL)", ()).await?;
    /// # db.execute("CREATE TABLE languages (id integer PRIMARY KEY, name text NOT NULL UNIQUE)", ()).await?;
    /// # db.execute("CREATE TABLE user_languages (user_id integer, language_id integer, proficiency text NOT NULL, PRIMARY KEY (user_id, language_id))", ()).await?;
    /// # let mut user = User { name: "Ada".into(), ..Default::default() };
    /// # db.create(&mut user).await?;
    /// let en = Language { name: "English".into(), ..Default::default() };
    /// db.association(&mut user, User::languages)
    ///     .append_with(en, |link| link.proficiency = "native".into())
    ///     .await?;
    /// let links = db.find::<UserLanguage>().await?;
    /// assert_eq!(links[0].proficiency, "native");
    /// # Ok(())
    /// # }
    /// # tokio::runtime::Runtime::new().unwrap().block_on(run()).unwrap();
    /// ```
    pub fn append_with(
        self,
        target: impl OneTarget<'a, T>,
        change: impl FnOnce(&mut K::Link) + Clone + Send + 'a,
    ) -> AppendWith<'a, M, T, K, S> {
        AppendWith {
            on: self,
            given: target.into_given(),
            probe: Box::new(change.clone()),
            change: Box::new(change),
        }
    }

    /// Changes the columns of the link to a target. `Err(NotFound)` where there is no link.
    ///
    /// # Examples
    /// ```
    /// # use sinew::prelude::*;
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # struct User { id: i64, name: String, languages: ManyToMany<Language, UserLanguage> }
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # struct Language { id: i64, #[model(unique)] name: String }
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # struct UserLanguage { #[model(primary_key)] user_id: i64, #[model(primary_key)] language_id: i64, proficiency: String }
    /// # async fn run() -> sinew::Result<()> {
    /// # let db = Db::connect("sqlite::memory:").await?;
    /// # db.execute("CREATE TABLE users (id integer PRIMARY KEY, name text NOT NULL)", ()).await?;
    /// # db.execute("CREATE TABLE languages (id integer PRIMARY KEY, name text NOT NULL UNIQUE)", ()).await?;
    /// # db.execute("CREATE TABLE user_languages (user_id integer, language_id integer, proficiency text NOT NULL, PRIMARY KEY (user_id, language_id))", ()).await?;
    /// # let mut user = User { name: "Ada".into(), ..Default::default() };
    /// # db.create(&mut user).await?;
    /// let mut en = Language { name: "English".into(), ..Default::default() };
    /// db.association(&mut user, User::languages).append(&mut en).await?;
    /// db.association(&mut user, User::languages)
    ///     .update_link(&en, |link| link.proficiency = "fluent".into())
    ///     .await?;
    /// assert_eq!(db.find::<UserLanguage>().await?[0].proficiency, "fluent");
    /// # Ok(())
    /// # }
    /// # tokio::runtime::Runtime::new().unwrap().block_on(run()).unwrap();
    /// ```
    pub fn update_link(
        self,
        target: &T,
        change: impl FnOnce(&mut K::Link) + Send + 'a,
    ) -> UpdateLink<'a, M, T, K, S> {
        UpdateLink::of(self, target, Box::new(change))
    }
}
