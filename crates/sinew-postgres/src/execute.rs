//! Running the statements of a batch.

use std::pin::{Pin, pin};
use std::sync::Arc;

use futures_core::Stream;
use sinew_core::driver::{Action, Batch, Bracket, Done, Sink, Statement};
use sinew_core::{Error, ErrorKind, Result, Value};
use tokio_postgres::{Client, RowStream};

use crate::bind::{Bind, Column};
use crate::burst::{Answer, Burst};
use crate::error::{from_postgres, is_stale_plan, lies_in_rows};
use crate::merge::Known;
use crate::raw::Raw;
use crate::row::{Arrived, Reader, readers};
use crate::wire::Wire;
use crate::{bulk, merge, typing, words};

/// An error on the inside.
pub(crate) struct Fault {
    pub(crate) error: Error,
    /// A statement has to be prepared again.
    pub(crate) stale: bool,
    /// The server met it, so that an open transaction is aborted.
    pub(crate) reached: bool,
    /// A row is at fault.
    in_rows: bool,
    /// The server wants to be told the types of parameters.
    untyped: Option<Box<tokio_postgres::error::DbError>>,
}

impl Fault {
    #[cold]
    pub(crate) fn of(cause: &tokio_postgres::Error, sql: &str) -> Self {
        let stale = is_stale_plan(cause);
        let mut error = from_postgres(cause).with_sql(sql);
        if stale {
            error = Error::new(ErrorKind::Conflict, error.message())
                .with_sql(sql)
                .with_hint("the table was changed meanwhile; run the transaction again");
        }
        let reached = cause.as_db_error().is_some();
        Self {
            error,
            stale,
            reached,
            in_rows: lies_in_rows(cause),
            untyped: cause
                .as_db_error()
                .filter(|reported| typing::wants_types(reported))
                .cloned()
                .map(Box::new),
        }
    }

    pub(crate) fn own(error: Error, sql: &str) -> Self {
        Self {
            error: error.with_sql(sql),
            stale: false,
            reached: false,
            in_rows: false,
            untyped: None,
        }
    }
}

/// A sink, and whether it was given anything.
pub(crate) struct Delivery<'s> {
    pub(crate) sink: &'s mut dyn Sink,
    pub(crate) any: bool,
}

/// What an answer belongs to.
#[derive(Clone, Copy)]
enum Part {
    /// Words of a bracket.
    Words,
    /// A statement, reported by itself.
    One(usize),
    /// A repetition whose changes are added up; the last one reports.
    Summed { statement: usize, last: bool },
    /// All repetitions at once.
    Bulk {
        statement: usize,
        times: usize,
        total: bool,
    },
}

/// Requests with what their answers belong to.
struct Requests<'f> {
    client: &'f Client,
    burst: Burst<'f>,
    parts: Vec<Part>,
    words: Vec<String>,
}

impl<'f> Requests<'f> {
    fn new(client: &'f Client, pending: Vec<std::borrow::Cow<'static, str>>) -> Self {
        let words = pending
            .into_iter()
            .map(std::borrow::Cow::into_owned)
            .collect();
        Self {
            client,
            burst: Burst::default(),
            parts: Vec::new(),
            words,
        }
    }

    fn flush_words(&mut self) {
        if !self.words.is_empty() {
            let (client, sql) = (self.client, std::mem::take(&mut self.words).join("; "));
            self.parts.push(Part::Words);
            self.burst
                .push(async move { client.batch_execute(&sql).await.map(|()| Answer::Done) });
        }
    }

    fn add(
        &mut self,
        part: Part,
        request: impl Future<Output = Result<RowStream, tokio_postgres::Error>> + Send + 'f,
    ) {
        self.flush_words();
        self.parts.push(part);
        self.burst
            .push(async move { request.await.map(Answer::Rows) });
    }
}

