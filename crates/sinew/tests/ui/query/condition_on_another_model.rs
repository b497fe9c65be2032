use sinew::prelude::*;

#[derive(Model, Clone, Debug, Default)]
pub struct User {
    pub id: i64,
}

#[derive(Model, Clone, Debug, Default)]
pub struct Post {
    pub id: i64,
}

pub async fn read(db: &Db) -> sinew::Result<()> {
    db.find::<User>().filter(Post::id.eq(1)).await?;
    Ok(())
}

fn main() {}
