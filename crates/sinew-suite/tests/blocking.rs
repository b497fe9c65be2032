//! Synchronous programs.

// A case is no `#[test]` itself, so clippy does not know that it is one.
#![allow(clippy::unwrap_used, clippy::panic, clippy::needless_pass_by_value)]

use sinew::blocking::Db;
use sinew_suite::prelude::*;

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct User {
    id: i64,
    name: String,
    orders: HasMany<Order>,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Order {
    id: i64,
    user_id: i64,
    amount: f64,
}

fn tables(db: &Db) -> Result<()> {
    db.auto_migrate(models![User, Order]).run()
}

fn ada() -> User {
    User {
        name: "Ada".into(),
        orders: [Order {
            amount: 1.5,
            ..Order::default()
        }]
        .into(),
        ..User::default()
    }
}

fn everything_without_a_runtime(db: Db) -> Result<()> {
    tables(&db)?;
    let db = db.counting();
    let mut user = ada();
    db.create(&mut user).run()?;
    user.name = "Grace".into();
    db.save(&mut user).run()?;
    assert_eq!(db.get::<User>(1).preload(User::orders).run()?, user);
    assert_eq!(db.find::<User>().count().run()?, 1);
    assert_eq!(db.find::<User>().pluck(User::name).run()?, ["Grace"]);
    assert!(db.find::<User>().exists().run()?);
    assert_eq!(
        db.query::<(String,)>("SELECT name FROM users", ()).run()?,
        [("Grace".to_owned(),)]
    );
    let mut plain = db.find::<User>().first().run()?.unwrap();
    db.load(&mut plain, User::orders).run()?;
    assert_eq!(plain, user);
    assert_eq!(
        db.find::<User>().page(5).run()?.rows,
        [db.get::<User>(1).run()?]
    );
    assert_eq!(db.find::<User>().with(User::orders.count()).run()?[0].1, 1);
    assert_eq!(
        db.get::<User>(9).run().unwrap_err().kind(),
        ErrorKind::NotFound
    );
    assert!(db.get::<User>(9).optional().run()?.is_none());
    let rows: Result<Vec<User>> = db
        .rows(db.find::<User>().preload(User::orders).stream())
        .collect();
    assert_eq!(rows?, [user]);
    assert!(db.statements() > 5);
    // A stream that is given up gives its connection back.
    let mut crowd: Vec<User> = (0..1200).map(|_| ada()).collect();
    db.create(&mut crowd).run()?;
    for _ in 0..20 {
        let mut rows = db.rows(db.find::<User>().stream());
        assert!(rows.next().is_some_and(|row| row.is_ok()));
    }
    assert_eq!(db.find::<User>().count().run()?, 1201);
    Ok(())
}

fn transactions(db: Db) -> Result<()> {
    tables(&db)?;
    let failed = db.transaction(|tx| {
        tx.create(&mut ada()).run()?;
        assert_eq!(tx.find::<User>().count().run()?, 1);
        Err::<(), _>(Error::new(ErrorKind::InvalidInput, "no"))
    });
    assert_eq!(failed.unwrap_err().kind(), ErrorKind::InvalidInput);
    assert_eq!(db.find::<User>().count().run()?, 0);
    let kept = db.transaction(|tx| {
        tx.create(&mut ada()).run()?;
        let inner = tx.transaction(|inner| {
            inner.create(&mut ada()).run()?;
            Err::<(), _>(Error::new(ErrorKind::InvalidInput, "no"))
        });
        assert!(inner.is_err());
        tx.find::<User>().count().run()
    })?;
    assert_eq!((kept, db.find::<User>().count().run()?), (1, 1));
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        db.transaction(|tx| -> Result<()> {
            tx.create(&mut ada()).run()?;
            panic!("on purpose")
        })
    }));
    assert!(panicked.is_err());
    assert_eq!(
        db.find::<User>().count().run()?,
        1,
        "rolled back, and the connection is back"
    );
    Ok(())
}

fn threads_wait_for_one_another(db: Db) -> Result<()> {
    tables(&db)?;
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| -> Result<()> {
                    for _ in 0..25 {
                        db.transaction(|tx| {
                            std::thread::sleep(std::time::Duration::from_micros(300));
                            tx.create(&mut ada()).run()
                        })?;
                        db.find::<User>().preload(User::orders).run()?;
                    }
                    Ok(())
                })
            })
            .collect();
        workers
            .into_iter()
            .try_for_each(|worker| worker.join().unwrap())
    })?;
    assert_eq!(db.find::<User>().count().run()?, 100);
    Ok(())
}

suite![blocking: everything_without_a_runtime, transactions, threads_wait_for_one_another];
