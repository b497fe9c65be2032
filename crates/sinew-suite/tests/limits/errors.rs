//! What goes wrong has the same kind on every database, says where as far as the database tells,
//! and never shows a value.

use sinew_suite::prelude::*;

use crate::capabilities;

/// A value that must stand in no error.
const SECRET: &str = "s3cret";

#[derive(Model, Clone, Debug, Default)]
struct Town {
    id: i64,
    #[model(size = 20, unique)]
    name: String,
    #[model(check("size > 0", name = "chk_towns_size"), default = 1)]
    size: i32,
    mayor: Option<String>,
    #[model(on_delete = restrict, on_update = restrict)]
    houses: HasMany<House>,
}

#[derive(Model, Clone, Debug, Default)]
#[model(index(columns(town_id, number), name = "uni_house", unique))]
struct House {
    id: i64,
    town_id: i64,
    town: BelongsTo<Town>,
    #[model(size = 30)]
    number: String,
    rooms: i16,
}

fn town(name: &str) -> Town {
    Town {
        name: name.into(),
        size: 1,
        ..Default::default()
    }
}

fn house(town_id: i64, number: &str) -> House {
    House {
        town_id,
        number: number.into(),
        ..Default::default()
    }
}

async fn tables(db: &Db) -> Result<()> {
    db.auto_migrate(models![Town, House]).await?;
    db.create(&mut town(SECRET)).await?;
    db.create(&mut house(1, SECRET)).await
}

/// Where an error says that it happened.
struct Place<'p> {
    table: Option<&'p str>,
    column: Option<&'p str>,
    constraint: Option<&'p str>,
}

#[track_caller]
fn says(error: &Error, place: &Place<'_>) {
    for text in [
        error.to_string(),
        format!("{error:?}"),
        format!("{error:#?}"),
    ] {
        assert!(!text.contains(SECRET), "{text}");
    }
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        assert!(!format!("{cause} {cause:?}").contains(SECRET), "{cause:?}");
        source = cause.source();
    }
    if let Some(table) = place.table {
        assert_eq!(error.table(), Some(table), "{error:?}");
    }
    if let Some(column) = place.column {
        assert_eq!(error.column(), Some(column), "{error:?}");
    }
    if let Some(constraint) = place.constraint {
        assert_eq!(error.constraint(), Some(constraint), "{error:?}");
    }
}

async fn unique(db: Db) -> Result<()> {
    tables(&db).await?;
    let kind = ErrorKind::UniqueViolation;
    let error = refused(db.create(&mut town(SECRET)).await, kind);
    says(
        &error,
        &Place {
            table: Some("towns"),
            column: Some("name"),
            constraint: None,
        },
    );
    assert!(error.constraint().is_some(), "{error:?}");
    let error = refused(db.create(&mut house(1, SECRET)).await, kind);
    says(
        &error,
        &Place {
            table: Some("houses"),
            column: Some("town_id, number"),
            constraint: None,
        },
    );
    assert!(error.constraint().is_some(), "{error:?}");
    let mut again = Town {
        id: 1,
        ..town("other")
    };
    let error = refused(db.create(&mut again).await, kind);
    says(
        &error,
        &Place {
            table: Some("towns"),
            column: Some("id"),
            constraint: None,
        },
    );
    // In a batch the row is named; an update and raw SQL are refused as a create is.
    let mut batch = vec![town("a"), town("b"), town(SECRET)];
    let error = refused(db.create(&mut batch).await, kind);
    assert_eq!(error.path(), Some("[2]"));
    says(
        &error,
        &Place {
            table: Some("towns"),
            column: Some("name"),
            constraint: None,
        },
    );
    let mut other = town("other");
    db.create(&mut other).await?;
    let set = Town::name.to(SECRET);
    says(
        &refused(db.update(&mut other).set(set).await, kind),
        &Place {
            table: Some("towns"),
            column: None,
            constraint: None,
        },
    );
    let raw = db
        .execute(
            "UPDATE towns SET name = ? WHERE name = ?",
            (SECRET, "other"),
        )
        .await;
    says(
        &refused(raw, kind),
        &Place {
            table: None,
            column: None,
            constraint: None,
        },
    );
    assert_eq!(
        (rows(&db, "towns").await?, rows(&db, "houses").await?),
        (2, 1)
    );
    Ok(())
}

