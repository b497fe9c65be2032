//! Graphs that PostgreSQL writes as one statement, from the second on: what the statements apart
//! would do is what happens, also where the server refuses them as one.

// A case is no `#[test]` itself, so clippy does not know that it is one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use sinew_suite::prelude::*;

#[derive(Model, Clone, Debug, Default)]
struct Writer {
    id: i32,
    #[model(unique)]
    name: String,
    books: HasMany<Book>,
}

#[derive(Model, Clone, Debug, Default)]
struct Book {
    id: i64,
    writer_id: i32,
    #[model(unique)]
    title: String,
    #[model(default = "7")]
    rating: Option<i64>,
    #[model(join_table = "book_topics")]
    topics: ManyToMany<Topic>,
}

#[derive(Model, Clone, Debug, Default)]
struct Topic {
    id: i64,
    name: String,
}

async fn tables(db: &Db) -> Result<Vec<Topic>> {
    db.auto_migrate(models![Writer, Book, Topic]).await?;
    let topic = |n: i32| Topic {
        name: format!("topic {n}"),
        ..Default::default()
    };
    let mut topics: Vec<Topic> = (0..4).map(topic).collect();
    db.create(&mut topics).await?;
    Ok(topics)
}

/// Two writers with three books each, of two topics.
fn writers(turn: usize, topics: &[Topic]) -> Vec<Writer> {
    let book = |writer: usize, n: usize| Book {
        title: format!("book {turn} {writer} {n}"),
        topics: topics[n % 3..n % 3 + 2].to_vec().into(),
        ..Default::default()
    };
    let writer = |at: usize| Writer {
        name: format!("writer {turn} {at}"),
        books: (0..3).map(|n| book(at, n)).collect(),
        ..Default::default()
    };
    (0..2).map(writer).collect()
}

/// How often a statement ran that stands for several.
async fn runs(db: &Db) -> Result<i64> {
    let sql = "SELECT coalesce(sum(generic_plans + custom_plans), 0)::int8 \
               FROM pg_prepared_statements WHERE starts_with(statement, 'WITH \"sinew.m')";
    let found: Vec<(i64,)> = db.query(sql, ()).await?;
    Ok(found[0].0)
}

/// Every key in memory is the one of the row in the database, and every row hangs where it should.
async fn assert_written(db: &Db, made: &[Writer]) -> Result<()> {
    for writer in made {
        let found = db
            .get::<Writer>(writer.id)
            .preload(Writer::books.order_by(Book::id.asc()).preload(Book::topics))
            .await?;
        assert_eq!(found.name, writer.name);
        let (found, books) = (found.books.loaded()?, writer.books.loaded()?);
        assert_eq!(found.len(), books.len());
        for (found, book) in found.iter().zip(books) {
            assert_eq!((found.id, &found.title), (book.id, &book.title));
            assert_eq!((found.writer_id, book.writer_id), (writer.id, writer.id));
            assert_eq!((found.rating, book.rating), (Some(7), Some(7)));
            let ids = |book: &Book| -> Result<Vec<i64>> {
                let mut ids: Vec<_> = book.topics.loaded()?.iter().map(|t| t.id).collect();
                ids.sort_unstable();
                Ok(ids)
            };
            assert_eq!(ids(found)?, ids(book)?);
        }
    }
    Ok(())
}

async fn graphs(db: Db) -> Result<()> {
    let topics = tables(&db).await?;
    let mut cost = None;
    for turn in 0..4 {
        let mut made = writers(turn, &topics);
        let counting = db.counting();
        counting.create(&mut made).await?;
        let now = (counting.round_trips(), counting.statements());
        if turn > 0 {
            assert_eq!(now.0, 1);
            assert_eq!(*cost.get_or_insert(now), now);
        }
        assert_written(&db, &made).await?;
    }
    // The topics at the beginning are a transaction of one statement for many rows, and were one.
    assert_eq!(runs(&db).await?, 3);
    Ok(())
}

async fn many_rows_of_one_table(db: Db) -> Result<()> {
    tables(&db).await?;
    let before = rows(&db, "topics").await?;
    for turn in 0..3_i64 {
        let topic = |n: i64| Topic {
            name: format!("{turn} {n}"),
            ..Default::default()
        };
        let mut topics: Vec<Topic> = (0..500).map(topic).collect();
        db.create(&mut topics).await?;
        let mut found = db
            .find::<Topic>()
            .order_by(Topic::id.desc())
            .limit(500)
            .await?;
        found.reverse();
        let told = |topics: &[Topic]| -> Vec<(i64, String)> {
            topics.iter().map(|t| (t.id, t.name.clone())).collect()
        };
        assert_eq!(told(&found), told(&topics));
    }
    assert_eq!(rows(&db, "topics").await?, before + 1500);
    assert!(runs(&db).await? >= 3);
    Ok(())
}

/// The row at fault is named, nothing is written, and keys in memory are as they were.
async fn a_refused_row(db: Db) -> Result<()> {
    let topics = tables(&db).await?;
    for turn in 0..2 {
        db.create(&mut writers(turn, &topics)).await?;
    }
    let counts = async || -> Result<_> {
        Ok((
            rows(&db, "writers").await?,
            rows(&db, "books").await?,
            rows(&db, "book_topics").await?,
        ))
    };
    let before = counts().await?;
    for turn in 2..5 {
        let mut wrong = writers(turn, &topics);
        wrong[1].books.loaded_mut()?[2].title = "book 0 0 1".into();
        let error = db.create(&mut wrong).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UniqueViolation);
        assert_eq!(error.path(), Some("[1].books[2]"), "{error}");
        assert_eq!(counts().await?, before);
        assert!(wrong.iter().all(|writer| writer.id == 0));
    }
    let mut right = writers(5, &topics);
    db.create(&mut right).await?;
    assert_written(&db, &right).await
}

