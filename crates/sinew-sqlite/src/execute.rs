//! Running a batch on a connection that is at hand.

use sinew_core::driver::{Action, Batch, Bracket, Done, Intent, Row, Sink, Statement};
use sinew_core::{Error, ErrorKind, Result};

use crate::error::Fault;
use crate::profile::{self, SlowList};
use crate::raw::Raw;
use crate::statement::{Reading, run_statement};

/// What a [`Batch`] says, whoever holds its statements.
#[derive(Clone, Copy)]
pub(crate) struct Work<'b> {
    pub(crate) bracket: Bracket,
    pub(crate) open: bool,
    pub(crate) close: bool,
    pub(crate) statements: &'b [Statement<'b>],
}

impl<'b> Work<'b> {
    pub(crate) fn of(batch: &'b Batch<'b>) -> Self {
        Self {
            bracket: batch.bracket,
            open: batch.open,
            close: batch.close,
            statements: &batch.statements,
        }
    }

    /// A statement with no transaction around it.
    pub(crate) fn single(statement: &'b Statement<'b>) -> Self {
        Self {
            bracket: Bracket::None,
            open: false,
            close: false,
            statements: std::slice::from_ref(statement),
        }
    }
}

/// Where rows go; a sink that may be on another thread.
pub(crate) trait Outlet: Sink {
    /// Waits until everything is taken, before the bracket closes.
    fn settle(&mut self) -> Result<()>;
}

/// A sink on this thread.
pub(crate) struct Direct<'s>(pub(crate) &'s mut dyn Sink);

impl Sink for Direct<'_> {
    fn row(&mut self, statement: usize, row: &dyn Row) -> Result<()> {
        self.0.row(statement, row)
    }

    fn done(&mut self, statement: usize, done: Done) -> Result<()> {
        self.0.done(statement, done)
    }
}

impl Outlet for Direct<'_> {
    fn settle(&mut self) -> Result<()> {
        Ok(())
    }
}

/// How a batch went.
pub(crate) enum Outcome {
    Finished(Result<()>),
    /// A lock was in the way and nothing was run.
    Locked,
    /// Others have their turn, then it goes on.
    Paused,
}

impl Outcome {
    /// For those who waited for locks; SQLite tells them of one as an error.
    pub(crate) fn into_result(self) -> Result<()> {
        match self {
            Self::Finished(result) => result,
            Self::Locked => Err(Error::new(ErrorKind::Timeout, "the database is locked")),
            Self::Paused => Err(Error::new(
                ErrorKind::Database,
                "a statement was left half-way",
            )),
        }
    }
}

impl Raw {
    /// Runs a batch. [`Outcome::Locked`] comes only while impatient.
    pub(crate) fn execute<O: Outlet>(
        &mut self,
        intent: Intent,
        batch: Work<'_>,
        out: &mut O,
        slow: &SlowList,
    ) -> Outcome {
        self.go_on(intent, batch, out, slow, &mut Stage::default())
    }

    /// As [`Raw::execute`], from where `stage` says. [`Outcome::Paused`] comes only where it is
    /// allowed there.
    pub(crate) fn go_on<O: Outlet>(
        &mut self,
        intent: Intent,
        batch: Work<'_>,
        out: &mut O,
        slow: &SlowList,
        stage: &mut Stage,
    ) -> Outcome {
        if !stage.begun {
            if let Some(result) = self.prelude(batch) {
                return Outcome::Finished(result);
            }
            stage.begun = true;
            stage.opened = !batch.open;
        }
        match self.steps(intent, batch, out, slow, stage) {
            Ok(true) => Outcome::Finished(Ok(())),
            Ok(false) => Outcome::Paused,
            Err(Fault::Busy(_)) if !stage.started && !self.is_patient() => Outcome::Locked,
            Err(fault) => {
                if stage.opened {
                    self.undo(batch.bracket);
                }
                Outcome::Finished(Err(fault.into_error()))
            }
        }
    }

    /// What comes before the first statement; some batches end with it.
    fn prelude(&mut self, batch: Work<'_>) -> Option<Result<()>> {
        self.cell
            .0
            .with_dependent_mut(|_, prepared| prepared.end_paused());
        if batch.bracket == Bracket::None && batch.statements.is_empty() {
            self.cell
                .0
                .with_dependent_mut(|_, prepared| prepared.end_cursor());
            return Some(Ok(()));
        }
        if let Err(error) = self.check_transaction(batch) {
            return Some(Err(error));
        }
        if runs_many_transactions(batch) && self.is_autocommit() {
            // A lock met half-way cannot be declined any more.
            self.set_patient(true);
        }
        None
    }

    /// Refuses to go on in a transaction that is no more: its statements would be committed
    /// one by one.
    fn check_transaction(&mut self, batch: Work<'_>) -> Result<()> {
        let continues = batch.bracket != Bracket::None && !batch.open;
        if (continues || self.in_transaction) && self.is_autocommit() {
            if batch.bracket == Bracket::Transaction {
                self.in_transaction = false;
            }
            return Err(Error::new(
                ErrorKind::Closed,
                "the transaction is no longer open: an earlier error rolled it back",
            ));
        }
        Ok(())
    }

