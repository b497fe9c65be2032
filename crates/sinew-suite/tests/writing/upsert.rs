//! Conflicts, upserts, and rows found or created.

use sinew_suite::prelude::*;

use crate::fixture::*;

async fn update_of_named_columns(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut ada = User {
        age: 36,
        ..user("Ada")
    };
    db.create(&mut ada).await?;
    let mut again = User {
        age: 40,
        orders: [order(7.0)].into(),
        ..user("Ada")
    };
    db.create(&mut again)
        .on_conflict(User::name)
        .update((User::age,))
        .await?;
    assert_eq!(again.id, ada.id);
    assert_eq!(again.created_at, ada.created_at);
    assert_eq!(again.orders.loaded()?[0].user_id, Some(ada.id));
    assert_eq!(number(&db, "SELECT age FROM users").await, 40);
    assert_eq!(number(&db, "SELECT user_id FROM orders").await, ada.id);
    assert_eq!(count(&db, "users").await, 1);
    Ok(())
}

async fn a_batch_reads_every_key_back(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut old = vec![user("b"), user("d")];
    db.create(&mut old).await?;
    let mut batch: Vec<User> = ["a", "b", "c", "d", "e"]
        .iter()
        .map(|name| User {
            age: 9,
            languages: [language(&format!("l{name}"))].into(),
            ..user(name)
        })
        .collect();
    let counting = db.counting();
    counting
        .create(&mut batch)
        .on_conflict(User::name)
        .update_all()
        .await?;
    // One for each table, and one that reads back where no upsert returns what it stored.
    assert!(counting.statements() <= 4, "{}", counting.statements());
    let rows: Vec<(i64, String)> = db
        .query("SELECT id, name FROM users ORDER BY name", ())
        .await?;
    let held: Vec<(i64, String)> = batch.iter().map(|u| (u.id, u.name.clone())).collect();
    assert_eq!(rows, held);
    assert_eq!(batch[1].id, old[0].id);
    let links: Vec<(String, String)> = db
        .query(
            "SELECT u.name, l.name FROM user_languages x JOIN users u ON u.id = x.user_id \
         JOIN languages l ON l.id = x.language_id ORDER BY 1",
            (),
        )
        .await?;
    assert!(
        links.iter().all(|(u, l)| format!("l{u}") == *l),
        "{links:?}"
    );
    assert_eq!(links.len(), 5);
    Ok(())
}

async fn a_row_that_conflicts_with_another_key_takes_that_key(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut ada = full("Ada");
    db.create(&mut ada).await?;
    let mut other = Company {
        name: "Other".into(),
        ..Default::default()
    };
    db.create(&mut other).await?;
    let mut again = User {
        id: 500,
        age: 1,
        company: other.into(),
        ..user("Ada")
    };
    db.create(&mut again)
        .on_conflict(User::name)
        .update((User::age,))
        .await?;
    assert_eq!(again.id, ada.id);
    // The key of the company was not to be updated, so the row still belongs to the old one.
    assert_eq!(again.company_id, ada.company_id);
    assert!(!again.company.is_loaded());
    Ok(())
}

async fn do_nothing_is_ok(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut ada = user("Ada");
    db.create(&mut ada).await?;
    let mut again = User {
        age: 40,
        orders: [order(7.0)].into(),
        ..user("Ada")
    };
    db.create(&mut again)
        .on_conflict(User::name)
        .do_nothing()
        .await?;
    assert_eq!(number(&db, "SELECT age FROM users").await, 0);
    assert_eq!(count(&db, "orders").await, 0);
    assert_eq!((again.id, again.created_at.is_unset()), (0, true));
    let mut batch = vec![user("Ada"), user("Bob")];
    db.create(&mut batch)
        .on_conflict(User::name)
        .do_nothing()
        .await?;
    assert_eq!(count(&db, "users").await, 2);
    let bob = number(&db, "SELECT id FROM users WHERE name = 'Bob'").await;
    assert_eq!(batch[1].id, bob);
    Ok(())
}

#[derive(Model, Clone, Debug, Default)]
struct Seat {
    #[model(primary_key, size = 10)]
    hall: String,
    #[model(primary_key)]
    number: i64,
    #[model(unique_index = "idx_ticket")]
    ticket: i64,
    #[model(unique_index = "idx_ticket")]
    season: i64,
    guest: String,
}

fn seat(hall: &str, number: i64, guest: &str) -> Seat {
    Seat {
        hall: hall.into(),
        number,
        ticket: number,
        season: 1,
        guest: guest.into(),
    }
}

async fn composite_targets_and_wrong_ones(db: Db) -> Result<()> {
    db.auto_migrate(models![Seat]).await?;
    db.create(&mut seat("A", 1, "Ada")).await?;
    db.create(&mut seat("A", 1, "Bob"))
        .on_conflict((Seat::hall, Seat::number))
        .update(Seat::guest)
        .await?;
    let mut other = seat("B", 1, "Cid");
    db.create(&mut other)
        .on_conflict((Seat::ticket, Seat::season))
        .update((Seat::guest,))
        .await?;
    assert_eq!(other.hall, "A");
    let rows: Vec<(String, String)> = db.query("SELECT hall, guest FROM seats", ()).await?;
    assert_eq!(rows, [("A".into(), "Cid".into())]);
    let wrong = db
        .create(&mut seat("C", 3, "x"))
        .on_conflict(Seat::guest)
        .update_all()
        .await;
    let error = wrong.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error:?}");
    assert!(
        error.to_string().contains("Seat.guest cannot conflict"),
        "{error}"
    );
    let mut upsert = seat("A", 1, "Dan");
    db.upsert(&mut upsert).await?;
    assert_eq!(
        number(&db, "SELECT count(*) FROM seats WHERE guest = 'Dan'").await,
        1
    );
    Ok(())
}

