//! What to open, and how.

use std::path::PathBuf;
use std::time::Duration;

use sinew_core::Result;

/// Whether the connection is encrypted, and how far the server's certificate is trusted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tls {
    /// [`Tls::On`], but [`Tls::Off`] for this machine itself: a socket, `localhost`, a loopback
    /// address.
    #[default]
    Auto,
    /// Encrypted; the certificate is checked, and the host's name in it.
    On,
    /// Encrypted, without any check of the certificate: somebody in between can read everything.
    Unchecked,
    /// In clear.
    Off,
}

impl Tls {
    pub(crate) const NAMES: [(&'static str, Self); 4] = [
        ("auto", Self::Auto),
        ("on", Self::On),
        ("unchecked", Self::Unchecked),
        ("off", Self::Off),
    ];
}

/// What transactions see of one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isolation {
    /// What is not committed yet.
    ReadUncommitted,
    /// What is committed.
    ReadCommitted,
    /// What was committed when the transaction first read.
    RepeatableRead,
    /// As if one ran after another.
    Serializable,
}

impl Isolation {
    pub(crate) const NAMES: [(&'static str, Option<Self>); 5] = [
        ("read-uncommitted", Some(Self::ReadUncommitted)),
        ("read-committed", Some(Self::ReadCommitted)),
        ("repeatable-read", Some(Self::RepeatableRead)),
        ("serializable", Some(Self::Serializable)),
        ("server", None),
    ];

    pub(crate) const fn sql(self) -> &'static str {
        match self {
            Self::ReadUncommitted => "READ-UNCOMMITTED",
            Self::ReadCommitted => "READ-COMMITTED",
            Self::RepeatableRead => "REPEATABLE-READ",
            Self::Serializable => "SERIALIZABLE",
        }
    }
}

/// How to reach a MySQL or MariaDB database.
///
/// # Examples
/// ```
/// use sinew_mysql::Config;
///
/// let config = Config::new("127.0.0.1", "blog").user("app").password("secret").pool_size(4);
/// let parsed = Config::parse("mysql://app:secret@127.0.0.1/blog?pool_size=4").unwrap();
/// assert_eq!(parsed, config);
/// assert!(!format!("{config:?}").contains("secret"));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Config {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) socket: Option<String>,
    pub(crate) user: String,
    pub(crate) password: Option<String>,
    pub(crate) database: String,
    pub(crate) tls: Tls,
    pub(crate) tls_ca: Option<PathBuf>,
    pub(crate) pool_size: usize,
    pub(crate) acquire_timeout: Duration,
    pub(crate) connect_timeout: Duration,
    pub(crate) idle_timeout: Duration,
    pub(crate) max_lifetime: Duration,
    pub(crate) health_check: Duration,
    pub(crate) statement_timeout: Option<Duration>,
    pub(crate) statement_cache: usize,
    pub(crate) isolation: Option<Isolation>,
}

/// Hides the password.
impl std::fmt::Debug for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Config")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("socket", &self.socket)
            .field("user", &self.user)
            .field("password", &self.password.as_ref().map(|_| "…"))
            .field("database", &self.database)
            .field("tls", &self.tls)
            .field("tls_ca", &self.tls_ca)
            .field("pool_size", &self.pool_size)
            .field("acquire_timeout", &self.acquire_timeout)
            .field("connect_timeout", &self.connect_timeout)
            .field("idle_timeout", &self.idle_timeout)
            .field("max_lifetime", &self.max_lifetime)
            .field("health_check", &self.health_check)
            .field("statement_timeout", &self.statement_timeout)
            .field("statement_cache", &self.statement_cache)
            .field("isolation", &self.isolation)
            .finish()
    }
}

impl Config {
    /// This database on this host, on port 3306, as user `root` without a password unless set.
    pub fn new(host: impl Into<String>, database: impl Into<String>) -> Self {
        Self {
            host: host.into(),
            port: 3306,
            socket: None,
            user: "root".into(),
            password: None,
            database: database.into(),
            tls: Tls::default(),
            tls_ca: None,
            pool_size: 10,
            acquire_timeout: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(10 * 60),
            max_lifetime: Duration::from_secs(30 * 60),
            health_check: Duration::from_secs(1),
            statement_timeout: None,
            statement_cache: 256,
            isolation: Some(Isolation::ReadCommitted),
        }
    }

