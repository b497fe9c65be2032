//! Auto-migrate: every kind of change to tables with rows, in one go.

use sinew_suite::prelude::*;

mod first {
    use super::*;

    #[derive(Model, Clone, Debug, Default)]
    pub(super) struct Author {
        pub(super) id: i64,
        #[model(unique)]
        pub(super) email: String,
        pub(super) bio: String,
        pub(super) favourite_id: Option<i64>,
        pub(super) favourite: BelongsTo<Option<Book>>,
    }

    #[derive(Model, Clone, Debug, Default)]
    pub(super) struct Book {
        pub(super) id: i64,
        #[model(size = 50)]
        pub(super) title: String,
        pub(super) pages: i32,
        pub(super) author_id: i64,
        pub(super) author: BelongsTo<Author>,
    }
}

mod second {
    use super::*;

    #[derive(Model, Clone, Debug, Default)]
    pub(super) struct Author {
        pub(super) id: i64,
        #[model(unique)]
        pub(super) email: String,
        pub(super) bio: String,
        pub(super) favourite_id: Option<i64>,
        pub(super) favourite: BelongsTo<Option<Book>>,
        #[model(on_delete = cascade)]
        pub(super) books: HasMany<Book>,
    }

    #[derive(Model, Clone, Debug, Default)]
    pub(super) struct Book {
        pub(super) id: i64,
        #[model(size = 90)]
        pub(super) title: String,
        pub(super) pages: i64,
        #[model(index, comment = "it's a \"shelf\"")]
        pub(super) a_shelf_whose_name_is_as_long_as_a_name_may_be_on_any_database: String,
        #[model(default = "new")]
        pub(super) state: String,
        pub(super) printed_at: Timestamp,
        pub(super) author_id: i64,
        pub(super) author: BelongsTo<Author>,
    }
}

// Behaviour: B070, B071, B073
async fn everything_at_once(db: Db) -> Result<()> {
    db.auto_migrate(models![first::Book, first::Author]).await?;
    let again = db.auto_migrate(models![first::Author, first::Book]);
    assert!(again.plan().await?.is_empty());
    let book = first::Book {
        title: "t".into(),
        pages: 7,
        author: first::Author {
            email: "a".into(),
            ..Default::default()
        }
        .into(),
        ..Default::default()
    };
    db.create(&mut { book }).await?;

    let all = || models![second::Book, second::Author];
    db.auto_migrate(all()).await?;
    let again = db.auto_migrate(all()).plan().await?;
    assert!(again.is_empty(), "{again}");
    let mut books = db.find::<second::Book>().await?;
    let read = &books[0];
    assert_eq!(
        (read.title.as_str(), read.pages, read.state.as_str()),
        ("t", 7, "new")
    );
    assert!(!read.printed_at.is_unset());
    // What was widened has room, and the new action takes the place of the old one.
    books[0].pages = i64::MAX;
    books[0].title = "t".repeat(90);
    db.save(&mut books).await?;
    assert_eq!(values::<i64>(&db, "books", "pages").await?, [i64::MAX]);
    db.execute("DELETE FROM authors", ()).await?;
    assert_eq!(rows(&db, "books").await?, 0);
    Ok(())
}

suite![everything_at_once];
