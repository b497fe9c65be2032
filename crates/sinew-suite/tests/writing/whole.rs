//! An operation happens as a whole or not at all: dropped futures, failures inside transactions.

use sinew_suite::prelude::*;

use crate::fixture::*;

use std::future::{Future, IntoFuture};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// So long a server may go on with what nobody waits for any more.
const PATIENCE: std::time::Duration = std::time::Duration::from_millis(20);

async fn everything(db: &Db) -> Vec<i64> {
    let mut all = Vec::new();
    for table in [
        "users",
        "companies",
        "orders",
        "items",
        "languages",
        "user_languages",
    ] {
        all.push(count(db, table).await);
    }
    all.push(count(db, "users WHERE deleted_at IS NULL").await);
    let ages = db.unscoped().find::<User>().sum(User::age).await;
    all.push(ages.unwrap().unwrap_or(0));
    all
}

/// Polls once and drops; whether it was done by then.
fn poll_once<T>(future: impl IntoFuture<Output = T>) -> Option<T> {
    let mut future = pin!(future.into_future());
    match future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
    {
        Poll::Ready(done) => Some(done),
        Poll::Pending => None,
    }
}

async fn dropped_half_way(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut kept: Vec<User> = (0..300).map(|i| full(&format!("k{i}"))).collect();
    for user in &mut kept {
        user.reports = HasMany::default();
    }
    db.create(&mut kept).await?;
    let before = everything(&db).await;
    for round in 0..8_u64 {
        let mut new: Vec<User> = (0..400).map(|i| full(&format!("n{i}"))).collect();
        for user in &mut new {
            user.reports = HasMany::default();
        }
        let wait = std::time::Duration::from_micros(round * 150);
        let finished = tokio::select! {
            biased;
            () = tokio::time::sleep(wait) => false,
            done = async { db.create(&mut new).await } => { done?; true }
        };
        // Dropped while its end was on the way to a server, it may be done there.
        tokio::time::sleep(PATIENCE).await;
        if finished || count(&db, "users WHERE name LIKE 'n%'").await == 400 {
            let hard = db.unscoped();
            hard.find::<User>()
                .filter(User::name.like("n%"))
                .delete()
                .with(User::orders.with(Order::items))
                .with((User::profile, User::languages, User::images))
                .await?;
            db.execute(
                "DELETE FROM companies WHERE id NOT IN (SELECT company_id FROM users)",
                (),
            )
            .await?;
        }
        assert_eq!(everything(&db).await, before, "round {round}");
        let mut gone = kept.clone();
        let deleted = tokio::select! {
            biased;
            () = tokio::time::sleep(wait) => false,
            done = async { db.delete(&mut gone).with(User::orders).await } => { done?; true }
        };
        tokio::time::sleep(PATIENCE).await;
        if deleted || count(&db, "users WHERE deleted_at IS NULL").await == 0 {
            db.restore(&mut gone).await?;
            db.execute("UPDATE orders SET deleted_at = NULL", ())
                .await?;
        }
        assert_eq!(everything(&db).await, before, "round {round}");
    }
    // A future that is dropped after one poll has done all or nothing; what a server was sent in one
    // piece, it may have done.
    let mut ada = full("Ada");
    let done = poll_once(db.create(&mut ada)).is_some();
    tokio::time::sleep(PATIENCE).await;
    let written = count(&db, "users WHERE name = 'Ada'").await == 1;
    assert!(written || !done);
    let orders = count(&db, "orders").await - before[2];
    assert_eq!(orders, i64::from(written) * (before[2] / before[0]));
    let mut first = kept.remove(0);
    let done = poll_once(db.update(&mut first).set(User::age.to(1000))).is_some();
    tokio::time::sleep(PATIENCE).await;
    let updated = count(&db, "users WHERE age = 1000").await == 1;
    assert!(updated || !done);
    // The pool is not poisoned.
    db.create(&mut user("after")).await?;
    Ok(())
}

async fn dropped_on_one_thread(db: Db) -> Result<()> {
    dropped_half_way(db).await
}

async fn dropped_on_several_threads(db: Db) -> Result<()> {
    dropped_half_way(db).await
}

async fn a_failure_inside_a_transaction_is_undone_and_it_goes_on(db: Db) -> Result<()> {
    tables(&db).await?;
    db.transaction(async |tx| {
        let mut first = full("first");
        tx.create(&mut first).await?;
        let before = everything(tx).await;
        let mut bad = full("bad");
        bad.orders.loaded_mut()?[1].items = [item("same"), item("same")].into();
        assert!(tx.create(&mut bad).await.is_err());
        assert_eq!(everything(tx).await, before);
        let mut pair = vec![
            first.clone(),
            User {
                id: 999,
                ..user("gone")
            },
        ];
        assert!(tx.update(&mut pair).set(User::age.to(1)).await.is_err());
        assert!(tx.delete(&mut pair).with(User::orders).await.is_err());
        assert!(
            tx.unscoped()
                .delete(&mut first)
                .with(User::orders)
                .await
                .is_err()
        );
        assert!(tx.create(&mut user("first")).await.is_err());
        assert_eq!(everything(tx).await, before);
        // Dropped, not failed: the transaction goes on all the same.
        let mut third = full("third");
        let done = poll_once(tx.create(&mut third)).is_some();
        assert_eq!(
            count(tx, "users WHERE name = 'third'").await,
            i64::from(done)
        );
        tx.create(&mut user("second")).await
    })
    .await?;
    assert_eq!(count(&db, "users WHERE name = 'second'").await, 1);
    Ok(())
}

suite![
    dropped_on_one_thread,
    a_failure_inside_a_transaction_is_undone_and_it_goes_on;
    threads: dropped_on_several_threads,
];
