//! The connections of one database and who waits for them.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::Instant;

use sinew_core::driver::Intent;
use sinew_core::{Error, ErrorKind, Result};

use crate::config::Config;
use crate::lease::{Lease, Loan};
use crate::open::Role;
use crate::profile::SlowList;
use crate::raw::Raw;
use crate::waiter::{self, Alarm, Grant, Waiter};

pub(crate) struct Pool {
    config: Config,
    lanes: Mutex<Lanes>,
    /// Whether reading has a lane of its own.
    beside: bool,
    pub(crate) slow: SlowList,
    /// Set when `block_in_place` refused, as it does within a `LocalSet`.
    pub(crate) must_hop: AtomicBool,
    pub(crate) alarm: Arc<Alarm>,
}

struct Lanes {
    closed: bool,
    writer: Lane,
    readers: Lane,
}

/// Connections of one role. While someone waits none is idle: they are handed over directly, in
/// the order of asking.
struct Lane {
    /// Boxed, as they are handed from owner to owner.
    #[allow(clippy::vec_box)]
    idle: Vec<Box<Raw>>,
    /// Connections that exist, lent ones included.
    open: usize,
    limit: usize,
    waiting: VecDeque<Arc<Waiter>>,
}

impl Lane {
    fn new(limit: usize) -> Self {
        Self {
            idle: Vec::new(),
            open: 0,
            limit,
            waiting: VecDeque::new(),
        }
    }

    /// Gives `grant` to the first who still waits, or back. Whom to wake is returned, as that is
    /// better done when the pool is no longer locked.
    fn hand_over(&mut self, mut grant: Grant) -> Result<Option<Waker>, Grant> {
        while let Some(waiter) = self.waiting.pop_front() {
            match waiter.give(grant) {
                Ok(waker) => return Ok(waker),
                Err(back) => grant = back,
            }
        }
        Err(grant)
    }
}

impl Lanes {
    fn lane(&mut self, role: Role) -> &mut Lane {
        match role {
            Role::Writer => &mut self.writer,
            Role::Reader => &mut self.readers,
        }
    }
}

impl Pool {
    pub(crate) fn open(config: Config) -> Result<Arc<Self>> {
        let (raw, beside) = Raw::open(&config, Role::Writer)?;
        let mut writer = Lane::new(1);
        writer.open = 1;
        writer.idle.push(Box::new(raw));
        let lanes = Lanes {
            closed: false,
            writer,
            readers: Lane::new(config.readers.max(1)),
        };
        Ok(Arc::new(Self {
            config,
            lanes: Mutex::new(lanes),
            beside,
            slow: SlowList::default(),
            must_hop: AtomicBool::new(false),
            alarm: Arc::default(),
        }))
    }

    pub(crate) fn beside(&self) -> bool {
        self.beside
    }

    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    pub(crate) fn must_hop(&self) -> bool {
        self.must_hop.load(Ordering::Relaxed)
    }

    /// Whether a statement that is read in part keeps nobody waiting but who waits for its
    /// connection. Elsewhere it would hold a lock that another connection wants.
    pub(crate) fn may_pause(&self) -> bool {
        self.beside || self.config.is_private()
    }

    fn role(&self, intent: Intent) -> Role {
        if intent == Intent::Read && self.beside {
            Role::Reader
        } else {
            Role::Writer
        }
    }

