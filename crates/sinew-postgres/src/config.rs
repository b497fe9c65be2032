//! Where the database is, and how it is used.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use sinew_core::Result;

/// Whether the connection is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SslMode {
    /// Never.
    Disable,
    /// Where the server offers it; its certificate is not checked. For servers on this machine.
    Prefer,
    /// Always. The certificate is checked, issuer and host, unless [`Config::ssl_check`] says
    /// otherwise: `libpq` takes any certificate here, which protects from nobody who can answer in
    /// the server's place.
    Require,
    /// Always, and the certificate must be that of the host, whatever else is said.
    VerifyFull,
}

impl SslMode {
    pub(crate) const NAMES: [(&'static str, Self); 4] = [
        ("disable", Self::Disable),
        ("prefer", Self::Prefer),
        ("require", Self::Require),
        ("verify-full", Self::VerifyFull),
    ];
}

/// How to reach and use a PostgreSQL database.
///
/// # Examples
/// ```
/// use sinew_postgres::{Config, SslMode};
///
/// let config = Config::parse("postgres://ada:secret@db.example.org/blog?max_connections=8").unwrap();
/// assert_eq!(config.effective_ssl_mode(), SslMode::VerifyFull);
/// assert!(!format!("{config:?}").contains("secret"));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Config {
    pub(crate) hosts: Vec<(String, u16)>,
    pub(crate) user: String,
    pub(crate) password: Option<String>,
    pub(crate) database: String,
    pub(crate) ssl_mode: Option<SslMode>,
    pub(crate) ssl_check: bool,
    pub(crate) ssl_root: Option<PathBuf>,
    pub(crate) application: Option<String>,
    pub(crate) options: Option<String>,
    pub(crate) connect_timeout: Duration,
    pub(crate) statement_timeout: Option<Duration>,
    pub(crate) max_connections: usize,
    pub(crate) acquire_timeout: Duration,
    pub(crate) idle_timeout: Option<Duration>,
    pub(crate) max_lifetime: Option<Duration>,
    pub(crate) ping: bool,
    pub(crate) prepare: bool,
    pub(crate) statement_cache: usize,
}

impl Config {
    /// The database of this name on a host.
    pub fn new(host: impl Into<String>, database: impl Into<String>) -> Self {
        Self {
            hosts: vec![(host.into(), 5432)],
            user: "postgres".into(),
            password: None,
            database: database.into(),
            ssl_mode: None,
            ssl_check: true,
            ssl_root: None,
            application: None,
            options: None,
            connect_timeout: Duration::from_secs(10),
            statement_timeout: None,
            max_connections: 10,
            acquire_timeout: Duration::from_secs(30),
            idle_timeout: Some(Duration::from_secs(600)),
            max_lifetime: Some(Duration::from_secs(1800)),
            ping: false,
            prepare: true,
            statement_cache: 256,
        }
    }

    /// Reads a URL: `postgres://user:password@host:port/database?option=value`, also with the scheme
    /// `postgresql`. Every part may be percent-encoded; a host that begins with `/` (written `%2F`)
    /// is the directory of a Unix socket. Several hosts, separated by commas, are tried in order.
    ///
    /// | option | meaning | unless given |
    /// |---|---|---|
    /// | `sslmode` | `disable`, `prefer`, `require` or `verify-full` | `verify-full`; `prefer` on this machine |
    /// | `sslrootcert` | a file of certificates (PEM) to trust instead of the system's | |
    /// | `sslcheck` | `off`: with `require`, takes any certificate | `on` |
    /// | `application_name` | how the connection is named on the server | |
    /// | `options` | command-line options for the server, such as `-c search_path=app` | |
    /// | `connect_timeout` | seconds to wait for a server | 10 |
    /// | `statement_timeout` | milliseconds after which the server gives a statement up | the server's |
    /// | `max_connections` | connections that the pool opens at most; also `pool_size` | 10 |
    /// | `acquire_timeout` | milliseconds to wait for one of them | 30,000 |
    /// | `idle_timeout` | seconds after which an unused one is closed, 0 for never | 600 |
    /// | `max_lifetime` | seconds after which one is closed, 0 for never | 1,800 |
    /// | `ping` | `on`: asks an idle one whether it lives before use (a round trip each) | `off` |
    /// | `prepare` | `off`: keeps no prepared statements, for poolers that share connections among transactions | `on` |
    /// | `statement_cache` | prepared statements kept by each connection | 256 |
    ///
    /// # Errors
    /// Of kind `InvalidInput`, when the URL or an option makes no sense. The message never holds the
    /// password.
    pub fn parse(url: &str) -> Result<Self> {
        crate::url::parse(url)
    }

