//! Deleting rows, with associations, by condition, and restoring them.

use sinew_suite::prelude::*;

use crate::fixture::*;

async fn soft_in_the_row_and_in_the_struct(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut ada = user("Ada");
    db.create(&mut ada).await?;
    let counting = db.counting();
    counting.delete(&mut ada).await?;
    assert_eq!(counting.statements(), 1);
    let rows: Vec<(Option<Timestamp>,)> = db.query("SELECT deleted_at FROM users", ()).await?;
    assert_eq!(rows, [(ada.deleted_at.moment(),)]);
    assert!(ada.deleted_at.is_deleted());
    assert_eq!(db.find::<User>().count().await?, 0);
    assert_eq!(
        db.delete(&mut ada).await.unwrap_err().kind(),
        ErrorKind::NotFound
    );
    db.unscoped().delete(&mut ada).await?;
    assert_eq!(count(&db, "users").await, 0);
    assert_eq!(
        db.unscoped().delete(&mut ada).await.unwrap_err().kind(),
        ErrorKind::NotFound
    );
    assert_eq!(
        db.delete(&mut user("x")).await.unwrap_err().kind(),
        ErrorKind::MissingKey
    );
    Ok(())
}

async fn a_model_without_deleted_at_goes_for_good(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut companies = vec![Company::default(), Company::default()];
    db.create(&mut companies).await?;
    db.delete(&mut companies).await?;
    assert_eq!(count(&db, "companies").await, 0);
    let mut many = vec![Company::default(), Company::default()];
    db.create(&mut many).await?;
    db.execute("DELETE FROM companies WHERE id = ?", (many[1].id,))
        .await?;
    let error = db.delete(&mut many).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.path()),
        (ErrorKind::NotFound, Some("[1]"))
    );
    assert_eq!(count(&db, "companies").await, 1);
    Ok(())
}

async fn rows_that_are_pointed_at_are_refused_as_a_whole(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut ada = full("Ada");
    db.create(&mut ada).await?;
    let error = db
        .unscoped()
        .delete(&mut ada)
        .with(User::languages)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ForeignKeyViolation);
    assert_eq!(count(&db, "user_languages").await, 2);
    assert_eq!(ada.languages.loaded()?.len(), 2);
    assert!(!ada.deleted_at.is_deleted());
    Ok(())
}

async fn with_named_associations(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut ada = full("Ada");
    db.create(&mut ada).await?;
    let counting = db.counting();
    counting
        .delete(&mut ada)
        .with((User::orders, User::profile, User::company))
        .await?;
    assert_eq!(counting.statements(), 3);
    assert_eq!(count(&db, "orders WHERE deleted_at IS NOT NULL").await, 2);
    assert_eq!(count(&db, "profiles").await, 0);
    assert_eq!(count(&db, "companies").await, 1);
    assert_eq!(count(&db, "user_languages").await, 2);
    assert!(ada.orders.loaded()?.is_empty());
    assert!(ada.profile.loaded()?.is_none());
    assert!(ada.company.loaded()?.is_some());
    assert_eq!(ada.languages.loaded()?.len(), 2);
    Ok(())
}

async fn nested_bottom_up_and_for_many_owners(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut users: Vec<User> = (0..20).map(|i| full(&format!("u{i}"))).collect();
    for user in &mut users {
        user.reports = HasMany::default();
    }
    db.create(&mut users).await?;
    assert_eq!(count(&db, "items").await, 60);
    let counting = db.unscoped().counting();
    counting
        .delete(&mut users)
        .with(User::orders.with(Order::items))
        .with((User::profile, User::languages, User::images))
        .await?;
    assert!(counting.statements() <= 9, "{}", counting.statements());
    for table in [
        "users",
        "orders",
        "items",
        "profiles",
        "user_languages",
        "images",
    ] {
        assert_eq!(count(&db, table).await, 0, "{table}");
    }
    assert_eq!(count(&db, "languages").await, 2);
    assert!(users[19].orders.loaded()?.is_empty());
    Ok(())
}

