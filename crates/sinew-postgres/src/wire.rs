//! Moving the bytes of a connection by whoever awaits an answer.
//!
//! tokio-postgres splits a connection in two: a client that requests are made with, and a future
//! that writes them, reads the answers and hands those back. The usual way gives that future a task
//! of its own; then each statement goes to another task, often on another thread, and its answer
//! comes back the same way. Here the one who waits polls both: first what is awaited, then, as long
//! as that is pending, the connection.
//!
//! Nobody reads while nobody waits. What a server says meanwhile (a notice, a changed setting, that
//! it goes away) lies in the socket; the [`Signal`] takes note of it, so that the pool looks at a
//! connection before it hands it out.

use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use tokio_postgres::Socket;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres_rustls::MakeRustlsConnect;

/// The half of a connection that reads and writes.
pub(crate) type Half =
    tokio_postgres::Connection<Socket, <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream>;

/// Nobody polls, and nothing happened since.
const IDLE: u8 = 0;
/// Somebody polls just now, and looks here before leaving.
const MOVING: u8 = 1;
/// A task sleeps until something happens.
const PARKED: u8 = 2;
/// There is something to read or to write.
const WOKEN: u8 = 4;
/// An answer, or a part of one, was handed to who awaits it.
const ANSWERED: u8 = 8;

/// So many polls in a row may be useless before the task has to let others run.
const PASSES: u32 = 8;

/// What everything about a connection wakes: its socket, and the channels between its halves.
///
/// The halves wake each other, all within one poll of one task. Were they given the task's waker,
/// each statement would have the task run again for nothing.
struct Signal {
    state: AtomicU8,
    /// Who sleeps.
    task: Mutex<Option<Waker>>,
}

impl Signal {
    fn task(&self) -> std::sync::MutexGuard<'_, Option<Waker>> {
        self.task.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins to poll. Whoever woke it until now did so for what is done next.
    fn enter(&self) {
        self.state.swap(MOVING, Ordering::AcqRel);
    }

    /// Takes note of something. The first to do so wakes who sleeps.
    fn note(&self, what: u8) {
        if self.state.fetch_or(what, Ordering::AcqRel) == PARKED {
            let task = self.task().take();
            if let Some(task) = task {
                task.wake();
            }
        }
    }

    /// Has the task sleep; `false` when something happened already.
    fn park(&self, waker: &Waker) -> bool {
        {
            let mut task = self.task();
            if !task.as_ref().is_some_and(|known| known.will_wake(waker)) {
                *task = Some(waker.clone());
            }
        }
        let parked =
            self.state
                .compare_exchange(MOVING, PARKED, Ordering::AcqRel, Ordering::Acquire);
        parked.is_ok()
    }

    /// Ends the polling. What there is to read or to write stays noted.
    fn leave(&self) {
        self.state.fetch_and(WOKEN, Ordering::AcqRel);
    }
}

/// Woken by the socket and by requests.
impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.note(WOKEN);
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.note(WOKEN);
    }
}

/// Woken by answers.
struct Answers(Arc<Signal>);

impl Wake for Answers {
    fn wake(self: Arc<Self>) {
        self.0.note(ANSWERED);
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.note(ANSWERED);
    }
}

/// The moving half, and how it is polled.
pub(crate) struct Wire {
    /// `None` once it has ended.
    half: Option<Box<Half>>,
    signal: Arc<Signal>,
    /// What the connection is polled with.
    mover: Waker,
    /// What those who await answers are polled with.
    awaiter: Waker,
}

impl Wire {
    pub(crate) fn new(half: Half) -> Self {
        let signal = Arc::new(Signal {
            // Its first poll registers it with the socket.
            state: AtomicU8::new(WOKEN),
            task: Mutex::new(None),
        });
        Self {
            half: Some(Box::new(half)),
            mover: Waker::from(Arc::clone(&signal)),
            awaiter: Waker::from(Arc::new(Answers(Arc::clone(&signal)))),
            signal,
        }
    }

