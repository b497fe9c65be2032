//! sea-orm: the entity loader for trees; graphs one statement per level, or by its nested active
//! models, which are a contender of their own.

mod entities;

use std::collections::HashMap;
use std::error::Error;
use std::future::Future;
use std::pin::Pin;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, DatabaseTransaction, IntoActiveModel, QueryOrder,
    Set, TransactionTrait,
};
use uuid::Uuid;

use crate::contender::{Contender, Outcome, Sample, timed};
use crate::data::{self, NewUser};
use crate::digest::Digest;
use crate::workload::Workload;

use entities::{article, article_label, comment, label, like, member, post, post_tag, tag, user};

/// The pool pings a connection that it gets back, after every statement outside a transaction. One
/// connection would have the next statement wait for that.
const CONNECTIONS: u32 = 3;

pub struct SeaOrm {
    db: DatabaseConnection,
    /// Whether it writes by nested active models.
    nested: bool,
}

impl Contender for SeaOrm {
    fn run(&mut self, workload: Workload) -> Pin<Box<dyn Future<Output = Outcome> + '_>> {
        Box::pin(self.go(workload))
    }

    fn has(&self, workload: Workload) -> bool {
        !self.nested || matches!(workload, Workload::CreateSerial | Workload::Replace)
    }

    fn connections(&self) -> usize {
        CONNECTIONS as usize
    }
}

struct Tree {
    users: Vec<user::ModelEx>,
    comments: HashMap<i64, Vec<comment::ModelEx>>,
}

impl SeaOrm {
    pub async fn open(url: &str, nested: bool) -> Result<Self, Box<dyn Error>> {
        let mut options = ConnectOptions::new(url);
        options
            .max_connections(CONNECTIONS)
            .min_connections(CONNECTIONS)
            .test_before_acquire(false)
            .sqlx_logging(false);
        let db = Database::connect(options).await?;
        Ok(Self { db, nested })
    }

    async fn go(&self, workload: Workload) -> Outcome {
        let db = &self.db;
        let mut digest = Digest::default();
        let time = match workload {
            Workload::Find => {
                let found = user::Entity::find()
                    .filter(user::Column::Age.lt(data::AGE))
                    .order_by_asc(user::Column::Id);
                let (time, users) = timed!(found.all(db));
                for (place, user) in (0..).zip(users) {
                    reduce_user(&user.into(), place, &mut digest);
                }
                time
            }
            Workload::Tree2 => {
                let found = user::Entity::load()
                    .filter(user::Column::Id.lte(data::TREE2))
                    .with(post::Entity);
                let (time, users) = timed!(found.all(db));
                for user in &users {
                    reduce_user(user, 0, &mut digest);
                    user.posts
                        .iter()
                        .for_each(|post| reduce_post(post, &mut digest));
                }
                time
            }
            Workload::Tree4 => {
                let (time, tree) = timed!(tree4(db));
                tree.reduce(&mut digest);
                time
            }
            Workload::CreateSerial if self.nested => {
                let user = nested_user(data::new_user());
                let (time, user) = timed!(user.save(db));
                let posts = user.posts.as_slice();
                let tags: usize = posts.iter().map(|post| post.tags.as_slice().len()).sum();
                digest.count(1 + posts.len() + tags);
                time
            }
            Workload::CreateSerial => {
                let new = data::new_user();
                let (time, created) = timed!(create(db, new));
                digest.count(created);
                time
            }
            Workload::CreateKeyed => {
                let keyed = Keyed::new(data::new_user());
                let count = 1 + keyed.articles.len() + keyed.labels.len();
                let (time, ()) = timed!(create_keyed(db, keyed));
                digest.count(count);
                time
            }
            Workload::Replace if self.nested => {
                let (time, ()) = timed!(replace_nested(db));
                // It does not tell what it did.
                digest.count(10);
                digest.count(10);
                time
            }
            Workload::Replace => {
                let ids = data::replacement();
                let (time, (added, removed)) = timed!(replace(db, ids));
                digest.count(added as usize);
                digest.count(removed as usize);
                time
            }
        };
        Ok(Sample { time, digest })
    }
}

