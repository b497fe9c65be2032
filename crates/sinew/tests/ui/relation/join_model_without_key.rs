use sinew::prelude::*;

#[derive(Model, Clone, Debug, Default)]
pub struct User {
    pub id: i64,
    pub languages: ManyToMany<Language, UserLanguage>,
}

#[derive(Model, Clone, Debug, Default)]
pub struct Language {
    pub id: i64,
}

#[derive(Model, Clone, Debug, Default)]
pub struct UserLanguage {
    #[model(primary_key)]
    pub usr_id: i64,
    #[model(primary_key)]
    pub language_id: i64,
}

fn main() {}
