//! Connections that the server ends.

use std::time::Duration;

use futures_util::future::{join, join_all};
use sinew_suite::prelude::*;

use crate::{Server, number_of, servers, with};

#[derive(Model, Clone, Debug, Default)]
struct Parcel {
    id: i64,
    content: String,
    labels: HasMany<Label>,
}

#[derive(Model, Clone, Debug, Default)]
struct Label {
    id: i64,
    parcel_id: i64,
}

fn parcel(content: &str) -> Parcel {
    Parcel {
        content: content.into(),
        labels: [Label::default(), Label::default()].into(),
        ..Default::default()
    }
}

/// A pool of one connection, and another that ends it.
async fn two_handles(server: &Server, url: &str) -> Result<(Db, Db)> {
    let db = Db::connect(&with(url, &format!("{}=1", server.pool_size))).await?;
    db.auto_migrate(models![Parcel, Label]).await?;
    Ok((db, Db::connect(url).await?))
}

async fn kill(server: &Server, other: &Db, number: i64) -> Result<()> {
    if (server.kill)(number).starts_with("SELECT") {
        other.query::<(bool,)>(&(server.kill)(number), ()).await?;
    } else {
        other.execute(&(server.kill)(number), ()).await?;
    }
    Ok(())
}

async fn while_idle(server: &Server, url: &str) -> Result<()> {
    let (db, other) = two_handles(server, url).await?;
    for round in 0..4 {
        kill(server, &other, number_of(server, &db).await?).await?;
        tokio::time::sleep(Duration::from_millis(50)).await;
        match round {
            0 => db.create(&mut parcel("after")).await?,
            1 => assert_eq!(db.find::<Parcel>().preload(Parcel::labels).await?.len(), 1),
            2 => {
                db.transaction(async |tx| tx.create(&mut parcel("after")).await)
                    .await?;
            }
            _ => assert_eq!(db.execute("UPDATE parcels SET content = 'x'", ()).await?, 2),
        }
    }
    assert_eq!(
        (rows(&db, "parcels").await?, rows(&db, "labels").await?),
        (2, 4)
    );
    Ok(())
}

async fn within_a_statement(server: &Server, url: &str) -> Result<()> {
    let (db, other) = two_handles(server, url).await?;
    let number = number_of(server, &db).await?;
    let (slept, killed) = join(
        async { db.query::<(i64,)>(server.sleep, ()).await },
        async {
            tokio::time::sleep(Duration::from_millis(200)).await;
            kill(server, &other, number).await
        },
    )
    .await;
    killed?;
    refused(slept, ErrorKind::Connection);
    db.create(&mut parcel("after")).await?;
    assert_ne!(number_of(server, &db).await?, number);
    Ok(())
}

async fn within_a_transaction(server: &Server, url: &str) -> Result<()> {
    let (db, other) = two_handles(server, url).await?;
    let outcome = db
        .transaction(async |tx| {
            tx.create(&mut parcel("lost")).await?;
            kill(server, &other, number_of(server, tx).await?).await?;
            tokio::time::sleep(Duration::from_millis(50)).await;
            let kind = |result: Result<()>| result.err().map(|error| error.kind());
            let first = kind(tx.create(&mut parcel("lost as well")).await);
            assert_eq!(first, Some(ErrorKind::Connection));
            // The transaction is over: whatever follows fails, on no other connection.
            let second = kind(tx.create(&mut parcel("lost too")).await);
            assert!(
                matches!(second, Some(ErrorKind::Connection | ErrorKind::Closed)),
                "{second:?}"
            );
            let third = kind(tx.find::<Parcel>().await.map(drop));
            assert!(
                matches!(third, Some(ErrorKind::Connection | ErrorKind::Closed)),
                "{third:?}"
            );
            Ok(())
        })
        .await;
    let kind = outcome.err().map(|error| error.kind());
    assert!(
        matches!(kind, Some(ErrorKind::Connection | ErrorKind::Closed)),
        "{kind:?}"
    );
    assert_eq!(rows(&db, "parcels").await?, 0);
    db.create(&mut parcel("after")).await?;
    assert_eq!(
        (rows(&db, "parcels").await?, rows(&db, "labels").await?),
        (1, 2)
    );
    Ok(())
}

async fn pools_keep_to_their_size(server: &Server, url: &str) -> Result<()> {
    let db = Db::connect(&with(url, &format!("{}=3", server.pool_size))).await?;
    db.auto_migrate(models![Parcel, Label]).await?;
    let other = Db::connect(&with(url, &format!("{}=1", server.pool_size))).await?;
    let connections =
        async || Ok::<_, Error>(other.query::<(i64,)>(server.connections, ()).await?[0].0);
    for round in 0..10 {
        // Some come to their end, some are dropped on the way.
        let work = (0..12).map(|n| {
            let db = db.clone();
            let limit = Duration::from_micros(300 * (n + round));
            async move {
                let _ = tokio::time::timeout(limit, async { db.create(&mut parcel("some")).await })
                    .await;
            }
        });
        join_all(work).await;
    }
    // What was dropped is closed behind its back, or rolled back and used again.
    let mut most = 0;
    for _ in 0..40 {
        let all = join_all((0..6).map(|_| async { rows(&db, "parcels").await })).await;
        all.into_iter().collect::<Result<Vec<_>>>()?;
        most = connections().await?;
        if most <= 4 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(
        most <= 4,
        "{most} connections of a pool of three and a pool of one"
    );
    assert_eq!(rows(&db, "labels").await?, 2 * rows(&db, "parcels").await?);
    Ok(())
}

servers![
    while_idle,
    within_a_statement,
    within_a_transaction,
    pools_keep_to_their_size
];
