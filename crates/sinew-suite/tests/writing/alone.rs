//! One row on which nothing hangs: one statement, and what the row in memory holds before and after.

use sinew_suite::prelude::*;

use crate::fixture::*;

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Note {
    id: i64,
    #[model(size = 10, unique)]
    title: String,
    #[model(size = 20, default = "plain")]
    kind: Option<String>,
    stars: i32,
    created_at: Timestamp,
    updated_at: Timestamp,
    deleted_at: DeletedAt,
}

fn note(title: &str) -> Note {
    Note {
        title: title.into(),
        stars: 1,
        ..Default::default()
    }
}

async fn stored(db: &Db, id: i64) -> Result<Note> {
    db.unscoped().get::<Note>(id).await
}

async fn created(db: Db) -> Result<()> {
    db.auto_migrate(models![Note]).await?;
    let counting = db.counting();
    let mut first = note("first");
    first.kind = Some("own".into());
    counting.create(&mut first).await?;
    assert_eq!(counting.statements(), 1);
    assert!(first.id != 0 && first.created_at == first.updated_at);
    assert!(first.created_at > Timestamp::UNIX_EPOCH);
    assert_eq!(stored(&db, first.id).await?, first);

    // What the database chooses is read back; a second statement where none returns anything.
    counting.reset_counts();
    let mut second = note("second");
    counting.create(&mut second).await?;
    assert!(counting.statements() <= 2);
    assert_eq!(second.kind.as_deref(), Some("plain"));
    assert_eq!(stored(&db, second.id).await?, second);

    // With a key of its own; the database counts on from there.
    let mut given = Note {
        id: 70,
        kind: Some("given".into()),
        ..note("given")
    };
    db.create(&mut given).await?;
    let mut next = note("next");
    db.create(&mut next).await?;
    assert_eq!((given.id, next.id), (70, 71));

    let clash = note("first");
    for kind in [None, Some("own".to_owned())] {
        let mut row = Note {
            kind,
            ..clash.clone()
        };
        let before = row.clone();
        let error = db.create(&mut row).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UniqueViolation);
        assert_eq!((error.model(), error.path()), (Some("Note"), None));
        assert_eq!(row, before);
    }
    let mut long = note("much too long");
    let before = long.clone();
    let error = db.create(&mut long).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ValueTooLong);
    assert_eq!(long, before);
    assert_eq!(count(&db, "notes").await, 4);
    Ok(())
}

async fn updated_and_saved(db: Db) -> Result<()> {
    db.auto_migrate(models![Note]).await?;
    let mut row = note("first");
    db.create(&mut row).await?;
    db.create(&mut note("other")).await?;
    let counting = db.counting();
    let change = (
        Note::stars.to(5),
        Note::title.to("named"),
        Note::stars.to(6),
    );
    counting.update(&mut row).set(change).await?;
    assert_eq!(counting.statements(), 1);
    assert_eq!((row.stars, row.title.as_str()), (6, "named"));
    assert!(row.updated_at > row.created_at);
    assert_eq!(stored(&db, row.id).await?, row);

    counting.reset_counts();
    (row.stars, row.kind) = (7, None);
    counting.save(&mut row).await?;
    assert_eq!(counting.statements(), 1);
    assert_eq!(stored(&db, row.id).await?, row);

    let before = row.clone();
    let change = (Note::stars.to(8), Note::title.to("other"));
    let error = db.update(&mut row).set(change).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UniqueViolation);
    assert_eq!((error.model(), row == before), (Some("Note"), true));
    row.title = "other".into();
    let edited = row.clone();
    let error = db.save(&mut row).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UniqueViolation);
    assert_eq!(row, edited);
    row.title = "much too long".into();
    let error = db.save(&mut row).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ValueTooLong);
    assert_eq!(row.updated_at, edited.updated_at);
    assert_eq!(stored(&db, row.id).await?, before);

    // A row without a key is inserted.
    let mut new = note("new");
    db.save(&mut new).await?;
    assert_eq!(stored(&db, new.id).await?, new);
    Ok(())
}

async fn deleted(db: Db) -> Result<()> {
    db.auto_migrate(models![Note, Company]).await?;
    let mut row = note("first");
    db.create(&mut row).await?;
    let mut stale = row.clone();
    let counting = db.counting();
    counting.delete(&mut row).await?;
    assert_eq!(counting.statements(), 1);
    assert!(row.deleted_at.is_deleted());
    assert_eq!(stored(&db, row.id).await?, row);
    let before = stale.clone();
    for error in [
        db.delete(&mut stale).await.unwrap_err(),
        db.save(&mut stale).await.unwrap_err(),
        db.update(&mut stale)
            .set(Note::stars.to(9))
            .await
            .unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }
    assert_eq!(stale, before);
    db.unscoped().delete(&mut stale).await?;
    assert_eq!(count(&db, "notes").await, 0);

    let mut acme = Company::default();
    db.create(&mut acme).await?;
    db.delete(&mut acme).await?;
    assert_eq!(count(&db, "companies").await, 0);
    let error = db.delete(&mut acme).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let error = db.delete(&mut Company::default()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::MissingKey);
    Ok(())
}

async fn in_a_transaction(db: Db) -> Result<()> {
    db.auto_migrate(models![Note]).await?;
    db.create(&mut note("first")).await?;
    let mut kept = note("kept");
    let mut clash = note("first");
    db.transaction(async |tx| {
        tx.create(&mut kept).await?;
        // Refused, and the transaction goes on.
        let error = tx.create(&mut clash).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UniqueViolation);
        tx.update(&mut kept).set(Note::stars.to(2)).await?;
        let error = tx
            .update(&mut kept)
            .set(Note::title.to("first"))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UniqueViolation);
        assert_eq!(tx.get::<Note>(kept.id).await?.stars, 2);
        tx.save(&mut kept).await
    })
    .await?;
    assert_eq!(clash, note("first"));
    assert_eq!(stored(&db, kept.id).await?, kept);
    let undone = db.transaction(async |tx| {
        tx.delete(&mut kept).await?;
        tx.get::<Note>(kept.id).await
    });
    assert!(undone.await.unwrap_err().is_not_found());
    assert!(!stored(&db, kept.id).await?.deleted_at.is_deleted());
    Ok(())
}

async fn on_a_closed_database(db: Db) -> Result<()> {
    db.auto_migrate(models![Note]).await?;
    let mut row = note("first");
    db.create(&mut row).await?;
    db.close().await;
    let counting = db.counting();
    let before = row.clone();
    let found = counting.get::<Note>(row.id).await.unwrap_err();
    let updated = counting
        .update(&mut row)
        .set(Note::stars.to(2))
        .await
        .unwrap_err();
    let mut new = note("new");
    let created = counting.create(&mut new).await.unwrap_err();
    for error in [found, updated, created] {
        assert_eq!(error.kind(), ErrorKind::Closed);
    }
    assert_eq!((row, new), (before, note("new")));
    assert_eq!(counting.statements(), 0);
    Ok(())
}

suite![
    created,
    updated_and_saved,
    deleted,
    in_a_transaction,
    on_a_closed_database,
];
