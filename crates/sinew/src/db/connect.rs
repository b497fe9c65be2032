//! The one place that knows which databases there are.

use sinew_core::{Error, ErrorKind, Result};

use super::Db;

impl Db {
    /// Opens a database: `sqlite://blog.db`, `sqlite::memory:` (each connect is a database of its
    /// own), `mysql://user:password@host/blog` (feature `mysql`; MySQL and MariaDB, also as
    /// `mariadb://`).
    ///
    /// # Errors
    /// `Connection` when it cannot be opened, `InvalidInput` when the URL is not understood.
    pub async fn connect(url: &str) -> Result<Self> {
        let scheme = url.split(':').next().unwrap_or_default();
        match scheme {
            #[cfg(feature = "sqlite")]
            "sqlite" => {
                let driver = sinew_sqlite::Sqlite::connect(url)?;
                Ok(Self::new(
                    std::sync::Arc::new(driver),
                    &sinew_sql::dialect::sqlite::Sqlite,
                ))
            }
            #[cfg(feature = "mysql")]
            "mysql" | "mariadb" => {
                let driver = sinew_mysql::MySql::connect(url)?;
                Ok(Self::new(std::sync::Arc::new(driver), &sinew_sql::dialect::mysql::MySql))
            }
            other => Err(Error::new(
                ErrorKind::InvalidInput,
                format!("no database is known by the scheme {other:?}"),
            )
            .with_hint("write sqlite://path, sqlite::memory:, mysql://user:password@host/database; each needs its feature")),
        }
    }
}
