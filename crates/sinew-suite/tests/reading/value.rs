//! Columns, counts, aggregates and sub-queries as values.

use sinew_suite::prelude::*;

use crate::fixture::*;

async fn exists_reads_nothing_else(db: Db) -> Result<()> {
    filled(&db).await?;
    let db = db.counting();
    assert!(
        db.find::<User>()
            .preload(User::orders)
            .join(User::orders)
            .exists()
            .await?
    );
    assert_eq!(db.statements(), 1);
    assert!(
        !db.find::<User>()
            .filter(User::name.eq("Eve"))
            .exists()
            .await?
    );
    assert!(
        db.unscoped()
            .find::<User>()
            .filter(User::name.eq("Eve"))
            .exists()
            .await?
    );
    assert!(!db.find::<User>().limit(0).exists().await?);
    assert!(!db.find::<User>().offset(4).exists().await?);
    Ok(())
}

async fn sub_queries_as_values(db: Db) -> Result<()> {
    filled(&db).await?;
    let buyers = db
        .find::<Order>()
        .filter(Order::amount.gt(15.0))
        .pluck(Order::user_id);
    let users = db.find::<User>().filter(User::id.is_in(buyers)).await?;
    assert_eq!(names(&users), ["Ada"]);
    let managers = db
        .find::<User>()
        .filter(User::manager_id.is_not_null())
        .pluck(User::manager_id);
    let users = db
        .find::<User>()
        .filter(User::id.is_in(managers))
        .order_by(User::id)
        .await?;
    assert_eq!(names(&users), ["Ada", "Bob"], "the table refers to itself");
    let none = db
        .find::<User>()
        .filter(User::id.is_in(Vec::<i64>::new()))
        .await?;
    assert!(none.is_empty());
    let all = db
        .find::<User>()
        .filter(User::id.not_in(Vec::<i64>::new()))
        .count()
        .await?;
    assert_eq!(all, 4);
    let most = db.find::<Order>().max(Order::amount);
    let dearest = db.find::<Order>().filter(Order::amount.eq(most)).await?;
    assert_eq!(dearest[0].id, 2);
    let oldest = db
        .find::<User>()
        .filter(User::name.ne("Ada"))
        .max(User::age);
    let users = db.find::<User>().filter(User::age.gt(oldest)).await?;
    assert_eq!(names(&users), ["Ada"]);
    let unscoped = db.unscoped();
    let gone = unscoped
        .find::<User>()
        .filter(User::name.eq("Eve"))
        .pluck(User::company_id);
    let found = db.find::<Company>().filter(Company::id.is_in(gone)).await?;
    assert_eq!(
        found[0].name, "Babbage",
        "the sub-query keeps its own session"
    );
    Ok(())
}

async fn alternatives_and_empty_lists(db: Db) -> Result<()> {
    filled(&db).await?;
    let users = db
        .find::<User>()
        .or(User::name.eq("Ada"))
        .or(User::name.eq("Eve"))
        .await?;
    assert_eq!(
        names(&users),
        ["Ada"],
        "the first alternative is a condition, and the deleted stay out"
    );
    let users = db
        .find::<User>()
        .filter(User::age.eq(20))
        .filter(User::name.eq("Cid"))
        .or(User::name.eq("Ada"))
        .order_by(User::id)
        .await?;
    assert_eq!(names(&users), ["Ada", "Cid"]);
    Ok(())
}

async fn an_unscoped_session_sees_everything_everywhere(db: Db) -> Result<()> {
    filled(&db).await?;
    let all = db.unscoped();
    assert_eq!(all.find::<User>().count().await?, 5);
    assert_eq!(all.get::<User>(5).await?.name, "Eve");
    assert!(db.get::<User>(5).optional().await?.is_none());
    let users = all
        .find::<User>()
        .order_by(User::id)
        .preload((User::orders, User::languages, User::company))
        .preload(User::reports.order_by(User::id))
        .await?;
    assert_eq!(users[1].orders.loaded()?.len(), 2);
    assert_eq!(users[1].languages.loaded()?.len(), 2);
    assert_eq!(names(users[0].reports.loaded()?), ["Bob", "Cid", "Eve"]);
    assert_eq!(users[3].company.loaded()?.unwrap().name, "Gone");
    let users = all
        .find::<User>()
        .order_by(User::id)
        .join(User::orders)
        .join(User::company)
        .join(User::languages)
        .await?;
    assert_eq!(users[1].orders.loaded()?.len(), 2);
    assert_eq!(users[1].languages.loaded()?.len(), 2);
    assert_eq!(users[3].company.loaded()?.unwrap().name, "Gone");
    assert_eq!(
        all.find::<User>()
            .filter(User::orders.filter(Order::amount.gt(100.0)).any())
            .count()
            .await?,
        1
    );
    assert_eq!(
        db.find::<User>()
            .filter(User::orders.filter(Order::amount.gt(100.0)).any())
            .count()
            .await?,
        0
    );
    assert_eq!(
        all.find::<User>()
            .filter(User::company.to(Company::name).eq("Gone"))
            .pluck(User::name)
            .await?,
        ["Dan"]
    );
    assert_eq!(
        all.find::<User>()
            .filter(User::orders.count().eq(2))
            .pluck(User::name)
            .await?,
        ["Bob"]
    );
    let items = all
        .find::<User>()
        .order_by(User::id)
        .preload(User::items)
        .await?;
    assert_eq!(
        items[1].items.loaded()?.len(),
        2,
        "through a soft-deleted order"
    );
    let mut bob = db.get::<User>(2).await?;
    db.load(&mut bob, (User::orders.unscoped(), User::languages))
        .await?;
    assert_eq!(
        (bob.orders.loaded()?.len(), bob.languages.loaded()?.len()),
        (2, 1)
    );
    let limited = all
        .find::<User>()
        .order_by(User::id)
        .join(User::orders)
        .limit(2)
        .await?;
    assert_eq!(limited[1].orders.loaded()?.len(), 2);
    assert_eq!(
        db.find::<User>()
            .filter(User::orders.unscoped().count().eq(2))
            .pluck(User::name)
            .await?,
        ["Bob"]
    );
    assert_eq!(
        all.find::<User>()
            .order_by(User::id)
            .page(5)
            .await?
            .rows
            .len(),
        5
    );
    Ok(())
}

suite![
    exists_reads_nothing_else,
    sub_queries_as_values,
    alternatives_and_empty_lists,
    an_unscoped_session_sees_everything_everywhere,
];
