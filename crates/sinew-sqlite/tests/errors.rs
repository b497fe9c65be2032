//! What goes wrong, and as which kind.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout
)]

mod support;

use std::time::Duration;

use sinew_core::driver::{Driver, Intent};
use sinew_core::{Error, ErrorKind};
use sinew_sqlite::{Config, Mode, Sqlite};
use support::*;

fn fails(c: &mut Box<dyn sinew_core::driver::Connection>, sql: &str) -> Error {
    let error = exec(c, sql, vec![]).map(|_| ()).unwrap_err();
    assert_eq!(error.sql(), Some(sql));
    error
}

#[test]
fn constraints() {
    let (_database, mut c) = memory();
    script(
        &mut c,
        &[
            "CREATE TABLE users (id INTEGER PRIMARY KEY, tenant INTEGER, name TEXT NOT NULL, \
             age INTEGER CONSTRAINT grown_up CHECK (age >= 18), UNIQUE (tenant, name))",
            "CREATE UNIQUE INDEX users_lower ON users (lower(name)) WHERE tenant = 2",
            "CREATE TABLE posts (author INTEGER NOT NULL REFERENCES users (id) ON DELETE RESTRICT)",
            "CREATE TABLE links (a INTEGER, b INTEGER, PRIMARY KEY (a, b)) STRICT",
            "INSERT INTO users VALUES (1, 1, 'ada', 36)",
            "INSERT INTO users VALUES (5, 2, 'ada', 36)",
            "INSERT INTO posts VALUES (1)",
            "INSERT INTO links VALUES (1, 2)",
            "CREATE TRIGGER no BEFORE DELETE ON links BEGIN SELECT RAISE(ABORT, 'keep it'); END",
        ],
    );
    let cases = [
        (
            "INSERT INTO users VALUES (1, 2, 'b', 20)",
            ErrorKind::UniqueViolation,
            "users",
            "id",
        ),
        (
            "INSERT INTO users VALUES (2, 1, 'ada', 20)",
            ErrorKind::UniqueViolation,
            "users",
            "tenant, name",
        ),
        (
            "INSERT INTO links VALUES (1, 2)",
            ErrorKind::UniqueViolation,
            "links",
            "a, b",
        ),
        (
            "INSERT INTO users VALUES (2, 1, NULL, 20)",
            ErrorKind::NotNullViolation,
            "users",
            "name",
        ),
        (
            "INSERT INTO links VALUES ('x', 2)",
            ErrorKind::Decode,
            "links",
            "a",
        ),
    ];
    for (sql, kind, table, column) in cases {
        let error = fails(&mut c, sql);
        assert_eq!(
            (error.kind(), error.table(), error.column()),
            (kind, Some(table), Some(column))
        );
    }
    let error = fails(&mut c, "INSERT INTO users VALUES (2, 2, 'ADA', 20)");
    assert_eq!(
        (error.kind(), error.constraint()),
        (ErrorKind::UniqueViolation, Some("users_lower"))
    );
    let error = fails(&mut c, "INSERT INTO users VALUES (2, 2, 'bob', 8)");
    assert_eq!(
        (error.kind(), error.constraint()),
        (ErrorKind::CheckViolation, Some("grown_up"))
    );
    for sql in ["INSERT INTO posts VALUES (9)", "DELETE FROM users"] {
        assert_eq!(fails(&mut c, sql).kind(), ErrorKind::ForeignKeyViolation);
    }
    assert_eq!(
        fails(&mut c, "DELETE FROM links").kind(),
        ErrorKind::Database
    );
    assert_eq!(
        fails(&mut c, "INSERT INTO users (id) VALUES ('x')").kind(),
        ErrorKind::Decode
    );
    assert_eq!(
        fails(&mut c, "SELECT nope FROM users").kind(),
        ErrorKind::Statement
    );
    assert_eq!(
        fails(&mut c, "SELECT 1 FROM nope").kind(),
        ErrorKind::Statement
    );
    assert_eq!(
        fails(&mut c, "SELECT zeroblob(2000000000)").kind(),
        ErrorKind::ValueTooLong
    );
    let error = exec(&mut c, "INSERT INTO posts VALUES (?)", vec![text("secret")])
        .map(|_| ())
        .unwrap_err();
    assert!(!format!("{error:?}").contains("secret"));
}

#[test]
fn foreign_keys_can_be_left_unchecked() {
    let database = Sqlite::connect("sqlite::memory:?foreign_keys=off").unwrap();
    let mut c = writer(&database);
    script(
        &mut c,
        &[
            "CREATE TABLE a (x REFERENCES nowhere (x))",
            "INSERT INTO a VALUES (1)",
        ],
    );
}

fn connect_fails(url: &str) -> Error {
    Sqlite::connect(url).map(|_| ()).unwrap_err()
}

