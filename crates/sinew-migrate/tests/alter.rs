//! What happens to tables that exist.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod support;

use std::fmt::Write as _;

use rusqlite::Connection;
use sinew_core::Value;
use sinew_core::schema::{
    CheckMeta, ColumnMeta, IndexMeta, ModelMeta, ReferentialAction, RelationMeta,
};
use sinew_core::value::TypeFamily as F;
use sinew_migrate::desired;
use support::models::{belongs_to, col, model, null};
use support::{golden, migrate, migrate_models, open, plan_for, rows, run};

fn leak(model: ModelMeta) -> &'static ModelMeta {
    Box::leak(Box::new(model))
}

fn count(db: &Connection, sql: &str) -> i64 {
    db.query_row(sql, [], |row| row.get(0)).unwrap()
}

fn author() -> &'static ModelMeta {
    leak(model(
        "Author",
        "authors",
        vec![col("id", F::Int64), col("name", F::Text)],
    ))
}

fn book(columns: Vec<ColumnMeta>) -> ModelMeta {
    let mut all = vec![col("id", F::Int64), col("title", F::Text)];
    all.extend(columns);
    model("Book", "books", all)
}

fn with_author(book: ModelMeta, change: impl Fn(&mut RelationMeta)) -> ModelMeta {
    let at = book
        .columns
        .iter()
        .position(|column| column.name == "author_id")
        .unwrap();
    let mut relation = belongs_to("author", at, author);
    change(&mut relation);
    ModelMeta {
        relations: vec![relation],
        ..book
    }
}

/// Runs the steps of one case and keeps what was planned and what became of the tables.
fn case(name: &str, db: &Connection, models: &[&'static ModelMeta]) {
    let plan = migrate_models(db, models);
    golden(name, "plan.txt", &plan.to_string());
    let mut after = String::new();
    for row in rows(
        db,
        "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid",
    ) {
        if let Some(Value::Text(sql)) = row.first() {
            writeln!(after, "{sql};").unwrap();
        }
    }
    golden(name, "after.sql", &after);
}

#[test]
fn columns_are_added_without_a_rebuild() {
    let db = open();
    migrate_models(&db, &[leak(book(vec![]))]);
    db.execute_batch("INSERT INTO books (title) VALUES ('Emma')")
        .unwrap();
    let more = with_author(
        book(vec![
            null("author_id", F::Int64),
            ColumnMeta {
                default: Some("7".into()),
                ..col("stars", F::Int32)
            },
            ColumnMeta {
                unique: true,
                ..null("isbn", F::Text)
            },
        ]),
        |_| {},
    );
    let more = ModelMeta {
        checks: vec![CheckMeta {
            name: None,
            column: Some(3),
            condition: "stars > 0".into(),
        }],
        ..more
    };
    case("add_columns", &db, &[leak(more)]);
    assert_eq!(count(&db, "SELECT stars FROM books"), 7);
    assert!(
        db.execute("INSERT INTO books (title, author_id) VALUES ('x', 99)", [])
            .is_err()
    );
    assert!(
        db.execute("INSERT INTO books (title, stars) VALUES ('x', 0)", [])
            .is_err()
    );
}

#[test]
fn a_rebuild_keeps_ten_thousand_rows() {
    let db = open();
    let before = with_author(book(vec![null("author_id", F::Int64)]), |_| {});
    migrate_models(&db, &[leak(before)]);
    db.execute_batch(
        "INSERT INTO authors (name) VALUES ('Jane');
         WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 10000)
         INSERT INTO books (id, title, author_id) SELECT n, 'title ' || n, 1 FROM n;
         DELETE FROM books WHERE id = 10000;
         ALTER TABLE books ADD COLUMN note TEXT COLLATE NOCASE DEFAULT 'theirs';
         CREATE INDEX theirs ON books (lower(title)) WHERE note IS NOT NULL;
         CREATE TABLE log (id);
         CREATE TRIGGER watch AFTER DELETE ON books BEGIN INSERT INTO log VALUES (old.id); END;
         CREATE TRIGGER other AFTER INSERT ON authors BEGIN UPDATE books SET note = 'new'; END;
         CREATE VIEW titles AS SELECT title FROM books;",
    )
    .unwrap();
    let after = with_author(
        book(vec![
            null("author_id", F::Int64),
            col("stars", F::Int32),
            col("read_at", F::Timestamp),
            ColumnMeta {
                default: Some("lower('NEW')".into()),
                ..col("state", F::Text)
            },
        ]),
        |author| author.on_delete = Some(ReferentialAction::Cascade),
    );
    case("rebuild", &db, &[leak(after)]);
    assert_eq!(
        count(
            &db,
            "SELECT count(*) FROM books WHERE note = 'theirs' AND stars = 0 AND state = 'new'"
        ),
        9999
    );
    assert_eq!(count(&db, "SELECT count(*) FROM titles"), 9999);
    assert_eq!(
        count(
            &db,
            "SELECT count(*) FROM books WHERE read_at LIKE '20%Z' AND length(read_at) = 27"
        ),
        9999
    );
    // The number of the deleted row is not given out again.
    db.execute_batch("INSERT INTO books (title, stars, read_at) VALUES ('n', 1, 'now')")
        .unwrap();
    assert_eq!(count(&db, "SELECT max(id) FROM books"), 10001);
    db.execute_batch("INSERT INTO authors (name) VALUES ('x'); DELETE FROM books WHERE id = 1")
        .unwrap();
    assert_eq!(count(&db, "SELECT id FROM log"), 1);
    assert_eq!(
        count(&db, "SELECT count(*) FROM books WHERE note <> 'new'"),
        0
    );
    db.execute_batch("DELETE FROM authors WHERE id = 1")
        .unwrap();
    assert_eq!(count(&db, "SELECT count(*) FROM books"), 1);
    assert_eq!(count(&db, "PRAGMA foreign_keys"), 1);
    assert_eq!(count(&db, "PRAGMA legacy_alter_table"), 0);
}

