//! The models and tables that the tests of association mode share.

use sinew_suite::prelude::*;

#[derive(Model, Clone, Debug, Default, PartialEq)]
pub(crate) struct User {
    pub(crate) id: i64,
    pub(crate) updated_at: Timestamp,
    pub(crate) name: String,
    pub(crate) company_id: Option<i64>,
    pub(crate) company: BelongsTo<Option<Company>>,
    pub(crate) manager_id: Option<i64>,
    pub(crate) manager: BelongsTo<Option<User>>,
    #[model(foreign_key = manager_id)]
    pub(crate) reports: HasMany<User>,
    pub(crate) profile: HasOne<Profile>,
    pub(crate) passport: HasOne<Passport>,
    pub(crate) orders: HasMany<Order>,
    pub(crate) notes: HasMany<Note>,
    #[model(join_table = "user_languages")]
    pub(crate) languages: ManyToMany<Language>,
    #[model(
        join_table = "user_friends",
        join_foreign_key = "user_id",
        join_references = "friend_id"
    )]
    pub(crate) friends: ManyToMany<User>,
    pub(crate) tags: ManyToMany<Tag, UserTag>,
    #[model(polymorphic = owner)]
    pub(crate) images: HasMany<Image>,
    #[model(polymorphic = owner, polymorphic_value = "avatar")]
    pub(crate) avatar: HasOne<Image>,
    #[model(through = (orders, items))]
    pub(crate) items: HasMany<Item>,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
pub(crate) struct Company {
    pub(crate) id: i64,
    pub(crate) name: String,
}

/// Its key is NOT NULL.
#[derive(Model, Clone, Debug, Default, PartialEq)]
pub(crate) struct Profile {
    pub(crate) id: i64,
    pub(crate) user_id: i64,
    pub(crate) bio: String,
}

/// Its key is nullable and unique.
#[derive(Model, Clone, Debug, Default, PartialEq)]
pub(crate) struct Passport {
    pub(crate) id: i64,
    #[model(unique)]
    pub(crate) user_id: Option<i64>,
    pub(crate) number: String,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
pub(crate) struct Order {
    pub(crate) id: i64,
    pub(crate) user_id: Option<i64>,
    pub(crate) user: BelongsTo<Option<User>>,
    pub(crate) amount: f64,
    pub(crate) items: HasMany<Item>,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
pub(crate) struct Item {
    pub(crate) id: i64,
    pub(crate) order_id: i64,
    pub(crate) sku: String,
}

/// Soft-deletable, its key is NOT NULL.
#[derive(Model, Clone, Debug, Default, PartialEq)]
pub(crate) struct Note {
    pub(crate) id: i64,
    pub(crate) deleted_at: DeletedAt,
    pub(crate) user_id: i64,
    pub(crate) text: String,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
pub(crate) struct Language {
    pub(crate) id: i64,
    #[model(size = 100, unique)]
    pub(crate) name: String,
    pub(crate) speakers: i64,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
pub(crate) struct Tag {
    pub(crate) id: i64,
    pub(crate) label: String,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
pub(crate) struct UserTag {
    #[model(primary_key)]
    pub(crate) user_id: i64,
    #[model(primary_key)]
    pub(crate) tag_id: i64,
    pub(crate) created_at: Timestamp,
    pub(crate) deleted_at: DeletedAt,
    pub(crate) weight: i64,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
pub(crate) struct Image {
    pub(crate) id: i64,
    pub(crate) url: String,
    pub(crate) owner_id: Option<i64>,
    #[model(size = 40)]
    pub(crate) owner_type: String,
}

pub(crate) async fn tables(db: &Db) -> Result<()> {
    db.auto_migrate(models![
        User, Company, Profile, Passport, Order, Item, Note, Language, Tag, UserTag, Image
    ])
    .await
}

pub(crate) async fn user(db: &Db, name: &str) -> User {
    let mut user = User {
        name: name.into(),
        ..Default::default()
    };
    db.create(&mut user).await.unwrap();
    user
}

pub(crate) fn order(amount: f64) -> Order {
    Order {
        amount,
        ..Default::default()
    }
}

pub(crate) fn language(name: &str) -> Language {
    Language {
        name: name.into(),
        ..Default::default()
    }
}

pub(crate) fn tag(label: &str) -> Tag {
    Tag {
        label: label.into(),
        ..Default::default()
    }
}

pub(crate) async fn number(db: &Db, sql: &str) -> i64 {
    db.query::<(i64,)>(sql, ()).await.unwrap()[0].0
}

pub(crate) async fn linked(db: &Db, sql: &str) -> Vec<(i64, Option<i64>)> {
    db.query::<(i64, Option<i64>)>(sql, ()).await.unwrap()
}

/// The statements that an operation took.
macro_rules! statements {
    ($db:ident, $do:expr) => {{
        let counting = $db.counting();
        let outcome = {
            let $db = &counting;
            $do
        };
        (outcome, counting.statements())
    }};
}

pub(crate) use statements;
