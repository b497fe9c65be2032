//! What only PostgreSQL has: schemas, and tables made by hand of its own types.

// A case is no `#[test]` itself, so clippy does not know that it is one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use sinew_suite::POSTGRES;
use sinew_suite::prelude::*;

#[derive(Model, Clone, Debug, Default)]
#[model(table = "people.users")]
struct Person {
    id: i64,
    #[model(unique)]
    name: String,
    #[model(foreign_key = person_id)]
    logs: HasMany<Log>,
    #[model(join_table = "people.friends")]
    friends: ManyToMany<Account>,
}

/// The same table name in the main schema.
#[derive(Model, Clone, Debug, Default)]
#[model(table = "users")]
struct Account {
    id: i64,
    #[model(unique)]
    login: String,
}

#[derive(Model, Clone, Debug, Default)]
#[model(table = "audit.logs", comment = "what happened")]
struct Log {
    id: i64,
    #[model(index, comment = "in words")]
    text: String,
    person_id: Option<i64>,
    person: BelongsTo<Option<Person>>,
    account_id: Option<i64>,
    account: BelongsTo<Option<Account>>,
}

async fn schemas(db: Db) -> Result<()> {
    let models = || models![Log, Person, Account];
    db.auto_migrate(models()).await?;
    let plan = db.auto_migrate(models()).plan().await?;
    assert!(plan.is_empty(), "{plan}");
    let mut person = Person {
        name: "Ada".into(),
        logs: [Log {
            text: "born".into(),
            ..Default::default()
        }]
        .into(),
        friends: [Account {
            login: "charles".into(),
            ..Default::default()
        }]
        .into(),
        ..Default::default()
    };
    db.create(&mut person).await?;
    let mut log = Log {
        text: "logged in".into(),
        account: Account {
            login: "ada".into(),
            ..Default::default()
        }
        .into(),
        ..Default::default()
    };
    db.create(&mut log).await?;
    let people = db
        .find::<Person>()
        .preload(Person::logs)
        .preload(Person::friends)
        .await?;
    assert_eq!(people[0].logs.loaded()?[0].text, "born");
    assert_eq!(people[0].friends.loaded()?[0].login, "charles");
    let logs = db
        .find::<Log>()
        .join(Log::person)
        .join(Log::account)
        .order_by(Log::id.asc())
        .await?;
    assert_eq!(logs.len(), 2);
    let of_ada = Log::person.filter(Person::name.eq("Ada")).any();
    assert_eq!(db.find::<Log>().filter(of_ada).count().await?, 1);
    let to: Vec<(String,)> = db
        .query(
            "SELECT confrelid::regclass::text FROM pg_constraint WHERE contype = 'f' \
             AND conrelid = 'audit.logs'::regclass ORDER BY 1",
            (),
        )
        .await?;
    assert_eq!(to, [("people.users".to_owned(),), ("users".to_owned(),)]);
    // A key to the table of the same name elsewhere is another key.
    let name: Vec<(String,)> = db
        .query(
            "SELECT conname::text FROM pg_constraint WHERE confrelid = 'users'::regclass \
             AND conrelid = 'audit.logs'::regclass",
            (),
        )
        .await?;
    let swap = format!(
        "ALTER TABLE audit.logs DROP CONSTRAINT {}, ADD CONSTRAINT elsewhere \
         FOREIGN KEY (account_id) REFERENCES people.users NOT VALID",
        name[0].0
    );
    db.execute(&swap, ()).await?;
    let plan = db.auto_migrate(models()).plan().await?.to_string();
    assert!(plan.contains("REFERENCES \"users\""), "{plan}");
    db.execute("ALTER TABLE audit.logs DROP CONSTRAINT elsewhere", ())
        .await?;
    db.auto_migrate(models()).await?;
    // A given key counts for the table's own sequence.
    db.create(&mut Log {
        id: 70,
        ..Default::default()
    })
    .await?;
    let mut next = Log::default();
    db.create(&mut next).await?;
    assert_eq!(next.id, 71);
    // Comments follow the model.
    db.execute("COMMENT ON TABLE audit.logs IS 'old'", ())
        .await?;
    db.execute("COMMENT ON COLUMN audit.logs.text IS NULL", ())
        .await?;
    db.auto_migrate(models()).await?;
    let comments: Vec<(String, String)> = db
        .query("SELECT obj_description('audit.logs'::regclass), col_description('audit.logs'::regclass, 2)", ())
        .await?;
    assert_eq!(
        comments,
        [("what happened".to_owned(), "in words".to_owned())]
    );
    let plan = db.auto_migrate(models()).plan().await?;
    assert!(plan.is_empty(), "{plan}");
    Ok(())
}

