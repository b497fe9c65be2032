//! Sinew, from async code: every operation is awaited inside one task.

use std::hint::black_box;
use std::path::Path;
use std::time::Duration;

use sinew::prelude::*;
use tokio::runtime::{Builder, Runtime};

use crate::contender::{Contender, Stopwatch};
use crate::data::{self, NewPost, NewUser, inputs};
use crate::digest::Digest;
use crate::workload::Workload;

#[derive(Model, Clone, Debug, Default)]
pub struct User {
    pub id: i64,
    pub name: String,
    pub email: String,
    pub age: i32,
    pub created_at: i64,
    pub posts: HasMany<Post>,
}

#[derive(Model, Clone, Debug, Default)]
pub struct Post {
    pub id: i64,
    pub user_id: i64,
    pub user: BelongsTo<User>,
    pub title: String,
    pub body: String,
    pub created_at: i64,
    pub comments: HasMany<Comment>,
    #[model(join_table = "post_tags")]
    pub tags: ManyToMany<Tag>,
}

#[derive(Model, Clone, Debug, Default)]
pub struct Comment {
    pub id: i64,
    pub post_id: i64,
    pub body: String,
    pub created_at: i64,
}

#[derive(Model, Clone, Debug, Default)]
pub struct Tag {
    pub id: i64,
    pub name: String,
}

/// Which runtime the task is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavor {
    CurrentThread,
    MultiThread,
}

pub struct Sinew {
    runtime: Runtime,
    db: Db,
}

impl Sinew {
    pub fn open(path: &Path, flavor: Flavor) -> Result<Self, Box<dyn std::error::Error>> {
        let runtime = match flavor {
            Flavor::CurrentThread => Builder::new_current_thread().build()?,
            Flavor::MultiThread => Builder::new_multi_thread().worker_threads(2).build()?,
        };
        let url = format!("sqlite://{}", path.display());
        let db = runtime.block_on(Db::connect(&url))?;
        Ok(Self { runtime, db })
    }
}

impl Contender for Sinew {
    fn name(&self) -> &'static str {
        "sinew"
    }

    fn has(&self, _workload: Workload) -> bool {
        true
    }

    fn check(&mut self, workload: Workload) -> Digest {
        let db = self.db.clone();
        self.runtime
            .block_on(async move { reduce(&db, workload).await.expect("Sinew works") })
    }

    fn sample(&mut self, workload: Workload, times: usize) -> Duration {
        let db = self.db.clone();
        let task = async move { sample(&db, workload, times).await.expect("Sinew works") };
        let task = self.runtime.spawn(task);
        self.runtime.block_on(task).expect("the task ends")
    }
}

/// The time of `$operation` over all inputs.
macro_rules! timed {
    ($inputs:expr, |$input:pat_param| $operation:expr) => {{
        let mut inputs = $inputs;
        let start = Stopwatch::start();
        for $input in &mut inputs {
            black_box($operation.await?);
        }
        Ok(start.elapsed())
    }};
}

async fn sample(db: &Db, workload: Workload, times: usize) -> sinew::Result<Duration> {
    let once = vec![(); times];
    match workload {
        Workload::FindByKey => timed!(inputs::ids(times), |id| db.get::<User>(*id)),
        Workload::LoadAll => timed!(once, |()| db.find::<User>()),
        Workload::FilterAndOrder => timed!(once, |()| filtered(db)),
        Workload::HasMany => timed!(once, |()| authors(db, data::AUTHORS)),
        Workload::Nested => timed!(once, |()| nested(db, 100)),
        Workload::ManyToMany => timed!(once, |()| tagged(db, 1_000)),
        Workload::BelongsTo => timed!(once, |()| db.find::<Post>().preload(Post::user)),
        Workload::InsertOne => {
            let users: Vec<User> = inputs::users(times).into_iter().map(user).collect();
            timed!(users, |user| db.create(user))
        }
        Workload::InsertMany => {
            let thousand = |users: Vec<NewUser>| users.into_iter().map(user).collect();
            let users: Vec<Vec<User>> =
                inputs::thousands(times).into_iter().map(thousand).collect();
            timed!(users, |users| db.create(users))
        }
        Workload::NestedCreate => {
            let graphs = inputs::graphs(times).into_iter();
            let users: Vec<User> = graphs.map(|(user, posts)| graph(user, posts)).collect();
            timed!(users, |user| db.create(user))
        }
        Workload::UpdateByKey => {
            let renames = inputs::renames(times).into_iter();
            let rows: Vec<_> = renames.map(|rename| (held(rename.0), rename)).collect();
            timed!(rows, |(user, (_, name, email))| rename(
                db, user, name, email
            ))
        }
        Workload::Replace => {
            let all = inputs::replacements(times).into_iter();
            let rows: Vec<_> = all.map(|ids| (replaced(), tags(ids))).collect();
            timed!(rows, |(post, tags)| db
                .association(post, Post::tags)
                .replace(std::mem::take(tags)))
        }
    }
}

