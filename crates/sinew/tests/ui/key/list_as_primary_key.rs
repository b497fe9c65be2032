use sinew::prelude::*;

#[derive(Newtype, Clone, Debug, Default)]
pub struct Path(Vec<String>);

#[derive(Model, Clone, Debug, Default)]
pub struct Page {
    #[model(primary_key)]
    pub path: Vec<String>,
}

#[derive(Model, Clone, Debug, Default)]
pub struct Hidden {
    #[model(primary_key)]
    pub path: Path,
}

fn main() {}
