//! Preloading: which rows arrive where, in how many statements.

use sinew_suite::prelude::*;

use crate::fixture::*;

fn amounts(user: &User) -> Vec<f64> {
    user.orders
        .loaded()
        .unwrap()
        .iter()
        .map(|order| order.amount)
        .collect()
}

async fn a_tree_of_three_levels_takes_one_statement_each(db: Db) -> Result<()> {
    filled(&db).await?;
    let db = db.counting();
    let users = db
        .find::<User>()
        .preload(User::orders.order_by(Order::id).preload(Order::items))
        .order_by(User::id)
        .await?;
    assert_eq!(db.statements(), 3);
    assert_eq!(amounts(&users[0]), [10.0, 30.0, 20.0]);
    assert_eq!(users[0].orders.loaded()?[0].items.loaded()?.len(), 2);
    assert_eq!(amounts(&users[1]), [5.0]);
    assert!(users[2].orders.loaded()?.is_empty());
    assert!(!users[0].profile.is_loaded());
    db.reset_counts();
    let none = db
        .find::<User>()
        .filter(User::id.eq(99))
        .preload(User::orders.preload(Order::items))
        .await?;
    assert!(none.is_empty());
    assert_eq!(db.statements(), 1);
    Ok(())
}

async fn limits_and_offsets_are_per_owner(db: Db) -> Result<()> {
    filled(&db).await?;
    let top = User::orders.order_by(Order::amount.desc()).limit(2);
    let users = db
        .find::<User>()
        .order_by(User::id)
        .preload(top.clone())
        .await?;
    assert_eq!(amounts(&users[0]), [30.0, 20.0]);
    assert_eq!(amounts(&users[1]), [5.0]);
    let users = db
        .find::<User>()
        .order_by(User::id)
        .preload(top.offset(1))
        .await?;
    assert_eq!(amounts(&users[0]), [20.0, 10.0]);
    assert!(amounts(&users[1]).is_empty());
    let users = db
        .find::<User>()
        .order_by(User::id)
        .preload(User::orders.order_by(Order::id).offset(2))
        .await?;
    assert_eq!(amounts(&users[0]), [20.0]);
    let total = User::orders.order_by(Order::amount).limit_total(2);
    let users = db.find::<User>().order_by(User::id).preload(total).await?;
    assert_eq!(
        (amounts(&users[0]), amounts(&users[1])),
        (vec![10.0], vec![5.0])
    );
    Ok(())
}

