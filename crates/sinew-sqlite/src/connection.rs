//! The connection that the engine holds.

use sinew_core::Result;
use sinew_core::driver::{Batch, BoxFuture, Bracket, Connection, Intent, Sink, Statement};
use tokio::runtime::{Handle, RuntimeFlavor};

use crate::execute::{Direct, Outcome, Stage, Work, can_give_way};
use crate::hop;
use crate::lease::Lease;
use crate::pool::Pool;
use crate::profile::Verdict;
use crate::raw::Raw;

pub(crate) struct SqliteConnection {
    pub(crate) lease: Lease,
    pub(crate) intent: Intent,
    round_trips: u64,
    /// The last attempt in place met a lock.
    locked: bool,
}

/// Where a batch can run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Right here; there is no runtime to hold up.
    Here,
    /// Here, once the runtime's other tasks moved aside to another thread.
    Aside,
    /// On another thread.
    Hop,
}

impl Place {
    /// Where a long batch runs.
    pub(crate) fn for_long(must_hop: bool) -> Self {
        match Handle::try_current() {
            Err(_) => Self::Here,
            Ok(_) if must_hop => Self::Hop,
            Ok(handle) if handle.runtime_flavor() == RuntimeFlavor::CurrentThread => Self::Hop,
            Ok(_) => Self::Aside,
        }
    }

    /// Whether a batch may be tried on the caller's thread after all.
    pub(crate) fn may_try_here(self, verdict: Verdict) -> bool {
        match verdict {
            Verdict::Fast => true,
            // To run it elsewhere costs much on one kind of runtime and little on the other.
            Verdict::Unknown => self != Self::Aside,
            Verdict::Rows | Verdict::Slow => self == Self::Here,
        }
    }
}

fn try_here(
    raw: &mut Raw,
    pool: &Pool,
    intent: Intent,
    batch: Work<'_>,
    sink: &mut dyn Sink,
) -> Outcome {
    raw.set_patient(false);
    raw.execute(intent, batch, &mut Direct(sink), &pool.slow)
}

/// As [`Connection::run_inline`]; a batch that met a lock was not run either.
pub(crate) fn run_inline(
    raw: &mut Raw,
    pool: &Pool,
    intent: Intent,
    batch: Work<'_>,
    sink: &mut dyn Sink,
) -> Option<Outcome> {
    let verdict = raw.verdict(batch, &pool.slow);
    if verdict != Verdict::Fast {
        let place = Place::for_long(pool.must_hop());
        let gives_way = place == Place::Hop && pool.may_pause() && can_give_way(batch);
        if gives_way || !place.may_try_here(verdict) {
            return None;
        }
    }
    Some(try_here(raw, pool, intent, batch, sink))
}

impl SqliteConnection {
    pub(crate) fn boxed(lease: Lease, intent: Intent) -> Box<dyn Connection> {
        Box::new(Self {
            lease,
            intent,
            round_trips: 0,
            locked: false,
        })
    }

    fn try_here(&mut self, batch: Work<'_>, sink: &mut dyn Sink) -> Result<Outcome> {
        let (raw, pool) = self.lease.parts()?;
        let outcome = try_here(raw, pool, self.intent, batch, sink);
        self.locked = matches!(outcome, Outcome::Locked);
        Ok(outcome)
    }

    /// Runs a batch here, and lets others have their turn between its rows.
    async fn give_way(&mut self, batch: Work<'_>, sink: &mut dyn Sink) -> Result<Outcome> {
        let mut stage = Stage::giving_way();
        loop {
            let (raw, pool) = self.lease.parts()?;
            raw.set_patient(false);
            let mut out = Direct(&mut *sink);
            let outcome = raw.go_on(self.intent, batch, &mut out, &pool.slow, &mut stage);
            self.locked = matches!(outcome, Outcome::Locked);
            if !matches!(outcome, Outcome::Paused) {
                return Ok(outcome);
            }
            tokio::task::yield_now().await;
        }
    }

    async fn run_long(&mut self, batch: Work<'_>, sink: &mut dyn Sink) -> Result<()> {
        let intent = self.intent;
        let pool = self.lease.pool.clone();
        let verdict = self.lease.raw()?.verdict(batch, &pool.slow);
        let mut place = Place::for_long(pool.must_hop());
        let gives_way = matches!(verdict, Verdict::Rows | Verdict::Unknown)
            && pool.may_pause()
            && can_give_way(batch);
        if place == Place::Hop && !self.locked && gives_way {
            match self.give_way(batch, sink).await? {
                Outcome::Locked => {}
                outcome => return outcome.into_result(),
            }
        }
        if place == Place::Hop
            && self.lease.raw()?.in_transaction
            && batch.bracket != Bracket::Transaction
        {
            // Inside somebody's transaction: a hop that is cancelled takes the connection along,
            // and what was done before would be lost with it.
            place = Place::Here;
        }
        if place == Place::Hop && !self.locked && place.may_try_here(verdict) {
            match self.try_here(batch, sink)? {
                Outcome::Locked => {}
                outcome => return outcome.into_result(),
            }
        }
        self.locked = false;
        if place == Place::Aside {
            let raw = self.lease.raw()?;
            raw.set_patient(true);
            let run = || raw.execute(intent, batch, &mut Direct(sink), &pool.slow);
            match hop::in_place(&pool, run) {
                Some(outcome) => return outcome.into_result(),
                None => place = Place::Hop,
            }
        }
        if place == Place::Hop {
            return hop::run(&mut self.lease, intent, batch, sink).await;
        }
        let raw = self.lease.raw()?;
        raw.set_patient(true);
        raw.execute(intent, batch, &mut Direct(sink), &pool.slow)
            .into_result()
    }
}

impl Connection for SqliteConnection {
    fn run_inline(&mut self, batch: &Batch<'_>, sink: &mut dyn Sink) -> Option<Result<()>> {
        let (raw, pool) = match self.lease.parts() {
            Ok(parts) => parts,
            Err(error) => return Some(Err(error)),
        };
        let outcome = run_inline(raw, pool, self.intent, Work::of(batch), sink)?;
        self.locked = matches!(outcome, Outcome::Locked);
        if self.locked {
            return None;
        }
        self.round_trips += 1;
        Some(outcome.into_result())
    }

    fn run<'c>(
        &'c mut self,
        batch: &'c Batch<'c>,
        sink: &'c mut dyn Sink,
    ) -> BoxFuture<'c, Result<()>> {
        self.round_trips += 1;
        Box::pin(self.run_long(Work::of(batch), sink))
    }

    fn fetch<'c>(
        &'c mut self,
        statement: &'c Statement<'c>,
        chunk: usize,
        sink: &'c mut dyn Sink,
    ) -> BoxFuture<'c, Result<bool>> {
        self.round_trips += 1;
        Box::pin(crate::fetch::fetch(&mut self.lease, statement, chunk, sink))
    }

    fn rollback(&mut self, bracket: Bracket) -> BoxFuture<'_, Result<()>> {
        self.round_trips += 1;
        // Where the connection is gone its transaction is rolled back already.
        if let Ok(raw) = self.lease.raw() {
            raw.roll_back(bracket);
        }
        Box::pin(std::future::ready(Ok(())))
    }

    fn round_trips(&self) -> u64 {
        self.round_trips
    }
}
