use sinew::prelude::*;

#[derive(Model, Clone, Debug, Default)]
pub struct User {
    pub id: i64,
    pub name: String,
}

pub async fn write(db: &Db, user: &mut User) -> sinew::Result<()> {
    db.update(user).set(User::name.to(None::<String>)).await?;
    Ok(())
}

fn main() {}
