//! The first walk through everything.

// A case is no `#[test]` itself, so clippy does not know that it is one.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use sinew_suite::prelude::*;

#[derive(Model, Clone, Debug, Default)]
struct User {
    id: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
    deleted_at: DeletedAt,
    #[model(size = 100, unique)]
    name: String,
    age: i32,
    company_id: Option<i64>,
    company: BelongsTo<Option<Company>>,
    manager_id: Option<i64>,
    manager: BelongsTo<Option<User>>,
    #[model(foreign_key = manager_id)]
    reports: HasMany<User>,
    profile: HasOne<Profile>,
    #[model(on_delete = cascade)]
    orders: HasMany<Order>,
    #[model(join_table = "user_languages")]
    languages: ManyToMany<Language>,
    #[model(polymorphic = owner)]
    images: HasMany<Image>,
    #[model(through = (orders, items))]
    items: HasMany<Item>,
}

#[derive(Model, Clone, Debug, Default)]
struct Company {
    id: i64,
    name: String,
}

#[derive(Model, Clone, Debug, Default)]
struct Profile {
    id: i64,
    user_id: i64,
    user: BelongsTo<User>,
    bio: String,
}

#[derive(Model, Clone, Debug, Default)]
struct Order {
    id: i64,
    user_id: Option<i64>,
    user: BelongsTo<Option<User>>,
    amount: f64,
    items: HasMany<Item>,
}

#[derive(Model, Clone, Debug, Default)]
struct Item {
    id: i64,
    order_id: i64,
    sku: String,
}

#[derive(Model, Clone, Debug, Default)]
struct Language {
    id: i64,
    #[model(unique)]
    name: String,
}

#[derive(Model, Clone, Debug, Default)]
struct Image {
    id: i64,
    url: String,
    owner_id: Option<i64>,
    owner_type: String,
    #[model(polymorphic)]
    owner: BelongsToAny<ImageOwner>,
}

#[derive(PolymorphicOwner, Clone, Debug)]
enum ImageOwner {
    User(User),
}

async fn the_first_walk(db: Db) -> Result<()> {
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

suite![the_first_walk];
