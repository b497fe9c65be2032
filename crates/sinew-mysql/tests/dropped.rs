//! Futures that are dropped half-way: nothing of theirs stays, and the transaction goes on.

#![allow(clippy::unwrap_used)]

mod support;

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, Instant};

use sinew_core::driver::{Action, Bracket, Connection, Driver as _, Intent, Statement};
use sinew_core::{ErrorKind, Value};
use support::{Kept, batch, open, run, text};

/// Polls a future so many times and drops it then; `None` where it was not done.
async fn polled<T>(times: usize, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut left = times;
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        match future.as_mut().poll(context) {
            Poll::Ready(value) => Poll::Ready(Some(value)),
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

fn statement(sql: &str) -> Statement<'_> {
    Statement {
        sql,
        binds: Vec::new(),
        action: Action::Rows,
    }
}

async fn bare(c: &mut dyn Connection, bracket: Bracket, sides: [bool; 2]) {
    let mut kept = Kept::default();
    batch(c, bracket, sides, Vec::new(), &mut kept)
        .await
        .unwrap();
}

async fn one(c: &mut dyn Connection, sql: &str) -> Value<'static> {
    run(c, sql, &[]).await.unwrap().rows[0][0].clone()
}

const TABLE: &str = "CREATE TABLE t (id bigint auto_increment primary key, name varchar(20))";

#[tokio::test]
async fn a_slow_statement_is_awaited_and_its_savepoint_undone_mysql() {
    let Some(db) = open("dropped_slow").await else {
        return;
    };
    let mut connection = db.acquire(Intent::Write).await.unwrap();
    let c = &mut *connection;
    run(c, TABLE, &[]).await.unwrap();
    let id = one(c, "SELECT CONNECTION_ID()").await;
    bare(c, Bracket::Transaction, [true, false]).await;
    run(c, "INSERT INTO t (name) VALUES ('before')", &[])
        .await
        .unwrap();
    let slow = || {
        vec![
            statement("INSERT INTO t (name) VALUES ('dropped')"),
            statement("INSERT INTO t (name) SELECT SLEEP(0.5)"),
            statement("INSERT INTO t (name) VALUES ('never')"),
        ]
    };
    for _ in 0..2 {
        let mut kept = Kept::default();
        let dropped = batch(c, Bracket::Savepoint(1), [true, true], slow(), &mut kept);
        let started = Instant::now();
        assert!(
            tokio::time::timeout(Duration::from_millis(150), dropped)
                .await
                .is_err()
        );
        c.rollback(Bracket::Savepoint(1)).await.unwrap();
        assert!(
            started.elapsed() > Duration::from_millis(400),
            "its end is awaited"
        );
    }
    // The same without a bracket: the statement is whole, and nothing comes after it.
    let dropped = run(c, "SELECT SLEEP(0.3), 'x'", &[]);
    assert!(
        tokio::time::timeout(Duration::from_millis(50), dropped)
            .await
            .is_err()
    );
    run(c, "INSERT INTO t (name) VALUES ('after')", &[])
        .await
        .unwrap();
    bare(c, Bracket::Transaction, [false, true]).await;
    assert_eq!(
        one(c, "SELECT GROUP_CONCAT(name ORDER BY id) FROM t").await,
        text("before,after")
    );
    assert_eq!(one(c, "SELECT CONNECTION_ID()").await, id);
}

#[tokio::test]
async fn wherever_it_is_dropped_mysql() {
    let Some(db) = open("dropped_anywhere").await else {
        return;
    };
    let mut connection = db.acquire(Intent::Write).await.unwrap();
    let c = &mut *connection;
    run(c, TABLE, &[]).await.unwrap();
    let work = |round: usize| {
        let mut statements = vec![
            statement("INSERT INTO t (name) VALUES ('dropped')"),
            statement("SELECT seq FROM seq_1_to_3000"),
            statement("UPDATE t SET name = 'spoilt'"),
        ];
        // A statement that is not kept.
        if round.is_multiple_of(2) {
            statements.push(statement("DO 1"));
        }
        statements
    };
    let mut finished = 0;
    for round in 0..60 {
        bare(c, Bracket::Transaction, [true, false]).await;
        run(c, "INSERT INTO t (name) VALUES ('kept')", &[])
            .await
            .unwrap();
        let mut kept = Kept::default();
        let whole = batch(
            c,
            Bracket::Savepoint(1),
            [true, false],
            work(round),
            &mut kept,
        );
        let done = polled(round, whole).await;
        finished += usize::from(done.is_some());
        // Undoing can be dropped as well.
        if done.is_none() {
            polled(round % 7, c.rollback(Bracket::Savepoint(1))).await;
        } else {
            c.rollback(Bracket::Savepoint(1)).await.unwrap();
        }
        run(c, "INSERT INTO t (name) VALUES ('after')", &[])
            .await
            .unwrap();
        bare(c, Bracket::Transaction, [false, true]).await;
        let wrong = "SELECT COUNT(*) FROM t WHERE name NOT IN ('kept', 'after')";
        // Where not even the wish to undo was heard, the engine asks once more.
        if !round.is_multiple_of(7) {
            assert_eq!(one(c, wrong).await, Value::Int(0), "round {round}");
        }
        run(c, "DELETE FROM t", &[]).await.unwrap();
    }
    assert!((1..60).contains(&finished), "{finished}");
}

#[tokio::test]
async fn a_stream_dropped_half_way_mysql() {
    let Some(db) = open("dropped_stream").await else {
        return;
    };
    let mut connection = db.acquire(Intent::Write).await.unwrap();
    let c = &mut *connection;
    bare(c, Bracket::Transaction, [true, false]).await;
    let select = statement("SELECT seq, SLEEP(0.001) FROM seq_1_to_200");
    for round in 1..12 {
        let mut kept = Kept::default();
        polled(round, c.fetch(&select, 150, &mut kept)).await;
        assert_eq!(one(c, "SELECT 7").await, Value::Int(7));
    }
    bare(c, Bracket::Transaction, [false, true]).await;
}

#[tokio::test]
async fn a_transaction_that_ended_meanwhile_is_told_mysql() {
    let Some(db) = open("dropped_ended").await else {
        return;
    };
    let mut connection = db.acquire(Intent::Write).await.unwrap();
    let c = &mut *connection;
    run(c, TABLE, &[]).await.unwrap();
    bare(c, Bracket::Transaction, [true, false]).await;
    run(c, "INSERT INTO t (name) VALUES ('gone')", &[])
        .await
        .unwrap();
    // Ends the transaction behind the back of everybody.
    let ends = run(c, "ROLLBACK", &[]);
    assert!(polled(2, ends).await.is_none());
    let error = run(c, "INSERT INTO t (name) VALUES ('x')", &[])
        .await
        .map(|_| ())
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Closed);
    c.rollback(Bracket::Transaction).await.unwrap();
    assert_eq!(one(c, "SELECT COUNT(*) FROM t").await, Value::Int(0));
}
