//! Running one statement.

use std::time::Duration;

use rusqlite::{Connection, ffi};
use sinew_core::driver::{Action, Done, Statement};
use sinew_core::{Error, ErrorKind, Result, Value};

use crate::bind;
use crate::error::Fault;
use crate::execute::Outlet;
use crate::prepared::{self, Entry, Prepared, Verb};
use crate::profile::{SlowList, Watch};
use crate::row::Current;

/// Runs one statement of a batch, as often as its action says; whether it came to its end.
pub(crate) fn run_statement<'c, O: Outlet>(
    connection: &'c Connection,
    prepared: &mut Prepared<'c>,
    index: usize,
    statement: &Statement<'_>,
    out: &mut O,
    slow: &SlowList,
    reading: &mut Reading,
) -> Result<bool, Fault> {
    let key = prepared.hash(statement.sql);
    let entry = prepared.entry(connection, key, statement.sql)?;
    let gives_way = reading.gives_way && entry.verb == Verb::Other;
    let timed = reading.resumes || entry.figure.is_due() || gives_way;
    let mut watch = timed.then(|| Watch::start(gives_way));
    let times = repetitions(entry.parameters, statement).map_err(Fault::Failed)?;
    let mut run = Run {
        connection,
        entry,
        index,
        out,
        rows: statement.action != Action::Count,
        total: matches!(statement.action, Action::Total { .. }).then_some(0),
        watch: watch.as_mut(),
    };
    let mut result = run.repeat(times, &statement.binds, reading);
    if let (Some(affected), Ok(_)) = (run.total, &result) {
        let done = Done {
            affected,
            last_id: None,
        };
        result = run
            .out
            .done(index, done)
            .map(|()| true)
            .map_err(Fault::Failed);
    }
    if let (Some(watch), Ok(done)) = (watch, &result) {
        let (spent, longest) = watch.stop();
        reading.spent += spent;
        reading.longest = reading.longest.max(longest);
        if *done && times > 0 {
            // Only an estimate.
            #[allow(clippy::cast_precision_loss)]
            let micros = reading.spent.as_secs_f32() * 1e6 / times as f32;
            let longest = reading.longest.as_secs_f32() * 1e6;
            entry.figure.update(micros, longest);
            prepared::note(key, entry.figure, slow);
        }
    }
    if let Ok(false) = result {
        reading.resumes = true;
        prepared.paused = Some(key);
    } else {
        *reading = Reading {
            gives_way: reading.gives_way,
            ..Reading::default()
        };
        prepared.paused = None;
    }
    result
}

/// How far a statement has come.
#[derive(Default)]
pub(crate) struct Reading {
    /// Whether it gives way between its rows.
    gives_way: bool,
    /// It gave way before.
    resumes: bool,
    /// Its values are large enough to let go of them after the run.
    large: bool,
    /// The time that it took so far, and the longest without a row.
    spent: Duration,
    longest: Duration,
}

impl Reading {
    pub(crate) fn giving_way() -> Self {
        Self {
            gives_way: true,
            ..Self::default()
        }
    }
}

/// How often the statement runs, if it was given the values for that.
pub(crate) fn repetitions(parameters: usize, statement: &Statement<'_>) -> Result<usize> {
    let times = statement.action.times();
    let (wanted, given) = (parameters * times, statement.binds.len());
    if wanted == given {
        return Ok(times);
    }
    Err(Error::new(
        ErrorKind::InvalidInput,
        format!("the statement has placeholders for {wanted} values, got {given}"),
    ))
}

struct Run<'r, 'c, O> {
    connection: &'c Connection,
    entry: &'r mut Entry<'c>,
    index: usize,
    out: &'r mut O,
    /// Whether rows are wanted.
    rows: bool,
    /// The rows changed so far, where only their sum is wanted.
    total: Option<u64>,
    watch: Option<&'r mut Watch>,
}

impl<O: Outlet> Run<'_, '_, O> {
    /// Whether it came to its end.
    fn repeat(
        &mut self,
        times: usize,
        binds: &[Value<'_>],
        reading: &mut Reading,
    ) -> Result<bool, Fault> {
        if reading.resumes {
            let done = self.rows(true)?;
            if done && reading.large {
                self.entry.statement.clear_bindings();
            }
            return Ok(done);
        }
        let parameters = self.entry.parameters;
        let mut result = Ok(true);
        for time in 0..times {
            let values = &binds[time * parameters..(time + 1) * parameters];
            result = match bind::bind_all(&mut self.entry.statement, values) {
                Ok(is_large) => {
                    reading.large |= is_large;
                    self.once()
                }
                Err(error) => Err(Fault::Failed(error)),
            };
            if result.is_err() {
                // What was done cannot be done again for a lock that came later.
                result = result.map_err(|fault| fault.final_unless(time == 0));
                break;
            }
        }
        if reading.large && !matches!(result, Ok(false)) {
            self.entry.statement.clear_bindings();
        }
        result
    }

    fn once(&mut self) -> Result<bool, Fault> {
        if self.entry.verb == Verb::Insert {
            forget_last_id(self.connection);
        }
        self.rows(false)
    }

    /// Hands out rows, the first ones or further ones. Whether the statement came to its end.
    fn rows(&mut self, further: bool) -> Result<bool, Fault> {
        let handle = self.entry.handle;
        let mut rows = self.entry.statement.raw_query();
        let mut columns = None;
        loop {
            match rows.next() {
                Ok(Some(row)) if self.rows => {
                    // Asked at the first row: SQLite prepares again when the schema changed.
                    let columns = *columns.get_or_insert_with(|| row.as_ref().column_count());
                    let row = Current {
                        row,
                        handle,
                        columns,
                    };
                    self.out.row(self.index, &row).map_err(Fault::Failed)?;
                    if let Some(watch) = &mut self.watch
                        && watch.row()
                    {
                        // Dropped, it would start the statement over. It owns nothing but the
                        // right to do so.
                        std::mem::forget(rows);
                        return Ok(false);
                    }
                }
                Ok(Some(_)) => columns = Some(0),
                Ok(None) => break,
                Err(error) => {
                    let first = columns.is_none() && !further;
                    return Err(Fault::of(&error).final_unless(first));
                }
            }
        }
        drop(rows);
        let done = report(self.connection, self.entry.verb);
        if let Some(total) = &mut self.total {
            *total += done.affected;
            return Ok(true);
        }
        self.out
            .done(self.index, done)
            .map(|()| true)
            .map_err(Fault::Failed)
    }
}

/// Counts and keys of a statement that just ran.
pub(crate) fn report(connection: &Connection, verb: Verb) -> Done {
    // SQLite's counters keep what the last statement of their kind left.
    if verb == Verb::Other {
        return Done::default();
    }
    let affected = connection.changes();
    let last_id = (verb == Verb::Insert && affected > 0)
        .then(|| connection.last_insert_rowid())
        .filter(|id| *id != NO_ID);
    Done { affected, last_id }
}

/// What SQLite is made to report as long as nothing was inserted; the least useful of keys.
const NO_ID: i64 = i64::MIN;

/// An upsert that updated, or an insert into a table without rowids, leaves the last key as it
/// was; an older key must not be taken for its own.
pub(crate) fn forget_last_id(connection: &Connection) {
    // SAFETY: the handle is that of an open connection, which this thread alone uses now; the
    // call stores a number in it.
    #[allow(unsafe_code)]
    unsafe {
        ffi::sqlite3_set_last_insert_rowid(connection.handle(), NO_ID);
    }
}
