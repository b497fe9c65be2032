//! JSON documents.

use serde_json::{Value as Document, json};
use sinew_suite::prelude::*;

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Entry {
    id: i64,
    plain: Document,
    typed: Json<Vec<Option<f64>>>,
    maybe: Option<Json<Document>>,
}

fn entry(plain: Document) -> Entry {
    Entry {
        maybe: Some(Json(plain.clone())),
        plain,
        ..Default::default()
    }
}

fn nested(depth: usize) -> Document {
    (0..depth).fold(json!([]), |inside, _| json!({ "k": [inside] }))
}

async fn documents_come_back_as_they_were(db: Db) -> Result<()> {
    db.auto_migrate(models![Entry]).await?;
    assert!(db.auto_migrate(models![Entry]).plan().await?.is_empty());
    let mut entries: Vec<_> = [
        json!(null),
        json!(true),
        json!(""),
        json!("text \"quoted\" \\ ' 😀 \u{10ffff} \u{1} \u{202e}"),
        json!({ "ünï\"'\\": { "": [1, [2, [3, {}]]] }, "a": null, "A": [] }),
        json!([i64::MIN, i64::MAX, u64::MAX, 0.1, -0.5, 1e300, 5e-324]),
        json!({ "$ref": "#/a", "a.b": "?", "$1": ":x" }),
        nested(12),
        json!("x".repeat(100_000)),
    ]
    .map(entry)
    .into();
    db.create(&mut entries).await?;
    let read = db.find::<Entry>().order_by(Entry::id).await?;
    for (read, entry) in read.iter().zip(&entries) {
        assert_eq!(read, entry);
    }
    entries.rotate_left(1);
    for (entry, plain) in entries.iter_mut().zip([json!({ "b": 2 }), json!([])]) {
        entry.plain = plain;
        db.save(entry).await?;
        assert_eq!(db.get::<Entry>(entry.id).await?, *entry);
    }
    Ok(())
}

async fn no_document_is_not_the_document_null(db: Db) -> Result<()> {
    db.auto_migrate(models![Entry]).await?;
    let mut entries = vec![Entry::default(), entry(Document::Null)];
    db.create(&mut entries).await?;
    let read = db.find::<Entry>().order_by(Entry::id).await?;
    assert_eq!(
        (&read[0].maybe, &read[1].maybe),
        (&None, &Some(Json(Document::Null)))
    );
    let missing = db.find::<Entry>().filter(Entry::maybe.is_null()).await?;
    assert_eq!(missing, entries[..1]);
    Ok(())
}

// A number that f64 has no room for is a clear error when it is read, or the nearest f64.
async fn numbers_beyond_f64(db: Db) -> Result<()> {
    db.auto_migrate(models![Entry]).await?;
    let mut held = entry(json!(0));
    db.create(&mut held).await?;
    db.execute(
        "UPDATE entries SET plain = '123456789012345678901234567890'",
        (),
    )
    .await?;
    assert_eq!(
        db.get::<Entry>(held.id).await?.plain,
        json!(123_456_789_012_345_678_901_234_567_890.0)
    );
    db.execute("UPDATE entries SET plain = '1e400'", ()).await?;
    refused(db.get::<Entry>(held.id).await, ErrorKind::Decode);
    Ok(())
}

async fn nul_in_a_document(db: Db) -> Result<()> {
    db.auto_migrate(models![Entry]).await?;
    let mut held = entry(json!({ "a": "x\0y" }));
    match db.create(&mut held).await {
        Ok(()) => assert_eq!(db.get::<Entry>(held.id).await?, held),
        error => {
            refused(error, ErrorKind::InvalidInput);
            assert!(!crate::capabilities(&db).nul_in_text.supported);
            assert_eq!(rows(&db, "entries").await?, 0);
        }
    }
    Ok(())
}

suite![
    documents_come_back_as_they_were,
    no_document_is_not_the_document_null,
    numbers_beyond_f64,
    nul_in_a_document,
];