#[test]
fn actions_change_and_change_back() {
    let db = open();
    let with = |action| {
        let book = book(vec![null("author_id", F::Int64)]);
        leak(with_author(book, |author| author.on_delete = action))
    };
    migrate_models(&db, &[with(None)]);
    db.execute_batch("INSERT INTO authors VALUES (1, 'a'); INSERT INTO books VALUES (1, 't', 1)")
        .unwrap();
    for (action, says) in [
        (Some(ReferentialAction::SetNull), "ON DELETE SET NULL"),
        (Some(ReferentialAction::Restrict), "ON DELETE RESTRICT"),
        (None, "REFERENCES \"authors\" (\"id\")\n"),
    ] {
        let plan = migrate_models(&db, &[with(action)]);
        assert!(plan.to_string().contains(says), "{plan}");
        assert_eq!(plan.steps.len(), 1);
        assert_eq!(count(&db, "SELECT author_id FROM books"), 1);
    }
}

#[test]
fn null_is_allowed_but_never_forbidden() {
    let db = open();
    let with = |name| leak(book(vec![name]));
    migrate_models(&db, &[with(col("subtitle", F::Text))]);
    let plan = migrate_models(&db, &[with(null("subtitle", F::Text))]);
    assert!(
        plan.to_string().contains("allow NULL in subtitle"),
        "{plan}"
    );
    db.execute_batch("INSERT INTO books (title) VALUES ('x')")
        .unwrap();
    assert!(migrate_models(&db, &[with(col("subtitle", F::Text))]).is_empty());
}

