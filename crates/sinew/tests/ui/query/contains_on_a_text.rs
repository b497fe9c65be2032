use sinew::prelude::*;

#[derive(Model, Clone, Debug, Default)]
pub struct User {
    pub id: i64,
    pub name: String,
    pub tags: Vec<String>,
}

pub async fn read(db: &Db) -> sinew::Result<()> {
    db.find::<User>().filter(User::name.contains("Ad")).await?;
    db.find::<User>().filter(User::tags.contains(7)).await?;
    db.find::<User>().filter(User::id.overlaps([7])).await?;
    Ok(())
}

fn main() {}
