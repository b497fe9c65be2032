//! Keys made by the client.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};

use sinew_core::Timestamp;

/// The last moment given out: 48 bits of milliseconds, 12 bits that count within one.
static LAST: AtomicU64 = AtomicU64::new(0);

/// A UUID of version 7: they sort by the time they were made, also within a millisecond.
pub(super) fn v7(now: Timestamp) -> [u8; 16] {
    let millis = now
        .micros()
        .unwrap_or_default()
        .div_euclid(1000)
        .max(0)
        .cast_unsigned();
    let wanted = (millis & 0xffff_ffff_ffff) << 12;
    let next = |last: u64| wanted.max(last + 1);
    let last = LAST.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| {
        Some(next(last))
    });
    let stamp = next(last.unwrap_or_else(|last| last));
    // Each `RandomState` has keys of its own, seeded by the operating system.
    let mut hasher = RandomState::new().build_hasher();
    hasher.write_u64(stamp);
    let random = hasher.finish();
    let high = (stamp >> 12 << 16) | 0x7000 | (stamp & 0xfff);
    let low = (random & 0x3fff_ffff_ffff_ffff) | 0x8000_0000_0000_0000;
    ((u128::from(high) << 64) | u128::from(low)).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_of_version_7_and_ascend() {
        let now = Timestamp::now();
        let keys: Vec<[u8; 16]> = (0..10_000).map(|_| v7(now)).collect();
        assert!(keys.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(keys.iter().all(|key| key[6] >> 4 == 7 && key[8] >> 6 == 2));
    }
}
