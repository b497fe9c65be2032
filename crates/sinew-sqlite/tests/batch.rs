//! Batches, brackets and reports.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout
)]

mod support;

use sinew_core::ErrorKind;
use sinew_core::driver::{Action, Batch, Bracket, Driver, Intent, Statement};
use support::*;

const TABLE: &str = "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT UNIQUE)";
const INSERT: &str = "INSERT INTO t (name) VALUES (?)";

#[test]
fn each_reports_every_run_in_order() {
    let (_database, mut c) = memory();
    script(&mut c, &[TABLE]);
    let binds = ["a", "b", "a", "c"].map(text).to_vec();
    let sql = "INSERT INTO t (name) VALUES (?) ON CONFLICT DO NOTHING";
    let keep = block_on(run(&mut c, tx(true, true, vec![each(sql, 4, binds)]))).unwrap();
    assert_eq!(keep.ids(), [Some(1), Some(2), None, Some(3)]);
    assert_eq!(keep.affected(), [1, 1, 0, 1]);
    assert_eq!(c.round_trips(), 2);
}

#[test]
fn each_hands_over_returned_rows_before_done() {
    let (_database, mut c) = memory();
    script(&mut c, &[TABLE]);
    let sql = "INSERT INTO t (name) VALUES (?) RETURNING id, name";
    let keep = block_on(run(
        &mut c,
        Batch::bare(vec![each(sql, 2, vec![text("x"), text("y")])]),
    ))
    .unwrap();
    assert_eq!(keep.ints(), [1, 2]);
    assert_eq!(keep.names, ["id", "name"]);
    assert_eq!(keep.ids(), [Some(1), Some(2)]);
}

#[test]
fn stale_keys_are_not_reported() {
    let (_database, mut c) = memory();
    script(
        &mut c,
        &[TABLE, "CREATE TABLE w (k TEXT PRIMARY KEY) WITHOUT ROWID"],
    );
    exec(&mut c, INSERT, vec![text("a")]).unwrap();
    let upsert = "INSERT INTO t (name) VALUES (?) ON CONFLICT (name) DO UPDATE SET name = name";
    let keep = exec(&mut c, upsert, vec![text("a")]).unwrap();
    assert_eq!((keep.ids(), keep.affected()), (vec![None], vec![1]));
    let keep = exec(&mut c, "INSERT INTO w VALUES ('k')", vec![]).unwrap();
    assert_eq!((keep.ids(), keep.affected()), (vec![None], vec![1]));
    let keep = exec(&mut c, "UPDATE t SET name = 'b'", vec![]).unwrap();
    assert_eq!((keep.ids(), keep.affected()), (vec![None], vec![1]));
    let keep = exec(&mut c, "SELECT 1", vec![]).unwrap();
    assert_eq!((keep.ids(), keep.affected()), (vec![None], vec![0]));
    let keep = exec(&mut c, "CREATE TABLE later (x)", vec![]).unwrap();
    assert_eq!(keep.affected(), [0]);
    let keep = exec(
        &mut c,
        "-- why\n/* not */ INSERT INTO t (name) VALUES ('c') RETURNING id",
        vec![],
    );
    assert_eq!(keep.unwrap().ids(), [Some(2)]);
    let with = "WITH v AS (SELECT 'd' AS n) INSERT INTO t (name) SELECT n FROM v";
    assert_eq!(exec(&mut c, with, vec![]).unwrap().ids(), [Some(3)]);
    assert_eq!(
        exec(&mut c, "DELETE FROM t", vec![]).unwrap().affected(),
        [3]
    );
}

#[test]
fn count_drops_rows() {
    let (_database, mut c) = memory();
    script(&mut c, &[TABLE]);
    let sql = "INSERT INTO t (name) VALUES ('a'), ('b') RETURNING id";
    let statement = Statement {
        sql,
        binds: vec![],
        action: Action::Count,
    };
    let keep = block_on(run(&mut c, Batch::bare(vec![statement]))).unwrap();
    assert!(keep.rows.is_empty());
    assert_eq!(keep.affected(), [2]);
}

#[test]
fn a_failed_transaction_leaves_nothing() {
    let (_database, mut c) = memory();
    script(&mut c, &[TABLE]);
    let twice = vec![stmt(INSERT, vec![text("a")]), stmt(INSERT, vec![text("a")])];
    let error = block_on(run(&mut c, tx(true, true, twice)))
        .map(|_| ())
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UniqueViolation);
    assert_eq!(error.sql(), Some(INSERT));
    assert_eq!(
        exec(&mut c, "SELECT count(*) FROM t", vec![])
            .unwrap()
            .ints(),
        [0]
    );
    // And the next one works.
    block_on(run(
        &mut c,
        tx(true, true, vec![stmt(INSERT, vec![text("a")])]),
    ))
    .unwrap();
}

