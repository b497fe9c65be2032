//! What bad input gets: a clear error of its kind, nothing written, never a panic.

use sinew_suite::prelude::*;

use crate::fixture::*;

/// Texts that break what is put together by hand.
const HOSTILE: &[&str] = &[
    "",
    " ",
    "'",
    "''",
    "\"",
    "`",
    "\\",
    "\\'",
    "%",
    "_",
    "?",
    "$1",
    ":name",
    "@p",
    "{}",
    "--",
    "/* */",
    ";",
    "'; DROP TABLE users; --",
    "\" OR \"\"=\"",
    "1 OR 1=1",
    "NULL",
    "null",
    "\r\n\t",
    "ünïcödé 漢字 🦀",
    "a\u{301}",
    "\u{202e}abc",
    "\u{feff}",
    "\u{7f}\u{1}\u{1b}[31m",
];

// Behaviour: B283, B292
async fn hostile_texts_are_just_texts(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut users: Vec<_> = HOSTILE
        .iter()
        .map(|text| User {
            pets: [pet(text)].into(),
            toys: [toy(text)].into(),
            ..user(text)
        })
        .collect();
    db.create(&mut users).await?;
    for (text, created) in HOSTILE.iter().zip(&users) {
        let read = db
            .get::<User>(created.id)
            .preload((User::pets, User::toys))
            .await?;
        assert_eq!(read.name, *text);
        assert_eq!(read.pets.loaded()?[0].name, *text);
        assert_eq!(read.toys.loaded()?[0].name, *text);
        let found = db
            .find::<Pet>()
            .filter(Pet::name.eq(*text))
            .filter(Pet::id.eq(read.pets.loaded()?[0].id));
        assert_eq!(found.count().await?, 1, "{text:?}");
        let raw = db
            .find::<Pet>()
            .filter(sql("name = ? AND user_id = ?", (*text, created.id)));
        assert_eq!(raw.count().await?, 1, "{text:?}");
        let within = User::pets.filter(Pet::name.eq(*text)).any();
        assert!(
            db.find::<User>().filter(within).count().await? >= 1,
            "{text:?}"
        );
        let stored: Vec<(String,)> = db
            .query(
                "SELECT name FROM users WHERE name = ? AND id = ?",
                (*text, created.id),
            )
            .await?;
        assert_eq!(stored, [((*text).to_owned(),)]);
        let mut read = read;
        db.update(&mut read)
            .set(User::name.to(format!("{text}!")))
            .await?;
        assert_eq!(
            value::<String>(&db, "users", "name", created.id).await?,
            format!("{text}!")
        );
    }
    Ok(())
}

// Behaviour: B226
async fn hostile_texts_as_keys(db: Db) -> Result<()> {
    tables(&db).await?;
    // Texts that differ from each other also where a database compares without case and padding.
    let codes: Vec<String> = HOSTILE
        .iter()
        .filter(|t| t.chars().count() < 9)
        .enumerate()
        .map(|(n, text)| format!("{n}{text}{n}"))
        .collect();
    let mut ada = User {
        languages: codes.iter().map(|code| language(code)).collect(),
        ..user("Ada")
    };
    db.create(&mut ada).await?;
    let mut read = db.get::<User>(1).preload(User::languages).await?;
    let mut held: Vec<_> = read
        .languages
        .loaded()?
        .iter()
        .map(|l| l.code.clone())
        .collect();
    let mut expected = codes.clone();
    held.sort();
    expected.sort();
    assert_eq!(held, expected);
    for code in &codes {
        let language = db.get::<Language>(code.as_str()).await?;
        db.association(&mut read, User::languages)
            .delete(&language)
            .await?;
    }
    assert_eq!(rows(&db, "user_speaks").await?, 0);
    Ok(())
}

// Behaviour: B280
async fn nul_bytes(db: Db) -> Result<()> {
    tables(&db).await?;
    let text = "before\0after";
    let mut ada = user(text);
    match db.create(&mut ada).await {
        // Either it is kept whole…
        Ok(()) => {
            assert_eq!(db.get::<User>(ada.id).await?.name, text);
            assert_eq!(
                db.find::<User>()
                    .filter(User::name.eq(text))
                    .count()
                    .await?,
                1
            );
            assert_eq!(
                db.find::<User>()
                    .filter(User::name.eq("before"))
                    .count()
                    .await?,
                0
            );
        }
        // …or refused.
        Err(_) => assert_eq!(rows(&db, "users").await?, 0),
    }
    assert!(db.find::<User>().include("pets\0").is_err());
    let _ = db.execute("SELECT 1\0; DROP TABLE users", ()).await;
    let _ = db.find::<User>().filter(sql("name = ?\0", ("x",))).await;
    assert!(rows(&db, "users").await? <= 1);
    Ok(())
}

