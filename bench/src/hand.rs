//! rusqlite by hand: what everybody is measured against.
//!
//! Statements are cached, opened without SQLite's mutex, decoded by position; children are found
//! by the owners' condition as a sub-query and merged in key order; inserts are one prepared
//! statement in a loop that reads the last rowid.

use std::collections::HashMap;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, Result, Row, params};

use crate::contender::{Contender, timed};
use crate::data::{self, NewPost, NewUser, inputs};
use crate::digest::Digest;
use crate::workload::Workload;

pub struct Hand(Connection);

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

impl Hand {
    pub fn open(path: &Path) -> Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.pragma_update(None, "journal_mode", "wal")?;
        connection.pragma_update(None, "synchronous", "normal")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        rusqlite::vtab::array::load_module(&connection)?;
        connection.set_prepared_statement_cache_capacity(64);
        Ok(Self(connection))
    }

    fn users(&self, sql: &str, values: impl rusqlite::Params, room: usize) -> Result<Vec<User>> {
        let mut statement = self.0.prepare_cached(sql)?;
        let mut rows = statement.query(values)?;
        let mut users = Vec::with_capacity(room);
        while let Some(row) = rows.next()? {
            users.push(user(row)?);
        }
        Ok(users)
    }

    fn by_key(&self, id: i64) -> Result<User> {
        self.0.prepare_cached(USER_BY_KEY)?.query_row([id], user)
    }

    fn all(&self) -> Result<Vec<User>> {
        self.users(USERS, [], 0)
    }

    fn filtered(&self) -> Result<Vec<User>> {
        let sql = "SELECT id, name, email, age, created_at FROM users \
                   WHERE age = ? AND created_at >= ? ORDER BY name DESC LIMIT 100";
        self.users(sql, params![data::AGE, data::SINCE], 100)
    }

    fn authors(&self, most: i64) -> Result<Vec<With<User, Post>>> {
        let mut found: Vec<With<User, Post>> = {
            let mut statement = self.0.prepare_cached(FIRST_USERS)?;
            let rows = statement.query_map([most], |row| Ok((user(row)?, Vec::new())))?;
            rows.collect::<Result<_>>()?
        };
        let mut statement = self.0.prepare_cached(
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

    fn nested(&self, most: i64) -> Result<Vec<With<User, With<Post, Comment>>>> {
        let mut places = HashMap::new();
        let mut found: Vec<With<User, With<Post, Comment>>> = Vec::new();
        for (at, (user, posts)) in self.authors(most)?.into_iter().enumerate() {
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
        let mut statement = self.0.prepare_cached(
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
    fn tagged(&self, most: i64) -> Result<Vec<With<Post, Tag>>> {
        let mut found: Vec<With<Post, Tag>> = {
            let mut statement = self.0.prepare_cached(
                "SELECT id, user_id, title, body, created_at FROM posts WHERE id <= ? ORDER BY id",
            )?;
            let rows = statement.query_map([most], |row| Ok((post(row)?, Vec::new())))?;
            rows.collect::<Result<_>>()?
        };
        let mut tags: HashMap<i64, Option<Tag>> = HashMap::new();
        let mut links: Vec<(i64, i64)> = Vec::new();
        let mut statement = self.0.prepare_cached(
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
            .0
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

    fn with_users(&self) -> Result<Vec<(Post, Option<Arc<User>>)>> {
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
            .0
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

    fn insert_user(&self, user: &NewUser) -> Result<i64> {
        self.0.prepare_cached(INSERT_USER)?.execute(params![
            user.name,
            user.email,
            user.age,
            user.created_at
        ])?;
        Ok(self.0.last_insert_rowid())
    }

    fn insert_users(&mut self, users: &[NewUser]) -> Result<Vec<i64>> {
        let tx = self.0.transaction()?;
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

    fn create(&mut self, user: &NewUser, posts: &[NewPost]) -> Result<Vec<i64>> {
        let tx = self.0.transaction()?;
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

    fn replace(&mut self, wanted: &[i64]) -> Result<(usize, usize)> {
        let tx = self
            .0
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

    fn rename(&self, id: i64, name: &str, email: &str) -> Result<usize> {
        self.0
            .prepare_cached("UPDATE users SET name = ?, email = ? WHERE id = ?")?
            .execute(params![name, email, id])
    }
}

impl Contender for Hand {
    fn name(&self) -> &'static str {
        "hand"
    }

    fn has(&self, _workload: Workload) -> bool {
        true
    }

    fn check(&mut self, workload: Workload) -> Digest {
        let mut digest = Digest::default();
        self.reduce(workload, &mut digest)
            .expect("hand-written rusqlite works");
        digest
    }

    fn sample(&mut self, workload: Workload, times: usize) -> Duration {
        let once = vec![(); times];
        match workload {
            Workload::FindByKey => timed(inputs::ids(times), |id| self.by_key(*id).unwrap()),
            Workload::LoadAll => timed(once, |()| self.all().unwrap()),
            Workload::FilterAndOrder => timed(once, |()| self.filtered().unwrap()),
            Workload::HasMany => timed(once, |()| self.authors(data::AUTHORS).unwrap()),
            Workload::Nested => timed(once, |()| self.nested(100).unwrap()),
            Workload::ManyToMany => timed(once, |()| self.tagged(1_000).unwrap()),
            Workload::BelongsTo => timed(once, |()| self.with_users().unwrap()),
            Workload::InsertOne => {
                timed(inputs::users(times), |user| self.insert_user(user).unwrap())
            }
            Workload::InsertMany => timed(inputs::thousands(times), |users| {
                self.insert_users(users).unwrap()
            }),
            Workload::NestedCreate => timed(inputs::graphs(times), |(user, posts)| {
                self.create(user, posts).unwrap()
            }),
            Workload::Replace => timed(inputs::replacements(times), |tags| {
                self.replace(tags).unwrap()
            }),
            Workload::UpdateByKey => timed(inputs::renames(times), |(id, name, email)| {
                self.rename(*id, name, email).unwrap()
            }),
        }
    }
}

impl Hand {
    fn reduce(&mut self, workload: Workload, digest: &mut Digest) -> Result<()> {
        match workload {
            Workload::FindByKey => self.by_key(4_711)?.reduce(0, digest),
            Workload::LoadAll => self.all()?.iter().for_each(|user| user.reduce(0, digest)),
            Workload::FilterAndOrder => {
                for (place, user) in (0..).zip(self.filtered()?) {
                    user.reduce(place, digest);
                }
            }
            Workload::HasMany => {
                for (user, posts) in self.authors(data::AUTHORS)? {
                    user.reduce(0, digest);
                    posts.iter().for_each(|post| post.reduce(user.id, digest));
                }
            }
            Workload::Nested => {
                for (user, posts) in self.nested(100)? {
                    user.reduce(0, digest);
                    for (post, comments) in posts {
                        post.reduce(user.id, digest);
                        for comment in comments {
                            let Comment {
                                id,
                                post_id,
                                body,
                                created_at,
                            } = comment;
                            digest.comment(post.id, id, post_id, &body, created_at);
                        }
                    }
                }
            }
            Workload::ManyToMany => {
                for (post, tags) in self.tagged(1_000)? {
                    post.reduce(0, digest);
                    tags.iter()
                        .for_each(|tag| digest.tag(post.id, tag.id, &tag.name));
                }
            }
            Workload::BelongsTo => {
                for (post, user) in self.with_users()? {
                    post.reduce(0, digest);
                    user.iter().for_each(|user| user.reduce(post.id, digest));
                }
            }
            Workload::InsertOne => digest.number(self.insert_user(&data::new_user(0))?),
            Workload::InsertMany => {
                let users: Vec<_> = (0..1_000).map(data::new_user).collect();
                digest.ids(self.insert_users(&users)?);
            }
            Workload::NestedCreate => {
                digest.ids(self.create(&data::new_user(0), &data::new_posts(0))?);
            }
            Workload::Replace => {
                let (added, removed) = self.replace(&data::replacement(0))?;
                digest.ids([added as i64, removed as i64]);
            }
            Workload::UpdateByKey => {
                let (id, name, email) = data::rename(0);
                digest.number(self.rename(id, &name, &email)? as i64);
            }
        }
        Ok(())
    }
}

impl User {
    fn reduce(&self, place: i64, digest: &mut Digest) {
        digest.user(
            place,
            self.id,
            &self.name,
            &self.email,
            self.age,
            self.created_at,
        );
    }
}

impl Post {
    fn reduce(&self, owner: i64, digest: &mut Digest) {
        digest.post(
            owner,
            self.id,
            self.user_id,
            &self.title,
            &self.body,
            self.created_at,
        );
    }
}