impl Raw {
    /// Runs all statements, in one burst where nothing has to be prepared.
    pub(crate) async fn statements(
        &mut self,
        batch: &Batch<'_>,
        out: &mut Delivery<'_>,
    ) -> Result<(), Fault> {
        for statement in &batch.statements {
            self.watch(statement.sql);
        }
        if self.keeps {
            self.prepare_all(&batch.statements).await?;
        }
        self.refuse_repeated(&batch.statements)?;
        if let ([statement], true, false) = (
            batch.statements.as_slice(),
            self.pending.is_empty(),
            commits(batch),
        ) && repetitions(statement.action).is_none_or(|(times, _)| times == 1)
        {
            return self.alone(statement, out).await;
        }
        let known = self.mergeable(batch);
        if let Some(Known::Ready(merged, statement)) = known {
            return self.merged(batch, (&merged, &statement), out).await;
        }
        self.new_merge = known.and_then(Known::into_new);
        self.apart(batch, out).await
    }

    /// Runs the statements one by one, though without waiting in between.
    pub(crate) async fn apart(
        &mut self,
        batch: &Batch<'_>,
        out: &mut Delivery<'_>,
    ) -> Result<(), Fault> {
        let mut from = 0;
        while from < batch.statements.len() {
            let Some(failed) = self.burst(batch, from, false, out).await? else {
                break;
            };
            // The rows one by one tell which of them is at fault.
            self.pending.push("ROLLBACK TO SAVEPOINT sinew_bulk".into());
            self.burst(batch, failed, true, out).await?;
            from = failed + 1;
        }
        Ok(())
    }

    /// Notes what a text does to the state of the connection.
    fn watch(&mut self, sql: &str) {
        match words::effect(sql) {
            words::Effect::Begins => self.own_transaction = !self.in_transaction,
            words::Effect::Ends => self.own_transaction = false,
            words::Effect::Forgets => self.prepared.clear(),
            words::Effect::None => {}
        }
    }

