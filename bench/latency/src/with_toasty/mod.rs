//! toasty: includes for trees; graphs by nested create builders and one `create_many` per further
//! level.

mod models;

use std::error::Error;
use std::future::Future;
use std::pin::Pin;

use toasty::Db;
use uuid::Uuid;

use crate::contender::{Contender, Outcome, Sample, timed};
use crate::data::{self, NewPost, NewUser};
use crate::digest::Digest;
use crate::workload::Workload;

use models::{Article, ArticleLabel, Comment, Label, Like, Member, Post, PostTag, Tag, User};

pub struct Toasty {
    db: Db,
}

impl Contender for Toasty {
    fn run(&mut self, workload: Workload) -> Pin<Box<dyn Future<Output = Outcome> + '_>> {
        Box::pin(self.go(workload))
    }
}

impl Toasty {
    pub async fn open(url: &str) -> Result<Self, Box<dyn Error>> {
        let mut builder = Db::builder();
        builder.models(toasty::models!(
            User,
            Post,
            Comment,
            Like,
            Tag,
            PostTag,
            Member,
            Article,
            Label,
            ArticleLabel
        ));
        let db = builder.max_pool_size(1).connect(url).await?;
        Ok(Self { db })
    }

    async fn go(&mut self, workload: Workload) -> Outcome {
        let db = &mut self.db;
        let mut digest = Digest::default();
        let time = match workload {
            Workload::Find => {
                let found = User::filter(User::fields().age().lt(data::AGE))
                    .order_by(User::fields().id().asc());
                let (time, users) = timed!(found.exec(db));
                for (place, user) in (0..).zip(&users) {
                    user.reduce(place, &mut digest);
                }
                time
            }
            Workload::Tree2 => {
                let found = User::filter(User::fields().id().le(data::TREE2))
                    .include(User::fields().posts());
                let (time, users) = timed!(found.exec(db));
                for user in &users {
                    user.reduce(0, &mut digest);
                    user.posts
                        .get()
                        .iter()
                        .for_each(|post| post.reduce(&mut digest));
                }
                time
            }
            Workload::Tree4 => {
                let comments = || User::fields().posts().comments();
                let found = User::filter(User::fields().id().le(data::TREE4))
                    .include(User::fields().posts().tags())
                    .include(comments().author())
                    .include(comments().likes());
                let (time, users) = timed!(found.exec(db));
                users.iter().for_each(|user| user.reduce_tree(&mut digest));
                time
            }
            Workload::CreateSerial => {
                let new = data::new_user();
                let (time, created) = timed!(create(db, new));
                digest.count(created);
                time
            }
            Workload::CreateKeyed => {
                let new = data::new_user();
                let (time, created) = timed!(create_keyed(db, new));
                digest.count(created);
                time
            }
            Workload::Replace => {
                let (time, (added, removed)) = timed!(replace(db, data::replacement()));
                digest.count(added);
                digest.count(removed);
                time
            }
        };
        Ok(Sample { time, digest })
    }
}

/// How many rows got a key.
async fn create(db: &mut Db, new: NewUser) -> toasty::Result<usize> {
    let names: Vec<String> = new
        .posts
        .iter()
        .filter_map(|post| post.tag.clone())
        .collect();
    let tagged: Vec<bool> = new.posts.iter().map(|post| post.tag.is_some()).collect();
    let mut tx = db.transaction().await?;
    let post = |new: NewPost| {
        let post = User::fields().posts().create();
        post.title(new.title)
            .body(new.body)
            .created_at(new.created_at)
    };
    let user = User::create()
        .name(new.name)
        .email(new.email)
        .age(new.age)
        .created_at(new.created_at)
        .posts(new.posts.into_iter().map(post).collect::<Vec<_>>());
    let user = user.exec(&mut tx).await?;
    let tags = names.into_iter().fold(Tag::create_many(), |many, name| {
        many.item(Tag::create().name(name))
    });
    let tags = tags.exec(&mut tx).await?;
    let posts = user.posts.get();
    let owners = posts.iter().zip(tagged).filter(|(_, tagged)| *tagged);
    let links = owners
        .zip(&tags)
        .fold(PostTag::create_many(), |many, ((post, _), tag)| {
            many.item(PostTag::create().post_id(post.id).tag_id(tag.id))
        });
    links.exec(&mut tx).await?;
    tx.commit().await?;
    Ok(1 + posts.len() + tags.len())
}

/// How many rows were created, links aside.
async fn create_keyed(db: &mut Db, new: NewUser) -> toasty::Result<usize> {
    let member_id = Uuid::now_v7();
    let member = Member::create()
        .id(member_id)
        .name(new.name)
        .email(new.email);
    let (mut articles, mut labels, mut links) = (
        Article::create_many(),
        Label::create_many(),
        ArticleLabel::create_many(),
    );
    let mut created = 1;
    for post in new.posts {
        let id = Uuid::now_v7();
        let article = Article::create().id(id).member_id(member_id);
        articles = articles.item(article.title(post.title).body(post.body));
        created += 1;
        if let Some(name) = post.tag {
            let label_id = Uuid::now_v7();
            labels = labels.item(Label::create().id(label_id).name(name));
            links = links.item(ArticleLabel::create().article_id(id).label_id(label_id));
            created += 1;
        }
    }
    let mut tx = db.transaction().await?;
    member.exec(&mut tx).await?;
    articles.exec(&mut tx).await?;
    labels.exec(&mut tx).await?;
    links.exec(&mut tx).await?;
    tx.commit().await?;
    Ok(created)
}

/// How many links are new, and how many are gone.
async fn replace(db: &mut Db, ids: Vec<i64>) -> toasty::Result<(usize, usize)> {
    let fields = PostTag::fields();
    let mut tx = db.transaction().await?;
    let links = PostTag::filter(fields.post_id().eq(data::REPLACED))
        .exec(&mut tx)
        .await?;
    let held: Vec<i64> = links.iter().map(|link| link.tag_id).collect();
    let gone: Vec<i64> = held
        .iter()
        .copied()
        .filter(|id| !ids.contains(id))
        .collect();
    let removed = gone.len();
    let of_post = PostTag::fields().post_id().eq(data::REPLACED);
    PostTag::filter(of_post.and(PostTag::fields().tag_id().in_list(gone)))
        .delete()
        .exec(&mut tx)
        .await?;
    let new = ids.iter().filter(|id| !held.contains(id));
    let added = new.clone().count();
    let links = new.fold(PostTag::create_many(), |many, id| {
        many.item(PostTag::create().post_id(data::REPLACED).tag_id(*id))
    });
    links.exec(&mut tx).await?;
    tx.commit().await?;
    Ok((added, removed))
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

    fn reduce_tree(&self, digest: &mut Digest) {
        self.reduce(0, digest);
        for post in self.posts.get() {
            post.reduce(digest);
            for tag in post.tags.get() {
                digest.tag(post.id, tag.id, &tag.name);
            }
            for comment in post.comments.get() {
                let Comment {
                    id,
                    author_id,
                    body,
                    created_at,
                    ..
                } = comment;
                digest.comment(post.id, *id, *author_id, body, *created_at);
                comment.author.get().reduce(*id, digest);
                for like in comment.likes.get() {
                    digest.like(*id, like.id, like.user_id);
                }
            }
        }
    }
}

impl Post {
    fn reduce(&self, digest: &mut Digest) {
        let owner = self.user_id;
        digest.post(
            owner,
            self.id,
            owner,
            &self.title,
            &self.body,
            self.created_at,
        );
    }
}
