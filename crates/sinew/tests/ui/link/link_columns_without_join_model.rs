use sinew::prelude::*;

#[derive(Model, Clone, Debug, Default)]
pub struct User {
    pub id: i64,
    #[model(join_table = "user_languages")]
    pub languages: ManyToMany<Language>,
}

#[derive(Model, Clone, Debug, Default)]
pub struct Language {
    pub id: i64,
}

pub async fn write(db: &Db, user: &mut User) -> sinew::Result<()> {
    db.association(user, User::languages).append_with(Language::default(), |link| link.level = 1).await?;
    Ok(())
}

fn main() {}