async fn upsert_in_all_four_cases(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut ada = user("Ada");
    db.upsert(&mut ada).await?;
    assert_eq!(ada.id, 1);
    let mut far = User {
        id: 70,
        ..user("Far")
    };
    db.upsert(&mut far).await?;
    assert_eq!(count(&db, "users WHERE id = 70").await, 1);
    let created = ada.created_at;
    let mut again = User {
        id: 1,
        age: 5,
        ..user("Grace")
    };
    db.upsert(&mut again).await?;
    assert_eq!((again.id, again.created_at), (1, created));
    let rows: Vec<(String, i32)> = db
        .query("SELECT name, age FROM users WHERE id = 1", ())
        .await?;
    assert_eq!(rows, [("Grace".into(), 5)]);
    db.delete(&mut again).await?;
    let mut back = User {
        id: 1,
        ..user("Back")
    };
    db.upsert(&mut back).await?;
    assert_eq!(db.get::<User>(1).await?.name, "Back");
    Ok(())
}

async fn first_or_create_takes_equalities(db: Db) -> Result<()> {
    tables(&db).await?;
    let find = || {
        db.find::<User>()
            .filter(User::name.eq("Ada").and(User::age.eq(3)))
            .filter(User::id.gt(0))
    };
    let ada = find().first_or_create(|_| {}).await?;
    assert_eq!((ada.id, ada.name.as_str(), ada.age), (1, "Ada", 3));
    let counting = db.counting();
    let again = counting
        .find::<User>()
        .filter(User::name.eq("Ada"))
        .first_or_create(|u| u.age = 9)
        .await?;
    assert_eq!((again.id, again.age, counting.statements()), (1, 3, 1));
    let either = db
        .find::<User>()
        .filter(User::name.eq("x").or(User::name.eq("y")));
    let either = either.first_or_create(|u| u.name = "z".into()).await?;
    assert_eq!(either.name, "z");
    let new = db
        .find::<User>()
        .filter(User::name.eq("New"))
        .first_or_new(|u| u.age = 1)
        .await?;
    assert_eq!((new.id, new.name.as_str(), new.age), (0, "New", 1));
    assert_eq!(count(&db, "users").await, 2);
    // What the query preloads is there on a new row, too.
    let loaded = db
        .find::<User>()
        .filter(User::name.eq("Pre"))
        .preload(User::orders)
        .first_or_create(|_| {})
        .await?;
    assert!(loaded.orders.loaded()?.is_empty());
    Ok(())
}

async fn a_collision_reads_the_other_row_or_says_so(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut ada = User {
        age: 1,
        ..user("Ada")
    };
    db.create(&mut ada).await?;
    // The condition misses the row, the insert collides, and there is still none: an error.
    let missed = db
        .find::<User>()
        .filter(User::age.eq(50))
        .first_or_create(|u| u.name = "Ada".into());
    assert_eq!(missed.await.unwrap_err().kind(), ErrorKind::UniqueViolation);
    // As a concurrent writer would: the row appears between the read and the insert.
    let mut tasks = Vec::new();
    for _ in 0..8 {
        let db = db.clone();
        tasks.push(tokio::spawn(async move {
            db.find::<User>()
                .filter(User::name.eq("Race"))
                .first_or_create(|_| {})
                .await
        }));
    }
    let mut made = Vec::new();
    for task in tasks {
        made.push(task.await.unwrap()?.id);
    }
    assert!(made.iter().all(|id| *id == made[0]), "{made:?}");
    assert_eq!(count(&db, "users").await, 2);
    db.transaction(async |tx| {
        let made = tx
            .find::<User>()
            .filter(User::age.eq(51))
            .first_or_create(|u| u.name = "Ada".into())
            .await;
        assert!(made.is_err());
        tx.create(&mut user("Bob")).await
    })
    .await?;
    assert_eq!(count(&db, "users").await, 3);
    Ok(())
}

async fn update_or_create_writes_what_changed(db: Db) -> Result<()> {
    tables(&db).await?;
    let named = || db.find::<User>().filter(User::name.eq("Ada"));
    let ada = named().update_or_create(|u| u.age = 36).await?;
    assert_eq!((ada.id, ada.age), (1, 36));
    db.execute("UPDATE users SET company_id = NULL, age = 36", ())
        .await?;
    let ada = named().update_or_create(|u| u.age = 37).await?;
    assert_eq!((ada.id, ada.age), (1, 37));
    let counting = db.counting();
    let same = counting
        .find::<User>()
        .filter(User::name.eq("Ada"))
        .update_or_create(|u| u.age = 37)
        .await?;
    assert_eq!((same.id, counting.statements()), (1, 1));
    assert_eq!(number(&db, "SELECT age FROM users").await, 37);
    Ok(())
}

async fn what_an_upsert_omits_stays(db: Db) -> Result<()> {
    tables(&db).await?;
    db.create(&mut User {
        age: 36,
        ..user("Ada")
    })
    .await?;
    let mut again = User {
        age: 40,
        ..user("Ada")
    };
    db.create(&mut again)
        .on_conflict(User::name)
        .update_all()
        .omit(User::age)
        .await?;
    assert_eq!(number(&db, "SELECT age FROM users").await, 36);
    assert_eq!((again.id, again.age), (1, 36));
    Ok(())
}

suite![
    update_of_named_columns,
    a_batch_reads_every_key_back,
    a_row_that_conflicts_with_another_key_takes_that_key,
    do_nothing_is_ok,
    composite_targets_and_wrong_ones,
    upsert_in_all_four_cases,
    first_or_create_takes_equalities,
    a_collision_reads_the_other_row_or_says_so,
    update_or_create_writes_what_changed,
    what_an_upsert_omits_stays,
];
