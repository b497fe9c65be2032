//! What the tests share: a sink that keeps everything and short ways to run statements.
#![allow(dead_code, unreachable_pub)]

use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use sinew_core::driver::{
    Action, Batch, Bracket, Connection, Done, Driver, Intent, Row, Sink, Statement,
};
use sinew_core::{Error, Result, Value};
use sinew_sqlite::Sqlite;

#[derive(Default)]
pub struct Keep {
    pub rows: Vec<(usize, Vec<Value<'static>>)>,
    pub names: Vec<String>,
    pub done: Vec<(usize, Done)>,
    /// Fails at the row with this number.
    pub fail_at: Option<usize>,
}

impl Keep {
    pub fn ints(&self) -> Vec<i64> {
        let int = |row: &(usize, Vec<Value<'_>>)| match row.1[0] {
            Value::Int(n) => n,
            ref other => panic!("{other:?}"),
        };
        self.rows.iter().map(int).collect()
    }

    pub fn ids(&self) -> Vec<Option<i64>> {
        self.done.iter().map(|(_, done)| done.last_id).collect()
    }

    pub fn affected(&self) -> Vec<u64> {
        self.done.iter().map(|(_, done)| done.affected).collect()
    }
}

impl Sink for Keep {
    fn row(&mut self, statement: usize, row: &dyn Row) -> Result<()> {
        if self.fail_at == Some(self.rows.len()) {
            return Err(Error::new(
                sinew_core::ErrorKind::Decode,
                "the sink had enough",
            ));
        }
        if self.rows.is_empty() {
            self.names = (0..row.len())
                .map(|at| row.name(at).unwrap().to_owned())
                .collect();
        }
        let values = (0..row.len()).map(|at| row.get(at).map(Value::into_owned));
        self.rows.push((statement, values.collect::<Result<_>>()?));
        Ok(())
    }

    fn done(&mut self, statement: usize, done: Done) -> Result<()> {
        self.done.push((statement, done));
        Ok(())
    }
}

/// Polls on this thread, without any runtime.
pub fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(std::thread::Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut future = std::pin::pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => std::thread::park(),
        }
    }
}

pub fn stmt<'a>(sql: &'a str, binds: Vec<Value<'a>>) -> Statement<'a> {
    Statement {
        sql,
        binds,
        action: Action::Rows,
    }
}

pub fn each<'a>(sql: &'a str, times: usize, binds: Vec<Value<'a>>) -> Statement<'a> {
    Statement {
        sql,
        binds,
        action: Action::Each { times },
    }
}

pub fn bracket(
    bracket: Bracket,
    open: bool,
    close: bool,
    statements: Vec<Statement<'_>>,
) -> Batch<'_> {
    Batch {
        bracket,
        open,
        close,
        statements,
    }
}

pub fn tx(open: bool, close: bool, statements: Vec<Statement<'_>>) -> Batch<'_> {
    bracket(Bracket::Transaction, open, close, statements)
}

/// Runs as the engine does: in place, else by `run`.
pub async fn send(
    connection: &mut Box<dyn Connection>,
    batch: &Batch<'_>,
    sink: &mut Keep,
) -> Result<()> {
    match connection.run_inline(batch, sink) {
        Some(result) => result,
        None => connection.run(batch, sink).await,
    }
}

pub async fn run(connection: &mut Box<dyn Connection>, batch: Batch<'_>) -> Result<Keep> {
    let mut keep = Keep::default();
    send(connection, &batch, &mut keep).await?;
    Ok(keep)
}

/// One statement on this thread.
pub fn exec(
    connection: &mut Box<dyn Connection>,
    sql: &str,
    binds: Vec<Value<'_>>,
) -> Result<Keep> {
    block_on(run(connection, Batch::bare(vec![stmt(sql, binds)])))
}

/// Several statements without values.
pub fn script(connection: &mut Box<dyn Connection>, statements: &[&str]) {
    for sql in statements {
        exec(connection, sql, vec![]).unwrap_or_else(|e| panic!("{sql}: {e}"));
    }
}

pub fn writer(database: &Sqlite) -> Box<dyn Connection> {
    block_on(database.acquire(Intent::Write)).unwrap()
}

pub fn reader(database: &Sqlite) -> Box<dyn Connection> {
    block_on(database.acquire(Intent::Read)).unwrap()
}

pub fn memory() -> (Sqlite, Box<dyn Connection>) {
    let database = Sqlite::connect("sqlite::memory:").unwrap();
    let connection = writer(&database);
    (database, connection)
}

pub fn int(n: i64) -> Value<'static> {
    Value::Int(n)
}

pub fn text(text: &str) -> Value<'_> {
    Value::Text(text.into())
}

/// A directory of its own, removed in the end.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "sinew-sqlite-{}-{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        );
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn url(&self, rest: &str) -> String {
        format!("sqlite://{}/{rest}", self.0.display())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A query that counts to `n`; a few hundred nanoseconds each.
pub fn count_to(n: u64) -> String {
    format!(
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < {n}) SELECT count(*) FROM c"
    )
}
