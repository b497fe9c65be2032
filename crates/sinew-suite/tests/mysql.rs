//! What only MySQL and MariaDB have: tables made by hand of their own types.

// A case is no `#[test]` itself, so clippy does not know that it is one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use sinew_suite::MYSQL;
use sinew_suite::prelude::*;

#[derive(Model, Clone, Debug, Default)]
struct Thing {
    id: i64,
    name: String,
    seen: Option<i32>,
    made_at: Timestamp,
    ok: bool,
}

async fn a_table_made_by_hand(db: Db) -> Result<()> {
    db.execute(
        "CREATE TABLE things (ID BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, Name VARCHAR(40) NOT NULL \
         DEFAULT 'x', seen INTEGER NOT NULL, made_at DATETIME(6) NOT NULL DEFAULT now(6), \
         ok BOOL NOT NULL, more TEXT) COLLATE utf8mb4_unicode_ci",
        (),
    )
    .await?;
    db.auto_migrate(models![Thing]).await?;
    let again = db.auto_migrate(models![Thing]).plan().await?;
    assert!(again.is_empty(), "{again}");
    let mut thing = Thing {
        name: "n".into(),
        made_at: Timestamp::now(),
        ok: true,
        ..Default::default()
    };
    db.create(&mut thing).await?;
    let read = db.get::<Thing>(thing.id).await?;
    assert_eq!((read.seen, read.ok), (None, true));
    Ok(())
}

mod mysql {
    #[test]
    fn a_table_made_by_hand() -> sinew::Result<()> {
        sinew_suite::run(&super::MYSQL, super::a_table_made_by_hand)
    }
}