#[test]
fn types_defaults_and_checks_change() {
    let db = open();
    let with = |family, default: &'static str, check: &'static str| {
        let column = ColumnMeta {
            default: Some(default.into()),
            ..col("pages", family)
        };
        leak(ModelMeta {
            checks: vec![CheckMeta {
                name: None,
                column: Some(2),
                condition: check.into(),
            }],
            ..book(vec![column])
        })
    };
    migrate_models(&db, &[with(F::Text, "'0'", "pages <> ''")]);
    db.execute_batch("INSERT INTO books (title, pages) VALUES ('x', '12')")
        .unwrap();
    case("change_column", &db, &[with(F::Int64, "1", "pages > 0")]);
    assert_eq!(rows(&db, "SELECT pages FROM books"), [[Value::Int(12)]]);
    // Only the spelling differs.
    assert!(
        plan_for(
            &db,
            &desired(&[with(F::Int32, "(1)", "( PAGES>0 )")]).unwrap()
        )
        .is_empty()
    );
}

#[test]
fn an_index_of_our_name_follows_the_model() {
    let db = open();
    let with = |columns: Vec<usize>, unique, condition| {
        let name = Some("idx_books".into());
        let index = IndexMeta {
            name,
            columns,
            unique,
            condition,
        };
        leak(ModelMeta {
            indexes: vec![index],
            ..book(vec![null("isbn", F::Text)])
        })
    };
    migrate_models(&db, &[with(vec![1], false, None)]);
    case(
        "change_index",
        &db,
        &[with(vec![1, 2], true, Some("isbn IS NOT NULL"))],
    );
    assert!(migrate_models(&db, &[with(vec![1, 2], true, Some("ISBN is not null"))]).is_empty());
    // Together with a rebuild.
    let both = with(vec![2], false, None);
    let mut columns = both.columns.clone();
    columns.push(col("stars", F::Int32));
    migrate_models(
        &db,
        &[leak(ModelMeta {
            columns,
            indexes: both.indexes.clone(),
            ..book(vec![])
        })],
    );
    assert_eq!(
        rows(&db, "SELECT name FROM pragma_index_info('idx_books')"),
        [[Value::Text("isbn".into())]]
    );
}

#[test]
fn rows_that_refer_to_nothing_stop_the_migration() {
    let db = open();
    migrate_models(
        &db,
        &[author(), leak(book(vec![null("author_id", F::Int64)]))],
    );
    db.execute_batch("INSERT INTO books VALUES (1, 'x', 99)")
        .unwrap();
    let schema = desired(&[leak(with_author(
        book(vec![null("author_id", F::Int64)]),
        |_| {},
    ))])
    .unwrap();
    let plan = plan_for(&db, &schema);
    let error = run(&db, &plan).unwrap_err();
    assert!(error.contains("foreign_key_check"), "{error}");
    assert_eq!(count(&db, "SELECT author_id FROM books"), 99);
    db.execute_batch("UPDATE books SET author_id = NULL")
        .unwrap();
    migrate(&db, &schema);
}

