//! How long statements take.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Batches that are expected to take longer are not run in one go on a runtime's own thread, and
/// statements that are expected to go so long without a row not there at all. Tokio's advice is at
/// most 10 to 100 microseconds between two awaits; moving a batch to another thread costs up to 55
/// microseconds and a copy of each row, so that below 2 milliseconds it would cost more than it
/// spares.
const SLOW_MICROS: f32 = 2000.0;

/// How long a statement hands out rows before the runtime's other tasks have their turn. Giving
/// way costs about a microsecond.
pub(crate) const TURN: Duration = Duration::from_millis(1);

/// What a statement took so far.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Figure {
    /// The moving average of its time, in microseconds per run.
    average: Option<f32>,
    /// The moving average of the longest time that a run went without a row.
    stretch: Option<f32>,
    runs: u32,
}

/// What a pool remembers of a statement.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    pub(crate) micros: f32,
    pub(crate) stretch: Option<f32>,
}

impl Figure {
    /// Whether to take the time of the next run. Reading the clock twice is 2 % of a find by
    /// key, so that short statements are timed at every eighth run only.
    pub(crate) fn is_due(&mut self) -> bool {
        self.runs = self.runs.wrapping_add(1);
        self.average.is_none_or(|micros| micros > SLOW_MICROS / 8.0) || self.runs.is_multiple_of(8)
    }

    /// Takes a new measurement in: the time of a run, and its longest stretch without a row.
    pub(crate) fn update(&mut self, micros: f32, stretch: f32) {
        self.average = Some(averaged(self.average, micros));
        self.stretch = Some(averaged(self.stretch, stretch));
    }

    pub(crate) fn known(self) -> Option<Known> {
        let stretch = self.stretch;
        self.average.map(|micros| Known { micros, stretch })
    }
}

/// A moving average. A run that took long because the machine or the disk was busy says nothing of
/// the statement: what is far above the average is not believed at once, and the way down is
/// shorter than the way up.
fn averaged(average: Option<f32>, micros: f32) -> f32 {
    match average {
        None => micros,
        Some(average) if micros < average => average.midpoint(micros),
        Some(average) => average + (micros.min(average * 8.0) - average) / 4.0,
    }
}

/// Looks at the clock now and then while rows come.
pub(crate) struct Watch {
    rows: u32,
    began: Instant,
    at: Instant,
    first: Duration,
    looks: u32,
    /// When others have their turn, if they may.
    until: Option<Instant>,
}

impl Watch {
    /// So many rows come between two looks.
    const ROWS: u32 = 64;

    pub(crate) fn start(gives_way: bool) -> Self {
        let at = Instant::now();
        Self {
            rows: 0,
            began: at,
            at,
            first: Duration::ZERO,
            looks: 0,
            until: gives_way.then(|| at + TURN),
        }
    }

    /// A row came. Whether to give way.
    #[inline]
    pub(crate) fn row(&mut self) -> bool {
        self.rows += 1;
        (self.rows == 1 || self.rows.is_multiple_of(Self::ROWS)) && self.look()
    }

    #[inline(never)]
    fn look(&mut self) -> bool {
        let now = Instant::now();
        if self.looks == 0 {
            self.first = now - self.began;
        }
        self.looks += 1;
        self.at = now;
        self.until.is_some_and(|until| now >= until)
    }

    /// The time taken, and the longest without a row: before the first, after the last, or between
    /// two looks on average. The longest between two looks would often be the time in which
    /// another program had the processor.
    pub(crate) fn stop(self) -> (Duration, Duration) {
        let now = Instant::now();
        let between = (self.at - self.began) / self.looks.max(1);
        let longest = self.first.max(now - self.at).max(between);
        (now - self.began, longest)
    }
}

/// What is expected of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Fast,
    /// It holds a statement that did not run yet.
    Unknown,
    /// It takes long, but rows come all the time.
    Rows,
    /// It goes on for long without a row.
    Slow,
}

