//! The first walk through everything.

#![allow(
    clippy::print_stdout,
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]
use sinew::prelude::*;

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
    #[model(join_table = "user_languages")]
    pub languages: ManyToMany<Language>,
    #[model(polymorphic = owner)]
    pub images: HasMany<Image>,
    #[model(through = (orders, items))]
    pub items: HasMany<Item>,
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
}

#[derive(Model, Clone, Debug, Default)]
pub struct Order {
    pub id: i64,
    pub user_id: Option<i64>,
    pub user: BelongsTo<Option<User>>,
    pub amount: f64,
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
pub struct Image {
    pub id: i64,
    pub url: String,
    pub owner_id: Option<i64>,
    pub owner_type: String,
    #[model(polymorphic)]
    pub owner: BelongsToAny<ImageOwner>,
}

#[derive(PolymorphicOwner, Clone, Debug)]
pub enum ImageOwner {
    User(User),
}

#[tokio::test]
async fn the_first_walk() -> sinew::Result<()> {
    walk(Db::connect("sqlite::memory:").await?).await
}

#[cfg(feature = "mysql")]
#[tokio::test]
async fn the_first_walk_mysql() -> sinew::Result<()> {
    let Ok(url) = std::env::var("SINEW_TEST_MYSQL") else {
        println!(
            "skipped: SINEW_TEST_MYSQL names no server; `cargo xtask services -- …` starts one"
        );
        return Ok(());
    };
    let name = format!("sinew_smoke_{}", std::process::id());
    let admin = Db::connect(&url).await?;
    admin
        .execute(&format!("CREATE DATABASE {name}"), ())
        .await?;
    let (server, _) = url.rsplit_once('/').unwrap_or((&url, ""));
    let walked = walk(Db::connect(&format!("{server}/{name}")).await?).await;
    admin.execute(&format!("DROP DATABASE {name}"), ()).await?;
    walked
}

#[cfg(feature = "postgres")]
#[tokio::test]
async fn the_first_walk_postgres() -> sinew::Result<()> {
    let Ok(url) = std::env::var("SINEW_TEST_POSTGRES") else {
        println!(
            "skipped: SINEW_TEST_POSTGRES names no server; `cargo xtask services -- …` starts one"
        );
        return Ok(());
    };
    let name = format!("sinew_smoke_{}", std::process::id());
    let admin = Db::connect(&url).await?;
    admin.execute(&format!("CREATE SCHEMA {name}"), ()).await?;
    let and = if url.contains('?') { '&' } else { '?' };
    let walked =
        walk(Db::connect(&format!("{url}{and}options=-c%20search_path%3D{name}")).await?).await;
    admin
        .execute(&format!("DROP SCHEMA {name} CASCADE"), ())
        .await?;
    walked
}

async fn walk(db: Db) -> sinew::Result<()> {
    println!(
        "{}",
        db.auto_migrate(models![Profile, User, Order, Item, Image])
            .plan()
            .await?
    );
    db.auto_migrate(models![Profile, User, Order, Item, Image])
        .await?;
    assert!(
        db.auto_migrate(models![Profile, User, Order, Item, Image])
            .plan()
            .await?
            .is_empty()
    );
    let mut user = User {
        name: "Ada".into(),
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
                amount: 100.0,
                items: [Item {
                    sku: "a".into(),
                    ..Default::default()
                }]
                .into(),
                ..Default::default()
            },
            Order {
                amount: 5.0,
                ..Default::default()
            },
        ]
        .into(),
        languages: [Language {
            name: "English".into(),
            ..Default::default()
        }]
        .into(),
        images: [Image {
            url: "u".into(),
            ..Default::default()
        }]
        .into(),
        ..Default::default()
    };
    let counting = db.counting();
    counting.create(&mut user).await?;
    println!("create: {} statements", counting.statements());
    assert_eq!(user.id, 1);
    assert_eq!(user.orders.loaded()?[0].user_id, Some(1));
    let plain = db.get::<User>(1).await?;
    let error = plain.orders.loaded().unwrap_err();
    assert_eq!(
        error.to_string(),
        "User.orders is not loaded; preload it with .preload(User::orders)"
    );
    let find = db
        .find::<User>()
        .filter(User::name.like("A%").and(User::company_id.is_not_null()))
        .preload(
            User::orders
                .filter(Order::amount.gt(1.0))
                .order_by(Order::amount.desc())
                .limit(5)
                .preload(Order::items),
        )
        .preload(User::profile)
        .preload(User::languages)
        .preload(User::images.preload(Image::owner))
        .preload(User::items);
    let counting = db.counting();
    println!(
        "{}",
        db.find::<User>()
            .preload(User::orders.preload(Order::items))
            .explain()
    );
    let users = find.await?;
    let _ = counting;
    assert_eq!(users.len(), 1);
    let ada = &users[0];
    assert_eq!(ada.orders.loaded()?.len(), 2);
    assert_eq!(ada.orders.loaded()?[0].items.loaded()?[0].sku, "a");
    assert_eq!(ada.profile.loaded()?.unwrap().bio, "Engines");
    assert_eq!(ada.languages.loaded()?[0].name, "English");
    assert_eq!(ada.items.loaded()?.len(), 1);
    let ImageOwner::User(owner) = ada.images.loaded()?[0].owner.loaded()?.unwrap();
    assert_eq!(owner.name, "Ada");
    let users = db
        .find::<User>()
        .join(User::company)
        .join(User::orders.join(Order::items))
        .await?;
    assert_eq!(users.len(), 1);
    assert_eq!(users[0].orders.loaded()?.len(), 2);
    assert_eq!(users[0].company.loaded()?.unwrap().name, "Acme");
    let n = db
        .find::<User>()
        .filter(User::orders.filter(Order::amount.gt(50.0)).any())
        .count()
        .await?;
    assert_eq!(n, 1);
    let n = db
        .find::<User>()
        .filter(User::orders.count().ge(3))
        .count()
        .await?;
    assert_eq!(n, 0);
    let acme = db
        .find::<User>()
        .filter(User::company.to(Company::name).eq("Acme"))
        .first()
        .await?;
    assert!(acme.is_some());
    let sum = db.find::<Order>().sum(Order::amount).await?;
    assert_eq!(sum, Some(105.0));
    let mut user = acme.unwrap();
    user.name = "Grace".into();
    db.save(&mut user).await?;
    let names = db.find::<User>().pluck(User::name).await?;
    assert_eq!(names, ["Grace"]);
    let r = db
        .transaction(async |tx| {
            let mut c = Company {
                name: "X".into(),
                ..Default::default()
            };
            tx.create(&mut c).await?;
            tx.transaction(async |inner| inner.save(&mut c).await)
                .await?;
            Err::<(), _>(Error::new(ErrorKind::InvalidInput, "no"))
        })
        .await;
    assert!(r.is_err());
    assert_eq!(db.find::<Company>().count().await?, 1);
    tokio::spawn(async move {
        db.transaction(async |tx| {
            let mut c = Company {
                name: "X".into(),
                ..Default::default()
            };
            tx.create(&mut c).await
        })
        .await
    })
    .await
    .unwrap()?;
    Ok(())
}
