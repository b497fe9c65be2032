//! A connection with what is known of its state, and the brackets on it.
//!
//! What opens and closes a bracket needs no answer of its own: `BEGIN`, `SAVEPOINT` and `RELEASE`
//! wait in `pending` and go out with the statements that come next, in the same round trip. Only
//! `COMMIT` and the ways back are waited for.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sinew_core::driver::{Batch, Bracket, Sink};
use sinew_core::{Error, ErrorKind, Result};
use tokio_postgres::Client;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::bind;
use crate::cancel::{Address, cancel};
use crate::config::Config;
use crate::error::from_postgres;
use crate::execute::{Delivery, Fault};
use crate::fetch::Cursor;
use crate::latency::Latency;
use crate::merge::Merged;
use crate::prepared::Prepared;
use crate::wire::{Half, Wire};

pub(crate) const BEGIN: &str = "BEGIN";
/// How long a connection that was left half-way may take to become clean.
const CLEANING: Duration = Duration::from_secs(10);

pub(crate) struct Raw {
    /// Before `wire`, which ends when no client is left.
    pub(crate) client: Client,
    pub(crate) wire: Wire,
    address: Address,
    tls: MakeRustlsConnect,
    pub(crate) prepared: Prepared,
    /// Is prepared with what is sent next.
    pub(crate) new_merge: Option<Arc<Merged>>,
    /// Whether statements are prepared and kept.
    pub(crate) keeps: bool,
    pub(crate) cursor: Option<Cursor>,
    /// What goes out before the next statement.
    pub(crate) pending: Vec<Cow<'static, str>>,
    /// The engine has a transaction open.
    pub(crate) in_transaction: bool,
    /// Somebody began one in SQL.
    pub(crate) own_transaction: bool,
    /// A statement failed, so that the open transaction can only be rolled back.
    failed: bool,
    /// Answers are awaited.
    pub(crate) busy: bool,
    /// The server said that it ends the connection, which the client may not have noticed yet.
    pub(crate) lost: bool,
    pub(crate) trips: u64,
    pub(crate) latency: Latency,
    /// When it was last given back.
    pub(crate) released: Instant,
}

impl Raw {
    pub(crate) fn new(
        (client, half): (Client, Half),
        (address, tls): (Address, MakeRustlsConnect),
        config: &Config,
        latency: Latency,
    ) -> Self {
        Self {
            client,
            wire: Wire::new(half),
            address,
            tls,
            prepared: Prepared::new(config.statement_cache),
            new_merge: None,
            keeps: config.prepare,
            cursor: None,
            pending: Vec::new(),
            in_transaction: false,
            own_transaction: false,
            failed: false,
            busy: false,
            lost: false,
            trips: 0,
            latency,
            released: Instant::now(),
        }
    }

    /// Runs a batch, and undoes its bracket when it fails.
    pub(crate) async fn run(&mut self, batch: &Batch<'_>, sink: &mut dyn Sink) -> Result<()> {
        if self.streams() {
            self.cursor = None;
        }
        if batch.statements.is_empty() {
            return self.bracket_alone(batch).await;
        }
        self.check_open(batch)?;
        let repeatable = batch.open || !self.in_transaction;
        let mut out = Delivery { sink, any: false };
        self.open(batch);
        self.busy = true;
        let result = self.checked(batch, &mut out).await;
        self.settle(batch, out, repeatable, result).await
    }

    /// Runs one statement that begins and ends nothing, without what everything else needs.
    pub(crate) async fn run_alone(&mut self, batch: &Batch<'_>, sink: &mut dyn Sink) -> Result<()> {
        let known = batch.statements.first().and_then(|statement| {
            let entry = self.prepared.get(statement.sql)?;
            entry.as_it_is(&statement.binds)?;
            Some(statement)
        });
        let Some(statement) = known else {
            return Box::pin(self.run(batch, sink)).await;
        };
        self.check_open(batch)?;
        bind::check(&statement.binds).map_err(|error| error.with_sql(statement.sql))?;
        let mut out = Delivery { sink, any: false };
        self.busy = true;
        let result = self.alone(statement, &mut out).await;
        if result.is_err() {
            let repeatable = !self.in_transaction;
            return Box::pin(self.settle(batch, out, repeatable, result)).await;
        }
        self.busy = false;
        Ok(())
    }

