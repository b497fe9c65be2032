//! rusqlite by hand: what everybody is measured against.
//!
//! Statements are cached, opened without SQLite's mutex, decoded by position; children are found
//! by the owners' condition as a sub-query and merged in key order; inserts are one prepared
//! statement in a loop that reads the last rowid.

mod crowd;
mod more;

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, Result, Row, params};
use sinew_bench::data::{self, Job, NewPost, NewUser};
use sinew_bench::inputs::NewGraph;
use sinew_bench::operations::Seen;
use sinew_bench::{Operations, Reduce};

use crowd::Pool;

pub struct Hand {
    connection: Connection,
    /// What W17 takes its connections from.
    pool: Option<Pool>,
}

pub struct User {
    id: i64,
    name: String,
    email: String,
    age: i32,
    created_at: i64,
}

pub struct Post {
    id: i64,
    user_id: i64,
    title: String,
    body: String,
    created_at: i64,
}

pub struct Comment {
    id: i64,
    post_id: i64,
    body: String,
    created_at: i64,
}

#[derive(Clone)]
pub struct Tag {
    id: i64,
    name: String,
}

sinew_bench::reduce!(user: User, post: Post, comment: Comment, tag: Tag);

/// A row with what belongs to it.
type With<T, U> = (T, Vec<U>);

fn user(row: &Row<'_>) -> Result<User> {
    Ok(User {
        id: row.get(0)?,
        name: row.get(1)?,
        email: row.get(2)?,
        age: row.get(3)?,
        created_at: row.get(4)?,
    })
}

fn post(row: &Row<'_>) -> Result<Post> {
    Ok(Post {
        id: row.get(0)?,
        user_id: row.get(1)?,
        title: row.get(2)?,
        body: row.get(3)?,
        created_at: row.get(4)?,
    })
}

fn comment(row: &Row<'_>) -> Result<Comment> {
    Ok(Comment {
        id: row.get(0)?,
        post_id: row.get(1)?,
        body: row.get(2)?,
        created_at: row.get(3)?,
    })
}

fn tag(row: &Row<'_>) -> Result<Tag> {
    Ok(Tag {
        id: row.get(0)?,
        name: row.get(1)?,
    })
}

fn list(keys: impl IntoIterator<Item = i64>) -> Rc<Vec<Value>> {
    Rc::new(keys.into_iter().map(Value::Integer).collect())
}

const USERS: &str = "SELECT id, name, email, age, created_at FROM users";
const USER_BY_KEY: &str = "SELECT id, name, email, age, created_at FROM users WHERE id = ?";
const FIRST_USERS: &str =
    "SELECT id, name, email, age, created_at FROM users WHERE id <= ? ORDER BY id";
const INSERT_USER: &str = "INSERT INTO users (name, email, age, created_at) VALUES (?, ?, ?, ?)";
const INSERT_POST: &str =
    "INSERT INTO posts (user_id, title, body, created_at) VALUES (?, ?, ?, ?)";
const INSERT_LINK: &str = "INSERT INTO post_tags (post_id, tag_id) VALUES (?, ?)";

fn open(place: &str) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(place, flags)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "normal")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    rusqlite::vtab::array::load_module(&connection)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

