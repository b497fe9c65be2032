//! Delete and soft delete (B249 to B261).

use sinew_suite::prelude::*;

use crate::fixture::*;

// Behaviour: B249
async fn delete_is_the_row_alone(db: Db) -> Result<()> {
    tables(&db).await?;
    db.create(&mut everything("Ada")).await?;
    let mut ada = db.get::<User>(id_of(&db, "Ada").await?).await?;
    db.delete(&mut ada).await?;
    assert_eq!(rows_where(&db, "users", "deleted_at IS NOT NULL").await?, 1);
    assert_eq!(rows_where(&db, "pets", "deleted_at IS NULL").await?, 2);
    assert_eq!(rows(&db, "user_speaks").await?, 2);
    Ok(())
}

// Behaviour: B250, B251, B252
async fn delete_with_everything(db: Db) -> Result<()> {
    tables(&db).await?;
    db.create(&mut everything("Ada")).await?;
    let mut ada = db.get::<User>(id_of(&db, "Ada").await?).await?;
    db.delete(&mut ada).with_associations().await?;
    // Children softly where they can be, links for good; what she belonged to stays.
    assert_eq!(rows_where(&db, "pets", "deleted_at IS NULL").await?, 0);
    assert_eq!(rows_where(&db, "accounts", "deleted_at IS NULL").await?, 0);
    assert_eq!(rows_where(&db, "toys", "owner_type = 'users'").await?, 0);
    assert_eq!(rows_where(&db, "toys", "owner_type = 'pets'").await?, 2);
    assert_eq!(
        (
            rows(&db, "user_speaks").await?,
            rows(&db, "user_friends").await?
        ),
        (0, 0)
    );
    assert_eq!(
        (rows(&db, "languages").await?, rows(&db, "companies").await?),
        (2, 1)
    );
    // Her manager and her friend stay; she and her two reports are gone.
    assert_eq!(rows_where(&db, "users", "deleted_at IS NULL").await?, 2);
    Ok(())
}

// Behaviour: B252, B259
async fn unscoped_removes_for_good(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut ada = User {
        pets: [pet("Rex")].into(),
        account: account("1").into(),
        ..user("Ada")
    };
    db.create(&mut ada).await?;
    db.unscoped()
        .delete(&mut ada)
        .with((User::pets, User::account))
        .await?;
    for table in ["users", "pets", "accounts"] {
        assert_eq!(rows(&db, table).await?, 0, "{table}");
    }
    Ok(())
}

// Behaviour: B253
async fn several_owners_at_once(db: Db) -> Result<()> {
    tables(&db).await?;
    let one = |name: &str| User {
        pets: [pet("a"), pet("b")].into(),
        languages: [language(name)].into(),
        ..user(name)
    };
    let mut users = vec![one("Ada"), one("Grace"), one("Alan")];
    db.create(&mut users).await?;
    users.pop();
    let counting = db.counting();
    counting
        .delete(&mut users)
        .with((User::pets, User::languages))
        .await?;
    assert_eq!(rows_where(&db, "pets", "deleted_at IS NULL").await?, 2);
    assert_eq!(rows(&db, "user_speaks").await?, 1);
    assert_eq!(rows_where(&db, "users", "deleted_at IS NULL").await?, 1);
    assert!(counting.statements() <= 4, "{}", counting.statements());
    Ok(())
}

// Behaviour: B254
async fn by_condition_with_associations(db: Db) -> Result<()> {
    tables(&db).await?;
    let one = |name: &str| User {
        pets: [pet(name)].into(),
        ..user(name)
    };
    db.create(&mut vec![one("Ada"), one("Grace")]).await?;
    let gone = db
        .find::<User>()
        .filter(User::name.eq("Ada"))
        .delete()
        .with(User::pets)
        .await?;
    assert_eq!(gone, 1);
    assert_eq!(rows_where(&db, "pets", "deleted_at IS NULL").await?, 1);
    assert_eq!(rows_where(&db, "users", "deleted_at IS NULL").await?, 1);
    Ok(())
}

// Behaviour: B255
async fn nested_associations_from_the_bottom_up(db: Db) -> Result<()> {
    tables(&db).await?;
    db.create(&mut everything("Ada")).await?;
    let mut ada = db.get::<User>(id_of(&db, "Ada").await?).await?;
    db.delete(&mut ada).with(User::pets.with(Pet::toy)).await?;
    assert_eq!(rows_where(&db, "pets", "deleted_at IS NULL").await?, 0);
    assert_eq!(rows_where(&db, "toys", "owner_type = 'pets'").await?, 0);
    assert_eq!(rows_where(&db, "toys", "owner_type = 'users'").await?, 2);
    Ok(())
}