async fn tree4(db: &DatabaseConnection) -> Result<Tree, DbErr> {
    let found = user::Entity::load()
        .filter(user::Column::Id.lte(data::TREE4))
        .with((post::Entity, tag::Entity));
    let users = found.all(db).await?;
    // The loader goes no deeper than two associations.
    let posts = users.iter().flat_map(|user| user.posts.iter());
    let said = comment::Entity::load()
        .filter(comment::Column::PostId.is_in(posts.map(|post| post.id)))
        .with(user::Entity)
        .with(like::Entity);
    let mut comments: HashMap<i64, Vec<_>> = HashMap::new();
    for comment in said.all(db).await? {
        comments.entry(comment.post_id).or_default().push(comment);
    }
    Ok(Tree { users, comments })
}

/// How many rows got a key.
async fn create(db: &DatabaseConnection, new: NewUser) -> Result<usize, DbErr> {
    let tx = db.begin().await?;
    let user = user::ActiveModel {
        name: Set(new.name),
        email: Set(new.email),
        age: Set(new.age),
        created_at: Set(new.created_at),
        ..Default::default()
    };
    let user = user.insert(&tx).await?;
    let tagged: Vec<bool> = new.posts.iter().map(|post| post.tag.is_some()).collect();
    let (posts, names): (Vec<_>, Vec<_>) = new
        .posts
        .into_iter()
        .map(|post| {
            let model = post::ActiveModel {
                user_id: Set(user.id),
                title: Set(post.title),
                body: Set(post.body),
                created_at: Set(post.created_at),
                ..Default::default()
            };
            (model, post.tag)
        })
        .unzip();
    let tag = |name| tag::ActiveModel {
        name: Set(name),
        ..Default::default()
    };
    let posts = post::Entity::insert_many(posts)
        .exec_with_returning(&tx)
        .await?;
    let tags = names.into_iter().flatten().map(tag);
    let tags = tag::Entity::insert_many(tags)
        .exec_with_returning(&tx)
        .await?;
    let owners = posts.iter().zip(&tagged).filter(|(_, tagged)| **tagged);
    let links = owners
        .zip(&tags)
        .map(|((post, _), tag)| link(post.id, tag.id));
    post_tag::Entity::insert_many(links)
        .exec_without_returning(&tx)
        .await?;
    tx.commit().await?;
    Ok(1 + posts.len() + tags.len())
}

async fn create_keyed(db: &DatabaseConnection, keyed: Keyed) -> Result<(), DbErr> {
    let tx: DatabaseTransaction = db.begin().await?;
    member::Entity::insert(keyed.member)
        .exec_without_returning(&tx)
        .await?;
    article::Entity::insert_many(keyed.articles)
        .exec_without_returning(&tx)
        .await?;
    label::Entity::insert_many(keyed.labels)
        .exec_without_returning(&tx)
        .await?;
    article_label::Entity::insert_many(keyed.links)
        .exec_without_returning(&tx)
        .await?;
    tx.commit().await
}

/// How many links are new, and how many are gone.
async fn replace(db: &DatabaseConnection, ids: Vec<i64>) -> Result<(u64, u64), DbErr> {
    let tx = db.begin().await?;
    let gone = post_tag::Entity::delete_many()
        .filter(post_tag::Column::PostId.eq(data::REPLACED))
        .filter(post_tag::Column::TagId.is_not_in(ids.iter().copied()));
    let gone = gone.exec(&tx).await?.rows_affected;
    let columns = [post_tag::Column::PostId, post_tag::Column::TagId];
    let added = post_tag::Entity::insert_many(ids.iter().map(|id| link(data::REPLACED, *id)))
        .on_conflict(OnConflict::columns(columns).do_nothing().to_owned())
        .exec_without_returning(&tx)
        .await?;
    tx.commit().await?;
    Ok((added, gone))
}

