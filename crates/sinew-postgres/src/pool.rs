//! The pool of connections.

use std::time::{Duration, Instant};

use deadpool::managed::{self, Metrics, PoolError, QueueMode, RecycleError, TimeoutType, Timeouts};
use sinew_core::{Error, ErrorKind, Result};
use tokio_postgres::config::SslMode as Wire;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::cancel::Address;
use crate::config::{Config, SslMode};
use crate::error::from_postgres;
use crate::latency::Latency;
use crate::raw::Raw;

pub(crate) type Pool = managed::Pool<Manager>;
/// A connection on loan.
pub(crate) type Loan = managed::Object<Manager>;

/// Opens connections, and decides which may be used again.
pub(crate) struct Manager {
    config: Config,
    /// What is said to every host.
    wire: tokio_postgres::Config,
    tls: MakeRustlsConnect,
    pub(crate) latency: Latency,
}

impl std::fmt::Debug for Manager {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.config.fmt(f)
    }
}

impl managed::Manager for Manager {
    type Type = Box<Raw>;
    type Error = Error;

    async fn create(&self) -> Result<Box<Raw>> {
        let mut failed = None;
        for (host, port) in &self.config.hosts {
            let mut wire = self.wire.clone();
            wire.host(host).port(*port);
            let halves = match wire.connect(self.tls.clone()).await {
                Ok(connected) => connected,
                Err(cause) => {
                    failed = Some(cause);
                    continue;
                }
            };
            let address = Address {
                host: host.clone(),
                port: *port,
            };
            let way = (address, self.tls.clone());
            let raw = Raw::new(halves, way, &self.config, self.latency.clone());
            return Ok(Box::new(raw));
        }
        Err(match failed {
            Some(cause) => self.cannot_connect(&cause),
            None => Error::new(ErrorKind::Connection, "no host to connect to"),
        })
    }

    async fn recycle(
        &self,
        raw: &mut Box<Raw>,
        metrics: &Metrics,
    ) -> managed::RecycleResult<Error> {
        let over = |limit: Option<Duration>, age: Duration| limit.is_some_and(|limit| age >= limit);
        if raw.lost || !raw.wire.is_open() {
            return Err(RecycleError::message("closed"));
        }
        if over(self.config.max_lifetime, metrics.age())
            || over(self.config.idle_timeout, raw.released.elapsed())
        {
            return Err(RecycleError::message("old"));
        }
        if self.config.ping {
            let answer = raw.command("").await;
            answer.map_err(|cause| RecycleError::Backend(from_postgres(&cause)))?;
        }
        Ok(())
    }
}

impl Manager {
    /// Names the server where the error came from the way to it.
    fn cannot_connect(&self, cause: &tokio_postgres::Error) -> Error {
        let error = from_postgres(cause);
        if cause.as_db_error().is_some() || error.kind() != ErrorKind::Connection {
            return error;
        }
        let hosts: Vec<_> = self
            .config
            .hosts
            .iter()
            .map(|(host, port)| format!("{host}:{port}"))
            .collect();
        let message = format!(
            "cannot connect to {}: {}",
            hosts.join(", "),
            error.message()
        );
        let hint = match message.contains("TLS") {
            true => error.hint().unwrap_or_default(),
            false => "is the server running, and the URL right?",
        };
        Error::new(ErrorKind::Connection, message).with_hint(hint)
    }
}

pub(crate) fn open(config: &Config) -> Result<Pool> {
    let manager = Manager {
        tls: crate::tls::connector(config)?,
        wire: wire(config),
        config: config.clone(),
        latency: Latency::default(),
    };
    managed::Pool::builder(manager)
        .max_size(config.max_connections)
        .runtime(deadpool::Runtime::Tokio1)
        .queue_mode(QueueMode::Lifo)
        .wait_timeout(Some(config.acquire_timeout))
        // Several hosts are tried one after another.
        .create_timeout(Some(
            config.connect_timeout * (config.hosts.len() as u32 + 1),
        ))
        .build()
        .map_err(|cause| Error::new(ErrorKind::Connection, cause.to_string()))
}

fn wire(config: &Config) -> tokio_postgres::Config {
    let mut wire = tokio_postgres::Config::new();
    wire.user(&config.user)
        .dbname(&config.database)
        .connect_timeout(config.connect_timeout);
    if let Some(password) = &config.password {
        wire.password(password);
    }
    if let Some(name) = &config.application {
        wire.application_name(name);
    }
    let limit = config
        .statement_timeout
        .map(|limit| format!("-c statement_timeout={}", limit.as_millis()));
    let options: Vec<&str> = config
        .options
        .as_deref()
        .into_iter()
        .chain(limit.as_deref())
        .collect();
    if !options.is_empty() {
        wire.options(options.join(" "));
    }
    wire.ssl_mode(match config.effective_ssl_mode() {
        SslMode::Disable => Wire::Disable,
        SslMode::Prefer => Wire::Prefer,
        SslMode::Require | SslMode::VerifyFull => Wire::Require,
    });
    wire
}

pub(crate) async fn take(pool: &Pool) -> Result<Loan> {
    // The pool's own timers would panic.
    if tokio::runtime::Handle::try_current().is_err() {
        return Err(
            Error::new(ErrorKind::Connection, "PostgreSQL needs a tokio runtime")
                .with_hint("run this inside `#[tokio::main]` or `Runtime::block_on`"),
        );
    }
    pool.get().await.map_err(refused)
}

/// A connection that lies ready.
pub(crate) fn try_take(pool: &Pool) -> Option<Loan> {
    if pool.manager().config.ping || pool.status().available == 0 {
        return None;
    }
    let limits = Timeouts {
        wait: Some(Duration::ZERO),
        create: None,
        recycle: None,
    };
    let waiting = std::pin::pin!(pool.timeout_get(&limits));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match waiting.poll(&mut context) {
        std::task::Poll::Ready(taken) => taken.ok(),
        std::task::Poll::Pending => None,
    }
}

#[cold]
fn refused(cause: PoolError<Error>) -> Error {
    match cause {
        PoolError::Backend(error) => error,
        PoolError::Closed => Error::new(ErrorKind::Closed, "the pool is closed"),
        PoolError::Timeout(TimeoutType::Wait) => Error::new(
            ErrorKind::Timeout,
            "all connections of the pool were in use for longer than `acquire_timeout`",
        )
        .with_hint("raise `max_connections`, or hold transactions for a shorter time"),
        PoolError::Timeout(_) => Error::new(
            ErrorKind::Connection,
            "the server did not answer within `connect_timeout`",
        ),
        other => Error::new(ErrorKind::Connection, other.to_string()),
    }
}

/// Closes connections that nobody used for long.
pub(crate) fn close_idle(pool: &Pool, config: &Config, now: Instant) {
    let Some(limit) = config.idle_timeout else {
        return;
    };
    pool.retain(|raw, _| now.saturating_duration_since(raw.released) < limit);
}
