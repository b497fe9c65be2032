use sinew::prelude::*;

#[derive(Model, Clone, Debug, Default)]
pub struct User {
    pub id: i64,
}

pub async fn read(db: &Db) -> sinew::Result<()> {
    db.get::<User>("one").await?;
    Ok(())
}

fn main() {}
