use sinew::prelude::*;

#[derive(Model, Clone, Debug, Default)]
pub struct Order {
    pub id: i64,
}

#[derive(Model, Clone, Debug, Default)]
pub struct User {
    pub id: i64,
    pub orders: Vec<Order>,
    pub matrix: Vec<Vec<i64>>,
}

fn main() {}
