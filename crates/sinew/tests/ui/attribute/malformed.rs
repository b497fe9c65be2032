use sinew::prelude::*;

#[derive(Model, Clone, Debug, Default)]
struct User {
    id: i64,
    #[model(size 40)]
    name: String,
    #[model(unique, 5 = size, +)]
    email: String,
    #[model(default = sql("now()", "never"))]
    joined: i64,
    #[model(default = +)]
    left: i64,
}

fn main() {}
