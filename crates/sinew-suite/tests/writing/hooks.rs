//! Hooks around writes: their order, on which rows, and what an error undoes.

use std::cell::RefCell;

use sinew_suite::prelude::*;

use crate::fixture::{count, number};

#[derive(Model, Clone, Debug, Default)]
#[model(hooks)]
struct Author {
    id: i64,
    updated_at: Timestamp,
    deleted_at: DeletedAt,
    name: String,
    slug: String,
    books: HasMany<Book>,
    #[model(join_table = "author_topics")]
    topics: ManyToMany<Topic>,
}

#[derive(Model, Clone, Debug, Default)]
#[model(hooks)]
struct Book {
    id: i64,
    author_id: Option<i64>,
    title: String,
}

#[derive(Model, Clone, Debug, Default)]
#[model(hooks)]
struct Topic {
    id: i64,
    name: String,
}

// Each case runs on a thread of its own.
thread_local! {
    static LOG: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

fn log(what: &str, who: &str) {
    LOG.with_borrow_mut(|log| log.push(format!("{what} {who}")));
}

fn logged() -> Vec<String> {
    LOG.take()
}

fn refuse(who: &str, at: &str) -> Result<()> {
    if who == at {
        Err(Error::new(ErrorKind::Hook, format!("no {who}")))
    } else {
        Ok(())
    }
}

impl Hooks for Author {
    async fn before_save(&mut self, _db: &Db) -> Result<()> {
        log("before_save", &self.name);
        self.slug = self.name.to_lowercase();
        Ok(())
    }
    async fn after_save(&mut self, _db: &Db) -> Result<()> {
        log("after_save", &self.name);
        refuse(&self.name, "bad after")
    }
    async fn before_create(&mut self, db: &Db) -> Result<()> {
        log("before_create", &self.name);
        db.create(&mut Topic {
            name: "from hook".into(),
            ..Default::default()
        })
        .await
    }
    async fn after_create(&mut self, _db: &Db) -> Result<()> {
        log("after_create", &self.name);
        Ok(())
    }
    async fn before_update(&mut self, _db: &Db) -> Result<()> {
        log("before_update", &self.name);
        refuse(&self.name, "bad update")
    }
    async fn after_update(&mut self, _db: &Db) -> Result<()> {
        log("after_update", &self.name);
        Ok(())
    }
    async fn before_delete(&mut self, _db: &Db) -> Result<()> {
        log("before_delete", &self.name);
        Ok(())
    }
    async fn after_delete(&mut self, _db: &Db) -> Result<()> {
        log("after_delete", &self.name);
        refuse(&self.name, "bad delete")
    }
}

impl Hooks for Book {
    async fn before_create(&mut self, _db: &Db) -> Result<()> {
        log("before_create", &self.title);
        refuse(&self.title, "bad book")
    }
    async fn before_delete(&mut self, _db: &Db) -> Result<()> {
        log("before_delete", &self.title);
        Ok(())
    }
    async fn after_delete(&mut self, _db: &Db) -> Result<()> {
        log("after_delete", &self.title);
        Ok(())
    }
}

impl Hooks for Topic {
    async fn before_create(&mut self, _db: &Db) -> Result<()> {
        log("before_create", &self.name);
        Ok(())
    }
}

async fn tables(db: &Db) -> Result<()> {
    db.auto_migrate(models![Author, Book, Topic]).await
}

fn author(name: &str, books: &[&str]) -> Author {
    let book = |title: &&str| Book {
        title: (*title).into(),
        ..Default::default()
    };
    Author {
        name: name.into(),
        books: books.iter().map(book).collect(),
        ..Default::default()
    }
}

async fn order_of_a_create(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut ada = author("Ada", &["One"]);
    db.create(&mut ada).await?;
    assert_eq!(
        logged(),
        [
            "before_save Ada",
            "before_create Ada",
            "before_create from hook",
            "before_create One",
            "after_create Ada",
            "after_save Ada",
        ]
    );
    assert_eq!(
        db.query::<(String,)>("SELECT slug FROM authors", ())
            .await?,
        [("ada".into(),)]
    );
    // Existing rows that are only linked run no create hooks.
    let topic = db.find::<Topic>().first().await?.unwrap();
    let mut bob = Author {
        topics: [topic].into(),
        ..author("Bob", &[])
    };
    db.skip_hooks().create(&mut bob).await?;
    assert!(logged().is_empty());
    db.save(&mut bob).await?;
    assert_eq!(
        logged(),
        [
            "before_save Bob",
            "before_update Bob",
            "after_update Bob",
            "after_save Bob"
        ]
    );
    Ok(())
}

async fn an_error_undoes_everything_in_memory_too(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut batch = vec![author("Ada", &["One"]), author("Bob", &["Two", "bad book"])];
    let error = db.create(&mut batch).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.path()),
        (ErrorKind::Hook, Some("[1].books[1]"))
    );
    let mut late = author("bad after", &["Three"]);
    assert!(db.create(&mut late).await.is_err());
    for table in ["authors", "books", "topics"] {
        assert_eq!(count(&db, table).await, 0, "{table}");
    }
    for row in batch.iter().chain([&late]) {
        assert_eq!(
            (row.id, row.slug.as_str(), row.updated_at),
            (0, "", Timestamp::default())
        );
        assert!(
            row.books
                .loaded()?
                .iter()
                .all(|b| b.id == 0 && b.author_id.is_none())
        );
    }
    Ok(())
}

