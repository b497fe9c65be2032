use sinew::prelude::*;

#[derive(Newtype, Clone, Debug, Default)]
pub struct Line(Vec<i32>);

#[derive(Model, Clone, Debug, Default)]
pub struct Order {
    pub id: i64,
}

#[derive(Model, Clone, Debug, Default)]
pub struct User {
    pub id: i64,
    pub orders: Vec<Order>,
    pub matrix: Vec<Vec<i64>>,
    pub holes: Vec<Option<Option<i64>>>,
    pub lines: Vec<Line>,
}

fn main() {}
