//! What every contender does.

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::digest::Digest;
use crate::workload::Workload;

pub trait Contender {
    fn name(&self) -> &'static str;

    /// Whether it takes part in this row.
    fn has(&self, workload: Workload) -> bool;

    /// Runs the operation once and reduces its result.
    fn check(&mut self, workload: Workload) -> Digest;

    /// Runs the operation `times` times. Its input is made before and dropped after the time that
    /// is taken; its results are dropped within.
    fn sample(&mut self, workload: Workload, times: usize) -> Duration;
}

/// The time of `operation` over all inputs.
pub fn timed<I, T>(mut inputs: Vec<I>, mut operation: impl FnMut(&mut I) -> T) -> Duration {
    let start = Stopwatch::start();
    for input in &mut inputs {
        black_box(operation(input));
    }
    start.elapsed()
}

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
