//! "Eager Loading (Preloading)".

use sinew_suite::prelude::*;

use crate::shop::*;

// Seed: B201 -- Preload single association
async fn a_single_association(db: Db) -> Result<()> {
    customers(&db).await?;
    let counting = db.counting();
    let users = counting
        .find::<User>()
        .order_by(User::id.asc())
        .preload(User::orders)
        .await?;
    assert_eq!(counting.statements(), 2);
    assert_eq!(amounts(&users[0])?, [5.0, 100.0, 200.0]);
    assert_eq!(amounts(&users[1])?.len(), 7);
    assert!(users[2].orders.loaded()?.is_empty());
    assert!(users[0].profile.is_unloaded());
    Ok(())
}

// Seed: B207, B222 -- Preload with conditions
async fn with_conditions(db: Db) -> Result<()> {
    customers(&db).await?;
    let users = db
        .find::<User>()
        .order_by(User::id.asc())
        .preload(User::orders.filter(Order::amount.gt(100.0)))
        .await?;
    // The condition chooses orders, never users.
    assert_eq!(users.len(), 3);
    assert_eq!(amounts(&users[0])?, [200.0]);
    assert!(users[1].orders.loaded()?.is_empty());
    let raw = db
        .find::<User>()
        .preload(User::orders.filter(sql("amount > ?", [100])))
        .await?;
    assert_eq!(amounts(&raw[0])?, [200.0]);
    Ok(())
}

// Seed: B206 -- Preload nested associations
async fn nested(db: Db) -> Result<()> {
    customers(&db).await?;
    let counting = db.counting();
    let users = counting
        .find::<User>()
        .order_by(User::id.asc())
        .preload(User::orders.preload(Order::items.preload(Item::product)))
        .await?;
    assert_eq!(counting.statements(), 4);
    let items = users[0].orders.loaded()?[2].items.loaded()?;
    assert_eq!(items[1].product.loaded()?.name, "ink");
    // By the path's name, for what a request asks.
    let users = db
        .find::<User>()
        .order_by(User::id.asc())
        .include("orders.items.product")?
        .await?;
    let items = users[0].orders.loaded()?[2].items.loaded()?;
    assert_eq!(items[0].product.loaded()?.name, "pen");
    assert!(
        users[1]
            .orders
            .loaded()?
            .iter()
            .all(|o| o.items.loaded().is_ok_and(<[_]>::is_empty))
    );
    Ok(())
}

// Seed: B201 -- Preload multiple associations
async fn multiple(db: Db) -> Result<()> {
    customers(&db).await?;
    let counting = db.counting();
    let users = counting
        .find::<User>()
        .order_by(User::id.asc())
        .preload(User::orders)
        .preload(User::profile)
        .await?;
    assert_eq!(counting.statements(), 3);
    assert_eq!(
        users[0].profile.loaded()?.map(|p| p.bio.as_str()),
        Some("Alice's")
    );
    assert_eq!(amounts(&users[0])?.len(), 3);
    Ok(())
}

// Seed: B211 -- Preload all associations
async fn all(db: Db) -> Result<()> {
    customers(&db).await?;
    let users = db
        .find::<User>()
        .order_by(User::id.asc())
        .preload_all()
        .await?;
    let alice = &users[0];
    assert_eq!(
        alice.company.loaded()?.map(|c| c.name.as_str()),
        Some("Acme Corp")
    );
    assert!(alice.profile.loaded()?.is_some());
    assert_eq!(alice.orders.loaded()?.len(), 3);
    assert_eq!(alice.languages.loaded()?.len(), 2);
    // The first level only.
    assert!(alice.orders.loaded()?[0].items.is_unloaded());
    let carol = &users[2];
    assert!(carol.company.loaded()?.is_none() && carol.profile.loaded()?.is_none());
    assert!(carol.orders.loaded()?.is_empty() && carol.languages.loaded()?.is_empty());
    Ok(())
}

// Seed: B208, B223 -- Custom preload query
async fn order_and_limit_count_per_owner(db: Db) -> Result<()> {
    customers(&db).await?;
    let users = db
        .find::<User>()
        .order_by(User::id.asc())
        .preload(User::orders.order_by(Order::amount.desc()).limit(5))
        .await?;
    assert_eq!(amounts(&users[0])?, [200.0, 100.0, 5.0]);
    assert_eq!(amounts(&users[1])?, [70.0, 60.0, 50.0, 40.0, 30.0]);
    // Over all owners together, for those who mean that.
    let users = db
        .find::<User>()
        .order_by(User::id.asc())
        .preload(User::orders.order_by(Order::amount.desc()).limit_total(5))
        .await?;
    assert_eq!(amounts(&users[0])?, [200.0, 100.0]);
    assert_eq!(amounts(&users[1])?, [70.0, 60.0, 50.0]);
    // Links of a many-to-many as well.
    let users = db
        .find::<User>()
        .order_by(User::id.asc())
        .preload(User::languages.order_by(Language::name.desc()).limit(1))
        .await?;
    let name = |user: &User| user.languages.loaded().map(|l| l[0].name.clone());
    assert_eq!(
        (name(&users[0])?, name(&users[1])?),
        ("Spanish".into(), "English".into())
    );
    Ok(())
}

suite![
    a_single_association,
    with_conditions,
    nested,
    multiple,
    all,
    order_and_limit_count_per_owner
];
