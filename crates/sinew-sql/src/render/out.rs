/// Takes the pieces of a statement's text.
pub(super) trait Out {
    fn push(&mut self, piece: &str);
}

impl Out for String {
    fn push(&mut self, piece: &str) {
        self.push_str(piece);
    }
}

/// Hashes text that arrives in pieces; where the pieces are cut makes no difference.
///
/// Eight bytes are mixed at a time by a folded multiplication. Equal hashes stand for equal
/// statements, so each step keeps all 64 bits of state in play.
pub(super) struct Shape {
    state: u64,
    tail: u64,
    length: u64,
}

const SEED: u64 = 0x243f_6a88_85a3_08d3;
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

impl Shape {
    pub(super) fn new() -> Self {
        Self {
            state: SEED,
            tail: 0,
            length: 0,
        }
    }

    #[inline]
    fn mix(&mut self, word: u64) {
        let product = u128::from(self.state ^ word) * u128::from(FACTOR);
        self.state = ((product >> 64) as u64 ^ product as u64).rotate_left(23);
    }

    /// Takes the lowest `bytes` (1 to 8) of a word whose other bits are zero.
    #[inline]
    fn take(&mut self, word: u64, bytes: u64) {
        let filled = self.length % 8;
        self.length += bytes;
        let shift = filled * 8;
        let joined = self.tail | (word << shift);
        if filled + bytes < 8 {
            self.tail = joined;
        } else {
            self.mix(joined);
            self.tail = if shift == 0 { 0 } else { word >> (64 - shift) };
        }
    }

    pub(super) fn finish(mut self) -> u64 {
        let (tail, length) = (self.tail, self.length);
        self.mix(tail);
        self.mix(length);
        self.mix(SEED);
        self.state
    }
}

impl Out for Shape {
    #[inline]
    fn push(&mut self, piece: &str) {
        let (words, rest) = piece.as_bytes().as_chunks::<8>();
        for word in words {
            self.take(u64::from_le_bytes(*word), 8);
        }
        if !rest.is_empty() {
            let mut word = 0;
            for &byte in rest.iter().rev() {
                word = word << 8 | u64::from(byte);
            }
            self.take(word, rest.len() as u64);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Out, Shape};

    fn hash(pieces: &[&str]) -> u64 {
        let mut shape = Shape::new();
        for piece in pieces {
            shape.push(piece);
        }
        shape.finish()
    }

    #[test]
    fn cuts_make_no_difference() {
        let text = "SELECT \"users\".\"id\" FROM \"users\" WHERE 1";
        for a in 0..text.len() {
            for b in a..text.len() {
                let cut = hash(&[&text[..a], &text[a..b], &text[b..]]);
                assert_eq!(hash(&[text]), cut, "{a} {b}");
            }
        }
    }

    #[test]
    fn bytes_make_a_difference() {
        let mut seen = std::collections::HashSet::new();
        for length in 0..40 {
            assert!(seen.insert(hash(&["\0".repeat(length).as_str()])));
            assert!(seen.insert(hash(&["a".repeat(length + 1).as_str()])));
        }
        for n in 0..200_000 {
            assert!(seen.insert(hash(&["SELECT ", &n.to_string()])), "{n}");
        }
    }
}
