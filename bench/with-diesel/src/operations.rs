//! The operations, by name.

use sinew_bench::data::{Job, NewPost, NewUser};
use sinew_bench::inputs::NewGraph;
use sinew_bench::operations::Seen;
use sinew_bench::{Operations, Reduce, Result};

use super::{Diesel, reads, returning, writes};

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
        Diesel::connect(place, many).await
    }

    async fn by_key(&mut self, id: i64) -> Result<impl Reduce> {
        reads::find(&mut self.connection, id).await
    }

    async fn all(&mut self) -> Result<Vec<impl Reduce>> {
        self.load().await
    }

    async fn filtered(&mut self) -> Result<Vec<impl Reduce>> {
        self.load_filtered().await
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
        returning::insert(&mut self.connection, user).await
    }

    async fn insert_users(&mut self, users: &mut Vec<NewUser>) -> Result<Vec<i64>> {
        writes::insert_all(&mut self.connection, users).await
    }

    async fn create(&mut self, graph: &mut NewGraph) -> Result<Vec<i64>> {
        let graphs = std::slice::from_ref(graph);
        let (users, posts) = writes::create(&mut self.connection, graphs).await?;
        Ok(users.into_iter().chain(posts).collect())
    }

    async fn replace(&mut self, tags: &mut Vec<i64>) -> Result<(usize, usize)> {
        writes::replace(&mut self.connection, tags).await
    }

    async fn update(&mut self, (id, name, email): &mut Self::Rename) -> Result<()> {
        writes::rename(&mut self.connection, *id, name, email).await
    }

    async fn newest(&mut self) -> Result<Vec<impl Reduce>> {
        self.load_newest().await
    }

    async fn accounts(&mut self) -> Result<Vec<impl Reduce>> {
        self.load_accounts().await
    }

    async fn stream(&mut self, most: i64, seen: &mut Seen) -> Result<()> {
        self.stream_readings(most, seen).await
    }

    async fn recent_authors(&mut self) -> Result<Vec<impl Reduce>> {
        self.load_recent_authors().await
    }

    async fn crowd(&mut self, tasks: Vec<Vec<Job>>) -> Result<usize> {
        self.work(tasks).await
    }

    async fn create_many(&mut self, graphs: &mut Vec<NewGraph>) -> Result<Vec<i64>> {
        let (users, _) = writes::create(&mut self.connection, graphs).await?;
        Ok(users)
    }
}
