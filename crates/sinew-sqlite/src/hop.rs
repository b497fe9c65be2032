//! Running a long batch without holding up the runtime.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc as blocking;

use rusqlite::InterruptHandle;
use sinew_core::driver::{Action, Bracket, Done, Intent, Row, Sink, Statement};
use sinew_core::{Error, ErrorKind, Result, Value};
use tokio::sync::mpsc;

use crate::chunk::Chunk;
use crate::execute::{Outlet, Work};
use crate::lease::Lease;
use crate::pool::Pool;

/// Rows that cross between threads at once: few in the beginning, so that both threads soon have
/// work, then more, as each crossing may have to wake a thread.
const FIRST_CHUNK: usize = 64;
const LARGEST_CHUNK: usize = 2048;

/// Bytes of text and blobs beyond which a chunk crosses in any case.
const CHUNK_BYTES: usize = 256 * 1024;

/// Runs `work` in `block_in_place`; `None` when that is not possible here.
pub(crate) fn in_place<T>(pool: &Pool, work: impl FnOnce() -> T) -> Option<T> {
    let mut entered = false;
    let guarded = AssertUnwindSafe(|| {
        tokio::task::block_in_place(|| {
            entered = true;
            work()
        })
    });
    // Tokio cannot be asked whether it would refuse, which it does within a `LocalSet`.
    match catch_unwind(guarded) {
        Ok(result) => Some(result),
        Err(panic) if entered => resume_unwind(panic),
        Err(_) => {
            pool.must_hop.store(true, Ordering::Relaxed);
            None
        }
    }
}

/// Stops a statement on another thread when the operation that waits for it is dropped.
pub(crate) struct Interrupter {
    handle: InterruptHandle,
    cancelled: Arc<AtomicBool>,
    armed: bool,
}

impl Interrupter {
    pub(crate) fn new(handle: InterruptHandle) -> Self {
        Self {
            handle,
            cancelled: Arc::default(),
            armed: true,
        }
    }

    pub(crate) fn cancelled(&self) -> Arc<AtomicBool> {
        self.cancelled.clone()
    }

    pub(crate) fn fire(&self) {
        self.cancelled.store(true, Ordering::Release);
        self.handle.interrupt();
    }

    pub(crate) fn disarm(&mut self) {
        self.armed = false;
    }
}

impl Drop for Interrupter {
    fn drop(&mut self) {
        if self.armed {
            self.fire();
        }
    }
}

enum Message {
    Rows(Chunk),
    /// Asks whether all went well so far.
    Settle(blocking::SyncSender<bool>),
    /// The last one; brings the connection back.
    End(Lease, Result<()>),
}

/// The sink's stand-in on the blocking thread.
struct Sender {
    channel: mpsc::Sender<Message>,
    chunk: Chunk,
    /// So many entries fill the chunk.
    room: usize,
    cancelled: Arc<AtomicBool>,
}

impl Sender {
    fn flush_if_full(&mut self) -> Result<()> {
        if self.chunk.len() < self.room && self.chunk.bytes() < CHUNK_BYTES {
            return Ok(());
        }
        self.room = (self.room * 2).min(LARGEST_CHUNK);
        self.flush()
    }

    fn flush(&mut self) -> Result<()> {
        let next = self.chunk.next();
        let chunk = std::mem::replace(&mut self.chunk, next);
        if self.cancelled.load(Ordering::Acquire) {
            return Err(cancelled());
        }
        if chunk.len() == 0 {
            return Ok(());
        }
        self.channel
            .blocking_send(Message::Rows(chunk))
            .map_err(|_| cancelled())
    }
}

impl Sink for Sender {
    fn row(&mut self, statement: usize, row: &dyn Row) -> Result<()> {
        self.chunk.row(statement, row);
        self.flush_if_full()
    }

    fn done(&mut self, statement: usize, done: Done) -> Result<()> {
        self.chunk.done(statement, done);
        self.flush_if_full()
    }
}

