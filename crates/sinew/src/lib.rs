//! Sinew is an object-relational mapper whose heart is associations, checked by the compiler.
//!
//! Models are plain structs; what belongs to what is said by the type of a field. One call creates a
//! whole tree of rows, one call loads it back with one query per association however many rows there
//! are, and a handle on a single association appends, replaces and clears it, writing only the
//! difference. What a program will send can be printed before it is sent.
//!
//! ```
//! use sinew::prelude::*;
//!
//! #[derive(Model, Clone, Debug, Default)]
//! pub struct Author {
//!     pub id: i64,
//!     pub created_at: Timestamp,                 // filled in when the row is created
//!     #[model(size = 80, unique)]
//!     pub name: String,
//!     pub articles: HasMany<Article>,            // finds articles.author_id
//! }
//!
//! #[derive(Model, Clone, Debug, Default)]
//! pub struct Article {
//!     pub id: i64,
//!     pub title: String,
//!     pub author_id: i64,
//!     pub author: BelongsTo<Author>,
//!     #[model(join_table = "article_topics")]
//!     pub topics: ManyToMany<Topic>,
//! }
//!
//! #[derive(Model, Clone, Debug, Default)]
//! pub struct Topic {
//!     pub id: i64,
//!     #[model(unique)]
//!     pub name: String,
//! }
//!
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> sinew::Result<()> {
//!     let db = Db::connect("sqlite::memory:").await?;
//!     db.auto_migrate(models![Author, Article, Topic]).await?;
//!
//!     // Everything is inserted and linked, and every key filled in, in one transaction.
//!     let mut grace = Author {
//!         name: "Grace".into(),
//!         articles: [Article {
//!             title: "Compilers".into(),
//!             topics: [Topic { name: "languages".into(), ..Default::default() }].into(),
//!             ..Default::default()
//!         }].into(),
//!         ..Default::default()
//!     };
//!     db.create(&mut grace).await?;
//!
//!     // Three statements, however many authors there are.
//!     let mut authors = db.find::<Author>()
//!         .filter(Author::name.like("G%"))
//!         .preload(Author::articles.order_by(Article::title.asc()).preload(Article::topics))
//!         .await?;
//!     let article = &mut authors[0].articles.loaded_mut()?[0];
//!     assert_eq!(article.topics.loaded()?[0].name, "languages");
//!
//!     // One association at a time; the field in memory follows.
//!     let history = Topic { name: "history".into(), ..Default::default() };
//!     let diff = db.association(article, Article::topics).replace([history]).await?;
//!     assert_eq!((diff.added, diff.kept, diff.removed), (1, 0, 1));
//!     assert_eq!(article.topics.loaded()?[0].name, "history");
//!     Ok(())
//! }
//! ```
//!
//! # The guide
//!
//! | page | about | begins at |
//! | --- | --- | --- |
//! | [Declaring models](guide::models) | columns, keys, the five associations, attributes | [`Model`](macro@Model) |
//! | [Opening and migrating](guide::opening) | connections, tables made from models | [`Db::connect`], [`Db::auto_migrate`] |
//! | [Finding](guide::finding) | conditions, orders, one row, values, pages, streams, SQL | [`Db::find`], [`Db::get`] |
//! | [Preloading](guide::preloading) | associations with their rows | [`Find::preload`](query::Find::preload) |
//! | [Joining](guide::joining) | one statement, existence, counts over associations | [`Find::join`](query::Find::join), [`Relation::any`] |
//! | [Writing](guide::writing) | create, save, update, delete, upsert, restore | [`Db::create`], [`Db::save`] |
//! | [Association mode](guide::associations) | append, replace, delete, clear, count | [`Db::association`] |
//! | [Transactions, sessions, hooks](guide::transactions) | what belongs together, settings, code of yours | [`Db::transaction`], [`Hooks`] |
//! | [Errors](guide::errors) | one error with a kind and a place | [`Error`], [`ErrorKind`] |
//! | [Seeing](guide::seeing) | plans, counts, events | [`Find::explain`](query::Find::explain), [`Db::counting`] |
//! | [Ecosystem](guide::ecosystem) | serde, programs without async, tasks | [`blocking`] |
//!
//! # Features
//!
//! | feature | what it adds |
//! | --- | --- |
//! | `sqlite` (default) | the embedded database |
//! | `migrate` (default) | [`Db::auto_migrate`] |
//! | `serde` | models with associations can be serialised |
//! | `json` | [`Json`] columns |
//! | `chrono`, `time`, `uuid`, `rust_decimal`, `bytes` | their types as columns |

pub mod association;
pub mod blocking;
pub mod column;
pub mod db;
#[doc(hidden)]
pub mod generated;
pub mod guide;
pub mod hook;
#[cfg(feature = "migrate")]
pub mod migrate;
mod preload;
#[doc(hidden)]
pub mod private;
pub mod query;
pub mod relation;
pub mod write;

pub use association::{Association, Difference};
pub use column::{Column, Condition, Fragment, sql};
pub use db::Db;
pub use hook::Hooks;
pub use preload::Plan;
pub use relation::{
    AnyRelation, BelongsTo, BelongsToAny, HasMany, HasOne, ManyToMany, PolymorphicOwner, Relation,
};
pub use sinew_core::record::Model;
pub use sinew_core::value::{ColumnType, DeletedAt, Element, Json, Timestamp, Value};
pub use sinew_core::{Error, ErrorKind, Result};
#[doc(inline)]
pub use sinew_macros::*;

/// What most files of an application need.
///
/// # Examples
/// ```
/// use sinew::prelude::*;
///
/// #[derive(Model, Clone, Debug, Default)]
/// struct User { id: i64, name: String }
/// assert_eq!(User::name.name(), "name");
/// ```
pub mod prelude {
    pub use crate::blocking::Run as _;
    pub use crate::{
        BelongsTo, BelongsToAny, Db, DeletedAt, Error, ErrorKind, HasMany, HasOne, Hooks, Json,
        ManyToMany, Timestamp, models, sql,
    };
    #[doc(inline)]
    pub use sinew_macros::*;
}

/// The descriptions of several models, for [`Db::auto_migrate`].
///
/// ```
/// # use sinew::prelude::*;
/// # #[derive(Model, Clone, Debug, Default)]
/// # struct User { id: i64 }
/// let all = models![User];
/// assert_eq!(all.len(), 1);
/// ```
#[macro_export]
macro_rules! models {
    ($($model:ty),* $(,)?) => {
        [$(<$model as $crate::private::Model>::schema()),*]
    };
}

/// The examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
mod readme {}