async fn update_hooks_write_what_they_change(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut ada = author("Ada", &[]);
    db.create(&mut ada).await?;
    logged();
    let counting = db.counting();
    counting
        .update(&mut ada)
        .set(Author::name.to("Grace"))
        .await?;
    assert_eq!(counting.statements(), 1);
    assert_eq!(
        logged(),
        [
            "before_save Grace",
            "before_update Grace",
            "after_update Grace",
            "after_save Grace"
        ]
    );
    let rows: Vec<(String, String)> = db.query("SELECT name, slug FROM authors", ()).await?;
    assert_eq!(rows, [("Grace".into(), "grace".into())]);
    let error = db
        .update(&mut ada)
        .set(Author::name.to("bad update"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Hook);
    assert_eq!((ada.name.as_str(), ada.slug.as_str()), ("Grace", "grace"));
    logged();
    let n = db
        .find::<Author>()
        .filter(Author::id.gt(0))
        .update()
        .set(Author::name.to("Eve"))
        .await?;
    assert_eq!((n, logged().len()), (1, 4));
    assert_eq!(
        db.query::<(String,)>("SELECT slug FROM authors", ())
            .await?,
        [("eve".into(),)]
    );
    let counting = db.skip_hooks().counting();
    counting
        .find::<Author>()
        .filter(Author::id.gt(0))
        .update()
        .set(Author::name.to("X"))
        .await?;
    assert_eq!((counting.statements(), logged().len()), (1, 0));
    Ok(())
}

async fn delete_hooks_run_on_the_real_rows(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut ada = author("Ada", &["One", "Two"]);
    db.create(&mut ada).await?;
    logged();
    db.delete(&mut ada)
        .with(Author::books.order_by(Book::id.asc()))
        .await?;
    assert_eq!(
        logged(),
        [
            "before_delete Ada",
            "before_delete One",
            "before_delete Two",
            "after_delete One",
            "after_delete Two",
            "after_delete Ada",
        ]
    );
    assert_eq!(count(&db, "books").await, 0);
    let mut bad = author("bad delete", &["Three"]);
    db.create(&mut bad).await?;
    let error = db.delete(&mut bad).with(Author::books).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Hook);
    assert!(!bad.deleted_at.is_deleted());
    assert_eq!(bad.books.loaded()?.len(), 1);
    assert_eq!(count(&db, "books").await, 1);
    assert_eq!(
        number(&db, "SELECT count(*) FROM authors WHERE deleted_at IS NULL").await,
        1
    );
    logged();
    let n = db
        .find::<Book>()
        .filter(Book::title.eq("Three"))
        .delete()
        .await?;
    assert_eq!(
        (n, logged()),
        (
            1,
            vec![
                "before_delete Three".into(),
                "after_delete Three".to_owned()
            ]
        )
    );
    db.create(&mut Book {
        title: "Four".into(),
        ..Default::default()
    })
    .await?;
    logged();
    let counting = db.skip_hooks().counting();
    assert_eq!(
        counting
            .find::<Book>()
            .filter(Book::id.gt(0))
            .delete()
            .await?,
        1
    );
    assert_eq!((counting.statements(), logged().len()), (1, 0));
    Ok(())
}

suite![
    order_of_a_create,
    an_error_undoes_everything_in_memory_too,
    update_hooks_write_what_they_change,
    delete_hooks_run_on_the_real_rows,
];
