//! "Association API" and "Association Mode".

use sinew_suite::prelude::*;

use crate::shop::*;

// Seed: B143, B146 -- Finding Associations
async fn finding(db: Db) -> Result<()> {
    customers(&db).await?;
    let mut user = db.get::<User>(1).await?;
    let orders = db.association(&mut user, User::orders).find().await?;
    assert_eq!(orders.len(), 3);
    assert!(orders.iter().all(|order| order.user_id == Some(1)));
    // With conditions, order and limit.
    let large = db
        .association(&mut user, User::orders)
        .find()
        .filter(Order::amount.ge(100.0))
        .order_by(Order::amount.desc())
        .limit(1)
        .await?;
    assert_eq!(large.iter().map(|o| o.amount).collect::<Vec<_>>(), [200.0]);
    let raw = db
        .association(&mut user, User::orders)
        .find()
        .filter(sql("amount > ?", [100]))
        .await?;
    assert_eq!(raw.len(), 1);
    // Other kinds, too; the field itself stays as it was.
    assert_eq!(
        db.association(&mut user, User::languages)
            .find()
            .await?
            .len(),
        2
    );
    let company = db.association(&mut user, User::company).find().await?;
    assert_eq!(company[0].name, "Acme Corp");
    let profile = db.association(&mut user, User::profile).find().await?;
    assert_eq!(profile[0].bio, "Alice's");
    assert!(user.orders.is_unloaded() && user.languages.is_unloaded());
    Ok(())
}

// Seed: B152 -- Appending Associations: new records
async fn appending_new_orders(db: Db) -> Result<()> {
    customers(&db).await?;
    let mut user = db.get::<User>(3).await?;
    let (mut first, mut second) = (order(100.0), order(200.0));
    db.association(&mut user, User::orders)
        .append(&mut first)
        .await?;
    db.association(&mut user, User::orders)
        .append(&mut second)
        .await?;
    assert_eq!((first.user_id, second.user_id), (Some(3), Some(3)));
    assert!(first.id > 0 && second.id > first.id);
    db.association(&mut user, User::orders)
        .append([order(300.0), order(400.0)])
        .await?;
    assert_eq!(stored_amounts(&db, 3).await?, [100.0, 200.0, 300.0, 400.0]);
    // A loaded field grows; the earlier ones stay.
    let mut user = db.get::<User>(3).preload(User::orders).await?;
    db.association(&mut user, User::orders)
        .append(order(500.0))
        .await?;
    assert_eq!(amounts(&user)?, [100.0, 200.0, 300.0, 400.0, 500.0]);
    assert_eq!(stored_amounts(&db, 3).await?.len(), 5);
    Ok(())
}

// Seed: B153 -- Appending Associations: existing records of a many-to-many
async fn appending_existing_languages(db: Db) -> Result<()> {
    customers(&db).await?;
    let mut user = db.get::<User>(3).await?;
    let mut languages = db
        .find::<Language>()
        .filter(Language::id.is_in([1, 2, 3]))
        .await?;
    assert_eq!(languages.len(), 2);
    languages[0].name = "changed here only".into();
    db.association(&mut user, User::languages)
        .append(&mut languages)
        .await?;
    assert_eq!(rows_where(&db, "user_languages", "user_id = 3").await?, 2);
    assert_eq!(
        values::<String>(&db, "languages", "name").await?,
        ["English", "Spanish"]
    );
    // Once more: the links are there already.
    db.association(&mut user, User::languages)
        .append(&mut languages)
        .await?;
    assert_eq!(rows_where(&db, "user_languages", "user_id = 3").await?, 2);
    Ok(())
}

// Seed: B167 -- Replacing Associations
async fn replacing_all_orders(db: Db) -> Result<()> {
    customers(&db).await?;
    let mut user = db.get::<User>(1).preload(User::orders).await?;
    let diff = db
        .association(&mut user, User::orders)
        .replace([order(1.0), order(2.0)])
        .await?;
    assert_eq!((diff.added, diff.kept, diff.removed), (2, 0, 3));
    assert_eq!(stored_amounts(&db, 1).await?, [1.0, 2.0]);
    assert_eq!(amounts(&user)?, [1.0, 2.0]);
    // The old ones are unlinked, not gone; those of others are untouched.
    assert_eq!(rows_where(&db, "orders", "user_id IS NULL").await?, 3);
    assert_eq!(rows_where(&db, "orders", "user_id = 2").await?, 7);
    Ok(())
}

// Seed: B174 -- Replacing Associations: with an empty slice
async fn replacing_with_nothing_clears(db: Db) -> Result<()> {
    customers(&db).await?;
    let mut user = db.get::<User>(1).await?;
    let none: Vec<Order> = Vec::new();
    let diff = db
        .association(&mut user, User::orders)
        .replace(none)
        .await?;
    assert_eq!((diff.added, diff.kept, diff.removed), (0, 0, 3));
    assert_eq!(rows_where(&db, "orders", "user_id IS NULL").await?, 3);
    db.association(&mut user, User::languages)
        .replace(Vec::<Language>::new())
        .await?;
    assert_eq!(
        pairs(&db, "user_languages", "user_id", "language_id").await?,
        [(2, 1)]
    );
    assert_eq!(rows(&db, "languages").await?, 2);
    Ok(())
}

