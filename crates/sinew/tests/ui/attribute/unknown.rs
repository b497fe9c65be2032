use sinew::prelude::*;

#[derive(Model, Clone, Debug, Default)]
pub struct User {
    pub id: i64,
    #[model(frobnicate)]
    pub name: String,
}

fn main() {}
