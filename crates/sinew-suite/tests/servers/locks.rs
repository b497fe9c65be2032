//! Transactions that get in each other's way.

use std::time::{Duration, Instant};

use futures_util::future::join;
use sinew_suite::prelude::*;
use tokio::sync::Barrier;

use crate::{Server, servers, with};

#[derive(Model, Clone, Debug, Default)]
struct Purse {
    id: i64,
    coins: i64,
}

async fn purses(url: &str) -> Result<Db> {
    let db = Db::connect(url).await?;
    db.auto_migrate(models![Purse]).await?;
    db.create(&mut vec![Purse::default(), Purse::default()])
        .await?;
    Ok(db)
}

async fn add(db: &Db, id: i64, coins: i64) -> Result<u64> {
    let purse = db.find::<Purse>().filter(Purse::id.eq(id));
    purse
        .update()
        .set(Purse::coins.to(Purse::coins + coins))
        .await
}

async fn crossing(_: &Server, url: &str) -> Result<()> {
    let db = purses(url).await?;
    let met = Barrier::new(2);
    let cross = async |first: i64, second: i64| {
        db.transaction(async |tx| {
            add(tx, first, 1).await?;
            met.wait().await;
            add(tx, second, 1).await
        })
        .await
    };
    let (one, other) = join(cross(1, 2), cross(2, 1)).await;
    let lost = match (one, other) {
        (Ok(_), lost) | (lost, Ok(_)) => lost,
        (one, other) => panic!("{one:?} {other:?}"),
    };
    let error = refused(lost, ErrorKind::Conflict);
    assert!(error.hint().is_some(), "{error:?}");
    // One of them was done as a whole, the other not at all.
    let coins = db
        .find::<Purse>()
        .order_by(Purse::id)
        .pluck(Purse::coins)
        .await?;
    assert_eq!(coins, [1, 1]);
    Ok(())
}

async fn waiting_for_a_lock(server: &Server, url: &str) -> Result<()> {
    let db = purses(url).await?;
    db.transaction(async |holder| {
        add(holder, 1, 1).await?;
        let began = Instant::now();
        let waited = db
            .transaction(async |tx| {
                tx.execute(server.lock_timeout, ()).await?;
                add(tx, 1, 10).await
            })
            .await;
        refused(waited, ErrorKind::Timeout);
        assert!(began.elapsed() < Duration::from_secs(8));
        Ok(())
    })
    .await?;
    assert_eq!(db.get::<Purse>(1).await?.coins, 1);
    Ok(())
}

async fn a_slow_statement(server: &Server, url: &str) -> Result<()> {
    let db = Db::connect(&with(url, "statement_timeout=200")).await?;
    let began = Instant::now();
    refused(
        db.query::<(i64,)>(server.sleep, ()).await,
        ErrorKind::Timeout,
    );
    assert!(began.elapsed() < Duration::from_secs(5));
    assert_eq!(db.query::<(i64,)>(server.own_number, ()).await?.len(), 1);
    Ok(())
}

async fn a_full_pool(server: &Server, url: &str) -> Result<()> {
    let options = format!("{}=1&acquire_timeout=300", server.pool_size);
    let db = Db::connect(&with(url, &options)).await?;
    db.auto_migrate(models![Purse]).await?;
    db.transaction(async |_| {
        // Another operation of the same task has no connection left; it does not wait for ever.
        refused(db.find::<Purse>().await, ErrorKind::Timeout);
        Ok(())
    })
    .await?;
    assert_eq!(db.find::<Purse>().count().await?, 0);
    Ok(())
}

servers![crossing, waiting_for_a_lock, a_slow_statement, a_full_pool];
