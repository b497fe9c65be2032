//! Errors, transactions, the pool, cancellation, lost connections.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may")]

mod support;

use std::time::{Duration, Instant};

use sinew_core::driver::{Batch, Bracket, Driver as _, Intent};
use sinew_core::{ErrorKind, Value};
use sinew_postgres::Postgres;
use support::{Kept, Proxy, batch, exec, one, rows, run, take, url, with};

#[tokio::test]
async fn errors_have_kinds_and_places() {
    let Some(url) = url() else { return };
    let database = Postgres::connect(&url).await.unwrap();
    let mut connection = take(&database).await;
    let connection = &mut *connection;
    for sql in [
        "CREATE TEMP TABLE p (id int8 PRIMARY KEY, name varchar(3) NOT NULL, age int4 CONSTRAINT adult CHECK (age > 17))",
        "CREATE TEMP TABLE c (id int8 PRIMARY KEY, p_id int8 CONSTRAINT c_p REFERENCES p)",
        "CREATE UNIQUE INDEX p_name ON p (name, age)",
        "INSERT INTO p VALUES (1, 'a', 20)",
        "INSERT INTO c VALUES (1, 1)",
    ] {
        exec(connection, sql).await.unwrap();
    }
    for (sql, kind, constraint, table, column) in [
        (
            "INSERT INTO p VALUES (2, 'a', 20)",
            ErrorKind::UniqueViolation,
            Some("p_name"),
            Some("p"),
            Some("name, age"),
        ),
        (
            "INSERT INTO p VALUES (1, 'b', 20)",
            ErrorKind::UniqueViolation,
            Some("p_pkey"),
            Some("p"),
            Some("id"),
        ),
        (
            "INSERT INTO c VALUES (2, 9)",
            ErrorKind::ForeignKeyViolation,
            Some("c_p"),
            Some("c"),
            Some("p_id"),
        ),
        (
            "DELETE FROM p",
            ErrorKind::ForeignKeyViolation,
            Some("c_p"),
            Some("c"),
            Some("id"),
        ),
        (
            "INSERT INTO p VALUES (3, NULL, 20)",
            ErrorKind::NotNullViolation,
            None,
            Some("p"),
            Some("name"),
        ),
        (
            "INSERT INTO p VALUES (3, 'c', 2)",
            ErrorKind::CheckViolation,
            Some("adult"),
            Some("p"),
            None,
        ),
        (
            "INSERT INTO p VALUES (3, 'long', 20)",
            ErrorKind::ValueTooLong,
            None,
            None,
            None,
        ),
        ("SELEC 1", ErrorKind::Statement, None, None, None),
        (
            "SELECT * FROM nothing_here",
            ErrorKind::Statement,
            None,
            None,
            None,
        ),
        ("SELECT 1/0", ErrorKind::Database, None, None, None),
    ] {
        let error = exec(connection, sql).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{sql}: {error:?}");
        assert_eq!(error.constraint(), constraint, "{sql}");
        assert_eq!(error.table(), table, "{sql}");
        assert_eq!(error.column(), column, "{sql}");
        assert_eq!(error.sql(), Some(sql));
    }
    exec(connection, "SET default_transaction_read_only = on")
        .await
        .unwrap();
    let error = exec(connection, "CREATE TABLE never (a int)")
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ReadOnly);
    exec(connection, "RESET default_transaction_read_only")
        .await
        .unwrap();
}

