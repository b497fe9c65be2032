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
    db.find::<User>().order_by(Post::id.asc()).await?;
    Ok(())
}

fn main() {}
