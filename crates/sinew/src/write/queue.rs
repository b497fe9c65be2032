//! Statements whose answers can wait. Over a network they go out together with the next one that
//! cannot, or with the end of the transaction, and cost no round trip of their own.

use std::sync::Arc;

use sinew_core::driver::{Action, Done, Row, Sink, Statement};
use sinew_core::schema::ModelMeta;
use sinew_core::{Error, Result, Value};
use sinew_sql::Conflict;

use super::conflict::wrong_target;
use super::place::Kept;
use super::store::gone_with;

/// A statement that waits.
pub(crate) struct Later {
    pub(crate) sql: Arc<str>,
    pub(crate) binds: Vec<Value<'static>>,
    pub(crate) action: Action,
    pub(crate) blame: Blame,
    /// Each repetition has to change a row: the model of those that are gone otherwise. Their keys
    /// are the last values of each repetition.
    pub(crate) changes: Option<&'static ModelMeta>,
}

impl Later {
    fn statement(&self) -> Statement<'_> {
        Statement {
            sql: &self.sql,
            binds: self.binds.iter().map(Value::reborrow).collect(),
            action: self.action,
        }
    }

    /// How often it reports its end.
    fn reports(&self) -> usize {
        match self.action {
            Action::Each { times } => times,
            Action::Total { .. } | Action::Rows | Action::Count => 1,
        }
    }

    /// The error of the first repetition that changed nothing but had to.
    fn unchanged(&self, answer: &Answer) -> Option<Error> {
        let meta = self.changes?;
        let index = answer.dones.iter().position(|done| done.affected == 0)?;
        let each = self.binds.len() / self.action.times().max(1);
        let end = (index + 1) * each;
        let key = self.binds.get(end - meta.key.len().min(each)..end);
        let error = gone_with(meta, key.unwrap_or_default());
        Some(self.blame.place(error, index))
    }
}

/// Whom an error concerns.
pub(crate) struct Blame {
    pub(crate) meta: Option<&'static ModelMeta>,
    pub(crate) place: Kept,
    /// The record of each repetition; empty where they are in order.
    pub(crate) members: Vec<usize>,
    pub(crate) conflict: Option<Conflict>,
}

impl Blame {
    /// Nobody in particular.
    pub(crate) fn nobody() -> Self {
        Self {
            meta: None,
            place: Kept::default(),
            members: Vec::new(),
            conflict: None,
        }
    }

    fn error(&self, error: Error, repetition: usize) -> Error {
        let Some(meta) = self.meta else {
            return error;
        };
        let conflict = self.conflict.as_ref();
        let error = conflict
            .and_then(|conflict| wrong_target(meta, conflict, &error))
            .unwrap_or(error);
        self.place(
            error.with_model(meta.name).with_table(meta.table.as_ref()),
            repetition,
        )
    }

    fn place(&self, error: Error, repetition: usize) -> Error {
        let index = self.members.get(repetition).copied().unwrap_or(repetition);
        match self.place.path(index) {
            path if path.is_empty() => error,
            path => error.under(&path),
        }
    }
}

/// What a statement that waited returned.
#[derive(Default)]
pub(crate) struct Answer {
    /// Rows, each with the number of its repetition.
    pub(crate) rows: Vec<(usize, Vec<Value<'static>>)>,
    pub(crate) dones: Vec<Done>,
}

/// Where an [`Answer`] is to be had.
#[must_use = "what came of the statement is lost"]
pub(crate) struct Ticket(usize);

/// Why statements failed: the error is that of the caller's own, or of one that waited, which
/// knows its place already.
pub(crate) enum Failure {
    Own(Error),
    Earlier(Error),
}

impl Failure {
    /// The error, with what is said of it when it is the caller's.
    pub(crate) fn or(self, place: impl FnOnce(Error) -> Error) -> Error {
        match self {
            Self::Own(error) => place(error),
            Self::Earlier(error) => error,
        }
    }

    pub(crate) fn into_error(self) -> Error {
        self.or(|error| error)
    }
}

enum Entry {
    Waiting(Later),
    Sent,
    Answered(Answer),
}

/// The statements that wait, and the answers of those that were sent.
#[derive(Default)]
pub(crate) struct Queue {
    entries: Vec<Entry>,
    waiting: usize,
}

impl Queue {
    pub(crate) fn push(&mut self, later: Later) -> Ticket {
        self.waiting += 1;
        self.entries.push(Entry::Waiting(later));
        Ticket(self.entries.len() - 1)
    }

