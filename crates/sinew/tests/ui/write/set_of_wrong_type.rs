use sinew::prelude::*;

#[derive(Model, Clone, Debug, Default)]
pub struct User {
    pub id: i64,
    pub age: i32,
}

pub async fn write(db: &Db, user: &mut User) -> sinew::Result<()> {
    db.update(user).set(User::age.to("old")).await?;
    Ok(())
}

fn main() {}
