//! The databases: their tables and rows, and what keeps one.

use std::sync::Arc;

use futures_util::SinkExt;
use sinew_bench::data::{POSTS, REPLACED, USERS};
use sinew_bench::{Digest, Keeper, Result, rows};
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::{Client, Config, NoTls};

/// Names the server; `cargo xtask bench` sets it.
const VARIABLE: &str = "SINEW_TEST_POSTGRES";
const SEED: &str = "bench_seed";

const SCHEMA: &str = "
    CREATE TABLE users (id bigserial PRIMARY KEY, name text NOT NULL, email text NOT NULL,
        age integer NOT NULL, created_at bigint NOT NULL);
    CREATE TABLE posts (id bigserial PRIMARY KEY, user_id bigint NOT NULL, title text NOT NULL,
        body text NOT NULL, created_at bigint NOT NULL);
    CREATE TABLE comments (id bigserial PRIMARY KEY, post_id bigint NOT NULL, body text NOT NULL,
        created_at bigint NOT NULL);
    CREATE TABLE tags (id bigserial PRIMARY KEY, name text NOT NULL);
    CREATE TABLE post_tags (post_id bigint NOT NULL, tag_id bigint NOT NULL,
        PRIMARY KEY (post_id, tag_id));";

const INDEXES: &str = "
    CREATE INDEX ON users (age);
    CREATE INDEX ON posts (user_id);
    ALTER TABLE posts ADD FOREIGN KEY (user_id) REFERENCES users (id);
    CREATE INDEX ON comments (post_id);
    ALTER TABLE comments ADD FOREIGN KEY (post_id) REFERENCES posts (id);
    CREATE INDEX ON post_tags (tag_id);
    ALTER TABLE post_tags ADD FOREIGN KEY (post_id) REFERENCES posts (id),
        ADD FOREIGN KEY (tag_id) REFERENCES tags (id);";

/// What W13 to W15 want, and the others do without.
const MORE: &str = "
    CREATE TABLE channels (id bigserial PRIMARY KEY, name text NOT NULL);
    CREATE TABLE messages (id bigserial PRIMARY KEY, channel_id bigint NOT NULL,
        body text NOT NULL, created_at bigint NOT NULL);
    CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL,
        created_at bigint NOT NULL);
    CREATE TABLE profiles (id bigserial PRIMARY KEY, account_id bigint NOT NULL,
        bio text NOT NULL, website text NOT NULL);
    CREATE TABLE readings (id bigserial PRIMARY KEY, sensor_id bigint NOT NULL,
        value bigint NOT NULL, note text NOT NULL, created_at bigint NOT NULL);";

const MORE_INDEXES: &str = "
    CREATE INDEX ON messages (channel_id, created_at);
    ALTER TABLE messages ADD FOREIGN KEY (channel_id) REFERENCES channels (id);
    CREATE UNIQUE INDEX ON profiles (account_id);
    ALTER TABLE profiles ADD FOREIGN KEY (account_id) REFERENCES accounts (id);";

/// The server, and a runtime to speak to it.
pub struct Server {
    runtime: Arc<Runtime>,
    config: Config,
}

impl Server {
    pub fn new() -> Result<Self> {
        let url = std::env::var(VARIABLE).map_err(|_| {
            format!("{VARIABLE} names no server; run `cargo xtask bench --postgres`")
        })?;
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()?;
        let config = url.parse()?;
        let runtime = Arc::new(runtime);
        Ok(Self { runtime, config })
    }

    pub fn config(&self) -> &Config {
        &self.config
    }

    fn client(&self, database: Option<&str>) -> Result<Client> {
        let mut config = self.config.clone();
        if let Some(name) = database {
            config.dbname(name);
        }
        self.runtime.block_on(async {
            let (client, connection) = config.connect(NoTls).await?;
            tokio::spawn(connection);
            Ok(client)
        })
    }

    fn run(&self, client: &Client, sql: &str) -> Result<()> {
        Ok(self.runtime.block_on(client.batch_execute(sql))?)
    }

    pub fn version(&self) -> Result<String> {
        let client = self.client(None)?;
        let row = self
            .runtime
            .block_on(client.query_one("SHOW server_version", &[]))?;
        let version: String = row.try_get(0)?;
        Ok(version.split(' ').next().unwrap_or_default().to_owned())
    }

