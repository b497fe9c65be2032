//! Taking the time.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Takes the time on the wall, or that of the processor.
pub struct Stopwatch {
    start: Instant,
    cpu: Option<Duration>,
}

static CPU: AtomicBool = AtomicBool::new(false);

impl Stopwatch {
    /// From now on the processor's time counts, of all threads together: on a machine that others
    /// use too it is much steadier.
    pub fn use_cpu_time() {
        CPU.store(true, Ordering::Relaxed);
    }

    pub fn start() -> Self {
        let cpu = CPU.load(Ordering::Relaxed).then(cpu_time);
        Self {
            start: Instant::now(),
            cpu,
        }
    }

    pub fn elapsed(&self) -> Duration {
        match self.cpu {
            Some(start) => cpu_time() - start,
            None => self.start.elapsed(),
        }
    }
}

/// What this process has used of the processor.
fn cpu_time() -> Duration {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the call writes into a variable that is there.
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &raw mut time) };
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
