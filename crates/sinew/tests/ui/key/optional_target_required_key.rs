use sinew::prelude::*;

#[derive(Model, Clone, Debug, Default)]
pub struct Company {
    pub id: i64,
}

#[derive(Model, Clone, Debug, Default)]
pub struct User {
    pub id: i64,
    pub company_id: i64,
    pub company: BelongsTo<Option<Company>>,
}

fn main() {}
