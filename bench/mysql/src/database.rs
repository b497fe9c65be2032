//! The databases: their tables and rows, and what keeps one.

use std::fmt::Write as _;
use std::sync::Arc;

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Opts, OptsBuilder};
use sinew_bench::data::{POSTS, REPLACED, USERS};
use sinew_bench::{Digest, Keeper, Result, rows};
use tokio::runtime::{Builder, Runtime};

/// Names the server; `cargo xtask bench` sets it.
const VARIABLE: &str = "SINEW_TEST_MYSQL";
const SEED: &str = "bench_seed";

const TABLES: &[(&str, &str)] = &[
    (
        "users",
        "id BIGINT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(255) NOT NULL, \
         email VARCHAR(255) NOT NULL, age INT NOT NULL, created_at BIGINT NOT NULL, KEY (age)",
    ),
    (
        "posts",
        "id BIGINT PRIMARY KEY AUTO_INCREMENT, user_id BIGINT NOT NULL, \
         title VARCHAR(255) NOT NULL, body TEXT NOT NULL, created_at BIGINT NOT NULL, \
         KEY (user_id)",
    ),
    (
        "comments",
        "id BIGINT PRIMARY KEY AUTO_INCREMENT, post_id BIGINT NOT NULL, body TEXT NOT NULL, \
         created_at BIGINT NOT NULL, KEY (post_id)",
    ),
    (
        "tags",
        "id BIGINT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(255) NOT NULL",
    ),
    (
        "post_tags",
        "post_id BIGINT NOT NULL, tag_id BIGINT NOT NULL, PRIMARY KEY (post_id, tag_id), \
         KEY (tag_id)",
    ),
];

/// What W13 to W15 want, and the others do without.
const MORE: &[(&str, &str)] = &[
    (
        "channels",
        "id BIGINT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(255) NOT NULL",
    ),
    (
        "messages",
        "id BIGINT PRIMARY KEY AUTO_INCREMENT, channel_id BIGINT NOT NULL, body TEXT NOT NULL, \
         created_at BIGINT NOT NULL, KEY (channel_id, created_at)",
    ),
    (
        "accounts",
        "id BIGINT PRIMARY KEY AUTO_INCREMENT, email VARCHAR(255) NOT NULL, \
         created_at BIGINT NOT NULL",
    ),
    (
        "profiles",
        "id BIGINT PRIMARY KEY AUTO_INCREMENT, account_id BIGINT NOT NULL, \
         bio VARCHAR(255) NOT NULL, website VARCHAR(255) NOT NULL, UNIQUE KEY (account_id)",
    ),
    (
        "readings",
        "id BIGINT PRIMARY KEY AUTO_INCREMENT, sensor_id BIGINT NOT NULL, value BIGINT NOT NULL, \
         note VARCHAR(255) NOT NULL, created_at BIGINT NOT NULL",
    ),
];

/// `CREATE TABLE … LIKE` leaves them out.
const FOREIGN_KEYS: &[&str] = &[
    "ALTER TABLE posts ADD FOREIGN KEY (user_id) REFERENCES users (id)",
    "ALTER TABLE comments ADD FOREIGN KEY (post_id) REFERENCES posts (id)",
    "ALTER TABLE post_tags ADD FOREIGN KEY (post_id) REFERENCES posts (id), \
     ADD FOREIGN KEY (tag_id) REFERENCES tags (id)",
];

fn tables(more: bool) -> impl Iterator<Item = &'static (&'static str, &'static str)> {
    TABLES
        .iter()
        .chain(more.then_some(MORE).into_iter().flatten())
}

/// The server, and a runtime to speak to it.
pub struct Server {
    runtime: Arc<Runtime>,
    opts: Opts,
    more: bool,
}

