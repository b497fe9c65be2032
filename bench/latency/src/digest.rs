//! Results reduced to a number, to be compared among contenders.

use std::hash::{DefaultHasher, Hash, Hasher};

/// A sum over rows: their order counts only where a place in it is given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Digest {
    rows: usize,
    sum: u64,
}

impl Digest {
    fn add(&mut self, row: impl Hash) {
        let mut hasher = DefaultHasher::new();
        row.hash(&mut hasher);
        self.rows += 1;
        self.sum = self.sum.wrapping_add(hasher.finish());
    }

    /// So many rows, of whatever content.
    pub fn count(&mut self, rows: usize) {
        self.add((0u8, rows));
    }

    /// A user; `place` is its place in the order, or the row that it belongs to.
    pub fn user(&mut self, place: i64, id: i64, name: &str, email: &str, age: i32, at: i64) {
        self.add((1u8, place, id, name, email, age, at));
    }

    /// A post under its owner.
    pub fn post(&mut self, owner: i64, id: i64, user: i64, title: &str, body: &str, at: i64) {
        self.add((2u8, owner, id, user, title, body, at));
    }

    /// A comment under its post.
    pub fn comment(&mut self, owner: i64, id: i64, author: i64, body: &str, at: i64) {
        self.add((3u8, owner, id, author, body, at));
    }

    /// A like under its comment.
    pub fn like(&mut self, owner: i64, id: i64, user: i64) {
        self.add((4u8, owner, id, user));
    }

    /// A tag of a post.
    pub fn tag(&mut self, owner: i64, id: i64, name: &str) {
        self.add((5u8, owner, id, name));
    }
}
