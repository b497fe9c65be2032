use sinew::prelude::*;

#[derive(Model, Clone, Debug, Default)]
pub struct Company {
    pub id: i64,
    pub region: i64,
}

#[derive(Model, Clone, Debug, Default)]
pub struct User {
    pub id: i64,
    pub a: i64,
    pub b: i64,
    #[model(foreign_key = (a, b), references = id)]
    pub company: BelongsTo<Company>,
}

fn main() {}
