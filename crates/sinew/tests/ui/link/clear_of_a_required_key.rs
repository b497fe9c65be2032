use sinew::prelude::*;

#[derive(Model, Clone, Debug, Default)]
pub struct User {
    pub id: i64,
    pub orders: HasMany<Order>,
}

#[derive(Model, Clone, Debug, Default)]
pub struct Order {
    pub id: i64,
    pub user_id: i64,
}

pub async fn write(db: &Db, user: &mut User) -> sinew::Result<()> {
    db.association(user, User::orders).clear().await?;
    Ok(())
}

fn main() {}
