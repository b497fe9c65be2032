//! The one place that knows which databases there are.

use sinew_core::{Error, ErrorKind, Result};

use super::Db;

impl Db {
    /// Opens a database: `sqlite://blog.db`, `sqlite::memory:` (each connect is a database of its
    /// own), `postgres://user:password@host/database` (feature `postgres`),
    /// `mysql://user:password@host/database` (feature `mysql`; MySQL and MariaDB, also as
    /// `mariadb://`).
    ///
    /// # Errors
    /// `Connection` when it cannot be opened, `InvalidInput` when the URL is not understood.
    ///
    /// # Examples
    /// ```
    /// # use sinew::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// let db = Db::connect("sqlite::memory:").await?;
    /// assert_eq!(db.query::<(i64,)>("SELECT 1 + 1", ()).await?, [(2,)]);
    ///
    /// let error = Db::connect("oracle://somewhere").await.unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::InvalidInput);
    /// # Ok(()) }
    /// ```
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
            #[cfg(feature = "postgres")]
            "postgres" | "postgresql" => {
                let driver = sinew_postgres::Postgres::connect(url).await?;
                Ok(Self::new(
                    std::sync::Arc::new(driver),
                    &sinew_sql::dialect::postgres::Postgres,
                ))
            }
            #[cfg(not(feature = "postgres"))]
            "postgres" | "postgresql" => Err(Error::new(
                ErrorKind::Unsupported,
                "this program was built without PostgreSQL",
            )
            .with_hint("switch the feature `postgres` of sinew on in Cargo.toml")),
            #[cfg(feature = "mysql")]
            "mysql" | "mariadb" => {
                let driver = sinew_mysql::MySql::connect(url)?;
                Ok(Self::new(
                    std::sync::Arc::new(driver),
                    &sinew_sql::dialect::mysql::MySql,
                ))
            }
            #[cfg(not(feature = "mysql"))]
            "mysql" | "mariadb" => Err(Error::new(
                ErrorKind::Unsupported,
                "this program was built without MySQL and MariaDB",
            )
            .with_hint("switch the feature `mysql` of sinew on in Cargo.toml")),
            other => Err(Error::new(
                ErrorKind::InvalidInput,
                format!("no database is known by the scheme {other:?}"),
            )
            .with_hint("write sqlite://path, sqlite::memory:, postgres://user@host/database, mysql://user@host/database")),
        }
    }
}
