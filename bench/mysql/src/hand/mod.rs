//! By hand: mysql_async in the best form that we know. Each statement is prepared once; a level of a
//! tree is chosen by the condition of the one above; many rows are one statement, and their keys
//! follow the first one. Rows are read as they arrive.

mod rows;
mod write;

use std::collections::HashMap;
use std::hint::black_box;
use std::sync::Arc;

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, OptsBuilder, Params, Pool, PoolConstraints, PoolOpts, Row, Statement};
use sinew_bench::data::{self, Job, NewPost, NewUser};
use sinew_bench::group::group;
use sinew_bench::inputs::NewGraph;
use sinew_bench::operations::Seen;
use sinew_bench::{Operations, Reduce, Result, crowd};

use rows::{Account, Channel, Comment, Link, Message, Post, Profile, Reading, Tag, User};

const USER: &str = "SELECT id, name, email, age, created_at FROM users WHERE id = ?";
const USERS: &str = "SELECT id, name, email, age, created_at FROM users";
const FILTERED: &str = "SELECT id, name, email, age, created_at FROM users \
     WHERE age = ? AND created_at >= ? ORDER BY name DESC LIMIT 100";
const FIRST_USERS: &str = "SELECT id, name, email, age, created_at FROM users WHERE id <= ?";
const THEIR_POSTS: &str = "SELECT id, user_id, title, body, created_at FROM posts \
     WHERE user_id IN (SELECT id FROM users WHERE id <= ?)";
const THEIR_COMMENTS: &str = "SELECT id, post_id, body, created_at FROM comments \
     WHERE post_id IN (SELECT id FROM posts WHERE user_id IN (SELECT id FROM users WHERE id <= ?))";
const FIRST_POSTS: &str = "SELECT id, user_id, title, body, created_at FROM posts WHERE id <= ?";
const THEIR_TAGS: &str = "SELECT l.post_id, t.id, t.name FROM post_tags l \
     JOIN tags t ON t.id = l.tag_id WHERE l.post_id IN (SELECT id FROM posts WHERE id <= ?)";
const POSTS: &str = "SELECT id, user_id, title, body, created_at FROM posts";
const THEIR_USERS: &str = "SELECT id, name, email, age, created_at FROM users \
     WHERE id IN (SELECT user_id FROM posts)";
const CHANNELS: &str = "SELECT id, name FROM channels";
/// MariaDB has no LATERAL.
const NEWEST: &str = "SELECT id, channel_id, body, created_at FROM (SELECT m.*, row_number() OVER \
     (PARTITION BY channel_id ORDER BY created_at DESC) AS place FROM messages m) r \
     WHERE place <= 3";
const ACCOUNTS: &str = "SELECT id, email, created_at FROM accounts";
const THEIR_PROFILES: &str = "SELECT id, account_id, bio, website FROM profiles \
     WHERE account_id IN (SELECT id FROM accounts)";
const READINGS: &str = "SELECT id, sensor_id, value, note, created_at FROM readings WHERE id <= ?";
const RECENT_AUTHORS: &str = "SELECT id, name, email, age, created_at FROM users \
     WHERE id IN (SELECT user_id FROM posts WHERE created_at >= ?)";

/// A connection with its statements.
pub struct Session {
    connection: Conn,
    statements: HashMap<&'static str, Statement>,
    /// Those that write so many rows.
    many: HashMap<(&'static str, usize), Statement>,
}

impl Session {
    async fn open(url: &str) -> Result<Self> {
        let opts = OptsBuilder::from_opts(mysql_async::Opts::from_url(url)?).prefer_socket(false);
        Ok(Self {
            connection: Conn::new(opts).await?,
            statements: HashMap::new(),
            many: HashMap::new(),
        })
    }

    async fn statement(&mut self, sql: &'static str) -> Result<Statement> {
        if let Some(known) = self.statements.get(sql) {
            return Ok(known.clone());
        }
        let made = self.connection.prep(sql).await?;
        self.statements.insert(sql, made.clone());
        Ok(made)
    }

    async fn each(
        &mut self,
        sql: &'static str,
        values: impl Into<Params> + Send,
        mut row: impl FnMut(Row) -> Result<()>,
    ) -> Result<()> {
        let statement = self.statement(sql).await?;
        let mut rows = self.connection.exec_iter(statement, values).await?;
        while let Some(next) = rows.next().await? {
            row(next)?;
        }
        Ok(())
    }

