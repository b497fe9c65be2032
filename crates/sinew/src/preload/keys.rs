//! Owners found again by key.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use sinew_core::Value;

use super::plain::{integer, plain};

/// A multiplicative hasher for integer keys that come from the database, not from a stranger.
#[derive(Default)]
pub(crate) struct IntHasher(u64);

impl Hasher for IntHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(u64::from(byte));
        }
    }

    fn write_u64(&mut self, n: u64) {
        let mixed = (self.0.rotate_left(5) ^ n).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ (mixed >> 32);
    }

    fn write_i64(&mut self, n: i64) {
        self.write_u64(n.cast_unsigned());
    }
}

type IntMap = HashMap<i64, u32, BuildHasherDefault<IntHasher>>;

/// No owner.
pub(crate) const NONE: u32 = u32::MAX;

/// Maps an owner's key to the owners that have it.
#[derive(Default)]
pub(crate) struct OwnerMap {
    ints: IntMap,
    others: HashMap<Vec<u8>, u32>,
    /// The next owner with the same key, for each owner.
    next: Vec<u32>,
    last: Option<(i64, u32)>,
}

impl OwnerMap {
    pub(crate) fn with_capacity(owners: usize) -> Self {
        let mut map = Self {
            next: vec![NONE; owners],
            ..Self::default()
        };
        map.ints.reserve(owners);
        map
    }

    /// Adds an owner; whether its key is a new one.
    pub(crate) fn insert(&mut self, key: &[Value<'_>], owner: u32) -> bool {
        let before = match single(key) {
            Some(n) => return self.insert_int(n, owner),
            None => self.others.insert(encode(key), owner),
        };
        if let (Some(before), Some(next)) = (before, self.next.get_mut(owner as usize)) {
            *next = before;
        }
        before.is_none()
    }

    /// As [`OwnerMap::insert`], for a key of one integer.
    pub(crate) fn insert_int(&mut self, key: i64, owner: u32) -> bool {
        let before = self.ints.insert(key, owner);
        if let (Some(before), Some(next)) = (before, self.next.get_mut(owner as usize)) {
            *next = before;
        }
        before.is_none()
    }

    /// As [`OwnerMap::find`], for a key of one integer. Rows of one owner mostly stand together.
    #[inline]
    pub(crate) fn find_int(&mut self, key: i64) -> Option<u32> {
        match self.last {
            Some((last, owner)) if last == key => Some(owner),
            _ => self
                .find_next(key)
                .or_else(|| self.find_alike(&[Value::Int(key)])),
        }
    }

    fn find_next(&mut self, key: i64) -> Option<u32> {
        let owner = self.ints.get(&key).copied();
        self.last = owner.map(|owner| (key, owner)).or(self.last);
        owner
    }

    /// The first owner with this key.
    pub(crate) fn find(&mut self, key: &[Value<'_>]) -> Option<u32> {
        self.find_same(key).or_else(|| self.find_alike(key))
    }

    /// The first owner with exactly this key.
    pub(crate) fn find_same(&mut self, key: &[Value<'_>]) -> Option<u32> {
        match single(key) {
            Some(n) => {
                if let Some((last, owner)) = self.last
                    && last == n
                {
                    return Some(owner);
                }
                self.find_next(n)
            }
            None => self.others.get(&encode(key)).copied(),
        }
    }

    /// An owner whose key the database takes for the same although it is written another way:
    /// a number as text, or text in other letters where the collation ignores case.
    fn find_alike(&self, key: &[Value<'_>]) -> Option<u32> {
        if self.ints.is_empty() && self.others.is_empty() {
            return None;
        }
        match key {
            [Value::Int(n)] => self
                .others
                .get(&encode(&[Value::Text(n.to_string().into())]))
                .copied(),
            [Value::Text(text)] => {
                let number = text.parse().ok().filter(|n: &i64| n.to_string() == **text);
                number
                    .and_then(|n| self.ints.get(&n).copied())
                    .or_else(|| self.find_folded(key))
            }
            key => self.find_folded(key),
        }
    }

    fn find_folded(&self, key: &[Value<'_>]) -> Option<u32> {
        let wanted = encode(key).to_ascii_lowercase();
        let text = key.iter().any(|value| matches!(value, Value::Text(_)));
        let mut alike = self.others.iter().filter(|_| text);
        alike
            .find(|(held, _)| held.to_ascii_lowercase() == wanted)
            .map(|(_, &owner)| owner)
    }

    /// Whether further owners have the same key.
    pub(crate) fn has_further(&self, first: u32) -> bool {
        self.next
            .get(first as usize)
            .is_some_and(|&next| next != NONE)
    }

    /// This owner and all further ones with the same key.
    pub(crate) fn chain(&self, first: u32) -> impl Iterator<Item = u32> + '_ {
        std::iter::successors(Some(first), |&at| {
            self.next
                .get(at as usize)
                .copied()
                .filter(|&next| next != NONE)
        })
    }
}

/// The only value of a key, if it is an integer.
#[inline]
fn single(key: &[Value<'_>]) -> Option<i64> {
    match key {
        [Value::Int(n)] => Some(*n),
        [one] => integer(one),
        _ => None,
    }
}

/// A key as bytes: equal keys, equal bytes.
pub(crate) fn encode(key: &[Value<'_>]) -> Vec<u8> {
    let mut out = Vec::with_capacity(key.len() * 9);
    for value in key {
        // The usual key beside integers needs no copy.
        if let Value::Uuid(bytes) = value {
            out.push(4);
            out.extend_from_slice(&16u64.to_le_bytes());
            out.extend_from_slice(bytes);
            continue;
        }
        match plain(value.reborrow()) {
            Value::Int(n) => {
                out.push(1);
                out.extend_from_slice(&n.to_le_bytes());
            }
            Value::UInt(n) => {
                out.push(2);
                out.extend_from_slice(&n.to_le_bytes());
            }
            Value::Text(text) | Value::Decimal(text) => {
                out.push(3);
                out.extend_from_slice(&(text.len() as u64).to_le_bytes());
                out.extend_from_slice(text.as_bytes());
            }
            Value::Bytes(bytes) => {
                out.push(4);
                out.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
                out.extend_from_slice(&bytes);
            }
            other => {
                out.push(6);
                out.extend_from_slice(format!("{other:?}").as_bytes());
            }
        }
    }
    out
}
