use sinew::prelude::*;

#[derive(Model, Clone, Debug, Default)]
pub struct User {
    pub id: i64,
    pub profile: HasOne<Profile>,
}

#[derive(Model, Clone, Debug, Default)]
pub struct Profile {
    pub id: i64,
}

fn main() {}
