use sinew::prelude::*;

#[derive(Model, Clone, Debug, Default)]
pub struct User {
    pub id: i64,
    #[model(size)]
    pub name: String,
}

fn main() {}
