use sinew::prelude::*;

#[derive(Model, Clone, Debug, Default)]
pub struct User {
    pub id: i64,
    #[model(sise = 100)]
    pub name: String,
}

fn main() {}