async fn replace_nested(db: &DatabaseConnection) -> Result<(), DbErr> {
    let post = post::Model {
        id: data::REPLACED,
        user_id: 500,
        title: String::new(),
        body: String::new(),
        created_at: 0,
    };
    let tag = |id| tag::Model {
        id,
        name: data::tag_name(id),
    };
    let tags = data::replacement().into_iter().map(tag);
    let mut post = post.into_ex().into_active_model();
    post.tags
        .replace_all(tags.map(|tag| tag.into_ex().into_active_model()));
    post.save(db).await?;
    Ok(())
}

fn link(post_id: i64, tag_id: i64) -> post_tag::ActiveModel {
    post_tag::ActiveModel {
        post_id: Set(post_id),
        tag_id: Set(tag_id),
    }
}

fn nested_user(new: NewUser) -> user::ActiveModelEx {
    let mut user = user::ActiveModel::builder()
        .set_name(new.name)
        .set_email(new.email)
        .set_age(new.age)
        .set_created_at(new.created_at);
    for new in new.posts {
        let mut post = post::ActiveModel::builder()
            .set_title(new.title)
            .set_body(new.body)
            .set_created_at(new.created_at);
        if let Some(name) = new.tag {
            post = post.add_tag(tag::ActiveModel::builder().set_name(name));
        }
        user = user.add_post(post);
    }
    user
}

/// What is inserted with keys made before.
struct Keyed {
    member: member::ActiveModel,
    articles: Vec<article::ActiveModel>,
    labels: Vec<label::ActiveModel>,
    links: Vec<article_label::ActiveModel>,
}

impl Keyed {
    fn new(new: NewUser) -> Self {
        let id = Uuid::now_v7();
        let member = member::ActiveModel {
            id: Set(id),
            name: Set(new.name),
            email: Set(new.email),
        };
        let (mut articles, mut labels, mut links) = (Vec::new(), Vec::new(), Vec::new());
        for post in new.posts {
            let article_id = Uuid::now_v7();
            articles.push(article::ActiveModel {
                id: Set(article_id),
                member_id: Set(id),
                title: Set(post.title),
                body: Set(post.body),
            });
            if let Some(name) = post.tag {
                let label_id = Uuid::now_v7();
                labels.push(label::ActiveModel {
                    id: Set(label_id),
                    name: Set(name),
                });
                links.push(article_label::ActiveModel {
                    article_id: Set(article_id),
                    label_id: Set(label_id),
                });
            }
        }
        Self {
            member,
            articles,
            labels,
            links,
        }
    }
}

impl Tree {
    fn reduce(&self, digest: &mut Digest) {
        for user in &self.users {
            reduce_user(user, 0, digest);
            for post in user.posts.iter() {
                reduce_post(post, digest);
                for tag in post.tags.iter() {
                    digest.tag(post.id, tag.id, &tag.name);
                }
                for comment in &self.comments[&post.id] {
                    let id = comment.id;
                    digest.comment(
                        post.id,
                        id,
                        comment.author_id,
                        &comment.body,
                        comment.created_at,
                    );
                    if let Some(author) = comment.author.as_ref() {
                        reduce_user(author, id, digest);
                    }
                    for like in comment.likes.iter() {
                        digest.like(id, like.id, like.user_id);
                    }
                }
            }
        }
    }
}

fn reduce_user(user: &user::ModelEx, place: i64, digest: &mut Digest) {
    digest.user(
        place,
        user.id,
        &user.name,
        &user.email,
        user.age,
        user.created_at,
    );
}

fn reduce_post(post: &post::ModelEx, digest: &mut Digest) {
    let owner = post.user_id;
    digest.post(
        owner,
        post.id,
        owner,
        &post.title,
        &post.body,
        post.created_at,
    );
}
