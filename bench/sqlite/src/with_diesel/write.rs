//! What it writes: a batch for each level, as large as the parameters of a statement allow.

use diesel::prelude::*;
use sinew_bench::data::{self, NewPost as PostInput, NewUser as UserInput};
use sinew_bench::inputs::NewGraph;

use super::PostTag;
use super::schema::{post_tags, posts, users};

#[derive(Insertable)]
#[diesel(table_name = users)]
pub struct NewUser<'a> {
    pub name: &'a str,
    pub email: &'a str,
    age: i32,
    created_at: i64,
}

#[derive(Insertable)]
#[diesel(table_name = posts)]
struct NewPost<'a> {
    user_id: i64,
    title: &'a str,
    body: &'a str,
    created_at: i64,
}

#[derive(AsChangeset)]
#[diesel(table_name = users)]
pub struct Rename<'a> {
    pub name: &'a str,
    pub email: &'a str,
}

impl<'a> From<&'a UserInput> for NewUser<'a> {
    fn from(user: &'a UserInput) -> Self {
        let UserInput {
            name,
            email,
            age,
            created_at,
        } = user;
        Self {
            name,
            email,
            age: *age,
            created_at: *created_at,
        }
    }
}

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
            .map(
                |PostInput {
                     title,
                     body,
                     created_at,
                     ..
                 }| NewPost {
                    user_id,
                    title,
                    body,
                    created_at: *created_at,
                },
            )
            .collect();
        let mut ids: Vec<i64> = diesel::insert_into(posts::table)
            .values(&rows)
            .returning(posts::id)
            .get_results(connection)?;
        let links: Vec<PostTag> = posts
            .iter()
            .zip(&ids)
            .flat_map(|(post, &post_id)| {
                post.tags
                    .iter()
                    .map(move |&tag_id| PostTag { post_id, tag_id })
            })
            .collect();
        diesel::insert_into(post_tags::table)
            .values(&links)
            .execute(connection)?;
        ids.insert(0, user_id);
        Ok(ids)
    })
}

pub fn replace(connection: &mut SqliteConnection, wanted: &[i64]) -> QueryResult<(usize, usize)> {
    connection.immediate_transaction(|connection| {
        let links = post_tags::table.filter(post_tags::post_id.eq(data::REPLACED));
        let held: Vec<i64> = links.select(post_tags::tag_id).load(connection)?;
        let gone: Vec<i64> = held
            .iter()
            .copied()
            .filter(|tag| !wanted.contains(tag))
            .collect();
        let removed =
            diesel::delete(links.filter(post_tags::tag_id.eq_any(gone))).execute(connection)?;
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
        let rows = owners.zip(&new).map(|(user_id, post)| NewPost {
            user_id,
            title: &post.title,
            body: &post.body,
            created_at: post.created_at,
        });
        let post_ids: Vec<i64> = diesel::insert_into(posts::table)
            .values(rows.collect::<Vec<_>>())
            .returning(posts::id)
            .get_results(connection)?;
        let links = new.iter().zip(&post_ids).flat_map(|(post, &post_id)| {
            let link = move |tag_id| PostTag { post_id, tag_id };
            post.tags.into_iter().map(link)
        });
        diesel::insert_into(post_tags::table)
            .values(links.collect::<Vec<_>>())
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
