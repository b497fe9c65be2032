//! Sessions, transactions and errors (B273 to B281).

use std::future::IntoFuture as _;
use std::task::Poll;

use sinew_suite::prelude::*;

use crate::fixture::*;

fn no<T>() -> Result<T> {
    Err(Error::new(ErrorKind::InvalidInput, "no"))
}

// Behaviour: B273, B274
async fn all_or_nothing(db: Db) -> Result<()> {
    tables(&db).await?;
    let result = db
        .transaction(async |tx| {
            tx.create(&mut everything("Ada")).await?;
            assert_eq!(rows(tx, "users").await?, 5);
            no::<()>()
        })
        .await;
    refused(result, ErrorKind::InvalidInput);
    assert_eq!(
        (rows(&db, "users").await?, rows(&db, "pets").await?),
        (0, 0)
    );
    let id = db
        .transaction(async |tx| {
            let mut ada = user("Ada");
            tx.create(&mut ada).await?;
            Ok(ada.id)
        })
        .await?;
    assert_eq!(db.get::<User>(id).await?.name, "Ada");
    Ok(())
}

// Behaviour: B274
async fn a_transaction_within_a_transaction(db: Db) -> Result<()> {
    tables(&db).await?;
    db.transaction(async |tx| {
        tx.create(&mut user("kept")).await?;
        let inner = tx
            .transaction(async |inner| {
                inner.create(&mut user("undone")).await?;
                let third = inner
                    .transaction(async |third| {
                        third.create(&mut user("undone too")).await?;
                        Ok(())
                    })
                    .await;
                assert!(third.is_ok());
                no::<()>()
            })
            .await;
        assert!(inner.is_err());
        tx.create(&mut user("kept as well")).await
    })
    .await?;
    assert_eq!(
        values::<String>(&db, "users", "name").await?,
        ["kept", "kept as well"]
    );
    Ok(())
}

// Behaviour: B273, B274
async fn a_failed_operation_leaves_the_transaction_usable(db: Db) -> Result<()> {
    tables(&db).await?;
    db.transaction(async |tx| {
        tx.create(&mut company("Acme")).await?;
        // The user of this one is written before its company is refused.
        let mut bad = User {
            pets: [pet("Rex")].into(),
            company_id: Some(404),
            ..user("bad")
        };
        refused(tx.create(&mut bad).await, ErrorKind::ForeignKeyViolation);
        let mut twice = vec![company("Beta"), company("Acme")];
        refused(tx.create(&mut twice).await, ErrorKind::UniqueViolation);
        assert_eq!(rows(tx, "companies").await?, 1);
        tx.create(&mut user("good")).await
    })
    .await?;
    assert_eq!(values::<String>(&db, "users", "name").await?, ["good"]);
    assert_eq!(
        (rows(&db, "companies").await?, rows(&db, "pets").await?),
        (1, 0)
    );
    Ok(())
}

