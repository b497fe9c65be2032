use sinew::prelude::*;

#[derive(Model, Clone, Debug, Default)]
pub struct User {
    pub id: i64,
    pub languages: ManyToMany<Language>,
}

#[derive(Model, Clone, Debug, Default)]
pub struct Language {
    pub id: i64,
}

fn main() {}
