use sinew::prelude::*;

#[derive(Model, Clone, Debug, Default)]
pub struct User {
    pub id: i64,
    pub age: i32,
}

pub async fn read(db: &Db) -> sinew::Result<()> {
    db.find::<User>().filter(User::age.eq("old")).await?;
    Ok(())
}

fn main() {}
