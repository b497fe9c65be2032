//! Preloads and joins by keys of every sort.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]

use sinew::prelude::*;

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Country {
    #[model(primary_key)]
    code: String,
    cities: HasMany<City>,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct City {
    #[model(primary_key)]
    country_code: String,
    #[model(primary_key)]
    name: String,
    country: BelongsTo<Country>,
    #[model(foreign_key = (country_code, city_name), references = (country_code, name))]
    streets: HasMany<Street>,
    #[model(join_table = "city_tags")]
    tags: ManyToMany<Tag>,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Street {
    id: i64,
    country_code: String,
    city_name: Option<String>,
    label: String,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Tag {
    #[model(primary_key)]
    word: String,
}

async fn world() -> sinew::Result<Db> {
    let db = Db::connect("sqlite::memory:").await?;
    for sql in [
        "CREATE TABLE countries (code text primary key)",
        "CREATE TABLE cities (country_code text not null COLLATE NOCASE, name text not null, primary key (country_code, name))",
        "CREATE TABLE streets (id integer primary key, country_code text not null, city_name text, label text not null)",
        "CREATE TABLE tags (word text primary key)",
        "CREATE TABLE city_tags (city_country_code text, city_name text, tag_word text)",
        "INSERT INTO countries VALUES ('de'), ('FR'), ('1'), ('01'), ('a_b'), ('')",
        "INSERT INTO cities VALUES ('de', 'Bonn'), ('de', 'Ulm'), ('fr', 'Paris'), ('1', 'One'), ('01', 'Oh'), ('', 'Nowhere')",
        "INSERT INTO streets VALUES (1, 'de', 'Bonn', 'x'), (2, 'de', 'Bonn', 'y'), (3, 'de', 'Ulm', 'z'), (4, 'fr', 'Ulm', 'w'), (5, 'de', NULL, 'v')",
        "INSERT INTO tags VALUES ('old'), ('new')",
        "INSERT INTO city_tags VALUES ('de', 'Bonn', 'old'), ('de', 'Ulm', 'old'), ('de', 'Ulm', 'new')",
    ] {
        db.execute(sql, ()).await?;
    }
    Ok(db)
}

fn labels(city: &City) -> Vec<&str> {
    city.streets
        .loaded()
        .unwrap()
        .iter()
        .map(|street| street.label.as_str())
        .collect()
}

fn words(city: &City) -> Vec<&str> {
    city.tags
        .loaded()
        .unwrap()
        .iter()
        .map(|tag| tag.word.as_str())
        .collect()
}

#[tokio::test]
async fn text_and_composite_keys() -> sinew::Result<()> {
    let db = world().await?.counting();
    let german = || {
        db.find::<City>()
            .filter(City::country_code.eq("de"))
            .order_by(City::name)
    };
    let cities = german()
        .preload(City::streets.order_by(Street::label.desc()))
        .preload(City::tags.order_by(Tag::word))
        .preload(City::country)
        .await?;
    assert_eq!(db.statements(), 4);
    assert_eq!(
        (labels(&cities[0]), labels(&cities[1])),
        (vec!["y", "x"], vec!["z"])
    );
    assert_eq!(
        (words(&cities[0]), words(&cities[1])),
        (vec!["old"], vec!["new", "old"])
    );
    assert_eq!(cities[0].country.loaded()?.code, "de");
    let limited = german()
        .preload(City::streets.order_by(Street::label).limit(1))
        .preload(City::tags.order_by(Tag::word.desc()).limit(1))
        .await?;
    assert_eq!(
        (labels(&limited[0]), words(&limited[1])),
        (vec!["x"], vec!["old"])
    );
    let joined = german()
        .join(City::streets)
        .join(City::tags)
        .join(City::country)
        .await?;
    assert_eq!(joined.len(), 2);
    assert_eq!(
        (labels(&joined[0]), words(&joined[1]).len()),
        (vec!["x", "y"], 2)
    );
    let one = db
        .get::<City>(("de", "Bonn"))
        .preload(City::streets)
        .await?;
    assert_eq!(labels(&one), ["x", "y"]);
    let error = db.get::<City>(("de", "Köln")).await.unwrap_err();
    assert_eq!(error.to_string(), "no City with key (\"de\", \"Köln\")");
    let page = german().page(1).await?;
    let rest = german().page(5).after(&page.next.unwrap()).await?;
    assert_eq!(rest.rows[0].name, "Ulm");
    Ok(())
}

#[tokio::test]
async fn keys_that_look_alike() -> sinew::Result<()> {
    let db = world().await?;
    let countries = db
        .find::<Country>()
        .preload(Country::cities)
        .order_by(Country::code)
        .await?;
    let held: Vec<_> = countries
        .iter()
        .map(|country| {
            let cities = country.cities.loaded().unwrap();
            (
                country.code.as_str(),
                cities
                    .iter()
                    .map(|city| city.name.as_str())
                    .collect::<Vec<_>>(),
            )
        })
        .collect();
    let expected = [
        ("", vec!["Nowhere"]),
        ("01", vec!["Oh"]),
        ("1", vec!["One"]),
        // The database compares this column without regard to case, so the row belongs here.
        ("FR", vec!["Paris"]),
        ("a_b", vec![]),
        ("de", vec!["Bonn", "Ulm"]),
    ];
    assert_eq!(held, expected);
    Ok(())
}

#[cfg(feature = "uuid")]
mod uuids {
    use super::*;
    use sinew::prelude::Model;
    use uuid::Uuid;

    #[derive(Model, Clone, Debug, Default, PartialEq)]
    struct Account {
        id: Uuid,
        entries: HasMany<Entry>,
        #[model(join_table = "account_entries")]
        watched: ManyToMany<Entry>,
    }

    #[derive(Model, Clone, Debug, Default, PartialEq)]
    struct Entry {
        id: Uuid,
        account_id: Option<Uuid>,
        account: BelongsTo<Option<Account>>,
    }

    #[tokio::test]
    async fn as_keys() -> sinew::Result<()> {
        let db = Db::connect("sqlite::memory:").await?;
        db.execute("CREATE TABLE accounts (id blob primary key)", ())
            .await?;
        db.execute(
            "CREATE TABLE entries (id blob primary key, account_id blob)",
            (),
        )
        .await?;
        db.execute(
            "CREATE TABLE account_entries (account_id blob, entry_id blob)",
            (),
        )
        .await?;
        let (a, b, e) = (Uuid::from_u128(1), Uuid::from_u128(2), Uuid::from_u128(3));
        db.execute("INSERT INTO accounts VALUES (?), (?)", (a, b))
            .await?;
        db.execute("INSERT INTO entries VALUES (?, ?)", (e, b))
            .await?;
        db.execute("INSERT INTO account_entries VALUES (?, ?)", (a, e))
            .await?;
        let accounts = db
            .find::<Account>()
            .order_by(Account::id)
            .preload(Account::entries.preload(Entry::account))
            .preload(Account::watched)
            .await?;
        assert!(accounts[0].entries.loaded()?.is_empty());
        assert_eq!(
            accounts[1].entries.loaded()?[0]
                .account
                .loaded()?
                .unwrap()
                .id,
            b
        );
        assert_eq!(accounts[0].watched.loaded()?[0].id, e);
        let joined = db
            .find::<Account>()
            .order_by(Account::id)
            .join(Account::entries)
            .await?;
        assert_eq!(joined[1].entries.loaded()?.len(), 1);
        Ok(())
    }
}