#[test]
fn files_that_are_none() {
    let folder = Folder::new();
    std::fs::write(
        folder.path().join("text.db"),
        "just some words, ".repeat(500),
    )
    .unwrap();
    for options in ["", "?mode=ro", "?mode=rw", "?journal=delete"] {
        let error = connect_fails(&folder.url(&format!("text.db{options}")));
        assert_eq!(error.kind(), ErrorKind::Connection, "{options}");
        assert!(
            error.hint().unwrap().contains("not a SQLite database"),
            "{error}"
        );
        assert!(error.message().contains("text.db"));
    }
    // Untouched.
    assert_eq!(
        std::fs::read(folder.path().join("text.db")).unwrap().len(),
        8500
    );
    for missing in [
        "missing.db?mode=ro",
        "missing.db?mode=rw",
        "no/such/folder/x.db",
        "",
    ] {
        assert_eq!(
            connect_fails(&folder.url(missing)).kind(),
            ErrorKind::Connection,
            "{missing}"
        );
    }
}

#[test]
fn read_only() {
    let folder = Folder::new();
    let database = Sqlite::connect(&folder.url("a.db")).unwrap();
    script(
        &mut writer(&database),
        &["CREATE TABLE t (x)", "INSERT INTO t VALUES (1)"],
    );
    // A reading connection does not write.
    let error = fails(&mut reader(&database), "INSERT INTO t VALUES (2)");
    assert_eq!(error.kind(), ErrorKind::ReadOnly);
    drop(database);
    let config = Config::file(folder.path().join("a.db")).mode(Mode::ReadOnly);
    let database = Sqlite::open(config).unwrap();
    let (mut w, mut r) = (writer(&database), reader(&database));
    assert_eq!(exec(&mut r, "SELECT x FROM t", vec![]).unwrap().ints(), [1]);
    assert_eq!(
        fails(&mut w, "INSERT INTO t VALUES (2)").kind(),
        ErrorKind::ReadOnly
    );
    let refused = block_on(run(
        &mut w,
        tx(true, true, vec![stmt("DELETE FROM t", vec![])]),
    ));
    assert_eq!(refused.map(|_| ()).unwrap_err().kind(), ErrorKind::ReadOnly);
}

#[cfg(unix)]
#[test]
fn without_permission() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let file = folder.path().join("a.db");
    let database = Sqlite::connect(&folder.url("a.db?journal=delete")).unwrap();
    script(&mut writer(&database), &["CREATE TABLE t (x)"]);
    drop(database);
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o444)).unwrap();
    if std::fs::OpenOptions::new().write(true).open(&file).is_ok() {
        // The superuser may do anything.
        return;
    }
    let database = Sqlite::connect(&folder.url("a.db")).unwrap();
    assert_eq!(
        fails(&mut writer(&database), "INSERT INTO t VALUES (1)").kind(),
        ErrorKind::ReadOnly
    );
    std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o555)).unwrap();
    let error = connect_fails(&folder.url("new.db"));
    std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
    assert_eq!(error.kind(), ErrorKind::Connection);
}

#[test]
fn locked_by_someone_else() {
    let folder = Folder::new();
    let holder = Sqlite::connect(&folder.url("a.db")).unwrap();
    let mut held = writer(&holder);
    script(&mut held, &["CREATE TABLE t (x)"]);
    block_on(run(
        &mut held,
        tx(true, false, vec![stmt("INSERT INTO t VALUES (1)", vec![])]),
    ))
    .unwrap();
    let other = Sqlite::connect(&folder.url("a.db?busy_timeout=60")).unwrap();
    let mut c = writer(&other);
    let write = || vec![stmt("INSERT INTO t VALUES (2)", vec![])];
    for batch in [
        tx(true, true, write()),
        sinew_core::driver::Batch::bare(write()),
    ] {
        // Not waited for in place.
        let start = std::time::Instant::now();
        assert!(c.run_inline(&batch, &mut Keep::default()).is_none());
        assert!(start.elapsed() < Duration::from_millis(40));
        let error = block_on(c.run(&batch, &mut Keep::default())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout);
        assert!(start.elapsed() >= Duration::from_millis(55));
    }
    // Readers go on.
    assert_eq!(
        exec(&mut reader(&other), "SELECT count(*) FROM t", vec![])
            .unwrap()
            .ints(),
        [0]
    );
    block_on(run(&mut held, tx(false, true, vec![]))).unwrap();
    block_on(run(&mut c, tx(true, true, write()))).unwrap();
    assert_eq!(
        exec(&mut held, "SELECT count(*) FROM t", vec![])
            .unwrap()
            .ints(),
        [2]
    );
}

