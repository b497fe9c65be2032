//! Inserts that tell the first of their keys, which follow one another.

use sinew_bench::Result;
use sinew_bench::data::NewUser as UserInput;

use super::{Link, RunQueryDsl};
use crate::models::{NewPost, NewUser};
use crate::schema::{posts, users};

diesel::define_sql_function! {
    /// The first key that the last insert of this connection made.
    fn last_insert_id() -> diesel::sql_types::BigInt;
}

pub async fn insert(connection: &mut Link, user: &UserInput) -> Result<i64> {
    let insert = diesel::insert_into(users::table).values(NewUser::from(user));
    go!(insert.execute(connection))?;
    Ok(go!(diesel::select(last_insert_id()).get_result(connection))?)
}

async fn keys(connection: &mut Link, count: usize) -> Result<Vec<i64>> {
    let first: i64 = go!(diesel::select(last_insert_id()).get_result(connection))?;
    Ok((first..).take(count).collect())
}

pub async fn insert_users(connection: &mut Link, users: Vec<NewUser<'_>>) -> Result<Vec<i64>> {
    let insert = diesel::insert_into(users::table).values(&users);
    let count = go!(insert.execute(connection))?;
    keys(connection, count).await
}

pub async fn insert_posts(connection: &mut Link, posts: Vec<NewPost<'_>>) -> Result<Vec<i64>> {
    let insert = diesel::insert_into(posts::table).values(&posts);
    let count = go!(insert.execute(connection))?;
    keys(connection, count).await
}
