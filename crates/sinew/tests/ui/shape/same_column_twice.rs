use sinew::prelude::*;

#[derive(Model, Clone, Debug, Default)]
pub struct User {
    pub id: i64,
    pub name: String,
    #[model(column = "name")]
    pub title: String,
}

fn main() {}