// Behaviour: B280
async fn a_value_too_long_for_its_column(db: Db) -> Result<()> {
    tables(&db).await?;
    let fits = "ü".repeat(100);
    db.create(&mut user(&fits)).await?;
    assert_eq!(values::<String>(&db, "users", "name").await?, [fits]);
    let error = refused(
        db.create(&mut user(&"x".repeat(101))).await,
        ErrorKind::ValueTooLong,
    );
    let text = format!("{error:?}");
    assert!(text.contains("name"), "{text}");
    let mut ada = db.get::<User>(1).await?;
    ada.name = "x".repeat(101);
    refused(db.save(&mut ada).await, ErrorKind::ValueTooLong);
    let update = db
        .update(&mut ada)
        .set(User::name.to("x".repeat(101)))
        .await;
    refused(update, ErrorKind::ValueTooLong);
    // Also deep in a graph, and for a key.
    let long = language(&"x".repeat(21));
    let mut grace = User {
        languages: [long].into(),
        ..user("Grace")
    };
    refused(db.create(&mut grace).await, ErrorKind::ValueTooLong);
    assert_eq!(
        (rows(&db, "users").await?, rows(&db, "languages").await?),
        (1, 0)
    );
    // Without a size, a text may be long.
    let mut tom = pet(&"x".repeat(100_000));
    db.create(&mut tom).await?;
    assert_eq!(db.get::<Pet>(tom.id).await?.name.len(), 100_000);
    Ok(())
}

mod names {
    use super::*;

    #[derive(Model, Clone, Debug, Default)]
    #[model(table = "order")]
    struct Owner {
        id: i64,
        #[model(column = "select")]
        name: String,
        #[model(column = "it's \"quoted\" `here`")]
        odd: String,
        #[model(join_table = "group")]
        targets: ManyToMany<Target>,
        #[model(foreign_key = owner)]
        children: HasMany<Child>,
        #[model(polymorphic = holder, polymorphic_value = "o'w\"n`er")]
        things: HasMany<Thing>,
    }

    #[derive(Model, Clone, Debug, Default)]
    #[model(table = "from; DROP TABLE x; --")]
    struct Target {
        id: i64,
    }

    #[derive(Model, Clone, Debug, Default)]
    #[model(table = "user")]
    struct Child {
        id: i64,
        #[model(column = "where")]
        owner: i64,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct Thing {
        id: i64,
        holder_id: Option<i64>,
        #[model(size = 40)]
        holder_type: String,
    }

    // Behaviour: B083
    async fn names_that_need_quotes(db: Db) -> Result<()> {
        db.auto_migrate(models![Owner, Target, Child, Thing])
            .await?;
        assert!(
            db.auto_migrate(models![Owner, Target, Child, Thing])
                .plan()
                .await?
                .is_empty()
        );
        let mut owner = Owner {
            name: "a".into(),
            odd: "b".into(),
            targets: [Target::default(), Target::default()].into(),
            children: [Child::default()].into(),
            things: [Thing::default()].into(),
            ..Default::default()
        };
        db.create(&mut owner).await?;
        let read = db
            .find::<Owner>()
            .filter(Owner::odd.eq("b").and(Owner::name.eq("a")))
            .order_by(Owner::odd.asc())
            .preload_all()
            .await?;
        assert_eq!(read[0].targets.loaded()?.len(), 2);
        assert_eq!(
            (
                read[0].children.loaded()?.len(),
                read[0].things.loaded()?.len()
            ),
            (1, 1)
        );
        let joined = db
            .find::<Owner>()
            .join(Owner::children)
            .join(Owner::targets)
            .await?;
        assert_eq!(joined[0].targets.loaded()?.len(), 2);
        owner.odd = "c".into();
        db.save(&mut owner).await?;
        db.update(&mut owner).set(Owner::name.to("d")).await?;
        db.association(&mut owner, Owner::targets).clear().await?;
        assert_eq!(db.association(&mut owner, Owner::targets).count().await?, 0);
        db.delete(&mut owner).with(Owner::children).await?;
        assert_eq!(db.find::<Owner>().count().await?, 0);
        Ok(())
    }

    suite![names_that_need_quotes];
}

mod json {
    use super::*;

    #[derive(Model, Clone, Debug, Default)]
    struct Event {
        id: i64,
        data: Json<Vec<String>>,
        extra: Option<Json<Vec<String>>>,
    }

    // Behaviour: B296
    async fn hostile_texts_in_json(db: Db) -> Result<()> {
        db.auto_migrate(models![Event]).await?;
        let texts: Vec<String> = HOSTILE.iter().map(|text| (*text).to_owned()).collect();
        let mut event = Event {
            data: Json(texts.clone()),
            extra: Some(Json(texts.clone())),
            ..Default::default()
        };
        db.create(&mut event).await?;
        let read = db.get::<Event>(1).await?;
        assert_eq!(read.data.0, texts);
        assert_eq!(read.extra.map(|json| json.0), Some(texts));
        db.create(&mut Event::default()).await?;
        let read = db.get::<Event>(2).await?;
        assert!(read.data.0.is_empty() && read.extra.is_none());
        Ok(())
    }

    suite![hostile_texts_in_json];
}

// Behaviour: B280
async fn numbers_at_their_ends(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut users = vec![
        User {
            age: i32::MAX,
            ..user("max")
        },
        User {
            age: i32::MIN,
            ..user("min")
        },
        User {
            id: i64::MAX,
            ..user("last")
        },
    ];
    db.create(&mut users).await?;
    assert_eq!(db.get::<User>(i64::MAX).await?.name, "last");
    let ages = values::<i32>(&db, "users", "age").await?;
    assert!(ages.contains(&i32::MAX) && ages.contains(&i32::MIN));
    Ok(())
}

suite![
    hostile_texts_are_just_texts,
    hostile_texts_as_keys,
    nul_bytes,
    a_value_too_long_for_its_column,
    numbers_at_their_ends,
];
