/// Takes the pieces of a statement's text.
pub(super) trait Out {
    fn push(&mut self, piece: &str);

    /// A name that holds no quote, in quotes.
    fn quoted(&mut self, quote: &'static str, name: &str) {
        self.push(quote);
        self.push(name);
        self.push(quote);
    }

    /// Two such names with a point between them.
    fn pair(&mut self, quote: &'static str, table: &str, column: &str) {
        self.quoted(quote, table);
        self.push(".");
        self.quoted(quote, column);
    }
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

/// Joins pieces, so that they are mixed by whole words.
struct Joined {
    bytes: [u8; Self::SIZE],
    length: usize,
}

impl Joined {
    const SIZE: usize = 64;

    fn new() -> Self {
        Self { bytes: [0; Self::SIZE], length: 0 }
    }

    #[inline]
    fn add(&mut self, piece: &[u8]) {
        self.bytes[self.length..self.length + piece.len()].copy_from_slice(piece);
        self.length += piece.len();
    }

    #[inline]
    fn mix(&self, shape: &mut Shape) {
        let words = self.bytes.as_chunks::<8>().0;
        for word in &words[..self.length / 8] {
            shape.take(u64::from_le_bytes(*word), 8);
        }
        let rest = self.length % 8;
        if rest > 0 {
            shape.take(u64::from_le_bytes(words[self.length / 8]), rest as u64);
        }
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
            self.take(word(rest), rest.len() as u64);
        }
    }

    #[inline]
    fn quoted(&mut self, quote: &'static str, name: &str) {
        if name.len() + 3 > Joined::SIZE {
            self.push(quote);
            self.push(name);
            return self.push(quote);
        }
        let mut joined = Joined::new();
        for piece in [quote, name, quote] {
            joined.add(piece.as_bytes());
        }
        joined.mix(self);
    }

    #[inline]
    fn pair(&mut self, quote: &'static str, table: &str, column: &str) {
        if table.len() + column.len() + 6 > Joined::SIZE {
            self.quoted(quote, table);
            self.push(".");
            return self.quoted(quote, column);
        }
        let mut joined = Joined::new();
        for piece in [quote, table, quote, ".", quote, column, quote] {
            joined.add(piece.as_bytes());
        }
        joined.mix(self);
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
            quoted.quoted("`", &name);
            assert_eq!(quoted.finish(), hash(&["S ", "`", &name, "`"]), "{length}");
            let mut pair = Shape::new();
            pair.pair("`", "users", &name);
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
