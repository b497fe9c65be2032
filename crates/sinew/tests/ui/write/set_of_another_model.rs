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
    db.update(user).set(Post::title.to("x")).await?;
    Ok(())
}

fn main() {}