    /// Makes the database that the others are copied from.
    pub fn seed(&self, more: bool) -> Result<()> {
        let server = self.client(None)?;
        self.run(
            &server,
            &format!("DROP DATABASE IF EXISTS {SEED} WITH (FORCE)"),
        )?;
        self.run(&server, &format!("CREATE DATABASE {SEED}"))?;
        let client = self.client(Some(SEED))?;
        self.run(&client, SCHEMA)?;
        self.fill(
            &client,
            "users",
            rows::users().map(|r| format!("{}\t{}\t{}\t{}\t{}\n", r.0, r.1, r.2, r.3, r.4)),
        )?;
        self.fill(
            &client,
            "posts",
            rows::posts().map(|r| format!("{}\t{}\t{}\t{}\t{}\n", r.0, r.1, r.2, r.3, r.4)),
        )?;
        self.fill(
            &client,
            "comments",
            rows::comments().map(|r| format!("{}\t{}\t{}\t{}\n", r.0, r.1, r.2, r.3)),
        )?;
        self.fill(
            &client,
            "tags",
            rows::tags().map(|r| format!("{}\t{}\n", r.0, r.1)),
        )?;
        self.fill(
            &client,
            "post_tags",
            rows::post_tags().map(|r| format!("{}\t{}\n", r.0, r.1)),
        )?;
        self.run(&client, INDEXES)?;
        if more {
            self.run(&client, MORE)?;
            self.fill(
                &client,
                "channels",
                rows::channels().map(|r| format!("{}\t{}\n", r.0, r.1)),
            )?;
            self.fill(
                &client,
                "messages",
                rows::messages().map(|r| format!("{}\t{}\t{}\t{}\n", r.0, r.1, r.2, r.3)),
            )?;
            self.fill(
                &client,
                "accounts",
                rows::accounts().map(|r| format!("{}\t{}\t{}\n", r.0, r.1, r.2)),
            )?;
            self.fill(
                &client,
                "profiles",
                rows::profiles().map(|r| format!("{}\t{}\t{}\t{}\n", r.0, r.1, r.2, r.3)),
            )?;
            self.fill(
                &client,
                "readings",
                rows::readings().map(|r| format!("{}\t{}\t{}\t{}\t{}\n", r.0, r.1, r.2, r.3, r.4)),
            )?;
            self.run(&client, MORE_INDEXES)?;
        }
        for table in ["users", "posts", "comments", "tags"] {
            let next = format!("SELECT setval('{table}_id_seq', (SELECT max(id) FROM {table}))");
            self.run(&client, &next)?;
        }
        self.run(&client, "VACUUM (ANALYZE)")?;
        self.run(&client, "CHECKPOINT")?;
        drop(client);
        // A template has to be unused; dropping a client only begins to close its connection.
        let close = format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{SEED}'"
        );
        self.run(&server, &close)
    }

    /// The lines are `COPY`'s text: nothing in them has to be escaped.
    fn fill(
        &self,
        client: &Client,
        table: &str,
        lines: impl Iterator<Item = String>,
    ) -> Result<()> {
        let copy = format!("COPY {table} FROM STDIN");
        self.runtime.block_on(async {
            let sink = client.copy_in(&copy).await?;
            let mut sink = std::pin::pin!(sink);
            let mut chunk = String::new();
            for line in lines {
                chunk.push_str(&line);
                if chunk.len() > 1 << 16 {
                    sink.send(bytes::Bytes::from(std::mem::take(&mut chunk).into_bytes()))
                        .await?;
                }
            }
            sink.send(bytes::Bytes::from(chunk.into_bytes())).await?;
            sink.close().await?;
            Ok(())
        })
    }

    /// A copy for a contender: its name and its keeper.
    pub fn copy(&self, contender: &str) -> Result<(String, Database)> {
        let name = format!("bench_{}", contender.replace(['-', ' '], "_"));
        let server = self.client(None)?;
        self.run(
            &server,
            &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
        )?;
        let create = format!("CREATE DATABASE {name} TEMPLATE {SEED} STRATEGY FILE_COPY");
        self.run(&server, &create)?;
        let client = self.client(Some(&name))?;
        let runtime = Arc::clone(&self.runtime);
        Ok((name, Database { client, runtime }))
    }
}

/// One contender's database, seen from outside.
pub struct Database {
    client: Client,
    runtime: Arc<Runtime>,
}

impl Keeper for Database {
    fn state(&mut self) -> Result<Digest> {
        let state = "SELECT unnest(ARRAY[
            (SELECT count(*) FROM users),
            (SELECT sum(age + created_at % 1000003 + length(name) + length(email)) FROM users),
            (SELECT count(*) FROM posts),
            (SELECT sum(created_at % 1000003 + length(title) + length(body)) FROM posts),
            (SELECT count(*) FROM comments),
            (SELECT count(*) FROM post_tags),
            (SELECT sum(tag_id) FROM post_tags),
            (SELECT sum(tag_id * tag_id) FROM post_tags),
            (SELECT sum(length(p.title) * l.tag_id + p.created_at % 1009 * l.tag_id)
                FROM posts p JOIN post_tags l ON l.post_id = p.id),
            (SELECT sum(length(u.name) + u.created_at % 1009 * (p.created_at % 1013))
                FROM users u JOIN posts p ON p.user_id = u.id),
            (SELECT sum(id + length(name)) FROM tags)])::bigint";
        let mut digest = Digest::default();
        for row in self.runtime.block_on(self.client.query(state, &[]))? {
            digest.number(row.try_get(0)?);
        }
        Ok(digest)
    }

    fn restore(&mut self) -> Result<()> {
        let undo = format!(
            "BEGIN;
             DELETE FROM post_tags WHERE post_id > {POSTS};
             DELETE FROM posts WHERE id > {POSTS};
             DELETE FROM users WHERE id > {USERS};
             DELETE FROM post_tags WHERE post_id = {REPLACED};
             INSERT INTO post_tags SELECT {REPLACED}, id FROM tags WHERE id <= 20;
             COMMIT;"
        );
        self.runtime.block_on(self.client.batch_execute(&undo))?;
        // Nobody else tidies up: the server is told not to, so that it does not do so while others are
        // timed.
        let tidy = self.client.batch_execute("VACUUM users, posts, post_tags");
        Ok(self.runtime.block_on(tidy)?)
    }
}
