use sinew::prelude::*;

#[derive(Model, Clone, Debug, Default)]
pub struct User {
    pub id: i64,
    pub orders: HasMany<Order>,
    #[model(through = (order, items))]
    pub items: HasMany<Item>,
}

#[derive(Model, Clone, Debug, Default)]
pub struct Order {
    pub id: i64,
    pub user_id: i64,
    pub items: HasMany<Item>,
}

#[derive(Model, Clone, Debug, Default)]
pub struct Item {
    pub id: i64,
    pub order_id: i64,
}

fn main() {}