    /// Ends a batch: tries once more where a statement was prepared for what is no more, and undoes
    /// the bracket of one that failed.
    async fn settle(
        &mut self,
        batch: &Batch<'_>,
        mut out: Delivery<'_>,
        repeatable: bool,
        mut result: Result<(), Fault>,
    ) -> Result<()> {
        if result.as_ref().is_err_and(|fault| fault.stale) {
            self.prepared.clear();
            if repeatable && !out.any {
                self.undo(batch.bracket).await;
                self.open(batch);
                result = self.checked(batch, &mut out).await;
            }
        }
        if let Err(fault) = &result {
            self.lost |= fault.error.kind() == ErrorKind::Connection;
            if batch.bracket != Bracket::None {
                self.undo(batch.bracket).await;
            } else if self.in_transaction && fault.reached {
                self.failed = true;
            }
        } else if batch.close {
            self.closed(batch.bracket);
        }
        self.busy = false;
        self.prepared.shrink();
        result.map_err(|fault| fault.error)
    }

    pub(crate) async fn checked(
        &mut self,
        batch: &Batch<'_>,
        out: &mut Delivery<'_>,
    ) -> Result<(), Fault> {
        for statement in &batch.statements {
            bind::check(&statement.binds).map_err(|error| Fault::own(error, statement.sql))?;
        }
        self.statements(batch, out).await
    }

    /// Refuses to go on in a transaction that is no more: its statements would be committed one by
    /// one.
    fn check_open(&self, batch: &Batch<'_>) -> Result<()> {
        if batch.bracket != Bracket::None && !batch.open && !self.in_transaction {
            return Err(Error::new(
                ErrorKind::Closed,
                "the transaction was rolled back already",
            ));
        }
        Ok(())
    }

    pub(crate) fn open(&mut self, batch: &Batch<'_>) {
        match batch.bracket {
            _ if !batch.open => {}
            Bracket::None => {}
            Bracket::Transaction => {
                self.pending.push(BEGIN.into());
                self.in_transaction = true;
            }
            Bracket::Savepoint(depth) => self.pending.push(savepoint(depth).into()),
        }
    }

    /// The bracket's end, after the statements were sent.
    pub(crate) fn closed(&mut self, bracket: Bracket) {
        match bracket {
            Bracket::None => {}
            Bracket::Transaction => self.in_transaction = false,
            Bracket::Savepoint(depth) => self.release(depth),
        }
    }

    fn release(&mut self, depth: u32) {
        if self
            .pending
            .last()
            .is_some_and(|last| *last == savepoint(depth))
        {
            self.pending.pop();
        } else {
            self.pending
                .push(format!("RELEASE SAVEPOINT sinew_{depth}").into());
        }
    }

    /// Whether the server knows nothing of the transaction yet.
    fn unbegun(&self) -> bool {
        self.pending.first().is_some_and(|first| first == BEGIN)
    }

    async fn bracket_alone(&mut self, batch: &Batch<'_>) -> Result<()> {
        self.check_open(batch)?;
        self.open(batch);
        if batch.bracket == Bracket::None {
            self.end_cursor();
        }
        if !batch.close {
            return Ok(());
        }
        match batch.bracket {
            Bracket::None => Ok(()),
            Bracket::Savepoint(depth) => {
                self.release(depth);
                Ok(())
            }
            Bracket::Transaction => self.commit().await,
        }
    }

    async fn commit(&mut self) -> Result<()> {
        let unbegun = self.unbegun();
        // A commit releases all savepoints, and closes cursors.
        self.pending.clear();
        self.cursor = None;
        if self.lost || !self.wire.is_open() {
            return Err(Error::new(
                ErrorKind::Connection,
                "the connection was lost within the transaction, which is rolled back",
            ));
        }
        if self.failed {
            self.undo(Bracket::Transaction).await;
            return Err(Error::new(
                ErrorKind::Conflict,
                "an earlier statement failed, so the transaction was rolled back",
            ));
        }
        self.in_transaction = false;
        if unbegun {
            return Ok(());
        }
        self.simple("COMMIT").await
    }

