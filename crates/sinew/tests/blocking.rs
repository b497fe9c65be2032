//! Synchronous programs.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]

use sinew::ErrorKind;
use sinew::blocking::Db;
use sinew::prelude::*;

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

fn tables(db: Db) -> sinew::Result<Db> {
    db.execute(
        "CREATE TABLE users (id integer primary key, name text not null)",
        (),
    )
    .run()?;
    db.execute("CREATE TABLE orders (id integer primary key, user_id integer not null, amount real not null)", ()).run()?;
    Ok(db)
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

#[test]
fn everything_without_a_runtime() -> sinew::Result<()> {
    let db = tables(Db::connect("sqlite::memory:")?)?.counting();
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
    let rows: sinew::Result<Vec<User>> = db
        .rows(db.find::<User>().preload(User::orders).stream())
        .collect();
    assert_eq!(rows?, [user]);
    assert!(db.statements() > 5);
    Ok(())
}

#[test]
fn transactions() -> sinew::Result<()> {
    let db = tables(Db::connect("sqlite::memory:")?)?;
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
        db.transaction(|tx| -> sinew::Result<()> {
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

#[test]
fn threads_wait_for_one_another() -> sinew::Result<()> {
    let db = tables(Db::connect("sqlite::memory:")?)?;
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| -> sinew::Result<()> {
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

#[tokio::test]
async fn inside_a_runtime_it_works_or_says_why_not() -> sinew::Result<()> {
    let db = tables(Db::connect("sqlite::memory:")?)?;
    db.create(&mut ada()).run()?;
    assert_eq!(db.find::<User>().count().run()?, 1);
    let error = db
        .transaction(|_| db.find::<User>().count().run())
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert_eq!(db.find::<User>().count().await?, 1);
    Ok(())
}
