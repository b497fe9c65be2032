//! Running a batch.

use mysql_async::Conn;
use sinew_core::driver::{Action, Batch, Bracket, Done, Row, Sink, Statement};
use sinew_core::{Error, ErrorKind, Result, Value};

use crate::bind;
use crate::error::Fault;
use crate::list;
use crate::prepared::Entry;
use crate::row::Fetched;
use crate::session::Session;
use crate::text::{self, OnDuplicate, Verb};

/// What one execution is to do.
#[derive(Clone, Copy)]
pub(crate) struct Run {
    pub(crate) index: usize,
    /// Whether rows are wanted.
    pub(crate) rows: bool,
}

impl Session {
    /// Runs a batch. Dropped before its end, what it was doing is awaited by whoever comes next.
    ///
    /// What is seldom done is boxed, here and below: the future of a batch is moved to the heap for
    /// each operation, and would be several times as large.
    pub(crate) async fn run(&mut self, batch: &Batch<'_>, sink: &mut dyn Sink) -> Result<()> {
        self.ready().await?;
        self.end_stream().await?;
        self.check_transaction(batch)?;
        self.busy = true;
        let mut opened = !batch.open;
        let result = self.steps(batch, sink, &mut opened).await;
        let result = match result {
            Ok(()) => Ok(()),
            Err(fault) => Err(Box::pin(self.fail(fault, batch, opened)).await),
        };
        self.busy = false;
        self.broken = result.as_ref().is_err_and(|fault| fault.fatal);
        result.map_err(|fault| fault.error)
    }

    /// Brings the connection to where something can be asked: where the future of an operation was
    /// dropped, its answer is still to come, and what it opened may have to be undone.
    pub(crate) async fn ready(&mut self) -> Result<()> {
        self.check_usable()?;
        if self.busy {
            Box::pin(self.settle()).await.map_err(|fault| {
                self.broken |= fault.fatal;
                fault.error
            })?;
            self.busy = false;
        }
        Ok(())
    }

    /// Refuses a connection that broke.
    fn check_usable(&self) -> Result<()> {
        if self.broken || self.wire.is_broken() {
            return Err(Error::new(
                ErrorKind::Closed,
                "the connection broke; its transaction is rolled back",
            ));
        }
        Ok(())
    }

    /// Awaits what was given up. Dropped before its end, it is done again.
    async fn settle(&mut self) -> Result<(), Fault> {
        self.wire.drain().await?;
        self.stream = None;
        // Nobody heard what became of the transaction.
        if self.in_transaction && !self.lost {
            self.lost = !self.asks_for_transaction().await;
        }
        if let Some(bracket) = self.owed {
            self.undo(bracket).await?;
            self.owed = None;
        }
        Ok(())
    }

    /// Refuses to go on in a transaction that is no more: its statements would be committed one
    /// by one.
    fn check_transaction(&mut self, batch: &Batch<'_>) -> Result<()> {
        if !self.lost {
            return Ok(());
        }
        if batch.bracket == Bracket::Transaction {
            self.lost = false;
            self.in_transaction = false;
            if batch.open {
                return Ok(());
            }
        }
        Err(Error::new(
            ErrorKind::Closed,
            "the transaction is no longer open: an earlier error rolled it back",
        ))
    }

    async fn steps(
        &mut self,
        batch: &Batch<'_>,
        sink: &mut dyn Sink,
        opened: &mut bool,
    ) -> Result<(), Fault> {
        if batch.open {
            Box::pin(self.open_bracket(batch.bracket)).await?;
            *opened = true;
        }
        for (index, statement) in batch.statements.iter().enumerate() {
            self.statement(index, statement, sink)
                .await
                .map_err(|fault| fault.with_sql(statement.sql))?;
        }
        if batch.close {
            Box::pin(self.close_bracket(batch.bracket)).await?;
        }
        Ok(())
    }

    async fn open_bracket(&mut self, bracket: Bracket) -> Result<(), Fault> {
        match bracket {
            Bracket::None => Ok(()),
            Bracket::Transaction => {
                // Said first: dropped while it waits, it has begun.
                self.in_transaction = true;
                let begun = self.simple("BEGIN").await;
                self.in_transaction = begun.is_ok();
                begun
            }
            Bracket::Savepoint(depth) => self.simple(&format!("SAVEPOINT sinew_{depth}")).await,
        }
    }

    async fn close_bracket(&mut self, bracket: Bracket) -> Result<(), Fault> {
        match bracket {
            Bracket::None => Ok(()),
            Bracket::Transaction => {
                self.simple("COMMIT").await?;
                self.in_transaction = false;
                Ok(())
            }
            // The next savepoint of its name takes its place, and the end of the transaction all of
            // them: to release it would cost a round trip.
            Bracket::Savepoint(_) => Ok(()),
        }
    }

