//! The pool, and long statements, on each kind of runtime and without one.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout
)]

mod support;

use std::time::{Duration, Instant};

use sinew_core::ErrorKind;
use sinew_core::driver::{Batch, Driver, Intent};
use sinew_sqlite::Sqlite;
use support::*;

/// Long enough to be noticed in a debug build, and in a release build.
const LONG: u64 = 400_000;

fn on_both(test: impl AsyncFn()) {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap()
        .block_on(test());
    let multi = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_time()
        .build();
    multi.unwrap().block_on(test());
}

#[test]
fn readers_stand_beside_a_writer() {
    let folder = Folder::new();
    let database = Sqlite::connect(&folder.url("a.db?readers=2&acquire_timeout=50")).unwrap();
    let mut w = writer(&database);
    script(&mut w, &["CREATE TABLE t (x)", "INSERT INTO t VALUES (1)"]);
    block_on(run(
        &mut w,
        tx(true, false, vec![stmt("INSERT INTO t VALUES (2)", vec![])]),
    ))
    .unwrap();
    let (mut a, mut b) = (reader(&database), reader(&database));
    for c in [&mut a, &mut b] {
        assert_eq!(
            exec(c, "SELECT count(*) FROM t", vec![]).unwrap().ints(),
            [1]
        );
    }
    for intent in [Intent::Read, Intent::Write] {
        assert!(database.try_acquire(intent).is_none());
        let start = Instant::now();
        let error = block_on(database.acquire(intent)).map(|_| ()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout);
        assert!(error.hint().is_some() && start.elapsed() >= Duration::from_millis(50));
    }
    block_on(run(&mut w, tx(false, true, vec![]))).unwrap();
    assert_eq!(
        exec(&mut a, "SELECT count(*) FROM t", vec![])
            .unwrap()
            .ints(),
        [2]
    );
    drop(b);
    assert!(database.try_acquire(Intent::Read).is_some());
}

#[test]
fn a_read_transaction_keeps_its_snapshot() {
    let folder = Folder::new();
    let database = Sqlite::connect(&folder.url("a.db")).unwrap();
    let (mut w, mut r) = (writer(&database), reader(&database));
    script(&mut w, &["CREATE TABLE t (x)"]);
    let count = || vec![stmt("SELECT count(*) FROM t", vec![])];
    assert_eq!(
        block_on(run(&mut r, tx(true, false, count())))
            .unwrap()
            .ints(),
        [0]
    );
    script(&mut w, &["INSERT INTO t VALUES (1)"]);
    assert_eq!(
        block_on(run(&mut r, tx(false, true, count())))
            .unwrap()
            .ints(),
        [0]
    );
    assert_eq!(
        block_on(run(&mut r, Batch::bare(count()))).unwrap().ints(),
        [1]
    );
}

#[test]
fn writers_queue_up_on_threads_without_a_runtime() {
    let folder = Folder::new();
    let database = Sqlite::connect(&folder.url("a.db")).unwrap();
    script(&mut writer(&database), &["CREATE TABLE t (x)"]);
    std::thread::scope(|scope| {
        for n in 0..8 {
            let database = &database;
            scope.spawn(move || {
                for _ in 0..50 {
                    let mut c = writer(database);
                    let batch = tx(
                        true,
                        true,
                        vec![stmt("INSERT INTO t VALUES (?)", vec![int(n)])],
                    );
                    block_on(run(&mut c, batch)).unwrap();
                    let mut c = reader(database);
                    exec(&mut c, "SELECT count(*) FROM t", vec![]).unwrap();
                }
            });
        }
    });
    assert_eq!(
        exec(&mut writer(&database), "SELECT count(*) FROM t", vec![])
            .unwrap()
            .ints(),
        [400]
    );
}

