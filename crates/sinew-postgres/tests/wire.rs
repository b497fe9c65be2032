//! What happens to a connection that nobody but its user moves.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may")]

mod support;

use std::time::{Duration, Instant};

use sinew_core::driver::{Batch, Bracket, Driver as _, Intent};
use sinew_core::{ErrorKind, Value};
use sinew_postgres::Postgres;
use support::{Kept, batch, exec, one, rows, run, take, url, with};

async fn number(database: &Postgres, sql: &str) -> i64 {
    let Value::Int(number) = one(&mut *take(database).await, sql).await.unwrap() else {
        panic!("{sql} is no number");
    };
    number
}

/// Waits until a query's number is the wanted one.
async fn becomes(database: &Postgres, sql: &str, wanted: i64) {
    let began = Instant::now();
    loop {
        let found = number(database, sql).await;
        if found == wanted {
            return;
        }
        assert!(began.elapsed() < Duration::from_secs(10), "{found}: {sql}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn sessions(name: &str) -> String {
    format!("SELECT count(*) FROM pg_stat_activity WHERE application_name = '{name}'")
}

#[tokio::test]
async fn closing_leaves_no_session() {
    let Some(url) = url() else { return };
    let other = Postgres::connect(&url).await.unwrap();
    let name = "sinew_closing";
    let database = Postgres::connect(&with(&url, &format!("application_name={name}")))
        .await
        .unwrap();
    let mut out = Vec::new();
    for _ in 0..3 {
        out.push(take(&database).await);
    }
    let kept = out.pop().unwrap();
    for mut connection in out {
        exec(&mut *connection, "SELECT 1").await.unwrap();
        database.release(Intent::Read, connection, true);
    }
    assert_eq!(number(&other, &sessions(name)).await, 3);
    database.close().await;
    becomes(&other, &sessions(name), 1).await;
    // One that is out when the pool closes is closed when it comes back.
    database.release(Intent::Read, kept, true);
    becomes(&other, &sessions(name), 0).await;

    // A statement that still runs does not keep its session either, nor does one that is read slowly.
    let database = Postgres::connect(&with(&url, &format!("application_name={name}")))
        .await
        .unwrap();
    let (mut slow, mut read) = (take(&database).await, take(&database).await);
    let sleep = Batch::bare(vec![rows("SELECT pg_sleep(60)", vec![])]);
    let mut kept = Kept::default();
    let limit = Duration::from_millis(50);
    let cut = tokio::time::timeout(limit, slow.run(&sleep, &mut kept)).await;
    assert!(cut.is_err());
    let endless = rows("SELECT generate_series(1, 100000000)", vec![]);
    assert!(read.fetch(&endless, 3, &mut kept).await.unwrap());
    database.close().await;
    drop((slow, read, database));
    becomes(&other, &sessions(name), 0).await;
}

/// Ended while it lay in the pool: the next user is given another.
async fn is_replaced_after(url: &str, restarts: bool) {
    let database = Postgres::connect(&with(url, "max_connections=1"))
        .await
        .unwrap();
    let other = Postgres::connect(url).await.unwrap();
    let pid = number(&database, "SELECT pg_backend_pid()").await;
    let there = format!("SELECT count(*) FROM pg_stat_activity WHERE pid = {pid}");
    if restarts {
        // The server closes it with words of its own; a pooler may just hang up.
        exec(
            &mut *take(&database).await,
            "SET idle_session_timeout = '20ms'",
        )
        .await
        .unwrap();
    } else {
        let kill = format!("SELECT pg_terminate_backend({pid})");
        exec(&mut *take(&other).await, &kill).await.unwrap();
    }
    becomes(&other, &there, 0).await;
    tokio::time::sleep(Duration::from_millis(20)).await;
    for inline in [true, false] {
        if inline {
            // What lies there is found out to be closed.
            assert!(database.try_acquire(Intent::Read).is_none());
        } else {
            assert_ne!(number(&database, "SELECT pg_backend_pid()").await, pid);
        }
    }
}

#[tokio::test]
async fn an_idle_connection_that_was_ended() {
    let Some(url) = url() else { return };
    is_replaced_after(&url, false).await;
    is_replaced_after(&url, true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idle_connection_that_was_ended_among_threads() {
    let Some(url) = url() else { return };
    is_replaced_after(&url, false).await;
}

/// More than sockets and channels hold, in both directions at once.
#[tokio::test]
async fn large_requests_and_answers_in_one_burst() {
    let Some(url) = url() else { return };
    let database = Postgres::connect(&url).await.unwrap();
    let mut connection = take(&database).await;
    let text = "x".repeat(3_000_000);
    let many = "SELECT n, repeat('y', 1000) FROM generate_series(1, 5000) n";
    let echo = || rows("SELECT $1::text", vec![Value::Text(text.as_str().into())]);
    for bracket in [Bracket::None, Bracket::Transaction] {
        let open = bracket == Bracket::Transaction;
        let statements = vec![
            rows(many, vec![]),
            echo(),
            rows(many, vec![]),
            echo(),
            echo(),
        ];
        let kept = run(&mut *connection, batch(bracket, open, open, statements))
            .await
            .unwrap();
        assert_eq!(kept.rows.len(), 10_003);
        assert_eq!(kept.rows[5000].1, [Value::Text(text.as_str().into())]);
        assert_eq!(kept.rows[10_000].1[0], Value::Int(5000));
    }
}

/// Notices and changed settings, which nobody asked for, before, within and between answers.
#[tokio::test]
async fn what_nobody_asked_for() {
    let Some(url) = url() else { return };
    let database = Postgres::connect(&with(&url, "max_connections=1"))
        .await
        .unwrap();
    let other = Postgres::connect(&url).await.unwrap();
    exec(&mut *take(&database).await, "LISTEN sinew_wire")
        .await
        .unwrap();
    for round in 0..3_i64 {
        let notify =
            "SELECT pg_notify('sinew_wire', repeat('z', 7000) || n) FROM generate_series(1, 50) n";
        exec(&mut *take(&other).await, notify).await.unwrap();
        let mut connection = take(&database).await;
        let noisy = vec![
            rows("SELECT 1::int8", vec![]),
            rows(
                "DO $$ BEGIN FOR n IN 1..100 LOOP RAISE NOTICE 'number %', n; END LOOP; END $$",
                vec![],
            ),
            rows(
                "SELECT set_config('application_name', $1, false)",
                vec![Value::Text(format!("w{round}").into())],
            ),
            rows("SELECT $1::int8", vec![Value::Int(round)]),
        ];
        let kept = run(&mut *connection, Batch::bare(noisy)).await.unwrap();
        assert_eq!(kept.rows.last().unwrap().1, [Value::Int(round)]);
        database.release(Intent::Read, connection, true);
    }
}

/// Dropped after every number of polls that it can be dropped after.
#[tokio::test]
async fn an_operation_that_is_dropped_anywhere() {
    let Some(url) = url() else { return };
    let database = Postgres::connect(&with(&url, "max_connections=1&acquire_timeout=20000"))
        .await
        .unwrap();
    exec(
        &mut *take(&database).await,
        "CREATE TEMP TABLE t (a int8 PRIMARY KEY)",
    )
    .await
    .unwrap();
    let mut finished = 0;
    for polls in 1..200 {
        let mut connection = take(&database).await;
        // New texts each time, so that they are prepared on the way.
        let insert = format!("INSERT INTO t VALUES ($1) RETURNING a, {polls}");
        let series = format!("SELECT generate_series(1, 3), {polls}");
        let statements = vec![
            rows(&insert, vec![Value::Int(polls)]),
            rows(&series, vec![]),
        ];
        let work = batch(Bracket::Transaction, true, true, statements);
        let mut kept = Kept::default();
        let ended = {
            let mut running = connection.run(&work, &mut kept);
            let mut left = polls;
            std::future::poll_fn(|context| {
                if left == 0 {
                    return std::task::Poll::Ready(None);
                }
                left -= 1;
                running.as_mut().poll(context).map(Some)
            })
            .await
        };
        database.release(Intent::Write, connection, ended.is_some());
        let sql = format!("SELECT count(*) FROM t WHERE a = {polls}");
        let found = number(&database, &sql).await;
        let open = "SELECT (pg_current_xact_id_if_assigned() IS NOT NULL)::int4::int8";
        assert_eq!(number(&database, open).await, 0);
        match ended {
            Some(ended) => {
                ended.unwrap();
                assert_eq!((found, kept.rows.len()), (1, 4));
                finished += 1;
                if finished == 3 {
                    return;
                }
            }
            // The commit may have been on its way.
            None => assert!(found <= 1),
        }
    }
    panic!("the operation never ended");
}

/// Each chunk is taken on another thread than the one before, and the rest is left.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_stream_that_moves_between_tasks() {
    let Some(url) = url() else { return };
    let database = Postgres::connect(&with(&url, "max_connections=1"))
        .await
        .unwrap();
    let mut connection = take(&database).await;
    for turn in 0..20_usize {
        let read = tokio::spawn(async move {
            let series = rows(
                "SELECT n, repeat('x', 500) FROM generate_series(1, 20000) n",
                vec![],
            );
            let mut kept = Kept::default();
            assert!(connection.fetch(&series, 900, &mut kept).await.unwrap());
            (connection, kept)
        });
        let (back, kept) = read.await.unwrap();
        connection = back;
        let first = i64::try_from(turn * 900 + 1).unwrap();
        assert_eq!(kept.rows[0].1[0], Value::Int(first));
    }
    database.release(Intent::Read, connection, false);
    assert_eq!(number(&database, "SELECT 7::int8").await, 7);
}

/// A pool outlives the runtime that its connections were opened on.
#[test]
fn the_next_runtime_opens_its_own() {
    let Some(url) = url() else { return };
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
    };
    let database = runtime()
        .block_on(Postgres::connect(&with(&url, "max_connections=1")))
        .unwrap();
    for _ in 0..2 {
        let found = runtime().block_on(number(&database, "SELECT 3::int8"));
        assert_eq!(found, 3);
    }
    // Without any runtime nothing can be opened, and that is said.
    let waker = std::task::Waker::noop();
    let mut taken = database.acquire(Intent::Read);
    let polled = taken
        .as_mut()
        .poll(&mut std::task::Context::from_waker(waker));
    let std::task::Poll::Ready(Err(error)) = polled else {
        panic!("it was taken")
    };
    assert_eq!(error.kind(), ErrorKind::Connection);
}

/// Many statements one after another in one poll: others get their turn.
#[tokio::test]
async fn a_busy_connection_lets_others_run() {
    let Some(url) = url() else { return };
    let database = Postgres::connect(&url).await.unwrap();
    let mut connection = take(&database).await;
    let ticks = tokio::spawn(async {
        let mut ticks = 0_u32;
        loop {
            ticks += 1;
            if ticks == 50 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
    let began = Instant::now();
    while !ticks.is_finished() {
        let kept = exec(&mut *connection, "SELECT generate_series(1, 100)").await;
        assert_eq!(kept.unwrap().rows.len(), 100);
        assert!(began.elapsed() < Duration::from_secs(20));
    }
}
