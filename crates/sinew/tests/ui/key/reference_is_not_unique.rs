use sinew::prelude::*;

#[derive(Model, Clone, Debug, Default)]
pub struct Company {
    pub id: i64,
    pub code: String,
}

#[derive(Model, Clone, Debug, Default)]
pub struct User {
    pub id: i64,
    pub company_code: String,
    #[model(foreign_key = company_code, references = code)]
    pub company: BelongsTo<Company>,
}

fn main() {}
