//! What only a SQLite database in a file, or a table made by hand in SQLite's own words, shows.

#![allow(missing_docs, clippy::unwrap_used)]

use futures_util::{StreamExt, TryStreamExt};
use sinew::prelude::*;

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct User {
    id: i64,
    #[model(unique)]
    name: String,
    age: Option<i32>,
    orders: HasMany<Order>,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Order {
    id: i64,
    user_id: i64,
}

/// A file has a pool of connections, a database in memory has one.
async fn in_a_file(name: &str) -> sinew::Result<Db> {
    let path = std::env::temp_dir().join(format!("sinew-{name}-{}.db", std::process::id()));
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{end}", path.display()));
    }
    let db = Db::connect(&format!("sqlite://{}", path.display())).await?;
    db.auto_migrate(models![User, Order]).await?;
    Ok(db)
}

#[tokio::test]
async fn a_stream_while_the_loop_writes() -> sinew::Result<()> {
    let db = in_a_file("stream").await?;
    let one = |i| User {
        name: format!("u{i}"),
        orders: [Order::default()].into(),
        ..Default::default()
    };
    db.create(&mut (0..1234).map(one).collect::<Vec<_>>())
        .await?;
    let mut stream = db.find::<User>().preload(User::orders).stream();
    let mut seen = 0;
    while let Some(user) = stream.try_next().await? {
        seen += 1;
        assert_eq!(user.orders.loaded()?[0].user_id, user.id);
        if seen % 400 == 0 {
            db.execute("UPDATE users SET age = 1 WHERE id = ?", (user.id,))
                .await?;
            assert_eq!(db.find::<User>().count().await?, 1234);
        }
    }
    assert_eq!(seen, 1234);
    let dropped: Vec<_> = db.find::<User>().stream().take(3).collect().await;
    assert_eq!(dropped.len(), 3);
    assert_eq!(db.find::<User>().filter(User::age.eq(1)).count().await?, 3);
    Ok(())
}

#[tokio::test]
async fn rows_found_or_created_by_several_at_once() -> sinew::Result<()> {
    let db = in_a_file("race").await?;
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let db = db.clone();
            tokio::spawn(async move {
                db.find::<User>()
                    .filter(User::name.eq("Race"))
                    .first_or_create(|_| {})
                    .await
            })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap()?.id, 1);
    }
    assert_eq!(db.find::<User>().count().await?, 1);
    Ok(())
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Country {
    #[model(primary_key)]
    code: String,
    cities: HasMany<City>,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct City {
    id: i64,
    country_code: String,
}

/// Rows belong together where the database's own comparison says so, whatever their bytes.
#[tokio::test]
async fn keys_compared_without_case() -> sinew::Result<()> {
    let db = Db::connect("sqlite::memory:").await?;
    for sql in [
        "CREATE TABLE countries (code text primary key)",
        "CREATE TABLE cities (id integer primary key, country_code text not null COLLATE NOCASE)",
        "INSERT INTO countries VALUES ('de'), ('FR'), ('1')",
        "INSERT INTO cities VALUES (1, 'de'), (2, 'fr'), (3, '1')",
    ] {
        db.execute(sql, ()).await?;
    }
    let countries = db
        .find::<Country>()
        .preload(Country::cities)
        .order_by(Country::code)
        .await?;
    let held: Vec<_> = countries
        .iter()
        .map(|country| {
            let cities = country.cities.loaded().unwrap();
            let ids: Vec<_> = cities.iter().map(|city| city.id).collect();
            (country.code.as_str(), ids)
        })
        .collect();
    assert_eq!(held, [("1", vec![3]), ("FR", vec![2]), ("de", vec![1])]);
    Ok(())
}
