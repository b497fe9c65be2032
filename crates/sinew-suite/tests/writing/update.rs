//! `db.update(&mut row)` and updates by condition.

use sinew_suite::prelude::*;

use crate::fixture::*;

async fn one_row_changes_what_is_named_and_updated_at(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut ada = full("Ada");
    db.create(&mut ada).await?;
    let before = ada.updated_at;
    db.execute("UPDATE users SET age = 50 WHERE id = ?", (ada.id,))
        .await?;
    tokio::time::sleep(std::time::Duration::from_millis(3)).await;
    let counting = db.counting();
    counting
        .update(&mut ada)
        .set(User::name.to("Grace"))
        .await?;
    assert_eq!(counting.statements(), 1);
    assert_eq!(ada.name, "Grace");
    assert!(ada.updated_at > before);
    let rows: Vec<(String, i32, Timestamp)> = db
        .query(
            "SELECT name, age, updated_at FROM users WHERE id = ?",
            (ada.id,),
        )
        .await?;
    assert_eq!(rows, [("Grace".to_owned(), 50, ada.updated_at)]);
    assert!(ada.orders.is_loaded() && ada.company.is_loaded());
    Ok(())
}

async fn expressions_are_read_back(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut users = vec![user("a"), user("b"), user("c")];
    users[1].age = 10;
    db.create(&mut users).await?;
    let counting = db.counting();
    counting
        .update(&mut users)
        .set((User::age.to(User::age + 1), User::company_id.to(None)))
        .await?;
    // Two, where no update returns what it stored.
    assert!(counting.statements() <= 2, "{}", counting.statements());
    assert_eq!(users.iter().map(|u| u.age).collect::<Vec<_>>(), [1, 11, 1]);
    assert_eq!(values::<i32>(&db, "users", "age").await?, [1, 11, 1]);
    Ok(())
}

async fn a_changed_key_drops_the_stale_target(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut ada = full("Ada");
    db.create(&mut ada).await?;
    let mut other = Company {
        name: "Other".into(),
        ..Default::default()
    };
    db.create(&mut other).await?;
    // To the same key: the target still fits.
    let same = ada.company_id;
    db.update(&mut ada).set(User::company_id.to(same)).await?;
    assert!(ada.company.is_loaded());
    db.update(&mut ada)
        .set(User::company_id.to(Some(other.id)))
        .await?;
    assert_eq!(ada.company_id, Some(other.id));
    assert_eq!(
        ada.company.loaded().unwrap_err().kind(),
        ErrorKind::NotLoaded
    );
    assert!(ada.orders.is_loaded());
    db.load(&mut ada, User::company).await?;
    db.update(&mut ada).set(User::company_id.to(None)).await?;
    assert!(!ada.company.is_loaded());
    assert_eq!(
        number(&db, "SELECT count(*) FROM users WHERE company_id IS NULL").await,
        2
    );
    db.save(&mut ada).await?;
    assert_eq!(ada.company_id, None);
    Ok(())
}

async fn what_cannot_be_updated_is_refused_and_memory_stays(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut ada = user("Ada");
    let error = db.update(&mut ada).set(User::age.to(1)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::MissingKey);
    db.create(&mut ada).await?;
    let error = db.update(&mut ada).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains(".set("), "{error}");
    let stamp = ada.updated_at;
    let error = db
        .update(&mut ada)
        .set(User::name.to("much too long"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ValueTooLong);
    assert_eq!((ada.name.as_str(), ada.updated_at), ("Ada", stamp));
    let mut bob = user("Bob");
    db.create(&mut bob).await?;
    let error = db
        .update(&mut bob)
        .set(User::name.to("Ada"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UniqueViolation);
    assert_eq!(bob.name, "Bob");
    let mut copy = ada.clone();
    db.delete(&mut ada).await?;
    let error = db.update(&mut copy).set(User::age.to(5)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(copy.age, 0);
    db.unscoped().update(&mut copy).set(User::age.to(5)).await?;
    assert_eq!(
        number(&db, "SELECT age FROM users WHERE name = 'Ada'").await,
        5
    );
    db.unscoped().delete(&mut ada).await?;
    let error = db
        .unscoped()
        .update(&mut copy)
        .set(User::age.to(6))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    Ok(())
}

async fn of_several_rows_all_or_none_change(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut users = vec![user("a"), user("b"), user("c")];
    db.create(&mut users).await?;
    db.execute("DELETE FROM users WHERE name = 'b'", ()).await?;
    let error = db
        .update(&mut users)
        .set(User::age.to(7))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.path()),
        (ErrorKind::NotFound, Some("[1]"))
    );
    assert!(users.iter().all(|u| u.age == 0));
    assert_eq!(values::<i32>(&db, "users", "age").await?, [0, 0]);
    Ok(())
}