impl Outlet for Sender {
    fn settle(&mut self) -> Result<()> {
        self.flush()?;
        let (reply, answer) = blocking::sync_channel(1);
        self.channel
            .blocking_send(Message::Settle(reply))
            .map_err(|_| cancelled())?;
        match answer.recv() {
            Ok(true) => Ok(()),
            Ok(false) | Err(_) => Err(cancelled()),
        }
    }
}

/// Runs a batch on a blocking thread of the current runtime.
pub(crate) async fn run(
    lease: &mut Lease,
    intent: Intent,
    batch: Work<'_>,
    sink: &mut dyn Sink,
) -> Result<()> {
    let handle = lease.raw()?.interrupt_handle();
    let (channel, mut messages) = mpsc::channel(4);
    // Dropped before the channel, which may hold the connection: once that is back in its pool,
    // an interrupt would hit someone else's statement.
    let mut interrupter = Interrupter::new(handle);
    let sender = Sender {
        channel,
        chunk: Chunk::default(),
        room: FIRST_CHUNK,
        cancelled: interrupter.cancelled(),
    };
    let (away, owned) = (lease.take(), OwnedBatch::new(batch));
    tokio::task::spawn_blocking(move || work(away, intent, owned, sender));
    let mut failure = None;
    while let Some(message) = messages.recv().await {
        match message {
            Message::Rows(chunk) if failure.is_none() => {
                if let Err(error) = chunk.deliver(sink) {
                    interrupter.fire();
                    failure = Some(error);
                }
            }
            Message::Rows(_) => {}
            Message::Settle(reply) => {
                // Where nobody listens any more, the end follows.
                let _ = reply.send(failure.is_none());
            }
            Message::End(back, result) => {
                interrupter.disarm();
                *lease = back;
                return failure.map_or(result, Err);
            }
        }
    }
    interrupter.disarm();
    Err(Error::new(
        ErrorKind::Closed,
        "the runtime shut down while a statement ran",
    ))
}

/// The blocking thread's part. Whatever happens, the lease goes back: to the task, or to the pool
/// when the task is gone, which rolls back first.
fn work(mut lease: Lease, intent: Intent, owned: OwnedBatch, mut sender: Sender) {
    let pool = lease.pool.clone();
    let result = if sender.cancelled.load(Ordering::Acquire) {
        Err(cancelled())
    } else {
        lease.raw().and_then(|raw| {
            raw.set_patient(true);
            let run = |batch: Work<'_>| raw.execute(intent, batch, &mut sender, &pool.slow);
            owned.with(run).into_result()
        })
    };
    // A batch that failed tells what came before the failure too, as it does in place.
    let flushed = sender.flush();
    let result = result.and(flushed);
    let _ = sender.channel.blocking_send(Message::End(lease, result));
}

pub(crate) fn cancelled() -> Error {
    Error::new(ErrorKind::Timeout, "the operation was cancelled")
}

/// A batch that borrows nothing.
struct OwnedBatch {
    bracket: Bracket,
    open: bool,
    close: bool,
    statements: Vec<(String, Vec<Value<'static>>, Action)>,
}

impl OwnedBatch {
    fn new(batch: Work<'_>) -> Self {
        let copy = |s: &Statement<'_>| {
            let binds = s
                .binds
                .iter()
                .map(|value| value.reborrow().into_owned())
                .collect();
            (s.sql.to_owned(), binds, s.action)
        };
        Self {
            bracket: batch.bracket,
            open: batch.open,
            close: batch.close,
            statements: batch.statements.iter().map(copy).collect(),
        }
    }

    fn with<T>(mut self, run: impl FnOnce(Work<'_>) -> T) -> T {
        let statements = self
            .statements
            .iter_mut()
            .map(|(sql, binds, action)| Statement {
                sql,
                binds: std::mem::take(binds),
                action: *action,
            });
        let statements: Vec<_> = statements.collect();
        run(Work {
            bracket: self.bracket,
            open: self.open,
            close: self.close,
            statements: &statements,
        })
    }
}
