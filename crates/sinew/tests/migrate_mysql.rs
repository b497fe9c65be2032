//! Tables made and changed on MySQL and MariaDB.
#![cfg(feature = "mysql")]
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)]

use sinew::prelude::*;

mod first {
    use sinew::prelude::*;

    #[derive(Model, Clone, Debug, Default)]
    pub struct Author {
        pub id: i64,
        #[model(unique)]
        pub email: String,
        pub bio: String,
        pub favourite_id: Option<i64>,
        pub favourite: BelongsTo<Option<Book>>,
    }

    #[derive(Model, Clone, Debug, Default)]
    pub struct Book {
        pub id: i64,
        #[model(size = 50)]
        pub title: String,
        pub pages: i32,
        pub author_id: i64,
        pub author: BelongsTo<Author>,
    }
}

mod second {
    use sinew::prelude::*;

    #[derive(Model, Clone, Debug, Default)]
    pub struct Author {
        pub id: i64,
        #[model(unique)]
        pub email: String,
        pub bio: String,
        pub favourite_id: Option<i64>,
        pub favourite: BelongsTo<Option<Book>>,
        #[model(on_delete = cascade)]
        pub books: HasMany<Book>,
    }

    #[derive(Model, Clone, Debug, Default)]
    pub struct Book {
        pub id: i64,
        #[model(size = 90)]
        pub title: String,
        pub pages: i64,
        #[model(index, comment = "it's a \"shelf\"")]
        pub a_shelf_whose_name_is_as_long_as_a_name_may_be_on_this_database: String,
        #[model(default = "new")]
        pub state: String,
        pub printed_at: Timestamp,
        pub author_id: i64,
        pub author: BelongsTo<Author>,
    }
}

mod by_hand {
    use sinew::prelude::*;

    #[derive(Model, Clone, Debug, Default)]
    pub struct Thing {
        pub id: i64,
        pub name: String,
        pub seen: Option<i32>,
        pub made_at: Timestamp,
        pub ok: bool,
    }
}

async fn open(name: &str) -> sinew::Result<Option<Db>> {
    let Ok(server) = std::env::var("SINEW_TEST_MYSQL") else {
        println!("skipped: SINEW_TEST_MYSQL names no server");
        return Ok(None);
    };
    let base = Db::connect(&server).await?;
    base.execute(&format!("DROP DATABASE IF EXISTS sinew_{name}"), ())
        .await?;
    base.execute(&format!("CREATE DATABASE sinew_{name}"), ())
        .await?;
    let (head, _) = server.rsplit_once('/').unwrap();
    Ok(Some(Db::connect(&format!("{head}/sinew_{name}")).await?))
}

#[tokio::test]
async fn tables_are_made_and_changed_mysql() -> sinew::Result<()> {
    let Some(db) = open("migrate").await? else {
        return Ok(());
    };
    let plan = db
        .auto_migrate(models![first::Book, first::Author])
        .plan()
        .await?;
    println!("{plan}");
    db.auto_migrate(models![first::Book, first::Author]).await?;
    assert!(
        db.auto_migrate(models![first::Author, first::Book])
            .plan()
            .await?
            .is_empty()
    );
    let mut author = first::Author {
        email: "a".into(),
        ..Default::default()
    };
    db.create(&mut author).await?;
    let mut book = first::Book {
        title: "t".into(),
        author_id: author.id,
        ..Default::default()
    };
    db.create(&mut book).await?;
    let plan = db
        .auto_migrate(models![second::Book, second::Author])
        .plan()
        .await?;
    println!("{plan}");
    db.auto_migrate(models![second::Book, second::Author])
        .await?;
    let again = db
        .auto_migrate(models![second::Book, second::Author])
        .plan()
        .await?;
    assert!(again.is_empty(), "{again}");
    let books = db.find::<second::Book>().await?;
    assert_eq!(
        (books[0].title.as_str(), books[0].state.as_str()),
        ("t", "new")
    );
    assert!(!books[0].printed_at.is_unset());
    db.execute("DELETE FROM authors", ()).await?;
    assert_eq!(db.find::<second::Book>().count().await?, 0);
    Ok(())
}

#[tokio::test]
async fn a_table_made_by_hand_is_taken_as_it_is_mysql() -> sinew::Result<()> {
    let Some(db) = open("by_hand").await? else {
        return Ok(());
    };
    db.execute(
        "CREATE TABLE things (ID BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, Name VARCHAR(40) NOT NULL \
         DEFAULT 'x', seen INTEGER NOT NULL, made_at DATETIME(6) NOT NULL DEFAULT now(6), \
         ok BOOL NOT NULL, more TEXT) COLLATE utf8mb4_unicode_ci",
        (),
    )
    .await?;
    db.auto_migrate(models![by_hand::Thing]).await?;
    assert!(
        db.auto_migrate(models![by_hand::Thing])
            .plan()
            .await?
            .is_empty()
    );
    let mut thing = by_hand::Thing {
        name: "n".into(),
        made_at: Timestamp::now(),
        ok: true,
        ..Default::default()
    };
    db.create(&mut thing).await?;
    let read = db.get::<by_hand::Thing>(thing.id).await?;
    assert_eq!((read.seen, read.ok), (None, true));
    Ok(())
}
