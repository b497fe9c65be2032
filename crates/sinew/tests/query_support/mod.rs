//! Models and tables that the reading tests share.
#![allow(dead_code, unreachable_pub)]

use sinew::prelude::*;

#[derive(Model, Clone, Debug, Default, PartialEq)]
pub struct User {
    pub id: i64,
    pub deleted_at: DeletedAt,
    pub name: String,
    pub age: Option<i32>,
    pub company_id: Option<i64>,
    pub company: BelongsTo<Option<Company>>,
    pub manager_id: Option<i64>,
    pub manager: BelongsTo<Option<User>>,
    #[model(foreign_key = manager_id)]
    pub reports: HasMany<User>,
    pub profile: HasOne<Profile>,
    pub orders: HasMany<Order>,
    pub languages: ManyToMany<Language, UserLanguage>,
    #[model(polymorphic = owner)]
    pub images: HasMany<Image>,
    #[model(polymorphic = owner)]
    pub avatar: HasOne<Image>,
    #[model(through = (orders, items))]
    pub items: HasMany<Item>,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
pub struct Company {
    pub id: i64,
    pub deleted_at: DeletedAt,
    pub name: String,
    pub users: HasMany<User>,
    #[model(polymorphic = owner)]
    pub images: HasMany<Image>,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
pub struct Profile {
    pub id: i64,
    pub user_id: i64,
    pub user: BelongsTo<User>,
    pub bio: String,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
pub struct Order {
    pub id: i64,
    pub deleted_at: DeletedAt,
    pub user_id: Option<i64>,
    pub user: BelongsTo<Option<User>>,
    pub amount: f64,
    pub items: HasMany<Item>,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
pub struct Item {
    pub id: i64,
    pub order_id: i64,
    pub order: BelongsTo<Order>,
    pub sku: String,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
pub struct Language {
    pub id: i64,
    pub name: String,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
pub struct UserLanguage {
    #[model(primary_key)]
    pub user_id: i64,
    #[model(primary_key)]
    pub language_id: i64,
    pub level: i32,
    pub deleted_at: DeletedAt,
}

/// The id is text, so that it can hold any owner's key.
#[derive(Model, Clone, Debug, Default, PartialEq)]
pub struct Image {
    pub id: i64,
    pub url: String,
    pub owner_id: String,
    pub owner_type: String,
    #[model(polymorphic)]
    pub owner: BelongsToAny<ImageOwner>,
}

#[derive(PolymorphicOwner, Clone, Debug, PartialEq)]
#[allow(clippy::large_enum_variant)]
pub enum ImageOwner {
    User(User),
    Company(Company),
}

const DDL: &[&str] = &[
    "CREATE TABLE companies (id integer primary key, deleted_at text, name text not null)",
    "CREATE TABLE users (id integer primary key, deleted_at text, name text not null, age integer,
        company_id integer references companies, manager_id integer references users)",
    "CREATE TABLE profiles (id integer primary key, user_id integer not null, bio text not null)",
    "CREATE TABLE orders (id integer primary key, deleted_at text, user_id integer, amount real not null)",
    "CREATE INDEX orders_user ON orders (user_id)",
    "CREATE TABLE items (id integer primary key, order_id integer not null, sku text not null)",
    "CREATE INDEX items_order ON items (order_id)",
    "CREATE TABLE languages (id integer primary key, name text not null)",
    "CREATE TABLE user_languages (user_id integer, language_id integer, level integer not null,
        deleted_at text, primary key (user_id, language_id))",
    "CREATE TABLE images (id integer primary key, url text not null, owner_id text not null, owner_type text not null)",
];

const ROWS: &[&str] = &[
    "INSERT INTO companies VALUES (1, NULL, 'Acme'), (2, NULL, 'Babbage'), (3, '2020-01-01T00:00:00.000000Z', 'Gone')",
    "INSERT INTO users VALUES
        (1, NULL, 'Ada', 36, 1, NULL),
        (2, NULL, 'Bob', NULL, 1, 1),
        (3, NULL, 'Cid', 20, NULL, 1),
        (4, NULL, 'Dan', 20, 3, 2),
        (5, '2020-01-01T00:00:00.000000Z', 'Eve', 50, 2, 1)",
    "INSERT INTO profiles VALUES (1, 1, 'Engines'), (2, 1, 'Numbers'), (3, 2, 'Pipes')",
    "INSERT INTO orders VALUES (1, NULL, 1, 10), (2, NULL, 1, 30), (3, NULL, 1, 20), (4, NULL, 2, 5),
        (5, '2020-01-01T00:00:00.000000Z', 2, 500), (6, NULL, NULL, 7)",
    "INSERT INTO items VALUES (1, 1, 'a'), (2, 1, 'b'), (3, 2, 'c'), (4, 4, 'd'), (5, 3, 'e'), (6, 5, 'f')",
    "INSERT INTO languages VALUES (1, 'en'), (2, 'fr'), (3, 'de')",
    "INSERT INTO user_languages VALUES (1, 1, 3, NULL), (1, 2, 1, NULL), (1, 3, 2, NULL), (2, 1, 1, NULL),
        (2, 2, 9, '2020-01-01T00:00:00.000000Z')",
    "INSERT INTO images VALUES (1, 'u1', '1', 'users'), (2, 'c1', '1', 'companies'), (3, 'u2', '2', 'users'),
        (4, 'u1b', '1', 'users'), (5, 'x', '1', 'ships')",
];

/// A database with the tables and no rows.
pub async fn empty() -> sinew::Result<Db> {
    create(Db::connect("sqlite::memory:").await?).await
}

/// The same database with the tables.
pub async fn create(db: Db) -> sinew::Result<Db> {
    for ddl in DDL {
        db.execute(ddl, ()).await?;
    }
    Ok(db)
}

/// A database with a few rows of everything.
pub async fn filled() -> sinew::Result<Db> {
    let db = empty().await?;
    for rows in ROWS {
        db.execute(rows, ()).await?;
    }
    Ok(db)
}

pub fn names(users: &[User]) -> Vec<&str> {
    users.iter().map(|user| user.name.as_str()).collect()
}
