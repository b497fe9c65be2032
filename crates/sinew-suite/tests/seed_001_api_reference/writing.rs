//! "Creating with Associations", "Updating with Associations" and "Deleting with Associations".

use sinew_suite::prelude::*;

use crate::shop::*;

fn full_alice() -> User {
    User {
        profile: Profile {
            bio: "Software Developer".into(),
            ..Default::default()
        }
        .into(),
        orders: [order(100.0), order(200.0)].into(),
        languages: [language("English"), language("Spanish")].into(),
        ..alice()
    }
}

/// Rows of users, profiles, orders, languages and links.
async fn counts(db: &Db) -> Result<[i64; 5]> {
    Ok([
        rows(db, "users").await?,
        rows(db, "profiles").await?,
        rows(db, "orders").await?,
        rows(db, "languages").await?,
        rows(db, "user_languages").await?,
    ])
}

// Seed: B084 -- Create with Nested Data
async fn nested_data(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut user = full_alice();
    db.create(&mut user).await?;
    assert_eq!(user.id, 1);
    assert_eq!(
        user.profile.loaded()?.map(|p| (p.id, p.user_id)),
        Some((1, Some(1)))
    );
    let orders: Vec<_> = user
        .orders
        .loaded()?
        .iter()
        .map(|o| (o.id, o.user_id))
        .collect();
    assert_eq!(orders, [(1, Some(1)), (2, Some(1))]);
    let languages: Vec<_> = user.languages.loaded()?.iter().map(|l| l.id).collect();
    assert_eq!(languages, [1, 2]);
    assert_eq!(counts(&db).await?, [1, 1, 2, 2, 2]);
    assert_eq!(
        value::<Option<i64>>(&db, "profiles", "user_id", 1).await?,
        Some(1)
    );
    assert_eq!(stored_amounts(&db, 1).await?, [100.0, 200.0]);
    assert_eq!(
        pairs(&db, "user_languages", "user_id", "language_id").await?,
        [(1, 1), (1, 2)]
    );
    Ok(())
}

// Seed: B107 -- Skip Auto-Creation
async fn skip_creating_associations(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut user = full_alice();
    db.create(&mut user).omit(User::profile).await?;
    assert_eq!(counts(&db).await?, [1, 0, 2, 2, 2]);
    let mut user = full_alice();
    db.create(&mut user)
        .omit((User::orders, User::languages))
        .await?;
    assert_eq!(counts(&db).await?, [2, 1, 2, 2, 2]);
    // What was omitted is still held, and was not touched.
    assert_eq!(user.orders.loaded()?[0].id, 0);
    Ok(())
}

// Seed: B108 -- Skip all associations
async fn skip_all_associations(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut user = full_alice();
    db.create(&mut user).omit_associations().await?;
    assert_eq!(counts(&db).await?, [1, 0, 0, 0, 0]);
    Ok(())
}

// Seed: B106 -- Select Fields for Associations
async fn create_only_what_is_selected(db: Db) -> Result<()> {
    tables(&db).await?;
    let company = Company {
        name: "Acme Corp".into(),
        ..Default::default()
    };
    let mut user = User {
        company: company.into(),
        ..full_alice()
    };
    db.create(&mut user)
        .select((User::name, User::profile))
        .await?;
    assert_eq!(counts(&db).await?, [1, 1, 0, 0, 0]);
    assert_eq!(rows(&db, "companies").await?, 0);
    assert_eq!(value::<String>(&db, "users", "name", 1).await?, "Alice");
    assert_eq!(
        value::<String>(&db, "profiles", "bio", 1).await?,
        "Software Developer"
    );
    assert!(value::<Timestamp>(&db, "users", "created_at", 1).await? > Timestamp::UNIX_EPOCH);
    // A selected belongs-to carries its key along.
    let company = Company {
        name: "Acme Corp".into(),
        ..Default::default()
    };
    let mut user = User {
        company: company.into(),
        ..full_alice()
    };
    db.create(&mut user)
        .select((User::name, User::company))
        .await?;
    assert_eq!(
        value::<Option<i64>>(&db, "users", "company_id", 2).await?,
        Some(1)
    );
    assert_eq!(counts(&db).await?, [2, 1, 0, 0, 0]);
    Ok(())
}