impl Server {
    pub fn new() -> Result<Self> {
        let url = std::env::var(VARIABLE)
            .map_err(|_| format!("{VARIABLE} names no server; run `cargo xtask bench --mysql`"))?;
        let runtime = Builder::new_current_thread().enable_all().build()?;
        Ok(Self {
            runtime: Arc::new(runtime),
            opts: Opts::from_url(&url)?,
            more: false,
        })
    }

    /// The URL of a database.
    pub fn url(&self, name: &str) -> String {
        let opts = &self.opts;
        let user = opts.user().unwrap_or("root");
        let password = opts
            .pass()
            .map_or_else(String::new, |word| format!(":{word}"));
        let (host, port) = (opts.ip_or_hostname(), opts.tcp_port());
        format!("mysql://{user}{password}@{host}:{port}/{name}")
    }

    fn connect(&self, database: Option<&str>) -> Result<Conn> {
        let mut opts = OptsBuilder::from_opts(self.opts.clone()).prefer_socket(false);
        if let Some(name) = database {
            opts = opts.db_name(Some(name));
        }
        Ok(self.runtime.block_on(Conn::new(opts))?)
    }

    pub fn version(&self) -> Result<String> {
        let mut server = self.connect(None)?;
        let version: Option<String> = self
            .runtime
            .block_on(server.query_first("SELECT version()"))?;
        let version = version.unwrap_or_default();
        let number = version.split('-').next().unwrap_or_default();
        let name = if version.contains("MariaDB") {
            "MariaDB"
        } else {
            "MySQL"
        };
        Ok(format!("{name} {number}"))
    }

    /// Makes the database that the others are copied from.
    pub fn seed(&mut self, more: bool) -> Result<()> {
        self.more = more;
        let mut server = self.connect(None)?;
        let made = [
            format!("DROP DATABASE IF EXISTS {SEED}"),
            format!("CREATE DATABASE {SEED} CHARACTER SET utf8mb4"),
        ];
        for sql in made {
            self.runtime.block_on(server.query_drop(sql))?;
        }
        let mut db = self.connect(Some(SEED))?;
        for (name, columns) in tables(more) {
            let sql = format!("CREATE TABLE {name} ({columns})");
            self.runtime.block_on(db.query_drop(sql))?;
        }
        let db = &mut db;
        self.fill(
            db,
            "users",
            rows::users().map(|r| format!("({},'{}','{}',{},{})", r.0, r.1, r.2, r.3, r.4)),
        )?;
        self.fill(
            db,
            "posts",
            rows::posts().map(|r| format!("({},{},'{}','{}',{})", r.0, r.1, r.2, r.3, r.4)),
        )?;
        self.fill(
            db,
            "comments",
            rows::comments().map(|r| format!("({},{},'{}',{})", r.0, r.1, r.2, r.3)),
        )?;
        self.fill(
            db,
            "tags",
            rows::tags().map(|r| format!("({},'{}')", r.0, r.1)),
        )?;
        self.fill(
            db,
            "post_tags",
            rows::post_tags().map(|r| format!("({},{})", r.0, r.1)),
        )?;
        if more {
            self.fill(
                db,
                "channels",
                rows::channels().map(|r| format!("({},'{}')", r.0, r.1)),
            )?;
            self.fill(
                db,
                "messages",
                rows::messages().map(|r| format!("({},{},'{}',{})", r.0, r.1, r.2, r.3)),
            )?;
            self.fill(
                db,
                "accounts",
                rows::accounts().map(|r| format!("({},'{}',{})", r.0, r.1, r.2)),
            )?;
            self.fill(
                db,
                "profiles",
                rows::profiles()
                    .map(|r| format!("({},{},'{}','{}')", r.0, r.1, r.2.replace('\'', "''"), r.3)),
            )?;
            self.fill(
                db,
                "readings",
                rows::readings().map(|r| format!("({},{},{},'{}',{})", r.0, r.1, r.2, r.3, r.4)),
            )?;
        }
        Ok(())
    }