impl Hand {
    fn users(&self, sql: &str, values: impl rusqlite::Params, room: usize) -> Result<Vec<User>> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(values)?;
        let mut users = Vec::with_capacity(room);
        while let Some(row) = rows.next()? {
            users.push(user(row)?);
        }
        Ok(users)
    }

    fn find(&self, id: i64) -> Result<User> {
        find(&self.connection, id)
    }

    fn load(&self) -> Result<Vec<User>> {
        self.users(USERS, [], 0)
    }

    fn load_filtered(&self) -> Result<Vec<User>> {
        let sql = "SELECT id, name, email, age, created_at FROM users \
                   WHERE age = ? AND created_at >= ? ORDER BY name DESC LIMIT 100";
        self.users(sql, params![data::AGE, data::SINCE], 100)
    }

    fn load_authors(&self, most: i64) -> Result<Vec<With<User, Post>>> {
        let mut found: Vec<With<User, Post>> = {
            let mut statement = self.connection.prepare_cached(FIRST_USERS)?;
            let rows = statement.query_map([most], |row| Ok((user(row)?, Vec::new())))?;
            rows.collect::<Result<_>>()?
        };
        let mut statement = self.connection.prepare_cached(
            "SELECT id, user_id, title, body, created_at FROM posts \
             WHERE user_id IN (SELECT id FROM users WHERE id <= ?) ORDER BY user_id",
        )?;
        let mut rows = statement.query([most])?;
        let mut at = 0;
        while let Some(row) = rows.next()? {
            let post = post(row)?;
            while found[at].0.id != post.user_id {
                at += 1;
            }
            found[at].1.push(post);
        }
        Ok(found)
    }

    fn load_nested(&self, most: i64) -> Result<Vec<With<User, With<Post, Comment>>>> {
        let mut places = HashMap::new();
        let mut found: Vec<With<User, With<Post, Comment>>> = Vec::new();
        for (at, (user, posts)) in self.load_authors(most)?.into_iter().enumerate() {
            places.extend(
                posts
                    .iter()
                    .enumerate()
                    .map(|(in_user, post)| (post.id, (at, in_user))),
            );
            found.push((
                user,
                posts.into_iter().map(|post| (post, Vec::new())).collect(),
            ));
        }
        let mut statement = self.connection.prepare_cached(
            "SELECT id, post_id, body, created_at FROM comments WHERE post_id IN \
             (SELECT id FROM posts WHERE user_id IN (SELECT id FROM users WHERE id <= ?)) \
             ORDER BY post_id",
        )?;
        let mut rows = statement.query([most])?;
        let (mut last, mut place) = (0, (0, 0));
        while let Some(row) = rows.next()? {
            let comment = comment(row)?;
            if comment.post_id != last {
                last = comment.post_id;
                place = places[&last];
            }
            found[place.0].1[place.1].1.push(comment);
        }
        Ok(found)
    }

    /// Links first, then the distinct tags: 0.8 of the cost of a JOIN.
    fn load_tagged(&self, most: i64) -> Result<Vec<With<Post, Tag>>> {
        let mut found: Vec<With<Post, Tag>> = {
            let mut statement = self.connection.prepare_cached(
                "SELECT id, user_id, title, body, created_at FROM posts WHERE id <= ? ORDER BY id",
            )?;
            let rows = statement.query_map([most], |row| Ok((post(row)?, Vec::new())))?;
            rows.collect::<Result<_>>()?
        };
        let mut tags: HashMap<i64, Option<Tag>> = HashMap::new();
        let mut links: Vec<(i64, i64)> = Vec::new();
        let mut statement = self.connection.prepare_cached(
            "SELECT post_id, tag_id FROM post_tags \
             WHERE post_id IN (SELECT id FROM posts WHERE id <= ?) ORDER BY post_id",
        )?;
        let mut rows = statement.query([most])?;
        while let Some(row) = rows.next()? {
            let link = (row.get(0)?, row.get(1)?);
            tags.insert(link.1, None);
            links.push(link);
        }
        let mut statement = self
            .connection
            .prepare_cached("SELECT id, name FROM tags WHERE id IN rarray(?)")?;
        let mut rows = statement.query([list(tags.keys().copied())])?;
        while let Some(row) = rows.next()? {
            let tag = tag(row)?;
            tags.insert(tag.id, Some(tag));
        }
        let mut at = 0;
        for (post, tag) in links {
            while found[at].0.id != post {
                at += 1;
            }
            found[at].1.extend(tags[&tag].clone());
        }
        Ok(found)
    }

    fn load_with_users(&self) -> Result<Vec<(Post, Option<Arc<User>>)>> {
        let users = self.users(
            "SELECT id, name, email, age, created_at FROM users \
             WHERE id IN (SELECT user_id FROM posts)",
            [],
            0,
        )?;
        let users: HashMap<i64, Arc<User>> = users
            .into_iter()
            .map(|user| (user.id, Arc::new(user)))
            .collect();
        let mut statement = self
            .connection
            .prepare_cached("SELECT id, user_id, title, body, created_at FROM posts")?;
        let mut rows = statement.query([])?;
        let mut found: Vec<(Post, Option<Arc<User>>)> = Vec::new();
        while let Some(row) = rows.next()? {
            let post = post(row)?;
            let user = match found.last() {
                Some((last, user)) if last.user_id == post.user_id => user.clone(),
                _ => users.get(&post.user_id).cloned(),
            };
            found.push((post, user));
        }
        Ok(found)
    }

    fn insert(&self, user: &NewUser) -> Result<i64> {
        self.connection
            .prepare_cached(INSERT_USER)?
            .execute(params![user.name, user.email, user.age, user.created_at])?;
        Ok(self.connection.last_insert_rowid())
    }

    fn insert_all(&mut self, users: &[NewUser]) -> Result<Vec<i64>> {
        let tx = self.connection.transaction()?;
        let mut ids = Vec::with_capacity(users.len());
        {
            let mut statement = tx.prepare_cached(INSERT_USER)?;
            for user in users {
                statement.execute(params![user.name, user.email, user.age, user.created_at])?;
                ids.push(tx.last_insert_rowid());
            }
        }
        tx.commit()?;
        Ok(ids)
    }

    fn create_graph(&mut self, user: &NewUser, posts: &[NewPost]) -> Result<Vec<i64>> {
        let tx = self.connection.transaction()?;
        let mut ids = Vec::with_capacity(posts.len() + 1);
        {
            let values = params![user.name, user.email, user.age, user.created_at];
            tx.prepare_cached(INSERT_USER)?.execute(values)?;
            let owner = tx.last_insert_rowid();
            ids.push(owner);
            let mut statement = tx.prepare_cached(INSERT_POST)?;
            for post in posts {
                statement.execute(params![owner, post.title, post.body, post.created_at])?;
                ids.push(tx.last_insert_rowid());
            }
            let mut statement = tx.prepare_cached(INSERT_LINK)?;
            for (post, id) in posts.iter().zip(&ids[1..]) {
                for tag in post.tags {
                    statement.execute([*id, tag])?;
                }
            }
        }
        tx.commit()?;
        Ok(ids)
    }

    fn replace_tags(&mut self, wanted: &[i64]) -> Result<(usize, usize)> {
        let tx = self
            .connection
            .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let (mut added, mut removed) = (0, 0);
        {
            let held: Vec<i64> = tx
                .prepare_cached("SELECT tag_id FROM post_tags WHERE post_id = ?")?
                .query_map([data::REPLACED], |row| row.get(0))?
                .collect::<Result<_>>()?;
            let mut statement =
                tx.prepare_cached("DELETE FROM post_tags WHERE post_id = ? AND tag_id = ?")?;
            for tag in held.iter().filter(|tag| !wanted.contains(tag)) {
                removed += statement.execute([data::REPLACED, *tag])?;
            }
            let mut statement = tx.prepare_cached(INSERT_LINK)?;
            for tag in wanted.iter().filter(|tag| !held.contains(tag)) {
                added += statement.execute([data::REPLACED, *tag])?;
            }
        }
        tx.commit()?;
        Ok((added, removed))
    }
}