// Seed: B123 -- Full Save Associations
async fn full_save_updates_what_exists(db: Db) -> Result<()> {
    customers(&db).await?;
    let change = async |user: &mut User| {
        user.name = "Alicia".into();
        user.profile.loaded_mut()?.expect("the profile").bio = "changed".into();
        user.orders.loaded_mut()?[0].amount = 6.0;
        user.languages.loaded_mut()?[0].name = "British".into();
        user.company.loaded_mut()?.expect("the company").name = "Acme".into();
        Result::Ok(())
    };
    // By default only the row itself is.
    let mut user = db.get::<User>(1).preload_all().await?;
    change(&mut user).await?;
    db.save(&mut user).await?;
    assert_eq!(value::<String>(&db, "users", "name", 1).await?, "Alicia");
    assert_eq!(stored_amounts(&db, 1).await?, [5.0, 100.0, 200.0]);
    assert_eq!(value::<String>(&db, "profiles", "bio", 1).await?, "Alice's");
    assert_eq!(
        value::<String>(&db, "languages", "name", 1).await?,
        "English"
    );
    assert_eq!(
        value::<String>(&db, "companies", "name", 1).await?,
        "Acme Corp"
    );
    // With the session's setting, all of it.
    db.session()
        .full_save_associations()
        .save(&mut user)
        .await?;
    assert_eq!(stored_amounts(&db, 1).await?, [6.0, 100.0, 200.0]);
    assert_eq!(value::<String>(&db, "profiles", "bio", 1).await?, "changed");
    assert_eq!(
        value::<String>(&db, "languages", "name", 1).await?,
        "British"
    );
    assert_eq!(value::<String>(&db, "companies", "name", 1).await?, "Acme");
    // Or for one save.
    user.orders.loaded_mut()?[0].amount = 7.0;
    db.save(&mut user).full().await?;
    assert_eq!(stored_amounts(&db, 1).await?, [7.0, 100.0, 200.0]);
    // Nothing was added or lost.
    assert_eq!(counts(&db).await?, [3, 2, 10, 2, 3]);
    Ok(())
}

// Seed: B123 -- Update Associations
async fn modify_one_and_add_one(db: Db) -> Result<()> {
    customers(&db).await?;
    let mut user = db.get::<User>(1).preload(User::orders).await?;
    user.orders.loaded_mut()?[0].amount = 150.0;
    user.orders.loaded_mut()?.push(order(300.0));
    db.session()
        .full_save_associations()
        .save(&mut user)
        .await?;
    assert_eq!(stored_amounts(&db, 1).await?, [100.0, 150.0, 200.0, 300.0]);
    let added = &user.orders.loaded()?[3];
    assert_eq!((added.id, added.user_id), (11, Some(1)));
    Ok(())
}

// Seed: B133 -- Update Associations: only some of them
async fn save_selected_or_omitted_parts(db: Db) -> Result<()> {
    customers(&db).await?;
    let mut user = db
        .get::<User>(1)
        .preload((User::orders, User::languages))
        .await?;
    user.name = "Alicia".into();
    user.orders.loaded_mut()?.push(order(300.0));
    user.languages.loaded_mut()?.push(language("French"));
    db.save(&mut user).select(User::orders).await?;
    assert_eq!(value::<String>(&db, "users", "name", 1).await?, "Alice");
    assert_eq!(counts(&db).await?, [3, 2, 11, 2, 3]);
    user.orders.loaded_mut()?.push(order(400.0));
    db.save(&mut user).omit((User::orders, User::name)).await?;
    assert_eq!(value::<String>(&db, "users", "name", 1).await?, "Alice");
    assert_eq!(counts(&db).await?, [3, 2, 11, 3, 4]);
    db.save(&mut user).omit_associations().await?;
    assert_eq!(value::<String>(&db, "users", "name", 1).await?, "Alicia");
    assert_eq!(counts(&db).await?, [3, 2, 11, 3, 4]);
    Ok(())
}

