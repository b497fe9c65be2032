//! Tables that are the example's own: in a database that others use too, theirs are left alone.

use sinew::prelude::*;
use sinew::{Error, Result};

/// An example that has made its tables in this database.
#[derive(Model, Clone, Debug, Default)]
#[model(table = "sinew_examples")]
struct Example {
    #[model(primary_key, size = 20)]
    name: String,
}

/// Whether an earlier run of this example made these tables. It is written down when it did not, so
/// that the next run knows.
///
/// # Errors
/// When one of the tables is there although no run made it: it is somebody else's.
pub async fn made_before(db: &Db, example: &str, tables: &[&str]) -> Result<bool> {
    let none_ran = !exists(db, "sinew_examples").await;
    if !none_ran && db.get::<Example>(example).optional().await?.is_some() {
        return Ok(true);
    }
    for table in tables {
        if exists(db, table).await {
            let found = format!(
                "the database has a table `{table}` that the example {example} did not make"
            );
            return Err(Error::new(ErrorKind::Schema, found)
                .with_hint("let DATABASE_URL name a database without it"));
        }
    }
    if none_ran {
        db.auto_migrate(models![Example]).await?;
    }
    let mut example = Example {
        name: example.into(),
    };
    db.create(&mut example).await?;
    Ok(false)
}

/// Drops these tables. Those that refer to others have to come first.
///
/// # Errors
/// When the database refuses.
pub async fn drop_tables(db: &Db, tables: &[&str]) -> Result<()> {
    for table in tables {
        db.execute(&format!("DROP TABLE IF EXISTS {table}"), ())
            .await?;
    }
    Ok(())
}

async fn exists(db: &Db, table: &str) -> bool {
    let none = format!("SELECT 1 FROM {table} WHERE 1 = 0");
    db.query::<(i64,)>(&none, ()).await.is_ok()
}
