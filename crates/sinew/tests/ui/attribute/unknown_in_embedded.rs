use sinew::prelude::*;

#[derive(Embedded, Clone, Debug, Default)]
pub struct Address {
    #[model(sise = 3)]
    pub city: String,
}

#[derive(Model, Clone, Debug, Default)]
pub struct User {
    pub id: i64,
    #[model(embedded)]
    pub address: Address,
}

fn main() {}