// Seed: B250 -- Select Delete
async fn delete_a_user_and_their_orders(db: Db) -> Result<()> {
    customers(&db).await?;
    let mut bob = db.get::<User>(2).await?;
    db.delete(&mut bob).with(User::orders).await?;
    assert_eq!(rows_where(&db, "users", "deleted_at IS NULL").await?, 2);
    assert_eq!(counts(&db).await?, [3, 2, 3, 2, 3]);
    // Several, and two levels, from the bottom up.
    let mut alice = db.get::<User>(1).await?;
    db.delete(&mut alice)
        .with((User::orders.with(Order::items), User::profile))
        .await?;
    assert_eq!(counts(&db).await?, [3, 1, 0, 2, 3]);
    assert_eq!(
        (rows(&db, "items").await?, rows(&db, "products").await?),
        (0, 2)
    );
    assert_eq!(rows_where(&db, "users", "deleted_at IS NULL").await?, 1);
    Ok(())
}

// Seed: B251 -- Select Delete: all associations
async fn delete_with_all_associations(db: Db) -> Result<()> {
    customers(&db).await?;
    db.execute("DELETE FROM items", ()).await?;
    let mut alice = db.get::<User>(1).await?;
    db.delete(&mut alice).with_associations().await?;
    // What she had is gone, the links to languages too; languages and company stay.
    assert_eq!(counts(&db).await?, [3, 1, 7, 2, 1]);
    assert_eq!(rows(&db, "companies").await?, 1);
    assert_eq!(rows_where(&db, "user_languages", "user_id = 1").await?, 0);
    assert!(alice.deleted_at.is_deleted());
    Ok(())
}

mod cascade {
    use super::*;

    #[derive(Model, Clone, Debug, Default)]
    struct User {
        id: i64,
        name: String,
        #[model(on_delete = cascade)]
        orders: HasMany<Order>,
        notes: HasMany<Note>,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct Order {
        id: i64,
        user_id: i64,
        amount: f64,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct Note {
        id: i64,
        user_id: i64,
    }

    // Seed: B054, B257 -- CASCADE Delete
    async fn the_database_deletes_the_orders(db: Db) -> Result<()> {
        db.auto_migrate(models![User, Order, Note]).await?;
        let orders = [
            Order {
                amount: 1.0,
                ..Default::default()
            },
            Order::default(),
        ];
        let mut user = User {
            orders: orders.into(),
            ..Default::default()
        };
        db.create(&mut user).await?;
        let counting = db.counting();
        counting.delete(&mut user).await?;
        assert_eq!(counting.statements(), 1);
        assert_eq!(
            (rows(&db, "users").await?, rows(&db, "orders").await?),
            (0, 0)
        );
        // Without a cascade, rows that still point here are in the way.
        let mut user = User {
            notes: [Note::default()].into(),
            ..Default::default()
        };
        db.create(&mut user).await?;
        refused(db.delete(&mut user).await, ErrorKind::ForeignKeyViolation);
        assert_eq!(
            (rows(&db, "users").await?, rows(&db, "notes").await?),
            (1, 1)
        );
        Ok(())
    }

    suite![the_database_deletes_the_orders];
}

suite![
    nested_data,
    skip_creating_associations,
    skip_all_associations,
    create_only_what_is_selected,
    full_save_updates_what_exists,
    modify_one_and_add_one,
    save_selected_or_omitted_parts,
    delete_a_user_and_their_orders,
    delete_with_all_associations,
];
