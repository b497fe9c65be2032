//! The rows that everybody reads, table by table, so that each database holds the same.

use crate::data::{
    ACCOUNTS, AUTHORS, CHANNELS, COMMENTS, MESSAGES, POSTS, READINGS, REPLACED, START, TAGS, USERS,
};

/// `id, name, email, age, created_at`
pub fn users() -> impl Iterator<Item = (i64, String, String, i32, i64)> {
    (1..=USERS).map(|id| {
        let email = format!("user{id}@example.com");
        (
            id,
            user_name(id),
            email,
            (id % 80) as i32,
            START + id * 1_000_000,
        )
    })
}

/// `id, user_id, title, body, created_at`
pub fn posts() -> impl Iterator<Item = (i64, i64, String, String, i64)> {
    (1..=POSTS).map(|id| {
        let owner = (id - 1) / (POSTS / AUTHORS) + 1;
        (id, owner, title(id), body(id), START + id)
    })
}

/// `id, post_id, body, created_at`
pub fn comments() -> impl Iterator<Item = (i64, i64, String, i64)> {
    (1..=COMMENTS).map(|id| {
        let text = format!("Comment {id} agrees with the post");
        (id, (id - 1) / 5 + 1, text, START + id)
    })
}

/// `id, name`
pub fn tags() -> impl Iterator<Item = (i64, String)> {
    (1..=TAGS).map(|id| (id, crate::data::tag_name(id)))
}

/// `post_id, tag_id`
pub fn post_tags() -> impl Iterator<Item = (i64, i64)> {
    let tagged =
        (1..=1_000).flat_map(|post| (0..3).map(move |at| (post, (post * 7 + at * 31) % TAGS + 1)));
    tagged.chain((1..=20).map(|tag| (REPLACED, tag)))
}

/// `id, name`
pub fn channels() -> impl Iterator<Item = (i64, String)> {
    (1..=CHANNELS).map(|id| (id, format!("channel {id}")))
}

/// `id, channel_id, body, created_at`; the channels take turns.
pub fn messages() -> impl Iterator<Item = (i64, i64, String, i64)> {
    (1..=MESSAGES).map(|id| {
        let text = format!("Message {id} says what somebody has to say");
        (id, (id - 1) % CHANNELS + 1, text, START + id)
    })
}

/// `id, email, created_at`
pub fn accounts() -> impl Iterator<Item = (i64, String, i64)> {
    (1..=ACCOUNTS).map(|id| (id, format!("account{id}@example.com"), START + id))
}

/// `id, account_id, bio, website`; a profile's key is not that of its account.
pub fn profiles() -> impl Iterator<Item = (i64, i64, String, String)> {
    (1..=ACCOUNTS).map(|id| {
        let account = id % ACCOUNTS + 1;
        let bio = format!("Account {account} is somebody's who has written a line about it");
        (id, account, bio, format!("https://example.com/{account}"))
    })
}

/// `id, sensor_id, value, note, created_at`
pub fn readings() -> impl Iterator<Item = (i64, i64, i64, String, i64)> {
    (1..=READINGS).map(|id| {
        let note = format!("reading {id}");
        (id, id % 1_000, id * 7919 % 100_003, note, START + id)
    })
}

pub(crate) fn user_name(n: i64) -> String {
    format!("User number {:05}", (n * 7919) % 100_003)
}

pub(crate) fn title(n: i64) -> String {
    format!("The title of post {n}")
}

pub(crate) fn body(n: i64) -> String {
    format!("Post {n} has a body of about eighty characters, as if somebody had written it.")
}
