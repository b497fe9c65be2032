//! The models that the write tests share.
#![allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used
)]

pub use sinew::Result;
pub use sinew::prelude::*;

#[derive(Model, Clone, Debug, Default)]
pub struct User {
    pub id: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub deleted_at: DeletedAt,
    #[model(size = 10, unique)]
    pub name: String,
    pub age: i32,
    pub company_id: Option<i64>,
    pub company: BelongsTo<Option<Company>>,
    pub manager_id: Option<i64>,
    pub manager: BelongsTo<Option<User>>,
    #[model(foreign_key = manager_id)]
    pub reports: HasMany<User>,
    pub profile: HasOne<Profile>,
    pub orders: HasMany<Order>,
    #[model(join_table = "user_languages")]
    pub languages: ManyToMany<Language>,
    #[model(polymorphic = owner)]
    pub images: HasMany<Image>,
}

#[derive(Model, Clone, Debug, Default)]
pub struct Company {
    pub id: i64,
    pub name: String,
}

#[derive(Model, Clone, Debug, Default)]
pub struct Profile {
    pub id: i64,
    pub user_id: i64,
    pub user: BelongsTo<User>,
    pub bio: String,
    #[model(default = "plain")]
    pub theme: String,
}

#[derive(Model, Clone, Debug, Default)]
pub struct Order {
    pub id: i64,
    pub deleted_at: DeletedAt,
    pub user_id: Option<i64>,
    pub amount: f64,
    pub items: HasMany<Item>,
}

#[derive(Model, Clone, Debug, Default)]
pub struct Item {
    pub id: i64,
    pub order_id: i64,
    #[model(unique)]
    pub sku: String,
}

#[derive(Model, Clone, Debug, Default)]
pub struct Language {
    pub id: i64,
    #[model(unique)]
    pub name: String,
}

#[derive(Model, Clone, Debug, Default)]
pub struct Image {
    pub id: i64,
    pub url: String,
    pub owner_id: Option<i64>,
    pub owner_type: String,
}

pub async fn open() -> Db {
    let db = Db::connect("sqlite::memory:").await.unwrap();
    db.auto_migrate(models![
        User, Company, Profile, Order, Item, Language, Image
    ])
    .await
    .unwrap();
    db
}

pub fn user(name: &str) -> User {
    User {
        name: name.into(),
        ..Default::default()
    }
}

pub fn order(amount: f64) -> Order {
    Order {
        amount,
        ..Default::default()
    }
}

pub fn item(sku: &str) -> Item {
    Item {
        sku: sku.into(),
        ..Default::default()
    }
}

pub fn language(name: &str) -> Language {
    Language {
        name: name.into(),
        ..Default::default()
    }
}

/// A user with everything a delete can take along: 2 orders with 3 items, a profile, 2 languages,
/// an image, a report, a company.
pub fn full(name: &str) -> User {
    User {
        name: name.into(),
        age: 36,
        company: Company {
            name: "Acme".into(),
            ..Default::default()
        }
        .into(),
        profile: Profile {
            bio: "Engines".into(),
            ..Default::default()
        }
        .into(),
        orders: [
            Order {
                items: [item(&format!("{name}1")), item(&format!("{name}2"))].into(),
                ..order(100.0)
            },
            Order {
                items: [item(&format!("{name}3"))].into(),
                ..order(5.0)
            },
        ]
        .into(),
        languages: [language("English"), language("French")].into(),
        images: [Image {
            url: "u".into(),
            ..Default::default()
        }]
        .into(),
        reports: [user(&format!("{name} jr"))].into(),
        ..Default::default()
    }
}

/// One number from the database.
pub async fn number(db: &Db, sql: &str) -> i64 {
    db.query::<(i64,)>(sql, ()).await.unwrap()[0].0
}

pub async fn count(db: &Db, table: &str) -> i64 {
    number(db, &format!("SELECT count(*) FROM {table}")).await
}
