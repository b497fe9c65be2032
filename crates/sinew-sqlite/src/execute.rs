//! Running a batch on a connection that is at hand.

use sinew_core::driver::{Batch, Bracket, Done, Intent, Row, Sink, Statement};
use sinew_core::{Error, ErrorKind, Result};

use crate::error::Fault;
use crate::profile::{self, SlowList};
use crate::raw::Raw;
use crate::statement::run_statement;

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
}

impl Outcome {
    /// For those who waited for locks; SQLite tells them of one as an error.
    pub(crate) fn into_result(self) -> Result<()> {
        match self {
            Self::Finished(result) => result,
            Self::Locked => Err(Error::new(ErrorKind::Timeout, "the database is locked")),
        }
    }
}

impl Raw {
    /// Runs a batch. [`Outcome::Locked`] comes only while impatient.
    pub(crate) fn execute<O: Outlet>(
        &mut self,
        intent: Intent,
        batch: &Batch<'_>,
        out: &mut O,
        slow: &SlowList,
    ) -> Outcome {
        if batch.bracket == Bracket::None && batch.statements.is_empty() {
            self.cell
                .0
                .with_dependent_mut(|_, prepared| prepared.end_cursor());
            return Outcome::Finished(Ok(()));
        }
        if let Err(error) = self.check_transaction(batch) {
            return Outcome::Finished(Err(error));
        }
        if runs_many_transactions(batch) && self.is_autocommit() {
            // A lock met half-way cannot be declined any more.
            self.set_patient(true);
        }
        let mut progress = Progress {
            started: false,
            opened: !batch.open,
        };
        let result = self.steps(intent, batch, out, slow, &mut progress);
        Outcome::Finished(match result {
            Ok(()) => Ok(()),
            Err(Fault::Busy(_)) if !progress.started && !self.is_patient() => {
                return Outcome::Locked;
            }
            Err(fault) => {
                if progress.opened {
                    self.undo(batch.bracket);
                }
                Err(fault.into_error())
            }
        })
    }

    /// Refuses to go on in a transaction that is no more: its statements would be committed
    /// one by one.
    fn check_transaction(&mut self, batch: &Batch<'_>) -> Result<()> {
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

    fn steps<O: Outlet>(
        &mut self,
        intent: Intent,
        batch: &Batch<'_>,
        out: &mut O,
        slow: &SlowList,
        progress: &mut Progress,
    ) -> Result<(), Fault> {
        if batch.open {
            self.open_bracket(intent, batch.bracket)?;
            *progress = Progress {
                started: true,
                opened: true,
            };
        }
        for (index, statement) in batch.statements.iter().enumerate() {
            self.patiently(progress.started, |raw| {
                raw.statement(index, statement, out, slow)
            })?;
            progress.started = true;
        }
        if batch.close {
            out.settle().map_err(Fault::Failed)?;
            self.patiently(progress.started, |raw| raw.close_bracket(batch.bracket))?;
        }
        Ok(())
    }

    /// Runs `step`, and once more with patience when a lock was in the way of it and it is too
    /// late to decline.
    fn patiently(
        &mut self,
        started: bool,
        mut step: impl FnMut(&mut Self) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
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
    ) -> Result<(), Fault> {
        self.cell.0.with_dependent_mut(|connection, prepared| {
            run_statement(connection, prepared, index, statement, out, slow)
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

struct Progress {
    /// Something was run that cannot be run again.
    started: bool,
    /// The bracket is open.
    opened: bool,
}

fn runs_many_transactions(batch: &Batch<'_>) -> bool {
    let repeats = |s: &Statement<'_>| s.action.times() > 1;
    !batch.open && batch.statements.iter().any(repeats)
}
