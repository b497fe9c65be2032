//! What a user of associations needs besides (B282 to B300).

use sinew_suite::prelude::*;

use crate::fixture::*;

async fn people(db: &Db) -> Result<()> {
    tables(db).await?;
    let one = |(name, age): (&str, i32)| User {
        age,
        active: age > 40,
        ..user(name)
    };
    let mut users: Vec<_> = [
        ("Ada", 36),
        ("Grace", 85),
        ("Alan", 41),
        ("Kurt", 71),
        ("Emmy", 53),
    ]
    .map(one)
    .into();
    users[0].company = company("Acme").into();
    db.create(&mut users).await
}

fn names(users: &[User]) -> Vec<&str> {
    users.iter().map(|user| user.name.as_str()).collect()
}

// Behaviour: B282
async fn first_get_and_optional(db: Db) -> Result<()> {
    people(&db).await?;
    let first = db.find::<User>().first().await?.unwrap();
    assert_eq!(first.id, 1);
    let oldest = db
        .find::<User>()
        .order_by(User::age.desc())
        .first()
        .await?
        .unwrap();
    assert_eq!(oldest.name, "Grace");
    assert!(
        db.find::<User>()
            .filter(User::age.gt(100))
            .first()
            .await?
            .is_none()
    );
    assert_eq!(db.get::<User>(2).await?.name, "Grace");
    assert!(db.get::<User>(404).optional().await?.is_none());
    let error = refused(db.get::<User>(404).await.map(drop), ErrorKind::NotFound);
    let text = error.to_string();
    assert!(text.contains("User") && text.contains("404"), "{text}");
    Ok(())
}

// Behaviour: B283
async fn conditions_of_every_form(db: Db) -> Result<()> {
    people(&db).await?;
    let by = async |condition: sinew::Condition<User>| -> Result<Vec<String>> {
        db.find::<User>()
            .filter(condition)
            .order_by(User::id.asc())
            .pluck(User::name)
            .await
    };
    assert_eq!(by(User::name.eq("Ada")).await?, ["Ada"]);
    assert_eq!(by(User::age.between(40, 60)).await?, ["Alan", "Emmy"]);
    assert_eq!(
        by(User::name.is_in(["Ada", "Kurt", "Nobody"])).await?,
        ["Ada", "Kurt"]
    );
    assert_eq!(
        by(User::name.not_in(["Ada", "Kurt"])).await?,
        ["Grace", "Alan", "Emmy"]
    );
    assert_eq!(by(User::name.like("A%")).await?, ["Ada", "Alan"]);
    assert_eq!(by(User::name.ilike("a%")).await?, ["Ada", "Alan"]);
    assert_eq!(by(!User::active.eq(true)).await?, ["Ada"]);
    assert_eq!(by(User::company_id.is_not_null()).await?, ["Ada"]);
    assert_eq!(
        by(User::company_id.is_null().and(User::age.lt(50))).await?,
        ["Alan"]
    );
    let either = User::name
        .eq("Ada")
        .or(User::name.eq("Kurt"))
        .and(User::age.gt(50));
    assert_eq!(by(either).await?, ["Kurt"]);
    let raw = db
        .find::<User>()
        .filter(sql("age * 2 > ? AND name <> ?", (150, "x")))
        .await?;
    assert_eq!(names(&raw), ["Grace"]);
    Ok(())
}

// Behaviour: B284
async fn an_empty_list_matches_nothing(db: Db) -> Result<()> {
    people(&db).await?;
    let none: Vec<i64> = Vec::new();
    assert_eq!(
        db.find::<User>()
            .filter(User::id.is_in(none.clone()))
            .count()
            .await?,
        0
    );
    assert_eq!(
        db.find::<User>()
            .filter(User::id.not_in(none.clone()))
            .count()
            .await?,
        5
    );
    let gone = db
        .find::<User>()
        .filter(User::id.is_in(none))
        .delete()
        .await?;
    assert_eq!(
        (gone, rows_where(&db, "users", "deleted_at IS NULL").await?),
        (0, 5)
    );
    Ok(())
}

// Behaviour: B285, B287
async fn order_limit_offset_distinct_scope(db: Db) -> Result<()> {
    people(&db).await?;
    let page = db
        .find::<User>()
        .order_by(User::age.asc())
        .limit(2)
        .offset(1)
        .await?;
    assert_eq!(names(&page), ["Alan", "Emmy"]);
    let active = db.find::<User>().distinct().pluck(User::active).await?;
    assert_eq!(active.len(), 2);
    let scoped = db
        .find::<User>()
        .scope(|find| find.filter(User::age.gt(50)))
        .scope(|find| find.order_by(User::name.asc()))
        .await?;
    assert_eq!(names(&scoped), ["Emmy", "Grace", "Kurt"]);
    let both = db
        .find::<User>()
        .order_by((User::active.asc(), User::age.desc()))
        .await?;
    assert_eq!(names(&both), ["Ada", "Grace", "Kurt", "Emmy", "Alan"]);
    Ok(())
}

