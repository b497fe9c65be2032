use sinew::prelude::*;

#[derive(Model, Clone, Debug, Default)]
pub struct Page {
    pub id: i64,
    #[model(unique)]
    pub path: Vec<String>,
    #[model(foreign_key = page_path, references = path)]
    pub notes: HasMany<Note>,
}

#[derive(Model, Clone, Debug, Default)]
pub struct Note {
    pub id: i64,
    pub page_path: Vec<String>,
    #[model(foreign_key = page_path, references = path)]
    pub page: BelongsTo<Page>,
}

fn main() {}
