use sinew::prelude::*;

#[derive(Model, Clone, Debug, Default)]
#[model(tabel = "people")]
pub struct User {
    pub id: i64,
}

fn main() {}
