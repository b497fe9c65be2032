//! Maps whose keys name rows.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::OnceLock;

use super::existing::Encoded;

/// A map from keys of rows.
pub(crate) type KeyMap<V, K = Encoded> = HashMap<K, V, Seed>;

/// A set of keys of rows.
pub(crate) type KeySet<K = Encoded> = HashSet<K, Seed>;

/// What the keys of this process are hashed with: nobody outside knows it, so nobody can choose keys
/// that collide.
#[derive(Clone, Copy)]
pub(crate) struct Seed(u64);

impl Default for Seed {
    fn default() -> Self {
        static SEED: OnceLock<u64> = OnceLock::new();
        Self(*SEED.get_or_init(|| RandomState::new().hash_one(0)))
    }
}

impl BuildHasher for Seed {
    type Hasher = KeyHasher;

    #[inline]
    fn build_hasher(&self) -> KeyHasher {
        KeyHasher(self.0)
    }
}

/// Folds a multiplication per word: keys are mostly one integer, for which the standard hash does
/// much more than is needed.
pub(crate) struct KeyHasher(u64);

const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

impl KeyHasher {
    #[inline]
    fn mix(&mut self, word: u64) {
        let product = u128::from(self.0 ^ word) * u128::from(FACTOR);
        // Both halves of the product matter.
        #[allow(clippy::cast_possible_truncation)]
        let folded = (product >> 64) as u64 ^ product as u64;
        self.0 = folded.rotate_left(23);
    }
}

impl Hasher for KeyHasher {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.mix(u64::from_le_bytes(*word));
        }
        let mut last = [0; 8];
        for (to, from) in last.iter_mut().zip(rest) {
            *to = *from;
        }
        self.mix(u64::from_le_bytes(last));
    }

    #[inline]
    fn write_u8(&mut self, word: u8) {
        self.mix(word.into());
    }

    #[inline]
    fn write_u64(&mut self, word: u64) {
        self.mix(word);
    }

    #[inline]
    fn write_i64(&mut self, word: i64) {
        self.mix(word.cast_unsigned());
    }

    #[inline]
    fn write_usize(&mut self, word: usize) {
        self.mix(word as u64);
    }

    #[inline]
    fn write_isize(&mut self, word: isize) {
        self.mix(word.cast_unsigned() as u64);
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::{KeySet, Seed};
    use crate::write::Encoded;
    use std::hash::BuildHasher;

    #[test]
    fn neighbours_spread() {
        let seed = Seed::default();
        let mut low = std::collections::HashSet::new();
        let mut high = std::collections::HashSet::new();
        for n in 0..4096_i64 {
            let hash = seed.hash_one(Encoded::Int(n));
            low.insert(hash & 0xfff);
            high.insert(hash >> 57);
        }
        // Thrown at random, 4096 balls leave about 63 % of 4096 bins hit.
        assert!(low.len() > 2200, "{}", low.len());
        assert_eq!(high.len(), 128);
    }

    #[test]
    fn tells_bytes_apart() {
        let mut seen = KeySet::default();
        for length in 0..40 {
            assert!(seen.insert(Encoded::Bytes(vec![0; length])), "{length}");
            assert!(seen.insert(Encoded::Bytes(vec![1; length + 1])), "{length}");
        }
        let seed = Seed::default();
        let hashes: std::collections::HashSet<u64> =
            seen.iter().map(|key| seed.hash_one(key)).collect();
        assert_eq!(hashes.len(), seen.len());
    }
}
