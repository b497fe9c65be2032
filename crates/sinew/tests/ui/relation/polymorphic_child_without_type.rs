use sinew::prelude::*;

#[derive(Model, Clone, Debug, Default)]
pub struct User {
    pub id: i64,
    #[model(polymorphic = owner)]
    pub images: HasMany<Image>,
}

#[derive(Model, Clone, Debug, Default)]
pub struct Image {
    pub id: i64,
    pub owner_id: i64,
}

fn main() {}
