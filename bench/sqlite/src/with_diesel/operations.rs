//! The operations, by name.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use sinew_bench::data::{Job, NewPost, NewUser};
use sinew_bench::inputs::NewGraph;
use sinew_bench::operations::Seen;
use sinew_bench::{Operations, Reduce, Result};

use super::{Diesel, PRAGMAS, Pool, find, write};

impl Operations for Diesel {
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
        let mut connection = SqliteConnection::establish(place)?;
        connection.batch_execute(PRAGMAS)?;
        let pool = many.then(|| Pool::open(place)).transpose()?;
        Ok(Self { connection, pool })
    }

    async fn by_key(&mut self, id: i64) -> Result<impl Reduce> {
        Ok(find(&mut self.connection, id)?)
    }

    async fn all(&mut self) -> Result<Vec<impl Reduce>> {
        Ok(self.load()?)
    }

    async fn filtered(&mut self) -> Result<Vec<impl Reduce>> {
        Ok(self.load_filtered()?)
    }

    async fn authors(&mut self, most: i64) -> Result<Vec<impl Reduce>> {
        Ok(self.load_authors(most)?)
    }

    async fn nested(&mut self, most: i64) -> Result<Vec<impl Reduce>> {
        Ok(self.load_nested(most)?)
    }

    async fn tagged(&mut self, most: i64) -> Result<Vec<impl Reduce>> {
        Ok(self.load_tagged(most)?)
    }

    async fn with_users(&mut self) -> Result<Vec<impl Reduce>> {
        Ok(self.load_with_users()?)
    }

    async fn insert_user(&mut self, user: &mut NewUser) -> Result<i64> {
        Ok(write::insert(&mut self.connection, user)?)
    }

    async fn insert_users(&mut self, users: &mut Vec<NewUser>) -> Result<Vec<i64>> {
        Ok(write::insert_all(&mut self.connection, users)?)
    }

    async fn create(&mut self, (user, posts): &mut NewGraph) -> Result<Vec<i64>> {
        Ok(write::create(&mut self.connection, user, posts)?)
    }

    async fn replace(&mut self, tags: &mut Vec<i64>) -> Result<(usize, usize)> {
        Ok(write::replace(&mut self.connection, tags)?)
    }

    async fn update(&mut self, (id, name, email): &mut Self::Rename) -> Result<()> {
        Ok(write::rename(&mut self.connection, *id, name, email)?)
    }

    async fn newest(&mut self) -> Result<Vec<impl Reduce>> {
        Ok(self.load_newest()?)
    }

    async fn accounts(&mut self) -> Result<Vec<impl Reduce>> {
        Ok(self.load_accounts()?)
    }

    async fn stream(&mut self, most: i64, seen: &mut Seen) -> Result<()> {
        Ok(self.stream_readings(most, seen)?)
    }

    async fn recent_authors(&mut self) -> Result<Vec<impl Reduce>> {
        Ok(self.load_recent_authors()?)
    }

    async fn crowd(&mut self, tasks: Vec<Vec<Job>>) -> Result<usize> {
        let pool = self.pool.as_ref().ok_or("opened for one task alone")?;
        Ok(pool.run(tasks).await)
    }

    async fn create_many(&mut self, graphs: &mut Vec<NewGraph>) -> Result<Vec<i64>> {
        Ok(write::create_many(&mut self.connection, graphs)?)
    }
}