    /// Undoes the bracket after an error, and finds out what the error did to the transaction.
    async fn fail(&mut self, fault: Fault, batch: &Batch<'_>, opened: bool) -> Fault {
        if fault.fatal {
            self.lost = self.in_transaction;
            return fault;
        }
        let ended = self.in_transaction
            && fault.may_end_transaction()
            && !self.asks_for_transaction().await;
        if ended {
            self.lost = true;
        }
        let fault = self.tell_columns(fault).await;
        if opened && let Err(undone) = self.undo(batch.bracket).await {
            return Fault {
                fatal: undone.fatal,
                ..fault
            };
        }
        fault
    }

    /// Rolls a bracket back.
    async fn undo(&mut self, bracket: Bracket) -> Result<(), Fault> {
        match bracket {
            Bracket::None => Ok(()),
            Bracket::Transaction => {
                let ended = std::mem::take(&mut self.lost);
                if !ended {
                    self.simple("ROLLBACK").await?;
                }
                self.in_transaction = false;
                Ok(())
            }
            Bracket::Savepoint(_) if self.lost => Ok(()),
            Bracket::Savepoint(depth) => {
                let sql =
                    format!("ROLLBACK TO SAVEPOINT sinew_{depth}; RELEASE SAVEPOINT sinew_{depth}");
                let undone = self.simple(&sql).await;
                // No such savepoint: it went with its transaction, or was given up before it was
                // set.
                if let Err(fault) = &undone
                    && fault.code == 1305
                {
                    self.lost = !self.asks_for_transaction().await;
                    return Ok(());
                }
                undone
            }
        }
    }

    /// Rolls back on request; without a bracket it ends a stream.
    pub(crate) async fn roll_back(&mut self, bracket: Bracket) -> Result<()> {
        if self.check_usable().is_err() {
            // It is closed when it is released, and all that is open on it undone.
            return Ok(());
        }
        self.owed = Some(bracket).filter(|bracket| *bracket != Bracket::None);
        if self.busy {
            // What is owed is part of becoming ready.
            return self.ready().await;
        }
        if bracket == Bracket::None && !self.in_transaction && self.stream.is_some() {
            // Cheaper to open another connection than to read to the end: this one is closed when
            // it is released.
            return Ok(());
        }
        self.end_stream().await?;
        self.busy = true;
        let undone = self.undo(bracket).await;
        self.owed = None;
        self.busy = false;
        self.broken = undone.as_ref().is_err_and(|fault| fault.fatal);
        undone.map_err(|fault| fault.error)
    }

    /// Which columns a unique key has; only MariaDB's and MySQL's dictionary knows.
    async fn tell_columns(&mut self, fault: Fault) -> Fault {
        let (error, sql) = (&fault.error, fault.error.sql());
        if error.kind() != ErrorKind::UniqueViolation || error.column().is_some() || self.lost {
            return fault;
        }
        let table = error
            .table()
            .map(str::to_owned)
            .or_else(|| sql.and_then(text::table));
        let (Some(table), Some(key)) = (table, error.constraint().map(str::to_owned)) else {
            return fault;
        };
        let columns = self.columns_of(&table, &key).await;
        let mut error = fault.error.with_table(table);
        if let Some(columns) = columns {
            error = error.with_column(columns);
        }
        Fault { error, ..fault }
    }

    async fn columns_of(&mut self, table: &str, key: &str) -> Option<String> {
        const SQL: &str = "SELECT GROUP_CONCAT(column_name ORDER BY seq_in_index SEPARATOR ', ') \
                           FROM information_schema.statistics \
                           WHERE table_schema = DATABASE() AND table_name = ? AND index_name = ?";
        let entry = self.entry(SQL).await.ok()?;
        self.round_trips += 1;
        let names = (table, key).into();
        self.wire.execute(&entry.statement, names).await.ok()?;
        let mut rows = self.wire.rows().ok()?;
        let found = rows.next().await.ok()?.and_then(|row| row.get_opt(0));
        rows.drop_result().await.ok()?;
        found?.ok()?
    }

    async fn statement(
        &mut self,
        index: usize,
        statement: &Statement<'_>,
        sink: &mut dyn Sink,
    ) -> Result<(), Fault> {
        if let Some((sql, binds)) = list::split(statement, self.packet)? {
            let action = statement.action;
            let sql = &sql;
            let statement = Statement { sql, binds, action };
            return Box::pin(self.repeat(index, &statement, sink)).await;
        }
        if !matches!(statement.action, Action::Total { .. }) {
            return self.repeat(index, statement, sink).await;
        }
        let mut sum = Sum { sink, affected: 0 };
        Box::pin(self.repeat(index, statement, &mut sum)).await?;
        let done = Done {
            affected: sum.affected,
            last_id: None,
        };
        Ok(sink.done(index, done)?)
    }

