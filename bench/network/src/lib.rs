//! A slow network in front of the database: every chunk is held back for the delay, in both
//! directions, and what the client sends is counted.
//!
//! The threads are plain ones, as the timer of an async runtime is too coarse for 1 ms. A chunk has a
//! due time of its own, so that the delay limits no bandwidth, and a direction is one queue, so that
//! nothing is overtaken.

mod count;
mod wire;

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

pub use count::Counts;

use count::Counter;

pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    target: SocketAddr,
    delay: Duration,
    /// One for each connection.
    counters: Mutex<Vec<Arc<Mutex<Counter>>>>,
    stopped: AtomicBool,
}

/// Bytes, and when they arrive.
type Chunk = (Instant, Vec<u8>);

impl Proxy {
    /// Listens on a port of its own for clients of the server at `target`.
    pub fn start(target: SocketAddr, delay: Duration) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            target,
            delay,
            counters: Mutex::default(),
            stopped: AtomicBool::new(false),
        });
        let all = Arc::clone(&shared);
        thread::spawn(move || {
            for client in listener.incoming() {
                if all.stopped.load(Ordering::Relaxed) {
                    return;
                }
                if let Err(error) = client.and_then(|client| join(client, &all)) {
                    eprintln!("the proxy cannot connect: {error}");
                }
            }
        });
        Ok(Self { address, shared })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What was sent through it until now.
    pub fn counts(&self) -> Counts {
        let counters = locked(&self.shared.counters);
        let counts = counters.iter().map(|counter| locked(counter).counts());
        counts.fold(Counts::default(), |all, counts| all + counts)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::Relaxed);
        // The listener looks at the flag when somebody comes.
        let _ = TcpStream::connect(self.address);
    }
}

fn locked<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Carries one client's bytes to the server and back.
fn join(client: TcpStream, shared: &Arc<Shared>) -> io::Result<()> {
    let server = TcpStream::connect(shared.target)?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let up = (client.try_clone()?, server.try_clone()?);
    let requests = Arc::<Mutex<Counter>>::default();
    let answers = Arc::clone(&requests);
    locked(&shared.counters).push(Arc::clone(&requests));
    let mut reader = wire::Reader::client();
    // Counted when they are sent.
    let sent = move |bytes: &[u8]| locked(&requests).sent(&mut reader, bytes);
    direction(up, shared.delay, sent, |_| {});
    let mut reader = wire::Reader::server();
    // Counted when they arrive, as the client answers to what it has.
    let arrived = move |bytes: &[u8]| locked(&answers).answered(&mut reader, bytes);
    direction((server, client), shared.delay, |_| {}, arrived);
    Ok(())
}

fn direction(
    (mut from, to): (TcpStream, TcpStream),
    delay: Duration,
    mut sent: impl FnMut(&[u8]) + Send + 'static,
    arrived: impl FnMut(&[u8]) + Send + 'static,
) {
    let (queue, due) = mpsc::channel();
    thread::spawn(move || deliver(&due, to, arrived));
    thread::spawn(move || {
        let _ = read(&mut from, delay, &queue, &mut sent);
    });
}

fn read(
    from: &mut TcpStream,
    delay: Duration,
    queue: &Sender<Chunk>,
    sent: &mut impl FnMut(&[u8]),
) -> io::Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let length = from.read(&mut buffer)?;
        let Some(bytes) = buffer.get(..length).filter(|bytes| !bytes.is_empty()) else {
            return Ok(());
        };
        let due = Instant::now() + delay;
        sent(bytes);
        if queue.send((due, bytes.to_vec())).is_err() {
            return Ok(());
        }
    }
}

fn deliver(queue: &Receiver<Chunk>, mut to: TcpStream, mut arrived: impl FnMut(&[u8])) {
    wake_up_in_time();
    while let Ok((due, bytes)) = queue.recv() {
        thread::sleep(due.saturating_duration_since(Instant::now()));
        arrived(&bytes);
        if to.write_all(&bytes).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}

/// Otherwise the system may let this thread sleep for 50 us more, to save power.
fn wake_up_in_time() {
    #[cfg(target_os = "linux")]
    // SAFETY: it sets a number of the calling thread.
    unsafe {
        libc::prctl(libc::PR_SET_TIMERSLACK, 1_u64);
    }
}