#[derive(Enumeration, Clone, Copy, Debug, Default, PartialEq)]
enum Mood {
    #[default]
    Sad,
    Happy,
}

#[derive(Model, Clone, Debug, Default)]
struct Visitor {
    id: i32,
    #[model(size = 10)]
    code: String,
    email: String,
    mood: Mood,
    score: f64,
    seen_at: Timestamp,
    age: i32,
    #[model(default = "0")]
    twice: i32,
}

async fn tables_made_by_hand(db: Db) -> Result<()> {
    for sql in [
        "CREATE EXTENSION IF NOT EXISTS citext",
        "CREATE TYPE mood AS ENUM ('sad', 'happy')",
        "CREATE DOMAIN age AS int4 CHECK (value >= 0)",
        "CREATE TABLE visitors (id serial PRIMARY KEY, code varchar(10) NOT NULL, email citext NOT NULL UNIQUE, \
         mood mood NOT NULL, score numeric NOT NULL, seen_at timestamp NOT NULL, age age NOT NULL, \
         twice int4 GENERATED ALWAYS AS (age * 2) STORED, mine text)",
        "CREATE INDEX by_lower ON visitors (lower(email::text))",
        "CREATE UNIQUE INDEX of_happy ON visitors (code) WHERE mood = 'happy'",
    ] {
        db.execute(sql, ()).await?;
    }
    let plan = db.auto_migrate(models![Visitor]).plan().await?;
    assert!(plan.is_empty(), "{plan}");
    let mut visitor = Visitor {
        code: "a".into(),
        email: "Ada@example.org".into(),
        mood: Mood::Happy,
        score: 1.5,
        seen_at: "2024-05-06T07:08:09Z".parse().unwrap(),
        age: 21,
        ..Default::default()
    };
    let written = db.create(&mut visitor).omit(Visitor::twice).await;
    written?;
    let found = db.get::<Visitor>(visitor.id).await?;
    assert_eq!(
        (found.twice, found.mood, found.score),
        (42, Mood::Happy, 1.5)
    );
    assert_eq!(found.seen_at, visitor.seen_at);
    let by = |condition| db.find::<Visitor>().filter(condition).count();
    assert_eq!(by(Visitor::email.eq("ada@EXAMPLE.org")).await?, 1);
    assert_eq!(by(Visitor::mood.eq(Mood::Happy)).await?, 1);
    assert_eq!(by(Visitor::mood.is_in([Mood::Happy, Mood::Sad])).await?, 1);
    assert_eq!(by(Visitor::score.gt(1.4)).await?, 1);
    assert_eq!(by(Visitor::age.is_in([21, 22])).await?, 1);
    assert_eq!(by(Visitor::seen_at.eq(visitor.seen_at)).await?, 1);
    let error = db.update(&mut visitor).set(Visitor::age.to(-1)).await;
    refused(error, ErrorKind::CheckViolation);
    db.update(&mut visitor).set(Visitor::age.to(22)).await?;
    assert_eq!(db.get::<Visitor>(visitor.id).await?.twice, 44);
    // Keys that were given count for a serial column too.
    let given = Visitor {
        id: 9,
        code: "b".into(),
        email: "b".into(),
        ..visitor.clone()
    };
    db.create(&mut given.clone()).omit(Visitor::twice).await?;
    let mut next = Visitor {
        id: 0,
        code: "c".into(),
        email: "c".into(),
        ..given
    };
    db.create(&mut next).omit(Visitor::twice).await?;
    assert_eq!(next.id, 10);
    Ok(())
}

