use std::sync::Arc;

use sinew_core::driver::{Batch, Bracket, Intent};
use sinew_core::{Error, ErrorKind, Result};
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::Db;
use super::op::Lease;
use super::raw::Ignore;

/// A transaction's connection, and what an abandoned operation left open on it.
pub(crate) struct TxConn {
    lease: Option<Lease>,
    abandoned: Option<Bracket>,
}

impl TxConn {
    pub(super) fn lease(&mut self) -> Result<&mut Lease> {
        self.lease.as_mut().ok_or_else(over)
    }

    pub(super) fn abandon(&mut self, bracket: Bracket) {
        self.abandoned = Some(bracket);
    }

    async fn settle(&mut self) -> Result<()> {
        if let Some(bracket) = self.abandoned.take() {
            self.lease()?.connection()?.rollback(bracket).await?;
        }
        Ok(())
    }

    /// Takes a step, and counts what it cost.
    async fn counted(&mut self, db: &Db, bracket: Bracket, step: Step) -> Result<()> {
        let before = self.lease()?.trips();
        let taken = match step {
            Step::Open => self.send(bracket, true, false).await,
            Step::Close => self.send(bracket, false, true).await,
            Step::Undo => self.lease()?.connection()?.rollback(bracket).await,
        };
        if let Some(counter) = &db.counter
            && !db.dialect().capabilities().embedded.supported
        {
            counter.add(0, self.lease()?.trips().saturating_sub(before));
        }
        taken
    }

    async fn send(&mut self, bracket: Bracket, open: bool, close: bool) -> Result<()> {
        let batch = Batch { bracket, open, close, statements: Vec::new() };
        let connection = self.lease()?.connection()?;
        match connection.run_inline(&batch, &mut Ignore) {
            Some(result) => result,
            None => connection.run(&batch, &mut Ignore).await,
        }
    }
}

/// A step of a transaction of its own.
enum Step {
    Open,
    Close,
    Undo,
}

fn over() -> Error {
    Error::new(ErrorKind::Closed, "this transaction is over")
        .with_hint("the handle that `transaction` gives must not be kept beyond its closure")
}

/// A handle's place in a transaction.
#[derive(Clone)]
pub(super) struct TxRef {
    connection: Arc<Mutex<TxConn>>,
    depth: u32,
}

impl TxRef {
    pub(super) fn depth(&self) -> u32 {
        self.depth
    }

    pub(super) async fn lock(&self) -> Result<OwnedMutexGuard<TxConn>> {
        let mut guard = Arc::clone(&self.connection).lock_owned().await;
        guard.settle().await?;
        guard.lease()?;
        Ok(guard)
    }
}

/// Ends a transaction whose future was dropped: the connection goes back, rolled back.
struct Abort(TxRef, Bracket, bool);

impl Drop for Abort {
    fn drop(&mut self) {
        if self.2 {
            return;
        }
        if let Ok(mut guard) = self.0.connection.try_lock() {
            if self.1 == Bracket::Transaction {
                // Released as not clean, which the driver answers with a rollback.
                guard.lease = None;
            } else {
                guard.abandon(self.1);
            }
        }
    }
}

impl Db {
    /// Runs `work` in a transaction: committed when it returns `Ok`, rolled back when it returns
    /// `Err` or its future is dropped. Inside another transaction it is a savepoint.
    ///
    /// # Errors
    /// What `work` returns; `Conflict` or `Timeout` when the database cannot begin or commit.
    pub async fn transaction<T>(&self, work: impl AsyncFnOnce(&Db) -> Result<T>) -> Result<T> {
        let (tx, bracket) = match &self.tx {
            Some(outer) => {
                let depth = outer.depth + 1;
                let mut guard = outer.lock().await?;
                guard.counted(self, Bracket::Savepoint(depth), Step::Open).await?;
                drop(guard);
                (TxRef { connection: Arc::clone(&outer.connection), depth }, Bracket::Savepoint(depth))
            }
            None => {
                let mut lease = Lease::acquire(&self.shared.driver, Intent::Write).await?;
                lease.clean = false;
                let mut conn = TxConn { lease: Some(lease), abandoned: None };
                conn.counted(self, Bracket::Transaction, Step::Open).await?;
                (TxRef { connection: Arc::new(Mutex::new(conn)), depth: 0 }, Bracket::Transaction)
            }
        };
        let mut abort = Abort(tx.clone(), bracket, false);
        let inner = Db { tx: Some(tx.clone()), ..self.clone() };
        let result = work(&inner).await;
        let mut guard = tx.lock().await?;
        abort.2 = true;
        match result {
            Ok(value) => {
                let closed = guard.counted(self, bracket, Step::Close).await;
                end(&mut guard, bracket, closed.is_ok());
                closed.map(|()| value)
            }
            Err(error) => {
                let undone = guard.counted(self, bracket, Step::Undo).await;
                end(&mut guard, bracket, undone.is_ok());
                Err(error)
            }
        }
    }
}

fn end(guard: &mut TxConn, bracket: Bracket, clean: bool) {
    if bracket == Bracket::Transaction
        && let Some(mut lease) = guard.lease.take()
    {
        lease.clean = clean;
    }
}
