//! The models and the little data that the examples of the documentation share, so that an example
//! shows what it is about and hides three lines.

#![allow(missing_docs)]

use sinew::Result;
pub use sinew::prelude::*;

#[derive(Model, Clone, Debug, Default, PartialEq)]
pub struct Company {
    pub id: i64,
    pub name: String,
}

#[derive(Model, Clone, Debug, Default)]
pub struct User {
    pub id: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub deleted_at: DeletedAt,
    #[model(size = 100, unique)]
    pub name: String,
    pub age: i32,
    pub company_id: Option<i64>,
    pub company: BelongsTo<Option<Company>>,
    pub manager_id: Option<i64>,
    pub manager: BelongsTo<Option<User>>,
    #[model(foreign_key = manager_id)]
    pub reports: HasMany<User>,
    pub profile: HasOne<Profile>,
    #[model(on_delete = cascade)]
    pub orders: HasMany<Order>,
    #[model(through = (orders, items))]
    pub items: HasMany<Item>,
    pub languages: ManyToMany<Language, UserLanguage>,
    #[model(polymorphic = owner)]
    pub images: HasMany<Image>,
}

#[derive(Model, Clone, Debug, Default)]
pub struct Profile {
    pub id: i64,
    pub user_id: i64,
    pub user: BelongsTo<User>,
    pub bio: String,
}

#[derive(Model, Clone, Debug, Default)]
pub struct Order {
    pub id: i64,
    pub user_id: Option<i64>,
    pub user: BelongsTo<Option<User>>,
    pub amount: f64,
    #[model(on_delete = cascade)]
    pub items: HasMany<Item>,
}

#[derive(Model, Clone, Debug, Default)]
pub struct Item {
    pub id: i64,
    pub order_id: i64,
    pub sku: String,
}

#[derive(Model, Clone, Debug, Default)]
pub struct Language {
    pub id: i64,
    #[model(unique)]
    pub name: String,
}

#[derive(Model, Clone, Debug, Default)]
pub struct UserLanguage {
    #[model(primary_key)]
    pub user_id: i64,
    #[model(primary_key)]
    pub language_id: i64,
    pub proficiency: String,
}

#[derive(Model, Clone, Debug, Default)]
pub struct Image {
    pub id: i64,
    pub url: String,
    pub owner_id: Option<i64>,
    pub owner_type: String,
    #[model(polymorphic)]
    pub owner: BelongsToAny<ImageOwner>,
}

// A `Box` around the user would be in the way of what the examples show.
#[allow(clippy::large_enum_variant)]
#[derive(PolymorphicOwner, Clone, Debug)]
pub enum ImageOwner {
    User(User),
    Company(Company),
}

/// Tables, and nothing in them.
///
/// # Errors
/// When a table cannot be made.
pub async fn empty() -> Result<Db> {
    let db = Db::connect("sqlite::memory:").await?;
    db.auto_migrate(models![
        Company,
        User,
        Profile,
        Order,
        Item,
        Language,
        UserLanguage,
        Image
    ])
    .await?;
    Ok(db)
}

/// Tables with three users:
///
/// - Ada (id 1, age 36) of Acme, with a profile, two orders (100.0 with two items, 300.0 with none),
///   English and French, and an image;
/// - Grace (id 2, age 45) of Acme, managed by Ada, with an order of 50.0 and English;
/// - Alan (id 3, age 41), with nothing.
///
/// # Errors
/// When a row cannot be written.
pub async fn db() -> Result<Db> {
    let db = empty().await?;
    let mut users = vec![ada(), user("Grace", 45), user("Alan", 41)];
    db.create(&mut users).await?;
    let (english, french) = (language("English"), language("French"));
    let batch = vec![vec![english.clone(), french], vec![english], Vec::new()];
    db.association(&mut users, User::languages)
        .append(batch)
        .await?;
    let [ada, grace, ..] = users.as_mut_slice() else {
        return Ok(db);
    };
    db.association(grace, User::orders)
        .append(order(50.0, &[]))
        .await?;
    let keys = (
        User::company_id.to(ada.company_id),
        User::manager_id.to(Some(ada.id)),
    );
    db.update(grace).set(keys).await?;
    Ok(db)
}

/// The same, without waiting.
///
/// # Errors
/// As [`db`].
pub fn blocking() -> Result<sinew::blocking::Db> {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .map_err(|e| sinew::Error::new(ErrorKind::Connection, e.to_string()))?
        .block_on(db())
        .map(sinew::blocking::Db::from)
}

fn ada() -> User {
    User {
        company: Company {
            name: "Acme".into(),
            ..Company::default()
        }
        .into(),
        profile: Profile {
            bio: "Engines".into(),
            ..Profile::default()
        }
        .into(),
        orders: [order(100.0, &["wheel", "axle"]), order(300.0, &[])].into(),
        images: [Image {
            url: "ada.png".into(),
            ..Image::default()
        }]
        .into(),
        ..user("Ada", 36)
    }
}

/// A user who is nowhere stored yet.
#[must_use]
pub fn user(name: &str, age: i32) -> User {
    User {
        name: name.into(),
        age,
        ..User::default()
    }
}

/// A language that is nowhere stored yet.
#[must_use]
pub fn language(name: &str) -> Language {
    Language {
        name: name.into(),
        ..Language::default()
    }
}

/// An order with items that is nowhere stored yet.
#[must_use]
pub fn order(amount: f64, skus: &[&str]) -> Order {
    let items = skus.iter().map(|sku| Item {
        sku: (*sku).into(),
        ..Item::default()
    });
    Order {
        amount,
        items: items.collect(),
        ..Order::default()
    }
}
