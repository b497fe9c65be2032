//! Inserts that return their keys.

use sinew_bench::Result;
use sinew_bench::data::NewUser as UserInput;

use super::{Link, RunQueryDsl};
use crate::models::{NewPost, NewUser};
use crate::schema::{posts, users};

pub async fn insert(connection: &mut Link, user: &UserInput) -> Result<i64> {
    let insert = diesel::insert_into(users::table)
        .values(NewUser::from(user))
        .returning(users::id);
    Ok(go!(insert.get_result(connection))?)
}

pub async fn insert_users(connection: &mut Link, users: Vec<NewUser<'_>>) -> Result<Vec<i64>> {
    let insert = diesel::insert_into(users::table)
        .values(&users)
        .returning(users::id);
    Ok(go!(insert.get_results(connection))?)
}

pub async fn insert_posts(connection: &mut Link, posts: Vec<NewPost<'_>>) -> Result<Vec<i64>> {
    let insert = diesel::insert_into(posts::table)
        .values(&posts)
        .returning(posts::id);
    Ok(go!(insert.get_results(connection))?)
}
