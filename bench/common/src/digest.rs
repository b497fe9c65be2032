//! Results reduced to a number, to be compared among contenders.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

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

    pub fn number(&mut self, number: i64) {
        self.add((0u8, number));
    }

    /// New keys: how many there are, and whether each is above the one before. What they are differs
    /// from database to database.
    pub fn ids(&mut self, ids: impl IntoIterator<Item = i64>) {
        let mut last = 0;
        for (place, id) in (0i64..).zip(ids) {
            self.add((5u8, place, id > last));
            last = id;
        }
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
    pub fn comment(&mut self, owner: i64, id: i64, post: i64, body: &str, at: i64) {
        self.add((3u8, owner, id, post, body, at));
    }

    /// A tag of a post.
    pub fn tag(&mut self, owner: i64, id: i64, name: &str) {
        self.add((4u8, owner, id, name));
    }

    pub fn channel(&mut self, place: i64, id: i64, name: &str) {
        self.add((6u8, place, id, name));
    }

    /// A message under its channel.
    pub fn message(&mut self, owner: i64, id: i64, channel: i64, body: &str, at: i64) {
        self.add((7u8, owner, id, channel, body, at));
    }

    pub fn account(&mut self, place: i64, id: i64, email: &str, at: i64) {
        self.add((8u8, place, id, email, at));
    }

    /// A profile under its account.
    pub fn profile(&mut self, owner: i64, id: i64, account: i64, bio: &str, website: &str) {
        self.add((9u8, owner, id, account, bio, website));
    }

    /// A reading of the stream.
    pub fn reading(&mut self, id: i64, sensor: i64, value: i64, note: &str, at: i64) {
        self.add((10u8, id, sensor, value, note, at));
    }
}

/// What can be compared among contenders.
pub trait Reduce {
    /// `place` is the place in an order, or the key of the row that this one belongs to.
    fn reduce(&self, place: i64, digest: &mut Digest);
}

/// A row that others belong to.
pub trait Keyed: Reduce {
    fn key(&self) -> i64;
}

/// A row with what belongs to it.
impl<T: Keyed, U: Reduce> Reduce for (T, U) {
    fn reduce(&self, place: i64, digest: &mut Digest) {
        self.0.reduce(place, digest);
        self.1.reduce(self.0.key(), digest);
    }
}

impl<T: Keyed, U: Reduce> Keyed for (T, U) {
    fn key(&self) -> i64 {
        self.0.key()
    }
}

impl<T: Reduce> Reduce for Vec<T> {
    fn reduce(&self, place: i64, digest: &mut Digest) {
        self.iter().for_each(|row| row.reduce(place, digest));
    }
}

impl<T: Reduce> Reduce for Option<T> {
    fn reduce(&self, place: i64, digest: &mut Digest) {
        self.iter().for_each(|row| row.reduce(place, digest));
    }
}

impl<T: Reduce> Reduce for Arc<T> {
    fn reduce(&self, place: i64, digest: &mut Digest) {
        (**self).reduce(place, digest);
    }
}

/// What a contender that does not take part gives.
impl Reduce for () {
    fn reduce(&self, _place: i64, _digest: &mut Digest) {}
}

/// Has structs of the usual field names reduced: `reduce!(user: User, tag: Tag)`. They hold nothing
/// else that would count.
#[macro_export]
macro_rules! reduce {
    ($($kind:ident: $row:ty),* $(,)?) => { $($crate::reduce!(@ $kind $row);)* };
    (@ user $row:ty) => { $crate::reduce!(# user $row: &name, &email, age, created_at); };
    (@ post $row:ty) => { $crate::reduce!(# post $row: user_id, &title, &body, created_at); };
    (@ comment $row:ty) => { $crate::reduce!(# comment $row: post_id, &body, created_at); };
    (@ tag $row:ty) => { $crate::reduce!(# tag $row: &name); };
    (@ channel $row:ty) => { $crate::reduce!(# channel $row: &name); };
    (@ message $row:ty) => { $crate::reduce!(# message $row: channel_id, &body, created_at); };
    (@ account $row:ty) => { $crate::reduce!(# account $row: &email, created_at); };
    (@ profile $row:ty) => { $crate::reduce!(# profile $row: account_id, &bio, &website); };
    (# $kind:ident $row:ty: $($rest:tt)*) => {
        $crate::reduce!(% $kind $row [] $($rest)*);
    };
    (% $kind:ident $row:ty [$($done:tt)*] & $field:ident $(, $($rest:tt)*)?) => {
        $crate::reduce!(% $kind $row [$($done)* (& $field)] $($($rest)*)?);
    };
    (% $kind:ident $row:ty [$($done:tt)*] $field:ident $(, $($rest:tt)*)?) => {
        $crate::reduce!(% $kind $row [$($done)* ($field)] $($($rest)*)?);
    };
    (% $kind:ident $row:ty [$($done:tt)*]) => {
        impl $crate::Reduce for $row {
            fn reduce(&self, place: i64, digest: &mut $crate::Digest) {
                digest.$kind(place, self.id, $($crate::reduce!(= self $done)),*);
            }
        }
        impl $crate::Keyed for $row {
            fn key(&self) -> i64 {
                self.id
            }
        }
    };
    (= $me:ident (& $field:ident)) => { &$me.$field };
    (= $me:ident ($field:ident)) => { $me.$field };
}
