use sinew::{Db, Error, ErrorKind, Result};

/// A database that the cases run on.
pub struct Database {
    url: &'static str,
}

/// SQLite, in memory: each connect is a database of its own.
pub const SQLITE: Database = Database {
    url: "sqlite::memory:",
};

impl Database {
    async fn fresh(&self) -> Result<Db> {
        Db::connect(self.url).await
    }
}

/// Runs a case on a fresh database.
///
/// # Errors
/// What the case returns, and what goes wrong while its database is opened.
pub fn run(database: &Database, case: impl AsyncFnOnce(Db) -> Result<()>) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| Error::new(ErrorKind::Unsupported, "no runtime").with_source(e))?;
    runtime.block_on(async { case(database.fresh().await?).await })
}