// Seed: B178, B180 -- Deleting Associations
async fn deleting_only_the_reference(db: Db) -> Result<()> {
    customers(&db).await?;
    let mut user = db.get::<User>(1).preload(User::orders).await?;
    let first = db.get::<Order>(1).await?;
    db.association(&mut user, User::orders)
        .delete(&first)
        .await?;
    assert_eq!(
        value::<Option<i64>>(&db, "orders", "user_id", 1).await?,
        None
    );
    assert_eq!(amounts(&user)?, [100.0, 200.0]);
    // Several; one of them belongs to somebody else and stays there.
    let several = db.find::<Order>().filter(Order::amount.le(100.0)).await?;
    assert_eq!(several.len(), 9);
    db.association(&mut user, User::orders)
        .delete(&several)
        .await?;
    assert_eq!(stored_amounts(&db, 1).await?, [200.0]);
    assert_eq!(rows_where(&db, "orders", "user_id = 2").await?, 7);
    assert_eq!(rows(&db, "orders").await?, 10);
    // A belongs-to: the owner's key becomes NULL.
    let company = db.get::<Company>(1).await?;
    db.association(&mut user, User::company)
        .delete(&company)
        .await?;
    assert_eq!(user.company_id, None);
    assert_eq!(
        value::<Option<i64>>(&db, "users", "company_id", 1).await?,
        None
    );
    assert_eq!(rows(&db, "companies").await?, 1);
    // A many-to-many: the link goes.
    let english = db.get::<Language>(1).await?;
    db.association(&mut user, User::languages)
        .delete(&english)
        .await?;
    assert_eq!(
        pairs(&db, "user_languages", "user_id", "language_id").await?,
        [(1, 2), (2, 1)]
    );
    assert_eq!(rows(&db, "languages").await?, 2);
    Ok(())
}

// Seed: B172 -- Clearing Associations
async fn clearing(db: Db) -> Result<()> {
    customers(&db).await?;
    let mut user = db.get::<User>(1).preload_all().await?;
    db.association(&mut user, User::orders).clear().await?;
    assert_eq!(rows_where(&db, "orders", "user_id IS NULL").await?, 3);
    assert!(user.orders.loaded()?.is_empty());
    db.association(&mut user, User::languages).clear().await?;
    assert_eq!(
        pairs(&db, "user_languages", "user_id", "language_id").await?,
        [(2, 1)]
    );
    assert!(user.languages.loaded()?.is_empty());
    db.association(&mut user, User::profile).clear().await?;
    assert_eq!(
        values::<Option<i64>>(&db, "profiles", "user_id").await?,
        [None, Some(2)]
    );
    assert!(user.profile.loaded()?.is_none());
    db.association(&mut user, User::company).clear().await?;
    assert_eq!(
        value::<Option<i64>>(&db, "users", "company_id", 1).await?,
        None
    );
    assert!(user.company_id.is_none() && user.company.loaded()?.is_none());
    // Every target is still there.
    assert_eq!(
        (rows(&db, "orders").await?, rows(&db, "profiles").await?),
        (10, 2)
    );
    assert_eq!(
        (rows(&db, "languages").await?, rows(&db, "companies").await?),
        (2, 1)
    );
    Ok(())
}

// Seed: B149 -- Counting Associations
async fn counting(db: Db) -> Result<()> {
    customers(&db).await?;
    let mut user = db.get::<User>(2).await?;
    assert_eq!(db.association(&mut user, User::orders).count().await?, 7);
    assert_eq!(db.association(&mut user, User::languages).count().await?, 1);
    assert_eq!(db.association(&mut user, User::company).count().await?, 0);
    let large = db
        .association(&mut user, User::orders)
        .find()
        .filter(Order::amount.gt(40.0));
    assert_eq!(large.count().await?, 3);
    Ok(())
}

// Seed: B141 -- Association Mode
async fn a_handle_on_one_association(db: Db) -> Result<()> {
    customers(&db).await?;
    let mut user = db.get::<User>(3).await?;
    db.association(&mut user, User::orders)
        .append(order(100.0))
        .await?;
    assert_eq!(db.association(&mut user, User::orders).count().await?, 1);
    // A wrong name does not compile; one known only at run time is refused, and the error helps.
    let error = refused(
        db.find::<User>().include("order").map(drop),
        ErrorKind::UnknownAssociation,
    );
    let text = error.to_string();
    assert!(text.contains("order") && text.contains("orders"), "{text}");
    // An owner that was never stored has nothing to link to.
    let mut stranger = alice();
    let appended = db
        .association(&mut stranger, User::orders)
        .append(order(1.0))
        .await;
    refused(appended, ErrorKind::MissingKey);
    assert_eq!(rows(&db, "orders").await?, 11);
    Ok(())
}

suite![
    finding,
    appending_new_orders,
    appending_existing_languages,
    replacing_all_orders,
    replacing_with_nothing_clears,
    deleting_only_the_reference,
    clearing,
    counting,
    a_handle_on_one_association,
];
