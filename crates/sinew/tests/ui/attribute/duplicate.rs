use sinew::prelude::*;

#[derive(Model, Clone, Debug, Default)]
pub struct User {
    pub id: i64,
    #[model(size = 10, size = 20)]
    pub name: String,
}

fn main() {}
