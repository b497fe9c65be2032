use sinew::prelude::*;

#[derive(Model, Clone, Debug, Default)]
pub struct User {
    pub id: i64,
}

#[derive(Model, Clone, Debug, Default)]
pub struct Post {
    pub id: i64,
    pub author_id: i64,
    pub editor_id: i64,
    pub user: BelongsTo<User>,
}

fn main() {}
