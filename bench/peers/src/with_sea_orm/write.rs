//! What it writes.

use sea_orm::entity::prelude::*;
use sea_orm::{DatabaseConnection, QuerySelect, Set, TransactionTrait, Unchanged};
use sinew_bench::data::{self, NewUser};
use sinew_bench::inputs::NewGraph;

use super::entities::{post, post_tag, user};

pub fn user(new: NewUser) -> user::ActiveModel {
    user::ActiveModel {
        name: Set(new.name),
        email: Set(new.email),
        age: Set(new.age),
        created_at: Set(new.created_at),
        ..Default::default()
    }
}

pub fn renamed(id: i64, name: String, email: String) -> user::ActiveModel {
    user::ActiveModel {
        id: Unchanged(id),
        name: Set(name),
        email: Set(email),
        ..Default::default()
    }
}

/// The keys of new rows. Where they are not returned they follow the first one.
macro_rules! keys {
    ($insert:expr, $count:expr, $db:expr) => {{
        let (insert, count) = ($insert, $count);
        if $db.support_returning() {
            insert.exec_with_returning_keys($db).await?
        } else {
            let first = insert.exec($db).await?.last_insert_id;
            first.into_iter().flat_map(|id| id..).take(count).collect()
        }
    }};
}

/// Many users at once; their keys.
pub async fn users(
    db: &DatabaseConnection,
    users: Vec<user::ActiveModel>,
) -> Result<Vec<i64>, DbErr> {
    let count = users.len();
    Ok(keys!(user::Entity::insert_many(users), count, db))
}

/// One statement for each level; the keys of the users and of the posts.
pub async fn create(
    db: &DatabaseConnection,
    graphs: &[NewGraph],
) -> Result<(Vec<i64>, Vec<i64>), DbErr> {
    let tx = db.begin().await?;
    let users = graphs.iter().map(|(new, _)| user(new.clone()));
    let users: Vec<i64> = keys!(user::Entity::insert_many(users), graphs.len(), &tx);
    let owned = graphs.iter().zip(&users);
    let rows = owned.flat_map(|((_, posts), id)| posts.iter().map(move |post| (*id, post)));
    let posts = rows.map(|(user_id, new)| post::ActiveModel {
        user_id: Set(user_id),
        title: Set(new.title.clone()),
        body: Set(new.body.clone()),
        created_at: Set(new.created_at),
        ..Default::default()
    });
    let new = graphs.iter().flat_map(|(_, posts)| posts);
    let count = new.clone().count();
    let posts: Vec<i64> = keys!(post::Entity::insert_many(posts), count, &tx);
    let links = new
        .zip(&posts)
        .flat_map(|(new, id)| new.tags.map(|tag| link(*id, tag)));
    post_tag::Entity::insert_many(links)
        .exec_without_returning(&tx)
        .await?;
    tx.commit().await?;
    Ok((users, posts))
}

/// How many links are new, and how many are gone.
pub async fn replace(db: &DatabaseConnection, wanted: &[i64]) -> Result<(usize, usize), DbErr> {
    let tx = db.begin().await?;
    let of_post = post_tag::Column::PostId.eq(data::REPLACED);
    let held: Vec<i64> = post_tag::Entity::find()
        .select_only()
        .column(post_tag::Column::TagId)
        .filter(of_post.clone())
        .into_tuple()
        .all(&tx)
        .await?;
    let gone = held.iter().copied().filter(|id| !wanted.contains(id));
    let gone = post_tag::Entity::delete_many()
        .filter(of_post)
        .filter(post_tag::Column::TagId.is_in(gone));
    let gone = gone.exec(&tx).await?.rows_affected;
    let new = wanted.iter().filter(|id| !held.contains(id));
    let new = new.map(|id| link(data::REPLACED, *id));
    let added = post_tag::Entity::insert_many(new)
        .exec_without_returning(&tx)
        .await?;
    tx.commit().await?;
    Ok((added as usize, gone as usize))
}

fn link(post_id: i64, tag_id: i64) -> post_tag::ActiveModel {
    post_tag::ActiveModel {
        post_id: Set(post_id),
        tag_id: Set(tag_id),
    }
}
