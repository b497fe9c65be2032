use sinew::prelude::*;

#[derive(Model, Clone, Debug, Default)]
pub struct User {
    pub name: String,
}

fn main() {}
