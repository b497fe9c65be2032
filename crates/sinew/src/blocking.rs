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
///
/// # Examples
/// ```
/// use sinew::{blocking::Db, prelude::*};
/// # use sinew_suite::docs::User;
/// # fn main() -> sinew::Result<()> {
/// let db = Db::connect("sqlite::memory:")?;
/// db.auto_migrate(models![User]).run()?;
/// assert_eq!(db.find::<User>().count().run()?, 0);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Db(crate::Db);

/// Runs an operation to its end, for synchronous code. In the prelude, so that it need not be
/// named.
///
/// # Examples
/// ```
/// # use sinew_suite::docs::*;
/// # fn main() -> sinew::Result<()> {
/// # let db = blocking()?;
/// let names = db.find::<User>().order_by(User::name.asc()).pluck(User::name).run()?;
/// assert_eq!(names, ["Ada", "Alan", "Grace"]);
/// # Ok(()) }
/// ```
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
    if Handle::try_current().is_ok() {
        // Nothing can wait here, and an embedded database need not.
        let mut context = Context::from_waker(Waker::noop());
        return match future.as_mut().poll(&mut context) {
            Poll::Ready(result) => result,
            Poll::Pending => Err(would_wait()),
        };
    }
    let runtime = runtime()?;
    // What is ready at once does not take the runtime from the thread that waits on it.
    let ready = {
        let _context = runtime.enter();
        let mut context = Context::from_waker(Waker::noop());
        future.as_mut().poll(&mut context)
    };
    match ready {
        Poll::Ready(result) => result,
        Poll::Pending => runtime.block_on(future),
    }
}

fn would_wait() -> Error {
    let message = "a blocking operation would have to wait inside an async runtime";
    Error::new(ErrorKind::Unsupported, message)
        .with_hint("use `sinew::Db` and `.await` there, or `spawn_blocking`")
}

/// The runtime that waits, and that connections to a server live on.
fn runtime() -> Result<&'static Runtime> {
    static RUNTIME: OnceLock<std::io::Result<Runtime>> = OnceLock::new();
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
    ///
    /// # Examples
    /// ```
    /// use sinew::{blocking::Db, prelude::*};
    /// # fn main() -> sinew::Result<()> {
    /// let db = Db::connect("sqlite::memory:")?;
    /// assert_eq!(db.query::<(i64,)>("SELECT 1", ()).run()?, [(1,)]);
    /// # Ok(()) }
    /// ```
    pub fn connect(url: &str) -> Result<Self> {
        finish(crate::Db::connect(url)).map(Self)
    }

    /// As [`crate::Db::transaction`]: committed when `work` returns `Ok`, rolled back when it
    /// returns `Err` or panics. Inside another transaction it is a savepoint.
    ///
    /// # Errors
    /// As there.
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # fn main() -> sinew::Result<()> {
    /// # let db = blocking()?;
    /// let undone = db.transaction(|tx| {
    ///     tx.create(&mut user("Edsger", 30)).run()?;
    ///     tx.get::<User>(1_000).run()
    /// });
    /// assert!(undone.unwrap_err().is_not_found());
    /// assert_eq!(db.find::<User>().count().run()?, 3);
    /// # Ok(()) }
    /// ```
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
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # fn main() -> sinew::Result<()> {
    /// # let db = blocking()?;
    /// db.close();
    /// assert_eq!(db.find::<User>().run().unwrap_err().kind(), ErrorKind::Closed);
    /// # Ok(()) }
    /// ```
    pub fn close(&self) {
        // Closing has nothing to report.
        let _ = finish(async {
            self.0.close().await;
            Ok::<(), Error>(())
        });
    }

    /// As [`crate::Db::session`].
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # fn main() -> sinew::Result<()> {
    /// # let db = blocking()?;
    /// assert_eq!(db.session().unscoped().find::<User>().count().run()?, 3);
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn session(&self) -> Self {
        Self(self.0.session())
    }

    /// As [`crate::Db::unscoped`].
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # fn main() -> sinew::Result<()> {
    /// # let db = blocking()?;
    /// db.delete(&mut db.get::<User>(3).run()?).run()?;
    /// assert_eq!(db.unscoped().find::<User>().count().run()?, 3);
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn unscoped(&self) -> Self {
        Self(self.0.unscoped())
    }

    /// As [`crate::Db::skip_hooks`].
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # fn main() -> sinew::Result<()> {
    /// # let db = blocking()?;
    /// db.skip_hooks().create(&mut user("Edsger", 30)).run()?;
    /// assert_eq!(db.find::<User>().count().run()?, 4);
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn skip_hooks(&self) -> Self {
        Self(self.0.skip_hooks())
    }

    /// As [`crate::Db::full_save_associations`].
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # fn main() -> sinew::Result<()> {
    /// # let db = blocking()?;
    /// let mut ada = db.get::<User>(1).preload(User::profile).run()?;
    /// ada.profile.loaded_mut()?.unwrap().bio = "Notes".into();
    /// db.full_save_associations().save(&mut ada).run()?;
    /// assert_eq!(db.get::<Profile>(1).run()?.bio, "Notes");
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn full_save_associations(&self) -> Self {
        Self(self.0.full_save_associations())
    }

    /// As [`crate::Db::counting`].
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # fn main() -> sinew::Result<()> {
    /// # let db = blocking()?;
    /// let counted = db.counting();
    /// counted.find::<User>().preload(User::orders).run()?;
    /// assert_eq!(counted.statements(), 2);
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn counting(&self) -> Self {
        Self(self.0.counting())
    }

    /// As [`crate::Db::slow_threshold`].
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # fn main() -> sinew::Result<()> {
    /// # let db = blocking()?;
    /// let watched = db.slow_threshold(std::time::Duration::from_millis(20));
    /// assert_eq!(watched.find::<User>().count().run()?, 3);
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn slow_threshold(&self, threshold: Duration) -> Self {
        Self(self.0.slow_threshold(threshold))
    }

    /// As [`crate::Db::with_value`].
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # fn main() -> sinew::Result<()> {
    /// # let db = blocking()?;
    /// struct Tenant(i64);
    /// assert_eq!(db.with_value(Tenant(7)).value::<Tenant>().map(|tenant| tenant.0), Some(7));
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn with_value<T: Send + Sync + 'static>(&self, value: T) -> Self {
        Self(self.0.with_value(value))
    }
}
