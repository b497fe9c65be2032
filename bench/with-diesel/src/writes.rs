//! What it writes: a batch for each level. `go!` waits where the connection is one that is waited
//! for.

use diesel::prelude::*;
use sinew_bench::Result;
use sinew_bench::data::{self, NewUser as UserInput};
use sinew_bench::inputs::NewGraph;

use super::returning::{insert_posts, insert_users};
use super::{Link, RunQueryDsl, TransactionManager};
use crate::models::{NewPost, PostTag, Rename, links};
use crate::schema::{post_tags, users};

type Manager = <Link as super::Connection>::TransactionManager;

pub async fn insert_all(connection: &mut Link, users: &[UserInput]) -> Result<Vec<i64>> {
    let users = users.iter().map(Into::into).collect();
    insert_users(connection, users).await
}

/// The keys of the users and of the posts.
pub async fn create(connection: &mut Link, graphs: &[NewGraph]) -> Result<(Vec<i64>, Vec<i64>)> {
    go!(Manager::begin_transaction(connection))?;
    let new = graphs.iter().map(|(user, _)| user.into()).collect();
    let users = insert_users(connection, new).await?;
    let owned = graphs.iter().zip(&users);
    let rows =
        owned.flat_map(|((_, posts), id)| posts.iter().map(move |post| NewPost::of(*id, post)));
    let posts = insert_posts(connection, rows.collect()).await?;
    let links = links(graphs.iter().flat_map(|(_, posts)| posts), &posts);
    let insert = diesel::insert_into(post_tags::table).values(&links);
    go!(insert.execute(connection))?;
    go!(Manager::commit_transaction(connection))?;
    Ok((users, posts))
}

/// How many links are new, and how many are gone.
pub async fn replace(connection: &mut Link, wanted: &[i64]) -> Result<(usize, usize)> {
    go!(Manager::begin_transaction(connection))?;
    let links = post_tags::table.filter(post_tags::post_id.eq(data::REPLACED));
    let held = links.select(post_tags::tag_id);
    let held: Vec<i64> = go!(held.load(connection))?;
    let gone = held.iter().copied().filter(|tag| !wanted.contains(tag));
    let gone: Vec<i64> = gone.collect();
    let delete = diesel::delete(links.filter(post_tags::tag_id.eq_any(gone)));
    let removed = go!(delete.execute(connection))?;
    let link = |tag: &i64| PostTag {
        post_id: data::REPLACED,
        tag_id: *tag,
    };
    let new = wanted.iter().filter(|tag| !held.contains(tag));
    let new: Vec<PostTag> = new.map(link).collect();
    let insert = diesel::insert_into(post_tags::table).values(&new);
    let added = go!(insert.execute(connection))?;
    go!(Manager::commit_transaction(connection))?;
    Ok((added, removed))
}

pub async fn rename(connection: &mut Link, id: i64, name: &str, email: &str) -> Result<()> {
    let update = diesel::update(users::table.find(id)).set(Rename { name, email });
    let changed = go!(update.execute(connection))?;
    if changed != 1 {
        return Err("no such user".into());
    }
    Ok(())
}
