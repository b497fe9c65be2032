use sinew::prelude::*;

#[derive(Clone, Debug, Default)]
pub struct Order {
    pub id: i64,
}

#[derive(Model, Clone, Debug, Default)]
pub struct User {
    pub id: i64,
    #[model(join_table = "user_orders")]
    pub orders: ManyToMany<Order>,
}

fn main() {}