    /// One command that is waited for.
    async fn simple(&mut self, sql: &str) -> Result<()> {
        self.busy = true;
        self.trips += 1;
        let sent = self.latency.sent(self.trips);
        let done = self.command(sql).await;
        self.latency.took(sent);
        self.busy = false;
        done.map_err(|cause| {
            let error = from_postgres(&cause).with_sql(sql);
            self.lost |= error.kind() == ErrorKind::Connection;
            error
        })
    }

    /// Undoes what the bracket holds. An error here has nothing to add to the one that led here.
    pub(crate) async fn undo(&mut self, bracket: Bracket) {
        match bracket {
            Bracket::None => {}
            Bracket::Transaction => {
                let unbegun = self.unbegun();
                self.pending.clear();
                self.in_transaction = false;
                self.failed = false;
                self.cursor = None;
                if !unbegun {
                    // A connection that cannot even roll back is closed, and is found out.
                    let _ = self.simple("ROLLBACK").await;
                }
            }
            Bracket::Savepoint(depth) => {
                let name = savepoint(depth);
                if let Some(at) = self.pending.iter().rposition(|waiting| *waiting == name) {
                    self.pending.truncate(at);
                    return;
                }
                self.pending.clear();
                let sql =
                    format!("ROLLBACK TO SAVEPOINT sinew_{depth}; RELEASE SAVEPOINT sinew_{depth}");
                self.failed = self.simple(&sql).await.is_err();
            }
        }
    }

    /// Rolls an open bracket back, for an operation that gave up between two batches.
    pub(crate) async fn roll_back(&mut self, bracket: Bracket) -> Result<()> {
        if self.streams() {
            self.cursor = None;
        }
        if !self.in_transaction {
            // The connection was lost, or the batch that failed rolled it back.
            return Ok(());
        }
        self.undo(bracket).await;
        Ok(())
    }

    /// The error of a statement that was read slowly.
    pub(crate) fn broken(&mut self, cause: &tokio_postgres::Error, sql: &str) -> Error {
        self.failed = self.in_transaction && cause.as_db_error().is_some();
        let error = from_postgres(cause).with_sql(sql);
        self.lost |= error.kind() == ErrorKind::Connection;
        error
    }

    /// Whether something has to be done before another may use it.
    pub(crate) fn is_dirty(&self) -> bool {
        let begun = self.in_transaction && !self.unbegun();
        begun || self.busy || self.own_transaction || self.streams()
    }

    /// Sends a command, and waits until it is done.
    pub(crate) async fn command(&mut self, sql: &str) -> Result<(), tokio_postgres::Error> {
        self.wire.drive(self.client.batch_execute(sql)).await
    }

    /// Makes it fit for the next user.
    pub(crate) async fn clean(&mut self) -> Result<()> {
        let running = self.busy || self.streams();
        self.cursor = None;
        if running {
            // What runs there may take long, and nobody waits for it any more. Should the server
            // not take the request, the rollback waits.
            let _ = cancel(&self.client.cancel_token(), &self.address, &self.tls).await;
        }
        let rolled_back = self.command("ROLLBACK").await;
        if rolled_back.is_err() {
            // The cancellation may have hit the rollback itself.
            self.command("ROLLBACK")
                .await
                .map_err(|cause| from_postgres(&cause))?;
        }
        self.reset();
        Ok(())
    }

    /// As when nothing was sent.
    pub(crate) fn reset(&mut self) {
        self.pending.clear();
        self.cursor = None;
        self.in_transaction = false;
        self.own_transaction = false;
        self.failed = false;
        self.busy = false;
        self.released = Instant::now();
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        if self.is_dirty() {
            // What is under way may have no end.
            self.wire.abandon();
        }
    }
}

/// Cleans a connection in the background, and lets it go back to its pool only then.
pub(crate) async fn clean(mut loan: crate::pool::Loan) {
    let cleaned = tokio::time::timeout(CLEANING, loan.clean()).await;
    if !matches!(cleaned, Ok(Ok(()))) {
        drop(crate::pool::Loan::take(loan));
    }
}

fn savepoint(depth: u32) -> String {
    format!("SAVEPOINT sinew_{depth}")
}