#[tokio::test]
async fn a_failed_batch_undoes_its_bracket() {
    let Some(url) = url() else { return };
    let database = Postgres::connect(&url).await.unwrap();
    let mut connection = take(&database).await;
    let connection = &mut *connection;
    exec(connection, "CREATE TEMP TABLE t (a int4 PRIMARY KEY)")
        .await
        .unwrap();
    let add = |n: i64| rows("INSERT INTO t VALUES ($1)", vec![Value::Int(n)]);
    let count = "SELECT count(*) FROM t";
    for open_first in [false, true] {
        if open_first {
            run(
                connection,
                batch(Bracket::Transaction, true, false, vec![add(8)]),
            )
            .await
            .unwrap();
        }
        let failing = batch(
            Bracket::Transaction,
            !open_first,
            true,
            vec![add(1), add(1), add(2)],
        );
        assert_eq!(
            run(connection, failing).await.unwrap_err().kind(),
            ErrorKind::UniqueViolation
        );
        assert_eq!(one(connection, count).await.unwrap(), Value::Int(0));
    }
    // A savepoint alone is undone, and the transaction goes on.
    run(
        connection,
        batch(Bracket::Transaction, true, false, vec![add(1)]),
    )
    .await
    .unwrap();
    let failing = batch(Bracket::Savepoint(1), true, false, vec![add(2), add(1)]);
    assert!(run(connection, failing).await.is_err());
    let unknown = batch(
        Bracket::Savepoint(1),
        true,
        false,
        vec![rows("SELECT nonsense", vec![])],
    );
    assert!(run(connection, unknown).await.is_err());
    run(
        connection,
        batch(Bracket::Savepoint(1), true, false, vec![add(3)]),
    )
    .await
    .unwrap();
    // A sink that refuses undoes as well.
    let mut refusing = Kept {
        refuses: Some(0),
        ..Kept::default()
    };
    let refused = batch(
        Bracket::Savepoint(2),
        true,
        false,
        vec![add(4), rows("SELECT 1", vec![])],
    );
    assert_eq!(
        connection
            .run(&refused, &mut refusing)
            .await
            .unwrap_err()
            .kind(),
        ErrorKind::Hook
    );
    run(
        connection,
        batch(Bracket::Savepoint(1), false, true, vec![]),
    )
    .await
    .unwrap();
    run(connection, batch(Bracket::Transaction, false, true, vec![]))
        .await
        .unwrap();
    assert_eq!(
        one(connection, "SELECT string_agg(a::text, ',') FROM t")
            .await
            .unwrap(),
        Value::Text("1,3".into())
    );
    // A bare statement that fails inside a transaction cannot be forgotten.
    run(
        connection,
        batch(Bracket::Transaction, true, false, vec![add(5)]),
    )
    .await
    .unwrap();
    assert!(run(connection, Batch::bare(vec![add(1)])).await.is_err());
    let error = run(connection, batch(Bracket::Transaction, false, true, vec![]))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert_eq!(one(connection, count).await.unwrap(), Value::Int(2));
}

#[tokio::test]
async fn the_pool_waits_and_gives_up() {
    let Some(url) = url() else { return };
    let database = Postgres::connect(&with(&url, "max_connections=1&acquire_timeout=50"))
        .await
        .unwrap();
    let held = take(&database).await;
    assert!(database.try_acquire(Intent::Read).is_none());
    let error = database
        .acquire(Intent::Read)
        .await
        .map(|_| ())
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    database.release(Intent::Read, held, true);
    assert!(database.try_acquire(Intent::Read).is_some());
    database.close().await;
    let error = database
        .acquire(Intent::Read)
        .await
        .map(|_| ())
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Closed);
}

#[tokio::test]
async fn a_dropped_operation_leaves_nothing() {
    let Some(url) = url() else { return };
    let database = Postgres::connect(&with(&url, "max_connections=1&acquire_timeout=5000"))
        .await
        .unwrap();
    let mut connection = take(&database).await;
    exec(&mut *connection, "CREATE TEMP TABLE t (a int4)")
        .await
        .unwrap();
    let add = rows("INSERT INTO t VALUES (1)", vec![]);
    let slow = batch(
        Bracket::Transaction,
        true,
        true,
        vec![add, rows("SELECT pg_sleep(30)", vec![])],
    );
    let began = Instant::now();
    let mut kept = Kept::default();
    let run = tokio::time::timeout(Duration::from_millis(100), connection.run(&slow, &mut kept));
    assert!(run.await.is_err());
    database.release(Intent::Write, connection, false);
    let mut connection = take(&database).await;
    assert!(
        began.elapsed() < Duration::from_secs(5),
        "the statement was not cancelled"
    );
    // The same connection, for the table is still there, without the transaction.
    assert_eq!(
        one(&mut *connection, "SELECT count(*) FROM t")
            .await
            .unwrap(),
        Value::Int(0)
    );
    assert_eq!(
        one(
            &mut *connection,
            "SELECT pg_current_xact_id_if_assigned() IS NULL"
        )
        .await
        .unwrap(),
        Value::Bool(true)
    );
}

