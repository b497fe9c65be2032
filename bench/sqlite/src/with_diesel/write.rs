//! What it writes: a batch for each level, as large as the parameters of a statement allow.

use diesel::prelude::*;
use sinew_bench::data::{self, NewPost as PostInput, NewUser as UserInput};
use sinew_bench::inputs::NewGraph;

use sinew_bench_diesel::models::{NewPost, NewUser, PostTag, Rename, links};
use sinew_bench_diesel::schema::{post_tags, posts, users};

pub fn insert(connection: &mut SqliteConnection, user: &UserInput) -> QueryResult<i64> {
    diesel::insert_into(users::table)
        .values(NewUser::from(user))
        .returning(users::id)
        .get_result(connection)
}

pub fn insert_all(connection: &mut SqliteConnection, users: &[UserInput]) -> QueryResult<Vec<i64>> {
    let users: Vec<NewUser<'_>> = users.iter().map(NewUser::from).collect();
    diesel::insert_into(users::table)
        .values(&users)
        .returning(users::id)
        .get_results(connection)
}

pub fn create(
    connection: &mut SqliteConnection,
    user: &UserInput,
    posts: &[PostInput],
) -> QueryResult<Vec<i64>> {
    connection.transaction(|connection| {
        let user_id: i64 = diesel::insert_into(users::table)
            .values(NewUser::from(user))
            .returning(users::id)
            .get_result(connection)?;
        let rows: Vec<NewPost<'_>> = posts
            .iter()
            .map(|post| NewPost::of(user_id, post))
            .collect();
        let mut ids: Vec<i64> = diesel::insert_into(posts::table)
            .values(&rows)
            .returning(posts::id)
            .get_results(connection)?;
        diesel::insert_into(post_tags::table)
            .values(links(posts.iter(), &ids))
            .execute(connection)?;
        ids.insert(0, user_id);
        Ok(ids)
    })
}

pub fn replace(connection: &mut SqliteConnection, wanted: &[i64]) -> QueryResult<(usize, usize)> {
    connection.immediate_transaction(|connection| {
        let now = post_tags::table.filter(post_tags::post_id.eq(data::REPLACED));
        let held: Vec<i64> = now.select(post_tags::tag_id).load(connection)?;
        let gone: Vec<i64> = held
            .iter()
            .copied()
            .filter(|tag| !wanted.contains(tag))
            .collect();
        let removed =
            diesel::delete(now.filter(post_tags::tag_id.eq_any(gone))).execute(connection)?;
        let new: Vec<PostTag> = wanted
            .iter()
            .filter(|tag| !held.contains(tag))
            .map(|&tag_id| PostTag {
                post_id: data::REPLACED,
                tag_id,
            })
            .collect();
        let added = diesel::insert_into(post_tags::table)
            .values(&new)
            .execute(connection)?;
        Ok((added, removed))
    })
}

/// A batch per level, as large as the parameters of a statement allow.
pub fn create_many(
    connection: &mut SqliteConnection,
    graphs: &[NewGraph],
) -> QueryResult<Vec<i64>> {
    connection.transaction(|connection| {
        let new: Vec<NewUser<'_>> = graphs.iter().map(|(user, _)| user.into()).collect();
        let ids: Vec<i64> = diesel::insert_into(users::table)
            .values(&new)
            .returning(users::id)
            .get_results(connection)?;
        let new: Vec<&PostInput> = graphs.iter().flat_map(|(_, posts)| posts).collect();
        let owners = graphs.iter().zip(&ids);
        let owners = owners.flat_map(|((_, posts), id)| posts.iter().map(move |_| *id));
        let rows = owners
            .zip(&new)
            .map(|(user_id, post)| NewPost::of(user_id, post));
        let post_ids: Vec<i64> = diesel::insert_into(posts::table)
            .values(rows.collect::<Vec<_>>())
            .returning(posts::id)
            .get_results(connection)?;
        diesel::insert_into(post_tags::table)
            .values(links(new.into_iter(), &post_ids))
            .execute(connection)?;
        Ok(ids)
    })
}

pub fn rename(
    connection: &mut SqliteConnection,
    id: i64,
    name: &str,
    email: &str,
) -> QueryResult<()> {
    let changed = diesel::update(users::table.find(id))
        .set(Rename { name, email })
        .execute(connection)?;
    (changed == 1).then_some(()).ok_or(diesel::NotFound)
}