async fn limits_on_many_to_many_and_polymorphic(db: Db) -> Result<()> {
    filled(&db).await?;
    let users = db
        .find::<User>()
        .order_by(User::id)
        .preload(User::languages.order_by(Language::name).limit(2))
        .preload(User::images.order_by(Image::id.desc()).limit(1))
        .await?;
    let spoken = |user: &User| {
        user.languages
            .loaded()
            .unwrap()
            .iter()
            .map(|l| l.name.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(spoken(&users[0]), ["de", "en"]);
    assert_eq!(spoken(&users[1]), ["en"]);
    assert_eq!(users[0].images.loaded()?[0].url, "u1b");
    assert_eq!(users[1].images.loaded()?[0].url, "u2");
    let best = User::languages
        .order_by_link(UserLanguage::level.desc())
        .limit(1);
    let users = db.find::<User>().order_by(User::id).preload(best).await?;
    let pairs: Vec<_> = users[0]
        .languages
        .links()?
        .map(|(l, link)| (l.name.as_str(), link.level))
        .collect();
    assert_eq!(pairs, [("en", 3)]);
    let fluent = User::languages
        .filter_link(UserLanguage::level.ge(2))
        .order_by(Language::id);
    let users = db.find::<User>().order_by(User::id).preload(fluent).await?;
    assert_eq!(spoken(&users[0]), ["en", "de"]);
    assert!(spoken(&users[1]).is_empty());
    Ok(())
}

async fn nested_limits_count_per_middle_row(db: Db) -> Result<()> {
    filled(&db).await?;
    let companies = db
        .find::<Company>()
        .order_by(Company::id)
        .preload(
            Company::users
                .order_by(User::id)
                .limit(2)
                .preload(User::orders.order_by(Order::amount.desc()).limit(1)),
        )
        .await?;
    let users = companies[0].users.loaded()?;
    assert_eq!(names(users), ["Ada", "Bob"]);
    assert_eq!(
        (amounts(&users[0]), amounts(&users[1])),
        (vec![30.0], vec![5.0])
    );
    assert!(companies[1].users.loaded()?.is_empty());
    Ok(())
}

async fn a_target_shared_by_many_owners_is_read_once(db: Db) -> Result<()> {
    filled(&db).await?;
    let db = db.counting();
    let users = db
        .find::<User>()
        .order_by(User::id)
        .preload(User::company)
        .preload(User::manager.preload(User::profile))
        .await?;
    assert_eq!(db.statements(), 4);
    assert_eq!(users[0].company.loaded()?.unwrap().name, "Acme");
    assert_eq!(users[1].company.loaded()?.unwrap().name, "Acme");
    assert!(users[2].company.loaded()?.is_none());
    assert!(
        users[3].company.loaded()?.is_none(),
        "a soft-deleted company is not loaded"
    );
    assert_eq!(users[2].manager.loaded()?.unwrap().name, "Ada");
    assert_eq!(
        users[1]
            .manager
            .loaded()?
            .unwrap()
            .profile
            .loaded()?
            .unwrap()
            .bio,
        "Engines"
    );
    Ok(())
}

async fn owners_given_twice_get_everything_twice(db: Db) -> Result<()> {
    filled(&db).await?;
    let db = db.counting();
    let ada = db.get::<User>(1).await?;
    let mut users = vec![ada.clone(), ada.clone(), db.get::<User>(2).await?];
    db.reset_counts();
    db.load(
        &mut users,
        (
            User::orders.order_by(Order::id).preload(Order::items),
            User::languages,
        ),
    )
    .await?;
    assert_eq!(db.statements(), 3);
    assert_eq!(users[0], users[1]);
    assert_eq!(users[0].orders.loaded()?[0].items.loaded()?.len(), 2);
    assert_eq!(users[1].languages.links()?.len(), 3);
    Ok(())
}

async fn load_takes_one_row_a_slice_or_a_vec_and_replaces(db: Db) -> Result<()> {
    filled(&db).await?;
    let mut ada = db.get::<User>(1).await?;
    ada.orders = [Order::default()].into();
    let dear = User::orders.filter(Order::amount.gt(15.0));
    db.load(&mut ada, dear.order_by(Order::id)).await?;
    assert_eq!(amounts(&ada), [30.0, 20.0]);
    let mut users = db.find::<User>().order_by(User::id).await?;
    db.load(&mut users[1..], User::profile).await?;
    assert!(!users[0].profile.is_loaded());
    assert_eq!(users[1].profile.loaded()?.unwrap().bio, "Pipes");
    assert!(users[2].profile.loaded()?.is_none());
    let mut unsaved = User {
        orders: [Order::default()].into(),
        ..User::default()
    };
    unsaved.manager = User::default().into();
    db.load(&mut unsaved, (User::orders, User::manager)).await?;
    assert!(
        unsaved.orders.loaded()?.is_empty(),
        "what was held is replaced, without a key too"
    );
    assert!(unsaved.manager.loaded()?.is_none());
    let mut nobody: Vec<User> = Vec::new();
    db.load(&mut nobody, User::orders).await?;
    Ok(())
}

async fn paths_known_at_run_time(db: Db) -> Result<()> {
    filled(&db).await?;
    let db = db.counting();
    let users = db
        .find::<User>()
        .order_by(User::id)
        .include("orders.items")?
        .include("orders")?
        .include("manager.company")?
        .await?;
    assert_eq!(db.statements(), 5);
    let mut orders = users[0].orders.loaded()?.iter();
    let first = orders.find(|order| order.id == 1).unwrap();
    assert_eq!(first.items.loaded()?.len(), 2);
    assert_eq!(
        users[1]
            .manager
            .loaded()?
            .unwrap()
            .company
            .loaded()?
            .unwrap()
            .name,
        "Acme"
    );
    let error = db.find::<User>().include("orders.itmes").err().unwrap();
    assert_eq!(error.kind(), ErrorKind::UnknownAssociation);
    assert_eq!(
        (error.model(), error.association()),
        (Some("Order"), Some("itmes"))
    );
    assert!(error.to_string().contains("user, items"), "{error}");
    for hostile in [
        "",
        ".",
        "orders.",
        ".orders",
        "orders..items",
        "ORDERS",
        "orders;--",
        "owner\0",
        "images.owner.x",
    ] {
        let error = db.find::<User>().include(hostile).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::UnknownAssociation, "{hostile}");
    }
    let kept = db
        .find::<User>()
        .order_by(User::id)
        .preload(
            User::orders
                .filter(Order::amount.gt(15.0))
                .order_by(Order::id),
        )
        .include("orders.items")?
        .await?;
    assert_eq!(amounts(&kept[0]), [30.0, 20.0]);
    assert!(kept[0].orders.loaded()?[0].items.is_loaded());
    Ok(())
}

async fn the_same_association_twice_is_read_once_and_the_last_word_counts(db: Db) -> Result<()> {
    filled(&db).await?;
    let db = db.counting();
    let ada = db
        .get::<User>(1)
        .preload(User::orders.filter(Order::amount.gt(25.0)))
        .preload(
            User::orders
                .filter(Order::amount.lt(15.0))
                .preload(Order::items.limit(1))
                .preload(Order::items),
        )
        .await?;
    assert_eq!(db.statements(), 3);
    assert_eq!(amounts(&ada), [10.0]);
    assert_eq!(ada.orders.loaded()?[0].items.loaded()?.len(), 2);
    Ok(())
}

async fn everything_of_the_first_level(db: Db) -> Result<()> {
    filled(&db).await?;
    let db = db.counting();
    let users = db.find::<User>().order_by(User::id).preload_all().await?;
    assert_eq!(db.statements(), 1 + 9);
    assert_eq!(users[0].items.loaded()?.len(), 4);
    let mut reports = names(users[0].reports.loaded()?);
    reports.sort_unstable();
    assert_eq!(reports, ["Bob", "Cid"]);
    assert!(!users[0].orders.loaded()?[0].items.is_loaded());
    let images = db.find::<Image>().preload_all().await?;
    assert!(images.iter().all(|image| image.owner.is_loaded()));
    Ok(())
}

async fn the_owners_of_polymorphic_rows(db: Db) -> Result<()> {
    filled(&db).await?;
    let db = db.counting();
    let images = db
        .find::<Image>()
        .order_by(Image::id)
        .preload(Image::owner)
        .await?;
    assert_eq!(db.statements(), 3);
    let name = |image: &Image| match image.owner.loaded().unwrap() {
        Some(ImageOwner::User(user)) => format!("user {}", user.name),
        Some(ImageOwner::Company(company)) => format!("company {}", company.name),
        None => "none".to_owned(),
    };
    let owners: Vec<_> = images.iter().map(name).collect();
    assert_eq!(
        owners,
        ["user Ada", "company Acme", "user Bob", "user Ada", "none"]
    );
    db.reset_counts();
    let only = db
        .find::<Image>()
        .filter(Image::owner_type.eq("companies"))
        .preload(Image::owner)
        .await?;
    assert_eq!(
        db.statements(),
        2,
        "a variant without rows costs no statement"
    );
    assert_eq!(name(&only[0]), "company Acme");
    Ok(())
}

async fn a_required_target_that_did_not_match_is_an_error_when_read(db: Db) -> Result<()> {
    filled(&db).await?;
    let profile = db
        .get::<Profile>(1)
        .preload(Profile::user.filter(User::name.eq("Nobody")))
        .await?;
    let error = profile.user.loaded().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(
        error.to_string().starts_with("Profile.user is required"),
        "{error}"
    );
    assert_eq!(
        (error.model(), error.association()),
        (Some("Profile"), Some("user"))
    );
    let joined = db
        .find::<Profile>()
        .join(Profile::user.filter(User::name.eq("Nobody")))
        .first()
        .await?;
    let error = joined.unwrap().user.loaded().map(|_| ()).unwrap_err();
    assert!(
        error.to_string().starts_with("Profile.user is required"),
        "{error}"
    );
    Ok(())
}

async fn a_broken_fragment_deep_in_the_tree_runs_nothing(db: Db) -> Result<()> {
    filled(&db).await?;
    let db = db.counting();
    let broken = Order::items.filter(sinew::sql("sku = ? OR sku = ?", ("a",)));
    let error = db
        .find::<User>()
        .preload(User::orders.preload(broken))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert_eq!(db.statements(), 0);
    Ok(())
}

suite![
    a_tree_of_three_levels_takes_one_statement_each,
    limits_and_offsets_are_per_owner,
    limits_on_many_to_many_and_polymorphic,
    nested_limits_count_per_middle_row,
    a_target_shared_by_many_owners_is_read_once,
    owners_given_twice_get_everything_twice,
    load_takes_one_row_a_slice_or_a_vec_and_replaces,
    paths_known_at_run_time,
    the_same_association_twice_is_read_once_and_the_last_word_counts,
    everything_of_the_first_level,
    the_owners_of_polymorphic_rows,
    a_required_target_that_did_not_match_is_an_error_when_read,
    a_broken_fragment_deep_in_the_tree_runs_nothing,
];