#[tokio::test]
async fn an_open_transaction_is_rolled_back_on_release() {
    let Some(url) = url() else { return };
    let database = Postgres::connect(&with(&url, "max_connections=1"))
        .await
        .unwrap();
    for by_hand in [false, true] {
        let mut connection = take(&database).await;
        if by_hand {
            exec(&mut *connection, "BEGIN").await.unwrap();
            exec(&mut *connection, "CREATE TEMP TABLE gone (a int4)")
                .await
                .unwrap();
        } else {
            let make = vec![rows("CREATE TEMP TABLE gone (a int4)", vec![])];
            run(
                &mut *connection,
                batch(Bracket::Transaction, true, false, make),
            )
            .await
            .unwrap();
        }
        database.release(Intent::Write, connection, false);
        let mut connection = take(&database).await;
        assert!(
            exec(&mut *connection, "SELECT * FROM gone").await.is_err(),
            "{by_hand}"
        );
    }
}

#[tokio::test]
async fn slow_reading_hands_out_chunks() {
    let Some(url) = url() else { return };
    let database = Postgres::connect(&with(&url, "max_connections=1"))
        .await
        .unwrap();
    let mut connection = take(&database).await;
    let query = rows("SELECT generate_series(1, $1::int4)", vec![Value::Int(25)]);
    let mut kept = Kept::default();
    for wanted in [10, 20, 25] {
        let more = connection.fetch(&query, 10, &mut kept).await.unwrap();
        assert_eq!((kept.rows.len(), more), (wanted, wanted < 25));
    }
    // One that is given up after its first rows does not hold up the next user.
    let endless = rows(
        "SELECT generate_series(1, 100000000), repeat('x', 1000)",
        vec![],
    );
    assert!(connection.fetch(&endless, 3, &mut kept).await.unwrap());
    database.release(Intent::Read, connection, false);
    let began = Instant::now();
    let mut connection = take(&database).await;
    assert_eq!(
        one(&mut *connection, "SELECT 1").await.unwrap(),
        Value::Int(1)
    );
    assert!(began.elapsed() < Duration::from_secs(8));
}

