use sinew::prelude::*;

#[derive(Model, Clone, Debug, Default)]
pub struct User<T> {
    pub id: i64,
    pub x: T,
}

fn main() {}