    fn fill(&self, db: &mut Conn, table: &str, rows: impl Iterator<Item = String>) -> Result<()> {
        let mut rows = rows.peekable();
        while let Some(first) = rows.next() {
            let mut sql = format!("INSERT INTO {table} VALUES {first}");
            for row in rows.by_ref().take(2_000) {
                write!(sql, ",{row}")?;
            }
            self.runtime.block_on(db.query_drop(sql))?;
        }
        Ok(())
    }

    /// A copy for a contender: its name and its keeper.
    pub fn copy(&self, contender: &str) -> Result<(String, Database)> {
        let name = format!("bench_{}", contender.replace(['-', ' '], "_"));
        let mut server = self.connect(None)?;
        let mut run = |sql: String| self.runtime.block_on(server.query_drop(sql));
        run(format!("DROP DATABASE IF EXISTS {name}"))?;
        run(format!("CREATE DATABASE {name} CHARACTER SET utf8mb4"))?;
        let mut connection = self.connect(Some(&name))?;
        let mut run = |sql: &str| self.runtime.block_on(connection.query_drop(sql));
        run("SET foreign_key_checks = 0")?;
        for (table, _) in tables(self.more) {
            run(&format!("CREATE TABLE {table} LIKE {SEED}.{table}"))?;
            run(&format!("INSERT INTO {table} SELECT * FROM {SEED}.{table}"))?;
        }
        for sql in FOREIGN_KEYS {
            run(sql)?;
        }
        run("SET foreign_key_checks = 1")?;
        for (table, _) in tables(self.more) {
            run(&format!("ANALYZE TABLE {table}"))?;
        }
        let runtime = Arc::clone(&self.runtime);
        Ok((
            name,
            Database {
                connection,
                runtime,
            },
        ))
    }
}

/// One contender's database, seen from outside.
pub struct Database {
    connection: Conn,
    runtime: Arc<Runtime>,
}

const STATE: &[&str] = &[
    "SELECT count(*) FROM users",
    "SELECT sum(age + created_at % 1000003 + length(name) + length(email)) FROM users",
    "SELECT count(*) FROM posts",
    "SELECT sum(created_at % 1000003 + length(title) + length(body)) FROM posts",
    "SELECT count(*) FROM comments",
    "SELECT count(*) FROM post_tags",
    "SELECT sum(tag_id) FROM post_tags",
    "SELECT sum(tag_id * tag_id) FROM post_tags",
    "SELECT sum(length(p.title) * l.tag_id + p.created_at % 1009 * l.tag_id) \
     FROM posts p JOIN post_tags l ON l.post_id = p.id",
    "SELECT sum(length(u.name) + u.created_at % 1009 * (p.created_at % 1013)) \
     FROM users u JOIN posts p ON p.user_id = u.id",
    "SELECT sum(id + length(name)) FROM tags",
];

impl Keeper for Database {
    fn state(&mut self) -> Result<Digest> {
        let mut digest = Digest::default();
        for sql in STATE {
            let sql = format!("SELECT CAST(({sql}) AS SIGNED)");
            let number: Option<i64> = self.runtime.block_on(self.connection.query_first(sql))?;
            digest.number(number.unwrap_or_default());
        }
        Ok(digest)
    }

    fn restore(&mut self) -> Result<()> {
        for sql in [
            "BEGIN".to_owned(),
            format!("DELETE FROM post_tags WHERE post_id > {POSTS}"),
            format!("DELETE FROM posts WHERE id > {POSTS}"),
            format!("DELETE FROM users WHERE id > {USERS}"),
            format!("DELETE FROM post_tags WHERE post_id = {REPLACED}"),
            format!("INSERT INTO post_tags SELECT {REPLACED}, id FROM tags WHERE id <= 20"),
            "COMMIT".to_owned(),
        ] {
            self.runtime.block_on(self.connection.query_drop(sql))?;
        }
        Ok(())
    }
}