    pub(crate) fn is_waiting(&self) -> bool {
        self.waiting > 0
    }

    /// Whether an answer that has to be looked at may still say that a row is gone.
    pub(crate) fn checks(&self) -> bool {
        let checked =
            |entry: &Entry| matches!(entry, Entry::Waiting(later) if later.changes.is_some());
        self.entries.iter().any(checked)
    }

    /// Everything that waits, to be sent now.
    pub(crate) fn take(&mut self) -> Departure {
        self.waiting = 0;
        let mut departure = Departure::default();
        for (index, entry) in self.entries.iter_mut().enumerate() {
            if let Entry::Waiting(_) = entry
                && let Entry::Waiting(later) = std::mem::replace(entry, Entry::Sent)
            {
                departure.laters.push((index, later));
            }
        }
        departure
    }

    /// Keeps what came of a departure for whoever asks.
    pub(crate) fn keep(&mut self, departure: Departure) -> Result<()> {
        for ((index, later), answer) in departure.laters.into_iter().zip(departure.answers) {
            if let Some(error) = later.unchanged(&answer) {
                return Err(error);
            }
            if let Some(entry) = self.entries.get_mut(index) {
                *entry = Entry::Answered(answer);
            }
        }
        Ok(())
    }

    /// The answer, if it is there.
    pub(crate) fn answer(&mut self, ticket: &Ticket) -> Option<Answer> {
        let entry = self.entries.get_mut(ticket.0)?;
        match std::mem::replace(entry, Entry::Sent) {
            Entry::Answered(answer) => Some(answer),
            other => {
                *entry = other;
                None
            }
        }
    }
}

/// Statements on their way, and what they answered so far.
#[derive(Default)]
pub(crate) struct Departure {
    laters: Vec<(usize, Later)>,
    answers: Vec<Answer>,
}

impl Departure {
    pub(crate) fn statements(&self) -> impl Iterator<Item = Statement<'_>> {
        self.laters.iter().map(|(_, later)| later.statement())
    }

    /// Takes the answers of these, and hands on those of statements after them.
    pub(crate) fn sink<'s>(answers: &'s mut Vec<Answer>, own: &'s mut dyn Sink) -> Arrivals<'s> {
        Arrivals { answers, own }
    }

    pub(crate) fn len(&self) -> usize {
        self.laters.len()
    }

    pub(crate) fn answered(&mut self, answers: Vec<Answer>) {
        self.answers = answers;
    }

    /// Whom an error concerns: the first that was not answered in full. A row that was gone before
    /// that is what it comes from.
    pub(crate) fn failure(&self, error: Error) -> Failure {
        for ((_, later), answer) in self.laters.iter().zip(&self.answers) {
            if let Some(gone) = later.unchanged(answer) {
                return Failure::Earlier(gone);
            }
            if answer.dones.len() < later.reports() {
                return Failure::Earlier(later.blame.error(error, answer.dones.len()));
            }
        }
        Failure::Own(error)
    }
}

/// Sorts what arrives.
pub(crate) struct Arrivals<'s> {
    answers: &'s mut Vec<Answer>,
    own: &'s mut dyn Sink,
}

impl Sink for Arrivals<'_> {
    fn row(&mut self, statement: usize, row: &dyn Row) -> Result<()> {
        let before = self.answers.len();
        match self.answers.get_mut(statement) {
            Some(answer) => {
                let values: Result<_> = (0..row.len())
                    .map(|index| row.get(index).map(Value::into_owned))
                    .collect();
                answer.rows.push((answer.dones.len(), values?));
                Ok(())
            }
            None => self.own.row(statement - before, row),
        }
    }

    fn done(&mut self, statement: usize, done: Done) -> Result<()> {
        let before = self.answers.len();
        match self.answers.get_mut(statement) {
            Some(answer) => {
                answer.dones.push(done);
                Ok(())
            }
            None => self.own.done(statement - before, done),
        }
    }
}