    fn lanes(&self) -> MutexGuard<'_, Lanes> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lease(self: &Arc<Self>, role: Role, raw: Box<Raw>) -> Lease {
        Lease::new(self.clone(), role, raw)
    }

    /// A connection that is free or may still be opened.
    pub(crate) fn try_take(self: &Arc<Self>, intent: Intent) -> Option<Result<Lease>> {
        self.take_or(intent, |_| ())
    }

    /// As [`Pool::try_take`], for one call.
    pub(crate) fn try_borrow(&self, intent: Intent) -> Option<Result<Loan<'_>>> {
        let raw = self.raw_or(intent, |_| ())?;
        Some(raw.map(|raw| Loan::new(self, self.role(intent), raw)))
    }

    /// As [`Pool::try_take`], and `otherwise` gets in line while the pool is still locked.
    pub(crate) fn take_or_wait(
        self: &Arc<Self>,
        intent: Intent,
        waiter: &Arc<Waiter>,
    ) -> Option<Result<Lease>> {
        self.take_or(intent, |lane| lane.waiting.push_back(waiter.clone()))
    }

    fn take_or(
        self: &Arc<Self>,
        intent: Intent,
        otherwise: impl FnOnce(&mut Lane),
    ) -> Option<Result<Lease>> {
        let raw = self.raw_or(intent, otherwise)?;
        Some(raw.map(|raw| self.lease(self.role(intent), raw)))
    }

    fn raw_or(
        &self,
        intent: Intent,
        otherwise: impl FnOnce(&mut Lane),
    ) -> Option<Result<Box<Raw>>> {
        let role = self.role(intent);
        let mut lanes = self.lanes();
        if lanes.closed {
            return Some(Err(closed()));
        }
        let lane = lanes.lane(role);
        if let Some(raw) = lane.idle.pop() {
            return Some(Ok(raw));
        }
        if lane.open < lane.limit {
            lane.open += 1;
            drop(lanes);
            return Some(self.open_one(role));
        }
        otherwise(lane);
        None
    }

    /// Opens a connection whose place was reserved.
    fn open_one(&self, role: Role) -> Result<Box<Raw>> {
        match Raw::open(&self.config, role) {
            Ok((raw, _)) => Ok(Box::new(raw)),
            Err(error) => {
                self.free_place(role);
                Err(error)
            }
        }
    }

    /// Turns what a waiter was given into a connection.
    pub(crate) fn redeem(self: &Arc<Self>, intent: Intent, grant: Grant) -> Result<Lease> {
        let role = self.role(intent);
        match grant {
            Grant::Connection(raw) => Ok(self.lease(role, raw)),
            Grant::Place => self.open_one(role).map(|raw| self.lease(role, raw)),
            Grant::Closed => Err(closed()),
            Grant::TimedOut => Err(waiter::timed_out(
                role,
                self.beside,
                self.config.acquire_timeout,
            )),
        }
    }

    /// Passes on what was granted to someone who no longer wants it.
    pub(crate) fn decline(&self, intent: Intent, grant: Grant) {
        match grant {
            Grant::Connection(raw) => self.put_back(self.role(intent), raw),
            Grant::Place => self.free_place(self.role(intent)),
            Grant::Closed | Grant::TimedOut => {}
        }
    }

    /// Takes a connection back, cleans it and hands it on.
    pub(crate) fn put_back(&self, role: Role, mut raw: Box<Raw>) {
        // Rolls back outside the lock. A database in memory would be gone if it were closed.
        if !raw.clean() && !self.config.is_memory() {
            drop(raw);
            self.free_place(role);
            return;
        }
        let mut lanes = self.lanes();
        if lanes.closed {
            lanes.lane(role).open -= 1;
            drop(lanes);
            return;
        }
        let lane = lanes.lane(role);
        let waker = match lane.hand_over(Grant::Connection(raw)) {
            Ok(waker) => waker,
            Err(Grant::Connection(raw)) => {
                lane.idle.push(raw);
                None
            }
            Err(_) => None,
        };
        drop(lanes);
        wake(waker);
    }

    /// A connection is gone: another may be opened in its place.
    fn free_place(&self, role: Role) {
        let mut lanes = self.lanes();
        let lane = lanes.lane(role);
        let waker = lane.hand_over(Grant::Place).unwrap_or_else(|_| {
            lane.open -= 1;
            None
        });
        drop(lanes);
        wake(waker);
    }

    /// Tells those whose time is up, and when the next one's will be.
    pub(crate) fn expire(&self, now: Instant) -> Option<Instant> {
        let mut lanes = self.lanes();
        let mut next: Option<Instant> = None;
        let mut wakers = Vec::new();
        for role in [Role::Writer, Role::Reader] {
            let waiting = &mut lanes.lane(role).waiting;
            while let Some(first) = waiting.front() {
                if first.deadline > now {
                    let soonest = next.map_or(first.deadline, |next| next.min(first.deadline));
                    next = Some(soonest);
                    break;
                }
                if let Some(waiter) = waiting.pop_front() {
                    // Someone who gave up by himself has no use for it.
                    wakers.extend(waiter.give(Grant::TimedOut).ok().flatten());
                }
            }
        }
        drop(lanes);
        wake(wakers);
        next
    }

    pub(crate) fn close(&self) {
        let mut lanes = self.lanes();
        lanes.closed = true;
        let (mut idle, mut wakers) = (Vec::new(), Vec::new());
        for role in [Role::Reader, Role::Writer] {
            let lane = lanes.lane(role);
            lane.open -= lane.idle.len();
            idle.append(&mut lane.idle);
            while let Ok(waker) = lane.hand_over(Grant::Closed) {
                wakers.extend(waker);
            }
        }
        drop(lanes);
        wake(wakers);
        // The writer last: it empties the log into the file.
        idle.into_iter().for_each(drop);
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.alarm.stop();
    }
}

fn wake(wakers: impl IntoIterator<Item = Waker>) {
    wakers.into_iter().for_each(Waker::wake);
}

fn closed() -> Error {
    Error::new(ErrorKind::Closed, "the database is closed")
}
