//! The same database for programs without an async runtime.
//!
//! [`Db`] has the methods of [`crate::Db`]; what those return ends in [`run`](Run::run) instead
//! of `.await`.
//!
//! # Examples
//! ```
//! use sinew::prelude::*;
//! use sinew::blocking::Db;
//!
//! #[derive(Model, Clone, Debug, Default)]
//! struct User { id: i64, name: String }
//!
//! fn main() -> sinew::Result<()> {
//!     let db = Db::connect("sqlite::memory:")?;
//!     db.execute("CREATE TABLE users (id integer primary key, name text not null)", ()).run()?;
//!     db.transaction(|tx| {
//!         let mut ada = User { name: "Ada".into(), ..User::default() };
//!         tx.create(&mut ada).run()?;
//!         Ok(())
//!     })?;
//!     let users = db.find::<User>().filter(User::name.like("A%")).run()?;
//!     assert_eq!(users.len(), 1);
//!     Ok(())
//! }
//! ```

use std::future::{Future, IntoFuture};
use std::ops::Deref;
use std::pin::pin;
use std::sync::OnceLock;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use futures_core::Stream;
use sinew_core::{Error, ErrorKind, Result};
use tokio::runtime::{Builder, Handle, Runtime};

/// A database for synchronous code. Cloning it is cheap and shares the pool.
///
/// It gives every method of [`crate::Db`]; the operations that they return are run by
/// [`Run::run`].
#[derive(Clone, Debug)]
pub struct Db(crate::Db);

/// Runs an operation to its end, for synchronous code. In the prelude, so that it need not be
/// named.
pub trait Run {
    /// What the operation gives.
    type Output;

    /// Runs it to its end on this thread.
    ///
    /// # Errors
    /// What the operation returns; `Unsupported` when it would have to wait inside an async
    /// runtime, where `.await` is the word.
    fn run(self) -> Result<Self::Output>;
}

impl<F, T> Run for F
where
    F: IntoFuture<Output = Result<T>>,
{
    type Output = T;

    fn run(self) -> Result<T> {
        finish(self.into_future())
    }
}

fn finish<T>(future: impl Future<Output = Result<T>>) -> Result<T> {
    let mut future = pin!(future);
    // An embedded database is ready at once, and then no runtime is needed.
    if let Poll::Ready(result) = future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
    {
        return result;
    }
    runtime()?.block_on(future)
}

/// The runtime that waits; made when something has to wait for the first time.
fn runtime() -> Result<&'static Runtime> {
    static RUNTIME: OnceLock<std::io::Result<Runtime>> = OnceLock::new();
    if Handle::try_current().is_ok() {
        let message = "a blocking operation would have to wait inside an async runtime";
        return Err(Error::new(ErrorKind::Unsupported, message)
            .with_hint("use `sinew::Db` and `.await` there, or `spawn_blocking`"));
    }
    let made = RUNTIME.get_or_init(|| Builder::new_current_thread().enable_all().build());
    made.as_ref().map_err(|error| {
        Error::new(
            ErrorKind::Connection,
            format!("no runtime can be made to wait with: {error}"),
        )
    })
}

impl From<crate::Db> for Db {
    fn from(db: crate::Db) -> Self {
        Self(db)
    }
}

impl Deref for Db {
    type Target = crate::Db;

    fn deref(&self) -> &crate::Db {
        &self.0
    }
}

impl Db {
    /// As [`crate::Db::connect`].
    ///
    /// # Errors
    /// As there.
    pub fn connect(url: &str) -> Result<Self> {
        finish(crate::Db::connect(url)).map(Self)
    }

    /// As [`crate::Db::transaction`]: committed when `work` returns `Ok`, rolled back when it
    /// returns `Err` or panics. Inside another transaction it is a savepoint.
    ///
    /// # Errors
    /// As there.
    pub fn transaction<T>(&self, work: impl FnOnce(&Self) -> Result<T>) -> Result<T> {
        let open = finish(self.0.begin())?;
        let result = work(&Self(open.db.clone()));
        finish(open.end(result))
    }

    /// The rows of a stream one after another, in constant memory:
    /// `db.rows(db.find::<User>().stream())`.
    ///
    /// # Examples
    /// ```
    /// # use sinew::prelude::*;
    /// # use sinew::blocking::Db;
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # struct User { id: i64 }
    /// # fn main() -> sinew::Result<()> {
    /// # let db = Db::connect("sqlite::memory:")?;
    /// # db.execute("CREATE TABLE users (id integer primary key)", ()).run()?;
    /// for user in db.rows(db.find::<User>().stream()) {
    ///     println!("{}", user?.id);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn rows<T, S>(&self, stream: S) -> impl Iterator<Item = Result<T>>
    where
        S: Stream<Item = Result<T>> + Unpin,
    {
        let mut stream = Some(stream);
        std::iter::from_fn(move || {
            let from = stream.as_mut()?;
            let next = std::future::poll_fn(|cx| std::pin::Pin::new(&mut *from).poll_next(cx));
            let item = finish(async { next.await.transpose() }).transpose();
            if !matches!(item, Some(Ok(_))) {
                stream = None;
            }
            item
        })
    }

    /// As [`crate::Db::close`].
    pub fn close(&self) {
        // Closing has nothing to report.
        let _ = finish(async {
            self.0.close().await;
            Ok::<(), Error>(())
        });
    }

    /// As [`crate::Db::session`].
    #[must_use]
    pub fn session(&self) -> Self {
        Self(self.0.session())
    }

    /// As [`crate::Db::unscoped`].
    #[must_use]
    pub fn unscoped(&self) -> Self {
        Self(self.0.unscoped())
    }

    /// As [`crate::Db::skip_hooks`].
    #[must_use]
    pub fn skip_hooks(&self) -> Self {
        Self(self.0.skip_hooks())
    }

    /// As [`crate::Db::full_save_associations`].
    #[must_use]
    pub fn full_save_associations(&self) -> Self {
        Self(self.0.full_save_associations())
    }

    /// As [`crate::Db::counting`].
    #[must_use]
    pub fn counting(&self) -> Self {
        Self(self.0.counting())
    }

    /// As [`crate::Db::slow_threshold`].
    #[must_use]
    pub fn slow_threshold(&self, threshold: Duration) -> Self {
        Self(self.0.slow_threshold(threshold))
    }

    /// As [`crate::Db::with_value`].
    #[must_use]
    pub fn with_value<T: Send + Sync + 'static>(&self, value: T) -> Self {
        Self(self.0.with_value(value))
    }
}