    async fn repeat(
        &mut self,
        index: usize,
        statement: &Statement<'_>,
        sink: &mut dyn Sink,
    ) -> Result<(), Fault> {
        let run = Run {
            index,
            rows: statement.action != Action::Count,
        };
        let times = statement.action.times();
        if times > 1
            && self.in_transaction
            && Box::pin(self.many(run, statement, times, sink)).await?
        {
            return Ok(());
        }
        let mut entry = self.entry(statement.sql).await?;
        let width = usize::from(entry.statement.num_params());
        for time in 0..repetitions(width, times, &statement.binds)? {
            let values = &statement.binds[time * width..(time + 1) * width];
            let mut otherwise = false;
            let done = loop {
                match self.once(run, &entry, values, sink).await {
                    Ok(done) => break done,
                    Err(fault) if otherwise => return Err(fault),
                    Err(fault) => {
                        otherwise = true;
                        let other = self.otherwise(statement.sql, &entry, fault);
                        entry = Box::pin(other).await?;
                    }
                }
            };
            sink.done(index, done)?;
        }
        self.let_go(entry).await
    }

    /// Executes once.
    pub(crate) async fn once(
        &mut self,
        run: Run,
        entry: &Entry,
        values: &[Value<'_>],
        sink: &mut dyn Sink,
    ) -> Result<Done, Fault> {
        let params = bind::params(values, self.packet)?;
        self.round_trips += 1;
        self.wire.execute(&entry.statement, params).await?;
        let mut result = self.wire.rows()?;
        let mut refused = None;
        while let Some(row) = result.next().await.map_err(Fault::of)? {
            if run.rows
                && refused.is_none()
                && let Err(error) = sink.row(run.index, &Fetched { row: &row })
            {
                // What still comes has to be read before anything else can be asked.
                refused = Some(error);
            }
        }
        if !result.is_empty() {
            // Another set of rows, as procedures have them.
            Box::pin(result.drop_result()).await.map_err(Fault::of)?;
        }
        match refused {
            Some(error) => Err(error.into()),
            None => Ok(report(self.wire.conn()?, entry)),
        }
    }
}

/// Counts and keys of the statement that just ran.
fn report(conn: &Conn, entry: &Entry) -> Done {
    let changed = conn.affected_rows();
    let info = conn.info();
    let affected = match (entry.meaning.verb, entry.meaning.on_duplicate) {
        (Verb::Select | Verb::Other, _) => return Done::default(),
        (Verb::Delete, _) => changed,
        (Verb::Update, _) => figure(&info, "Rows matched: ").unwrap_or(changed),
        (Verb::Insert, OnDuplicate::Fail) => changed,
        (Verb::Insert, on_duplicate) => match figure(&info, "Duplicates: ") {
            // A row that was updated counts twice.
            Some(updated) => changed.saturating_sub(updated),
            None if on_duplicate == OnDuplicate::Keep => changed.min(1),
            None => 1,
        },
    };
    let last_id = (entry.meaning.verb == Verb::Insert && affected > 0)
        .then(|| conn.last_insert_id())
        .flatten()
        .filter(|id| *id != 0)
        .and_then(|id| i64::try_from(id).ok());
    Done { affected, last_id }
}

/// Adds up what the repetitions did.
struct Sum<'s> {
    sink: &'s mut dyn Sink,
    affected: u64,
}

impl Sink for Sum<'_> {
    fn row(&mut self, statement: usize, row: &dyn Row) -> Result<()> {
        self.sink.row(statement, row)
    }

    fn done(&mut self, _statement: usize, done: Done) -> Result<()> {
        self.affected += done.affected;
        Ok(())
    }
}

/// `Rows matched: 40  Changed: 40  Warnings: 0`
fn figure(info: &str, name: &str) -> Option<u64> {
    let (_, rest) = info.split_once(name)?;
    rest.split_whitespace().next()?.parse().ok()
}

/// How often the statement runs, if it was given the values for that.
pub(crate) fn repetitions(parameters: usize, times: usize, binds: &[Value<'_>]) -> Result<usize> {
    let (wanted, given) = (parameters * times, binds.len());
    if wanted == given {
        return Ok(times);
    }
    Err(bind::invalid(format!(
        "the statement has placeholders for {wanted} values, got {given}"
    )))
}
