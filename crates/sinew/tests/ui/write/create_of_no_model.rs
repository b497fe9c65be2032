use sinew::prelude::*;

pub async fn write(db: &Db) -> sinew::Result<()> {
    db.create(&mut 5).await?;
    Ok(())
}

fn main() {}
