use sinew::prelude::*;

#[derive(Model, Clone, Debug, Default)]
pub struct User {
    pub id: i64,
    #[model(json = 3)]
    pub name: String,
}

fn main() {}