mod soft_cascade {
    use sinew_suite::prelude::*;

    #[derive(Model, Clone, Debug, Default)]
    struct User {
        id: i64,
        deleted_at: DeletedAt,
        #[model(soft_cascade)]
        posts: HasMany<Post>,
        notes: HasMany<Note>,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct Post {
        id: i64,
        deleted_at: DeletedAt,
        user_id: i64,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct Note {
        id: i64,
        deleted_at: DeletedAt,
        user_id: i64,
    }

    // Behaviour: B257
    async fn a_relation_may_cascade_softly(db: Db) -> Result<()> {
        db.auto_migrate(models![User, Post, Note]).await?;
        let mut user = User {
            posts: [Post::default(), Post::default()].into(),
            notes: [Note::default()].into(),
            ..Default::default()
        };
        db.create(&mut user).await?;
        db.delete(&mut user).await?;
        assert_eq!(rows_where(&db, "posts", "deleted_at IS NULL").await?, 0);
        assert_eq!(rows_where(&db, "notes", "deleted_at IS NULL").await?, 1);
        Ok(())
    }

    suite![a_relation_may_cascade_softly];
}

// Behaviour: B258
async fn without_a_condition_nothing_is_deleted(db: Db) -> Result<()> {
    tables(&db).await?;
    db.create(&mut vec![user("Ada"), user("Grace")]).await?;
    refused(
        db.find::<User>().delete().await,
        ErrorKind::MissingCondition,
    );
    refused(
        db.find::<User>().update().set(User::age.to(1)).await,
        ErrorKind::MissingCondition,
    );
    refused(db.delete(&mut user("Keyless")).await, ErrorKind::MissingKey);
    assert_eq!(
        rows_where(&db, "users", "deleted_at IS NULL AND age = 0").await?,
        2
    );
    Ok(())
}

// Behaviour: B259
async fn soft_deleted_rows_are_out_of_sight(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut users = vec![user("Ada"), user("Grace")];
    db.create(&mut users).await?;
    db.delete(&mut users[0]).await?;
    assert!(users[0].deleted_at.is_deleted());
    assert_eq!(db.find::<User>().count().await?, 1);
    assert!(db.get::<User>(1).optional().await?.is_none());
    // An OR does not get around it.
    let either = User::name.eq("Ada").or(User::name.eq("Grace"));
    assert_eq!(db.find::<User>().filter(either).count().await?, 1);
    let either = db
        .find::<User>()
        .filter(User::name.eq("Ada"))
        .or(User::name.eq("Grace"));
    assert_eq!(either.count().await?, 1);
    let raw = db
        .find::<User>()
        .filter(sql("name = ? OR name = ?", ("Ada", "Grace")));
    assert_eq!(raw.count().await?, 1);
    let changed = db
        .find::<User>()
        .filter(User::id.ge(1))
        .update()
        .set(User::age.to(9))
        .await?;
    assert_eq!(changed, 1);
    assert_eq!(values::<i32>(&db, "users", "age").await?, [0, 9]);
    assert_eq!(db.unscoped().find::<User>().count().await?, 2);
    db.unscoped()
        .find::<User>()
        .filter(User::name.eq("Ada"))
        .delete()
        .await?;
    assert_eq!(rows(&db, "users").await?, 1);
    Ok(())
}

// Behaviour: B260
async fn delete_by_condition_tells_how_many(db: Db) -> Result<()> {
    tables(&db).await?;
    db.create(&mut vec![user("Ada"), user("Grace"), user("Alan")])
        .await?;
    let gone = db
        .find::<User>()
        .filter(User::name.like("A%"))
        .delete()
        .await?;
    assert_eq!(gone, 2);
    assert_eq!(rows_where(&db, "users", "deleted_at IS NULL").await?, 1);
    Ok(())
}

// Behaviour: B249
async fn a_row_that_is_gone_already(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut acme = company("Acme");
    db.create(&mut acme).await?;
    db.delete(&mut acme).await?;
    assert_eq!(rows(&db, "companies").await?, 0);
    assert_eq!(rows(&db, "users").await?, 0);
    Ok(())
}

suite![
    delete_is_the_row_alone,
    delete_with_everything,
    unscoped_removes_for_good,
    several_owners_at_once,
    by_condition_with_associations,
    nested_associations_from_the_bottom_up,
    without_a_condition_nothing_is_deleted,
    soft_deleted_rows_are_out_of_sight,
    delete_by_condition_tells_how_many,
    a_row_that_is_gone_already,
];