// Behaviour: B286
async fn counts_sums_and_single_columns(db: Db) -> Result<()> {
    people(&db).await?;
    assert_eq!(db.find::<User>().count().await?, 5);
    assert_eq!(db.find::<User>().filter(User::age.gt(50)).count().await?, 3);
    assert_eq!(
        db.find::<User>()
            .order_by(User::id.asc())
            .limit(2)
            .count()
            .await?,
        2
    );
    assert_eq!(db.find::<User>().sum(User::age).await?, Some(286));
    assert_eq!(db.find::<User>().max(User::age).await?, Some(85));
    assert_eq!(
        db.find::<User>().min(User::name).await?.as_deref(),
        Some("Ada")
    );
    assert_eq!(
        db.find::<User>()
            .filter(User::id.eq(404))
            .sum(User::age)
            .await?,
        None
    );
    let grouped: Vec<(bool, i64)> = db
        .query(
            "SELECT active, COUNT(*) FROM users GROUP BY active ORDER BY active",
            (),
        )
        .await?;
    assert_eq!(grouped, [(false, 1), (true, 4)]);
    Ok(())
}

// Behaviour: B283, B290
async fn queries_as_values(db: Db) -> Result<()> {
    people(&db).await?;
    let oldest = db
        .find::<User>()
        .filter(User::age.eq(db.find::<User>().max(User::age)))
        .await?;
    assert_eq!(names(&oldest), ["Grace"]);
    let companies = db
        .find::<Company>()
        .filter(Company::name.eq("Acme"))
        .pluck(Company::id);
    let of_acme = db
        .find::<User>()
        .filter(User::company_id.is_in(companies))
        .await?;
    assert_eq!(names(&of_acme), ["Ada"]);
    Ok(())
}

// Behaviour: B288
async fn first_or_create(db: Db) -> Result<()> {
    people(&db).await?;
    let ada = db
        .find::<User>()
        .filter(User::name.eq("Ada"))
        .first_or_create(|user| user.age = 1)
        .await?;
    assert_eq!((ada.id, ada.age), (1, 36));
    let new = db
        .find::<User>()
        .filter(User::name.eq("Sofia"))
        .first_or_create(|user| user.age = 41)
        .await?;
    assert_eq!((new.name.as_str(), new.age), ("Sofia", 41));
    assert_eq!(value::<i32>(&db, "users", "age", new.id).await?, 41);
    assert_eq!(rows(&db, "users").await?, 6);
    Ok(())
}

// Behaviour: B290
async fn updates_by_condition(db: Db) -> Result<()> {
    people(&db).await?;
    let changed = db
        .find::<User>()
        .filter(User::age.gt(50))
        .update()
        .set(User::age.to(User::age + 1))
        .set(User::active.to(false))
        .await?;
    assert_eq!(changed, 3);
    assert_eq!(
        values::<i32>(&db, "users", "age").await?,
        [36, 86, 41, 72, 54]
    );
    assert_eq!(rows_where(&db, "users", "active").await?, 1);
    Ok(())
}

// Behaviour: B292
async fn raw_statements(db: Db) -> Result<()> {
    people(&db).await?;
    let rows: Vec<(String, i64)> = db
        .query(
            "SELECT name, age FROM users WHERE age > ? ORDER BY age",
            (60,),
        )
        .await?;
    assert_eq!(rows, [("Kurt".into(), 71), ("Grace".into(), 85)]);
    let changed = db
        .execute("UPDATE users SET age = age + ? WHERE name = ?", (1, "Ada"))
        .await?;
    assert_eq!(changed, 1);
    let companies: Vec<(Option<i64>,)> = db
        .query("SELECT company_id FROM users ORDER BY id", ())
        .await?;
    assert_eq!((companies[0].0, companies[1].0), (Some(1), None));
    // A question mark in a text is no place for a value.
    let text: Vec<(String,)> = db
        .query("SELECT 'why?' FROM users WHERE id = ?", (1,))
        .await?;
    assert_eq!(text[0].0, "why?");
    refused(
        db.query::<(i64,)>("SELECT 1", (1, 2)).await.map(drop),
        ErrorKind::InvalidInput,
    );
    refused(
        db.query::<(i64,)>("SELECT ?", ()).await.map(drop),
        ErrorKind::InvalidInput,
    );
    Ok(())
}

// Behaviour: B293
async fn keyset_pages(db: Db) -> Result<()> {
    people(&db).await?;
    let by_age = || db.find::<User>().order_by(User::age.asc());
    let mut page = by_age().page(2).await?;
    let mut seen: Vec<_> = page.rows.iter().map(|user| user.name.clone()).collect();
    while let Some(cursor) = page.next {
        page = by_age().page(2).after(&cursor).await?;
        seen.extend(page.rows.iter().map(|user| user.name.clone()));
    }
    assert_eq!(seen, ["Ada", "Alan", "Emmy", "Kurt", "Grace"]);
    Ok(())
}

suite![
    first_get_and_optional,
    conditions_of_every_form,
    an_empty_list_matches_nothing,
    order_limit_offset_distinct_scope,
    counts_sums_and_single_columns,
    queries_as_values,
    first_or_create,
    updates_by_condition,
    raw_statements,
    keyset_pages,
];
