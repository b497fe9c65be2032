//! The connections of one database and who waits for them.

use std::future::Future as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use deadpool::managed::{
    self, Manager as _, Metrics, Object, PoolError, RecycleError, RecycleResult, TimeoutType,
    Timeouts,
};
use mysql_async::Opts;
use sinew_core::driver::Connection;
use sinew_core::{Error, ErrorKind, Result};

use crate::config::Config;
use crate::connection::MySqlConnection;
use crate::error::Fault;
use crate::session::{self, Session};

#[derive(Clone)]
pub(crate) struct Pool {
    inner: managed::Pool<Manager>,
    sweeper: Arc<Sweeper>,
}

/// Closes connections that nobody uses, when another one comes back.
struct Sweeper {
    start: Instant,
    /// Milliseconds from `start` to the next time.
    next: AtomicU64,
}

pub(crate) struct Manager {
    config: Config,
    opts: Opts,
}

impl std::fmt::Debug for Manager {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.config.fmt(f)
    }
}

impl managed::Manager for Manager {
    // Boxed, as the pool moves it about.
    type Type = Box<Session>;
    type Error = Error;

    async fn create(&self) -> Result<Box<Session>> {
        let opened = Session::open(&self.config, &self.opts);
        match tokio::time::timeout(self.config.connect_timeout, opened).await {
            Ok(opened) => opened
                .map(Box::new)
                .map_err(|fault| self.cannot_connect(fault)),
            Err(_) => Err(Error::new(
                ErrorKind::Connection,
                format!("{} did not answer in time", self.address()),
            )
            .with_hint("raise `connect_timeout`, or check host, port and firewalls")),
        }
    }

    async fn recycle(&self, session: &mut Box<Session>, metrics: &Metrics) -> RecycleResult<Error> {
        let idle = metrics.last_used();
        if !session.is_clean()
            || metrics.age() > self.config.max_lifetime
            || idle > self.config.idle_timeout
        {
            return Err(RecycleError::message("too old or not clean"));
        }
        // Looked after by whoever is going to wait for it anyway.
        session.unsure = idle > self.config.health_check;
        Ok(())
    }
}

impl Manager {
    fn address(&self) -> String {
        match &self.config.socket {
            Some(path) => path.clone(),
            None => format!("{}:{}", self.config.host, self.config.port),
        }
    }

    fn cannot_connect(&self, fault: Fault) -> Error {
        if fault.code != 0 {
            return fault.error;
        }
        let message = format!(
            "cannot connect to {}: {}",
            self.address(),
            fault.error.message()
        );
        let error = Error::new(ErrorKind::Connection, message);
        match fault.error.hint() {
            Some(hint) => error.with_hint(hint),
            None => error.with_hint("is the server running, and the URL right?"),
        }
    }
}

impl Pool {
    pub(crate) fn new(config: Config) -> Result<Self> {
        let opts = session::opts(&config)?;
        let (size, wait) = (config.pool_size, config.acquire_timeout);
        let inner = managed::Pool::builder(Manager { config, opts })
            .max_size(size)
            .wait_timeout(Some(wait))
            .runtime(deadpool::Runtime::Tokio1)
            .build()
            .map_err(|cause| Error::new(ErrorKind::InvalidInput, cause.to_string()))?;
        let sweeper = Sweeper {
            start: Instant::now(),
            next: AtomicU64::new(0),
        };
        Ok(Self {
            inner,
            sweeper: Arc::new(sweeper),
        })
    }

    pub(crate) fn config(&self) -> &Config {
        &self.inner.manager().config
    }

    pub(crate) fn close(&self) {
        self.inner.close();
    }

    pub(crate) async fn acquire(&self) -> Result<Box<dyn Connection>> {
        let object = self.inner.get().await;
        self.lease(object.map_err(|cause| self.refused(cause))?)
    }

