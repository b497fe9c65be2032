//! Round trips, as a proxy counts them.

#![allow(clippy::unwrap_used)]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sinew_core::Value;
use sinew_core::driver::{Action, Bracket, Connection, Driver as _, Intent, Statement};
use sinew_mysql::{Config, MySql};
use support::{Kept, batch, each, run, text};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// Stands between client and server; an answer to something asked is a round trip.
struct Proxy {
    config: Config,
    trips: Arc<AtomicU64>,
}

impl Proxy {
    async fn start(name: &str) -> Option<Self> {
        let url = support::url(name).await?;
        let (_, rest) = url.split_once('@').unwrap();
        let server = rest.split('/').next().unwrap().to_owned();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let trips = Arc::<AtomicU64>::default();
        let counted = Arc::clone(&trips);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(&server).await.unwrap();
                tokio::spawn(pass(client, server, Arc::clone(&counted)));
            }
        });
        let config = Config::parse(&url).unwrap().port(port);
        Some(Self { config, trips })
    }

    fn trips(&self) -> u64 {
        self.trips.load(Ordering::SeqCst)
    }
}

/// Hands bytes on, answers a little later: who does not wait for one has sent the next by then.
async fn pass(mut client: TcpStream, mut server: TcpStream, trips: Arc<AtomicU64>) {
    let (mut up, mut down) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    let mut asked = false;
    loop {
        tokio::select! {
            read = client.read(&mut up) => {
                let Ok(length @ 1..) = read else { return };
                asked = true;
                if server.write_all(&up[..length]).await.is_err() {
                    return;
                }
            }
            read = server.read(&mut down) => {
                let Ok(length @ 1..) = read else { return };
                if std::mem::take(&mut asked) {
                    trips.fetch_add(1, Ordering::SeqCst);
                    tokio::time::sleep(Duration::from_millis(3)).await;
                }
                if client.write_all(&down[..length]).await.is_err() {
                    return;
                }
            }
        }
    }
}

/// A connection with what it says and what the proxy saw since the last question.
struct Watched<'p> {
    proxy: &'p Proxy,
    connection: Box<dyn Connection>,
    before: (u64, u64),
}

impl Watched<'_> {
    /// Checks how many round trips were made.
    #[track_caller]
    fn made(&mut self, wanted: u64) {
        let now = (self.proxy.trips(), self.connection.round_trips());
        let made = (now.0 - self.before.0, now.1 - self.before.1);
        assert_eq!(made, (wanted, wanted), "(seen, told)");
        self.before = now;
    }
}

async fn open<'p>(proxy: &'p Proxy) -> Watched<'p> {
    let database = MySql::open(proxy.config.clone()).unwrap();
    let connection = database.acquire(Intent::Write).await.unwrap();
    let before = (proxy.trips(), connection.round_trips());
    Watched {
        proxy,
        connection,
        before,
    }
}

fn stage() -> Vec<Statement<'static>> {
    vec![
        Statement {
            sql: "SELECT ?",
            binds: vec![Value::Int(1)],
            action: Action::Rows,
        },
        Statement {
            sql: "INSERT INTO `t` (`name`) VALUES (?)",
            binds: vec![text("x")],
            action: Action::Count,
        },
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_is_what_is_sent_mysql() {
    let Some(proxy) = Proxy::start("trips").await else {
        return;
    };
    let mut w = open(&proxy).await;
    let sql =
        "CREATE TABLE t (id bigint auto_increment primary key, name varchar(20), n int unique)";
    run(&mut *w.connection, sql, &[]).await.unwrap();
    // Prepared, run.
    w.made(2);
    let mut kept = Kept::default();
    for preparing in [2, 0] {
        batch(
            &mut *w.connection,
            Bracket::None,
            [false; 2],
            stage(),
            &mut kept,
        )
        .await
        .unwrap();
        w.made(2 + preparing);
    }
    batch(
        &mut *w.connection,
        Bracket::Transaction,
        [true; 2],
        stage(),
        &mut kept,
    )
    .await
    .unwrap();
    w.made(4);
    batch(
        &mut *w.connection,
        Bracket::Transaction,
        [true, false],
        stage(),
        &mut kept,
    )
    .await
    .unwrap();
    w.made(3);
    batch(
        &mut *w.connection,
        Bracket::Savepoint(1),
        [true; 2],
        stage(),
        &mut kept,
    )
    .await
    .unwrap();
    // A savepoint is not released.
    w.made(3);
    batch(
        &mut *w.connection,
        Bracket::Savepoint(1),
        [true, false],
        stage(),
        &mut kept,
    )
    .await
    .unwrap();
    w.connection.rollback(Bracket::Savepoint(1)).await.unwrap();
    w.made(4);
    batch(
        &mut *w.connection,
        Bracket::Transaction,
        [false, true],
        vec![],
        &mut kept,
    )
    .await
    .unwrap();
    w.made(1);
    // 1024 rows go together: twice that many, and the rest.
    for preparing in [2, 0] {
        let values: Vec<_> = (0..2_100).map(|n| text(&n.to_string())).collect();
        let insert = "INSERT INTO `t` (`name`) VALUES (?)";
        let (result, kept) = each(&mut *w.connection, insert, 2_100, values, false).await;
        result.unwrap();
        assert_eq!(kept.done.len(), 2_100);
        w.made(2 + 3 + preparing);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_and_streams_too_mysql() {
    let Some(proxy) = Proxy::start("trips_errors").await else {
        return;
    };
    let mut w = open(&proxy).await;
    let sql = "CREATE TABLE t (id bigint primary key, n int unique)";
    run(&mut *w.connection, sql, &[]).await.unwrap();
    w.made(2);
    let insert = "INSERT INTO t (id, n) VALUES (1, 1)";
    run(&mut *w.connection, insert, &[]).await.unwrap();
    w.made(2);
    // The columns of the key are asked for, which is prepared once.
    for preparing in [1, 0] {
        assert!(run(&mut *w.connection, insert, &[]).await.is_err());
        w.made(2 + preparing);
    }
    let select = Statement {
        sql: "SELECT seq FROM seq_1_to_50000",
        binds: Vec::new(),
        action: Action::Rows,
    };
    let mut kept = Kept::default();
    while w.connection.fetch(&select, 1_000, &mut kept).await.unwrap() {}
    w.made(2);
    assert!(w.connection.fetch(&select, 1_000, &mut kept).await.unwrap());
    // Given up, read past, and the next one.
    run(&mut *w.connection, insert, &[])
        .await
        .map(drop)
        .unwrap_err();
    w.made(1 + 2);
}
