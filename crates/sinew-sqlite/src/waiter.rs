//! Waiting for a connection, with or without a runtime.
//!
//! Timeouts come from a thread of the pool's own, which lives only while someone waits: a tokio
//! runtime may be built without timers, and there may be no runtime at all.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, PoisonError, Weak};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use sinew_core::driver::Intent;
use sinew_core::{Error, ErrorKind, Result};

use crate::lease::Lease;
use crate::open::Role;
use crate::pool::Pool;
use crate::raw::Raw;

/// What a waiter gets.
pub(crate) enum Grant {
    Connection(Box<Raw>),
    /// The right to open a connection.
    Place,
    Closed,
    TimedOut,
}

enum State {
    Waiting(Option<Waker>),
    Granted(Grant),
    Gone,
}

pub(crate) struct Waiter {
    state: Mutex<State>,
    pub(crate) deadline: Instant,
}

impl Waiter {
    /// Gives, unless it went away; then the grant comes back. The caller wakes.
    pub(crate) fn give(&self, grant: Grant) -> Result<Option<Waker>, Grant> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let State::Waiting(waker) = &mut *state else {
            return Err(grant);
        };
        let waker = waker.take();
        *state = State::Granted(grant);
        Ok(waker)
    }

    fn swap(&self, new: State) -> State {
        std::mem::replace(
            &mut *self.state.lock().unwrap_or_else(PoisonError::into_inner),
            new,
        )
    }

    fn poll(&self, cx: &Context<'_>) -> Poll<Grant> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let State::Waiting(waker) = &mut *state {
            *waker = Some(cx.waker().clone());
            return Poll::Pending;
        }
        match std::mem::replace(&mut *state, State::Gone) {
            State::Granted(grant) => Poll::Ready(grant),
            // Polled after it was ready: there is nothing to come.
            State::Waiting(_) | State::Gone => Poll::Ready(Grant::Closed),
        }
    }
}

/// The future of [`Driver::acquire`](sinew_core::driver::Driver::acquire).
pub(crate) struct Acquire {
    pool: Arc<Pool>,
    intent: Intent,
    waiter: Option<Arc<Waiter>>,
}

impl Acquire {
    pub(crate) fn new(pool: Arc<Pool>, intent: Intent) -> Self {
        Self {
            pool,
            intent,
            waiter: None,
        }
    }
}

impl Future for Acquire {
    type Output = Result<Lease>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if this.waiter.is_none() {
            if let Some(lease) = this.pool.try_take(this.intent) {
                return Poll::Ready(lease);
            }
            let wait = this.pool.config().acquire_timeout;
            if wait.is_zero() {
                return Poll::Ready(this.pool.redeem(this.intent, Grant::TimedOut));
            }
            let waiter = Arc::new(Waiter {
                state: Mutex::new(State::Waiting(Some(cx.waker().clone()))),
                deadline: Instant::now() + wait,
            });
            if let Some(lease) = this.pool.take_or_wait(this.intent, &waiter) {
                return Poll::Ready(lease);
            }
            Alarm::ensure(&this.pool, waiter.deadline);
            this.waiter = Some(waiter);
            return Poll::Pending;
        }
        let Some(waiter) = &this.waiter else {
            return Poll::Pending;
        };
        match waiter.poll(cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(grant) => {
                this.waiter = None;
                Poll::Ready(this.pool.redeem(this.intent, grant))
            }
        }
    }
}

impl Drop for Acquire {
    fn drop(&mut self) {
        if let Some(waiter) = self.waiter.take()
            && let State::Granted(grant) = waiter.swap(State::Gone)
        {
            self.pool.decline(self.intent, grant);
        }
    }
}

/// Wakes those who waited too long.
#[derive(Default)]
pub(crate) struct Alarm {
    state: Mutex<AlarmState>,
    changed: Condvar,
}

#[derive(Default)]
struct AlarmState {
    running: bool,
    stopped: bool,
}

impl Alarm {
    /// Sees to it that the pool is looked at when `first` has come. All wait equally long, so
    /// later ones come up no sooner.
    fn ensure(pool: &Arc<Pool>, first: Instant) {
        let alarm = pool.alarm.clone();
        let mut state = alarm.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.running {
            return;
        }
        let (weak, shared) = (Arc::downgrade(pool), alarm.clone());
        let thread = std::thread::Builder::new().name("sinew-sqlite-timeouts".into());
        // Without the thread the wait is only not cut short.
        state.running = thread.spawn(move || shared.run(&weak, first)).is_ok();
    }

    fn run(&self, pool: &Weak<Pool>, mut next: Instant) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            while !state.stopped {
                let Some(left) = next.checked_duration_since(Instant::now()) else {
                    break;
                };
                if left.is_zero() {
                    break;
                }
                let waited = self.changed.wait_timeout(state, left);
                state = waited.unwrap_or_else(PoisonError::into_inner).0;
            }
            if state.stopped {
                return;
            }
            // Not under this lock: the last handle to the pool may go here, which stops us.
            drop(state);
            let soonest = pool.upgrade().map(|pool| pool.expire(Instant::now()));
            state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            match soonest {
                Some(Some(soonest)) => next = soonest,
                // Whoever gets in line between the look and here starts a new thread, or is
                // found by a last look.
                Some(None) => {
                    state.running = false;
                    drop(state);
                    self.last_look(pool);
                    return;
                }
                None => return,
            }
        }
    }

    fn last_look(&self, pool: &Weak<Pool>) {
        if let Some(pool) = pool.upgrade()
            && let Some(next) = pool.expire(Instant::now())
        {
            Self::ensure(&pool, next);
        }
    }

    pub(crate) fn stop(&self) {
        self.state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .stopped = true;
        self.changed.notify_all();
    }
}

/// Tells whom one waited for in vain, and what to do about it.
#[cold]
pub(crate) fn timed_out(role: Role, beside: bool, waited: Duration) -> Error {
    let (what, hint) = match role {
        Role::Writer if beside => (
            "the writing connection",
            "a transaction holds it: commit or drop it, keep transactions short, or raise \
             `acquire_timeout`; a transaction must not wait for a write outside of it",
        ),
        Role::Writer => (
            "the connection",
            "this database has a single one and a transaction or stream holds it: finish or \
             drop that first, or raise `acquire_timeout`",
        ),
        Role::Reader => (
            "a reading connection",
            "finish or drop open streams, raise `readers`, or raise `acquire_timeout`",
        ),
    };
    let message = format!("{what} did not become free within {waited:?}");
    Error::new(ErrorKind::Timeout, message).with_hint(hint)
}
