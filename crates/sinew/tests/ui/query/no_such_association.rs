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

pub async fn read(db: &Db) -> sinew::Result<()> {
    db.find::<User>().preload(User::post).await?;
    Ok(())
}

fn main() {}
