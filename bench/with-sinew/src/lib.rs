//! Sinew's part, the same on every database.

mod models;

use std::hint::black_box;

use futures_util::TryStreamExt;
use sinew::prelude::*;
use sinew_bench::data::{self, Job, NewPost, NewUser};
use sinew_bench::operations::Seen;
use sinew_bench::{Operations, Reduce, Result, crowd};

use models::{Account, Channel, Message, Post, Reading, Tag, User};

pub struct Sinew {
    db: Db,
}

impl Operations for Sinew {
    type User = User;
    type Graph = User;
    type Replacement = (Post, Vec<Tag>);
    type Rename = (User, String, String);

    fn user(new: NewUser) -> User {
        User {
            name: new.name,
            email: new.email,
            age: new.age,
            created_at: new.created_at,
            ..Default::default()
        }
    }

    fn graph(user: NewUser, posts: Vec<NewPost>) -> User {
        User {
            posts: posts.into_iter().map(post).collect(),
            ..Self::user(user)
        }
    }

    fn replacement(tags: Vec<i64>) -> Self::Replacement {
        let post = Post {
            id: data::REPLACED,
            ..Default::default()
        };
        (post, tags.into_iter().map(tag).collect())
    }

    fn rename(id: i64, name: String, email: String) -> Self::Rename {
        (held(id), name, email)
    }

    async fn open(place: &str, _many: bool) -> Result<Self> {
        let db = Db::connect(place).await?;
        Ok(Self { db })
    }

    async fn by_key(&mut self, id: i64) -> Result<impl Reduce> {
        Ok(self.db.get::<User>(id).await?)
    }

    async fn all(&mut self) -> Result<Vec<impl Reduce>> {
        Ok(self.db.find::<User>().await?)
    }

    async fn filtered(&mut self) -> Result<Vec<impl Reduce>> {
        let found = self
            .db
            .find::<User>()
            .filter(
                User::age
                    .eq(data::AGE)
                    .and(User::created_at.ge(data::SINCE)),
            )
            .order_by(User::name.desc())
            .limit(100);
        Ok(found.await?)
    }

    async fn authors(&mut self, most: i64) -> Result<Vec<impl Reduce>> {
        let users = self.db.find::<User>().filter(User::id.le(most));
        Ok(users.preload(User::posts).await?)
    }

    async fn nested(&mut self, most: i64) -> Result<Vec<impl Reduce>> {
        let users = self.db.find::<User>().filter(User::id.le(most));
        let posts = User::posts.preload(Post::comments);
        Ok(users.preload(posts).await?)
    }

    async fn tagged(&mut self, most: i64) -> Result<Vec<impl Reduce>> {
        let posts = self.db.find::<Post>().filter(Post::id.le(most));
        Ok(posts.preload(Post::tags).await?)
    }

    async fn with_users(&mut self) -> Result<Vec<impl Reduce>> {
        Ok(self.db.find::<Post>().preload(Post::user).await?)
    }

    async fn insert_user(&mut self, user: &mut User) -> Result<i64> {
        self.db.create(&mut *user).await?;
        Ok(user.id)
    }

    async fn insert_users(&mut self, users: &mut Vec<User>) -> Result<Vec<i64>> {
        self.db.create(&mut *users).await?;
        Ok(users.iter().map(|user| user.id).collect())
    }

    async fn create(&mut self, user: &mut User) -> Result<Vec<i64>> {
        self.db.create(&mut *user).await?;
        let posts = user.posts.loaded()?.iter().map(|post| post.id);
        Ok([user.id].into_iter().chain(posts).collect())
    }

    async fn replace(&mut self, (post, tags): &mut Self::Replacement) -> Result<(usize, usize)> {
        let tags = std::mem::take(tags);
        let diff = self.db.association(post, Post::tags).replace(tags).await?;
        Ok((diff.added as usize, diff.removed as usize))
    }

    async fn update(&mut self, (user, name, email): &mut Self::Rename) -> Result<()> {
        Ok(rename(&self.db, user, name, email).await?)
    }

    async fn newest(&mut self) -> Result<Vec<impl Reduce>> {
        let newest = Channel::messages
            .order_by(Message::created_at.desc())
            .limit(data::NEWEST);
        Ok(self.db.find::<Channel>().preload(newest).await?)
    }

    async fn accounts(&mut self) -> Result<Vec<impl Reduce>> {
        Ok(self.db.find::<Account>().preload(Account::profile).await?)
    }

    async fn stream(&mut self, most: i64, seen: &mut Seen) -> Result<()> {
        let mut rows = self
            .db
            .find::<Reading>()
            .filter(Reading::id.le(most))
            .stream();
        while let Some(row) = rows.try_next().await? {
            seen.reading(row.id, row.sensor_id, row.value, &row.note, row.created_at);
        }
        Ok(())
    }

    async fn recent_authors(&mut self) -> Result<Vec<impl Reduce>> {
        let recent = User::posts.filter(Post::created_at.ge(data::NEW_POST));
        Ok(self.db.find::<User>().filter(recent.any()).await?)
    }

    async fn crowd(&mut self, tasks: Vec<Vec<Job>>) -> Result<usize> {
        let task = |jobs| {
            let db = self.db.clone();
            async move {
                let mut failed = 0;
                for job in jobs {
                    failed += usize::from(work(&db, job).await.is_err());
                }
                failed
            }
        };
        Ok(crowd::tasks(tasks, task).await)
    }

    async fn create_many(&mut self, users: &mut Vec<User>) -> Result<Vec<i64>> {
        self.db.create(&mut *users).await?;
        Ok(users.iter().map(|user| user.id).collect())
    }
}

async fn work(db: &Db, job: Job) -> sinew::Result<()> {
    match job {
        Job::Read(id) => {
            black_box(db.get::<User>(id).await?);
        }
        Job::Write(id, name, email) => rename(db, &mut held(id), &name, &email).await?,
    }
    Ok(())
}

async fn rename(db: &Db, user: &mut User, name: &str, email: &str) -> sinew::Result<()> {
    db.update(user)
        .set(User::name.to(name))
        .set(User::email.to(email))
        .await
}

/// A user that was read before.
fn held(id: i64) -> User {
    User {
        id,
        ..Default::default()
    }
}

fn tag(id: i64) -> Tag {
    Tag {
        id,
        name: data::tag_name(id),
    }
}

fn post(new: NewPost) -> Post {
    Post {
        title: new.title,
        body: new.body,
        created_at: new.created_at,
        tags: new.tags.map(tag).into(),
        ..Default::default()
    }
}