async fn by_condition_in_one_statement(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut users = vec![user("a"), user("b"), user("c")];
    db.create(&mut users).await?;
    db.delete(&mut users[2]).await?;
    let counting = db.counting();
    let n = counting
        .find::<User>()
        .filter(User::age.lt(5))
        .update()
        .set(User::age.to(User::age + 20))
        .set(User::company_id.to(None))
        .await?;
    assert_eq!((n, counting.statements()), (2, 1));
    assert_eq!(
        number(&db, "SELECT age FROM users WHERE name = 'c'").await,
        0
    );
    let n = db
        .unscoped()
        .find::<User>()
        .filter(User::age.lt(100))
        .update()
        .set(User::age.to(1))
        .await?;
    assert_eq!(n, 3);
    let moved = number(
        &db,
        "SELECT count(*) FROM users WHERE updated_at > created_at",
    )
    .await;
    assert_eq!(moved, 3);
    Ok(())
}

async fn without_a_condition_it_is_refused(db: Db) -> Result<()> {
    tables(&db).await?;
    db.create(&mut user("a")).await?;
    let nothing = sinew::Condition::<User>::all([]);
    for find in [db.find::<User>(), db.find::<User>().filter(nothing)] {
        let error = find.update().set(User::age.to(1)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::MissingCondition);
        assert!(error.hint().unwrap().contains(".all_rows()"));
    }
    assert_eq!(number(&db, "SELECT age FROM users").await, 0);
    assert_eq!(
        db.find::<User>()
            .update()
            .set(User::age.to(1))
            .all_rows()
            .await?,
        1
    );
    let error = db
        .find::<User>()
        .filter(User::id.eq(1))
        .update()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let error = db
        .find::<User>()
        .filter(User::id.eq(1))
        .update()
        .set(User::name.to("much too long"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ValueTooLong);
    Ok(())
}

async fn limits_and_joins_go_into_a_sub_query(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut users = vec![full("Ada"), user("b"), user("c")];
    db.create(&mut users).await?;
    let n = db
        .find::<User>()
        .order_by(User::id.desc())
        .limit(2)
        .update()
        .set(User::age.to(9))
        .await?;
    assert_eq!(n, 2);
    let names: Vec<(String,)> = db
        .query("SELECT name FROM users WHERE age = 9 ORDER BY id", ())
        .await?;
    assert_eq!(names.len(), 2);
    let n = db
        .find::<User>()
        .inner_join(User::company.filter(Company::name.eq("Acme")))
        .update()
        .set(User::age.to(77))
        .await?;
    assert_eq!(n, 1);
    assert_eq!(
        number(&db, "SELECT age FROM users WHERE name = 'Ada'").await,
        77
    );
    let n = db
        .find::<User>()
        .filter(User::orders.filter(Order::amount.gt(50.0)).any())
        .update()
        .set(User::age.to(78))
        .await?;
    assert_eq!(n, 1);
    Ok(())
}

suite![
    one_row_changes_what_is_named_and_updated_at,
    expressions_are_read_back,
    a_changed_key_drops_the_stale_target,
    what_cannot_be_updated_is_refused_and_memory_stays,
    of_several_rows_all_or_none_change,
    by_condition_in_one_statement,
    without_a_condition_it_is_refused,
    limits_and_joins_go_into_a_sub_query,
];