#[test]
fn tasks_queue_up_on_both_runtimes() {
    on_both(async || {
        let (database, c) = memory();
        drop(c);
        script_async(&database, "CREATE TABLE t (x)").await;
        let tasks: Vec<_> = (0..20)
            .map(|n| {
                let database = database.clone();
                tokio::spawn(async move {
                    for _ in 0..20 {
                        let mut c = database.acquire(Intent::Write).await.unwrap();
                        tokio::task::yield_now().await;
                        let batch = tx(
                            true,
                            true,
                            vec![stmt("INSERT INTO t VALUES (?)", vec![int(n)])],
                        );
                        run(&mut c, batch).await.unwrap();
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        let mut c = database.acquire(Intent::Read).await.unwrap();
        let count = Batch::bare(vec![stmt("SELECT count(*) FROM t", vec![])]);
        assert_eq!(run(&mut c, count).await.unwrap().ints(), [400]);
    });
}

async fn script_async(database: &Sqlite, sql: &str) {
    let mut c = database.acquire(Intent::Write).await.unwrap();
    run(&mut c, Batch::bare(vec![stmt(sql, vec![])]))
        .await
        .unwrap();
}

#[test]
fn giving_up_the_wait_loses_no_connection() {
    on_both(async || {
        let (database, held) = memory();
        for _ in 0..5 {
            let wait =
                tokio::time::timeout(Duration::from_millis(5), database.acquire(Intent::Write));
            assert!(wait.await.is_err());
        }
        // One that is granted but never polled again hands it on.
        let mut waiting = database.acquire(Intent::Write);
        assert!(futures_poll(&mut waiting).await);
        drop(held);
        drop(waiting);
        assert!(database.try_acquire(Intent::Write).is_some());
    });
}

/// Polls once; `true` when it has to wait.
async fn futures_poll<F: Future + Unpin>(future: &mut F) -> bool {
    std::future::poll_fn(|cx| {
        std::task::Poll::Ready(std::pin::Pin::new(&mut *future).poll(cx).is_pending())
    })
    .await
}

#[test]
fn those_who_wait_hear_of_a_close() {
    let (database, _held) = memory();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| block_on(database.acquire(Intent::Write)).map(|_| ()));
        std::thread::sleep(Duration::from_millis(30));
        block_on(database.close());
        assert_eq!(
            waiting.join().unwrap().unwrap_err().kind(),
            ErrorKind::Closed
        );
    });
}

#[test]
fn long_statements_leave_the_runtime_free() {
    on_both(async || {
        let (_database, mut c) = memory();
        let sql = count_to(LONG);
        let batch = || Batch::bare(vec![stmt(&sql, vec![])]);
        // The first run teaches its length.
        run(&mut c, batch()).await.unwrap();
        assert!(c.run_inline(&batch(), &mut Keep::default()).is_none());
        let watch = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let seen = watch.clone();
        let ticker = tokio::spawn(async move {
            loop {
                seen.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        });
        tokio::task::yield_now().await;
        let before = watch.load(std::sync::atomic::Ordering::Relaxed);
        let keep = run(&mut c, batch()).await.unwrap();
        let after = watch.load(std::sync::atomic::Ordering::Relaxed);
        assert_eq!(keep.ints(), [i64::try_from(LONG).unwrap()]);
        assert!(after > before + 2, "{before} {after}");
        ticker.abort();
    });
}

#[test]
fn long_statements_without_a_runtime_run_in_place() {
    let (_database, mut c) = memory();
    let sql = count_to(LONG);
    for _ in 0..3 {
        let batch = Batch::bare(vec![stmt(&sql, vec![])]);
        let mut keep = Keep::default();
        c.run_inline(&batch, &mut keep).unwrap().unwrap();
        assert_eq!(keep.rows.len(), 1);
    }
}

/// A batch that is long and returns rows, taught beforehand.
const ROWS: &str = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 60000) SELECT x, 'row' AS what FROM c";

/// Counts rows, and those that came straight from SQLite.
#[derive(Default)]
struct Counted {
    rows: i64,
    in_place: i64,
}

impl sinew_core::driver::Sink for Counted {
    fn row(&mut self, _: usize, row: &dyn sinew_core::driver::Row) -> sinew_core::Result<()> {
        self.rows += 1;
        assert_eq!(row.get(0)?, sinew_core::Value::Int(self.rows));
        if let Some(first) = row.int(0) {
            assert_eq!((first, row.text(1)), (self.rows, Some("row")));
            assert_eq!((row.text(0), row.int(1), row.int(2)), (None, None, None));
            self.in_place += 1;
        }
        Ok(())
    }

    fn done(&mut self, _: usize, _: sinew_core::driver::Done) -> sinew_core::Result<()> {
        Ok(())
    }
}

#[test]
fn many_rows_come_in_place_and_leave_others_their_turn() {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.unwrap().block_on(async {
        let turns = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let seen = turns.clone();
        let other = tokio::spawn(async move {
            loop {
                seen.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                tokio::task::yield_now().await;
            }
        });
        let (_database, mut c) = memory();
        let batch = Batch::bare(vec![stmt(ROWS, vec![])]);
        for again in [false, true] {
            let before = turns.load(std::sync::atomic::Ordering::Relaxed);
            let mut sink = Counted::default();
            assert!(c.run_inline(&batch, &mut sink).is_none());
            c.run(&batch, &mut sink).await.unwrap();
            assert_eq!(sink.rows, 60_000);
            // On a busy machine it may have learned that the statement halts.
            assert!(again || sink.in_place == sink.rows);
            let after = turns.load(std::sync::atomic::Ordering::Relaxed);
            assert!(after > before + 2, "{before} {after}");
        }
        other.abort();
    });
}

#[test]
fn a_read_dropped_between_its_rows_leaves_nothing() {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.unwrap().block_on(async {
        // On the same connection, as inside a transaction; else it goes back first.
        for goes_on in [false, true] {
            // Nothing is known of the statement, so that it begins in place.
            let folder = Folder::new();
            let database = Sqlite::connect(&folder.url("a.db?readers=1")).unwrap();
            let mut w = writer(&database);
            let seed = format!("INSERT INTO t {ROWS}");
            for sql in ["CREATE TABLE t (x, what)", &seed] {
                let batch = tx(true, true, vec![stmt(sql, vec![])]);
                run(&mut w, batch).await.unwrap();
            }
            let all = || Batch::bare(vec![stmt("SELECT x, what FROM t", vec![])]);
            let count = || Batch::bare(vec![stmt("SELECT count(*) FROM t", vec![])]);
            let mut c = reader(&database);
            let (batch, mut keep) = (all(), Keep::default());
            {
                let mut reading = c.run(&batch, &mut keep);
                assert!(futures_poll(&mut reading).await);
            }
            assert!((1..60_000).contains(&keep.rows.len()));
            let delete = stmt("DELETE FROM t WHERE x = 1", vec![]);
            run(&mut w, tx(true, true, vec![delete])).await.unwrap();
            if goes_on {
                assert_eq!(run(&mut c, count()).await.unwrap().ints(), [59_999]);
            }
            database.release(Intent::Read, c, false);
            // It sees what was written in between: no old snapshot is held.
            let mut c = reader(&database);
            assert_eq!(run(&mut c, count()).await.unwrap().ints(), [59_999]);
            assert_eq!(run(&mut c, all()).await.unwrap().rows.len(), 59_999);
        }
    });
}

#[test]
fn rows_and_errors_cross_threads() {
    on_both(async || {
        let (_database, mut c) = memory();
        run(
            &mut c,
            Batch::bare(vec![stmt("CREATE TABLE t (x UNIQUE)", vec![])]),
        )
        .await
        .unwrap();
        run(&mut c, Batch::bare(vec![stmt(ROWS, vec![])]))
            .await
            .unwrap();
        let insert = || stmt("INSERT INTO t VALUES (1)", vec![]);
        let keep = run(&mut c, tx(true, true, vec![insert(), stmt(ROWS, vec![])]))
            .await
            .unwrap();
        assert_eq!(keep.rows.len(), 60_000);
        assert!(keep.ints().iter().zip(1..).all(|(a, b)| *a == b));
        assert_eq!(keep.names, ["x", "what"]);
        assert_eq!(
            (keep.ids(), keep.affected()),
            (vec![Some(1), None], vec![1, 0])
        );
        // An error of the database comes as it is, and rolls back.
        let batch = tx(
            true,
            true,
            vec![
                stmt("INSERT INTO t VALUES (2)", vec![]),
                stmt(ROWS, vec![]),
                insert(),
            ],
        );
        let error = run(&mut c, batch).await.map(|_| ()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UniqueViolation);
        // So does one of the sink, up to the last row.
        for fail_at in [0, 30_000, 59_999] {
            let batch = tx(
                true,
                true,
                vec![stmt("INSERT INTO t VALUES (2)", vec![]), stmt(ROWS, vec![])],
            );
            let mut keep = Keep {
                fail_at: Some(fail_at),
                ..Keep::default()
            };
            let error = send(&mut c, &batch, &mut keep).await.unwrap_err();
            assert_eq!(error.message(), "the sink had enough");
        }
        let count = Batch::bare(vec![stmt("SELECT count(*) FROM t", vec![])]);
        assert_eq!(run(&mut c, count).await.unwrap().ints(), [1]);
    });
}

#[test]
fn a_dropped_future_leaves_nothing() {
    on_both(async || {
        let (database, mut c) = memory();
        let long = count_to(LONG * 50);
        run(
            &mut c,
            Batch::bare(vec![stmt("CREATE TABLE t (x)", vec![])]),
        )
        .await
        .unwrap();
        // Teaches that the text is slow, with an interrupted run at the end of it.
        let slow = count_to(LONG);
        run(&mut c, Batch::bare(vec![stmt(&slow, vec![])]))
            .await
            .unwrap();
        let start = Instant::now();
        let insert = || stmt("INSERT INTO t VALUES (1)", vec![]);
        let batch = tx(
            true,
            true,
            vec![insert(), stmt(&slow, vec![]), stmt(&long, vec![])],
        );
        let current = tokio::runtime::Handle::current().runtime_flavor()
            == tokio::runtime::RuntimeFlavor::CurrentThread;
        if current {
            let timed = tokio::time::timeout(Duration::from_millis(20), run(&mut c, batch)).await;
            assert!(timed.is_err());
            assert!(
                start.elapsed() < Duration::from_secs(2),
                "{:?}",
                start.elapsed()
            );
            let again = run(&mut c, Batch::bare(vec![insert()]))
                .await
                .map(|_| ())
                .unwrap_err();
            assert_eq!(again.kind(), ErrorKind::Closed);
            c.rollback(sinew_core::driver::Bracket::Transaction)
                .await
                .unwrap();
        } else {
            // In place nothing can be dropped half-way but between two batches.
            let batch = tx(true, false, vec![insert()]);
            run(&mut c, batch).await.unwrap();
        }
        database.release(Intent::Write, c, false);
        // It comes back by itself, rolled back, and soon: the statement is interrupted.
        let mut c = tokio::time::timeout(Duration::from_secs(5), database.acquire(Intent::Write))
            .await
            .unwrap()
            .unwrap();
        let count = Batch::bare(vec![stmt("SELECT count(*) FROM t", vec![])]);
        assert_eq!(run(&mut c, count).await.unwrap().ints(), [0]);
        run(&mut c, tx(true, true, vec![insert()])).await.unwrap();
    });
}

#[test]
fn cancelling_at_any_moment_hits_nobody_else() {
    let current = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    current.block_on(async {
        let (database, mut c) = memory();
        run(
            &mut c,
            Batch::bare(vec![stmt("CREATE TABLE t (x)", vec![])]),
        )
        .await
        .unwrap();
        let slow = count_to(LONG / 8);
        run(&mut c, Batch::bare(vec![stmt(&slow, vec![])]))
            .await
            .unwrap();
        let start = Instant::now();
        run(&mut c, Batch::bare(vec![stmt(&slow, vec![])]))
            .await
            .unwrap();
        let takes = start.elapsed();
        drop(c);
        for n in 0..60 {
            let mut c = database.acquire(Intent::Write).await.unwrap();
            let insert = stmt("INSERT INTO t VALUES (1)", vec![]);
            let batch = tx(true, true, vec![insert, stmt(&slow, vec![])]);
            // Around the time that it takes, so that some just make it.
            let wait = takes.mul_f64(0.7 + 0.01 * f64::from(n));
            let done = tokio::time::timeout(wait, run(&mut c, batch)).await;
            drop(c);
            let mut c = database.acquire(Intent::Write).await.unwrap();
            let count = stmt("SELECT count(*) FROM t", vec![]);
            let batch = Batch::bare(vec![count, stmt(&slow, vec![])]);
            let keep = run(&mut c, batch).await.unwrap();
            if let Ok(done) = done {
                done.unwrap();
                assert_eq!(keep.rows[0].1[0], int(1));
            }
            run(&mut c, Batch::bare(vec![stmt("DELETE FROM t", vec![])]))
                .await
                .unwrap();
        }
    });
}

#[test]
fn a_lock_is_waited_for_beside_the_runtime() {
    on_both(async || {
        let folder = Folder::new();
        let (a, b) = (folder.url("a.db"), folder.url("a.db?busy_timeout=5000"));
        let (a, b) = (Sqlite::connect(&a).unwrap(), Sqlite::connect(&b).unwrap());
        script_async(&a, "CREATE TABLE t (x)").await;
        let insert = || vec![stmt("INSERT INTO t VALUES (1)", vec![])];
        let mut held = a.acquire(Intent::Write).await.unwrap();
        run(&mut held, tx(true, false, insert())).await.unwrap();
        let waiting = tokio::spawn(async move {
            let mut c = b.acquire(Intent::Write).await.unwrap();
            run(
                &mut c,
                tx(true, true, vec![stmt("INSERT INTO t VALUES (1)", vec![])]),
            )
            .await
            .map(|_| ())
        });
        // Only a runtime that is not held up gets here and lets go.
        tokio::time::sleep(Duration::from_millis(60)).await;
        assert!(!waiting.is_finished());
        run(&mut held, tx(false, true, vec![])).await.unwrap();
        waiting.await.unwrap().unwrap();
    });
}

#[test]
fn streams_of_long_statements() {
    on_both(async || {
        let (database, mut c) = memory();
        // Slow in each chunk.
        let sql = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 300000) SELECT x FROM c WHERE x % 50000 = ?";
        let statement = stmt(sql, vec![int(0)]);
        for _ in 0..2 {
            let mut all = Vec::new();
            loop {
                let mut keep = Keep::default();
                let more = c.fetch(&statement, 2, &mut keep).await.unwrap();
                all.extend(keep.ints());
                if !more {
                    break;
                }
            }
            assert_eq!(all, [50_000, 100_000, 150_000, 200_000, 250_000, 300_000]);
        }
        let mut keep = Keep::default();
        assert!(c.fetch(&statement, 1, &mut keep).await.unwrap());
        let mut keep = Keep::default();
        let _ = tokio::time::timeout(
            Duration::from_micros(100),
            c.fetch(&statement, 3, &mut keep),
        )
        .await;
        drop(c);
        let mut c = database.acquire(Intent::Read).await.unwrap();
        let one = Batch::bare(vec![stmt("SELECT 1", vec![])]);
        assert_eq!(run(&mut c, one).await.unwrap().ints(), [1]);
    });
}

#[test]
fn inside_a_local_set() {
    on_both(async || {
        tokio::task::LocalSet::new()
            .run_until(async {
                let (_database, mut c) = memory();
                let sql = count_to(LONG);
                for _ in 0..3 {
                    run(&mut c, Batch::bare(vec![stmt(&sql, vec![])]))
                        .await
                        .unwrap();
                }
                let statement = stmt("SELECT 1", vec![]);
                assert!(!c.fetch(&statement, 5, &mut Keep::default()).await.unwrap());
            })
            .await;
    });
}

#[test]
fn a_panicking_sink_loses_no_connection() {
    struct Panics;
    impl sinew_core::driver::Sink for Panics {
        fn row(&mut self, _: usize, _: &dyn sinew_core::driver::Row) -> sinew_core::Result<()> {
            panic!("on purpose")
        }
        fn done(&mut self, _: usize, _: sinew_core::driver::Done) -> sinew_core::Result<()> {
            Ok(())
        }
    }
    let (database, mut c) = memory();
    script(&mut c, &["CREATE TABLE t (x)"]);
    let batch = tx(
        true,
        true,
        vec![
            stmt("INSERT INTO t VALUES (1)", vec![]),
            stmt("SELECT 1", vec![]),
        ],
    );
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _ = block_on(c.run(&batch, &mut Panics));
    }));
    assert!(caught.is_err());
    drop(c);
    let mut c = writer(&database);
    assert_eq!(
        exec(&mut c, "SELECT count(*) FROM t", vec![])
            .unwrap()
            .ints(),
        [0]
    );
}
