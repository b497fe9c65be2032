//! Batches, brackets, counts, keys and what is left behind.

#![allow(clippy::unwrap_used)]

mod support;

use std::time::Duration;

use sinew_core::driver::{Action, Bracket, Connection, Driver as _, Intent, Statement};
use sinew_core::{ErrorKind, Value};
use support::{Kept, batch, each, open, open_with, run, text};

async fn count(c: &mut dyn Connection) -> Value<'static> {
    run(c, "SELECT count(*) FROM t", &[]).await.unwrap().rows[0][0].clone()
}

fn statement(sql: &str) -> Statement<'_> {
    Statement {
        sql,
        binds: Vec::new(),
        action: Action::Rows,
    }
}

const TABLE: &str = "CREATE TABLE t (id bigint auto_increment primary key, name varchar(20) unique, \
                     n int default 5)";

#[tokio::test]
async fn counts_and_keys_mysql() {
    let Some(db) = open("counts").await else {
        return;
    };
    let mut connection = db.acquire(Intent::Write).await.unwrap();
    let c = &mut *connection;
    run(c, TABLE, &[]).await.unwrap();
    let insert = "INSERT INTO `t` (`name`, `n`) VALUES (?, ?)";
    let binds: Vec<_> = (0..3000)
        .flat_map(|n| [text(&n.to_string()), Value::Int(n)])
        .collect();
    let before = c.round_trips();
    let (result, kept) = each(c, insert, 3000, binds, false).await;
    result.unwrap();
    assert!(
        c.round_trips() - before <= 8,
        "{}",
        c.round_trips() - before
    );
    let told: Vec<Value<'_>> = kept
        .done
        .iter()
        .map(|d| Value::Int(d.last_id.unwrap()))
        .collect();
    let rows = run(c, "SELECT id FROM t ORDER BY n", &[])
        .await
        .unwrap()
        .rows;
    assert_eq!(told, rows.into_iter().flatten().collect::<Vec<_>>());
    // The same values: matched, though nothing changed.
    let done = run(c, "UPDATE t SET n = 7 WHERE id = 1", &[])
        .await
        .unwrap()
        .done[0];
    assert_eq!(done.affected, 1);
    let done = run(c, "UPDATE t SET n = 7 WHERE id = 1", &[])
        .await
        .unwrap()
        .done[0];
    assert_eq!((done.affected, done.last_id), (1, None));
    let done = run(c, "UPDATE t SET n = 7 WHERE id = -1", &[])
        .await
        .unwrap()
        .done[0];
    assert_eq!(done.affected, 0);
    let keep = format!("{insert} ON DUPLICATE KEY UPDATE `name` = `t`.`name`");
    let binds = vec![text("1"), Value::Int(9), text("new"), Value::Int(9)];
    let (result, kept) = each(c, &keep, 2, binds, false).await;
    result.unwrap();
    assert_eq!((kept.done[0].affected, kept.done[0].last_id), (0, None));
    assert_eq!(kept.done[1].affected, 1);
    assert!(kept.done[1].last_id.is_some());
    let update = format!(
        "{insert} ON DUPLICATE KEY UPDATE `id` = LAST_INSERT_ID(`t`.`id`), `n` = VALUES(`n`)"
    );
    let binds = vec![
        text("5"),
        Value::Int(55),
        text("5"),
        Value::Int(55),
        text("other"),
        Value::Int(1),
    ];
    let (result, kept) = each(c, &update, 3, binds, false).await;
    result.unwrap();
    assert!(
        kept.done.iter().all(|done| done.affected == 1),
        "{:?}",
        kept.done
    );
    assert_eq!(kept.done[0].last_id, Some(6));
    assert_eq!(kept.done[1].last_id, Some(6));
    assert!(kept.done[2].last_id > Some(3000));
    // Where nobody asks which row did what, all go in one statement.
    let binds = (0..500)
        .flat_map(|n| [text(&format!("{n}")), Value::Int(0)])
        .collect();
    let before = c.round_trips();
    let (result, kept) = each(c, &keep, 500, binds, true).await;
    result.unwrap();
    assert_eq!(kept.done.iter().map(|done| done.affected).sum::<u64>(), 0);
    assert!(c.round_trips() - before <= 4);
    let done = run(c, "DELETE FROM t WHERE n = 7", &[]).await.unwrap().done[0];
    assert_eq!(done.affected, 2);
}

