//! Save and update with associations (B120 to B140).

use sinew_suite::prelude::*;

use crate::fixture::*;

// Behaviour: B120
async fn a_row_without_a_key_is_created(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut ada = User {
        pets: [pet("Rex")].into(),
        ..user("Ada")
    };
    db.save(&mut ada).await?;
    assert_eq!((ada.id, ada.pets.loaded()?[0].user_id), (1, Some(1)));
    assert_eq!(
        (rows(&db, "users").await?, rows(&db, "pets").await?),
        (1, 1)
    );
    Ok(())
}

// Behaviour: B121
async fn every_column_is_written_zero_values_too(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut ada = User {
        age: 36,
        active: true,
        company: company("Acme").into(),
        ..user("Ada")
    };
    db.create(&mut ada).await?;
    let mut ada = db.get::<User>(1).await?;
    (ada.age, ada.active, ada.company_id) = (0, false, None);
    let before = ada.updated_at;
    db.save(&mut ada).await?;
    assert_eq!(value::<i32>(&db, "users", "age", 1).await?, 0);
    assert!(!value::<bool>(&db, "users", "active", 1).await?);
    assert_eq!(
        value::<Option<i64>>(&db, "users", "company_id", 1).await?,
        None
    );
    assert!(ada.updated_at >= before);
    assert_eq!(
        value::<Timestamp>(&db, "users", "updated_at", 1).await?,
        ada.updated_at
    );
    Ok(())
}

// Behaviour: B122
async fn existing_associated_rows_stay_as_they_are(db: Db) -> Result<()> {
    tables(&db).await?;
    db.create(&mut everything("Ada")).await?;
    let id = id_of(&db, "Ada").await?;
    let mut ada = db.get::<User>(id).preload_all().await?;
    ada.company.loaded_mut()?.unwrap().name = "changed".into();
    ada.account.loaded_mut()?.unwrap().number = "changed".into();
    ada.pets.loaded_mut()?[0].name = "changed".into();
    ada.toys.loaded_mut()?[0].name = "changed".into();
    ada.languages.loaded_mut()?[0].name = "changed".into();
    ada.friends.loaded_mut()?[0].name = "changed".into();
    ada.pets.loaded_mut()?.push(pet("new"));
    ada.languages.loaded_mut()?.push(language("new"));
    db.save(&mut ada).await?;
    for table in ["companies", "pets", "toys", "languages", "users"] {
        assert_eq!(
            rows_where(&db, table, "name = 'changed'").await?,
            0,
            "{table}"
        );
    }
    assert_eq!(rows_where(&db, "accounts", "number = 'changed'").await?, 0);
    assert_eq!(
        (rows(&db, "pets").await?, rows(&db, "user_speaks").await?),
        (3, 3)
    );
    assert_eq!(ada.pets.loaded()?[2].user_id, Some(id));
    Ok(())
}

// Behaviour: B123, B124
async fn a_full_save_updates_them_all(db: Db) -> Result<()> {
    tables(&db).await?;
    db.create(&mut everything("Ada")).await?;
    let id = id_of(&db, "Ada").await?;
    let mut ada = db
        .get::<User>(id)
        .preload_all()
        .preload(User::pets.preload(Pet::toy))
        .await?;
    let created = ada.pets.loaded()?[0].created_at;
    ada.company.loaded_mut()?.unwrap().name = "changed".into();
    ada.pets.loaded_mut()?[0].name = "changed".into();
    ada.pets.loaded_mut()?[0].toy.loaded_mut()?.unwrap().name = "changed".into();
    ada.languages.loaded_mut()?[0].name = "changed".into();
    ada.friends.loaded_mut()?[0].name = "changed".into();
    ada.manager.loaded_mut()?.unwrap().name = "changed".into();
    db.save(&mut ada).full().await?;
    for (table, n) in [
        ("companies", 1),
        ("pets", 1),
        ("toys", 1),
        ("languages", 1),
        ("users", 2),
    ] {
        assert_eq!(
            rows_where(&db, table, "name = 'changed'").await?,
            n,
            "{table}"
        );
    }
    // The moment of creation stays; nothing is added or lost.
    let pet = ada.pets.loaded()?[0].id;
    assert_eq!(
        value::<Timestamp>(&db, "pets", "created_at", pet).await?,
        created
    );
    assert_eq!(
        (rows(&db, "users").await?, rows(&db, "toys").await?),
        (5, 4)
    );
    Ok(())
}

// Behaviour: B127
async fn a_full_save_of_one_association(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut ada = User {
        pets: [pet("Rex")].into(),
        account: account("1").into(),
        ..user("Ada")
    };
    db.create(&mut ada).await?;
    ada.pets.loaded_mut()?[0].name = "Max".into();
    ada.account.loaded_mut()?.unwrap().number = "2".into();
    db.save(&mut ada).full().select(User::pets).await?;
    assert_eq!(values::<String>(&db, "pets", "name").await?, ["Max"]);
    assert_eq!(values::<String>(&db, "accounts", "number").await?, ["1"]);
    Ok(())
}

