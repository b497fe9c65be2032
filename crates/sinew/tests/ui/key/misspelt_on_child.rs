use sinew::prelude::*;

#[derive(Model, Clone, Debug, Default)]
pub struct User {
    pub id: i64,
    #[model(foreign_key = autor_id)]
    pub posts: HasMany<Post>,
}

#[derive(Model, Clone, Debug, Default)]
pub struct Post {
    pub id: i64,
    pub author_id: i64,
}

fn main() {}
