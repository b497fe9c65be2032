use sinew::prelude::*;

#[derive(Model, Clone, Debug, Default)]
pub struct User {
    pub id: i64,
    pub manager_id: Option<i64>,
    pub reports: HasMany<User>,
}

fn main() {}
