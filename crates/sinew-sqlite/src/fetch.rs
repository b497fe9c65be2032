//! Reading a statement chunk by chunk.
//!
//! The statement stays stepped between two calls, beside its connection; nothing is read ahead.
//! Other batches may run in between, which is how a stream can be read while its transaction
//! writes. It ends with its last row, with an error, with another `fetch`, with an empty batch,
//! with `rollback(Bracket::None)`, and when the connection is released.

use std::sync::atomic::Ordering;
use std::time::Instant;

use rusqlite::Connection;
use sinew_core::driver::{Bracket, Done, Row, Sink, Statement};
use sinew_core::{Error, ErrorKind, Result, Value};
use tokio::sync::oneshot;

use crate::bind;
use crate::connection::Place;
use crate::error::Fault;
use crate::hop::{self, Interrupter};
use crate::lease::Lease;
use crate::prepared::{self, Cursor, Prepared, Verb};
use crate::profile::{self, Estimate, SlowList, Verdict};
use crate::raw::Raw;
use crate::row::{Copied, Current};
use crate::statement::{forget_last_id, repetitions, report};

/// Tells the time of a chunk from that of the whole statement.
const CHUNKED: u64 = 0x5bd1_e995;

pub(crate) async fn fetch(
    lease: &mut Lease,
    statement: &Statement<'_>,
    chunk: usize,
    sink: &mut dyn Sink,
) -> Result<bool> {
    let pool = lease.pool.clone();
    let request = Request {
        statement,
        chunk: chunk.max(1),
        identity: identity(statement),
    };
    let place = Place::for_long(pool.must_hop());
    let raw = lease.raw()?;
    let verdict = raw.chunk_verdict(statement.sql, &pool.slow);
    if place.may_try_here(verdict) {
        raw.set_patient(place == Place::Here);
        match raw.fetch(&request, sink, &pool.slow) {
            Err(Fault::Busy(_)) if !raw.is_patient() => {}
            result => return result.map_err(Fault::into_error),
        }
    }
    if place == Place::Aside {
        raw.set_patient(true);
        let run = || raw.fetch(&request, sink, &pool.slow);
        if let Some(result) = hop::in_place(&pool, run) {
            return result.map_err(Fault::into_error);
        }
    }
    hop_for_chunk(lease, &request, sink).await
}

/// What one call of `fetch` asks for.
struct Request<'r> {
    statement: &'r Statement<'r>,
    chunk: usize,
    identity: [usize; 3],
}

/// Tells a statement from others while it lives, wherever it is moved.
fn identity(statement: &Statement<'_>) -> [usize; 3] {
    [
        statement.sql.as_ptr() as usize,
        statement.binds.as_ptr() as usize,
        statement.binds.len(),
    ]
}

impl Raw {
    fn chunk_verdict(&self, sql: &str, slow: &SlowList) -> Verdict {
        let key = profile::hash(sql) ^ CHUNKED;
        self.cell.0.with_dependent(|_, prepared| {
            let own = match &prepared.cursor {
                Some(cursor) if cursor.key ^ CHUNKED == key => cursor.figure.known(),
                _ => None,
            };
            let mut estimate = Estimate::default();
            estimate.add(own, || slow.get(key), 1);
            estimate.verdict()
        })
    }

    fn fetch(
        &mut self,
        request: &Request<'_>,
        sink: &mut dyn Sink,
        slow: &SlowList,
    ) -> Result<bool, Fault> {
        self.cell.0.with_dependent_mut(|connection, prepared| {
            prepared.end_paused();
            read_chunk(connection, prepared, request, sink, slow)
                .map_err(|fault| fault.with_sql(request.statement.sql))
        })
    }

    /// Rolls back on request; without a bracket it ends a stream.
    pub(crate) fn roll_back(&mut self, bracket: Bracket) {
        self.cell.0.with_dependent_mut(|_, prepared| {
            prepared.end_paused();
            if bracket == Bracket::None {
                prepared.end_cursor();
            }
        });
        self.undo(bracket);
    }
}

fn read_chunk<'c>(
    connection: &'c Connection,
    prepared: &mut Prepared<'c>,
    request: &Request<'_>,
    sink: &mut dyn Sink,
    slow: &SlowList,
) -> Result<bool, Fault> {
    let start = Instant::now();
    let mut cursor = resume(connection, prepared, request)?;
    let more = step(&mut cursor, request.chunk, sink)?;
    let micros = start.elapsed().as_secs_f32() * 1e6;
    cursor.figure.update(micros, micros);
    prepared::note(cursor.key ^ CHUNKED, cursor.figure, slow);
    if more {
        prepared.cursor = Some(cursor);
        return Ok(true);
    }
    sink.done(0, report(connection, cursor.entry.verb))
        .map_err(Fault::Failed)?;
    cursor.entry.statement.clear_bindings();
    prepared.insert(cursor.key, cursor.entry);
    Ok(false)
}

