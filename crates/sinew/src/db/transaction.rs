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
    /// The stream that is being read: a connection has one at a time.
    stream: u64,
}

impl TxConn {
    pub(super) fn lease(&mut self) -> Result<&mut Lease> {
        self.lease.as_mut().ok_or_else(over)
    }

    pub(super) fn abandon(&mut self, bracket: Bracket) {
        self.abandoned = Some(bracket);
    }

    /// Notes which stream reads; refuses one that another stream has displaced.
    pub(super) async fn stream(&mut self, stream: u64, begins: bool) -> Result<()> {
        if !begins && self.stream != stream {
            let message = "another stream was begun in this transaction before this one ended";
            return Err(Error::new(ErrorKind::Unsupported, message)
                .with_hint("read one stream to its end, or collect it, before the next one"));
        }
        if begins && self.stream != 0 {
            // Ends the one before, whose text and values may be the same.
            self.send(Bracket::None, false, false).await?;
        }
        self.stream = stream;
        Ok(())
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
        let batch = Batch {
            bracket,
            open,
            close,
            statements: Vec::new(),
        };
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
    ///
    /// # Examples
    /// ```
    /// # use sinew_suite::docs::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> sinew::Result<()> {
    /// # let db = db().await?;
    /// let mut ada = db.get::<User>(1).await?;
    /// let outcome = db.transaction(async |tx| {
    ///     tx.update(&mut ada).set(User::age.to(99)).await?;
    ///     tx.get::<User>(1_000).await             // not found: everything is rolled back
    /// }).await;
    /// assert!(outcome.unwrap_err().is_not_found());
    /// assert_eq!(db.get::<User>(1).await?.age, 36);
    /// # Ok(()) }
    /// ```
    pub async fn transaction<T>(&self, work: impl AsyncFnOnce(&Db) -> Result<T>) -> Result<T> {
        let open = self.begin().await?;
        let result = work(&open.db).await;
        open.end(result).await
    }

    /// Begins a transaction, or sets a savepoint.
    pub(crate) async fn begin(&self) -> Result<OpenTx> {
        let (tx, bracket) = match &self.tx {
            Some(outer) => {
                let depth = outer.depth + 1;
                let mut guard = outer.lock().await?;
                guard
                    .counted(self, Bracket::Savepoint(depth), Step::Open)
                    .await?;
                drop(guard);
                let connection = Arc::clone(&outer.connection);
                (TxRef { connection, depth }, Bracket::Savepoint(depth))
            }
            None => {
                let mut lease = Lease::acquire(&self.shared.driver, Intent::Write).await?;
                lease.clean = false;
                let mut conn = TxConn {
                    lease: Some(lease),
                    abandoned: None,
                    stream: 0,
                };
                conn.counted(self, Bracket::Transaction, Step::Open).await?;
                let connection = Arc::new(Mutex::new(conn));
                (
                    TxRef {
                        connection,
                        depth: 0,
                    },
                    Bracket::Transaction,
                )
            }
        };
        let db = Db {
            tx: Some(tx.clone()),
            ..self.clone()
        };
        Ok(OpenTx {
            db,
            abort: Abort(tx, bracket, false),
        })
    }
}

/// A transaction or savepoint that was begun; dropped, it is rolled back.
pub(crate) struct OpenTx {
    pub(crate) db: Db,
    abort: Abort,
}

impl OpenTx {
    /// Commits after `Ok`, rolls back after `Err`.
    pub(crate) async fn end<T>(mut self, result: Result<T>) -> Result<T> {
        let bracket = self.abort.1;
        let mut guard = self.abort.0.lock().await?;
        self.abort.2 = true;
        match result {
            Ok(value) => {
                let closed = guard.counted(&self.db, bracket, Step::Close).await;
                end(&mut guard, bracket, closed.is_ok());
                closed.map(|()| value)
            }
            Err(error) => {
                let undone = guard.counted(&self.db, bracket, Step::Undo).await;
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