#[derive(Model, Clone, Debug, Default)]
#[model(table = "grown_ups")]
struct Adult {
    id: i64,
    name: String,
}

#[derive(Model, Clone, Debug, Default)]
#[model(table = "grown_ups")]
struct AdultWithMore {
    id: i64,
    name: String,
    shoes: i32,
}

async fn views(db: Db) -> Result<()> {
    db.execute(
        "CREATE TABLE everybody (id int8 PRIMARY KEY, name text NOT NULL, age int4)",
        (),
    )
    .await?;
    db.execute(
        "CREATE VIEW grown_ups AS SELECT id, name FROM everybody WHERE age IS NULL OR age > 17",
        (),
    )
    .await?;
    let plan = db.auto_migrate(models![Adult]).plan().await?;
    assert!(plan.is_empty(), "{plan}");
    db.create(&mut Adult {
        id: 4,
        name: "Ada".into(),
    })
    .await?;
    assert_eq!(db.find::<Adult>().count().await?, 1);
    let error = refused(
        db.auto_migrate(models![AdultWithMore]).await,
        ErrorKind::Schema,
    );
    assert_eq!(error.column(), Some("shoes"));
    Ok(())
}

async fn migrations_are_few_round_trips(db: Db) -> Result<()> {
    let counting = db.counting();
    counting.auto_migrate(models![Log, Person, Account]).await?;
    assert!(
        counting.round_trips() <= 4 && counting.statements() > 10,
        "{}",
        counting.round_trips()
    );
    Ok(())
}

async fn another_search_path(db: Db) -> Result<()> {
    db.execute("CREATE SCHEMA app", ()).await?;
    db.execute("CREATE TABLE public.users (id text)", ())
        .await?;
    let name: Vec<(String,)> = db.query("SELECT current_database()::text", ()).await?;
    db.execute(
        &format!("ALTER DATABASE \"{}\" SET search_path = app", name[0].0),
        (),
    )
    .await?;
    let server = std::env::var("SINEW_TEST_POSTGRES").unwrap();
    let (host, _) = server.split_once('?').unwrap_or((&server, ""));
    let (host, _) = host.rsplit_once('/').unwrap();
    let app = Db::connect(&format!("{host}/{}", name[0].0)).await?;
    app.auto_migrate(models![Account]).await?;
    assert!(app.auto_migrate(models![Account]).plan().await?.is_empty());
    app.create(&mut Account {
        id: 3,
        login: "ada".into(),
    })
    .await?;
    let mut next = Account {
        login: "bob".into(),
        ..Default::default()
    };
    app.create(&mut next).await?;
    assert_eq!(next.id, 4);
    assert_eq!(rows(&db, "app.users").await?, 2);
    assert_eq!(rows(&db, "public.users").await?, 0);
    app.close().await;
    Ok(())
}

