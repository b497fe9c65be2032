use sinew::prelude::*;

#[derive(Model, Clone, Debug, Default)]
pub struct User {
    pub id: i64,
    pub a: DeletedAt,
    pub b: DeletedAt,
}

fn main() {}
