use sinew::prelude::*;

#[derive(Model, Clone, Debug, Default)]
pub struct User {
    pub id: i64,
    #[model(foreign_key = id)]
    pub name: String,
}

fn main() {}
