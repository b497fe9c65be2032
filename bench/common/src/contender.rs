//! A contender, as the rounds see it.

use std::time::Duration;

use crate::{Digest, Result, Workload};

pub trait Contender {
    fn name(&self) -> &'static str;

    /// Whether the others are measured against it.
    fn is_by_hand(&self) -> bool;

    /// Whether it takes part in this row.
    fn has(&self, workload: Workload) -> bool;

    /// Runs the operation once and reduces its result.
    fn check(&mut self, workload: Workload) -> Result<Digest>;

    /// Runs the operation `times` times. Its input is made before and dropped after the time that
    /// is taken; its results are dropped within.
    fn sample(&mut self, workload: Workload, times: usize) -> Result<Duration>;

    /// Streams the first `rows` readings, and counts those that came.
    fn stream(&mut self, rows: i64) -> Result<usize>;

    /// How many jobs of W17 have failed so far.
    fn errors(&self) -> usize;
}