/// A topic that is not there is written with the rest.
async fn a_target_that_is_not_there(db: Db) -> Result<()> {
    let topics = tables(&db).await?;
    for turn in 0..3 {
        db.create(&mut writers(turn, &topics)).await?;
    }
    let mut made = writers(3, &topics);
    let new = Topic {
        id: 1000,
        name: "new".into(),
    };
    made[0].books.loaded_mut()?[0].topics = [new, topics[0].clone()].into();
    db.create(&mut made).await?;
    assert_written(&db, &made).await?;
    assert_eq!(db.get::<Topic>(1000).await?.name, "new");
    Ok(())
}

/// What looks at the rows that other parts of a statement wrote is served: the statements are sent
/// apart, from then on always.
async fn a_policy_that_looks_at_the_owner(db: Db) -> Result<()> {
    let topics = tables(&db).await?;
    db.execute(
        "CREATE FUNCTION has_owner(wanted int4) RETURNS boolean LANGUAGE sql STABLE AS \
         'SELECT EXISTS (SELECT FROM writers WHERE id = wanted)'",
        (),
    )
    .await?;
    db.execute(
        "ALTER TABLE books ADD CONSTRAINT owned CHECK (has_owner(writer_id))",
        (),
    )
    .await?;
    for turn in 0..4 {
        let mut made = writers(turn, &topics);
        let counting = db.counting();
        counting.create(&mut made).await?;
        let wanted = [None, None, Some(1), Some(1)][turn];
        let trips = counting.round_trips();
        assert!(
            wanted.is_none_or(|wanted| wanted == trips),
            "{turn}: {trips}"
        );
        assert_written(&db, &made).await?;
    }
    Ok(())
}

/// Constraints that are checked at the end of the transaction are checked.
async fn what_the_commit_refuses(db: Db) -> Result<()> {
    let topics = tables(&db).await?;
    db.execute(
        "CREATE FUNCTION refuses() RETURNS trigger LANGUAGE plpgsql AS \
         'BEGIN IF NEW.name = ''late'' THEN RAISE unique_violation; END IF; RETURN NEW; END'",
        (),
    )
    .await?;
    db.execute(
        "CREATE CONSTRAINT TRIGGER late AFTER INSERT ON writers DEFERRABLE INITIALLY DEFERRED \
         FOR EACH ROW EXECUTE FUNCTION refuses()",
        (),
    )
    .await?;
    for turn in 0..3 {
        db.create(&mut writers(turn, &topics)).await?;
    }
    let before = rows(&db, "books").await?;
    let mut again = writers(3, &topics);
    again[1].name = "late".into();
    let error = db.create(&mut again).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UniqueViolation);
    assert_eq!(rows(&db, "books").await?, before);
    let mut fine = writers(4, &topics);
    db.create(&mut fine).await?;
    assert_written(&db, &fine).await
}

/// Where a trigger drops rows nobody knows whose key is whose: nothing is written.
async fn a_trigger_that_drops_rows(db: Db) -> Result<()> {
    let topics = tables(&db).await?;
    db.execute(
        "CREATE FUNCTION drops() RETURNS trigger LANGUAGE plpgsql AS \
         'BEGIN IF NEW.name = ''gone'' THEN RETURN NULL; END IF; RETURN NEW; END'",
        (),
    )
    .await?;
    db.execute(
        "CREATE TRIGGER drops BEFORE INSERT ON writers FOR EACH ROW EXECUTE FUNCTION drops()",
        (),
    )
    .await?;
    for turn in 0..3 {
        db.create(&mut writers(turn, &topics)).await?;
    }
    let before = rows(&db, "books").await?;
    let mut some = writers(3, &topics);
    some[0].name = "gone".into();
    assert!(db.create(&mut some).await.is_err());
    assert_eq!(rows(&db, "books").await?, before);
    assert!(some.iter().all(|writer| writer.id == 0));
    let mut kept = writers(4, &topics);
    db.create(&mut kept).await?;
    assert_written(&db, &kept).await
}

/// A trigger that sees the tables as they were before its statement finds the owner all the same.
async fn a_trigger_that_looks_back(db: Db) -> Result<()> {
    let topics = tables(&db).await?;
    db.execute(
        "CREATE FUNCTION looks() RETURNS trigger LANGUAGE plpgsql STABLE AS \
         'BEGIN NEW.rating := (SELECT id FROM writers WHERE id = NEW.writer_id); RETURN NEW; END'",
        (),
    )
    .await?;
    db.execute(
        "CREATE TRIGGER looks BEFORE INSERT ON books FOR EACH ROW EXECUTE FUNCTION looks()",
        (),
    )
    .await?;
    for turn in 0..3 {
        db.create(&mut writers(turn, &topics)).await?;
    }
    let sql = "SELECT count(*) FROM books WHERE rating IS DISTINCT FROM writer_id";
    let strangers: Vec<(i64,)> = db.query(sql, ()).await?;
    assert_eq!(strangers, [(0,)]);
    assert_eq!(rows(&db, "books").await?, 18);
    Ok(())
}

macro_rules! on_postgres {
    ($($case:ident),* $(,)?) => {
        mod postgres {
            $(
                #[test]
                fn $case() -> sinew::Result<()> {
                    sinew_suite::run(&sinew_suite::POSTGRES, super::$case)
                }
            )*
        }
    };
}

on_postgres![
    graphs,
    many_rows_of_one_table,
    a_refused_row,
    a_target_that_is_not_there,
    a_policy_that_looks_at_the_owner,
    what_the_commit_refuses,
    a_trigger_that_drops_rows,
    a_trigger_that_looks_back,
];
