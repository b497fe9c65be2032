//! The connection to the server, and the command that it is answering.

use std::future::Future;
use std::pin::Pin;

use mysql_async::prelude::Queryable as _;
use mysql_async::{BinaryProtocol, Conn, Params, QueryResult, Statement};
use sinew_core::{Error, ErrorKind};

use crate::error::Fault;

/// What the answer to a command is, beside rows.
enum Answer {
    Done,
    Prepared(Statement),
}

type Flight = Pin<Box<dyn Future<Output = (Conn, mysql_async::Result<Answer>)> + Send>>;

/// A connection that outlives those who wait for its answers. A command that is under way is kept
/// here and not in the future that asked: when that is dropped, whoever comes next finds the
/// command, and can await its end. (Dropped itself, it would leave the connection unusable.)
pub(crate) struct Wire {
    /// Nothing while a command is under way.
    conn: Option<Conn>,
    flight: Option<Flight>,
    /// Whether the server answered anything since [`Wire::begin`].
    answered: bool,
}

impl Wire {
    pub(crate) fn new(conn: Conn) -> Self {
        Self {
            conn: Some(conn),
            flight: None,
            answered: false,
        }
    }

    /// Somebody else uses the connection from now on.
    pub(crate) fn begin(&mut self) {
        self.answered = false;
    }

    /// Whether it has been alive since then.
    pub(crate) fn was_answered(&self) -> bool {
        self.answered
    }

    /// The connection, between two commands.
    pub(crate) fn conn(&mut self) -> Result<&mut Conn, Fault> {
        self.conn.as_mut().ok_or_else(gone)
    }

    /// Whether nothing can be asked any more.
    pub(crate) fn is_broken(&self) -> bool {
        match &self.conn {
            Some(conn) => conn.is_disconnected(),
            None => self.flight.is_none(),
        }
    }

    /// Whether an answer is outstanding.
    pub(crate) fn is_waiting(&self) -> bool {
        self.flight.is_some()
    }

    /// The connection, to close it.
    pub(crate) fn into_conn(self) -> Option<Conn> {
        self.conn
    }

    /// Runs texts without values or rows.
    pub(crate) async fn simple(&mut self, sql: &str) -> Result<(), Fault> {
        let sql = sql.to_owned();
        self.send(|mut conn| async move {
            let answer = conn.query_drop(sql).await;
            (conn, answer.map(|()| Answer::Done))
        })
        .await
        .map(drop)
    }

    pub(crate) async fn ping(&mut self) -> Result<(), Fault> {
        self.send(|mut conn| async move {
            let answer = conn.ping().await;
            (conn, answer.map(|()| Answer::Done))
        })
        .await
        .map(drop)
    }

    pub(crate) async fn prepare(&mut self, sql: &str) -> Result<Statement, Fault> {
        let sql = sql.to_owned();
        let answer = self
            .send(|mut conn| async move {
                let answer = conn.prep(sql).await;
                (conn, answer.map(Answer::Prepared))
            })
            .await?;
        match answer {
            Answer::Prepared(statement) => Ok(statement),
            Answer::Done => Err(gone()),
        }
    }

    /// Forgets a prepared statement; the server does not answer.
    pub(crate) async fn close(&mut self, statement: Statement) -> Result<(), Fault> {
        self.send(|mut conn| async move {
            let answer = conn.close(statement).await;
            (conn, answer.map(|()| Answer::Done))
        })
        .await
        .map(drop)
    }

    /// Executes; the rows wait on the connection, where [`Wire::rows`] reads them.
    pub(crate) async fn execute(
        &mut self,
        statement: &Statement,
        params: Params,
    ) -> Result<(), Fault> {
        let statement = statement.clone();
        self.send(|mut conn| async move {
            let answer = conn.exec_iter(statement, params).await.map(drop);
            (conn, answer.map(|()| Answer::Done))
        })
        .await
        .map(drop)
    }

    /// The rows of the statement that was executed. Reading one can be given up without harm.
    pub(crate) fn rows(&mut self) -> Result<QueryResult<'_, 'static, BinaryProtocol>, Fault> {
        Ok(QueryResult::new(self.conn()?))
    }

    /// Takes what is left of an answer that nobody waits for any more. Its errors concern nobody,
    /// but where the connection broke.
    pub(crate) async fn drain(&mut self) -> Result<(), Fault> {
        match self.land().await {
            Ok(Answer::Done) => {}
            Ok(Answer::Prepared(statement)) => self.close(statement).await?,
            Err(fault) if fault.fatal => return Err(fault),
            Err(_) => {}
        }
        match self.rows()?.drop_result().await.map_err(Fault::of) {
            Err(fault) if fault.fatal => Err(fault),
            _ => Ok(()),
        }
    }

    async fn send<F>(&mut self, command: impl FnOnce(Conn) -> F) -> Result<Answer, Fault>
    where
        F: Future<Output = (Conn, mysql_async::Result<Answer>)> + Send + 'static,
    {
        let conn = self.conn.take().ok_or_else(gone)?;
        self.flight = Some(Box::pin(command(conn)));
        self.land().await
    }

    /// Awaits the command that is under way, if there is one.
    async fn land(&mut self) -> Result<Answer, Fault> {
        let Some(flight) = &mut self.flight else {
            return Ok(Answer::Done);
        };
        let (conn, answer) = flight.await;
        self.flight = None;
        self.conn = Some(conn);
        self.answered |= answer.is_ok();
        answer.map_err(Fault::of)
    }
}

#[cold]
fn gone() -> Fault {
    Fault {
        error: Error::new(ErrorKind::Closed, "the connection is in use or lost"),
        code: 0,
        fatal: true,
    }
}