/// The cursor of this statement, started unless it runs already. An error on the way drops it.
fn resume<'c>(
    connection: &'c Connection,
    prepared: &mut Prepared<'c>,
    request: &Request<'_>,
) -> Result<Cursor<'c>, Fault> {
    let statement = request.statement;
    if let Some(cursor) = prepared.cursor.take()
        && cursor.identity == request.identity
        && *cursor.entry.sql == *statement.sql
    {
        return Ok(cursor);
    }
    let key = profile::hash(statement.sql);
    let mut entry = prepared.take(connection, key, statement.sql)?;
    repetitions(entry.parameters, statement).map_err(Fault::Failed)?;
    bind::bind_all(&mut entry.statement, &statement.binds).map_err(Fault::Failed)?;
    if entry.verb == Verb::Insert {
        forget_last_id(connection);
    }
    Ok(Cursor {
        entry,
        key,
        identity: request.identity,
        figure: profile::Figure::default(),
    })
}

fn step(cursor: &mut Cursor<'_>, chunk: usize, sink: &mut dyn Sink) -> Result<bool, Fault> {
    let handle = cursor.entry.handle;
    let mut rows = cursor.entry.statement.raw_query();
    let mut columns = None;
    for taken in 0..chunk {
        match rows.next() {
            Ok(Some(row)) => {
                let columns = *columns.get_or_insert_with(|| row.as_ref().column_count());
                let row = Current {
                    row,
                    handle,
                    columns,
                };
                sink.row(0, &row).map_err(Fault::Failed)?;
            }
            Ok(None) => return Ok(false),
            // Met at the first step, a lock can be waited for: the statement starts again.
            Err(error) => return Err(Fault::of(&error).final_unless(taken == 0)),
        }
    }
    // Dropped, it would start the statement over. It owns nothing but the right to do so.
    std::mem::forget(rows);
    Ok(true)
}

/// Reads a chunk on a blocking thread, and hands it to the sink here.
async fn hop_for_chunk(
    lease: &mut Lease,
    request: &Request<'_>,
    sink: &mut dyn Sink,
) -> Result<bool> {
    let handle = lease.raw()?.interrupt_handle();
    let (reply, mut answer) = oneshot::channel();
    // Dropped before the channel, as in `hop::run`.
    let mut interrupter = Interrupter::new(handle);
    let cancelled = interrupter.cancelled();
    let mut away = lease.take();
    let sql = request.statement.sql.to_owned();
    let binds: Vec<Value<'static>> = request
        .statement
        .binds
        .iter()
        .map(|value| value.reborrow().into_owned())
        .collect();
    let (action, chunk, identity) = (request.statement.action, request.chunk, request.identity);
    tokio::task::spawn_blocking(move || {
        let pool = away.pool.clone();
        let mut copies = Copies::default();
        let result = if cancelled.load(Ordering::Acquire) {
            Err(hop::cancelled())
        } else {
            away.raw().and_then(|raw| {
                raw.set_patient(true);
                let statement = Statement {
                    sql: &sql,
                    binds,
                    action,
                };
                let request = Request {
                    statement: &statement,
                    chunk,
                    identity,
                };
                raw.fetch(&request, &mut copies, &pool.slow)
                    .map_err(Fault::into_error)
            })
        };
        // Where nobody waits any more the lease comes back in the error and returns to the pool.
        let _ = reply.send((away, copies, result));
    });
    let answer = (&mut answer).await;
    interrupter.disarm();
    let Ok((back, copies, result)) = answer else {
        let message = "the runtime shut down while a statement ran";
        return Err(Error::new(ErrorKind::Closed, message));
    };
    *lease = back;
    for row in &copies.rows {
        sink.row(0, row)?;
    }
    if let Some(done) = copies.done {
        sink.done(0, done)?;
    }
    result
}

/// A sink that keeps.
#[derive(Default)]
struct Copies {
    names: Option<std::sync::Arc<[Box<str>]>>,
    rows: Vec<Copied>,
    done: Option<Done>,
}

impl Sink for Copies {
    fn row(&mut self, _statement: usize, row: &dyn Row) -> Result<()> {
        let names = self.names.get_or_insert_with(|| Copied::names(row));
        self.rows.push(Copied::new(row, names));
        Ok(())
    }

    fn done(&mut self, _statement: usize, done: Done) -> Result<()> {
        self.done = Some(done);
        Ok(())
    }
}
