//! Where the statements of a write go: all on one connection, or, where hooks run in between,
//! each on the transaction that the hooks use too.

use sinew_core::driver::{Action, Intent, Sink, Statement};
use sinew_core::{Error, ErrorKind, Result, Value};

use super::promise::Promises;
use super::queue::{Answer, Blame, Departure, Failure, Later, Queue, Ticket};
use crate::db::{Db, Ignore, Op, Prepared};

pub(crate) enum Lane<'d> {
    Op(OpLane<'d>),
    Tx(&'d Db),
}

/// A connection of its own, with what waits to be sent on it.
pub(crate) struct OpLane<'d> {
    op: Op<'d>,
    queue: Queue,
    /// Whether the end of the transaction may travel with the last statements.
    rides: bool,
    /// Whether it failed in a way that does not tell which row is at fault: statements for many
    /// rows on which the transaction's end rode, or rows that were presumed to be new.
    vague: bool,
    presumed: bool,
    /// Whether the end of the transaction was sent.
    ended: bool,
    promises: Promises,
}

/// What follows a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// Further statements.
    More,
    /// Nothing: it is the last one.
    Last,
    /// Whatever; nobody looks at its answer.
    Unseen,
}

impl Then {
    /// The last one only if `more` says that nothing follows.
    pub(crate) fn unless(self, more: bool) -> Self {
        match self {
            Self::Last if more => Self::More,
            other => other,
        }
    }
}

impl<'d> Lane<'d> {
    pub(crate) fn alone(op: Op<'d>, rides: bool) -> Self {
        Self::Op(OpLane {
            op,
            queue: Queue::default(),
            rides,
            vague: false,
            presumed: false,
            ended: false,
            promises: Promises::default(),
        })
    }

    pub(crate) fn db(&self) -> &Db {
        match self {
            Self::Op(lane) => lane.op.db(),
            Self::Tx(db) => db,
        }
    }

    /// Whether statements can wait for others: not where hooks may look at what they did, and not
    /// where a round trip costs nothing.
    pub(crate) fn defers(&self) -> bool {
        match self {
            Self::Op(lane) => !lane.op.db().dialect().capabilities().embedded.supported,
            Self::Tx(_) => false,
        }
    }

    /// Whether statements can be sent before those ahead of them are answered.
    pub(crate) fn pipelines(&self) -> bool {
        self.defers() && self.db().dialect().capabilities().pipelining.supported
    }

    /// Notes that something was written without a look whether that is right.
    pub(crate) fn presumed(&mut self) {
        if let Self::Op(lane) = self {
            lane.presumed = true;
        }
    }

    /// The keys that only the server knows so far.
    pub(super) fn promises(&self) -> Option<&Promises> {
        match self {
            Self::Op(lane) if !lane.promises.is_empty() => Some(&lane.promises),
            _ => None,
        }
    }

    /// Those with what is to be added to them. Only where [`Lane::defers`].
    pub(super) fn promises_mut(&mut self) -> Result<&mut Promises> {
        match self {
            Self::Op(lane) => Ok(&mut lane.promises),
            Self::Tx(_) => Err(lost()),
        }
    }

    pub(super) fn take_promises(&mut self) -> Promises {
        match self {
            Self::Op(lane) => std::mem::take(&mut lane.promises),
            Self::Tx(_) => Promises::default(),
        }
    }

    /// What came of a statement that waited, if it was sent.
    pub(super) fn answer(&mut self, ticket: &Ticket) -> Option<Answer> {
        match self {
            Self::Op(lane) => lane.queue.answer(ticket),
            Self::Tx(_) => None,
        }
    }

    /// Whether a write that failed with this error may succeed, or fail with one that says more,
    /// when it is done again with less haste.
    pub(super) fn is_vague(&self, error: &Error) -> bool {
        use ErrorKind as K;
        let lost = matches!(
            error.kind(),
            K::Connection | K::Closed | K::Timeout | K::Conflict
        );
        match self {
            Self::Op(lane) => lane.vague || lane.presumed && !lane.ended && !lost,
            Self::Tx(_) => false,
        }
    }

    /// Sends a statement with the next one that cannot wait. Only where [`Lane::defers`].
    pub(crate) fn later(&mut self, later: Later) -> Result<Ticket> {
        match self {
            Self::Op(lane) => Ok(lane.queue.push(later)),
            Self::Tx(_) => Err(lost()),
        }
    }