/// Sums up the statements of a batch.
#[derive(Default)]
pub(crate) struct Estimate {
    micros: f32,
    stretch: f32,
    unknown: bool,
}

impl Estimate {
    /// Adds a statement that runs so many times: what its connection knows of it, or else its
    /// pool.
    pub(crate) fn add(
        &mut self,
        own: Option<Known>,
        pool: impl FnOnce() -> Option<Known>,
        times: usize,
    ) {
        let known = own.or_else(|| {
            self.unknown = true;
            pool()
        });
        let Some(known) = known else { return };
        // Only an estimate.
        #[allow(clippy::cast_precision_loss)]
        let micros = known.micros * times as f32;
        self.micros += micros;
        self.stretch = self.stretch.max(match times {
            1 => known.stretch.unwrap_or_default(),
            _ => micros,
        });
    }

    pub(crate) fn verdict(&self) -> Verdict {
        if self.micros <= SLOW_MICROS {
            return match self.unknown {
                true => Verdict::Unknown,
                false => Verdict::Fast,
            };
        }
        match self.stretch > SLOW_MICROS {
            true => Verdict::Slow,
            false => Verdict::Rows,
        }
    }
}

/// The slow statements that any connection of a pool met, so that each need not learn by itself.
#[derive(Debug, Default)]
pub(crate) struct SlowList(Mutex<HashMap<u64, Known, BuildHasherDefault<Ready>>>);

impl SlowList {
    /// So many texts are remembered at most.
    const CAPACITY: usize = 1024;

    pub(crate) fn note(&self, key: u64, known: Known) {
        let mut list = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if list.len() >= Self::CAPACITY && !list.contains_key(&key) {
            list.clear();
        }
        list.insert(key, known);
    }

    pub(crate) fn get(&self, key: u64) -> Option<Known> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&key)
            .copied()
    }
}

/// A hash of a statement's text. It meets every statement at every run, hence no cryptography:
/// eight bytes a step. Callers compare the text where a collision would matter.
pub(crate) fn hash(text: &str) -> u64 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut state = text.len() as u64;
    let (words, rest) = text.as_bytes().as_chunks::<8>();
    for word in words {
        state = (state.rotate_left(5) ^ u64::from_le_bytes(*word)).wrapping_mul(FACTOR);
    }
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    state = (state.rotate_left(5) ^ u64::from_le_bytes(last)).wrapping_mul(FACTOR);
    state ^ (state >> 32)
}

/// Passes a key on that is a hash already.
#[derive(Debug, Default)]
pub(crate) struct Ready(u64);

impl Hasher for Ready {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_hiccup_does_not_make_a_statement_slow() {
        let mut figure = Figure::default();
        figure.update(80.0, 80.0);
        figure.update(50_000.0, 50_000.0);
        let verdict = |figure: Figure| {
            let mut estimate = Estimate::default();
            estimate.add(figure.known(), || None, 1);
            estimate.verdict()
        };
        assert_eq!(verdict(figure), Verdict::Fast);
        for _ in 0..4 {
            figure.update(50_000.0, 50_000.0);
        }
        assert_eq!(verdict(figure), Verdict::Slow);
        for _ in 0..8 {
            figure.update(80.0, 80.0);
        }
        assert_eq!(verdict(figure), Verdict::Fast);
    }

    #[test]
    fn many_rows_are_not_a_long_wait() {
        let mut figure = Figure::default();
        figure.update(30_000.0, 100.0);
        let mut estimate = Estimate::default();
        estimate.add(figure.known(), || None, 1);
        assert_eq!(estimate.verdict(), Verdict::Rows);
        estimate.add(None, || None, 1);
        assert_eq!(estimate.verdict(), Verdict::Rows);
        assert_eq!(Estimate::default().verdict(), Verdict::Fast);
        // Run many times it hands out no rows.
        let mut repeated = Estimate::default();
        repeated.add(figure.known(), || None, 2);
        assert_eq!(repeated.verdict(), Verdict::Slow);
    }
}