    /// A connection that lies ready.
    pub(crate) fn try_acquire(&self) -> Option<Result<Box<dyn Connection>>> {
        if self.inner.status().available == 0 {
            return None;
        }
        let limits = Timeouts {
            wait: Some(Duration::ZERO),
            create: None,
            recycle: None,
        };
        let waiting = std::pin::pin!(self.inner.timeout_get(&limits));
        let mut context = Context::from_waker(Waker::noop());
        match waiting.poll(&mut context) {
            Poll::Ready(taken) => taken.ok().map(|object| self.lease(object)),
            Poll::Pending => None,
        }
    }

    fn lease(&self, object: Object<Manager>) -> Result<Box<dyn Connection>> {
        let mut lease = Lease {
            object: Some(object),
            pool: self.clone(),
        };
        lease.session()?.wire.begin();
        Ok(Box::new(MySqlConnection::new(lease)))
    }

    fn refused(&self, cause: PoolError<Error>) -> Error {
        match cause {
            PoolError::Backend(error) => error,
            PoolError::Closed => Error::new(ErrorKind::Closed, "the pool is closed"),
            PoolError::Timeout(TimeoutType::Wait) => Error::new(
                ErrorKind::Timeout,
                format!(
                    "all {} connections were in use for {:?}",
                    self.config().pool_size,
                    self.config().acquire_timeout
                ),
            )
            .with_hint("raise `pool_size` or `acquire_timeout`, or hold transactions shorter"),
            other => Error::new(ErrorKind::Connection, other.to_string()),
        }
    }

    fn sweep(&self) {
        let idle = self.config().idle_timeout;
        let now = u64::try_from(self.sweeper.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        if now < self.sweeper.next.load(Ordering::Relaxed) {
            return;
        }
        let pause = u64::try_from((idle / 4).as_millis())
            .unwrap_or(u64::MAX)
            .max(1000);
        self.sweeper
            .next
            .store(now.saturating_add(pause), Ordering::Relaxed);
        for session in self
            .inner
            .retain(|_, metrics| metrics.last_used() <= idle)
            .removed
        {
            hang_up(*session);
        }
    }
}

/// A connection on loan. Dropped, it goes back to its pool, or is closed if it is not clean.
pub(crate) struct Lease {
    object: Option<Object<Manager>>,
    pool: Pool,
}

impl Lease {
    pub(crate) fn session(&mut self) -> Result<&mut Session> {
        match &mut self.object {
            Some(object) => Ok(&mut **object),
            None => Err(Error::new(
                ErrorKind::Closed,
                "the connection was given back",
            )),
        }
    }

    /// Sees to it that the server still is there.
    pub(crate) async fn assure(&mut self) -> Result<()> {
        let session = self.session()?;
        session.unsure = false;
        let ping = tokio::time::timeout(Duration::from_secs(2), session.ping()).await;
        match ping {
            Ok(Ok(())) => Ok(()),
            _ => self.reopen().await,
        }
    }

    /// Opens another connection in the place of one that turned out to be closed.
    pub(crate) async fn reopen(&mut self) -> Result<()> {
        let opened = self.pool.inner.manager().create().await?;
        let session = self.session()?;
        let trips = session.round_trips;
        *session = *opened;
        session.round_trips += trips;
        session.wire.begin();
        Ok(())
    }

    pub(crate) fn round_trips(&self) -> u64 {
        self.object.as_ref().map_or(0, |object| object.round_trips)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(object) = self.object.take() else {
            return;
        };
        if object.is_clean() {
            drop(object);
            self.pool.sweep();
        } else {
            hang_up(*Object::take(object));
        }
    }
}

/// Closes a connection without waiting for what the server still sends.
fn hang_up(session: Session) {
    // With a command under way, its end is not waited for: the socket is closed.
    if let (Ok(runtime), Some(conn)) = (
        tokio::runtime::Handle::try_current(),
        session.wire.into_conn(),
    ) {
        runtime.spawn(conn.disconnect());
    }
}