    /// Whether all is done, or it gave way before that.
    fn steps<O: Outlet>(
        &mut self,
        intent: Intent,
        batch: Work<'_>,
        out: &mut O,
        slow: &SlowList,
        stage: &mut Stage,
    ) -> Result<bool, Fault> {
        if batch.open && !stage.opened {
            self.open_bracket(intent, batch.bracket)?;
            stage.started = true;
            stage.opened = true;
        }
        for (index, statement) in batch.statements.iter().enumerate().skip(stage.next) {
            let started = stage.started;
            let done = self.patiently(started, |raw| {
                raw.statement(index, statement, out, slow, &mut stage.reading)
            })?;
            stage.started = true;
            if !done {
                return Ok(false);
            }
            stage.next = index + 1;
        }
        if batch.close {
            out.settle().map_err(Fault::Failed)?;
            self.patiently(stage.started, |raw| raw.close_bracket(batch.bracket))?;
        }
        Ok(true)
    }

    /// Runs `step`, and once more with patience when a lock was in the way of it and it is too
    /// late to decline.
    fn patiently<T>(
        &mut self,
        started: bool,
        mut step: impl FnMut(&mut Self) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        match step(self) {
            Err(Fault::Busy(_)) if started && !self.is_patient() => {
                self.set_patient(true);
                step(self)
            }
            result => result,
        }
    }

    fn statement<O: Outlet>(
        &mut self,
        index: usize,
        statement: &Statement<'_>,
        out: &mut O,
        slow: &SlowList,
        reading: &mut Reading,
    ) -> Result<bool, Fault> {
        self.cell.0.with_dependent_mut(|connection, prepared| {
            run_statement(connection, prepared, index, statement, out, slow, reading)
                .map_err(|fault| fault.with_sql(statement.sql))
        })
    }

    fn open_bracket(&mut self, intent: Intent, bracket: Bracket) -> Result<(), Fault> {
        match (bracket, intent) {
            (Bracket::None, _) => Ok(()),
            (Bracket::Transaction, intent) => {
                // A writer takes the lock at once: taken later it could fail without a remedy.
                self.simple(match intent {
                    Intent::Read => "BEGIN",
                    Intent::Write => "BEGIN IMMEDIATE",
                })?;
                self.in_transaction = true;
                Ok(())
            }
            (Bracket::Savepoint(depth), _) => self.simple(&format!("SAVEPOINT sinew_{depth}")),
        }
    }

    fn close_bracket(&mut self, bracket: Bracket) -> Result<(), Fault> {
        match bracket {
            Bracket::None => Ok(()),
            Bracket::Transaction => {
                self.simple("COMMIT")?;
                self.in_transaction = false;
                Ok(())
            }
            Bracket::Savepoint(depth) => self.simple(&format!("RELEASE sinew_{depth}")),
        }
    }

    /// Undoes what the bracket holds. An error here has nothing to add to the one that led here:
    /// a connection whose transaction stays open is rolled back when it is released.
    pub(crate) fn undo(&mut self, bracket: Bracket) {
        // SQLite itself may have rolled everything back: on a full disk, for one.
        let open = !self.is_autocommit();
        match bracket {
            Bracket::None => {}
            Bracket::Transaction => {
                self.in_transaction = false;
                if open {
                    let _ = self.simple("ROLLBACK");
                }
            }
            Bracket::Savepoint(depth) if open => {
                let _ = self.simple(&format!("ROLLBACK TO sinew_{depth}"));
                let _ = self.simple(&format!("RELEASE sinew_{depth}"));
            }
            Bracket::Savepoint(_) => {}
        }
    }

    fn simple(&mut self, sql: &str) -> Result<(), Fault> {
        self.cell.0.with_dependent_mut(|connection, prepared| {
            let entry = prepared.entry(connection, profile::hash(sql), sql)?;
            let mut rows = entry.statement.raw_query();
            rows.next()
                .map(|_| ())
                .map_err(|e| Fault::of(&e).with_sql(sql))
        })
    }
}

/// How far a batch has come.
#[derive(Default)]
pub(crate) struct Stage {
    begun: bool,
    /// The statement to go on with.
    next: usize,
    /// Something was run that cannot be run again.
    started: bool,
    /// The bracket is open.
    opened: bool,
    reading: Reading,
}

impl Stage {
    /// The beginning of a batch whose statements give way between their rows.
    pub(crate) fn giving_way() -> Self {
        Self {
            reading: Reading::giving_way(),
            ..Self::default()
        }
    }
}

/// Whether statements of this batch may give way between their rows: none of them holds anything
/// that others could wait for.
pub(crate) fn can_give_way(batch: Work<'_>) -> bool {
    let reads = |s: &Statement<'_>| s.action == Action::Rows;
    batch.bracket == Bracket::None && batch.statements.iter().all(reads)
}

fn runs_many_transactions(batch: Work<'_>) -> bool {
    let repeats = |s: &Statement<'_>| s.action.times() > 1;
    !batch.open && batch.statements.iter().any(repeats)
}