    /// The port; 5432 unless set.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        for host in &mut self.hosts {
            host.1 = port;
        }
        self
    }

    /// The user; `postgres` unless set.
    #[must_use]
    pub fn user(mut self, user: impl Into<String>) -> Self {
        self.user = user.into();
        self
    }

    /// The password.
    #[must_use]
    pub fn password(mut self, password: impl Into<String>) -> Self {
        self.password = Some(password.into());
        self
    }

    /// Whether the connection is encrypted; see [`Config::effective_ssl_mode`] for what holds unless
    /// set.
    #[must_use]
    pub fn ssl_mode(mut self, mode: SslMode) -> Self {
        self.ssl_mode = Some(mode);
        self
    }

    /// Whether [`SslMode::Require`] checks the server's certificate; it does unless set.
    #[must_use]
    pub fn ssl_check(mut self, check: bool) -> Self {
        self.ssl_check = check;
        self
    }

    /// Connections that the pool opens at most, at least 1; 10 unless set.
    #[must_use]
    pub fn max_connections(mut self, connections: usize) -> Self {
        self.max_connections = connections.max(1);
        self
    }

    /// How long to wait for a free connection; 30 seconds unless set.
    #[must_use]
    pub fn acquire_timeout(mut self, wait: Duration) -> Self {
        self.acquire_timeout = wait;
        self
    }

    /// When the server gives a statement up; as the server is set up unless set.
    #[must_use]
    pub fn statement_timeout(mut self, limit: Duration) -> Self {
        self.statement_timeout = Some(limit);
        self
    }

    /// After how long an unused connection is closed; 10 minutes unless set.
    #[must_use]
    pub fn idle_timeout(mut self, limit: Option<Duration>) -> Self {
        self.idle_timeout = limit;
        self
    }

    /// After how long a connection is closed; 30 minutes unless set.
    #[must_use]
    pub fn max_lifetime(mut self, limit: Option<Duration>) -> Self {
        self.max_lifetime = limit;
        self
    }

    /// Whether statements are prepared and kept; they are unless set. Without, each statement is sent
    /// whole, in one round trip, and may meet another server process than the one before.
    ///
    /// That costs the server the planning of every statement, and an insert of many rows is as many
    /// statements (still in one round trip), since nothing tells the types of its lists. Types that
    /// are not PostgreSQL's own (enums, domains) are asked for by statements that the client library
    /// names: behind a pooler, select such columns as `column::text`, or let the model hold them in
    /// `text`. Settings belong into the URL's `options`, not into `SET`.
    #[must_use]
    pub fn prepare(mut self, prepare: bool) -> Self {
        self.prepare = prepare;
        self
    }

    /// How many prepared statements each connection keeps, at least 1; 256 unless set.
    #[must_use]
    pub fn statement_cache(mut self, statements: usize) -> Self {
        self.statement_cache = statements.max(1);
        self
    }

    /// What holds for encryption: what was set, otherwise [`SslMode::Prefer`] for a server on this
    /// machine and [`SslMode::VerifyFull`] for any other.
    pub fn effective_ssl_mode(&self) -> SslMode {
        self.ssl_mode.unwrap_or_else(|| {
            if self.hosts.iter().all(|(host, _)| is_here(host)) {
                SslMode::Prefer
            } else {
                SslMode::VerifyFull
            }
        })
    }
}

fn is_here(host: &str) -> bool {
    host.starts_with('/')
        || host.eq_ignore_ascii_case("localhost")
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// Everything but the password.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("hosts", &self.hosts)
            .field("user", &self.user)
            .field("password", &self.password.as_ref().map(|_| "…"))
            .field("database", &self.database)
            .field("ssl_mode", &self.effective_ssl_mode())
            .field("max_connections", &self.max_connections)
            .field("prepare", &self.prepare)
            .finish_non_exhaustive()
    }
}
