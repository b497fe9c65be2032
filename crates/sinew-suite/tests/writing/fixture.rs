//! The models that the write tests share.

use sinew_suite::prelude::*;

#[derive(Model, Clone, Debug, Default)]
pub(crate) struct User {
    pub(crate) id: i64,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) deleted_at: DeletedAt,
    #[model(size = 10, unique)]
    pub(crate) name: String,
    pub(crate) age: i32,
    pub(crate) company_id: Option<i64>,
    pub(crate) company: BelongsTo<Option<Company>>,
    pub(crate) manager_id: Option<i64>,
    pub(crate) manager: BelongsTo<Option<User>>,
    #[model(foreign_key = manager_id)]
    pub(crate) reports: HasMany<User>,
    pub(crate) profile: HasOne<Profile>,
    pub(crate) orders: HasMany<Order>,
    #[model(join_table = "user_languages")]
    pub(crate) languages: ManyToMany<Language>,
    #[model(polymorphic = owner)]
    pub(crate) images: HasMany<Image>,
}

#[derive(Model, Clone, Debug, Default)]
pub(crate) struct Company {
    pub(crate) id: i64,
    pub(crate) name: String,
}

#[derive(Model, Clone, Debug, Default)]
pub(crate) struct Profile {
    pub(crate) id: i64,
    pub(crate) user_id: i64,
    pub(crate) user: BelongsTo<User>,
    pub(crate) bio: String,
    #[model(size = 20, default = "plain")]
    pub(crate) theme: String,
}

#[derive(Model, Clone, Debug, Default)]
pub(crate) struct Order {
    pub(crate) id: i64,
    pub(crate) deleted_at: DeletedAt,
    pub(crate) user_id: Option<i64>,
    pub(crate) amount: f64,
    pub(crate) items: HasMany<Item>,
}

#[derive(Model, Clone, Debug, Default)]
pub(crate) struct Item {
    pub(crate) id: i64,
    pub(crate) order_id: i64,
    #[model(size = 40, unique)]
    pub(crate) sku: String,
}

#[derive(Model, Clone, Debug, Default)]
pub(crate) struct Language {
    pub(crate) id: i64,
    #[model(size = 40, unique)]
    pub(crate) name: String,
}

#[derive(Model, Clone, Debug, Default)]
pub(crate) struct Image {
    pub(crate) id: i64,
    pub(crate) url: String,
    pub(crate) owner_id: Option<i64>,
    #[model(size = 40)]
    pub(crate) owner_type: String,
}

pub(crate) async fn tables(db: &Db) -> Result<()> {
    db.auto_migrate(models![
        User, Company, Profile, Order, Item, Language, Image
    ])
    .await
}

pub(crate) fn user(name: &str) -> User {
    User {
        name: name.into(),
        ..Default::default()
    }
}

pub(crate) fn order(amount: f64) -> Order {
    Order {
        amount,
        ..Default::default()
    }
}

pub(crate) fn item(sku: &str) -> Item {
    Item {
        sku: sku.into(),
        ..Default::default()
    }
}

pub(crate) fn language(name: &str) -> Language {
    Language {
        name: name.into(),
        ..Default::default()
    }
}

/// A user with everything a delete can take along: 2 orders with 3 items, a profile, 2 languages,
/// an image, a report, a company.
pub(crate) fn full(name: &str) -> User {
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
pub(crate) async fn number(db: &Db, sql: &str) -> i64 {
    db.query::<(i64,)>(sql, ()).await.unwrap()[0].0
}

pub(crate) async fn count(db: &Db, table: &str) -> i64 {
    number(db, &format!("SELECT count(*) FROM {table}")).await
}