#[test]
fn a_transaction_spans_batches_and_ends_with_an_error() {
    let (_database, mut c) = memory();
    script(&mut c, &[TABLE]);
    block_on(run(
        &mut c,
        tx(true, false, vec![stmt(INSERT, vec![text("a")])]),
    ))
    .unwrap();
    block_on(run(
        &mut c,
        tx(false, false, vec![stmt(INSERT, vec![text("b")])]),
    ))
    .unwrap();
    block_on(run(&mut c, tx(false, true, vec![]))).unwrap();
    assert_eq!(
        exec(&mut c, "SELECT count(*) FROM t", vec![])
            .unwrap()
            .ints(),
        [2]
    );

    block_on(run(
        &mut c,
        tx(true, false, vec![stmt(INSERT, vec![text("c")])]),
    ))
    .unwrap();
    assert!(
        block_on(run(
            &mut c,
            tx(false, false, vec![stmt(INSERT, vec![text("a")])])
        ))
        .is_err()
    );
    // It is rolled back: going on must not write anything on its own.
    let late = block_on(run(
        &mut c,
        tx(false, true, vec![stmt(INSERT, vec![text("d")])]),
    ));
    assert_eq!(late.map(|_| ()).unwrap_err().kind(), ErrorKind::Closed);
    assert_eq!(
        exec(&mut c, "SELECT count(*) FROM t", vec![])
            .unwrap()
            .ints(),
        [2]
    );
}

#[test]
fn savepoints_roll_back_alone() {
    let (_database, mut c) = memory();
    script(&mut c, &[TABLE]);
    block_on(run(
        &mut c,
        tx(true, false, vec![stmt(INSERT, vec![text("a")])]),
    ))
    .unwrap();
    let sp = |open, close, name| {
        bracket(
            Bracket::Savepoint(1),
            open,
            close,
            vec![stmt(INSERT, vec![text(name)])],
        )
    };
    block_on(run(&mut c, sp(true, true, "b"))).unwrap();
    block_on(run(&mut c, sp(true, false, "c"))).unwrap();
    assert!(block_on(run(&mut c, sp(false, true, "a"))).is_err());
    // Nested, the outer one undone by hand.
    block_on(run(&mut c, sp(true, false, "d"))).unwrap();
    let inner = bracket(
        Bracket::Savepoint(2),
        true,
        true,
        vec![stmt(INSERT, vec![text("e")])],
    );
    block_on(run(&mut c, inner)).unwrap();
    block_on(c.rollback(Bracket::Savepoint(1))).unwrap();
    block_on(run(
        &mut c,
        tx(false, true, vec![stmt(INSERT, vec![text("f")])]),
    ))
    .unwrap();
    let keep = exec(&mut c, "SELECT count(*), group_concat(name) FROM t", vec![]).unwrap();
    assert_eq!(keep.rows[0].1[1], text("a,b,f"));
}

#[test]
fn a_transaction_inside_a_transaction_does_not_end_the_outer_one() {
    let (_database, mut c) = memory();
    script(&mut c, &[TABLE]);
    block_on(run(
        &mut c,
        tx(true, false, vec![stmt(INSERT, vec![text("a")])]),
    ))
    .unwrap();
    assert!(block_on(run(&mut c, tx(true, true, vec![]))).is_err());
    block_on(run(&mut c, tx(false, true, vec![]))).unwrap();
    assert_eq!(
        exec(&mut c, "SELECT count(*) FROM t", vec![])
            .unwrap()
            .ints(),
        [1]
    );
}

#[test]
fn an_error_in_commit_rolls_back() {
    let (_database, mut c) = memory();
    script(
        &mut c,
        &[
            TABLE,
            "CREATE TABLE child (t INTEGER REFERENCES t (id) DEFERRABLE INITIALLY DEFERRED)",
        ],
    );
    let orphan = || vec![stmt("INSERT INTO child VALUES (7)", vec![])];
    let error = block_on(run(&mut c, tx(true, true, orphan())))
        .map(|_| ())
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ForeignKeyViolation);
    assert_eq!(
        exec(&mut c, "SELECT count(*) FROM child", vec![])
            .unwrap()
            .ints(),
        [0]
    );
    block_on(run(
        &mut c,
        tx(true, true, vec![stmt(INSERT, vec![text("a")])]),
    ))
    .unwrap();
}

