use sinew::prelude::*;

#[derive(Model, Clone, Debug, Default)]
pub struct User(i64);

fn main() {}
