use sinew::prelude::*;

#[derive(Model, Clone, Debug, Default)]
pub struct User {
    pub id: i64,
    pub name: String,
}

pub async fn read(db: &Db) -> sinew::Result<()> {
    db.find::<User>().filter(User::name.eq(None::<String>)).await?;
    Ok(())
}

fn main() {}