async fn foreign_keys(db: Db) -> Result<()> {
    tables(&db).await?;
    let kind = ErrorKind::ForeignKeyViolation;
    let place = match capabilities(&db).names_foreign_keys.supported {
        true => Place {
            table: Some("houses"),
            column: Some("town_id"),
            constraint: Some("fk_houses_town"),
        },
        false => Place {
            table: None,
            column: None,
            constraint: None,
        },
    };
    let named = |error: Error| {
        says(
            &error,
            &Place {
                column: None,
                constraint: None,
                ..place
            },
        );
        assert_eq!(
            error.constraint().is_some(),
            place.constraint.is_some(),
            "{error:?}"
        );
    };
    let error = refused(db.create(&mut house(404, SECRET)).await, kind);
    says(
        &error,
        &Place {
            constraint: None,
            ..place
        },
    );
    named(error);
    let mut own = db.get::<House>(1).await?;
    named(refused(
        db.update(&mut own).set(House::town_id.to(404)).await,
        kind,
    ));
    let mut held = db.get::<Town>(1).await?;
    named(refused(db.delete(&mut held).await.map(drop), kind));
    named(refused(
        db.execute("UPDATE towns SET id = 7 WHERE id = 1", ()).await,
        kind,
    ));
    named(refused(
        db.find::<Town>()
            .filter(Town::id.eq(1))
            .delete()
            .await
            .map(drop),
        kind,
    ));
    assert_eq!(
        (rows(&db, "towns").await?, rows(&db, "houses").await?),
        (1, 1)
    );
    Ok(())
}

async fn rules_of_columns(db: Db) -> Result<()> {
    tables(&db).await?;
    let sql = "INSERT INTO towns (name, size, mayor) VALUES (NULL, 1, ?)";
    let error = refused(
        db.execute(sql, (SECRET,)).await,
        ErrorKind::NotNullViolation,
    );
    says(
        &error,
        &Place {
            table: None,
            column: Some("name"),
            constraint: None,
        },
    );
    let mut empty = Town {
        size: -1,
        mayor: Some(SECRET.into()),
        ..town("empty")
    };
    let error = refused(db.create(&mut empty).await, ErrorKind::CheckViolation);
    says(
        &error,
        &Place {
            table: Some("towns"),
            column: None,
            constraint: Some("chk_towns_size"),
        },
    );
    let mut first = db.get::<Town>(1).await?;
    let error = db.update(&mut first).set(Town::size.to(-5)).await;
    let error = refused(error, ErrorKind::CheckViolation);
    says(
        &error,
        &Place {
            table: Some("towns"),
            column: None,
            constraint: Some("chk_towns_size"),
        },
    );
    let long = SECRET.repeat(10);
    let error = refused(db.create(&mut town(&long)).await, ErrorKind::ValueTooLong);
    says(
        &error,
        &Place {
            table: Some("towns"),
            column: Some("name"),
            constraint: None,
        },
    );
    assert_eq!(rows(&db, "towns").await?, 1);
    let sized = capabilities(&db).sized_columns.supported;
    let raw = db
        .execute("INSERT INTO towns (name) VALUES (?)", (long.as_str(),))
        .await;
    let numbers = "INSERT INTO houses (town_id, number, rooms) VALUES (1, 'x', 70000)";
    let number = db.execute(numbers, ()).await;
    if sized {
        says(
            &refused(raw, ErrorKind::ValueTooLong),
            &Place {
                table: None,
                column: None,
                constraint: None,
            },
        );
        refused(number, ErrorKind::ValueTooLong);
    } else {
        raw?;
        number?;
        // What is out of range is an error when it is read.
        refused(db.find::<House>().await, ErrorKind::Decode);
    }
    Ok(())
}

