//! Creating graphs: what is inserted, linked and stamped, and what an error leaves.

use sinew_suite::prelude::*;

use crate::fixture::*;

async fn everything_in_one_call(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut ada = full("Ada");
    ada.manager = user("Boss").into();
    db.create(&mut ada).await?;
    for (table, rows) in [
        ("users", 3),
        ("companies", 1),
        ("profiles", 1),
        ("orders", 2),
        ("items", 3),
        ("languages", 2),
        ("user_languages", 2),
        ("images", 1),
    ] {
        assert_eq!(count(&db, table).await, rows, "{table}");
    }
    assert_eq!(ada.manager_id, ada.manager.loaded()?.map(|m| m.id));
    assert_eq!(ada.reports.loaded()?[0].manager_id, Some(ada.id));
    assert_eq!(ada.profile.loaded()?.unwrap().user_id, ada.id);
    let image = &ada.images.loaded()?[0];
    assert_eq!(
        (image.owner_id, image.owner_type.as_str()),
        (Some(ada.id), "users")
    );
    let items: Vec<(i64, i64)> = db
        .query("SELECT id, order_id FROM items ORDER BY id", ())
        .await?;
    let held: Vec<(i64, i64)> = ada
        .orders
        .loaded()?
        .iter()
        .flat_map(|o| o.items.loaded().unwrap())
        .map(|i| (i.id, i.order_id))
        .collect();
    assert_eq!(items, held);
    assert!(!ada.created_at.is_unset());
    Ok(())
}

async fn statements_do_not_grow_with_rows(db: Db) -> Result<()> {
    tables(&db).await?;
    let orders = (0..10).map(|o| Order {
        items: (0..3).map(|i| item(&format!("{o}-{i}"))).collect(),
        ..order(1.0)
    });
    let mut ada = User {
        orders: orders.collect(),
        ..user("Ada")
    };
    ada.languages = (0..30).map(|i| language(&i.to_string())).collect();
    let counting = db.counting();
    counting.create(&mut ada).await?;
    assert!(counting.statements() <= 5, "{}", counting.statements());
    let mut many: Vec<User> = (0..10_000)
        .map(|i| User {
            orders: [order(f64::from(i))].into(),
            ..user(&i.to_string())
        })
        .collect();
    let counting = db.counting();
    counting.create(&mut many).await?;
    assert_eq!(counting.statements(), 2);
    let stored: Vec<(String, f64)> = db
        .query(
            "SELECT u.name, o.amount FROM users u JOIN orders o ON o.user_id = u.id WHERE u.name <> 'Ada'",
            (),
        )
        .await?;
    assert_eq!(stored.len(), 10_000);
    assert!(
        stored
            .iter()
            .all(|(name, amount)| *name == amount.to_string())
    );
    assert_eq!(count(&db, "orders").await, 10_010);
    assert_eq!(db.get::<User>(many[9_999].id).await?.name, "9999");
    Ok(())
}

async fn two_different_keys_are_a_mismatch(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut acme = Company {
        name: "Acme".into(),
        ..Default::default()
    };
    db.create(&mut acme).await?;
    let mut ada = User {
        company_id: Some(99),
        company: acme.clone().into(),
        profile: Profile::default().into(),
        ..user("Ada")
    };
    let error = db.create(&mut ada).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Mismatch);
    assert!(error.to_string().contains("99"), "{error}");
    assert_eq!(count(&db, "users").await, 0);
    ada.company_id = None;
    db.create(&mut ada).await?;
    assert_eq!(ada.company_id, Some(acme.id));
    ada.company_id = Some(77);
    assert_eq!(
        db.save(&mut ada).await.unwrap_err().kind(),
        ErrorKind::Mismatch
    );
    Ok(())
}

async fn existing_children_are_re_pointed_and_nothing_else(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut ada = full("Ada");
    db.create(&mut ada).await?;
    let mut taken = ada.orders.loaded()?[0].clone();
    taken.amount = 999.0;
    let mut bob = User {
        orders: [taken, order(3.0)].into(),
        ..user("Bob")
    };
    db.create(&mut bob).await?;
    let rows: Vec<(i64, f64)> = db
        .query("SELECT user_id, amount FROM orders ORDER BY id", ())
        .await?;
    assert_eq!(rows, [(bob.id, 100.0), (ada.id, 5.0), (bob.id, 3.0)]);
    Ok(())
}