    async fn all<T>(
        &mut self,
        sql: &'static str,
        values: impl Into<Params> + Send,
        read: fn(Row) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut found = Vec::new();
        let push = |row| {
            found.push(read(row)?);
            Ok(())
        };
        self.each(sql, values, push).await?;
        Ok(found)
    }

    async fn find(&mut self, id: i64) -> Result<User> {
        let statement = self.statement(USER).await?;
        let row: Option<Row> = self.connection.exec_first(statement, (id,)).await?;
        User::read(row.ok_or("no such user")?)
    }
}

pub struct Hand {
    session: Session,
    /// For W17.
    pool: Option<Pool>,
}

impl Hand {
    async fn load_authors(&mut self, most: i64) -> Result<Vec<(User, Vec<Post>)>> {
        let db = &mut self.session;
        let users = db.all(FIRST_USERS, (most,), User::read).await?;
        let posts = db.all(THEIR_POSTS, (most,), Post::read).await?;
        Ok(group(users, posts, |user| user.id, |post| post.user_id))
    }

    async fn load_nested(&mut self, most: i64) -> Result<Vec<(User, Vec<(Post, Vec<Comment>)>)>> {
        let db = &mut self.session;
        let users = db.all(FIRST_USERS, (most,), User::read).await?;
        let posts = db.all(THEIR_POSTS, (most,), Post::read).await?;
        let comments = db.all(THEIR_COMMENTS, (most,), Comment::read).await?;
        let posts = group(posts, comments, |post| post.id, |comment| comment.post_id);
        Ok(group(
            users,
            posts,
            |user| user.id,
            |(post, _)| post.user_id,
        ))
    }

    async fn load_tagged(&mut self, most: i64) -> Result<Vec<(Post, Vec<Tag>)>> {
        let db = &mut self.session;
        let posts = db.all(FIRST_POSTS, (most,), Post::read).await?;
        let links = db.all(THEIR_TAGS, (most,), Link::read).await?;
        let grouped = group(posts, links, |post| post.id, |link| link.post_id);
        let tag = |Link { id, name, .. }| Tag { id, name };
        let tags = |(post, links): (Post, Vec<Link>)| (post, links.into_iter().map(tag).collect());
        Ok(grouped.into_iter().map(tags).collect())
    }

    async fn load_with_users(&mut self) -> Result<Vec<(Post, Option<Arc<User>>)>> {
        let db = &mut self.session;
        let posts = db.all(POSTS, (), Post::read).await?;
        let users = db.all(THEIR_USERS, (), User::read).await?;
        let users = users.into_iter().map(|user| (user.id, Arc::new(user)));
        let users: HashMap<i64, Arc<User>> = users.collect();
        let mut last: Option<Arc<User>> = None;
        let with_user = |post: Post| {
            if last.as_ref().is_none_or(|user| user.id != post.user_id) {
                last = users.get(&post.user_id).cloned();
            }
            (post, last.clone())
        };
        Ok(posts.into_iter().map(with_user).collect())
    }
}

impl Operations for Hand {
    const BY_HAND: bool = true;

    type User = NewUser;
    type Graph = NewGraph;
    type Replacement = Vec<i64>;
    type Rename = (i64, String, String);

    fn user(new: NewUser) -> NewUser {
        new
    }

    fn graph(user: NewUser, posts: Vec<NewPost>) -> NewGraph {
        (user, posts)
    }

    fn replacement(tags: Vec<i64>) -> Vec<i64> {
        tags
    }

    fn rename(id: i64, name: String, email: String) -> Self::Rename {
        (id, name, email)
    }

    async fn open(place: &str, many: bool) -> Result<Self> {
        let session = Session::open(place).await?;
        let pool = if many {
            let four = PoolConstraints::new(4, 4).ok_or("no such pool")?;
            let opts = PoolOpts::default()
                .with_constraints(four)
                .with_reset_connection(false);
            let opts = OptsBuilder::from_opts(mysql_async::Opts::from_url(place)?)
                .prefer_socket(false)
                .pool_opts(opts);
            Some(Pool::new(opts))
        } else {
            None
        };
        Ok(Self { session, pool })
    }

    async fn by_key(&mut self, id: i64) -> Result<impl Reduce> {
        self.session.find(id).await
    }

    async fn all(&mut self) -> Result<Vec<impl Reduce>> {
        self.session.all(USERS, (), User::read).await
    }

