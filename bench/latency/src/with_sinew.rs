//! Sinew.

use std::error::Error;
use std::future::Future;
use std::pin::Pin;

use sinew::prelude::*;
use uuid::Uuid;

use crate::contender::{Contender, Outcome, Sample, timed};
use crate::data::{self, NewPost, NewUser};
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
    pub author_id: i64,
    pub author: BelongsTo<User>,
    pub body: String,
    pub created_at: i64,
    pub likes: HasMany<Like>,
}

#[derive(Model, Clone, Debug, Default)]
pub struct Like {
    pub id: i64,
    pub comment_id: i64,
    pub user_id: i64,
}

#[derive(Model, Clone, Debug, Default)]
pub struct Tag {
    pub id: i64,
    pub name: String,
}

#[derive(Model, Clone, Debug, Default)]
pub struct Member {
    pub id: Uuid,
    pub name: String,
    pub email: String,
    pub articles: HasMany<Article>,
}

#[derive(Model, Clone, Debug, Default)]
pub struct Article {
    pub id: Uuid,
    pub member_id: Uuid,
    pub title: String,
    pub body: String,
    #[model(join_table = "article_labels")]
    pub labels: ManyToMany<Label>,
}

#[derive(Model, Clone, Debug, Default)]
pub struct Label {
    pub id: Uuid,
    pub name: String,
}

pub struct Sinew {
    db: Db,
}

impl Contender for Sinew {
    fn run(&mut self, workload: Workload) -> Pin<Box<dyn Future<Output = Outcome> + '_>> {
        Box::pin(self.go(workload))
    }
}

impl Sinew {
    pub async fn open(url: &str) -> Result<Self, Box<dyn Error>> {
        let db = Db::connect(&format!("{url}&max_connections=1")).await?;
        Ok(Self { db })
    }

    async fn go(&self, workload: Workload) -> Outcome {
        let db = &self.db;
        let mut digest = Digest::default();
        let time = match workload {
            Workload::Find => {
                let (time, users) = timed!(
                    db.find::<User>()
                        .filter(User::age.lt(data::AGE))
                        .order_by(User::id.asc())
                );
                for (place, user) in (0..).zip(&users) {
                    user.reduce(place, &mut digest);
                }
                time
            }
            Workload::Tree2 => {
                let (time, users) = timed!(
                    db.find::<User>()
                        .filter(User::id.le(data::TREE2))
                        .preload(User::posts)
                        .one_trip()
                );
                users
                    .iter()
                    .try_for_each(|user| user.reduce_tree(&mut digest))?;
                time
            }
            Workload::Tree4 => {
                let comments = Post::comments
                    .preload(Comment::author)
                    .preload(Comment::likes);
                let (time, users) = timed!(
                    db.find::<User>()
                        .filter(User::id.le(data::TREE4))
                        .preload(User::posts.preload(Post::tags).preload(comments))
                        .one_trip()
                );
                users
                    .iter()
                    .try_for_each(|user| user.reduce_tree(&mut digest))?;
                time
            }
            Workload::CreateSerial => {
                let mut user = new_user(data::new_user());
                let (time, ()) = timed!(db.create(&mut user));
                digest.count(user.created()?);
                time
            }
            Workload::CreateKeyed => {
                let mut member = new_member(data::new_user());
                let (time, ()) = timed!(db.create(&mut member));
                digest.count(member.created()?);
                time
            }
            Workload::Replace => {
                let mut post = Post {
                    id: data::REPLACED,
                    ..Default::default()
                };
                let tags: Vec<Tag> = data::replacement().into_iter().map(tag).collect();
                let (time, diff) = timed!(db.association(&mut post, Post::tags).replace(tags));
                digest.count(diff.added as usize);
                digest.count(diff.removed as usize);
                time
            }
        };
        Ok(Sample { time, digest })
    }
}

fn tag(id: i64) -> Tag {
    Tag {
        id,
        name: data::tag_name(id),
    }
}

fn new_user(new: NewUser) -> User {
    let post = |new: NewPost| Post {
        title: new.title,
        body: new.body,
        created_at: new.created_at,
        tags: new
            .tag
            .map(|name| Tag { id: 0, name })
            .into_iter()
            .collect(),
        ..Default::default()
    };
    User {
        id: 0,
        name: new.name,
        email: new.email,
        age: new.age,
        created_at: new.created_at,
        posts: new.posts.into_iter().map(post).collect(),
    }
}

fn new_member(new: NewUser) -> Member {
    let label = |name| Label {
        id: Uuid::now_v7(),
        name,
    };
    let article = |new: NewPost| Article {
        id: Uuid::now_v7(),
        title: new.title,
        body: new.body,
        labels: new.tag.map(label).into_iter().collect(),
        ..Default::default()
    };
    Member {
        id: Uuid::now_v7(),
        name: new.name,
        email: new.email,
        articles: new.posts.into_iter().map(article).collect(),
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

    fn reduce_tree(&self, digest: &mut Digest) -> sinew::Result<()> {
        self.reduce(0, digest);
        for post in self.posts.loaded()? {
            digest.post(
                self.id,
                post.id,
                post.user_id,
                &post.title,
                &post.body,
                post.created_at,
            );
            // The tree of two levels ends here.
            let (Ok(tags), Ok(comments)) = (post.tags.loaded(), post.comments.loaded()) else {
                continue;
            };
            tags.iter()
                .for_each(|tag| digest.tag(post.id, tag.id, &tag.name));
            for comment in comments {
                let Comment {
                    id,
                    author_id,
                    body,
                    created_at,
                    ..
                } = comment;
                digest.comment(post.id, *id, *author_id, body, *created_at);
                comment.author.loaded()?.reduce(*id, digest);
                for like in comment.likes.loaded()? {
                    digest.like(*id, like.id, like.user_id);
                }
            }
        }
        Ok(())
    }

    /// How many rows got a key.
    fn created(&self) -> sinew::Result<usize> {
        let mut ids = vec![self.id];
        for post in self.posts.loaded()? {
            ids.push(post.id);
            ids.extend(post.tags.loaded()?.iter().map(|tag| tag.id));
        }
        Ok(ids.into_iter().filter(|id| *id > 0).count())
    }
}

impl Member {
    fn created(&self) -> sinew::Result<usize> {
        let articles = self.articles.loaded()?;
        let labels = articles
            .iter()
            .map(|article| Ok(article.labels.loaded()?.len()));
        Ok(1 + articles.len() + labels.sum::<sinew::Result<usize>>()?)
    }
}