    /// Awaits what the connection brings.
    pub(crate) async fn drive<F: Future>(&mut self, awaited: F) -> F::Output {
        let mut awaited = pin!(awaited);
        std::future::poll_fn(|context| self.poll(context, |inner| awaited.as_mut().poll(inner)))
            .await
    }

    /// Polls what the connection brings.
    #[inline]
    pub(crate) fn poll<T>(
        &mut self,
        context: &mut Context<'_>,
        mut awaited: impl FnMut(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        let mut passes = 0;
        loop {
            let answer = awaited(&mut Context::from_waker(&self.awaiter));
            if answer.is_ready() {
                // Where nothing was polled it is idle already.
                if passes > 0 {
                    self.signal.leave();
                }
                return answer;
            }
            passes += 1;
            if !self.advance(context.waker(), passes) {
                return Poll::Pending;
            }
        }
    }

    /// Makes requests without awaiting their answers: they leave when the first answer is awaited.
    pub(crate) fn start(&self, requests: impl FnOnce(&mut Context<'_>)) {
        requests(&mut Context::from_waker(&self.awaiter));
    }

    /// Reads and writes what can be; whether what is awaited may have come.
    fn advance(&mut self, task: &Waker, passes: u32) -> bool {
        self.signal.enter();
        self.turn();
        if passes < PASSES {
            return self.half.is_none() || !self.signal.park(task);
        }
        // The runtime wants a task back that did much, and wakes it until it has it.
        self.signal.leave();
        task.wake_by_ref();
        false
    }

    /// Polls the connection once.
    fn turn(&mut self) {
        let mut context = Context::from_waker(&self.mover);
        if let Some(half) = &mut self.half
            && Pin::new(&mut **half).poll(&mut context).is_ready()
        {
            // With it go the senders of all answers, so that who awaits one is told.
            self.half = None;
        }
    }

    /// Closes the socket at once, without a word.
    pub(crate) fn abandon(&mut self) {
        self.half = None;
    }

    /// Takes note of what came while nobody waited; whether the connection can still be used.
    pub(crate) fn is_open(&mut self) -> bool {
        if self.signal.state.load(Ordering::Acquire) != IDLE {
            self.signal.enter();
            self.turn();
            self.signal.leave();
        }
        self.half.is_some()
    }
}

/// Says goodbye, as far as that is possible without waiting, and closes the socket. The client has to
/// be gone: the connection ends when nobody can make requests any more.
impl Drop for Wire {
    fn drop(&mut self) {
        self.turn();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    #[test]
    fn a_task_is_woken_once_and_only_while_it_sleeps() {
        let signal = Arc::new(Signal {
            state: AtomicU8::new(IDLE),
            task: Mutex::new(None),
        });
        let (socket, answers) = (
            Waker::from(Arc::clone(&signal)),
            Waker::from(Arc::new(Answers(Arc::clone(&signal)))),
        );
        let count = Arc::new(Count::default());
        let task = Waker::from(Arc::clone(&count));
        let woken = || count.0.load(Ordering::SeqCst);
        // While it is polled, it only must not fall asleep.
        for waker in [&socket, &answers] {
            signal.enter();
            waker.wake_by_ref();
            assert!(!signal.park(&task));
        }
        assert_eq!(woken(), 0);
        for waker in [&socket, &answers] {
            let before = woken();
            signal.enter();
            assert!(signal.park(&task));
            waker.wake_by_ref();
            assert_eq!(woken(), before + 1);
            socket.wake_by_ref();
            answers.wake_by_ref();
            assert_eq!(woken(), before + 1);
        }
        // What there is to read is remembered, that an answer was there is not.
        signal.enter();
        answers.wake_by_ref();
        signal.leave();
        assert_eq!(signal.state.load(Ordering::SeqCst), IDLE);
        signal.enter();
        socket.wake_by_ref();
        signal.leave();
        assert_eq!(signal.state.load(Ordering::SeqCst), WOKEN);
        assert_eq!(woken(), 2);
    }
}
