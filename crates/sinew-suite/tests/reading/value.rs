//! Columns, counts, aggregates and sub-queries as values.

use sinew_suite::prelude::*;

use crate::fixture::*;

async fn values_beside_rows(db: Db) -> Result<()> {
    filled(&db).await?;
    let db = db.counting();
    let rows = db
        .find::<User>()
        .order_by(User::id)
        .with(User::orders.count())
        .await?;
    assert_eq!(db.statements(), 1);
    let counts: Vec<(&str, i64)> = rows
        .iter()
        .map(|(user, n)| (user.name.as_str(), *n))
        .collect();
    assert_eq!(counts, [("Ada", 3), ("Bob", 1), ("Cid", 0), ("Dan", 0)]);
    let rows = db
        .find::<User>()
        .order_by(User::id)
        .preload(User::orders)
        .join(User::profile)
        .limit(2)
        .with(User::orders.sum(Order::amount))
        .with(User::company.to(Company::name))
        .with(User::age + 1)
        .await?;
    let (ada, total, company, older) = &rows[0];
    assert_eq!(
        (*total, company.as_str(), *older),
        (Some(60.0), "Acme", Some(37))
    );
    assert!(ada.orders.is_loaded() && ada.profile.is_loaded());
    let rows = db
        .find::<User>()
        .order_by(User::id)
        .preload(User::orders)
        .join(User::images)
        .limit(3)
        .with(
            User::orders
                .filter(Order::amount.gt(15.0))
                .sum(Order::amount),
        )
        .with(User::languages.count())
        .with(User::reports.max(User::name))
        .await?;
    let (ada, sum, spoken, last) = &rows[0];
    assert_eq!(
        (ada.name.as_str(), *sum, *spoken, last.as_deref()),
        ("Ada", Some(50.0), 3, Some("Cid"))
    );
    assert_eq!(
        (ada.orders.loaded()?.len(), ada.images.loaded()?.len()),
        (3, 2)
    );
    let (bob, sum, spoken, _) = &rows[1];
    assert_eq!((bob.name.as_str(), *sum, *spoken), ("Bob", None, 1));
    assert_eq!(rows.len(), 3);
    let unscoped = db.unscoped();
    let rows = unscoped
        .find::<User>()
        .order_by(User::id)
        .with(User::orders.count())
        .with(User::languages.count())
        .await?;
    assert_eq!((rows.len(), rows[1].1, rows[1].2), (5, 2, 2));
    Ok(())
}

async fn plucking_tuples_and_groups(db: Db) -> Result<()> {
    filled(&db).await?;
    let pairs: Vec<(String, Option<i32>)> = db
        .find::<User>()
        .order_by(User::id)
        .pluck((User::name, User::age))
        .await?;
    assert_eq!(pairs[1], ("Bob".to_owned(), None));
    let names: Vec<String> = db
        .find::<User>()
        .order_by(User::name.desc())
        .limit(2)
        .pluck(User::name)
        .await?;
    assert_eq!(names, ["Dan", "Cid"]);
    let ages = db
        .find::<User>()
        .group_by(User::age)
        .having(User::id.count().ge(1))
        .order_by(User::age)
        .pluck((User::age, User::id.count(), User::name.max()))
        .await?;
    assert_eq!(
        ages,
        [
            (None, 1, Some("Bob".into())),
            (Some(20), 2, Some("Dan".into())),
            (Some(36), 1, Some("Ada".into()))
        ]
    );
    let several = db
        .find::<User>()
        .group_by(User::age)
        .having(User::id.count().gt(1))
        .pluck(User::age)
        .await?;
    assert_eq!(several, [Some(20)]);
    assert_eq!(db.find::<User>().group_by(User::age).count().await?, 3);
    let distinct = db
        .find::<User>()
        .distinct()
        .order_by(User::age)
        .pluck(User::age)
        .await?;
    assert_eq!(distinct, [None, Some(20), Some(36)]);
    let company = User::company.to(Company::name);
    let error = db
        .find::<User>()
        .pluck((User::id, company.clone()))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode, "Cid has no company");
    let companies = db
        .find::<User>()
        .order_by(User::id)
        .pluck((User::id, company.nullable()))
        .await?;
    assert_eq!(companies[1..3], [(2, Some("Acme".to_owned())), (3, None)]);
    Ok(())
}

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

async fn nested_conditions_mean_the_right_row(db: Db) -> Result<()> {
    filled(&db).await?;
    // Users whose manager's manager is Ada.
    let grand = User::manager
        .filter(User::manager.filter(User::name.eq("Ada")).any())
        .any();
    assert_eq!(names(&db.find::<User>().filter(grand).await?), ["Dan"]);
    // Users with a report who is of the same age as another one of the same manager.
    let with_reports = User::reports.filter(User::age.eq(20)).count().ge(1);
    let users = db
        .find::<User>()
        .filter(with_reports)
        .order_by(User::id)
        .await?;
    assert_eq!(names(&users), ["Ada", "Bob"]);
    let users = db
        .find::<User>()
        .filter(User::orders.every(Order::amount.lt(8.0)))
        .order_by(User::id)
        .await?;
    assert_eq!(names(&users), ["Bob", "Cid", "Dan"]);
    let deep = User::orders
        .filter(Order::items.filter(Item::sku.eq("c")).any())
        .any();
    assert_eq!(names(&db.find::<User>().filter(deep).await?), ["Ada"]);
    assert_eq!(
        names(
            &db.find::<User>()
                .filter(User::orders.none())
                .order_by(User::id)
                .await?
        ),
        ["Cid", "Dan"]
    );
    let spoken = User::languages.filter(Language::name.eq("fr")).any();
    assert_eq!(names(&db.find::<User>().filter(spoken).await?), ["Ada"]);
    let by_link = User::languages.filter_link(UserLanguage::level.ge(3)).any();
    assert_eq!(names(&db.find::<User>().filter(by_link).await?), ["Ada"]);
    let through = User::items.filter(Item::sku.eq("d")).any();
    assert_eq!(names(&db.find::<User>().filter(through).await?), ["Bob"]);
    let image = User::images.filter(Image::url.eq("u2")).any();
    assert_eq!(names(&db.find::<User>().filter(image).await?), ["Bob"]);
    let order = db
        .find::<User>()
        .order_by(User::manager.to(User::name).desc())
        .order_by(User::id)
        .await?;
    assert_eq!(names(&order), ["Dan", "Bob", "Cid", "Ada"]);
    let inner = Company::users
        .filter(User::id.is_in(db.find::<Order>().pluck(Order::user_id)))
        .any();
    assert_eq!(db.find::<Company>().filter(inner).await?[0].name, "Acme");
    let error = db
        .find::<User>()
        .filter(User::orders.limit(1).count().ge(1))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
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

async fn a_length_is_in_characters(db: Db) -> Result<()> {
    filled(&db).await?;
    let first = db.find::<User>().filter(User::id.eq(1));
    first.update().set(User::name.to("Zoë 日本")).await?;
    let lengths = db
        .find::<User>()
        .order_by(User::id)
        .limit(2)
        .with(User::name.length())
        .await?;
    assert_eq!((lengths[0].1, lengths[1].1), (6, 3));
    let six = User::name.length().eq(6);
    assert_eq!(db.find::<User>().filter(six).count().await?, 1);
    Ok(())
}

suite![
    values_beside_rows,
    a_length_is_in_characters,
    plucking_tuples_and_groups,
    exists_reads_nothing_else,
    sub_queries_as_values,
    nested_conditions_mean_the_right_row,
    alternatives_and_empty_lists,
    an_unscoped_session_sees_everything_everywhere,
];
