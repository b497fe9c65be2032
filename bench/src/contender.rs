//! What every contender does.

use std::hint::black_box;
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
    let start = Instant::now();
    for input in &mut inputs {
        black_box(operation(input));
    }
    start.elapsed()
}
