use sinew::prelude::*;

#[derive(Model, Clone, Debug, Default)]
pub struct User {
    pub id: i64,
}

#[derive(Model, Clone, Debug, Default)]
pub struct Post {
    pub id: i64,
    pub user_id: i64,
    pub user: BelongsTo<User>,
}

pub async fn write(db: &Db, post: &mut Post) -> sinew::Result<()> {
    db.association(post, Post::user).clear().await?;
    Ok(())
}

fn main() {}
