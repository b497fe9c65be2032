//! How long statements take.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{Mutex, PoisonError};

/// Batches that are expected to take longer do not run on a runtime's own thread. Tokio's advice
/// is at most 10 to 100 microseconds between two awaits; moving a batch to another thread costs up
/// to 55 microseconds and a copy of each row, so that below 2 milliseconds it would cost more
/// than it spares.
const SLOW_MICROS: f32 = 2000.0;

/// The moving average of a statement's time, in microseconds per run.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Figure {
    average: Option<f32>,
    runs: u32,
}

impl Figure {
    /// Whether to take the time of the next run. Reading the clock twice is 2 % of a find by
    /// key, so that short statements are timed at every eighth run only.
    pub(crate) fn is_due(&mut self) -> bool {
        self.runs = self.runs.wrapping_add(1);
        self.average.is_none_or(|micros| micros > SLOW_MICROS / 8.0) || self.runs.is_multiple_of(8)
    }

    /// Takes a new measurement in: the last four runs make up most of the average.
    pub(crate) fn update(&mut self, micros: f32) {
        self.average = Some(match self.average {
            Some(average) => average + (micros - average) / 4.0,
            None => micros,
        });
    }

    pub(crate) fn micros(self) -> Option<f32> {
        self.average
    }
}

/// What is expected of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Fast,
    /// It holds a statement that did not run yet.
    Unknown,
    Slow,
}

pub(crate) fn verdict(total_micros: f32, unknown: bool) -> Verdict {
    if total_micros > SLOW_MICROS {
        Verdict::Slow
    } else if unknown {
        Verdict::Unknown
    } else {
        Verdict::Fast
    }
}

/// The slow statements that any connection of a pool met, so that each need not learn by itself.
#[derive(Debug, Default)]
pub(crate) struct SlowList(Mutex<HashMap<u64, f32, BuildHasherDefault<Ready>>>);

impl SlowList {
    /// So many texts are remembered at most.
    const CAPACITY: usize = 1024;

    pub(crate) fn note(&self, key: u64, micros: f32) {
        let mut list = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if list.len() >= Self::CAPACITY && !list.contains_key(&key) {
            list.clear();
        }
        list.insert(key, micros);
    }

    pub(crate) fn get(&self, key: u64) -> Option<f32> {
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