#[tokio::test]
async fn keys_of_many_rows_beside_other_writers_mysql() {
    let Some(db) = open("writers").await else {
        return;
    };
    let mut connection = db.acquire(Intent::Write).await.unwrap();
    run(&mut *connection, TABLE, &[]).await.unwrap();
    let mut tasks = Vec::new();
    for task in 0..4 {
        let db = db.clone();
        tasks.push(tokio::spawn(async move {
            for round in 0..10 {
                let mut connection = db.acquire(Intent::Write).await.unwrap();
                let names: Vec<_> = (0..50).map(|n| format!("{task}-{round}-{n}")).collect();
                let binds = names.iter().map(|name| text(name)).collect();
                let sql = "INSERT INTO `t` (`name`) VALUES (?)";
                let (result, kept) = each(&mut *connection, sql, 50, binds, false).await;
                result.unwrap();
                for (name, done) in names.iter().zip(&kept.done) {
                    let id = Value::Int(done.last_id.unwrap());
                    let sql = "SELECT name FROM t WHERE id = ?";
                    let rows = run(&mut *connection, sql, &[id]).await.unwrap().rows;
                    assert_eq!(rows, [[text(name)]]);
                }
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
}

#[tokio::test]
async fn a_refused_row_is_named_and_all_undone_mysql() {
    let Some(db) = open("refused_row").await else {
        return;
    };
    let mut connection = db.acquire(Intent::Write).await.unwrap();
    let c = &mut *connection;
    run(c, TABLE, &[]).await.unwrap();
    let binds = ["a", "b", "a", "d"].map(text).to_vec();
    let (result, kept) = each(c, "INSERT INTO `t` (`name`) VALUES (?)", 4, binds, false).await;
    let error = result.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UniqueViolation);
    assert_eq!((error.table(), error.column()), (Some("t"), Some("name")));
    assert_eq!(error.constraint(), Some("name"));
    assert_eq!(kept.done.len(), 2);
    assert_eq!(count(c).await, Value::Int(0));
}

#[tokio::test]
async fn savepoints_mysql() {
    let Some(db) = open("savepoints").await else {
        return;
    };
    let mut connection = db.acquire(Intent::Write).await.unwrap();
    let c = &mut *connection;
    run(c, TABLE, &[]).await.unwrap();
    let mut kept = Kept::default();
    let insert = || vec![statement("INSERT INTO t () VALUES ()")];
    batch(c, Bracket::Transaction, [true, false], insert(), &mut kept)
        .await
        .unwrap();
    let wrong = vec![
        statement("INSERT INTO t () VALUES ()"),
        statement("SELECT nothing"),
    ];
    let error = batch(c, Bracket::Savepoint(1), [true, true], wrong, &mut kept)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Statement);
    batch(c, Bracket::Savepoint(1), [true, true], insert(), &mut kept)
        .await
        .unwrap();
    batch(
        c,
        Bracket::Transaction,
        [false, true],
        Vec::new(),
        &mut kept,
    )
    .await
    .unwrap();
    assert_eq!(count(c).await, Value::Int(2));
    batch(c, Bracket::Transaction, [true, false], insert(), &mut kept)
        .await
        .unwrap();
    c.rollback(Bracket::Transaction).await.unwrap();
    assert_eq!(count(c).await, Value::Int(2));
}

#[tokio::test]
async fn a_deadlock_ends_the_transaction_for_good_mysql() {
    let Some(db) = open("deadlock").await else {
        return;
    };
    let mut first = db.acquire(Intent::Write).await.unwrap();
    let mut second = db.acquire(Intent::Write).await.unwrap();
    run(&mut *first, TABLE, &[]).await.unwrap();
    run(&mut *first, "INSERT INTO t (id) VALUES (1), (2)", &[])
        .await
        .unwrap();
    let update = |id: i64| Statement {
        sql: "UPDATE t SET n = n + 1 WHERE id = ?",
        binds: vec![Value::Int(id)],
        action: Action::Count,
    };
    let mut kept = Kept::default();
    batch(
        &mut *first,
        Bracket::Transaction,
        [true, false],
        vec![update(1)],
        &mut kept,
    )
    .await
    .unwrap();
    batch(
        &mut *second,
        Bracket::Transaction,
        [true, false],
        vec![update(2)],
        &mut kept,
    )
    .await
    .unwrap();
    let waiting = tokio::spawn(async move {
        let mut kept = Kept::default();
        let result = batch(
            &mut *first,
            Bracket::Savepoint(1),
            [true, true],
            vec![update(2)],
            &mut kept,
        )
        .await;
        (first, result)
    });
    tokio::time::sleep(Duration::from_millis(300)).await;
    let other = batch(
        &mut *second,
        Bracket::Savepoint(1),
        [true, true],
        vec![update(1)],
        &mut kept,
    )
    .await;
    let (mut first, one) = if other.is_err() {
        second
            .rollback(Bracket::Transaction)
            .await
            .unwrap_or_default();
        waiting.await.unwrap()
    } else {
        batch(
            &mut *second,
            Bracket::Transaction,
            [false, true],
            Vec::new(),
            &mut kept,
        )
        .await
        .unwrap();
        waiting.await.unwrap()
    };
    let failed = [one.as_ref().err(), other.as_ref().err()]
        .into_iter()
        .flatten()
        .next()
        .unwrap();
    assert_eq!(failed.kind(), ErrorKind::Conflict, "{failed:?}");
    let victim = if one.is_err() {
        &mut first
    } else {
        &mut second
    };
    if one.is_err() {
        let late = vec![update(2)];
        let error = batch(&mut **victim, Bracket::None, [false; 2], late, &mut kept)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Closed);
    }
}

#[tokio::test]
async fn streams_mysql() {
    let Some(db) = open_with("streams", |config| config.pool_size(1)).await else {
        return;
    };
    let mut connection = db.acquire(Intent::Write).await.unwrap();
    let c = &mut *connection;
    run(c, TABLE, &[]).await.unwrap();
    let binds = (0..5000).map(|n| text(&n.to_string())).collect();
    each(c, "INSERT INTO `t` (`name`) VALUES (?)", 5000, binds, false)
        .await
        .0
        .unwrap();
    let select = statement("SELECT id FROM t ORDER BY id");
    let mut kept = Kept::default();
    let before = c.round_trips();
    let mut chunks = 0;
    while c.fetch(&select, 999, &mut kept).await.unwrap() {
        chunks += 1;
        assert_eq!(kept.rows.len(), chunks * 999);
    }
    assert_eq!((kept.rows.len(), kept.done.len(), chunks), (5000, 1, 5));
    assert_eq!(c.round_trips() - before, 2);
    // Given up half-way: the next statement and the next user find nothing of it.
    assert!(c.fetch(&select, 10, &mut kept).await.unwrap());
    assert_eq!(count(c).await, Value::Int(5000));
    assert!(c.fetch(&select, 10, &mut kept).await.unwrap());
    db.release(Intent::Read, connection, false);
    let mut connection = db.acquire(Intent::Write).await.unwrap();
    assert_eq!(count(&mut *connection).await, Value::Int(5000));
}

#[tokio::test]
async fn what_is_dropped_leaves_nothing_behind_mysql() {
    let Some(db) = open_with("dropped", |config| config.pool_size(1)).await else {
        return;
    };
    let mut connection = db.acquire(Intent::Write).await.unwrap();
    run(&mut *connection, TABLE, &[]).await.unwrap();
    let mut kept = Kept::default();
    let insert = vec![statement("INSERT INTO t () VALUES ()")];
    batch(
        &mut *connection,
        Bracket::Transaction,
        [true, false],
        insert,
        &mut kept,
    )
    .await
    .unwrap();
    let slow = async {
        let slow = vec![statement("SELECT SLEEP(5)")];
        batch(&mut *connection, Bracket::None, [false; 2], slow, &mut kept).await
    };
    assert!(
        tokio::time::timeout(Duration::from_millis(100), slow)
            .await
            .is_err()
    );
    db.release(Intent::Write, connection, false);
    let mut connection = db.acquire(Intent::Write).await.unwrap();
    assert_eq!(count(&mut *connection).await, Value::Int(0));
    let busy = db
        .config()
        .clone()
        .acquire_timeout(Duration::from_millis(50));
    let other = sinew_mysql::MySql::open(busy).unwrap();
    let held = other.acquire(Intent::Write).await.unwrap();
    let error = other.acquire(Intent::Write).await.map(|_| ()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    drop(held);
    other.close().await;
    let error = other.acquire(Intent::Write).await.map(|_| ()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Closed);
}

#[tokio::test]
async fn a_lock_held_too_long_leaves_the_transaction_open_mysql() {
    let Some(db) = open("locked").await else {
        return;
    };
    let mut first = db.acquire(Intent::Write).await.unwrap();
    let mut second = db.acquire(Intent::Write).await.unwrap();
    run(&mut *first, TABLE, &[]).await.unwrap();
    run(&mut *first, "INSERT INTO t (id) VALUES (1)", &[])
        .await
        .unwrap();
    let mut kept = Kept::default();
    let update = || vec![statement("UPDATE t SET n = n + 1 WHERE id = 1")];
    let c = &mut *first;
    batch(c, Bracket::Transaction, [true, false], update(), &mut kept)
        .await
        .unwrap();
    let c = &mut *second;
    run(c, "SET SESSION innodb_lock_wait_timeout = 1", &[])
        .await
        .unwrap();
    let insert = vec![statement("INSERT INTO t (id) VALUES (2)")];
    batch(c, Bracket::Transaction, [true, false], insert, &mut kept)
        .await
        .unwrap();
    let error = batch(c, Bracket::Savepoint(1), [true, true], update(), &mut kept)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error:?}");
    batch(c, Bracket::Transaction, [false, true], vec![], &mut kept)
        .await
        .unwrap();
    assert_eq!(count(c).await, Value::Int(2));
}

#[tokio::test]
async fn a_connection_that_was_ended_is_replaced_mysql() {
    let Some(db) = open_with("ended", |config| config.pool_size(2)).await else {
        return;
    };
    let mut first = db.acquire(Intent::Write).await.unwrap();
    let mut second = db.acquire(Intent::Write).await.unwrap();
    let id = run(&mut *second, "SELECT CONNECTION_ID()", &[])
        .await
        .unwrap()
        .rows[0][0]
        .clone();
    let Value::Int(id) = id else { panic!("{id:?}") };
    run(&mut *first, &format!("KILL {id}"), &[]).await.unwrap();
    let error = run(&mut *second, "SELECT 1", &[])
        .await
        .map(|_| ())
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connection, "{error:?}");
    let error = run(&mut *second, "SELECT 1", &[])
        .await
        .map(|_| ())
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Closed, "{error:?}");
    db.release(Intent::Write, second, false);
    let mut third = db.acquire(Intent::Write).await.unwrap();
    run(&mut *third, "SELECT 1", &[]).await.unwrap();
}

