//! What the tests share: a server that `SINEW_TEST_MYSQL` names, a database of its own in it for
//! each test, and a sink that keeps.

#![allow(dead_code, missing_docs, clippy::unwrap_used)]

use sinew_core::driver::{
    Action, Batch, Bracket, Connection, Done, Driver as _, Intent, Row, Sink, Statement,
};
use sinew_core::{Error, Result, Value};
use sinew_mysql::{Config, MySql};

/// Rows and reports of a batch.
#[derive(Default)]
pub(crate) struct Kept {
    pub(crate) rows: Vec<Vec<Value<'static>>>,
    pub(crate) done: Vec<Done>,
}

impl Sink for Kept {
    fn row(&mut self, _statement: usize, row: &dyn Row) -> Result<()> {
        let values: Result<_> = (0..row.len())
            .map(|at| row.get(at).map(Value::into_owned))
            .collect();
        self.rows.push(values?);
        Ok(())
    }

    fn done(&mut self, _statement: usize, done: Done) -> Result<()> {
        self.done.push(done);
        Ok(())
    }
}

/// The URL of a new database; `None`, said aloud, where there is no server.
pub(crate) async fn url(name: &str) -> Option<String> {
    let Ok(server) = std::env::var("SINEW_TEST_MYSQL") else {
        eprintln!("skipped: SINEW_TEST_MYSQL names no server");
        return None;
    };
    let base = MySql::connect(&server).unwrap();
    let mut connection = base.acquire(Intent::Write).await.unwrap();
    let name = format!("sinew_{name}");
    run(
        &mut *connection,
        &format!("DROP DATABASE IF EXISTS {name}"),
        &[],
    )
    .await
    .unwrap();
    run(&mut *connection, &format!("CREATE DATABASE {name}"), &[])
        .await
        .unwrap();
    let (head, _) = server.rsplit_once('/').unwrap();
    Some(format!("{head}/{name}"))
}

pub(crate) async fn open(name: &str) -> Option<MySql> {
    Some(MySql::connect(&url(name).await?).unwrap())
}

pub(crate) async fn open_with(name: &str, change: impl FnOnce(Config) -> Config) -> Option<MySql> {
    let config = Config::parse(&url(name).await?).unwrap();
    Some(MySql::open(change(config)).unwrap())
}

pub(crate) async fn batch(
    connection: &mut dyn Connection,
    bracket: Bracket,
    [open, close]: [bool; 2],
    statements: Vec<Statement<'_>>,
    kept: &mut Kept,
) -> Result<(), Error> {
    let batch = Batch {
        bracket,
        open,
        close,
        statements,
    };
    connection.run(&batch, kept).await
}

/// One statement on its own.
pub(crate) async fn run(
    connection: &mut dyn Connection,
    sql: &str,
    binds: &[Value<'static>],
) -> Result<Kept> {
    let mut kept = Kept::default();
    let statement = Statement {
        sql,
        binds: binds.to_vec(),
        action: Action::Rows,
    };
    batch(
        connection,
        Bracket::None,
        [false; 2],
        vec![statement],
        &mut kept,
    )
    .await?;
    Ok(kept)
}

/// One statement, repeated, in a transaction of its own.
pub(crate) async fn each(
    connection: &mut dyn Connection,
    sql: &str,
    times: usize,
    binds: Vec<Value<'static>>,
    total: bool,
) -> (Result<()>, Kept) {
    let mut kept = Kept::default();
    let action = if total {
        Action::Total { times }
    } else {
        Action::Each { times }
    };
    let statement = Statement { sql, binds, action };
    let result = batch(
        connection,
        Bracket::Transaction,
        [true; 2],
        vec![statement],
        &mut kept,
    )
    .await;
    (result, kept)
}

pub(crate) fn text(value: &str) -> Value<'static> {
    Value::Text(value.to_owned().into())
}