#[test]
fn tables_made_by_hand_are_recognised() {
    let db = open();
    db.execute_batch(
        "CREATE TABLE [Authors] ( -- people
            ID INTEGER NOT NULL PRIMARY KEY, /* the key, with a comma */
            `NAME` NVARCHAR(200) NOT NULL
         );
         create table \"BOOKS\"(\"Id\" integer primary key, 'Title' character varying(20) not null on conflict abort,
            Author_Id INT REFERENCES authors on delete set null deferrable initially deferred,
            stars SMALLINT DEFAULT (5) NOT NULL CHECK ((stars>0)) CONSTRAINT s CHECK (stars < 10),
            price NUMERIC(10, 2) NULL,
            slug TEXT AS (lower(title)) STORED,
            isbn TEXT,
            seen TEXT DEFAULT 'a -- b, c',
            UNIQUE (ISBN) CONSTRAINT pair UNIQUE (title, isbn)
         );
         CREATE INDEX books_by_author ON books(author_id DESC);
         CREATE VIEW shelves AS SELECT 1 AS id;",
    )
    .unwrap();
    let book = with_author(
        book(vec![
            null("author_id", F::Int64),
            ColumnMeta {
                default: Some("5".into()),
                ..col("stars", F::Int32)
            },
            ColumnMeta {
                precision: Some((10, 2)),
                ..null("price", F::Decimal)
            },
            null("slug", F::Text),
            ColumnMeta {
                unique: true,
                ..null("isbn", F::Text)
            },
            null("seen", F::Text),
        ]),
        |_| {},
    );
    let book = leak(ModelMeta {
        checks: vec![
            CheckMeta {
                name: None,
                column: Some(3),
                condition: "stars > 0".into(),
            },
            CheckMeta {
                name: Some("s".into()),
                column: Some(3),
                condition: "stars<10".into(),
            },
        ],
        ..book
    });
    let shelf = leak(model(
        "Shelf",
        "shelves",
        vec![col("id", F::Int64), col("more", F::Text)],
    ));
    let plan = plan_for(&db, &desired(&[book, shelf]).unwrap());
    assert!(plan.is_empty(), "{plan}");
    // And they survive a rebuild.
    db.execute_batch("INSERT INTO books (title, isbn) VALUES ('X', 'i')")
        .unwrap();
    let mut columns = book.columns.clone();
    columns.push(col("added", F::Text));
    case(
        "made_by_hand",
        &db,
        &[leak(ModelMeta {
            columns,
            relations: book.relations.clone(),
            ..model("Book", "books", vec![])
        })],
    );
    assert_eq!(
        rows(&db, "SELECT slug || added || stars FROM books"),
        [[Value::Text("x5".into())]]
    );
}

#[test]
fn strict_tables_and_tables_without_rowid() {
    let db = open();
    db.execute_batch(
        "CREATE TABLE books (id INTEGER PRIMARY KEY, title TEXT NOT NULL) STRICT;
         CREATE TABLE \"order\" (\"group\" TEXT, \"select\" INT, PRIMARY KEY (\"group\", \"select\")) WITHOUT ROWID, STRICT;
         CREATE TABLE loose (title TEXT NOT NULL);
         INSERT INTO books VALUES (3, 'x');
         INSERT INTO \"order\" VALUES ('a', 1);
         INSERT INTO loose (rowid, title) VALUES (40, 'forty');",
    )
    .unwrap();
    let book = leak(book(vec![
        null("yes", F::Bool),
        null("at", F::Timestamp),
        null("price", F::Decimal),
        col("size", F::Float64),
    ]));
    let order = leak(ModelMeta {
        key: vec![0, 1],
        ..model(
            "Order",
            "order",
            vec![
                col("group", F::Text),
                col("select", F::Int32),
                col("from", F::Text),
            ],
        )
    });
    let loose = leak(ModelMeta {
        key: vec![],
        ..model(
            "Loose",
            "loose",
            vec![col("title", F::Text), col("n", F::Int64)],
        )
    });
    case("options", &db, &[book, order, loose]);
    assert_eq!(count(&db, "SELECT rowid FROM loose"), 40);
    assert_eq!(
        count(&db, "SELECT count(*) FROM \"order\" WHERE \"from\" = ''"),
        1
    );
}

#[test]
fn hostile_names_are_only_names() {
    let db = open();
    let model = ModelMeta {
        indexes: vec![IndexMeta {
            name: None,
            columns: vec![1],
            unique: false,
            condition: None,
        }],
        ..model(
            "Evil",
            "a\"b'; DROP TABLE x; --",
            vec![col("id", F::Int64), null("sel\"ect'", F::Text)],
        )
    };
    let more = |column| {
        let mut columns = model.columns.clone();
        columns.push(column);
        leak(ModelMeta {
            columns,
            indexes: model.indexes.clone(),
            ..support::models::model("Evil", "a\"b'; DROP TABLE x; --", vec![])
        })
    };
    migrate_models(&db, &[more(null("one", F::Text))]);
    migrate_models(&db, &[more(col("two", F::Text))]);
}
