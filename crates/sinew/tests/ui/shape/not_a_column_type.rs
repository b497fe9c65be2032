use sinew::prelude::*;

pub struct Odd;

#[derive(Model, Clone)]
pub struct User {
    pub id: i64,
    pub odd: std::cell::Cell<i32>,
}

fn main() {}