#[tokio::test]
async fn errors_tell_kind_and_place_mysql() {
    let Some(db) = open_with("errors", |config| {
        config.statement_timeout(Duration::from_millis(200))
    })
    .await
    else {
        return;
    };
    let mut connection = db.acquire(Intent::Write).await.unwrap();
    let c = &mut *connection;
    run(c, TABLE, &[]).await.unwrap();
    run(
        c,
        "CREATE TABLE child (id int primary key, t_id bigint not null, age int, \
         CONSTRAINT fk_t FOREIGN KEY (t_id) REFERENCES t (id), CONSTRAINT chk_age CHECK (age > 0))",
        &[],
    )
    .await
    .unwrap();
    run(c, "INSERT INTO t (id) VALUES (1)", &[]).await.unwrap();
    run(c, "INSERT INTO child (id, t_id) VALUES (1, 1)", &[])
        .await
        .unwrap();
    for (sql, kind, constraint, table, column) in [
        (
            "INSERT INTO t (id) VALUES (1)",
            ErrorKind::UniqueViolation,
            Some("PRIMARY"),
            Some("t"),
            Some("id"),
        ),
        (
            "INSERT INTO child (id, t_id) VALUES (2, 9)",
            ErrorKind::ForeignKeyViolation,
            Some("fk_t"),
            Some("child"),
            Some("t_id"),
        ),
        (
            "DELETE FROM t",
            ErrorKind::ForeignKeyViolation,
            Some("fk_t"),
            Some("child"),
            Some("t_id"),
        ),
        (
            "INSERT INTO child (id, t_id) VALUES (2, NULL)",
            ErrorKind::NotNullViolation,
            None,
            None,
            Some("t_id"),
        ),
        (
            "INSERT INTO child (id) VALUES (2)",
            ErrorKind::NotNullViolation,
            None,
            None,
            Some("t_id"),
        ),
        (
            "INSERT INTO child VALUES (2, 1, -1)",
            ErrorKind::CheckViolation,
            Some("chk_age"),
            Some("child"),
            None,
        ),
        (
            "INSERT INTO t (name) VALUES ('longer than twenty letters')",
            ErrorKind::ValueTooLong,
            None,
            None,
            Some("name"),
        ),
        (
            "INSERT INTO t (n) VALUES (99999999999)",
            ErrorKind::ValueTooLong,
            None,
            None,
            Some("n"),
        ),
        (
            "INSERT INTO t (n) VALUES ('secret')",
            ErrorKind::Decode,
            None,
            None,
            Some("n"),
        ),
        (
            "UPDATE t SET n = 1 / (SELECT 1 UNION ALL SELECT 2)",
            ErrorKind::Statement,
            None,
            None,
            None,
        ),
        ("SELEC 1", ErrorKind::Statement, None, None, None),
        (
            "SELECT * FROM nowhere",
            ErrorKind::Statement,
            None,
            None,
            None,
        ),
        (
            "SELECT count(*) FROM information_schema.columns a, information_schema.columns b, information_schema.columns c",
            ErrorKind::Timeout,
            None,
            None,
            None,
        ),
    ] {
        let error = run(c, sql, &[]).await.map(|_| ()).unwrap_err();
        let got = (
            error.kind(),
            error.constraint(),
            error.table(),
            error.column(),
        );
        assert_eq!(got, (kind, constraint, table, column), "{error:?}");
        assert_eq!(error.sql(), Some(sql));
    }
    run(c, "SET SESSION TRANSACTION READ ONLY", &[])
        .await
        .unwrap();
    let error = run(c, "INSERT INTO t () VALUES ()", &[])
        .await
        .map(|_| ())
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ReadOnly);
    let nobody = sinew_mysql::MySql::open(db.config().clone().password("wrong")).unwrap();
    let error = nobody.acquire(Intent::Read).await.map(|_| ()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connection);
    assert!(!format!("{error:?}").contains("wrong"));
    let nowhere = sinew_mysql::MySql::open(db.config().clone().port(1)).unwrap();
    let error = nowhere.acquire(Intent::Read).await.map(|_| ()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connection);
}
