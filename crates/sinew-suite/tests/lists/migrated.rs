//! Tables with list columns: made, extended, and found as others made them.

use sinew_suite::prelude::*;

mod before {
    use super::*;

    #[derive(Model, Clone, Debug, Default)]
    pub(super) struct Post {
        pub(super) id: i64,
        pub(super) title: String,
    }
}

#[derive(Enumeration, Clone, Copy, Debug, Default, PartialEq)]
enum Mood {
    #[default]
    Good,
    Bad,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Post {
    id: i64,
    title: String,
    tags: Vec<String>,
    #[model(size = 20)]
    short: Vec<String>,
    #[model(precision = (10, 2))]
    prices: Vec<rust_decimal::Decimal>,
    moods: Option<Vec<Mood>>,
    counts: Vec<u64>,
}

/// Rows that are there get an empty list in a column that is not nullable.
async fn columns_are_added(db: Db) -> Result<()> {
    db.auto_migrate(models![before::Post]).await?;
    let mut old = before::Post {
        title: "old".into(),
        ..Default::default()
    };
    db.create(&mut old).await?;
    db.auto_migrate(models![Post]).await?;
    let plan = db.auto_migrate(models![Post]).plan().await?;
    assert!(plan.is_empty(), "{plan}");
    let read = db.get::<Post>(old.id).await?;
    let empty = Post {
        id: old.id,
        title: "old".into(),
        ..Default::default()
    };
    assert_eq!(read, empty);
    assert_eq!(
        db.find::<Post>()
            .filter(Post::tags.list_len().eq(0))
            .count()
            .await?,
        1
    );
    refused(
        db.execute("INSERT INTO posts (title) VALUES ('x')", ())
            .await,
        ErrorKind::NotNullViolation,
    );
    Ok(())
}

mod narrow {
    use super::*;

    #[derive(Model, Clone, Debug, Default)]
    #[model(table = "counters")]
    pub(super) struct Counter {
        pub(super) id: i64,
        pub(super) seen: Vec<i32>,
    }
}

#[derive(Model, Clone, Debug, Default)]
struct Counter {
    id: i64,
    seen: Vec<i64>,
}

/// A wider element keeps what is there.
async fn elements_are_widened(db: Db) -> Result<()> {
    db.auto_migrate(models![narrow::Counter]).await?;
    let mut old = narrow::Counter {
        seen: vec![1, i32::MIN],
        ..Default::default()
    };
    db.create(&mut old).await?;
    db.auto_migrate(models![Counter]).await?;
    assert!(db.auto_migrate(models![Counter]).plan().await?.is_empty());
    let mut read = db.get::<Counter>(old.id).await?;
    assert_eq!(read.seen, [1, i64::from(i32::MIN)]);
    read.seen.push(i64::MAX);
    db.save(&mut read).await?;
    assert_eq!(db.get::<Counter>(old.id).await?.seen, read.seen);
    // The narrower model takes the wider column as it is.
    assert!(
        db.auto_migrate(models![narrow::Counter])
            .plan()
            .await?
            .is_empty()
    );
    Ok(())
}

suite![columns_are_added, elements_are_widened];
