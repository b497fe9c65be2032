//! Operations that are dropped, panic, or are left half-way: nothing half-written, and a pool as
//! good as before.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use futures_util::TryStreamExt;
use futures_util::future::join_all;
use sinew_suite::prelude::*;

#[derive(Model, Clone, Debug, Default)]
struct Farm {
    id: i64,
    name: String,
    barns: HasMany<Barn>,
    #[model(join_table = "farm_crops")]
    crops: ManyToMany<Crop>,
    village_id: i64,
    village: BelongsTo<Village>,
}

#[derive(Model, Clone, Debug, Default)]
struct Village {
    id: i64,
}

#[derive(Model, Clone, Debug, Default)]
struct Barn {
    id: i64,
    farm_id: i64,
    animals: HasMany<Animal>,
}

#[derive(Model, Clone, Debug, Default)]
struct Animal {
    id: i64,
    barn_id: i64,
}

#[derive(Model, Clone, Debug, Default)]
struct Crop {
    id: i64,
}

fn farm() -> Farm {
    let barn = Barn {
        animals: [Animal::default(), Animal::default()].into(),
        ..Default::default()
    };
    Farm {
        name: "farm".into(),
        barns: [barn.clone(), barn].into(),
        crops: [Crop::default()].into(),
        village: Village::default().into(),
        ..Default::default()
    }
}

async fn tables(db: &Db) -> Result<()> {
    db.auto_migrate(models![Farm, Village, Barn, Animal, Crop])
        .await?;
    Ok(())
}

/// How many farms there are, all of them whole.
async fn whole_farms(db: &Db) -> Result<i64> {
    // In one statement: a commit that is on its way may arrive in between.
    let tables = [
        "farms",
        "villages",
        "barns",
        "animals",
        "crops",
        "farm_crops",
    ];
    let counts = tables.map(|table| format!("(SELECT COUNT(*) FROM {table})"));
    let sql = format!("SELECT {}", counts.join(", "));
    let counted: Vec<(i64, i64, i64, i64, i64, i64)> = db.query(&sql, ()).await?;
    let (farms, ..) = counted[0];
    assert_eq!(
        counted[0],
        (farms, farms, 2 * farms, 4 * farms, farms, farms)
    );
    Ok(farms)
}

/// What the operation returns, if that takes no more polls than these.
async fn polled<T>(polls: usize, operation: impl IntoFuture<Output = T>) -> Option<T> {
    let mut operation = pin!(operation.into_future());
    let mut left = polls;
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        operation.as_mut().poll(context).map(Some)
    })
    .await
}

/// What the operation returns, if it does not panic.
async fn caught<T>(operation: impl Future<Output = T>) -> Option<T> {
    let mut operation = pin!(operation);
    poll_fn(
        |context| match catch_unwind(AssertUnwindSafe(|| operation.as_mut().poll(context))) {
            Ok(polled) => polled.map(Some),
            Err(_) => Poll::Ready(None),
        },
    )
    .await
}

