use sinew::prelude::*;

#[derive(Model, Clone, Debug, Default)]
pub struct User {
    #[model(primary_key)]
    pub id: i64,
    #[model(primary_key)]
    pub region: String,
}

#[derive(Model, Clone, Debug, Default)]
pub struct Order {
    pub id: i64,
    pub user_id: i64,
    pub user_region: i64,
    #[model(foreign_key = (user_id, user_region))]
    pub user: BelongsTo<User>,
}

fn main() {}