async fn all_associations_of_the_first_level(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut ada = full("Ada");
    let mut bob = full("Bob");
    bob.languages = [language("English")].into();
    db.create(&mut ada).await?;
    db.create(&mut bob).await?;
    db.delete(&mut ada).with_associations().await?;
    let live = "deleted_at IS NULL";
    assert_eq!(count(&db, &format!("users WHERE {live}")).await, 2);
    assert_eq!(count(&db, &format!("orders WHERE {live}")).await, 2);
    assert_eq!(count(&db, "items").await, 6);
    assert_eq!(count(&db, "images").await, 1);
    assert_eq!(count(&db, "user_languages").await, 1);
    assert_eq!(count(&db, "languages").await, 2);
    assert_eq!(count(&db, "companies").await, 2);
    assert!(ada.reports.loaded()?.is_empty() && ada.images.loaded()?.is_empty());
    Ok(())
}

async fn conditions_and_limits_of_an_association_count(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut ada = full("Ada");
    db.create(&mut ada).await?;
    db.delete(&mut ada)
        .with(User::orders.filter(Order::amount.gt(50.0)))
        .with(User::languages.filter(Language::name.eq("French")))
        .await?;
    assert_eq!(count(&db, "orders WHERE deleted_at IS NULL").await, 1);
    assert_eq!(ada.orders.loaded()?.len(), 1);
    assert_eq!(ada.orders.loaded()?[0].amount, 5.0);
    assert_eq!(ada.languages.loaded()?.len(), 1);
    assert_eq!(ada.languages.loaded()?[0].name, "English");
    assert_eq!(count(&db, "user_languages").await, 1);
    let mut bob = user("Bob");
    bob.orders = [order(1.0), order(2.0), order(3.0)].into();
    bob.languages = [language("English"), language("French")].into();
    db.create(&mut bob).await?;
    db.delete(&mut bob)
        .with(User::orders.order_by(Order::amount.desc()).limit(2))
        .with(User::languages.limit(1))
        .await?;
    assert_eq!(bob.orders.loaded()?.len(), 1);
    assert_eq!(bob.orders.loaded()?[0].amount, 1.0);
    assert_eq!(count(&db, "user_languages WHERE user_id > 1").await, 1);
    Ok(())
}

async fn below_what_is_not_deleted_nothing_can_be(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut ada = full("Ada");
    db.create(&mut ada).await?;
    let error = db
        .delete(&mut ada)
        .with(User::manager.with(User::orders))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert_eq!(count(&db, "users WHERE deleted_at IS NOT NULL").await, 0);
    Ok(())
}

async fn by_condition(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut users = vec![full("a"), full("b"), user("c")];
    users[1].age = 99;
    db.create(&mut users).await?;
    let counting = db.counting();
    assert_eq!(
        counting
            .find::<User>()
            .filter(User::name.eq("c"))
            .delete()
            .await?,
        1
    );
    assert_eq!(counting.statements(), 1);
    assert_eq!(count(&db, "users").await, 5);
    let error = db.find::<User>().delete().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::MissingCondition);
    let n = db
        .find::<User>()
        .filter(User::age.eq(99))
        .delete()
        .with(User::orders.with(Order::items))
        .with(User::languages)
        .await?;
    assert_eq!(n, 1);
    assert_eq!(count(&db, "orders WHERE deleted_at IS NULL").await, 2);
    assert_eq!(count(&db, "items").await, 3);
    assert_eq!(count(&db, "user_languages").await, 2);
    let n = db
        .unscoped()
        .find::<Item>()
        .order_by(Item::id.desc())
        .limit(1)
        .delete()
        .await?;
    assert_eq!((n, count(&db, "items").await), (1, 2));
    assert_eq!(db.find::<Item>().delete().all_rows().await?, 2);
    assert_eq!(db.find::<Item>().filter(Item::id.eq(1)).delete().await?, 0);
    Ok(())
}