    /// Runs a statement whose answer nobody looks at.
    pub(crate) async fn unseen(
        &mut self,
        mut prepared: Prepared<'_>,
        action: Action,
    ) -> Result<()> {
        if !self.defers() {
            let statements = vec![prepared.statement(action)];
            self.run(statements, &mut Ignore).await?;
            return Ok(());
        }
        let later = Later {
            sql: prepared.sql,
            binds: prepared.binds.into_iter().map(Value::into_owned).collect(),
            action,
            blame: Blame::nobody(),
            changes: None,
        };
        self.later(later).map(|_ticket| ())
    }

    /// What came of a statement that waited.
    pub(crate) async fn settle(&mut self, ticket: &Ticket, then: Then) -> Result<Answer> {
        let Self::Op(lane) = self else {
            return Err(lost());
        };
        if let Some(answer) = lane.queue.answer(ticket) {
            return Ok(answer);
        }
        let sent = lane.send(then, Vec::new(), &mut Ignore).await;
        sent.map_err(Failure::into_error)?;
        lane.queue.answer(ticket).ok_or_else(lost)
    }

    pub(crate) async fn run(
        &mut self,
        statements: Vec<Statement<'_>>,
        sink: &mut dyn Sink,
    ) -> Result<()> {
        let sent = self.run_then(Then::More, statements, sink).await;
        sent.map_err(Failure::into_error)
    }

    /// As [`Lane::run`], for a caller that knows what follows, and whom an error concerns.
    pub(crate) async fn run_then(
        &mut self,
        then: Then,
        statements: Vec<Statement<'_>>,
        sink: &mut dyn Sink,
    ) -> Result<(), Failure> {
        match self {
            Self::Op(lane) => lane.send(then, statements, sink).await,
            Self::Tx(db) => {
                let run = async {
                    let mut op = db.op(Intent::Write, false).await?;
                    op.run(statements, sink).await?;
                    op.finish().await
                };
                run.await.map_err(Failure::Own)
            }
        }
    }

    /// Keeps what was done. An error leaves nothing of it.
    pub(crate) async fn finish(&mut self) -> Result<()> {
        match self {
            Self::Op(lane) => {
                if lane.queue.is_waiting() {
                    let sent = lane.send(Then::Last, Vec::new(), &mut Ignore).await;
                    sent.map_err(Failure::into_error)?;
                }
                lane.ended = true;
                lane.op.commit().await
            }
            Self::Tx(_) => Ok(()),
        }
    }

    /// Undoes what was done; on a transaction its owner does that.
    pub(crate) async fn undo(&mut self) -> Result<()> {
        match self {
            Self::Op(lane) => lane.op.roll_back().await,
            Self::Tx(_) => Ok(()),
        }
    }
}

impl OpLane<'_> {
    /// Sends what waits, and then these statements.
    async fn send(
        &mut self,
        then: Then,
        statements: Vec<Statement<'_>>,
        sink: &mut dyn Sink,
    ) -> Result<(), Failure> {
        let last = self.rides && then == Then::Last && !self.queue.checks();
        self.ended |= last;
        let many = |statements: &[Statement<'_>]| statements.iter().any(|s| s.action.times() > 1);
        if !self.queue.is_waiting() {
            let vague = self.presumed || last && many(&statements);
            let sent = self.op.run_and(last, statements, sink).await;
            self.vague = vague && sent.as_ref().is_err_and(was_refused);
            return sent.map_err(Failure::Own);
        }
        let mut departure = self.queue.take();
        let mut answers: Vec<Answer> = Vec::new();
        answers.resize_with(departure.len(), Answer::default);
        let all: Vec<_> = departure.statements().chain(statements).collect();
        let vague = self.presumed || last && many(&all);
        let mut arrivals = Departure::sink(&mut answers, sink);
        let sent = self.op.run_and(last, all, &mut arrivals).await;
        departure.answered(answers);
        match sent {
            Ok(()) => self.queue.keep(departure).map_err(Failure::Earlier),
            Err(error) => {
                self.vague = vague && was_refused(&error);
                Err(departure.failure(error))
            }
        }
    }
}

/// Whether the database refused something, rather than that an answer was lost or could not be read:
/// then it is certain that the transaction was undone.
fn was_refused(error: &Error) -> bool {
    use ErrorKind as K;
    matches!(
        error.kind(),
        K::UniqueViolation
            | K::ForeignKeyViolation
            | K::NotNullViolation
            | K::CheckViolation
            | K::ValueTooLong
            | K::Statement
            | K::ReadOnly
            | K::Database
    )
}

/// Only a slip of Sinew's own leads here.
fn lost() -> Error {
    Error::new(
        ErrorKind::Unsupported,
        "a statement was to wait where none can",
    )
}
