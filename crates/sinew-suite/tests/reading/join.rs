//! Associations loaded in the same statement.

use sinew_suite::prelude::*;

use crate::fixture::*;

async fn to_one(db: Db) -> Result<()> {
    filled(&db).await?;
    let db = db.counting();
    let users = db
        .find::<User>()
        .join(User::company)
        .order_by(User::id)
        .await?;
    assert_eq!(db.statements(), 1);
    let companies: Vec<_> = users
        .iter()
        .map(|u| u.company.loaded().unwrap().map(|c| c.name.as_str()))
        .collect();
    assert_eq!(
        companies,
        [Some("Acme"), Some("Acme"), None, None],
        "Dan's company is soft-deleted"
    );
    let users = db
        .find::<User>()
        .inner_join(User::company.filter(Company::name.eq("Acme")))
        .order_by(User::id)
        .await?;
    assert_eq!(names(&users), ["Ada", "Bob"]);
    let users = db
        .find::<User>()
        .inner_join(User::company.unscoped())
        .order_by(User::id)
        .await?;
    assert_eq!(names(&users), ["Ada", "Bob", "Dan"]);
    Ok(())
}

async fn a_has_one_with_several_rows_repeats_nobody(db: Db) -> Result<()> {
    filled(&db).await?;
    let users = db
        .find::<User>()
        .join(User::profile.order_by(Profile::id))
        .order_by(User::id)
        .await?;
    assert_eq!(names(&users), ["Ada", "Bob", "Cid", "Dan"]);
    assert_eq!(users[0].profile.loaded()?.unwrap().bio, "Engines");
    assert_eq!(db.find::<User>().join(User::profile).count().await?, 4);
    Ok(())
}

async fn to_many_is_folded_at_every_level(db: Db) -> Result<()> {
    filled(&db).await?;
    let db = db.counting();
    let users = db
        .find::<User>()
        .join(User::orders.join(Order::items))
        .order_by(User::id)
        .await?;
    assert_eq!(db.statements(), 1);
    assert_eq!(names(&users), ["Ada", "Bob", "Cid", "Dan"]);
    let orders = users[0].orders.loaded()?;
    let mut held: Vec<_> = orders
        .iter()
        .map(|o| (o.id, o.items.loaded().unwrap().len()))
        .collect();
    held.sort_unstable();
    assert_eq!(held, [(1, 2), (2, 1), (3, 1)]);
    assert_eq!(
        users[1].orders.loaded()?.len(),
        1,
        "the soft-deleted order is left out"
    );
    assert!(users[2].orders.loaded()?.is_empty());
    let both = db
        .find::<User>()
        .join(User::orders)
        .join(User::languages)
        .order_by(User::id)
        .await?;
    assert_eq!(both[0].orders.loaded()?.len(), 3);
    assert_eq!(both[0].languages.loaded()?.len(), 3);
    assert_eq!(
        both[1].languages.loaded()?.len(),
        1,
        "the soft-deleted link is left out"
    );
    Ok(())
}

async fn conditions_orders_and_kinds_of_association(db: Db) -> Result<()> {
    filled(&db).await?;
    let dear = User::orders
        .filter(Order::amount.gt(15.0))
        .order_by(Order::amount.desc());
    let users = db
        .find::<User>()
        .join(dear.clone())
        .order_by(User::id)
        .await?;
    assert_eq!(users.len(), 4);
    assert_eq!(
        users[0]
            .orders
            .loaded()?
            .iter()
            .map(|o| o.amount)
            .collect::<Vec<_>>(),
        [30.0, 20.0]
    );
    let users = db.find::<User>().inner_join(dear).await?;
    assert_eq!(names(&users), ["Ada"]);
    let users = db
        .find::<User>()
        .join(User::avatar)
        .join(User::images)
        .order_by(User::id)
        .await?;
    assert!(users[0].avatar.loaded()?.unwrap().url.starts_with("u1"));
    assert_eq!(users[0].images.loaded()?.len(), 2);
    let users = db
        .find::<User>()
        .join(User::manager.join(User::manager))
        .join(User::reports.order_by(User::name))
        .order_by(User::id)
        .await?;
    assert_eq!(
        users[3]
            .manager
            .loaded()?
            .unwrap()
            .manager
            .loaded()?
            .unwrap()
            .name,
        "Ada"
    );
    assert_eq!(names(users[0].reports.loaded()?), ["Bob", "Cid"]);
    let users = db
        .find::<User>()
        .join(User::items)
        .order_by(User::id)
        .await?;
    assert_eq!(users[0].items.loaded()?.len(), 4);
    assert_eq!(users[1].items.loaded()?.len(), 1);
    Ok(())
}

