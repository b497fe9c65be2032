//! What it writes.

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Params, Statement, Value};
use sinew_bench::Result;
use sinew_bench::data::{self, NewPost, NewUser};
use sinew_bench::inputs::NewGraph;

use super::Session;

pub const RENAME: &str = "UPDATE users SET name = ?, email = ? WHERE id = ?";
const INSERT_USERS: &str = "INSERT INTO users (name, email, age, created_at) VALUES ";
const INSERT_POSTS: &str = "INSERT INTO posts (user_id, title, body, created_at) VALUES ";
const INSERT_LINKS: &str = "INSERT INTO post_tags (post_id, tag_id) VALUES ";
const ADD_LINKS: &str = "INSERT IGNORE INTO post_tags (post_id, tag_id) VALUES ";
const REMOVE_OTHERS: &str = "DELETE FROM post_tags WHERE post_id = ? AND tag_id NOT IN ";

pub async fn rename(
    connection: &mut Conn,
    statement: &Statement,
    id: i64,
    name: &str,
    email: &str,
) -> Result<()> {
    connection.exec_drop(statement, (name, email, id)).await?;
    if connection.affected_rows() != 1 {
        return Err("no such user".into());
    }
    Ok(())
}

impl Session {
    /// Writes so many rows of so many values.
    async fn write(&mut self, sql: &'static str, width: usize, values: Vec<Value>) -> Result<u64> {
        let rows = values.len() / width;
        let statement = match self.many.get(&(sql, rows)) {
            Some(known) => known.clone(),
            None => {
                let marks = format!("({})", vec!["?"; width].join(","));
                let made = format!("{sql}{}", vec![marks; rows].join(","));
                let made = self.connection.prep(made).await?;
                self.many.insert((sql, rows), made.clone());
                made
            }
        };
        let values = Params::Positional(values);
        self.connection.exec_drop(statement, values).await?;
        Ok(self.connection.affected_rows())
    }

    /// The keys of the last insert of `count` rows: a simple insert of many gets keys that follow one
    /// another.
    fn keys(&self, count: usize) -> Result<Vec<i64>> {
        let first = self.connection.last_insert_id().ok_or("no key was made")? as i64;
        Ok((first..).take(count).collect())
    }

    pub async fn insert_users(&mut self, users: &[NewUser]) -> Result<Vec<i64>> {
        let count = users.len();
        let mut values: Vec<Value> = Vec::with_capacity(count * 4);
        for user in users {
            push_user(&mut values, user);
        }
        self.write(INSERT_USERS, 4, values).await?;
        self.keys(count)
    }

    /// One statement for each level; the keys of the users and of the posts.
    pub async fn create(&mut self, graphs: &[NewGraph]) -> Result<(Vec<i64>, Vec<i64>)> {
        self.connection.query_drop("START TRANSACTION").await?;
        let mut values = Vec::with_capacity(graphs.len() * 4);
        for (user, _) in graphs {
            push_user(&mut values, user);
        }
        self.write(INSERT_USERS, 4, values).await?;
        let users = self.keys(graphs.len())?;
        let posts: Vec<&NewPost> = graphs.iter().flat_map(|(_, posts)| posts).collect();
        let owned = graphs.iter().zip(&users);
        let owners = owned.flat_map(|((_, posts), id)| posts.iter().map(move |_| *id));
        let mut values: Vec<Value> = Vec::with_capacity(posts.len() * 4);
        for (owner, post) in owners.zip(&posts) {
            values.extend([
                owner.into(),
                post.title.as_str().into(),
                post.body.as_str().into(),
                post.created_at.into(),
            ]);
        }
        self.write(INSERT_POSTS, 4, values).await?;
        let ids = self.keys(posts.len())?;
        let mut values: Vec<Value> = Vec::with_capacity(posts.len() * 6);
        for (post, id) in posts.iter().zip(&ids) {
            for tag in post.tags {
                values.extend([Value::from(*id), tag.into()]);
            }
        }
        self.write(INSERT_LINKS, 2, values).await?;
        self.connection.query_drop("COMMIT").await?;
        Ok((users, ids))
    }

    /// How many links are new, and how many are gone.
    pub async fn replace(&mut self, tags: &[i64]) -> Result<(usize, usize)> {
        self.connection.query_drop("START TRANSACTION").await?;
        let statement = match self.many.get(&(REMOVE_OTHERS, tags.len())) {
            Some(known) => known.clone(),
            None => {
                let sql = format!("{REMOVE_OTHERS}({})", vec!["?"; tags.len()].join(","));
                let made = self.connection.prep(sql).await?;
                self.many.insert((REMOVE_OTHERS, tags.len()), made.clone());
                made
            }
        };
        let values = [data::REPLACED].iter().chain(tags);
        let values: Vec<Value> = values.map(|id| (*id).into()).collect();
        let values = Params::Positional(values);
        self.connection.exec_drop(statement, values).await?;
        let gone = self.connection.affected_rows();
        let links = tags.iter().flat_map(|tag| [data::REPLACED, *tag]);
        let values = links.map(Value::from).collect();
        let added = self.write(ADD_LINKS, 2, values).await?;
        self.connection.query_drop("COMMIT").await?;
        Ok((added as usize, gone as usize))
    }
}

fn push_user(values: &mut Vec<Value>, user: &NewUser) {
    values.extend([
        user.name.as_str().into(),
        user.email.as_str().into(),
        user.age.into(),
        user.created_at.into(),
    ]);
}
