use sinew::prelude::*;

#[derive(Clone, Debug, Default)]
pub struct Odd;

#[derive(Model, Clone, Debug, Default)]
pub struct User {
    pub id: i64,
    pub odd: Odd,
}

fn main() {}