#[test]
fn overtaken_snapshot() {
    let folder = Folder::new();
    let a = Sqlite::connect(&folder.url("a.db")).unwrap();
    let b = Sqlite::connect(&folder.url("a.db")).unwrap();
    let (mut a, mut b) = (writer(&a), writer(&b));
    script(&mut a, &["CREATE TABLE t (x)", "BEGIN", "SELECT * FROM t"]);
    script(&mut b, &["INSERT INTO t VALUES (1)"]);
    assert_eq!(
        fails(&mut a, "INSERT INTO t VALUES (2)").kind(),
        ErrorKind::Conflict
    );
}

#[test]
fn a_full_disk() {
    // A limit on pages stands in for the disk.
    let (_database, mut c) = memory();
    script(
        &mut c,
        &["CREATE TABLE t (x)", "PRAGMA max_page_count = 20"],
    );
    let big = "INSERT INTO t VALUES (zeroblob(1000000))";
    let batch = tx(
        true,
        true,
        vec![stmt("INSERT INTO t VALUES (1)", vec![]), stmt(big, vec![])],
    );
    let error = block_on(run(&mut c, batch)).map(|_| ()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DiskFull);
    assert_eq!(
        exec(&mut c, "SELECT count(*) FROM t", vec![])
            .unwrap()
            .ints(),
        [0]
    );
    block_on(run(
        &mut c,
        tx(true, true, vec![stmt("INSERT INTO t VALUES (1)", vec![])]),
    ))
    .unwrap();
}

#[test]
fn urls() {
    let folder = Folder::new();
    for (rest, file) in [
        ("with%20space%3F.db", "with space?.db"),
        ("%66ile:x.db", "file:x.db"),
    ] {
        Sqlite::connect(&folder.url(rest)).unwrap();
        assert!(folder.path().join(file).exists(), "{rest}");
    }
    for memory in [
        "sqlite::memory:",
        "sqlite://:memory:",
        "sqlite://x?mode=memory",
    ] {
        let (a, b) = (
            Sqlite::connect(memory).unwrap(),
            Sqlite::connect(memory).unwrap(),
        );
        script(&mut writer(&a), &["CREATE TABLE t (x)"]);
        assert!(exec(&mut writer(&b), "SELECT * FROM t", vec![]).is_err());
        assert_eq!(
            exec(&mut reader(&a), "SELECT count(*) FROM t", vec![])
                .unwrap()
                .ints(),
            [0]
        );
    }
    let shared = "sqlite://a%20b%26?mode=memory&cache=shared";
    let (a, b) = (
        Sqlite::connect(shared).unwrap(),
        Sqlite::connect(shared).unwrap(),
    );
    script(&mut writer(&a), &["CREATE TABLE t (x)"]);
    assert_eq!(
        exec(&mut writer(&b), "SELECT count(*) FROM t", vec![])
            .unwrap()
            .ints(),
        [0]
    );
    assert_eq!(
        Config::parse("sqlite:blog.db").unwrap(),
        Config::file("blog.db")
    );
    assert_eq!(
        Config::parse("sqlite:///abs/x.db?busy_timeout=9&acquire_timeout=8&journal=off&synchronous=full&statement_cache=0&mode=ro").unwrap(),
        Config::file("/abs/x.db")
            .busy_timeout(Duration::from_millis(9))
            .acquire_timeout(Duration::from_millis(8))
            .journal(sinew_sqlite::Journal::Off)
            .synchronous(sinew_sqlite::Synchronous::Full)
            .statement_cache(1)
            .mode(Mode::ReadOnly)
    );
    for bad in [
        "postgres://x",
        "sqlite://",
        "sqlite:",
        "sqlite://a?colour=red",
        "sqlite://a?mode=x",
        "sqlite://a?readers=many",
        "sqlite://a%2",
        "sqlite://a%zz",
        "sqlite://a%00b",
        "sqlite://a%ff",
        "sqlite://a?cache=shared",
        "sqlite://a?busy_timeout=-1",
        "sqlite://a%é",
    ] {
        assert_eq!(connect_fails(bad).kind(), ErrorKind::InvalidInput, "{bad}");
    }
    let error = connect_fails("sqlite://a?colour=red");
    assert!(error.hint().unwrap().contains("busy_timeout"), "{error}");
}

#[test]
fn settings_reach_sqlite() {
    let folder = Folder::new();
    let database = Sqlite::connect(&folder.url("a.db")).unwrap();
    for mut c in [writer(&database), reader(&database)] {
        for (pragma, value) in [
            ("journal_mode", text("wal")),
            ("synchronous", int(1)),
            ("foreign_keys", int(1)),
        ] {
            let keep = exec(&mut c, &format!("PRAGMA {pragma}"), vec![]).unwrap();
            assert_eq!(keep.rows[0].1[0], value, "{pragma}");
        }
    }
    // In another journal mode there is one connection for all.
    let database = Sqlite::connect(&folder.url("b.db?journal=delete&acquire_timeout=20")).unwrap();
    let _held = writer(&database);
    assert!(database.try_acquire(Intent::Read).is_none());
}
