//! A server, a proxy that counts round trips, and sinks.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    dead_code,
    reason = "tests may"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use sinew_core::driver::{
    Action, Batch, Bracket, Connection, Done, Driver, Intent, Row, Sink, Statement,
};
use sinew_core::{Result, Value};
use sinew_postgres::Postgres;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::Instant;

/// The server that the environment names.
pub(crate) fn url() -> Option<String> {
    let url = std::env::var("SINEW_TEST_POSTGRES").ok();
    if url.is_none() {
        println!(
            "skipped: SINEW_TEST_POSTGRES names no server; `cargo xtask services -- cargo nextest \
             run -p sinew-postgres` starts one"
        );
    }
    url
}

pub(crate) fn with(url: &str, option: &str) -> String {
    let and = if url.contains('?') { '&' } else { '?' };
    format!("{url}{and}{option}")
}

/// Keeps all that it is given.
#[derive(Default, Debug)]
pub(crate) struct Kept {
    pub(crate) rows: Vec<(usize, Vec<Value<'static>>)>,
    pub(crate) done: Vec<(usize, u64)>,
    /// Refuses the row of this number.
    pub(crate) refuses: Option<usize>,
}

impl Sink for Kept {
    fn row(&mut self, statement: usize, row: &dyn Row) -> Result<()> {
        if self.refuses == Some(self.rows.len()) {
            return Err(sinew_core::Error::new(
                sinew_core::ErrorKind::Hook,
                "refused",
            ));
        }
        let values: Result<_> = (0..row.len())
            .map(|at| row.get(at).map(Value::into_owned))
            .collect();
        self.rows.push((statement, values?));
        Ok(())
    }

    fn done(&mut self, statement: usize, done: Done) -> Result<()> {
        self.done.push((statement, done.affected));
        Ok(())
    }
}

pub(crate) fn rows<'a>(sql: &'a str, binds: Vec<Value<'a>>) -> Statement<'a> {
    Statement {
        sql,
        binds,
        action: Action::Rows,
    }
}

pub(crate) async fn run(connection: &mut dyn Connection, batch: Batch<'_>) -> Result<Kept> {
    let mut kept = Kept::default();
    connection.run(&batch, &mut kept).await?;
    Ok(kept)
}

pub(crate) async fn exec(connection: &mut dyn Connection, sql: &str) -> Result<Kept> {
    run(connection, Batch::bare(vec![rows(sql, vec![])])).await
}

/// The single value of a query.
pub(crate) async fn one(connection: &mut dyn Connection, sql: &str) -> Result<Value<'static>> {
    let kept = exec(connection, sql).await?;
    Ok(kept
        .rows
        .first()
        .and_then(|(_, row)| row.first().cloned())
        .unwrap_or_default())
}

pub(crate) async fn take(database: &Postgres) -> Box<dyn Connection> {
    database.acquire(Intent::Write).await.unwrap()
}

pub(crate) fn batch<'a>(
    bracket: Bracket,
    open: bool,
    close: bool,
    statements: Vec<Statement<'a>>,
) -> Batch<'a> {
    Batch {
        bracket,
        open,
        close,
        statements,
    }
}

/// A proxy before the server: a round trip is a client's bytes after a server's.
pub(crate) struct Proxy {
    pub(crate) url: String,
    trips: Arc<AtomicU64>,
    cut: Arc<AtomicBool>,
}

impl Proxy {
    pub(crate) async fn start(url: &str) -> Self {
        let (head, rest) = url.split_once('@').unwrap();
        let (server, tail) = rest.split_once('/').unwrap();
        let server = server.to_owned();
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
            .await
            .unwrap();
        let port = listener.local_addr().unwrap().port();
        let url = with(
            &format!("{head}@127.0.0.1:{port}/{tail}"),
            "sslmode=disable",
        );
        let (trips, cut) = (Arc::<AtomicU64>::default(), Arc::<AtomicBool>::default());
        let (counted, severed) = (Arc::clone(&trips), Arc::clone(&cut));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = tokio::net::TcpStream::connect(&server).await.unwrap();
                tokio::spawn(pass(
                    client,
                    server,
                    Arc::clone(&counted),
                    Arc::clone(&severed),
                ));
            }
        });
        Self { url, trips, cut }
    }

    pub(crate) fn trips(&self) -> u64 {
        self.trips.load(Ordering::SeqCst)
    }

    /// Breaks every connection at its next byte.
    pub(crate) fn cut(&self, cut: bool) {
        self.cut.store(cut, Ordering::SeqCst);
    }
}

/// How long a client has to be silent until it is given an answer.
const SILENCE: Duration = Duration::from_millis(30);

/// Hands bytes on. What the server says is held back until the client has been silent for a while, so
/// that a burst that leaves in several pieces is one trip: what counts is whether the client waited.
async fn pass(
    mut client: tokio::net::TcpStream,
    mut server: tokio::net::TcpStream,
    trips: Arc<AtomicU64>,
    cut: Arc<AtomicBool>,
) {
    let (mut up, mut down) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    let mut held: Vec<u8> = Vec::new();
    let mut due = Instant::now();
    let mut answered = true;
    loop {
        if cut.load(Ordering::SeqCst) {
            return;
        }
        tokio::select! {
            // The client first: what it has sent by now, it has sent without the answer.
            biased;
            read = client.read(&mut up) => {
                let Ok(length @ 1..) = read else { return };
                if std::mem::take(&mut answered) {
                    trips.fetch_add(1, Ordering::SeqCst);
                }
                due = Instant::now() + SILENCE;
                if server.write_all(&up[..length]).await.is_err() {
                    return;
                }
            }
            read = server.read(&mut down) => {
                let Ok(length @ 1..) = read else { return };
                if held.is_empty() {
                    due = Instant::now() + SILENCE;
                }
                held.extend_from_slice(&down[..length]);
            }
            () = tokio::time::sleep_until(due), if !held.is_empty() => {
                answered = true;
                if client.write_all(&held).await.is_err() {
                    return;
                }
                held.clear();
            }
        }
    }
}
