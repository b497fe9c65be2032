//! Preloads and joins by keys of every sort.

use sinew_suite::prelude::*;

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Country {
    #[model(primary_key, size = 10)]
    code: String,
    cities: HasMany<City>,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct City {
    #[model(primary_key, size = 10)]
    country_code: String,
    #[model(primary_key, size = 20)]
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
    #[model(size = 10)]
    country_code: String,
    #[model(size = 20)]
    city_name: Option<String>,
    label: String,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Tag {
    #[model(primary_key, size = 10)]
    word: String,
}

async fn world(db: &Db) -> Result<()> {
    db.auto_migrate(models![Country, City, Street, Tag]).await?;
    let country = |code: &str| Country {
        code: code.into(),
        ..Default::default()
    };
    let countries = ["de", "fr", "1", "01", "a_b", ""].map(country);
    db.create(&mut Vec::from(countries)).await?;
    let tag = |word: &&str| Tag {
        word: (*word).into(),
    };
    let city = |(code, name, tags): (&str, &str, &[&str])| City {
        country_code: code.into(),
        name: name.into(),
        tags: tags.iter().map(tag).collect(),
        ..Default::default()
    };
    let cities = [
        ("de", "Bonn", &["old"][..]),
        ("de", "Ulm", &["old", "new"]),
        ("fr", "Ulm", &[]),
        ("1", "One", &[]),
        ("01", "Oh", &[]),
        ("", "Nowhere", &[]),
    ];
    db.create(&mut Vec::from(cities.map(city))).await?;
    let street = |(code, name, label): (&str, Option<&str>, &str)| Street {
        country_code: code.into(),
        city_name: name.map(Into::into),
        label: label.into(),
        ..Default::default()
    };
    let streets = [
        ("de", Some("Bonn"), "x"),
        ("de", Some("Bonn"), "y"),
        ("de", Some("Ulm"), "z"),
        ("fr", Some("Ulm"), "w"),
        ("de", None, "v"),
    ];
    db.create(&mut Vec::from(streets.map(street))).await
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

async fn text_and_composite_keys(db: Db) -> Result<()> {
    world(&db).await?;
    let db = db.counting();
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
        .join(City::streets.order_by(Street::label))
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
        .preload(City::streets.order_by(Street::label))
        .await?;
    assert_eq!(labels(&one), ["x", "y"]);
    let error = db.get::<City>(("de", "Köln")).await.unwrap_err();
    assert_eq!(error.to_string(), "no City with key (\"de\", \"Köln\")");
    let page = german().page(1).await?;
    let rest = german().page(5).after(&page.next.unwrap()).await?;
    assert_eq!(rest.rows[0].name, "Ulm");
    Ok(())
}

async fn keys_that_look_alike(db: Db) -> Result<()> {
    world(&db).await?;
    let countries = db
        .find::<Country>()
        .preload(Country::cities.order_by(City::name))
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
        ("a_b", vec![]),
        ("de", vec!["Bonn", "Ulm"]),
        ("fr", vec!["Ulm"]),
    ];
    assert_eq!(held, expected);
    Ok(())
}

mod uuids {
    use sinew_suite::prelude::*;
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

    async fn as_keys(db: Db) -> Result<()> {
        db.auto_migrate(models![Account, Entry]).await?;
        let (a, b, e) = (Uuid::from_u128(1), Uuid::from_u128(2), Uuid::from_u128(3));
        db.execute("INSERT INTO accounts (id) VALUES (?), (?)", (a, b))
            .await?;
        db.execute("INSERT INTO entries (id, account_id) VALUES (?, ?)", (e, b))
            .await?;
        db.execute(
            "INSERT INTO account_entries (account_id, entry_id) VALUES (?, ?)",
            (a, e),
        )
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

    suite![as_keys];
}

suite![text_and_composite_keys, keys_that_look_alike,];
