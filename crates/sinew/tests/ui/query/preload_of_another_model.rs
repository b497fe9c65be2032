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
    pub post_id: i64,
}

pub async fn read(db: &Db) -> sinew::Result<()> {
    db.find::<User>().preload(Post::comments).await?;
    Ok(())
}

fn main() {}
