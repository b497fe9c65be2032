use sinew::prelude::*;

#[derive(Model, Clone, Debug)]
pub enum User {
    A,
}

fn main() {}
