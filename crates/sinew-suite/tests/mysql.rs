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

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Diary {
    id: i64,
    tags: Vec<String>,
    counts: Option<Vec<i64>>,
    short: Vec<String>,
}

async fn lists_made_by_hand(db: Db) -> Result<()> {
    db.execute(
        "CREATE TABLE diaries (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, tags JSON NOT NULL, \
         counts TEXT, short VARCHAR(500) NOT NULL) COLLATE utf8mb4_unicode_ci",
        (),
    )
    .await?;
    let plan = db.auto_migrate(models![Diary]).plan().await?;
    assert!(plan.is_empty(), "{plan}");
    db.execute(
        "INSERT INTO diaries VALUES (1, '[ \"a\", \"\\\\u00e9\" ]', '[1,\\n 2]', '[]')",
        (),
    )
    .await?;
    let mut made = Diary {
        tags: vec!["é".into(), "A\"".into()],
        short: vec!["a".into()],
        ..Default::default()
    };
    db.create(&mut made).await?;
    let first = db.get::<Diary>(1).await?;
    assert_eq!(
        (first.tags, first.counts),
        (vec!["a".into(), "é".into()], Some(vec![1, 2]))
    );
    assert_eq!(db.get::<Diary>(made.id).await?, made);
    let find = |condition| {
        let found = db.find::<Diary>().filter(condition).order_by(Diary::id);
        found.pluck(Diary::id)
    };
    assert_eq!(find(Diary::tags.contains("é")).await?, [1, made.id]);
    assert_eq!(find(Diary::tags.contains("a")).await?, [1]);
    assert_eq!(find(Diary::counts.contains_all([2, 1])).await?, [1]);
    assert_eq!(find(Diary::short.overlaps(["a"])).await?, [made.id]);
    assert_eq!(find(Diary::tags.eq(&made.tags)).await?, [made.id]);
    Ok(())
}

mod mysql {
    #[test]
    fn lists_made_by_hand() -> sinew::Result<()> {
        sinew_suite::run(&super::MYSQL, super::lists_made_by_hand)
    }

    #[test]
    fn a_table_made_by_hand() -> sinew::Result<()> {
        sinew_suite::run(&super::MYSQL, super::a_table_made_by_hand)
    }
}
