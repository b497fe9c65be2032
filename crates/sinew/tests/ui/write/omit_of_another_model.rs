use sinew::prelude::*;

#[derive(Model, Clone, Debug, Default)]
pub struct User {
    pub id: i64,
}

#[derive(Model, Clone, Debug, Default)]
pub struct Post {
    pub id: i64,
    pub title: String,
}

pub async fn write(db: &Db, user: &mut User) -> sinew::Result<()> {
    db.create(user).omit(Post::title).await?;
    Ok(())
}

fn main() {}