async fn texts_and_operators_of_its_own(db: Db) -> Result<()> {
    let yes = async |sql: &str, value: i64| -> Result<bool> {
        Ok(db.query::<(bool,)>(sql, (value,)).await?[0].0)
    };
    assert!(yes("SELECT '{\"a\": 1}'::jsonb ?? 'a' AND ? = 1", 1).await?);
    assert!(
        yes(
            "SELECT '[\"a\"]'::jsonb ??| array['b', 'a'] AND ?::int = 1",
            1
        )
        .await?
    );
    assert!(
        yes(
            "SELECT NOT '[\"a\"]'::jsonb ??& array['b', 'a'] AND 1 = ?::text::int",
            1
        )
        .await?
    );
    assert!(
        yes(
            "SELECT $$it's ?$$ = E'it\\'s ?' AND $x$ $$ ? $x$ <> '' AND ? > 0",
            1
        )
        .await?
    );
    // Enums and others that the value's own type could not be compared with.
    db.execute("CREATE TYPE size AS ENUM ('1', '2')", ())
        .await?;
    db.execute(
        "CREATE TABLE things (n numeric, u uuid, v varchar(9), s size, d date, j jsonb)",
        (),
    )
    .await?;
    let insert = "INSERT INTO things VALUES (?, ?, ?, ?, ?, ?)";
    let id = "00000000-0000-0000-0000-000000000001";
    db.execute(insert, (1, id, 1, 1, "2024-05-06", "{}"))
        .await?;
    let all = "SELECT count(*) FROM things WHERE n = ? AND u = ? AND v = ? AND s = ? AND d > ?";
    let found: Vec<(i64,)> = db.query(all, (1, id, 1, 1, "2024-01-01")).await?;
    assert_eq!(found, [(1,)]);
    let found: Vec<(i64,)> = db
        .query(
            "SELECT count(*) FROM things WHERE u = ? AND (? IS NULL OR n < ?)",
            (id, 2, 2.5),
        )
        .await?;
    assert_eq!(found, [(1,)]);
    let joined: Vec<(String,)> = db.query("SELECT ? || v || ? FROM things", (1, "x")).await?;
    assert_eq!(joined, [("11x".to_owned(),)]);
    let joined: Vec<(String,)> = db.query("SELECT ? || ?", ("a", "b")).await?;
    assert_eq!(joined, [("ab".to_owned(),)]);
    let bytes: Vec<(Vec<u8>,)> = db.query("SELECT ?", (vec![0u8, 255],)).await?;
    assert_eq!(bytes[0].0, [0, 255]);
    Ok(())
}

/// Where a trigger drops rows nobody knows whose key is whose: nothing is written.
async fn a_trigger_that_drops_rows(db: Db) -> Result<()> {
    db.auto_migrate(models![Log, Person, Account]).await?;
    db.execute(
        "CREATE FUNCTION pg_temp.drops() RETURNS trigger LANGUAGE plpgsql AS \
         'BEGIN IF NEW.name = ''gone'' THEN RETURN NULL; END IF; RETURN NEW; END'",
        (),
    )
    .await?;
    db.execute(
        "CREATE TRIGGER drops BEFORE INSERT ON people.users \
         FOR EACH ROW EXECUTE FUNCTION pg_temp.drops()",
        (),
    )
    .await?;
    let person = |name: &str| Person {
        name: name.into(),
        logs: [Log {
            text: format!("of {name}"),
            ..Default::default()
        }]
        .into(),
        ..Default::default()
    };
    let mut people = ["a", "gone", "b"].map(person);
    assert!(db.create(&mut people).await.is_err());
    assert_eq!(rows(&db, "people.users").await?, 0);
    assert_eq!(rows(&db, "audit.logs").await?, 0);
    assert!(people.iter().all(|person| person.id == 0));
    let mut alone = [person("gone")];
    assert!(db.create(&mut alone).await.is_err());
    assert_eq!(rows(&db, "audit.logs").await?, 0);
    let mut kept = ["c", "d"].map(person);
    db.create(&mut kept).await?;
    for person in &kept {
        let texts: Vec<(String,)> = db
            .query(
                "SELECT text FROM audit.logs WHERE person_id = ?",
                (person.id,),
            )
            .await?;
        assert_eq!(texts, [(format!("of {}", person.name),)]);
    }
    Ok(())
}

macro_rules! on_postgres {
    ($($case:ident),* $(,)?) => {
        mod postgres {
            $(
                #[test]
                fn $case() -> sinew::Result<()> {
                    sinew_suite::run(&super::POSTGRES, super::$case)
                }
            )*
        }
    };
}

on_postgres![
    schemas,
    tables_made_by_hand,
    views,
    migrations_are_few_round_trips,
    another_search_path,
    texts_and_operators_of_its_own,
    a_trigger_that_drops_rows,
];