/// Inside a transaction other statements run between two chunks.
#[tokio::test]
async fn slow_reading_inside_a_transaction() {
    let Some(url) = url() else { return };
    let database = Postgres::connect(&url).await.unwrap();
    let mut connection = take(&database).await;
    let connection = &mut *connection;
    run(connection, batch(Bracket::Transaction, true, false, vec![]))
        .await
        .unwrap();
    let query = rows(
        "SELECT n FROM generate_series(1, $1::int4) n",
        vec![Value::Int(25)],
    );
    for _ in 0..2 {
        let mut kept = Kept::default();
        for wanted in [10, 20, 25] {
            let more = connection.fetch(&query, 10, &mut kept).await.unwrap();
            assert_eq!((kept.rows.len(), more), (wanted, wanted < 25));
            run(
                connection,
                batch(
                    Bracket::Savepoint(1),
                    true,
                    false,
                    vec![rows("SELECT 1", vec![])],
                ),
            )
            .await
            .unwrap();
            run(
                connection,
                batch(Bracket::Savepoint(1), false, true, vec![]),
            )
            .await
            .unwrap();
        }
        assert_eq!(kept.rows[24].1, [Value::Int(25)]);
    }
    // Given up, begun anew, and wrong.
    let mut kept = Kept::default();
    assert!(connection.fetch(&query, 3, &mut kept).await.unwrap());
    run(connection, Batch::bare(vec![])).await.unwrap();
    assert!(connection.fetch(&query, 3, &mut kept).await.unwrap());
    assert_eq!(kept.rows[3].1, [Value::Int(1)]);
    run(connection, Batch::bare(vec![])).await.unwrap();
    let wrong = rows("SELECT nothing", vec![]);
    assert_eq!(
        connection
            .fetch(&wrong, 3, &mut kept)
            .await
            .unwrap_err()
            .kind(),
        ErrorKind::Statement
    );
    run(
        connection,
        batch(
            Bracket::Transaction,
            false,
            false,
            vec![rows("SELECT 1", vec![])],
        ),
    )
    .await
    .unwrap();
    run(connection, batch(Bracket::Transaction, false, true, vec![]))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_changed_table_is_prepared_again() {
    let Some(url) = url() else { return };
    let database = Postgres::connect(&url).await.unwrap();
    let mut connection = take(&database).await;
    let connection = &mut *connection;
    exec(connection, "CREATE TEMP TABLE t AS SELECT 1 AS a")
        .await
        .unwrap();
    assert_eq!(
        exec(connection, "SELECT * FROM t").await.unwrap().rows[0]
            .1
            .len(),
        1
    );
    exec(connection, "ALTER TABLE t ADD COLUMN b int4")
        .await
        .unwrap();
    assert_eq!(
        exec(connection, "SELECT * FROM t").await.unwrap().rows[0]
            .1
            .len(),
        2
    );
    exec(connection, "DEALLOCATE ALL").await.unwrap();
    assert_eq!(
        exec(connection, "SELECT * FROM t").await.unwrap().rows[0]
            .1
            .len(),
        2
    );
}

#[tokio::test]
async fn the_statement_timeout_is_the_servers() {
    let Some(url) = url() else { return };
    let database = Postgres::connect(&with(&url, "statement_timeout=50"))
        .await
        .unwrap();
    let mut connection = take(&database).await;
    let error = exec(&mut *connection, "SELECT pg_sleep(10)")
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(
        one(&mut *connection, "SELECT 1").await.unwrap(),
        Value::Int(1)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_connection_is_replaced() {
    let Some(url) = url() else { return };
    let database = Postgres::connect(&with(&url, "max_connections=1"))
        .await
        .unwrap();
    let other = Postgres::connect(&url).await.unwrap();
    let mut connection = take(&database).await;
    let Value::Int(pid) = one(&mut *connection, "SELECT pg_backend_pid()")
        .await
        .unwrap()
    else {
        panic!()
    };
    run(
        &mut *connection,
        batch(
            Bracket::Transaction,
            true,
            false,
            vec![rows("SELECT 1", vec![])],
        ),
    )
    .await
    .unwrap();
    let kill = format!("SELECT pg_terminate_backend({pid})");
    exec(&mut *take(&other).await, &kill).await.unwrap();
    let ended = run(
        &mut *connection,
        batch(
            Bracket::Transaction,
            false,
            false,
            vec![rows("SELECT 1", vec![])],
        ),
    )
    .await;
    assert_eq!(ended.unwrap_err().kind(), ErrorKind::Connection);
    database.release(Intent::Write, connection, false);
    assert_eq!(
        one(&mut *take(&database).await, "SELECT 1").await.unwrap(),
        Value::Int(1)
    );

    // A server that is gone says so, and is found again when it is back.
    let proxy = Proxy::start(&url).await;
    let database = Postgres::connect(&proxy.url).await.unwrap();
    proxy.cut(true);
    let mut connection = take(&database).await;
    let error = exec(&mut *connection, "SELECT 1").await;
    let error = match error {
        Err(error) => error,
        // The proxy looks only between two messages.
        Ok(_) => exec(&mut *connection, "SELECT 1").await.unwrap_err(),
    };
    assert_eq!(error.kind(), ErrorKind::Connection);
    database.release(Intent::Write, connection, false);
    proxy.cut(false);
    assert_eq!(
        one(&mut *take(&database).await, "SELECT 1").await.unwrap(),
        Value::Int(1)
    );
}

#[tokio::test]
async fn a_server_that_is_not_there() {
    let error = Postgres::connect("postgres://u:secret@127.0.0.1:1/x?connect_timeout=2")
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connection);
    assert!(!format!("{error:?}").contains("secret"));
}
