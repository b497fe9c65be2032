use sinew::prelude::*;

#[derive(Newtype, Clone, Debug, Default)]
pub struct Line(Vec<i32>);

#[derive(Model, Clone, Debug, Default)]
pub struct Page {
    pub id: i64,
    pub lines: Vec<Line>,
}

fn main() {}