async fn raw_sql(db: Db) -> Result<()> {
    tables(&db).await?;
    for sql in [
        "SELECT 1 FROM nowhere",
        "SELECT nothing FROM towns",
        "SELECT towns.nothing FROM towns",
        "THIS IS NOT SQL",
        "SELECT FROM WHERE",
        "SELECT * FROM towns WHERE",
        "INSERT INTO towns (nothing) VALUES (1)",
        "UPDATE nowhere SET a = 1",
        "SELECT no_such_function(1)",
    ] {
        let found: Result<Vec<(i64,)>> = db.query(sql, ()).await;
        let error = found.err();
        assert_eq!(
            error.as_ref().map(Error::kind),
            Some(ErrorKind::Statement),
            "{sql:?}: {error:?}"
        );
        assert_eq!(error.as_ref().and_then(Error::sql), Some(sql));
    }
    // These are seen before they are sent, or by the database.
    for sql in [
        "SELECT 'open",
        "SELECT \"open",
        "SELECT /* open",
        "",
        ";",
        "SELECT 1; SELECT 2",
    ] {
        let found: Result<Vec<(i64,)>> = db.query(sql, ()).await;
        let kind = found.as_ref().err().map(Error::kind);
        let wrong = matches!(kind, Some(ErrorKind::Statement | ErrorKind::InvalidInput));
        assert!(
            wrong || found.is_ok_and(|rows| rows.is_empty()),
            "{sql:?}: {kind:?}"
        );
    }
    // Too few values, and too many.
    for values in [vec![], vec![Value::Int(1)], vec![Value::Int(1); 3]] {
        let found: Result<Vec<(i64,)>> = db
            .query("SELECT id FROM towns WHERE id = ? OR id = ?", values)
            .await;
        refused(found, ErrorKind::InvalidInput);
    }
    // What a database does with it differs; it is a value, or an error without one.
    for sql in [
        "SELECT 1 / 0",
        "SELECT CAST(name AS DECIMAL(10,2)) FROM towns",
    ] {
        let found: Result<Vec<(Option<f64>,)>> = db.query(sql, ()).await;
        if let Err(error) = found {
            says(
                &error,
                &Place {
                    table: None,
                    column: None,
                    constraint: None,
                },
            );
            assert!(
                matches!(error.kind(), ErrorKind::Decode | ErrorKind::Database),
                "{error:?}"
            );
        }
    }
    let wrong: Result<Vec<(i64,)>> = db.query("SELECT name FROM towns", ()).await;
    says(
        &refused(wrong, ErrorKind::Decode),
        &Place {
            table: None,
            column: None,
            constraint: None,
        },
    );
    // All of it left the connection usable.
    assert_eq!(rows(&db, "towns").await?, 1);
    Ok(())
}

async fn a_closed_pool(db: Db) -> Result<()> {
    tables(&db).await?;
    let clone = db.clone();
    db.close().await;
    for db in [&db, &clone] {
        refused(db.find::<Town>().await, ErrorKind::Closed);
        refused(db.create(&mut town("late")).await, ErrorKind::Closed);
        refused(db.execute("SELECT 1", ()).await, ErrorKind::Closed);
        refused(db.transaction(async |_| Ok(())).await, ErrorKind::Closed);
    }
    db.close().await;
    Ok(())
}

async fn a_handle_kept_beyond_its_transaction(db: Db) -> Result<()> {
    tables(&db).await?;
    let kept = db.transaction(async |tx| Ok(tx.clone())).await?;
    refused(kept.find::<Town>().await, ErrorKind::Closed);
    refused(kept.create(&mut town("late")).await, ErrorKind::Closed);
    assert_eq!(rows(&db, "towns").await?, 1);
    Ok(())
}

suite![
    unique,
    foreign_keys,
    rules_of_columns,
    raw_sql,
    a_closed_pool,
    a_handle_kept_beyond_its_transaction,
];
