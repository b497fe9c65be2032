//! One row by its key.

use sinew_suite::prelude::*;

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Note {
    id: i64,
    deleted_at: DeletedAt,
    text: String,
    marks: HasMany<Mark>,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Mark {
    #[model(primary_key, size = 10)]
    code: String,
    note_id: i64,
}

/// The text of the statement is kept; a handle that sees soft-deleted rows has another.
async fn by_key_again_and_again(db: Db) -> Result<()> {
    db.auto_migrate(models![Note, Mark]).await?;
    let mark = Mark {
        code: "x".into(),
        ..Default::default()
    };
    let mut note = Note {
        text: "a".into(),
        marks: [mark].into(),
        ..Default::default()
    };
    db.create(&mut note).await?;
    for _ in 0..2 {
        let counting = db.counting();
        assert_eq!(counting.get::<Note>(1).await?.text, "a");
        assert_eq!(counting.statements(), 1);
        assert_eq!(db.get::<Mark>("x").await?.note_id, 1);
        let loaded = db.get::<Note>(1).preload(Note::marks).await?;
        assert_eq!(loaded.marks.loaded()?.len(), 1);
        assert!(db.get::<Mark>("y").optional().await?.is_none());
    }
    db.delete(&mut note).await?;
    for _ in 0..2 {
        let error = db.get::<Note>(1).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert_eq!(db.unscoped().get::<Note>(1).await?.text, "a");
    }
    Ok(())
}

suite![by_key_again_and_again];