async fn filtered(db: &Db) -> sinew::Result<Vec<User>> {
    db.find::<User>()
        .filter(
            User::age
                .eq(data::AGE)
                .and(User::created_at.ge(data::SINCE)),
        )
        .order_by(User::name.desc())
        .limit(100)
        .await
}

async fn authors(db: &Db, most: i64) -> sinew::Result<Vec<User>> {
    db.find::<User>()
        .filter(User::id.le(most))
        .preload(User::posts)
        .await
}

async fn nested(db: &Db, most: i64) -> sinew::Result<Vec<User>> {
    db.find::<User>()
        .filter(User::id.le(most))
        .preload(User::posts.preload(Post::comments))
        .await
}

async fn tagged(db: &Db, most: i64) -> sinew::Result<Vec<Post>> {
    db.find::<Post>()
        .filter(Post::id.le(most))
        .preload(Post::tags)
        .await
}

/// A user that was read before.
fn held(id: i64) -> User {
    User {
        id,
        ..Default::default()
    }
}

/// The post of W11, read before.
fn replaced() -> Post {
    Post {
        id: data::REPLACED,
        ..Default::default()
    }
}

fn tags(ids: Vec<i64>) -> Vec<Tag> {
    let tag = |id| Tag {
        id,
        name: data::tag_name(id),
    };
    ids.into_iter().map(tag).collect()
}

async fn rename(db: &Db, user: &mut User, name: &str, email: &str) -> sinew::Result<()> {
    db.update(user)
        .set(User::name.to(name))
        .set(User::email.to(email))
        .await
}

fn user(
    NewUser {
        name,
        email,
        age,
        created_at,
    }: NewUser,
) -> User {
    User {
        name,
        email,
        age,
        created_at,
        ..Default::default()
    }
}

fn graph(new: NewUser, posts: Vec<NewPost>) -> User {
    let tag = |id: i64| Tag {
        id,
        name: data::tag_name(id),
    };
    let post = |NewPost {
                    title,
                    body,
                    created_at,
                    tags,
                }: NewPost| Post {
        title,
        body,
        created_at,
        tags: tags.map(tag).into(),
        ..Default::default()
    };
    User {
        posts: posts.into_iter().map(post).collect(),
        ..user(new)
    }
}

async fn reduce(db: &Db, workload: Workload) -> sinew::Result<Digest> {
    let mut digest = Digest::default();
    match workload {
        Workload::FindByKey => db.get::<User>(4_711i64).await?.reduce(0, &mut digest),
        Workload::LoadAll => {
            db.find::<User>()
                .await?
                .iter()
                .for_each(|user| user.reduce(0, &mut digest));
        }
        Workload::FilterAndOrder => {
            for (place, user) in (0..).zip(filtered(db).await?) {
                user.reduce(place, &mut digest);
            }
        }
        Workload::HasMany => {
            for user in authors(db, data::AUTHORS).await? {
                user.reduce(0, &mut digest);
                user.posts
                    .loaded()?
                    .iter()
                    .for_each(|post| post.reduce(user.id, &mut digest));
            }
        }
        Workload::Nested => {
            for user in nested(db, 100).await? {
                user.reduce(0, &mut digest);
                for post in user.posts.loaded()? {
                    post.reduce(user.id, &mut digest);
                    for Comment {
                        id,
                        post_id,
                        body,
                        created_at,
                    } in post.comments.loaded()?
                    {
                        digest.comment(post.id, *id, *post_id, body, *created_at);
                    }
                }
            }
        }
        Workload::ManyToMany => {
            for post in tagged(db, 1_000).await? {
                post.reduce(0, &mut digest);
                let tags = post.tags.loaded()?;
                tags.iter()
                    .for_each(|tag| digest.tag(post.id, tag.id, &tag.name));
            }
        }
        Workload::BelongsTo => {
            for post in db.find::<Post>().preload(Post::user).await? {
                post.reduce(0, &mut digest);
                post.user.loaded()?.reduce(post.id, &mut digest);
            }
        }
        Workload::InsertOne => {
            let mut user = user(data::new_user(0));
            db.create(&mut user).await?;
            digest.number(user.id);
        }
        Workload::InsertMany => {
            let mut users: Vec<User> = (0..1_000).map(data::new_user).map(user).collect();
            db.create(&mut users).await?;
            digest.ids(users.iter().map(|user| user.id));
        }
        Workload::NestedCreate => {
            let mut user = graph(data::new_user(0), data::new_posts(0));
            db.create(&mut user).await?;
            let posts = user.posts.loaded()?.iter().map(|post| post.id);
            digest.ids([user.id].into_iter().chain(posts));
        }
        Workload::UpdateByKey => {
            let (id, name, email) = data::rename(0);
            rename(db, &mut held(id), &name, &email).await?;
            digest.number(1);
        }
        Workload::Replace => {
            let (mut post, tags) = (replaced(), tags(data::replacement(0)));
            let diff = db.association(&mut post, Post::tags).replace(tags).await?;
            digest.ids([diff.added as i64, diff.removed as i64]);
        }
    }
    Ok(digest)
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
