//! The pool of connections.
//!
//! Connections that nobody uses lie on a stack, so that the same few stay busy and the others grow
//! old. A permit stands for each connection that may be out, and whoever finds none waits in line.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sinew_core::{Error, ErrorKind, Result};
use tokio::sync::Semaphore;
use tokio_postgres::config::SslMode as Wire;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::cancel::Address;
use crate::config::{Config, SslMode};
use crate::error::from_postgres;
use crate::latency::Latency;
use crate::raw::Raw;

/// The connections to one database.
pub(crate) struct Pool(Arc<Shared>);

struct Shared {
    manager: Manager,
    free: Mutex<Free>,
    /// One for each connection that may be out.
    permits: Semaphore,
}

#[derive(Default)]
#[allow(
    clippy::vec_box,
    reason = "each use hands one over and back: a pointer, not all of it"
)]
struct Free {
    raws: Vec<Box<Raw>>,
    closed: bool,
}

impl Shared {
    fn free(&self) -> std::sync::MutexGuard<'_, Free> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection that lies ready.
    fn pop(&self) -> Option<Box<Raw>> {
        self.free().raws.pop()
    }

    fn give_back(&self, raw: Box<Raw>) {
        let mut free = self.free();
        if free.closed {
            drop(free);
            drop(raw);
        } else {
            free.raws.push(raw);
        }
    }
}

/// Lets the next one have a connection when it is dropped.
struct Permit(Arc<Shared>);

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.permits.add_permits(1);
    }
}

/// A connection on loan. Dropped, it is closed.
pub(crate) struct Loan {
    pub(crate) raw: Box<Raw>,
    permit: Permit,
}

impl Loan {
    /// Lets others use the connection.
    pub(crate) fn give_back(self) {
        // The permit last: who is given it finds the connection.
        self.permit.0.give_back(self.raw);
    }
}

/// Opens connections, and decides which may be used again.
struct Manager {
    config: Config,
    /// What is said to every host.
    wire: tokio_postgres::Config,
    tls: MakeRustlsConnect,
    latency: Latency,
}

impl Manager {
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

    /// Whether a connection that lay in the pool may be used again, as far as can be seen from here.
    fn is_usable(&self, raw: &mut Raw) -> bool {
        let over = |limit: Option<Duration>, age: Duration| limit.is_some_and(|limit| age >= limit);
        let now = Instant::now();
        !raw.lost
            && raw.wire.is_open()
            && !over(
                self.config.max_lifetime,
                now.saturating_duration_since(raw.opened),
            )
            && !over(
                self.config.idle_timeout,
                now.saturating_duration_since(raw.released),
            )
    }

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
    Ok(Pool(Arc::new(Shared {
        manager,
        free: Mutex::default(),
        permits: Semaphore::new(config.max_connections),
    })))
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

impl Pool {
    /// A connection that lies ready.
    pub(crate) fn try_take(&self) -> Option<Loan> {
        let shared = &self.0;
        if shared.manager.config.ping {
            return None;
        }
        shared.permits.try_acquire().ok()?.forget();
        let permit = Permit(Arc::clone(shared));
        loop {
            let mut raw = shared.pop()?;
            if shared.manager.is_usable(&mut raw) {
                return Some(Loan { raw, permit });
            }
        }
    }

    /// A connection, made where none lies ready.
    pub(crate) async fn take(&self) -> Result<Loan> {
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(
                Error::new(ErrorKind::Connection, "PostgreSQL needs a tokio runtime")
                    .with_hint("run this inside `#[tokio::main]` or `Runtime::block_on`"),
            );
        }
        let shared = &self.0;
        let config = &shared.manager.config;
        let permit = tokio::time::timeout(config.acquire_timeout, shared.permits.acquire());
        match permit.await {
            Ok(Ok(permit)) => permit.forget(),
            Ok(Err(_)) => return Err(Error::new(ErrorKind::Closed, "the pool is closed")),
            Err(_) => return Err(all_in_use()),
        }
        let permit = Permit(Arc::clone(shared));
        while let Some(mut raw) = shared.pop() {
            if shared.manager.is_usable(&mut raw) && (!config.ping || raw.command("").await.is_ok())
            {
                return Ok(Loan { raw, permit });
            }
        }
        // Several hosts are tried one after another.
        let limit = config.connect_timeout * (config.hosts.len() as u32 + 1);
        let made = tokio::time::timeout(limit, shared.manager.create()).await;
        let raw = made.map_err(|_| no_answer())??;
        Ok(Loan { raw, permit })
    }

    /// How far away the server is.
    pub(crate) fn latency(&self) -> Option<Duration> {
        self.0.manager.latency.get()
    }

    /// Closes connections that nobody used for long.
    pub(crate) fn close_idle(&self, now: Instant) {
        let Some(limit) = self.0.manager.config.idle_timeout else {
            return;
        };
        let idle = |raw: &mut Box<Raw>| now.saturating_duration_since(raw.released) >= limit;
        let closed: Vec<_> = self.0.free().raws.extract_if(.., idle).collect();
        drop(closed);
    }

    /// Closes what lies here now, and the others when they come back. Who waits is told.
    pub(crate) fn close(&self) {
        let mut free = self.0.free();
        free.closed = true;
        let closed = std::mem::take(&mut free.raws);
        drop(free);
        self.0.permits.close();
        drop(closed);
    }
}

#[cold]
fn all_in_use() -> Error {
    Error::new(
        ErrorKind::Timeout,
        "all connections of the pool were in use for longer than `acquire_timeout`",
    )
    .with_hint("raise `max_connections`, or hold transactions for a shorter time")
}

#[cold]
fn no_answer() -> Error {
    Error::new(
        ErrorKind::Connection,
        "the server did not answer within `connect_timeout`",
    )
}
