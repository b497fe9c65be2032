//! How far away the server is.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The shortest round trip that was seen, in nanoseconds; shared by the connections of a pool. What
/// the server did in the meantime is part of a measured trip, so that the shortest one counts; it is
/// forgotten slowly, for the way to the server may change.
#[derive(Clone, Debug, Default)]
pub(crate) struct Latency {
    least: Arc<AtomicU64>,
    /// How many were measured; a few say nothing, for the server may have been busy.
    seen: Arc<AtomicU64>,
}

/// From so many on they are believed.
const ENOUGH: u64 = 32;
/// From then on one trip in so many is measured.
const EVERY: u64 = 8;

impl Latency {
    /// When trip number `trip` of a connection began, where it is to be measured.
    pub(crate) fn sent(&self, trip: u64) -> Option<Instant> {
        let measured = trip.is_multiple_of(EVERY) || self.seen.load(Ordering::Relaxed) < ENOUGH;
        measured.then(Instant::now)
    }

    /// Takes note of a round trip that ends now.
    pub(crate) fn took(&self, sent: Option<Instant>) {
        let Some(sent) = sent else {
            return;
        };
        let took = u64::try_from(sent.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.seen.fetch_add(1, Ordering::Relaxed);
        let least = self.least.load(Ordering::Relaxed);
        let now = match least {
            0 => took,
            least if least < took => least + (took - least) / 64,
            _ => took,
        };
        self.least.store(now.max(1), Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> Option<Duration> {
        let enough = self.seen.load(Ordering::Relaxed) >= ENOUGH;
        enough.then(|| Duration::from_nanos(self.least.load(Ordering::Relaxed)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_counts_and_is_forgotten_slowly() {
        let latency = Latency::default();
        assert_eq!(latency.get(), None);
        let ago = |millis| Some(Instant::now() - Duration::from_millis(millis));
        for _ in 1..ENOUGH {
            latency.took(ago(10));
        }
        assert_eq!(latency.get(), None);
        assert!(latency.sent(1).is_some());
        latency.took(ago(2));
        assert!(latency.sent(EVERY).is_some() && latency.sent(EVERY + 1).is_none());
        let short = latency.get().unwrap();
        assert!(short >= Duration::from_millis(2) && short < Duration::from_millis(10));
        latency.took(ago(66));
        let later = latency.get().unwrap();
        assert!(later > short && later < short * 2);
    }
}
