use sinew::prelude::*;

#[derive(Model, Clone, Debug, Default)]
pub struct User {
    pub id: i64,
    pub name: String,
}

pub async fn read(db: &Db) -> sinew::Result<()> {
    db.find::<User>().preload(User::name).await?;
    Ok(())
}

fn main() {}
