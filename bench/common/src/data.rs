//! How many rows there are, and what is written.

use crate::rows::{body, title, user_name};

pub const USERS: i64 = 10_000;
pub const AUTHORS: i64 = 1_000;
pub const POSTS: i64 = 10_000;
pub const COMMENTS: i64 = 5_000;
pub const TAGS: i64 = 100;
/// The post whose links are replaced.
pub const REPLACED: i64 = 5_000;
pub const START: i64 = 1_750_000_000_000_000;
/// The filter of W3.
pub const AGE: i32 = 42;
pub const SINCE: i64 = START + 500_000_000;
/// W13: each channel has a thousand messages, of which the three newest are read.
pub const CHANNELS: i64 = 500;
pub const MESSAGES: i64 = 500_000;
pub const NEWEST: u64 = 3;
/// W14: one profile for each account.
pub const ACCOUNTS: i64 = 10_000;
/// W15.
pub const READINGS: i64 = 1_000_000;
/// The filter of W16: users with a post since then, which are 500.
pub const NEW_POST: i64 = START + 5_001;

/// A user to be created.
#[derive(Clone, Debug, Default)]
pub struct NewUser {
    pub name: String,
    pub email: String,
    pub age: i32,
    pub created_at: i64,
}

/// A post to be created, with the tags that it is linked to.
#[derive(Clone, Debug)]
pub struct NewPost {
    pub title: String,
    pub body: String,
    pub created_at: i64,
    pub tags: [i64; 3],
}

pub fn new_user(n: usize) -> NewUser {
    let n = n as i64 + USERS + 1;
    NewUser {
        name: user_name(n),
        email: format!("user{n}@example.com"),
        age: (n % 80) as i32,
        created_at: START + n * 1_000_000,
    }
}

pub fn new_posts(n: usize) -> Vec<NewPost> {
    let post = |at: i64| NewPost {
        title: title(at),
        body: body(at),
        created_at: START + at,
        tags: [at % TAGS + 1, (at + 1) % TAGS + 1, (at + 2) % TAGS + 1],
    };
    (0..10).map(|at| post(n as i64 * 10 + at)).collect()
}

pub fn tag_name(id: i64) -> String {
    format!("tag {id}")
}

/// The tags that the post of W11 has after replace number `n`: 1 to 20 and 11 to 30 in turn.
pub fn replacement(n: usize) -> Vec<i64> {
    let first = if n.is_multiple_of(2) { 11 } else { 1 };
    (first..first + 20).collect()
}

/// The update number `n` of W12: a user's key, new name and new email.
pub fn rename(n: usize) -> (i64, String, String) {
    let id = n as i64 * 37 % USERS + 1;
    (
        id,
        format!("Renamed user {n:09}"),
        format!("renamed{n:09}@example.com"),
    )
}

/// What a task of W17 does next.
#[derive(Clone, Debug)]
pub enum Job {
    /// Finds a user by key.
    Read(i64),
    /// Gives a user another name and email.
    Write(i64, String, String),
}

/// W17: so many tasks at once.
pub const TASKS: usize = 16;
/// The jobs of each of them; one in five writes.
pub const JOBS: usize = 125;
