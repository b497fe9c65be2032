//! The database: its tables and rows, and what keeps it.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, Params};
use sinew_bench::data::{POSTS, REPLACED, USERS};
use sinew_bench::{Digest, Keeper, Result, rows};

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

/// What W13 to W15 want, and the others do without.
const MORE: &str = "
    CREATE TABLE channels (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
    CREATE TABLE messages (id INTEGER PRIMARY KEY,
        channel_id BIGINT NOT NULL REFERENCES channels (id), body TEXT NOT NULL,
        created_at BIGINT NOT NULL);
    CREATE TABLE accounts (id INTEGER PRIMARY KEY, email TEXT NOT NULL, created_at BIGINT NOT NULL);
    CREATE TABLE profiles (id INTEGER PRIMARY KEY,
        account_id BIGINT NOT NULL REFERENCES accounts (id), bio TEXT NOT NULL,
        website TEXT NOT NULL);
    CREATE TABLE readings (id INTEGER PRIMARY KEY, sensor_id BIGINT NOT NULL,
        value BIGINT NOT NULL, note TEXT NOT NULL, created_at BIGINT NOT NULL);";

const MORE_INDEXES: &str = "
    CREATE INDEX messages_channel_id ON messages (channel_id, created_at);
    CREATE UNIQUE INDEX profiles_account_id ON profiles (account_id);";

/// A folder that is removed in the end.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> std::io::Result<Self> {
        let memory = Path::new("/dev/shm");
        let base = if memory.is_dir() {
            memory.to_path_buf()
        } else {
            std::env::temp_dir()
        };
        let path = base.join(format!("sinew-bench-{}", std::process::id()));
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.0.join(format!("{name}.db"))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn open(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "normal")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    Ok(connection)
}

fn fill<P: Params>(
    connection: &Connection,
    insert: &str,
    rows: impl Iterator<Item = P>,
) -> rusqlite::Result<()> {
    let mut statement = connection.prepare(insert)?;
    for row in rows {
        statement.execute(row)?;
    }
    Ok(())
}

/// Creates the database.
pub fn seed(path: &Path, more: bool) -> Result<()> {
    let mut connection = open(path)?;
    connection.execute_batch(SCHEMA)?;
    let tx = connection.transaction()?;
    fill(
        &tx,
        "INSERT INTO users VALUES (?, ?, ?, ?, ?)",
        rows::users(),
    )?;
    fill(
        &tx,
        "INSERT INTO posts VALUES (?, ?, ?, ?, ?)",
        rows::posts(),
    )?;
    fill(
        &tx,
        "INSERT INTO comments VALUES (?, ?, ?, ?)",
        rows::comments(),
    )?;
    fill(&tx, "INSERT INTO tags VALUES (?, ?)", rows::tags())?;
    fill(
        &tx,
        "INSERT INTO post_tags VALUES (?, ?)",
        rows::post_tags(),
    )?;
    if more {
        tx.execute_batch(MORE)?;
        fill(&tx, "INSERT INTO channels VALUES (?, ?)", rows::channels())?;
        fill(
            &tx,
            "INSERT INTO messages VALUES (?, ?, ?, ?)",
            rows::messages(),
        )?;
        fill(
            &tx,
            "INSERT INTO accounts VALUES (?, ?, ?)",
            rows::accounts(),
        )?;
        fill(
            &tx,
            "INSERT INTO profiles VALUES (?, ?, ?, ?)",
            rows::profiles(),
        )?;
        fill(
            &tx,
            "INSERT INTO readings VALUES (?, ?, ?, ?, ?)",
            rows::readings(),
        )?;
        tx.execute_batch(MORE_INDEXES)?;
    }
    tx.commit()?;
    connection.execute_batch("ANALYZE; PRAGMA wal_checkpoint(TRUNCATE);")?;
    Ok(())
}

/// One contender's database, seen from outside.
pub struct File {
    connection: Connection,
}

impl File {
    pub fn open(path: &Path) -> Result<Self> {
        let connection = open(path)?;
        Ok(Self { connection })
    }
}

impl Keeper for File {
    fn state(&mut self) -> Result<Digest> {
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

    fn restore(&mut self) -> Result<()> {
        self.connection.execute_batch(&format!(
            "BEGIN IMMEDIATE;
             DELETE FROM post_tags WHERE post_id > {POSTS};
             DELETE FROM posts WHERE id > {POSTS};
             DELETE FROM users WHERE id > {USERS};
             DELETE FROM post_tags WHERE post_id = {REPLACED};
             INSERT INTO post_tags SELECT {REPLACED}, id FROM tags WHERE id <= 20;
             COMMIT;
             PRAGMA wal_checkpoint(TRUNCATE);"
        ))?;
        Ok(())
    }
}
