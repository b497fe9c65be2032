use sinew::prelude::*;

pub struct Plain;

pub async fn read(db: &Db) -> sinew::Result<()> {
    db.find::<Plain>().await?;
    Ok(())
}

fn main() {}
