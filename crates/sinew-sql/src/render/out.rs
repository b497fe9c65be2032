/// Takes the pieces of a statement's text.
pub(super) trait Out {
    fn push(&mut self, piece: &str);

    /// A name that holds no quote, in quotes.
    fn quoted(&mut self, quote: u8, name: &str);

    /// Two such names with a point between them.
    fn pair(&mut self, quote: u8, table: &str, column: &str);
}

impl Out for String {
    fn push(&mut self, piece: &str) {
        self.push_str(piece);
    }

    fn quoted(&mut self, quote: u8, name: &str) {
        self.push(char::from(quote));
        self.push_str(name);
        self.push(char::from(quote));
    }

    fn pair(&mut self, quote: u8, table: &str, column: &str) {
        self.reserve(table.len() + column.len() + 5);
        self.quoted(quote, table);
        self.push('.');
        self.quoted(quote, column);
    }
}

/// Hashes text that arrives in pieces; where the pieces are cut makes no difference.
///
/// Eight bytes are mixed at a time by a folded multiplication. Equal hashes stand for equal
/// statements, so each step keeps all 64 bits of state in play.
pub(super) struct Shape {
    state: u64,
    tail: u64,
    filled: u32,
    words: u64,
}

const SEED: u64 = 0x243f_6a88_85a3_08d3;
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

impl Shape {
    pub(super) fn new() -> Self {
        Self {
            state: SEED,
            tail: 0,
            filled: 0,
            words: 0,
        }
    }

    #[inline]
    fn mix(&mut self, word: u64) {
        let product = u128::from(self.state ^ word) * u128::from(FACTOR);
        self.state = ((product >> 64) as u64 ^ product as u64).rotate_left(23);
    }

    /// Takes the lowest `bytes` (1 to 8) of a word whose other bits are zero.
    #[inline(always)]
    fn take(&mut self, word: u64, bytes: u32) {
        let shift = self.filled * 8;
        let joined = self.tail | (word << shift);
        let filled = self.filled + bytes;
        if filled < 8 {
            self.tail = joined;
            self.filled = filled;
        } else {
            self.mix(joined);
            self.words += 1;
            // In two steps: the shift may be by all 64 bits.
            self.tail = word >> 1 >> (63 - shift);
            self.filled = filled - 8;
        }
    }

    pub(super) fn finish(mut self) -> u64 {
        let (tail, length) = (self.tail, self.words * 8 + u64::from(self.filled));
        self.mix(tail);
        self.mix(length);
        self.mix(SEED);
        self.state
    }
}

/// The bytes (1 to 7) as the low end of a word.
#[inline]
fn word(bytes: &[u8]) -> u64 {
    let length = bytes.len();
    if let (Some(low), Some(high)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        let (low, high) = (u32::from_le_bytes(*low), u32::from_le_bytes(*high));
        u64::from(low) | u64::from(high) << ((length - 4) * 8)
    } else {
        let at = |at: usize| u64::from(bytes[at]) << (at * 8);
        at(0) | at(length / 2) | at(length - 1)
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
            self.take(word(rest), rest.len() as u32);
        }
    }

    #[inline]
    fn quoted(&mut self, quote: u8, name: &str) {
        self.take(quote.into(), 1);
        self.push(name);
        self.take(quote.into(), 1);
    }

    #[inline]
    fn pair(&mut self, quote: u8, table: &str, column: &str) {
        let quote = u64::from(quote);
        self.take(quote, 1);
        self.push(table);
        self.take(quote | u64::from(b'.') << 8 | quote << 16, 3);
        self.push(column);
        self.take(quote, 1);
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
    fn names_are_as_if_written_in_pieces() {
        for length in (0..20).chain(55..70) {
            let name = "n".repeat(length);
            let mut quoted = Shape::new();
            quoted.push("S ");
            quoted.quoted(b'`', &name);
            assert_eq!(quoted.finish(), hash(&["S ", "`", &name, "`"]), "{length}");
            let mut pair = Shape::new();
            pair.pair(b'`', "users", &name);
            assert_eq!(pair.finish(), hash(&["`users`.`", &name, "`"]), "{length}");
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
