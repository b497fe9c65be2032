//! The models and tables that the tests of association mode share.
#![allow(dead_code, missing_docs, unreachable_pub)]

use sinew::prelude::*;

#[derive(Model, Clone, Debug, Default, PartialEq)]
pub struct User {
    pub id: i64,
    pub updated_at: Timestamp,
    pub name: String,
    pub company_id: Option<i64>,
    pub company: BelongsTo<Option<Company>>,
    pub manager_id: Option<i64>,
    pub manager: BelongsTo<Option<User>>,
    #[model(foreign_key = manager_id)]
    pub reports: HasMany<User>,
    pub profile: HasOne<Profile>,
    pub passport: HasOne<Passport>,
    pub orders: HasMany<Order>,
    pub notes: HasMany<Note>,
    #[model(join_table = "user_languages")]
    pub languages: ManyToMany<Language>,
    #[model(
        join_table = "user_friends",
        join_foreign_key = "user_id",
        join_references = "friend_id"
    )]
    pub friends: ManyToMany<User>,
    pub tags: ManyToMany<Tag, UserTag>,
    #[model(polymorphic = owner)]
    pub images: HasMany<Image>,
    #[model(polymorphic = owner, polymorphic_value = "avatar")]
    pub avatar: HasOne<Image>,
    #[model(through = (orders, items))]
    pub items: HasMany<Item>,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
pub struct Company {
    pub id: i64,
    pub name: String,
}

/// Its key is NOT NULL.
#[derive(Model, Clone, Debug, Default, PartialEq)]
pub struct Profile {
    pub id: i64,
    pub user_id: i64,
    pub bio: String,
}

/// Its key is nullable and unique.
#[derive(Model, Clone, Debug, Default, PartialEq)]
pub struct Passport {
    pub id: i64,
    #[model(unique)]
    pub user_id: Option<i64>,
    pub number: String,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
pub struct Order {
    pub id: i64,
    pub user_id: Option<i64>,
    pub user: BelongsTo<Option<User>>,
    pub amount: f64,
    pub items: HasMany<Item>,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
pub struct Item {
    pub id: i64,
    pub order_id: i64,
    pub sku: String,
}

/// Soft-deletable, its key is NOT NULL.
#[derive(Model, Clone, Debug, Default, PartialEq)]
pub struct Note {
    pub id: i64,
    pub deleted_at: DeletedAt,
    pub user_id: i64,
    pub text: String,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
pub struct Language {
    pub id: i64,
    #[model(unique)]
    pub name: String,
    pub speakers: i64,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
pub struct Tag {
    pub id: i64,
    pub label: String,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
pub struct UserTag {
    #[model(primary_key)]
    pub user_id: i64,
    #[model(primary_key)]
    pub tag_id: i64,
    pub created_at: Timestamp,
    pub deleted_at: DeletedAt,
    pub weight: i64,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
pub struct Image {
    pub id: i64,
    pub url: String,
    pub owner_id: Option<i64>,
    pub owner_type: String,
}

const DDL: &[&str] = &[
    "CREATE TABLE companies (id integer primary key autoincrement, name text not null)",
    "CREATE TABLE users (id integer primary key autoincrement, updated_at datetime, name text not null, company_id integer references companies(id), manager_id integer references users(id))",
    "CREATE TABLE profiles (id integer primary key autoincrement, user_id integer not null references users(id), bio text not null)",
    "CREATE TABLE passports (id integer primary key autoincrement, user_id integer unique references users(id), number text not null)",
    "CREATE TABLE orders (id integer primary key autoincrement, user_id integer references users(id), amount real not null)",
    "CREATE TABLE items (id integer primary key autoincrement, order_id integer not null references orders(id), sku text not null)",
    "CREATE TABLE notes (id integer primary key autoincrement, deleted_at datetime, user_id integer not null references users(id), text text not null)",
    "CREATE TABLE languages (id integer primary key autoincrement, name text not null unique, speakers integer not null)",
    "CREATE TABLE user_languages (user_id integer references users(id), language_id integer references languages(id), primary key (user_id, language_id))",
    "CREATE TABLE user_friends (user_id integer references users(id), friend_id integer references users(id), primary key (user_id, friend_id))",
    "CREATE TABLE tags (id integer primary key autoincrement, label text not null)",
    "CREATE TABLE user_tags (user_id integer references users(id), tag_id integer references tags(id), created_at datetime, deleted_at datetime, weight integer not null, primary key (user_id, tag_id))",
    "CREATE TABLE images (id integer primary key autoincrement, url text not null, owner_id integer, owner_type text not null)",
];

pub async fn open() -> Db {
    let db = Db::connect("sqlite::memory:").await.unwrap();
    for ddl in DDL {
        db.execute(ddl, ()).await.unwrap();
    }
    db
}

pub async fn user(db: &Db, name: &str) -> User {
    let mut user = User {
        name: name.into(),
        ..Default::default()
    };
    db.create(&mut user).await.unwrap();
    user
}

pub fn order(amount: f64) -> Order {
    Order {
        amount,
        ..Default::default()
    }
}

pub fn language(name: &str) -> Language {
    Language {
        name: name.into(),
        ..Default::default()
    }
}

pub fn tag(label: &str) -> Tag {
    Tag {
        label: label.into(),
        ..Default::default()
    }
}

pub async fn number(db: &Db, sql: &str) -> i64 {
    db.query::<(i64,)>(sql, ()).await.unwrap()[0].0
}

pub async fn pairs(db: &Db, sql: &str) -> Vec<(i64, Option<i64>)> {
    db.query::<(i64, Option<i64>)>(sql, ()).await.unwrap()
}

/// The statements that an operation took.
#[macro_export]
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