    /// Reads a URL: `mysql://user:password@host:3306/database`, or the same with `mariadb://`;
    /// either scheme works with either server. What is no plain letter or digit in user, password
    /// and database is percent-encoded.
    ///
    /// Options follow as a query:
    ///
    /// | option | unless set | |
    /// |---|---|---|
    /// | `socket=PATH` | | a Unix socket instead of host and port |
    /// | `tls=auto\|on\|unchecked\|off` | `auto` | see [`Tls`] |
    /// | `tls_ca=PATH` | | trust this certificate authority (PEM) beside the usual ones |
    /// | `max_connections=N` | 10 | connections at most; also `pool_size` |
    /// | `acquire_timeout=MS` | 30000 | how long to wait for a free connection |
    /// | `connect_timeout=SECONDS` | 10 | how long opening one may take |
    /// | `idle_timeout=SECONDS` | 600 | connections unused for so long are closed; 0: none |
    /// | `max_lifetime=SECONDS` | 1800 | connections older than that are replaced; 0: none |
    /// | `health_check=SECONDS` | 1 | connections unused for so long are asked whether they live |
    /// | `statement_timeout=MS` | 0 (none) | the server ends longer statements (MySQL: selects only) |
    /// | `statement_cache=N` | 256 | prepared statements kept per connection; 0: none |
    /// | `isolation=read-committed\|…\|server` | `read-committed` | see [`Isolation`]; `server`: as it is set |
    ///
    /// # Errors
    /// Of kind `InvalidInput`, when the URL or an option makes no sense.
    pub fn parse(url: &str) -> Result<Self> {
        crate::url::parse(url)
    }

    /// The port; 3306 unless set.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// A Unix socket to use instead of host and port.
    #[must_use]
    pub fn socket(mut self, path: impl Into<String>) -> Self {
        self.socket = Some(path.into());
        self
    }

    /// Who connects; `root` unless set.
    #[must_use]
    pub fn user(mut self, user: impl Into<String>) -> Self {
        self.user = user.into();
        self
    }

    /// The user's password.
    #[must_use]
    pub fn password(mut self, password: impl Into<String>) -> Self {
        self.password = Some(password.into());
        self
    }

    /// Whether to encrypt; [`Tls::Auto`] unless set.
    #[must_use]
    pub fn tls(mut self, tls: Tls) -> Self {
        self.tls = tls;
        self
    }

    /// A certificate authority (a PEM file) to trust beside the usual ones.
    #[must_use]
    pub fn tls_ca(mut self, path: impl Into<PathBuf>) -> Self {
        self.tls_ca = Some(path.into());
        self
    }

    /// How many connections there are at most, at least 1; 10 unless set.
    #[must_use]
    pub fn pool_size(mut self, connections: usize) -> Self {
        self.pool_size = connections.max(1);
        self
    }

    /// How long to wait for a free connection; one second unless set.
    #[must_use]
    pub fn acquire_timeout(mut self, wait: Duration) -> Self {
        self.acquire_timeout = wait;
        self
    }

    /// How long opening a connection may take; 10 seconds unless set.
    #[must_use]
    pub fn connect_timeout(mut self, wait: Duration) -> Self {
        self.connect_timeout = wait;
        self
    }

    /// After how long without use a connection is closed; 10 minutes unless set.
    #[must_use]
    pub fn idle_timeout(mut self, idle: Duration) -> Self {
        self.idle_timeout = idle;
        self
    }

    /// At which age a connection is replaced; 30 minutes unless set.
    #[must_use]
    pub fn max_lifetime(mut self, age: Duration) -> Self {
        self.max_lifetime = age;
        self
    }

    /// After how long without use a connection is asked whether it lives; one second unless set.
    #[must_use]
    pub fn health_check(mut self, idle: Duration) -> Self {
        self.health_check = idle;
        self
    }

    /// How long a statement may run before the server ends it (MySQL: selects only); as long as
    /// it takes unless set.
    #[must_use]
    pub fn statement_timeout(mut self, limit: Duration) -> Self {
        self.statement_timeout = Some(limit).filter(|limit| !limit.is_zero());
        self
    }

    /// How many prepared statements each connection keeps; 256 unless set.
    #[must_use]
    pub fn statement_cache(mut self, statements: usize) -> Self {
        self.statement_cache = statements;
        self
    }

    /// What transactions see of one another; [`Isolation::ReadCommitted`] unless set, as
    /// elsewhere: a row that an insert collided with can then be read. With `None` it is what the
    /// server is set to.
    #[must_use]
    pub fn isolation(mut self, isolation: impl Into<Option<Isolation>>) -> Self {
        self.isolation = isolation.into();
        self
    }

    pub(crate) fn is_local(&self) -> bool {
        let address = self.host.parse::<std::net::IpAddr>();
        self.socket.is_some()
            || self.host.eq_ignore_ascii_case("localhost")
            || address.is_ok_and(|address| address.is_loopback())
    }
}