async fn keyed_targets_missing_or_there(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut english = language("English");
    db.create(&mut english).await?;
    english.name = "changed".into();
    let missing = Language {
        id: 50,
        name: "Klingon".into(),
    };
    let mut users = vec![user("a"), user("b")];
    for user in &mut users {
        user.languages = [english.clone(), missing.clone()].into();
        user.company = Company {
            id: 7,
            name: "Seven".into(),
        }
        .into();
    }
    db.create(&mut users).await?;
    let rows: Vec<(i64, String)> = db
        .query("SELECT id, name FROM languages ORDER BY id", ())
        .await?;
    assert_eq!(rows, [(1, "English".into()), (50, "Klingon".into())]);
    assert_eq!(count(&db, "user_languages").await, 4);
    assert_eq!(count(&db, "companies").await, 1);
    assert_eq!(users[1].company_id, Some(7));
    Ok(())
}

/// More than are looked for one by one, and as many as just are: some there, some not, each twice.
async fn many_keyed_targets_missing_or_there(db: Db) -> Result<()> {
    tables(&db).await?;
    for (first, many) in [(1000, 64), (2000, 65)] {
        let keyed = |id: i64| Language {
            id,
            name: format!("language {id}"),
        };
        let mut there: Vec<Language> = (first..first + many).step_by(2).map(keyed).collect();
        db.create(&mut there).await?;
        let mut users = vec![user(&format!("a{first}")), user(&format!("b{first}"))];
        for user in &mut users {
            user.languages = (first..first + many).map(keyed).collect();
        }
        db.create(&mut users).await?;
        let held: Vec<(i64, i64)> = db
            .query(
                "SELECT COUNT(*), COUNT(DISTINCT name) FROM languages WHERE id >= ?",
                (first,),
            )
            .await?;
        assert_eq!(held, [(many, many)]);
        for user in &mut users {
            let linked = db.association(user, User::languages).count().await?;
            assert_eq!(i64::try_from(linked).unwrap(), many);
        }
    }
    Ok(())
}

async fn targets_that_collide_become_the_existing_row(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut english = language("English");
    db.create(&mut english).await?;
    let mut users: Vec<User> = (0..5)
        .map(|i| User {
            languages: [language("New"), language("English")].into(),
            ..user(&format!("u{i}"))
        })
        .collect();
    db.create(&mut users).await?;
    assert_eq!(count(&db, "languages").await, 2);
    assert_eq!(count(&db, "user_languages").await, 10);
    assert!(
        users
            .iter()
            .all(|u| u.languages.loaded().unwrap()[1].id == english.id)
    );
    let mut boss = User {
        age: 60,
        ..user("Boss")
    };
    db.create(&mut boss).await?;
    let mut jr = User {
        manager: user("Boss").into(),
        ..user("jr")
    };
    db.create(&mut jr).await?;
    assert_eq!(
        (jr.manager_id, jr.manager.loaded()?.unwrap().age),
        (Some(boss.id), 60)
    );
    db.delete(&mut boss).await?;
    let mut sr = User {
        manager: user("Boss").into(),
        ..user("sr")
    };
    let error = db.create(&mut sr).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.path()),
        (ErrorKind::UniqueViolation, Some("manager"))
    );
    assert_eq!(
        (sr.id, sr.manager_id, sr.manager.loaded()?.unwrap().age),
        (0, None, 0)
    );
    Ok(())
}

async fn errors_name_their_place_and_leave_nothing(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut ada = full("Ada");
    ada.orders.loaded_mut()?[1].items = [item("same"), item("same")].into();
    let error = db.create(&mut ada).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.path()),
        (ErrorKind::UniqueViolation, Some("orders[1].items[1]"))
    );
    for table in ["users", "orders", "items", "companies", "languages"] {
        assert_eq!(count(&db, table).await, 0, "{table}");
    }
    assert_eq!((ada.id, ada.company_id), (0, None));
    assert!(ada.created_at.is_unset());
    let order = &ada.orders.loaded()?[0];
    assert_eq!(
        (order.id, order.user_id, order.items.loaded()?[0].order_id),
        (0, None, 0)
    );
    assert_eq!(ada.images.loaded()?[0].owner_type, "");
    let mut long = User {
        reports: [user("ok"), user("this is too long")].into(),
        ..user("Bob")
    };
    let error = db.create(&mut long).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.path()),
        (ErrorKind::ValueTooLong, Some("reports[1]"))
    );
    assert_eq!(
        (long.reports.loaded()?[0].id, count(&db, "users").await),
        (0, 0)
    );
    // It can be mended and tried again.
    ada.orders.loaded_mut()?[1].items.loaded_mut()?.pop();
    db.create(&mut ada).await?;
    Ok(())
}

async fn a_required_key_that_is_not_set_is_an_error(db: Db) -> Result<()> {
    tables(&db).await?;
    let error = db.create(&mut Profile::default()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ForeignKeyViolation);
    Ok(())
}

