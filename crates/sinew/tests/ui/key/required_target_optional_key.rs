use sinew::prelude::*;

#[derive(Model, Clone, Debug, Default)]
pub struct Company {
    pub id: i64,
}

#[derive(Model, Clone, Debug, Default)]
pub struct User {
    pub id: i64,
    pub company_id: Option<i64>,
    pub company: BelongsTo<Company>,
}

fn main() {}