/// Polls a future so many times and drops it then; `None` where it was not done.
async fn polled<T>(times: usize, future: impl Future<Output = T>) -> Option<T> {
    let mut future = std::pin::pin!(future);
    let mut left = times;
    std::future::poll_fn(|context| {
        left -= 1;
        match future.as_mut().poll(context) {
            Poll::Ready(value) => Poll::Ready(Some(value)),
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

// Wherever it is dropped, an operation inside a transaction is done or undone as a whole, and the
// transaction goes on.
async fn a_dropped_operation_leaves_its_transaction_usable(db: Db) -> Result<()> {
    tables(&db).await?;
    for times in 1..=40 {
        let name = format!("after {times}");
        let done = db
            .transaction(async |tx| {
                let mut whole = everything("whole");
                let done = polled(times, tx.create(&mut whole).into_future()).await;
                tx.create(&mut user(&name)).await?;
                Ok(done)
            })
            .await?;
        let condition = format!("name = '{name}'");
        assert_eq!(rows_where(&db, "users", &condition).await?, 1, "{times}");
        let whole = rows_where(&db, "users", "name = 'whole'").await?;
        let companies = rows(&db, "companies").await?;
        let accounts = rows(&db, "accounts").await?;
        match done {
            Some(done) => {
                done?;
                assert_eq!((whole, companies, accounts), (1, 1, 1), "{times}");
                return Ok(());
            }
            None => assert_eq!((whole, companies, accounts), (0, 0, 0), "{times}"),
        }
    }
    Ok(())
}

// Behaviour: B275
async fn a_dropped_transaction_leaves_nothing(db: Db) -> Result<()> {
    tables(&db).await?;
    {
        let work = db.transaction(async |tx| {
            tx.create(&mut user("dropped")).await?;
            std::future::pending::<()>().await;
            Ok(())
        });
        let mut work = std::pin::pin!(work);
        std::future::poll_fn(|context| {
            for _ in 0..100 {
                let _ = work.as_mut().poll(context);
            }
            Poll::Ready(())
        })
        .await;
    }
    assert_eq!(rows(&db, "users").await?, 0);
    db.create(&mut user("next")).await?;
    assert_eq!(rows(&db, "users").await?, 1);
    Ok(())
}

// Behaviour: B276
async fn a_handle_keeps_nothing_from_call_to_call(db: Db) -> Result<()> {
    tables(&db).await?;
    db.create(&mut vec![user("Ada"), user("Grace")]).await?;
    assert_eq!(
        db.find::<User>()
            .filter(User::name.eq("Ada"))
            .count()
            .await?,
        1
    );
    assert_eq!(db.find::<User>().count().await?, 2);
    let unscoped = db.unscoped();
    db.find::<User>()
        .filter(User::name.eq("Ada"))
        .delete()
        .await?;
    assert_eq!(
        (
            db.find::<User>().count().await?,
            unscoped.find::<User>().count().await?
        ),
        (1, 2)
    );
    Ok(())
}

// Behaviour: B277
async fn settings_stay_with_their_handle(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut ada = User {
        pets: [pet("Rex")].into(),
        ..user("Ada")
    };
    db.create(&mut ada).await?;
    let full = db.session().full_save_associations();
    ada.pets.loaded_mut()?[0].name = "Max".into();
    db.save(&mut ada).await?;
    assert_eq!(values::<String>(&db, "pets", "name").await?, ["Rex"]);
    full.transaction(async |tx| tx.save(&mut ada).await).await?;
    assert_eq!(values::<String>(&db, "pets", "name").await?, ["Max"]);
    Ok(())
}

mod checked {
    use super::*;

    #[derive(Model, Clone, Debug, Default)]
    struct Person {
        id: i64,
        #[model(size = 20, unique)]
        name: String,
        #[model(check = "age > 13")]
        age: i64,
    }

    // Behaviour: B280, B281
    async fn errors_have_the_same_kinds_everywhere(db: Db) -> Result<()> {
        db.auto_migrate(models![Person]).await?;
        let one = |name: &str, age| Person {
            name: name.into(),
            age,
            ..Default::default()
        };
        db.create(&mut one("Ada", 36)).await?;
        let error = refused(
            db.create(&mut one("Ada", 36)).await,
            ErrorKind::UniqueViolation,
        );
        assert_eq!(error.model(), Some("Person"));
        assert!(error.is_unique_violation());
        refused(
            db.create(&mut one("Kid", 3)).await,
            ErrorKind::CheckViolation,
        );
        let null = db
            .execute("INSERT INTO people (name, age) VALUES (NULL, 20)", ())
            .await;
        refused(null, ErrorKind::NotNullViolation);
        refused(db.get::<Person>(404).await.map(drop), ErrorKind::NotFound);
        let wrong = db.execute("THIS IS NOT SQL", ()).await;
        refused(wrong, ErrorKind::Statement);
        let wrong: Result<Vec<(i64,)>> = db.query("SELECT nothing FROM nowhere", ()).await;
        refused(wrong, ErrorKind::Statement);
        assert_eq!(rows(&db, "people").await?, 1);
        Ok(())
    }

    suite![errors_have_the_same_kinds_everywhere];
}

suite![
    all_or_nothing,
    a_transaction_within_a_transaction,
    a_failed_operation_leaves_the_transaction_usable,
    a_dropped_operation_leaves_its_transaction_usable,
    a_dropped_transaction_leaves_nothing,
    a_handle_keeps_nothing_from_call_to_call,
    settings_stay_with_their_handle,
];