fn find(connection: &Connection, id: i64) -> Result<User> {
    connection
        .prepare_cached(USER_BY_KEY)?
        .query_row([id], user)
}

fn rename(connection: &Connection, id: i64, name: &str, email: &str) -> Result<()> {
    let changed = connection
        .prepare_cached("UPDATE users SET name = ?, email = ? WHERE id = ?")?
        .execute(params![name, email, id])?;
    (changed == 1)
        .then_some(())
        .ok_or(rusqlite::Error::QueryReturnedNoRows)
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

    async fn open(place: &str, many: bool) -> sinew_bench::Result<Self> {
        Ok(Self {
            connection: open(place)?,
            pool: many.then(|| Pool::open(place)).transpose()?,
        })
    }

    async fn by_key(&mut self, id: i64) -> sinew_bench::Result<impl Reduce> {
        Ok(self.find(id)?)
    }

    async fn all(&mut self) -> sinew_bench::Result<Vec<impl Reduce>> {
        Ok(self.load()?)
    }

    async fn filtered(&mut self) -> sinew_bench::Result<Vec<impl Reduce>> {
        Ok(self.load_filtered()?)
    }

    async fn authors(&mut self, most: i64) -> sinew_bench::Result<Vec<impl Reduce>> {
        Ok(self.load_authors(most)?)
    }

    async fn nested(&mut self, most: i64) -> sinew_bench::Result<Vec<impl Reduce>> {
        Ok(self.load_nested(most)?)
    }

    async fn tagged(&mut self, most: i64) -> sinew_bench::Result<Vec<impl Reduce>> {
        Ok(self.load_tagged(most)?)
    }

    async fn with_users(&mut self) -> sinew_bench::Result<Vec<impl Reduce>> {
        Ok(self.load_with_users()?)
    }

    async fn insert_user(&mut self, user: &mut NewUser) -> sinew_bench::Result<i64> {
        Ok(self.insert(user)?)
    }

    async fn insert_users(&mut self, users: &mut Vec<NewUser>) -> sinew_bench::Result<Vec<i64>> {
        Ok(self.insert_all(users)?)
    }

    async fn create(&mut self, (user, posts): &mut NewGraph) -> sinew_bench::Result<Vec<i64>> {
        Ok(self.create_graph(user, posts)?)
    }

    async fn replace(&mut self, tags: &mut Vec<i64>) -> sinew_bench::Result<(usize, usize)> {
        Ok(self.replace_tags(tags)?)
    }

    async fn update(&mut self, (id, name, email): &mut Self::Rename) -> sinew_bench::Result<()> {
        Ok(rename(&self.connection, *id, name, email)?)
    }

    async fn newest(&mut self) -> sinew_bench::Result<Vec<impl Reduce>> {
        Ok(self.load_newest()?)
    }

    async fn accounts(&mut self) -> sinew_bench::Result<Vec<impl Reduce>> {
        Ok(self.load_accounts()?)
    }

    async fn stream(&mut self, most: i64, seen: &mut Seen) -> sinew_bench::Result<()> {
        Ok(self.stream_readings(most, seen)?)
    }

    async fn recent_authors(&mut self) -> sinew_bench::Result<Vec<impl Reduce>> {
        Ok(self.load_recent_authors()?)
    }

    async fn crowd(&mut self, tasks: Vec<Vec<Job>>) -> sinew_bench::Result<usize> {
        let pool = self.pool.as_ref().ok_or("opened for one task alone")?;
        Ok(pool.run(tasks).await)
    }

    async fn create_many(&mut self, graphs: &mut Vec<NewGraph>) -> sinew_bench::Result<Vec<i64>> {
        Ok(self.create_graphs(graphs)?)
    }
}
