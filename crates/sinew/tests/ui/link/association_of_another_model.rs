use sinew::prelude::*;

#[derive(Model, Clone, Debug, Default)]
pub struct User {
    pub id: i64,
}

#[derive(Model, Clone, Debug, Default)]
pub struct Post {
    pub id: i64,
    pub comments: HasMany<Comment>,
}

#[derive(Model, Clone, Debug, Default)]
pub struct Comment {
    pub id: i64,
    pub post_id: Option<i64>,
}

pub async fn write(db: &Db, user: &mut User) -> sinew::Result<()> {
    db.association(user, Post::comments).clear().await?;
    Ok(())
}

fn main() {}