    /// Prepares what is not: all new texts together, then their forms for many rows.
    async fn prepare_all(&mut self, statements: &[Statement<'_>]) -> Result<(), Fault> {
        let mut missing: Vec<&str> = Vec::new();
        for statement in statements {
            let sql = statement.sql;
            if words::is_kept(sql) && !self.prepared.has(sql) && !missing.contains(&sql) {
                missing.push(sql);
            }
        }
        if !missing.is_empty()
            && let Err(fault) = self.prepare(&missing).await
        {
            let Some(reported) = fault.untyped.clone() else {
                return Err(fault);
            };
            self.prepare_typed(&missing, statements, &reported).await?;
        }
        self.prepare_variants(statements).await?;
        let mut missing: Vec<Arc<str>> = Vec::new();
        for statement in statements {
            let Some((times, total)) = repetitions(statement.action) else {
                continue;
            };
            if times < 2 {
                continue;
            }
            let Some(entry) = self.prepared.get(statement.sql) else {
                continue;
            };
            let text = entry.bulk.get_or_insert_with(|| {
                bulk::text(statement.sql, entry.statement.params(), total).map(Arc::from)
            });
            if let Some(text) = text.clone()
                && !self.prepared.has(&text)
                && !missing.contains(&text)
            {
                missing.push(text);
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        let missing: Vec<&str> = missing.iter().map(|text| &**text).collect();
        self.prepare(&missing).await
    }

    /// Refuses to repeat what keeps the keys of its rows: it would keep those of the last one.
    fn refuse_repeated(&mut self, statements: &[Statement<'_>]) -> Result<(), Fault> {
        for statement in statements {
            let many = repetitions(statement.action).is_some_and(|(times, _)| times > 1);
            if !many || !bulk::keeps(statement.sql) {
                continue;
            }
            let entry = self.prepared.get(statement.sql);
            if entry.is_none_or(|entry| !matches!(entry.bulk, Some(Some(_)))) {
                return Err(Fault::own(not_at_once(), statement.sql));
            }
        }
        Ok(())
    }

    async fn prepare(&mut self, texts: &[&str]) -> Result<(), Fault> {
        self.fence();
        let pending = std::mem::take(&mut self.pending);
        self.trips += 1;
        let (client, wire) = (&self.client, &mut self.wire);
        let mut requests = Requests::new(client, pending);
        requests.flush_words();
        for &text in texts {
            requests
                .burst
                .push(async move { client.prepare(text).await.map(Answer::Prepared) });
        }
        requests.burst.send(wire);
        let mut texts = texts.iter();
        let words = !requests.parts.is_empty();
        if words && let Some(Err(cause)) = requests.burst.next(wire).await {
            return Err(Fault::of(&cause, "BEGIN or SAVEPOINT"));
        }
        while let (Some(answer), Some(text)) = (requests.burst.next(wire).await, texts.next()) {
            match answer {
                Ok(Answer::Prepared(statement)) => self.prepared.put(text, statement),
                Ok(_) => {}
                Err(cause) => return Err(Fault::of(&cause, text)),
            }
        }
        drop(requests);
        self.unfence(true);
        Ok(())
    }

    /// Whether [`Raw::run_alone`] can run a batch, should its statement be prepared.
    pub(crate) fn is_alone(&self, batch: &Batch<'_>) -> bool {
        let [statement] = batch.statements.as_slice() else {
            return false;
        };
        self.pending.is_empty()
            && !batch.open
            && !batch.close
            && !self.streams()
            && repetitions(statement.action).is_none_or(|(times, _)| times == 1)
    }

    /// One statement, without anything around it.
    pub(crate) async fn alone(
        &mut self,
        statement: &Statement<'_>,
        out: &mut Delivery<'_>,
    ) -> Result<(), Fault> {
        self.trips += 1;
        let (sql, binds) = (statement.sql, statement.binds.as_slice());
        let entry = self.prepared.get(sql);
        let kept = entry.map(|entry| match entry.as_it_is(binds) {
            Some(kept) => kept,
            None => (entry.for_values(binds), Default::default()),
        });
        let known = kept.map_or(Default::default(), |(_, known)| known);
        let client = &self.client;
        let sent = self.latency.sent(self.trips);
        let rows = self.wire.drive(async move {
            match kept {
                Some((kept, _)) => client.query_raw(kept, binds.iter().map(Bind)).await,
                None => open(client, None, sql, binds).await,
            }
        });
        let rows = rows.await;
        self.latency.took(sent);
        let rows = pin!(rows.map_err(|cause| Fault::of(&cause, sql))?);
        let affected = drain(&mut self.wire, rows, 0, sql, known, out, |_| Ok(())).await?;
        done(out, 0, sql, affected)
    }

    /// Sends the statements from number `from` on (only that one, row by row, when `singly`) and
    /// takes their answers. `Some` is the number of a statement for many rows of which one is at
    /// fault, after a savepoint that still stands.
    async fn burst(
        &mut self,
        batch: &Batch<'_>,
        from: usize,
        singly: bool,
        out: &mut Delivery<'_>,
    ) -> Result<Option<usize>, Fault> {
        let pending = std::mem::take(&mut self.pending);
        self.trips += 1;
        let recovers = self.in_transaction && !commits(batch);
        let merge = self.new_merge.take();
        let mut requests = Requests::new(&self.client, pending);
        let until = if singly {
            from + 1
        } else {
            batch.statements.len()
        };
        for (index, statement) in batch.statements.iter().enumerate().take(until).skip(from) {
            let entry = self.prepared.get(statement.sql);
            let kept = entry
                .as_ref()
                .map(|entry| entry.for_values(&statement.binds).clone());
            let bulk = entry
                .and_then(|entry| entry.bulk.clone().flatten())
                .filter(|_| !singly);
            let bulk = bulk
                .and_then(|text| self.prepared.get(&text))
                .map(|entry| entry.statement.clone());
            match (repetitions(statement.action), bulk) {
                (Some((times, total)), Some(bulk)) if times > 1 => {
                    if recovers {
                        requests.words.push("SAVEPOINT sinew_bulk".into());
                    }
                    let part = Part::Bulk {
                        statement: index,
                        times,
                        total,
                    };
                    let width = bulk.params().len();
                    let values = &statement.binds;
                    let client = requests.client;
                    requests.add(part, async move {
                        let columns = (0..width).map(|at| Column::new(values, at, width));
                        client.query_raw(&bulk, columns).await
                    });
                    if recovers {
                        requests.words.push("RELEASE SAVEPOINT sinew_bulk".into());
                    }
                }
                (repeats, _) => repeat(&mut requests, index, statement, kept, repeats),
            }
        }
        if commits(batch) && !singly {
            requests.words.push("COMMIT".into());
            requests.flush_words();
        }
        // Costs no round trip of its own, and nothing when it is refused.
        if let Some(merge) = &merge {
            let client = requests.client;
            requests
                .burst
                .push(async move { client.prepare(&merge.text).await.map(Answer::Prepared) });
            let looks = open(client, None, merge::LOOKS_BACK, &[]);
            requests
                .burst
                .push(async move { looks.await.map(Answer::Rows) });
        }
        // The release of a savepoint need not be waited for.
        let rest = std::mem::take(&mut requests.words);
        let failed = answers(&mut self.wire, &mut requests, batch, recovers, out).await?;
        if let Some(merge) = &merge {
            let prepared = match requests.burst.next(&mut self.wire).await {
                Some(Ok(Answer::Prepared(statement))) => Some(statement),
                _ => None,
            };
            let nothing_looks = match requests.burst.next(&mut self.wire).await {
                Some(Ok(Answer::Rows(rows))) => next(&mut self.wire, pin!(rows)).await.is_none(),
                _ => false,
            };
            let prepared = prepared.filter(|_| nothing_looks);
            self.prepared.merges.prepared(merge, prepared);
        }
        if failed.is_none() {
            self.pending.extend(rest.into_iter().map(Into::into));
        }
        Ok(failed)
    }
}

/// Whether the batch ends a transaction.
pub(crate) fn commits(batch: &Batch<'_>) -> bool {
    batch.close && batch.bracket == Bracket::Transaction
}

/// How often a statement runs, and whether only the sum of its changes is wanted.
pub(crate) fn repetitions(action: Action) -> Option<(usize, bool)> {
    match action {
        Action::Each { times } => Some((times, false)),
        Action::Total { times } => Some((times, true)),
        Action::Rows | Action::Count => None,
    }
}

/// Sends a statement as often as is wanted.
fn repeat<'f>(
    requests: &mut Requests<'f>,
    index: usize,
    statement: &'f Statement<'f>,
    kept: Option<tokio_postgres::Statement>,
    repeats: Option<(usize, bool)>,
) {
    let client = requests.client;
    let Some((times, total)) = repeats else {
        let request = open(client, kept, statement.sql, &statement.binds);
        return requests.add(Part::One(index), request);
    };
    let width = statement.binds.len() / times.max(1);
    for turn in 0..times {
        let binds = statement
            .binds
            .get(turn * width..(turn + 1) * width)
            .unwrap_or_default();
        let part = match total {
            true => Part::Summed {
                statement: index,
                last: turn + 1 == times,
            },
            false => Part::One(index),
        };
        requests.add(part, open(client, kept.clone(), statement.sql, binds));
    }
}

/// Sends a statement: by its name where it is kept, otherwise its whole text, with the types of its
/// parameters left to the server.
pub(crate) async fn open<'f>(
    client: &'f Client,
    kept: Option<tokio_postgres::Statement>,
    sql: &'f str,
    binds: &'f [Value<'f>],
) -> Result<RowStream, tokio_postgres::Error> {
    match kept {
        Some(statement) => client.query_raw(&statement, binds.iter().map(Bind)).await,
        None => {
            let unspecified = typing::unspecified();
            let binds = binds.iter().map(|value| (Bind(value), unspecified.clone()));
            client.query_typed_raw(sql, binds).await
        }
    }
}

/// Takes the answers in order.
async fn answers(
    wire: &mut Wire,
    requests: &mut Requests<'_>,
    batch: &Batch<'_>,
    recovers: bool,
    out: &mut Delivery<'_>,
) -> Result<Option<usize>, Fault> {
    requests.burst.send(wire);
    let mut sum = 0;
    for part in std::mem::take(&mut requests.parts) {
        let Some(answer) = requests.burst.next(wire).await else {
            break;
        };
        let index = match part {
            Part::Words => {
                answer.map_err(|cause| Fault::of(&cause, "BEGIN, SAVEPOINT or COMMIT"))?;
                continue;
            }
            Part::One(index) => index,
            Part::Summed { statement, .. } | Part::Bulk { statement, .. } => statement,
        };
        let sql = batch
            .statements
            .get(index)
            .map_or("", |statement| statement.sql);
        let taken = match answer {
            Ok(Answer::Rows(rows)) => {
                take(wire, pin!(rows), (part, index), sql, &mut sum, out).await
            }
            Ok(_) => Ok(()),
            Err(cause) => Err(Fault::of(&cause, sql)),
        };
        match taken {
            Err(fault)
                if fault.in_rows
                    && recovers
                    && matches!(part, Part::Bulk { .. })
                    && !bulk::keeps(sql) =>
            {
                return Ok(Some(index));
            }
            other => other?,
        }
    }
    Ok(None)
}

/// Takes the rows of one answer, and reports its end.
async fn take(
    wire: &mut Wire,
    rows: Pin<&mut RowStream>,
    (part, index): (Part, usize),
    sql: &str,
    sum: &mut u64,
    out: &mut Delivery<'_>,
) -> Result<(), Fault> {
    let one = Done {
        affected: 1,
        last_id: None,
    };
    match part {
        Part::Bulk {
            times,
            total: false,
            ..
        } => {
            let mut returned = 0;
            let affected = drain(wire, rows, index, sql, &[], out, |sink| {
                returned += 1;
                sink.done(index, one)
            })
            .await?;
            if affected != times as u64 {
                return Err(Fault::own(skipped(times, affected), sql));
            }
            for _ in returned..times {
                done(out, index, sql, 1)?;
            }
        }
        Part::Summed { last, .. } => {
            *sum += drain(wire, rows, index, sql, &[], out, |_| Ok(())).await?;
            if last {
                done(out, index, sql, std::mem::take(sum))?;
            }
        }
        _ => {
            let affected = drain(wire, rows, index, sql, &[], out, |_| Ok(())).await?;
            done(out, index, sql, affected)?;
        }
    }
    Ok(())
}

pub(crate) fn done(
    out: &mut Delivery<'_>,
    index: usize,
    sql: &str,
    affected: u64,
) -> Result<(), Fault> {
    out.any = true;
    let done = Done {
        affected,
        last_id: None,
    };
    out.sink
        .done(index, done)
        .map_err(|error| Fault::own(error, sql))
}

/// Never seen by a program: nothing was sent, and the engine then waits for the keys.
#[cold]
fn not_at_once() -> Error {
    Error::new(
        ErrorKind::Statement,
        "these rows cannot be inserted by one statement, so that their keys cannot be kept",
    )
}

#[cold]
pub(crate) fn skipped(times: usize, affected: u64) -> Error {
    // Not a kind that the server reports: the rows may be there, so nothing is tried again.
    Error::new(
        ErrorKind::Unsupported,
        format!("{affected} of {times} rows were inserted, and nothing tells which"),
    )
    .with_hint("a trigger or rule of the table drops rows; insert them one by one")
}

/// The next row.
pub(crate) async fn next(
    wire: &mut Wire,
    mut rows: Pin<&mut RowStream>,
) -> Option<Result<tokio_postgres::Row, tokio_postgres::Error>> {
    std::future::poll_fn(|context| wire.poll(context, |inner| rows.as_mut().poll_next(inner))).await
}

/// Hands the rows on as they arrive; the number of rows that the statement changed.
async fn drain(
    wire: &mut Wire,
    mut rows: Pin<&mut RowStream>,
    index: usize,
    sql: &str,
    known: &[Reader],
    out: &mut Delivery<'_>,
    mut after: impl FnMut(&mut dyn Sink) -> Result<()>,
) -> Result<u64, Fault> {
    let mut found = Vec::new();
    while let Some(row) = next(wire, rows.as_mut()).await {
        let row = row.map_err(|cause| Fault::of(&cause, sql))?;
        let readers = match known {
            [] => {
                if found.is_empty() {
                    found = readers(row.columns());
                }
                &found
            }
            known => known,
        };
        out.any = true;
        let arrived = Arrived { row: &row, readers };
        let taken = out
            .sink
            .row(index, &arrived)
            .and_then(|()| after(&mut *out.sink));
        taken.map_err(|error| Fault::own(error, sql))?;
    }
    Ok(rows.rows_affected().unwrap_or_default())
}