/// An operation dropped after one poll, two polls and so on until it comes to its end: what is
/// stored is whole each time, and the next operations find the pool in order.
macro_rules! dropped_everywhere {
    ($db:ident, $operation:expr) => {{
        let mut before = whole_farms(&$db).await?;
        let mut dropped = 0;
        for polls in 1.. {
            assert!(polls < 500, "it never ends");
            let ended = polled(polls, $operation).await;
            if ended.is_none() {
                // A commit that was sent may still arrive.
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            let after = whole_farms(&$db).await?;
            // What was dropped while the answer to its commit was on the way may have been written.
            assert!(after == before || after == before + 1);
            before = after;
            if polls % 5 == 0 {
                $db.create(&mut farm()).await?;
                before += 1;
            }
            match ended {
                Some(result) => {
                    result?;
                    break;
                }
                None => dropped += 1,
            }
        }
        // More at once than a pool has connections.
        for farms in join_all((0..30).map(|_| whole_farms(&$db))).await {
            assert_eq!(farms?, before);
        }
        dropped
    }};
}

async fn creates(db: Db) -> Result<()> {
    tables(&db).await?;
    dropped_everywhere!(db, db.create(&mut farm()));
    Ok(())
}

async fn creates_of_many(db: Db) -> Result<()> {
    tables(&db).await?;
    // All of them or none.
    for polls in 1..500 {
        let mut farms = vec![farm(), farm(), farm()];
        let ended = polled(polls, db.create(&mut farms)).await;
        assert_eq!(whole_farms(&db).await? % 3, 0);
        if let Some(result) = ended {
            return result;
        }
    }
    panic!("it never ends");
}

async fn transactions(db: Db) -> Result<()> {
    tables(&db).await?;
    dropped_everywhere!(
        db,
        db.transaction(async |tx| {
            let mut farm = farm();
            tx.create(&mut farm).await?;
            tx.update(&mut farm).set(Farm::name.to("other")).await?;
            tx.transaction(async |inner| {
                inner.create(&mut Village::default()).await?;
                inner
                    .execute("DELETE FROM villages WHERE id > ?", (farm.village_id,))
                    .await
            })
            .await?;
            assert_eq!(tx.get::<Farm>(farm.id).await?.name, "other");
            Ok(())
        })
    );
    Ok(())
}

async fn preloads(db: Db) -> Result<()> {
    tables(&db).await?;
    db.create(&mut vec![farm(); 3]).await?;
    for polls in 1..500 {
        let find = db
            .find::<Farm>()
            .preload((Farm::barns.preload(Barn::animals), Farm::crops));
        let ended = polled(polls, async { find.await }).await;
        assert_eq!(whole_farms(&db).await?, 3);
        if let Some(found) = ended {
            assert_eq!(found?.len(), 3);
            return Ok(());
        }
    }
    panic!("it never ends");
}

async fn streams(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut crops = vec![Crop::default(); 5_000];
    db.create(&mut crops).await?;
    for taken in [0, 1, 2, 100, 1_000, 4_999, 5_000] {
        let mut stream = db.find::<Crop>().order_by(Crop::id).stream();
        for crop in crops.iter().take(taken) {
            assert_eq!(
                stream.try_next().await?.map(|found| found.id),
                Some(crop.id)
            );
        }
        drop(stream);
        assert_eq!(rows(&db, "crops").await?, 5_000);
        db.transaction(async |tx| {
            let mut stream = tx.find::<Crop>().stream();
            for _ in 0..taken.min(10) {
                stream.try_next().await?;
            }
            drop(stream);
            assert_eq!(rows(tx, "crops").await?, 5_000);
            tx.create(&mut Village::default()).await
        })
        .await?;
    }
    assert_eq!(rows(&db, "villages").await?, 7);
    Ok(())
}

async fn panics(db: Db) -> Result<()> {
    tables(&db).await?;
    for _ in 0..30 {
        let panicked = caught(db.transaction(async |tx| {
            tx.create(&mut farm()).await?;
            if rows(tx, "farms").await? > 0 {
                panic!("this panic is a part of the test");
            }
            Ok(())
        }));
        assert!(panicked.await.is_none());
        assert_eq!(whole_farms(&db).await?, 0);
    }
    db.create(&mut farm()).await?;
    // Inside a savepoint that is caught, the transaction around it goes on.
    db.transaction(async |tx| {
        tx.create(&mut farm()).await?;
        let panicked = caught(tx.transaction(async |inner| {
            inner.create(&mut farm()).await?;
            if rows(inner, "farms").await? > 0 {
                panic!("this panic is a part of the test");
            }
            Ok(())
        }));
        assert!(panicked.await.is_none());
        assert_eq!(whole_farms(tx).await?, 2);
        tx.create(&mut farm()).await
    })
    .await?;
    assert_eq!(whole_farms(&db).await?, 3);
    Ok(())
}

suite![
    creates,
    creates_of_many,
    transactions,
    preloads,
    streams,
    panics
];