async fn restored(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut ada = user("Ada");
    db.create(&mut ada).await?;
    db.delete(&mut ada).await?;
    db.restore(&mut ada).await?;
    assert!(!ada.deleted_at.is_deleted());
    assert_eq!(db.find::<User>().count().await?, 1);
    db.restore(&mut ada).await?;
    db.unscoped().delete(&mut ada).await?;
    assert_eq!(
        db.restore(&mut ada).await.unwrap_err().kind(),
        ErrorKind::NotFound
    );
    let error = db.restore(&mut Company::default()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert_eq!(
        db.restore(&mut user("x")).await.unwrap_err().kind(),
        ErrorKind::MissingKey
    );
    Ok(())
}

#[derive(Model, Clone, Debug, Default)]
struct Blog {
    id: i64,
    deleted_at: DeletedAt,
    #[model(soft_cascade)]
    posts: HasMany<Post>,
}

#[derive(Model, Clone, Debug, Default)]
struct Post {
    id: i64,
    deleted_at: DeletedAt,
    blog_id: i64,
    parent_id: Option<i64>,
    #[model(soft_cascade, foreign_key = parent_id)]
    replies: HasMany<Post>,
    #[model(soft_cascade)]
    tags: ManyToMany<Tag, PostTag>,
}

#[derive(Model, Clone, Debug, Default)]
struct Tag {
    id: i64,
}

#[derive(Model, Clone, Debug, Default)]
struct PostTag {
    #[model(primary_key)]
    post_id: i64,
    #[model(primary_key)]
    tag_id: i64,
    deleted_at: DeletedAt,
}

async fn soft_cascade_and_back(db: Db) -> Result<()> {
    db.auto_migrate(models![Blog, Post, Tag, PostTag]).await?;
    let mut blog = Blog {
        posts: [Post::default(), Post::default()].into(),
        ..Default::default()
    };
    db.create(&mut blog).await?;
    let first = blog.posts.loaded()?[0].id;
    let mut reply = Post {
        parent_id: Some(first),
        blog_id: blog.id,
        tags: [Tag::default()].into(),
        ..Default::default()
    };
    db.create(&mut reply).await?;
    // A circle: the first post answers its own reply.
    db.execute(
        "UPDATE posts SET parent_id = ? WHERE id = ?",
        (reply.id, first),
    )
    .await?;
    let mut alone = blog.posts.loaded()?[1].clone();
    db.delete(&mut alone).await?;
    tokio::time::sleep(std::time::Duration::from_millis(3)).await;
    db.delete(&mut blog).await?;
    assert_eq!(count(&db, "posts WHERE deleted_at IS NULL").await, 0);
    assert_eq!(count(&db, "post_tags WHERE deleted_at IS NULL").await, 0);
    assert_eq!(count(&db, "tags").await, 1);
    assert!(blog.posts.loaded()?.is_empty());
    db.restore(&mut blog).await?;
    assert_eq!(count(&db, "posts WHERE deleted_at IS NULL").await, 2);
    assert_eq!(count(&db, "post_tags WHERE deleted_at IS NULL").await, 1);
    let dead = number(&db, "SELECT id FROM posts WHERE deleted_at IS NOT NULL").await;
    assert_eq!(dead, alone.id);
    assert_eq!(
        db.find::<Blog>()
            .filter(Blog::id.eq(blog.id))
            .delete()
            .await?,
        1
    );
    assert_eq!(count(&db, "posts WHERE deleted_at IS NULL").await, 0);
    Ok(())
}

suite![
    soft_in_the_row_and_in_the_struct,
    a_model_without_deleted_at_goes_for_good,
    rows_that_are_pointed_at_are_refused_as_a_whole,
    with_named_associations,
    nested_bottom_up_and_for_many_owners,
    all_associations_of_the_first_level,
    conditions_and_limits_of_an_association_count,
    below_what_is_not_deleted_nothing_can_be,
    by_condition,
    restored,
    soft_cascade_and_back,
];
