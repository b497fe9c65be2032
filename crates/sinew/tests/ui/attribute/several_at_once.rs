use sinew::prelude::*;

#[derive(Model, Clone, Debug, Default)]
pub struct User {
    pub id: i64,
    #[model(sise = 1)]
    pub name: String,
    #[model(uniqe)]
    pub mail: String,
    #[model(on_delete = boom)]
    pub orders: HasMany<Order>,
}

#[derive(Model, Clone, Debug, Default)]
pub struct Order {
    pub id: i64,
    pub user_id: i64,
}

fn main() {}