// Behaviour: B128
async fn a_save_removes_nothing(db: Db) -> Result<()> {
    tables(&db).await?;
    let pets = [pet("Rex"), pet("Max")];
    let languages = [language("en"), language("fr")];
    let mut ada = User {
        pets: pets.into(),
        languages: languages.into(),
        ..user("Ada")
    };
    db.create(&mut ada).await?;
    ada.pets.loaded_mut()?.remove(0);
    ada.languages.loaded_mut()?.clear();
    db.save(&mut ada).await?;
    db.save(&mut ada).full().await?;
    assert_eq!(pet_owners(&db).await?, [Some(1), Some(1)]);
    assert_eq!(speaks(&db).await?.len(), 2);
    Ok(())
}

// Behaviour: B130, B131
async fn a_row_that_is_gone_is_not_found(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut ghost = User {
        id: 404,
        pets: [pet("Rex")].into(),
        ..user("Ghost")
    };
    refused(db.save(&mut ghost).await, ErrorKind::NotFound);
    assert_eq!(
        (rows(&db, "users").await?, rows(&db, "pets").await?),
        (0, 0)
    );
    let mut ada = user("Ada");
    db.create(&mut ada).await?;
    let mut stale = db.get::<User>(1).await?;
    db.delete(&mut ada).await?;
    stale.name = "changed".into();
    refused(db.save(&mut stale).await, ErrorKind::NotFound);
    assert_eq!(values::<String>(&db, "users", "name").await?, ["Ada"]);
    assert_eq!(rows_where(&db, "users", "deleted_at IS NULL").await?, 0);
    Ok(())
}

// Behaviour: B132
async fn many_rows_old_and_new(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut users = vec![user("Ada"), user("Grace")];
    db.create(&mut users).await?;
    users[0].name = "Ada L.".into();
    users.push(User {
        pets: [pet("Rex")].into(),
        ..user("Alan")
    });
    db.save(&mut users).await?;
    assert_eq!(
        values::<String>(&db, "users", "name").await?,
        ["Ada L.", "Grace", "Alan"]
    );
    assert_eq!(pet_owners(&db).await?, [Some(users[2].id)]);
    Ok(())
}

// Behaviour: B134, B135
async fn an_update_touches_only_what_it_names(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut ada = User {
        age: 36,
        pets: [pet("Rex")].into(),
        ..user("Ada")
    };
    db.create(&mut ada).await?;
    ada.age = 1;
    ada.pets.loaded_mut()?.push(pet("Max"));
    let counting = db.counting();
    counting
        .update(&mut ada)
        .set(User::name.to("Ada L."))
        .await?;
    assert_eq!(counting.statements(), 1);
    assert_eq!(ada.name, "Ada L.");
    assert_eq!(values::<i32>(&db, "users", "age").await?, [36]);
    assert_eq!(values::<String>(&db, "users", "name").await?, ["Ada L."]);
    assert_eq!(rows(&db, "pets").await?, 1);
    Ok(())
}

// Behaviour: B138, B139
async fn a_foreign_key_is_cleared_by_naming_it(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut ada = User {
        company: company("Acme").into(),
        ..user("Ada")
    };
    db.create(&mut ada).await?;
    db.update(&mut ada).set(User::company_id.to(None)).await?;
    assert_eq!(ada.company_id, None);
    assert_eq!(
        values::<Option<i64>>(&db, "users", "company_id").await?,
        [None]
    );
    // The old company is not shown any more, and does not come back by a save.
    assert!(
        ada.company
            .loaded()
            .map_or(true, |company| company.is_none())
    );
    db.save(&mut ada).await?;
    assert_eq!(
        values::<Option<i64>>(&db, "users", "company_id").await?,
        [None]
    );
    Ok(())
}

mod cascading {
    use sinew_suite::prelude::*;

    #[derive(Model, Clone, Debug, Default)]
    struct Country {
        #[model(primary_key, size = 10)]
        code: String,
        #[model(on_update = cascade)]
        towns: HasMany<Town>,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct Town {
        id: i64,
        #[model(size = 10)]
        country_code: String,
    }

    // Behaviour: B140
    async fn a_changed_referenced_column_cascades(db: Db) -> Result<()> {
        db.auto_migrate(models![Country, Town]).await?;
        let towns = [Town::default(), Town::default()];
        let mut country = Country {
            code: "DE".into(),
            towns: towns.into(),
        };
        db.create(&mut country).await?;
        let moved = db.find::<Country>().filter(Country::code.eq("DE"));
        assert_eq!(moved.update().set(Country::code.to("EU")).await?, 1);
        assert_eq!(
            values::<String>(&db, "towns", "country_code").await?,
            ["EU", "EU"]
        );
        Ok(())
    }

    suite![a_changed_referenced_column_cascades];
}

suite![
    a_row_without_a_key_is_created,
    every_column_is_written_zero_values_too,
    existing_associated_rows_stay_as_they_are,
    a_full_save_updates_them_all,
    a_full_save_of_one_association,
    a_save_removes_nothing,
    a_row_that_is_gone_is_not_found,
    many_rows_old_and_new,
    an_update_touches_only_what_it_names,
    a_foreign_key_is_cleared_by_naming_it,
];
