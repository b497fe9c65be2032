//! Texts and bytes.

use sinew_suite::prelude::*;

use crate::capabilities;
use crate::kept::kept;

kept! {
    bytes: Vec<u8> = vec![
        vec![], vec![0], vec![0, 0], (0..=255).collect(), b"'; --".to_vec(), b"a".to_vec(), b"a ".to_vec(),
        vec![255; 3],
    ];
    characters: char = vec!['\u{1}', ' ', '\'', 'A', '\\', 'a', '\u{301}', '漢', '\u{feff}', '😀', '\u{10ffff}'];
    ascii: String = ["", " ", "  ", "%", "'", "A", "\\", "a", "a ", "a b", "~"].map(String::from).into();
    plain: uuid::Uuid = [0, 1, u128::MAX / 2, u128::MAX].map(uuid::Uuid::from_u128).into();
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Note {
    id: i64,
    text: String,
    data: Vec<u8>,
    maybe: Option<String>,
    blob: Option<Vec<u8>>,
}

fn note(text: &str) -> Note {
    Note {
        text: text.into(),
        data: text.as_bytes().to_vec(),
        maybe: Some(text.into()),
        blob: Some(text.as_bytes().to_vec()),
        ..Default::default()
    }
}

/// Texts of which some servers, some collations and some drivers make others.
fn texts() -> Vec<String> {
    let mut texts: Vec<String> = [
        "",
        " ",
        "a",
        "a ",
        "a  ",
        "A",
        "\t",
        "\u{e9}",
        "e\u{301}",
        "ss",
        "ß",
        "ﬁ",
        "fi",
        "I",
        "ı",
        "İ",
        "\u{5e9}\u{5dc}\u{5d5}\u{5dd}",
        "\u{202e}rtl\u{202c}",
        "😀",
        "👨‍👩‍👧",
        "\u{10ffff}",
        "\u{ffff}",
        "\u{fffd}",
        "\u{feff}",
        "\u{200b}",
        "\u{1}",
        "\u{7f}",
        "\u{85}",
        "'",
        "''",
        "\"",
        "`",
        "\\",
        "\\\\",
        "\\n",
        "\\0",
        "%",
        "_",
        "\\%",
        "\\_",
        "$1",
        "?",
        ":a",
        "{}",
        "{\"a\"}",
        "NULL",
        "null",
        "\r\n",
        "\n",
        "--",
        "/*!50000 1 */",
    ]
    .map(String::from)
    .into();
    texts.push("\u{10ffff}".repeat(1000));
    texts.push("x".repeat(769));
    texts.push("x".repeat(770));
    texts.push("\\".repeat(5000));
    texts
}

async fn every_text_is_itself(db: Db) -> Result<()> {
    db.auto_migrate(models![Note]).await?;
    let texts = texts();
    let mut notes: Vec<_> = texts.iter().map(|text| note(text)).collect();
    db.create(&mut notes).await?;
    let all = || db.find::<Note>().order_by(Note::id);
    assert!(all().await? == notes);
    for held in &notes {
        let alone = [held.clone()];
        let shown = &held.text;
        assert!(
            all().filter(Note::text.eq(&held.text)).await? == alone,
            "{shown:?}"
        );
        assert!(
            all().filter(Note::text.is_in([held.text.clone()])).await? == alone,
            "{shown:?}"
        );
        assert!(
            all()
                .filter(Note::maybe.eq(held.maybe.clone().unwrap()))
                .await?
                == alone,
            "{shown:?}"
        );
        assert!(
            all().filter(Note::data.eq(held.data.clone())).await? == alone,
            "{shown:?}"
        );
        assert!(
            all().filter(Note::data.is_in([held.data.clone()])).await? == alone,
            "{shown:?}"
        );
    }
    assert_eq!(
        all()
            .filter(Note::text.is_in(texts.clone()))
            .count()
            .await?,
        texts.len() as u64
    );
    let bytes: Vec<_> = notes.iter().map(|note| note.data.clone()).collect();
    assert_eq!(
        all().filter(Note::data.is_in(bytes)).count().await?,
        texts.len() as u64
    );
    Ok(())
}

async fn every_character(db: Db) -> Result<()> {
    db.auto_migrate(models![Note]).await?;
    // All of them but the surrogates, which are none, and U+0000; in pieces of 64 Ki.
    let all: Vec<char> = ('\u{1}'..=char::MAX).collect();
    let mut notes: Vec<_> = all
        .chunks(65_536)
        .map(|part| Note {
            text: part.iter().collect(),
            ..Default::default()
        })
        .collect();
    db.create(&mut notes).await?;
    let read = db.find::<Note>().order_by(Note::id).await?;
    assert!(read == notes);
    Ok(())
}

async fn a_million_bytes(db: Db) -> Result<()> {
    db.auto_migrate(models![Note]).await?;
    let text: String = "0123456789abcde\u{e9}"
        .chars()
        .cycle()
        .take(1 << 20)
        .collect();
    let mut large = Note {
        data: (0..=255).cycle().take(1 << 20).collect(),
        ..note(&text)
    };
    db.create(&mut large).await?;
    assert!(db.get::<Note>(large.id).await? == large);
    assert_eq!(
        db.find::<Note>()
            .filter(Note::text.eq(text))
            .count()
            .await?,
        1
    );
    large.data.reverse();
    db.save(&mut large).await?;
    assert!(db.get::<Note>(large.id).await? == large);
    Ok(())
}

async fn nul_in_a_text(db: Db) -> Result<()> {
    db.auto_migrate(models![Note]).await?;
    for text in ["\0", "a\0", "\0a", "a\0b"] {
        let mut held = note(text);
        let created = db.create(&mut held).await;
        let found = db.find::<Note>().filter(Note::text.eq(text)).count().await;
        let listed = db
            .find::<Note>()
            .filter(Note::text.is_in([text]))
            .count()
            .await;
        if capabilities(&db).nul_in_text.supported {
            created?;
            assert!(db.get::<Note>(held.id).await? == held);
            assert_eq!((found?, listed?), (1, 1));
        } else {
            let error = refused(created, ErrorKind::InvalidInput);
            assert!(error.message().contains("NUL"), "{error}");
            refused(found, ErrorKind::InvalidInput);
            refused(listed, ErrorKind::InvalidInput);
            assert_eq!(rows(&db, "notes").await?, 0);
            // Also deep in a batch, and in an update.
            let mut batch = vec![note("fine"), note(text), note("fine")];
            refused(db.create(&mut batch).await, ErrorKind::InvalidInput);
            assert_eq!(rows(&db, "notes").await?, 0);
        }
    }
    // Bytes may hold it everywhere.
    let mut bytes = Note {
        data: vec![0, 1, 0],
        ..Default::default()
    };
    db.create(&mut bytes).await?;
    assert_eq!(db.get::<Note>(bytes.id).await?.data, [0, 1, 0]);
    Ok(())
}

async fn patterns(db: Db) -> Result<()> {
    db.auto_migrate(models![Note]).await?;
    let mut notes: Vec<_> = ["100%", "100", "a_b", "axb", "a\\b", "it's", "\\", "100%x"]
        .map(note)
        .into();
    db.create(&mut notes).await?;
    let found = async |pattern: &str| {
        let found = db
            .find::<Note>()
            .filter(Note::text.like(pattern))
            .order_by(Note::id)
            .await?;
        Ok::<_, Error>(found.into_iter().map(|note| note.text).collect::<Vec<_>>())
    };
    assert_eq!(found("100%").await?, ["100%", "100", "100%x"]);
    assert_eq!(found("a_b").await?, ["a_b", "axb", "a\\b"]);
    // A backslash takes a mark's meaning away, on every database.
    assert_eq!(found("100\\%").await?, ["100%"]);
    assert_eq!(found("a\\_b").await?, ["a_b"]);
    assert_eq!(found("a\\\\b").await?, ["a\\b"]);
    assert_eq!(found("\\\\").await?, ["\\"]);
    assert_eq!(found("it's").await?, ["it's"]);
    assert_eq!(found("%' OR '1'='1").await?, [""; 0]);
    Ok(())
}

suite![
    every_text_is_itself,
    every_character,
    a_million_bytes,
    nul_in_a_text,
    patterns
];
