//! Models and rows that the reading cases share.

use sinew_suite::prelude::*;

#[derive(Model, Clone, Debug, Default, PartialEq)]
pub(crate) struct User {
    pub(crate) id: i64,
    pub(crate) deleted_at: DeletedAt,
    pub(crate) name: String,
    pub(crate) age: Option<i32>,
    pub(crate) company_id: Option<i64>,
    pub(crate) company: BelongsTo<Option<Company>>,
    pub(crate) manager_id: Option<i64>,
    pub(crate) manager: BelongsTo<Option<User>>,
    #[model(foreign_key = manager_id)]
    pub(crate) reports: HasMany<User>,
    pub(crate) profile: HasOne<Profile>,
    pub(crate) orders: HasMany<Order>,
    pub(crate) languages: ManyToMany<Language, UserLanguage>,
    #[model(polymorphic = owner)]
    pub(crate) images: HasMany<Image>,
    #[model(polymorphic = owner)]
    pub(crate) avatar: HasOne<Image>,
    #[model(through = (orders, items))]
    pub(crate) items: HasMany<Item>,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
pub(crate) struct Company {
    pub(crate) id: i64,
    pub(crate) deleted_at: DeletedAt,
    pub(crate) name: String,
    pub(crate) users: HasMany<User>,
    #[model(polymorphic = owner)]
    pub(crate) images: HasMany<Image>,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
pub(crate) struct Profile {
    pub(crate) id: i64,
    pub(crate) user_id: i64,
    pub(crate) user: BelongsTo<User>,
    pub(crate) bio: String,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
pub(crate) struct Order {
    pub(crate) id: i64,
    pub(crate) deleted_at: DeletedAt,
    pub(crate) user_id: Option<i64>,
    pub(crate) user: BelongsTo<Option<User>>,
    pub(crate) amount: f64,
    pub(crate) items: HasMany<Item>,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
pub(crate) struct Item {
    pub(crate) id: i64,
    pub(crate) order_id: i64,
    pub(crate) order: BelongsTo<Order>,
    pub(crate) sku: String,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
pub(crate) struct Language {
    pub(crate) id: i64,
    pub(crate) name: String,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
pub(crate) struct UserLanguage {
    #[model(primary_key)]
    pub(crate) user_id: i64,
    #[model(primary_key)]
    pub(crate) language_id: i64,
    pub(crate) level: i32,
    pub(crate) deleted_at: DeletedAt,
}

/// The id is text, so that it can hold any owner's key.
#[derive(Model, Clone, Debug, Default, PartialEq)]
pub(crate) struct Image {
    pub(crate) id: i64,
    pub(crate) url: String,
    #[model(size = 40)]
    pub(crate) owner_id: String,
    #[model(size = 40)]
    pub(crate) owner_type: String,
    #[model(polymorphic)]
    pub(crate) owner: BelongsToAny<ImageOwner>,
}

#[derive(PolymorphicOwner, Clone, Debug, PartialEq)]
#[allow(clippy::large_enum_variant)]
pub(crate) enum ImageOwner {
    User(User),
    Company(Company),
}

pub(crate) async fn tables(db: &Db) -> Result<()> {
    db.auto_migrate(models![
        User,
        Company,
        Profile,
        Order,
        Item,
        Language,
        UserLanguage,
        Image
    ])
    .await
}

fn gone() -> DeletedAt {
    DeletedAt::at("2020-01-01T00:00:00Z".parse().unwrap())
}

/// The tables, with a few rows of everything.
pub(crate) async fn filled(db: &Db) -> Result<()> {
    tables(db).await?;
    people(db).await?;
    trade(db).await?;
    languages(db).await?;
    images(db).await
}

async fn people(db: &Db) -> Result<()> {
    let company = |id, name: &str, deleted_at| Company {
        id,
        deleted_at,
        name: name.into(),
        ..Default::default()
    };
    let here = DeletedAt::default();
    db.create(&mut vec![
        company(1, "Acme", here),
        company(2, "Babbage", here),
        company(3, "Gone", gone()),
    ])
    .await?;
    let user = |id, deleted_at, name: &str, age, company_id, manager_id| User {
        id,
        deleted_at,
        name: name.into(),
        age,
        company_id,
        manager_id,
        ..Default::default()
    };
    db.create(&mut vec![
        user(1, here, "Ada", Some(36), Some(1), None),
        user(2, here, "Bob", None, Some(1), Some(1)),
        user(3, here, "Cid", Some(20), None, Some(1)),
        user(4, here, "Dan", Some(20), Some(3), Some(2)),
        user(5, gone(), "Eve", Some(50), Some(2), Some(1)),
    ])
    .await?;
    let profile = |id, user_id, bio: &str| Profile {
        id,
        user_id,
        bio: bio.into(),
        ..Default::default()
    };
    db.create(&mut vec![
        profile(1, 1, "Engines"),
        profile(2, 1, "Numbers"),
        profile(3, 2, "Pipes"),
    ])
    .await
}

async fn trade(db: &Db) -> Result<()> {
    let order = |id, user_id, amount| Order {
        id,
        user_id,
        amount,
        ..Default::default()
    };
    let mut orders = vec![
        order(1, Some(1), 10.0),
        order(2, Some(1), 30.0),
        order(3, Some(1), 20.0),
        order(4, Some(2), 5.0),
        order(5, Some(2), 500.0),
        order(6, None, 7.0),
    ];
    orders[4].deleted_at = gone();
    db.create(&mut orders).await?;
    let item = |id, order_id, sku: &str| Item {
        id,
        order_id,
        sku: sku.into(),
        ..Default::default()
    };
    db.create(&mut vec![
        item(1, 1, "a"),
        item(2, 1, "b"),
        item(3, 2, "c"),
        item(4, 4, "d"),
        item(5, 3, "e"),
        item(6, 5, "f"),
    ])
    .await
}

async fn languages(db: &Db) -> Result<()> {
    let language = |(id, name): (i64, &str)| Language {
        id,
        name: name.into(),
    };
    let mut languages = Vec::from([(1, "en"), (2, "fr"), (3, "de")].map(language));
    db.create(&mut languages).await?;
    let link = |(user_id, language_id, level)| UserLanguage {
        user_id,
        language_id,
        level,
        ..Default::default()
    };
    let mut links = Vec::from([(1, 1, 3), (1, 2, 1), (1, 3, 2), (2, 1, 1), (2, 2, 9)].map(link));
    links[4].deleted_at = gone();
    db.create(&mut links).await
}

async fn images(db: &Db) -> Result<()> {
    let image = |(id, url, owner_id, owner_type): (i64, &str, &str, &str)| Image {
        id,
        url: url.into(),
        owner_id: owner_id.into(),
        owner_type: owner_type.into(),
        ..Default::default()
    };
    let images = [
        (1, "u1", "1", "users"),
        (2, "c1", "1", "companies"),
        (3, "u2", "2", "users"),
        (4, "u1b", "1", "users"),
        (5, "x", "1", "ships"),
    ];
    db.create(&mut Vec::from(images.map(image))).await
}

pub(crate) fn names(users: &[User]) -> Vec<&str> {
    users.iter().map(|user| user.name.as_str()).collect()
}
