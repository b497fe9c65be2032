use sinew::prelude::*;

#[derive(Model, Clone, Debug, Default)]
pub struct User {
    pub id: i64,
    pub orders: HasMany<Order>,
}

#[derive(Model, Clone, Debug, Default)]
pub struct Order {
    pub id: i64,
    pub user_id: Option<String>,
}

fn main() {}
