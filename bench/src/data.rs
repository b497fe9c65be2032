//! The rows that everybody reads, and what is written.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, params};

use crate::digest::Digest;

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

const SCHEMA: &str = "
    CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL,
        age BIGINT NOT NULL, created_at BIGINT NOT NULL);
    CREATE INDEX users_age ON users (age);
    CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id BIGINT NOT NULL REFERENCES users (id),
        title TEXT NOT NULL, body TEXT NOT NULL, created_at BIGINT NOT NULL);
    CREATE INDEX posts_user_id ON posts (user_id);
    CREATE TABLE comments (id INTEGER PRIMARY KEY, post_id BIGINT NOT NULL REFERENCES posts (id),
        body TEXT NOT NULL, created_at BIGINT NOT NULL);
    CREATE INDEX comments_post_id ON comments (post_id);
    CREATE TABLE tags (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
    CREATE TABLE post_tags (post_id BIGINT NOT NULL REFERENCES posts (id),
        tag_id BIGINT NOT NULL REFERENCES tags (id), PRIMARY KEY (post_id, tag_id));
    CREATE INDEX post_tags_tag_id ON post_tags (tag_id);";

/// A user to be created.
#[derive(Clone, Debug)]
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

/// What the operations of a sample are given.
pub mod inputs {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::{NewPost, NewUser, USERS, new_posts, new_user, rename, replacement};

    pub fn ids(times: usize) -> Vec<i64> {
        (0..times as i64).map(|n| n * 7919 % USERS + 1).collect()
    }

    pub fn users(times: usize) -> Vec<NewUser> {
        (0..times).map(new_user).collect()
    }

    pub fn thousands(times: usize) -> Vec<Vec<NewUser>> {
        let thousand = |n: usize| (n * 1_000..(n + 1) * 1_000).map(new_user).collect();
        (0..times).map(thousand).collect()
    }

    pub fn graphs(times: usize) -> Vec<(NewUser, Vec<NewPost>)> {
        (0..times).map(|n| (new_user(n), new_posts(n))).collect()
    }

    pub fn replacements(times: usize) -> Vec<Vec<i64>> {
        (0..times).map(replacement).collect()
    }

    /// Each time with names of their own: SQLite does not write a value that is there already.
    pub fn renames(times: usize) -> Vec<(i64, String, String)> {
        static CALLS: AtomicUsize = AtomicUsize::new(1);
        let call = CALLS.fetch_add(1, Ordering::Relaxed) * 1_000;
        (0..times)
            .map(|n| (rename(n).0, rename(call + n)))
            .map(|(id, (_, name, email))| (id, name, email))
            .collect()
    }
}

fn user_name(n: i64) -> String {
    format!("User number {:05}", (n * 7919) % 100_003)
}

fn title(n: i64) -> String {
    format!("The title of post {n}")
}

fn body(n: i64) -> String {
    format!("Post {n} has a body of about eighty characters, as if somebody had written it.")
}

fn open(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "normal")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    Ok(connection)
}

/// Creates the database.
pub fn seed(path: &Path) -> rusqlite::Result<()> {
    let mut connection = open(path)?;
    connection.execute_batch(SCHEMA)?;
    let tx = connection.transaction()?;
    {
        let mut insert = tx.prepare("INSERT INTO users VALUES (?, ?, ?, ?, ?)")?;
        for id in 1..=USERS {
            let (name, email) = (user_name(id), format!("user{id}@example.com"));
            insert.execute(params![id, name, email, id % 80, START + id * 1_000_000])?;
        }
        let mut insert = tx.prepare("INSERT INTO posts VALUES (?, ?, ?, ?, ?)")?;
        for id in 1..=POSTS {
            let owner = (id - 1) / (POSTS / AUTHORS) + 1;
            insert.execute(params![id, owner, title(id), body(id), START + id])?;
        }
        let mut insert = tx.prepare("INSERT INTO comments VALUES (?, ?, ?, ?)")?;
        for id in 1..=COMMENTS {
            let text = format!("Comment {id} agrees with the post");
            insert.execute(params![id, (id - 1) / 5 + 1, text, START + id])?;
        }
        let mut insert = tx.prepare("INSERT INTO tags VALUES (?, ?)")?;
        for id in 1..=TAGS {
            insert.execute(params![id, tag_name(id)])?;
        }
        let mut insert = tx.prepare("INSERT INTO post_tags VALUES (?, ?)")?;
        for post in 1..=1_000 {
            for at in 0..3 {
                insert.execute(params![post, (post * 7 + at * 31) % TAGS + 1])?;
            }
        }
        for tag in 1..=20 {
            insert.execute(params![REPLACED, tag])?;
        }
    }
    tx.commit()?;
    connection.execute_batch("ANALYZE; PRAGMA wal_checkpoint(TRUNCATE);")
}

/// One contender's database, seen from outside.
pub struct Keeper {
    connection: Connection,
}

impl Keeper {
    /// A copy of the database for `name`, and its keeper.
    pub fn new(seed: &Path, name: &str) -> std::io::Result<(PathBuf, Self)> {
        let path = seed.with_file_name(format!("{name}.db"));
        std::fs::copy(seed, &path)?;
        let connection = open(&path).map_err(std::io::Error::other)?;
        Ok((path, Self { connection }))
    }

    /// What is in the database.
    pub fn state(&self) -> rusqlite::Result<Digest> {
        let mut digest = Digest::default();
        for sql in [
            "SELECT count(*) FROM users",
            "SELECT sum(id + age + created_at % 1000003 + length(name) + length(email)) FROM users",
            "SELECT count(*) FROM posts",
            "SELECT sum(id + user_id * 3 + created_at % 1000003 + length(title) + length(body)) FROM posts",
            "SELECT count(*) FROM comments",
            "SELECT count(*) FROM post_tags",
            "SELECT sum(post_id * 101 + tag_id) FROM post_tags",
            "SELECT sum(tag_id * tag_id) FROM post_tags",
            "SELECT sum(id + length(name)) FROM tags",
        ] {
            digest.number(self.connection.query_row(sql, [], |row| row.get(0))?);
        }
        Ok(digest)
    }

    /// Takes out what was created, and puts back what was changed.
    pub fn restore(&self) -> rusqlite::Result<()> {
        self.connection.execute_batch(&format!(
            "BEGIN IMMEDIATE;
             DELETE FROM post_tags WHERE post_id > {POSTS};
             DELETE FROM posts WHERE id > {POSTS};
             DELETE FROM users WHERE id > {USERS};
             DELETE FROM post_tags WHERE post_id = {REPLACED};
             INSERT INTO post_tags SELECT {REPLACED}, id FROM tags WHERE id <= 20;
             COMMIT;
             PRAGMA wal_checkpoint(TRUNCATE);"
        ))
    }
}