#[test]
fn rolled_back_by_sqlite_itself() {
    let (_database, mut c) = memory();
    script(&mut c, &[TABLE]);
    exec(&mut c, INSERT, vec![text("a")]).unwrap();
    block_on(run(&mut c, tx(true, false, vec![]))).unwrap();
    let savepoint = bracket(
        Bracket::Savepoint(1),
        true,
        true,
        vec![stmt(
            "INSERT OR ROLLBACK INTO t (name) VALUES ('a')",
            vec![],
        )],
    );
    let error = block_on(run(&mut c, savepoint)).map(|_| ()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UniqueViolation);
    // The outer transaction is gone with it; bare statements of it are refused as well.
    let bare = block_on(run(
        &mut c,
        Batch::bare(vec![stmt(INSERT, vec![text("b")])]),
    ));
    assert_eq!(bare.map(|_| ()).unwrap_err().kind(), ErrorKind::Closed);
    block_on(c.rollback(Bracket::Transaction)).unwrap();
    exec(&mut c, INSERT, vec![text("b")]).unwrap();
}

#[test]
fn a_sink_that_refuses_stops_the_batch() {
    let (_database, mut c) = memory();
    script(&mut c, &[TABLE]);
    let batch = tx(
        true,
        true,
        vec![
            stmt(INSERT, vec![text("a")]),
            stmt("SELECT 1 UNION SELECT 2", vec![]),
        ],
    );
    let mut keep = Keep {
        fail_at: Some(1),
        ..Keep::default()
    };
    let error = block_on(send(&mut c, &batch, &mut keep)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert_eq!(
        exec(&mut c, "SELECT count(*) FROM t", vec![])
            .unwrap()
            .ints(),
        [0]
    );
}

#[test]
fn release_rolls_back_what_is_open() {
    let (database, mut c) = memory();
    script(&mut c, &[TABLE]);
    block_on(run(
        &mut c,
        tx(true, false, vec![stmt(INSERT, vec![text("a")])]),
    ))
    .unwrap();
    database.release(Intent::Write, c, false);
    let mut c = writer(&database);
    assert_eq!(
        exec(&mut c, "SELECT count(*) FROM t", vec![])
            .unwrap()
            .ints(),
        [0]
    );
    // Dropped without a release it comes back as well.
    block_on(run(
        &mut c,
        tx(true, false, vec![stmt(INSERT, vec![text("a")])]),
    ))
    .unwrap();
    drop(c);
    let mut c = writer(&database);
    assert_eq!(
        exec(&mut c, "SELECT count(*) FROM t", vec![])
            .unwrap()
            .ints(),
        [0]
    );
}

#[test]
fn the_number_of_values_is_checked() {
    let (_database, mut c) = memory();
    for binds in [vec![], vec![int(1), int(2)]] {
        let error = exec(&mut c, "SELECT ?", binds).map(|_| ()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
    }
    let keep = block_on(run(&mut c, Batch::bare(vec![each("SELECT ?", 0, vec![])]))).unwrap();
    assert!(keep.done.is_empty());
}

#[test]
fn odd_texts_are_errors() {
    let (_database, mut c) = memory();
    for sql in [
        "",
        "  ",
        "-- nothing",
        "SELECT 1; SELECT 2",
        "SELECT 1\0 FROM x",
        "SELEC",
        "\0",
    ] {
        let error = exec(&mut c, sql, vec![]).map(|_| ()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Statement, "{sql:?}: {error:?}");
    }
    assert_eq!(exec(&mut c, "SELECT 1;", vec![]).unwrap().ints(), [1]);
    // A misspelt column in double quotes is no text.
    script(&mut c, &[TABLE]);
    assert!(exec(&mut c, "SELECT \"nmae\" FROM t", vec![]).is_err());
}

#[test]
fn more_statements_than_the_cache_holds() {
    let database = sinew_sqlite::Sqlite::connect("sqlite::memory:?statement_cache=3").unwrap();
    let mut c = writer(&database);
    for round in 0..3 {
        for n in 0..20 {
            let keep = exec(&mut c, &format!("SELECT {n} + ?"), vec![int(round)]).unwrap();
            assert_eq!(keep.ints(), [n + round]);
        }
    }
}

#[test]
fn a_schema_change_is_noticed_by_prepared_statements() {
    let (_database, mut c) = memory();
    script(&mut c, &[TABLE, "INSERT INTO t (name) VALUES ('a')"]);
    assert_eq!(
        exec(&mut c, "SELECT * FROM t", vec![]).unwrap().rows[0]
            .1
            .len(),
        2
    );
    script(&mut c, &["ALTER TABLE t ADD COLUMN extra DEFAULT 5"]);
    let keep = exec(&mut c, "SELECT * FROM t", vec![]).unwrap();
    assert_eq!(keep.rows[0].1, [int(1), text("a"), int(5)]);
    assert_eq!(keep.names, ["id", "name", "extra"]);
}

#[test]
fn closed_for_good() {
    let (database, c) = memory();
    block_on(database.close());
    drop(c);
    for intent in [Intent::Read, Intent::Write] {
        let error = block_on(database.acquire(intent)).map(|_| ()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Closed);
        assert!(database.try_acquire(intent).unwrap().is_err());
    }
}