    async fn filtered(&mut self) -> Result<Vec<impl Reduce>> {
        let values = (data::AGE, data::SINCE);
        self.session.all(FILTERED, values, User::read).await
    }

    async fn authors(&mut self, most: i64) -> Result<Vec<impl Reduce>> {
        self.load_authors(most).await
    }

    async fn nested(&mut self, most: i64) -> Result<Vec<impl Reduce>> {
        self.load_nested(most).await
    }

    async fn tagged(&mut self, most: i64) -> Result<Vec<impl Reduce>> {
        self.load_tagged(most).await
    }

    async fn with_users(&mut self) -> Result<Vec<impl Reduce>> {
        self.load_with_users().await
    }

    async fn insert_user(&mut self, user: &mut NewUser) -> Result<i64> {
        let ids = self.session.insert_users(std::slice::from_ref(&*user));
        ids.await?.pop().ok_or_else(|| "no key".into())
    }

    async fn insert_users(&mut self, users: &mut Vec<NewUser>) -> Result<Vec<i64>> {
        self.session.insert_users(users).await
    }

    async fn create(&mut self, graph: &mut NewGraph) -> Result<Vec<i64>> {
        let (users, posts) = self.session.create(std::slice::from_ref(graph)).await?;
        Ok(users.into_iter().chain(posts).collect())
    }

    async fn replace(&mut self, tags: &mut Vec<i64>) -> Result<(usize, usize)> {
        self.session.replace(tags).await
    }

    async fn update(&mut self, (id, name, email): &mut Self::Rename) -> Result<()> {
        let statement = self.session.statement(write::RENAME).await?;
        let connection = &mut self.session.connection;
        write::rename(connection, &statement, *id, name, email).await
    }

    async fn newest(&mut self) -> Result<Vec<impl Reduce>> {
        let db = &mut self.session;
        let channels = db.all(CHANNELS, (), Channel::read).await?;
        let messages = db.all(NEWEST, (), Message::read).await?;
        let (key, owner) = (|c: &Channel| c.id, |m: &Message| m.channel_id);
        Ok(group(channels, messages, key, owner))
    }

    async fn accounts(&mut self) -> Result<Vec<impl Reduce>> {
        let db = &mut self.session;
        let accounts = db.all(ACCOUNTS, (), Account::read).await?;
        let profiles = db.all(THEIR_PROFILES, (), Profile::read).await?;
        let (key, owner) = (|a: &Account| a.id, |p: &Profile| p.account_id);
        let one = |(account, mut profiles): (Account, Vec<Profile>)| (account, profiles.pop());
        let grouped = group(accounts, profiles, key, owner).into_iter();
        Ok(grouped.map(one).collect::<Vec<_>>())
    }

    async fn stream(&mut self, most: i64, seen: &mut Seen) -> Result<()> {
        let look = |row| {
            let row = Reading::read(row)?;
            seen.reading(row.id, row.sensor_id, row.value, &row.note, row.created_at);
            Ok(())
        };
        self.session.each(READINGS, (most,), look).await
    }

    async fn recent_authors(&mut self) -> Result<Vec<impl Reduce>> {
        let values = (data::NEW_POST,);
        self.session.all(RECENT_AUTHORS, values, User::read).await
    }

    async fn crowd(&mut self, tasks: Vec<Vec<Job>>) -> Result<usize> {
        let pool = self.pool.as_ref().ok_or("opened for one task alone")?;
        let task = |jobs| {
            let pool = pool.clone();
            async move {
                let mut failed = 0;
                for job in jobs {
                    failed += usize::from(work(&pool, job).await.is_err());
                }
                failed
            }
        };
        Ok(crowd::tasks(tasks, task).await)
    }

    async fn create_many(&mut self, graphs: &mut Vec<NewGraph>) -> Result<Vec<i64>> {
        let (users, _) = self.session.create(graphs).await?;
        Ok(users)
    }
}

/// The connection finds its statements by their text.
async fn work(pool: &Pool, job: Job) -> Result<()> {
    let mut connection = pool.get_conn().await?;
    match job {
        Job::Read(id) => {
            let row: Option<Row> = connection.exec_first(USER, (id,)).await?;
            black_box(User::read(row.ok_or("no such user")?)?);
            Ok(())
        }
        Job::Write(id, name, email) => {
            let statement = connection.prep(write::RENAME).await?;
            write::rename(&mut connection, &statement, id, &name, &email).await
        }
    }
}