async fn select_and_omit_in_every_form(db: Db) -> Result<()> {
    tables(&db).await?;
    db.create(&mut full("a")).omit(User::orders).await?;
    assert_eq!(
        (count(&db, "orders").await, count(&db, "profiles").await),
        (0, 1)
    );
    let mut b = full("b");
    db.create(&mut b).omit_associations().await?;
    assert_eq!(
        (
            count(&db, "companies").await,
            count(&db, "user_languages").await
        ),
        (1, 2)
    );
    let mut c = full("c");
    db.create(&mut c)
        .select((User::name, User::profile, User::company))
        .await?;
    let rows: Vec<(i32, Option<i64>)> = db
        .query("SELECT age, company_id FROM users WHERE name = 'c'", ())
        .await?;
    // A selected association carries its keys along; a column left out is zero.
    assert_eq!(rows, [(0, c.company_id)]);
    assert!(c.company_id.is_some());
    assert_eq!(
        (
            count(&db, "profiles").await,
            count(&db, "user_languages").await
        ),
        (2, 2)
    );
    let mut d = full("d");
    db.create(&mut d)
        .omit((User::profile.field(Profile::bio), User::age, User::reports))
        .await?;
    assert_eq!(
        number(&db, "SELECT age FROM users WHERE name = 'd'").await,
        0
    );
    assert_eq!(count(&db, "profiles WHERE bio = ''").await, 1);
    Ok(())
}

async fn fields_of_associations_and_links_alone(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut english = language("English");
    db.create(&mut english).await?;
    let mut a = User {
        languages: [Language {
            name: "other".into(),
            ..english.clone()
        }]
        .into(),
        ..user("a")
    };
    db.create(&mut a).omit(User::languages.targets()).await?;
    assert_eq!(
        (
            count(&db, "languages").await,
            count(&db, "user_languages").await
        ),
        (1, 1)
    );
    let mut b = User {
        languages: [language("New")].into(),
        ..user("b")
    };
    let error = db
        .create(&mut b)
        .omit(User::languages.targets())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::MissingKey);
    let mut c = User {
        profile: Profile {
            bio: "x".into(),
            theme: "dark".into(),
            ..Default::default()
        }
        .into(),
        ..user("c")
    };
    db.create(&mut c)
        .omit(User::profile.field(Profile::theme))
        .await?;
    let rows: Vec<(String, String)> = db.query("SELECT bio, theme FROM profiles", ()).await?;
    assert_eq!(rows, [("x".into(), "plain".into())]);
    assert_eq!(c.profile.loaded()?.unwrap().theme, "plain");
    let mut d = User {
        profile: Profile {
            bio: "y".into(),
            theme: "dark".into(),
            ..Default::default()
        }
        .into(),
        ..user("d")
    };
    db.create(&mut d)
        .select((User::name, User::age, User::profile.field(Profile::bio)))
        .await?;
    let rows: Vec<(i64, String)> = db
        .query("SELECT user_id, theme FROM profiles WHERE bio = 'y'", ())
        .await?;
    assert_eq!(rows, [(d.id, "plain".into())]);
    Ok(())
}

async fn save_inserts_links_and_removes_nothing(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut ada = full("Ada");
    db.save(&mut ada).await?;
    ada.age = 40;
    ada.orders.loaded_mut()?[0].amount = 1.0;
    ada.orders.loaded_mut()?.remove(1);
    ada.orders.loaded_mut()?.push(order(300.0));
    ada.languages.loaded_mut()?.remove(0);
    db.save(&mut ada).await?;
    let amounts: Vec<(f64,)> = db
        .query("SELECT amount FROM orders ORDER BY id", ())
        .await?;
    assert_eq!(amounts, [(100.0,), (5.0,), (300.0,)]);
    assert_eq!(
        (
            count(&db, "user_languages").await,
            number(&db, "SELECT max(age) FROM users").await
        ),
        (2, 40)
    );
    db.save(&mut ada).full().await?;
    let amounts: Vec<(f64,)> = db
        .query("SELECT amount FROM orders ORDER BY id", ())
        .await?;
    assert_eq!(amounts, [(1.0,), (5.0,), (300.0,)]);
    ada.company.loaded_mut()?.unwrap().name = "Renamed".into();
    db.session().full_save_associations().save(&mut ada).await?;
    assert_eq!(count(&db, "companies WHERE name = 'Renamed'").await, 1);
    let mut copy = ada.clone();
    db.delete(&mut ada).await?;
    let error = db.save(&mut copy).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    Ok(())
}

suite![
    everything_in_one_call,
    statements_do_not_grow_with_rows,
    two_different_keys_are_a_mismatch,
    existing_children_are_re_pointed_and_nothing_else,
    keyed_targets_missing_or_there,
    many_keyed_targets_missing_or_there,
    targets_that_collide_become_the_existing_row,
    errors_name_their_place_and_leave_nothing,
    a_required_key_that_is_not_set_is_an_error,
    select_and_omit_in_every_form,
    fields_of_associations_and_links_alone,
    save_inserts_links_and_removes_nothing,
];
