use sinew::prelude::*;

#[derive(Model, Clone, Debug, Default)]
pub struct User {
    pub id: i64,
    pub posts: HasMany<Post>,
}

#[derive(Model, Clone, Debug, Default)]
pub struct Post {
    pub id: i64,
    pub user_id: i64,
}

pub fn count(user: &User) -> usize {
    user.posts.len()
}

fn main() {}
