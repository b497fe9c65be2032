use sinew::prelude::*;

#[derive(Model, Clone, Debug, Default)]
pub struct User {
    pub id: i64,
    pub age: i32,
}

pub async fn read(db: &Db) -> sinew::Result<()> {
    db.find::<User>().filter(User::age.like("4%")).await?;
    Ok(())
}

fn main() {}