async fn a_limit_counts_rows_of_the_root(db: Db) -> Result<()> {
    filled(&db).await?;
    let users = db
        .find::<User>()
        .join(User::orders.join(Order::items))
        .order_by(User::name.desc())
        .limit(3)
        .await?;
    assert_eq!(names(&users), ["Dan", "Cid", "Bob"]);
    assert_eq!(users[2].orders.loaded()?.len(), 1);
    let users = db
        .find::<User>()
        .join(User::orders)
        .order_by(User::id)
        .offset(1)
        .limit(1)
        .await?;
    assert_eq!(names(&users), ["Bob"]);
    let users = db
        .find::<User>()
        .inner_join(User::orders)
        .order_by(User::id.desc())
        .limit(2)
        .await?;
    assert_eq!(names(&users), ["Bob", "Ada"]);
    assert_eq!(users[1].orders.loaded()?.len(), 3);
    let first = db
        .find::<User>()
        .join(User::orders)
        .filter(User::name.ne("Ada"))
        .first()
        .await?
        .unwrap();
    assert_eq!(
        (first.name.as_str(), first.orders.loaded()?.len()),
        ("Bob", 1)
    );
    let raw = db
        .find::<User>()
        .inner_join(User::orders)
        .filter(sql("orders.amount > ? AND users.name <> ?", (8.0, "Dan")))
        .limit(5)
        .await?;
    assert_eq!(names(&raw), ["Ada"]);
    let exists = db
        .find::<User>()
        .filter(User::orders.any())
        .join(User::orders)
        .order_by(User::id)
        .limit(9)
        .await?;
    assert_eq!(names(&exists), ["Ada", "Bob"]);
    assert_eq!(
        db.find::<User>()
            .join(User::orders)
            .limit(2)
            .count()
            .await?,
        2
    );
    Ok(())
}

async fn counts_and_aggregates_do_not_count_repeated_rows(db: Db) -> Result<()> {
    filled(&db).await?;
    assert_eq!(db.find::<User>().join(User::orders).count().await?, 4);
    assert_eq!(db.find::<User>().inner_join(User::orders).count().await?, 2);
    assert_eq!(
        db.find::<User>().join(User::orders).sum(User::age).await?,
        Some(76)
    );
    assert_eq!(
        db.find::<User>()
            .join(User::company)
            .filter(User::company.to(Company::name).eq("Acme"))
            .count()
            .await?,
        2
    );
    Ok(())
}

async fn preload_and_join_meet(db: Db) -> Result<()> {
    filled(&db).await?;
    let db = db.counting();
    let users = db
        .find::<User>()
        .join(User::manager.preload(User::orders))
        .order_by(User::id)
        .await?;
    assert_eq!(db.statements(), 2);
    assert_eq!(
        users[1].manager.loaded()?.unwrap().orders.loaded()?.len(),
        3
    );
    db.reset_counts();
    let users = db
        .find::<User>()
        .join(User::manager)
        .preload(User::manager.preload(User::orders))
        .order_by(User::id)
        .await?;
    assert_eq!(db.statements(), 2, "the joined managers are not read again");
    assert_eq!(
        users[1].manager.loaded()?.unwrap().orders.loaded()?.len(),
        3
    );
    let users = db
        .find::<User>()
        .inner_join(User::orders.filter(Order::amount.gt(25.0)))
        .preload(User::orders.order_by(Order::amount))
        .await?;
    assert_eq!(names(&users), ["Ada"]);
    assert_eq!(
        users[0].orders.loaded()?.len(),
        3,
        "the preload was said last"
    );
    let users = db
        .find::<User>()
        .order_by(User::id)
        .preload(User::orders.order_by(Order::id).join(Order::items))
        .await?;
    assert_eq!(users[0].orders.loaded()?[0].items.loaded()?.len(), 2);
    let users = db
        .find::<User>()
        .order_by(User::id)
        .preload(
            User::reports
                .order_by(User::id)
                .join(User::company)
                .limit(1),
        )
        .await?;
    assert_eq!(
        users[0].reports.loaded()?[0]
            .company
            .loaded()?
            .unwrap()
            .name,
        "Acme"
    );
    let error = db
        .find::<User>()
        .preload(User::reports.join(User::orders).limit(1))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    Ok(())
}

async fn joins_written_in_sql(db: Db) -> Result<()> {
    filled(&db).await?;
    let users = db
        .find::<User>()
        .join_sql("LEFT JOIN companies ON companies.id = users.company_id")
        .filter(sql("companies.name = ?", ("Acme",)))
        .order_by(User::id)
        .await?;
    assert_eq!(names(&users), ["Ada", "Bob"]);
    let users = db
        .find::<User>()
        .join_sql("JOIN images ON images.owner_id = CAST(manager.id AS CHAR(20)) AND images.owner_type = 'users'")
        .join(User::manager)
        .filter(User::name.eq("Dan"))
        .await?;
    assert_eq!(users[0].manager.loaded()?.unwrap().name, "Bob");
    let error = db
        .find::<User>()
        .join_sql("LEFT JOIN companies ON companies.id = ?")
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    Ok(())
}

async fn what_cannot_be_joined_says_so(db: Db) -> Result<()> {
    filled(&db).await?;
    let error = db
        .find::<User>()
        .join(User::orders.limit(1))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains("preload"), "{error}");
    let users = db
        .find::<User>()
        .inner_join(User::orders.filter(Order::id.eq(1)))
        .join(User::orders)
        .await?;
    assert_eq!(names(&users), ["Ada"]);
    assert_eq!(
        users[0].orders.loaded()?.len(),
        3,
        "the same association twice: both joins hold, the last one loads"
    );
    Ok(())
}

suite![
    to_one,
    a_has_one_with_several_rows_repeats_nobody,
    to_many_is_folded_at_every_level,
    conditions_orders_and_kinds_of_association,
    a_limit_counts_rows_of_the_root,
    counts_and_aggregates_do_not_count_repeated_rows,
    preload_and_join_meet,
    joins_written_in_sql,
    what_cannot_be_joined_says_so,
];
