//! What is written with one crate: a method for each workload.
//!
//! What is timed is the method alone. Its input is made before, in the form that the crate wants
//! (an associated type); what it returns is dropped within the time, and reduced when it is checked.

use std::future::{Future, ready};

use crate::data::{Job, NewPost, NewUser};
use crate::inputs::NewGraph;
use crate::{Digest, Reduce, Result, Workload};

/// One crate's form of all workloads.
pub trait Operations: Sized + Send + 'static {
    /// Whether it is the driver with hand-written SQL.
    const BY_HAND: bool = false;

    /// The workloads that the crate has no way for.
    const LACKS: &[Workload] = &[];

    /// A user that is about to be created.
    type User: Send;
    /// A user with posts with tags that is about to be created.
    type Graph: Send;
    /// The post of W11 with the tags that it shall have.
    type Replacement: Send;
    /// A user who was read before and gets another name and email.
    type Rename: Send;

    fn user(new: NewUser) -> Self::User;
    fn graph(user: NewUser, posts: Vec<NewPost>) -> Self::Graph;
    fn replacement(tags: Vec<i64>) -> Self::Replacement;
    fn rename(id: i64, name: String, email: String) -> Self::Rename;

    /// Opens the database in this place, for one task, or for W17 in the form that suits many.
    fn open(place: &str, many: bool) -> impl Future<Output = Result<Self>> + Send;

    /// W1: the user with this key.
    fn by_key(&mut self, id: i64) -> impl Future<Output = Result<impl Reduce>> + Send;

    /// W2: all users.
    fn all(&mut self) -> impl Future<Output = Result<Vec<impl Reduce>>> + Send;

    /// W3: users of [`crate::data::AGE`] since [`crate::data::SINCE`], the first 100 by falling name.
    fn filtered(&mut self) -> impl Future<Output = Result<Vec<impl Reduce>>> + Send;

    /// W4: users up to this key with their posts.
    fn authors(&mut self, most: i64) -> impl Future<Output = Result<Vec<impl Reduce>>> + Send;

    /// W5: users up to this key with their posts and the comments of these.
    fn nested(&mut self, most: i64) -> impl Future<Output = Result<Vec<impl Reduce>>> + Send;

    /// W6: posts up to this key with their tags.
    fn tagged(&mut self, most: i64) -> impl Future<Output = Result<Vec<impl Reduce>>> + Send;

    /// W7: all posts with the user of each.
    fn with_users(&mut self) -> impl Future<Output = Result<Vec<impl Reduce>>> + Send;

    /// W8: creates a user and tells its key.
    fn insert_user(&mut self, user: &mut Self::User) -> impl Future<Output = Result<i64>> + Send;

    /// W9: creates users and tells their keys, in their order.
    fn insert_users(
        &mut self,
        users: &mut Vec<Self::User>,
    ) -> impl Future<Output = Result<Vec<i64>>> + Send;

    /// W10: creates a user, its posts and their links to tags that are there, and tells the keys of
    /// the user and the posts.
    fn create(&mut self, graph: &mut Self::Graph) -> impl Future<Output = Result<Vec<i64>>> + Send;

    /// W11: gives a post other tags; tells how many links are new, and how many are gone.
    fn replace(
        &mut self,
        replacement: &mut Self::Replacement,
    ) -> impl Future<Output = Result<(usize, usize)>> + Send;

    /// W12: changes a user.
    fn update(&mut self, rename: &mut Self::Rename) -> impl Future<Output = Result<()>> + Send;

    /// W13: all channels, each with its [`crate::data::NEWEST`] newest messages.
    fn newest(&mut self) -> impl Future<Output = Result<Vec<impl Reduce>>> + Send {
        ready(Err::<Vec<()>, _>(lacks(Workload::PerOwnerLimit)))
    }

    /// W14: all accounts, each with its profile.
    fn accounts(&mut self) -> impl Future<Output = Result<Vec<impl Reduce>>> + Send {
        ready(Err::<Vec<()>, _>(lacks(Workload::ManyOwners)))
    }

    /// W15: has `seen` look at the readings up to this key, one after another.
    fn stream(&mut self, _most: i64, _seen: &mut Seen) -> impl Future<Output = Result<()>> + Send {
        ready(Err(lacks(Workload::Stream)))
    }

    /// W16: users with a post since [`crate::data::NEW_POST`].
    fn recent_authors(&mut self) -> impl Future<Output = Result<Vec<impl Reduce>>> + Send {
        ready(Err::<Vec<()>, _>(lacks(Workload::Any)))
    }

    /// W17: has a task for each list do its jobs; tells how many of them failed.
    fn crowd(&mut self, _tasks: Vec<Vec<Job>>) -> impl Future<Output = Result<usize>> + Send {
        ready(Err(lacks(Workload::Crowd)))
    }

    /// W18: as W10, of many users at once.
    fn create_many(
        &mut self,
        _graphs: &mut Vec<Self::Graph>,
    ) -> impl Future<Output = Result<Vec<i64>>> + Send {
        ready(Err(lacks(Workload::CreateMany)))
    }

    /// As [`Operations::graph`], of many.
    fn graphs(new: Vec<NewGraph>) -> Vec<Self::Graph> {
        new.into_iter()
            .map(|(user, posts)| Self::graph(user, posts))
            .collect()
    }
}

fn lacks(workload: Workload) -> crate::Failure {
    format!("{} is not written for this contender", workload.title()).into()
}

/// Looks at the rows of a stream, one after another.
#[derive(Default)]
pub struct Seen {
    rows: usize,
    sum: i64,
    digest: Option<Digest>,
}

impl Seen {
    /// One that compares every row, which takes longer than reading it.
    pub fn checking() -> Self {
        Self {
            digest: Some(Digest::default()),
            ..Self::default()
        }
    }

    pub fn reading(&mut self, id: i64, sensor: i64, value: i64, note: &str, at: i64) {
        self.rows += 1;
        self.sum += value + note.len() as i64;
        if let Some(digest) = &mut self.digest {
            digest.reading(id, sensor, value, note, at);
        }
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    /// What was seen: of all columns, if it was to be checked.
    pub fn digest(&self) -> Digest {
        let mut digest = self.digest.unwrap_or_default();
        digest.number(self.rows as i64);
        digest.number(self.sum);
        digest
    }
}
