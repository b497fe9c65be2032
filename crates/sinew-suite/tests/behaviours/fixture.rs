//! The models that most groups use.

use sinew_suite::prelude::*;

#[derive(Model, Clone, Debug, Default)]
pub(crate) struct User {
    pub(crate) id: i64,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) deleted_at: DeletedAt,
    #[model(size = 100)]
    pub(crate) name: String,
    pub(crate) age: i32,
    pub(crate) active: bool,
    pub(crate) company_id: Option<i64>,
    pub(crate) company: BelongsTo<Option<Company>>,
    pub(crate) manager_id: Option<i64>,
    pub(crate) manager: BelongsTo<Option<User>>,
    #[model(foreign_key = manager_id)]
    pub(crate) team: HasMany<User>,
    pub(crate) account: HasOne<Account>,
    pub(crate) pets: HasMany<Pet>,
    #[model(polymorphic = owner)]
    pub(crate) toys: HasMany<Toy>,
    #[model(join_table = "user_speaks")]
    pub(crate) languages: ManyToMany<Language>,
    #[model(join_table = "user_friends")]
    pub(crate) friends: ManyToMany<User>,
}

#[derive(Model, Clone, Debug, Default)]
pub(crate) struct Company {
    pub(crate) id: i64,
    #[model(size = 100, unique)]
    pub(crate) name: String,
    pub(crate) employees: HasMany<User>,
}

#[derive(Model, Clone, Debug, Default)]
pub(crate) struct Account {
    pub(crate) id: i64,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) deleted_at: DeletedAt,
    pub(crate) user_id: Option<i64>,
    pub(crate) user: BelongsTo<Option<User>>,
    pub(crate) number: String,
}

#[derive(Model, Clone, Debug, Default)]
pub(crate) struct Pet {
    pub(crate) id: i64,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) deleted_at: DeletedAt,
    pub(crate) user_id: Option<i64>,
    pub(crate) user: BelongsTo<Option<User>>,
    pub(crate) name: String,
    #[model(polymorphic = owner)]
    pub(crate) toy: HasOne<Toy>,
}

#[derive(Model, Clone, Debug, Default)]
pub(crate) struct Toy {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) owner_id: Option<i64>,
    #[model(size = 40)]
    pub(crate) owner_type: String,
    #[model(polymorphic)]
    pub(crate) owner: BelongsToAny<ToyOwner>,
}

#[derive(PolymorphicOwner, Clone, Debug)]
#[allow(clippy::large_enum_variant)]
pub(crate) enum ToyOwner {
    User(User),
    Pet(Pet),
}

#[derive(Model, Clone, Debug, Default)]
pub(crate) struct Language {
    #[model(primary_key, size = 20)]
    pub(crate) code: String,
    pub(crate) name: String,
}

pub(crate) async fn tables(db: &Db) -> Result<()> {
    db.auto_migrate(models![User, Company, Account, Pet, Toy, Language])
        .await?;
    Ok(())
}

pub(crate) fn user(name: &str) -> User {
    User {
        name: name.into(),
        ..Default::default()
    }
}

pub(crate) fn company(name: &str) -> Company {
    Company {
        name: name.into(),
        ..Default::default()
    }
}

pub(crate) fn account(number: &str) -> Account {
    Account {
        number: number.into(),
        ..Default::default()
    }
}

pub(crate) fn pet(name: &str) -> Pet {
    Pet {
        name: name.into(),
        ..Default::default()
    }
}

pub(crate) fn toy(name: &str) -> Toy {
    Toy {
        name: name.into(),
        ..Default::default()
    }
}

pub(crate) fn language(code: &str) -> Language {
    Language {
        code: code.into(),
        name: format!("the language {code}"),
    }
}

/// A user with one of everything and more: a company, an account, two pets (each with a toy), two
/// toys, a manager, a team of two, two languages, a friend.
pub(crate) fn everything(name: &str) -> User {
    let with_toy = |n: i32| Pet {
        toy: toy("bone").into(),
        ..pet(&format!("{name}'s pet {n}"))
    };
    User {
        company: company(&format!("{name} Ltd")).into(),
        manager: user(&format!("{name}'s manager")).into(),
        team: [1, 2].map(|n| user(&format!("{name}'s report {n}"))).into(),
        account: account(&format!("{name}'s account")).into(),
        pets: [1, 2].map(with_toy).into(),
        toys: [toy("ball"), toy("yo-yo")].into(),
        languages: [format!("{name}-1"), format!("{name}-2")]
            .map(|c| language(&c))
            .into(),
        friends: [user(&format!("{name}'s friend"))].into(),
        ..user(name)
    }
}

/// The stored `user_id` of all pets.
pub(crate) async fn pet_owners(db: &Db) -> Result<Vec<Option<i64>>> {
    values(db, "pets", "user_id").await
}

/// The stored links of users to languages.
pub(crate) async fn speaks(db: &Db) -> Result<Vec<(i64, String)>> {
    let sql = "SELECT user_id, language_code FROM user_speaks ORDER BY user_id, language_code";
    db.query(sql, ()).await
}

/// The stored key of the user of this name.
pub(crate) async fn id_of(db: &Db, name: &str) -> Result<i64> {
    let found: Vec<(i64,)> = db
        .query("SELECT id FROM users WHERE name = ?", (name,))
        .await?;
    Ok(found[0].0)
}

pub(crate) fn links(pairs: &[(i64, &str)]) -> Vec<(i64, String)> {
    pairs
        .iter()
        .map(|(user, code)| (*user, (*code).to_owned()))
        .collect()
}
