//! SQL written by hand: bound values, hostile texts, clear errors before anything runs.

use sinew_suite::prelude::*;

use crate::fixture::*;

async fn a_wrong_number_of_values_is_refused_before_anything_runs(db: Db) -> Result<()> {
    filled(&db).await?;
    let db = db.counting();
    let bad = || sql("age > ? AND age < ?", (1,));
    let user = || db.find::<User>();
    let mut errors = vec![
        user().filter(bad()).await.unwrap_err(),
        user()
            .filter(User::id.eq(1).and(!User::name.eq("x")).or(bad()))
            .await
            .unwrap_err(),
        user().order_by(bad()).await.unwrap_err(),
        user().having(bad()).group_by(User::age).await.unwrap_err(),
        user().filter(bad()).first().await.unwrap_err(),
        user().filter(bad()).count().await.unwrap_err(),
        user().filter(bad()).exists().await.unwrap_err(),
        user().filter(bad()).pluck(User::name).await.unwrap_err(),
        user().filter(bad()).sum(User::age).await.unwrap_err(),
        user().filter(bad()).page(2).await.unwrap_err(),
        user()
            .filter(User::orders.filter(bad()).any())
            .await
            .unwrap_err(),
        user()
            .filter(User::id.is_in(db.find::<Order>().filter(bad()).pluck(Order::user_id)))
            .await
            .unwrap_err(),
        user().join(User::orders.filter(bad())).await.unwrap_err(),
        user()
            .preload(User::orders.filter(bad()))
            .await
            .unwrap_err(),
        user()
            .preload(User::orders.order_by(bad()))
            .await
            .unwrap_err(),
        user()
            .join(User::company.preload(Company::users.filter(bad())))
            .await
            .unwrap_err(),
        user().join_sql("JOIN companies ON ?").await.unwrap_err(),
        user()
            .with(User::orders.filter(bad()).count())
            .await
            .unwrap_err(),
        db.get::<User>(1)
            .preload(User::orders.filter(bad()))
            .await
            .unwrap_err(),
        db.query::<(i64,)>("SELECT ?", ()).await.unwrap_err(),
        db.execute("UPDATE users SET age = ? WHERE id = ?", (1,))
            .await
            .unwrap_err(),
        db.execute("UPDATE users SET age = 1", (1,))
            .await
            .unwrap_err(),
    ];
    let mut ada = User::default();
    errors.push(
        db.load(&mut ada, User::orders.filter(bad()))
            .await
            .unwrap_err(),
    );
    for (at, error) in errors.iter().enumerate() {
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{at}: {error}");
    }
    assert_eq!(db.statements(), 0);
    let plan = user().filter(bad()).explain().to_string();
    assert!(plan.starts_with("this will fail"), "{plan}");
    Ok(())
}

async fn question_marks_in_quotes_and_comments_are_text(db: Db) -> Result<()> {
    filled(&db).await?;
    let text = "SELECT '?', name AS \"a ?\", id + ? /* ? */ FROM users -- ?\n WHERE id = ? AND name <> 'it''s ?'";
    let rows: Vec<(String, String, i64)> = db.query(text, (7, 1)).await?;
    assert_eq!(rows, [("?".to_owned(), "Ada".to_owned(), 8)]);
    let found = db
        .find::<User>()
        .filter(sql("name = ? -- and ?", ("Ada",)))
        .filter(User::id.eq(1))
        .await?;
    assert_eq!(found.len(), 1);
    for open in ["SELECT 'a", "SELECT \"a", "SELECT /* a", "SELECT `a"] {
        let error = db.query::<(i64,)>(open, ()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{open}");
    }
    let error = db.query::<(i64,)>("SELECT ?1", (1,)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    Ok(())
}

async fn hostile_values_are_only_values(db: Db) -> Result<()> {
    filled(&db).await?;
    let hostile = [
        "'; DROP TABLE users; --",
        "\" OR \"\"=\"",
        "%_\\",
        "\u{202e}",
        "🦀",
        "",
        "?",
        "NULL",
        "\\'; --",
    ];
    for text in hostile {
        db.execute("UPDATE users SET name = ? WHERE id = 1", (text,))
            .await?;
        let found = db.find::<User>().filter(User::name.eq(text)).await?;
        assert_eq!(
            (found.len(), found[0].id, found[0].name.as_str()),
            (1, 1, text)
        );
        let found = db
            .find::<User>()
            .filter(User::name.is_in([text]))
            .filter(sql("name = ?", (text,)))
            .await?;
        assert_eq!(found.len(), 1, "{text:?}");
        let rows: Vec<(String,)> = db
            .query("SELECT name FROM users WHERE name = ?", (text,))
            .await?;
        assert_eq!(rows, [(text.to_owned(),)]);
    }
    assert_eq!(db.find::<User>().count().await?, 4);
    Ok(())
}

async fn hostile_statements_are_errors_not_panics(db: Db) -> Result<()> {
    filled(&db).await?;
    let big = "x".repeat(3_000_000);
    for text in [
        "",
        " ",
        ";",
        "--",
        "\0",
        "SELECT 1\0",
        "SELECT \0 1",
        "SELEC 1",
        "SELECT * FROM nowhere",
        "🦀",
        "SELECT 1; SELECT 2",
        big.as_str(),
    ] {
        let query = db.query::<(i64,)>(text, ()).await;
        let execute = db.execute(text, ()).await;
        for error in [query.err(), execute.err()].into_iter().flatten() {
            assert!(!error.to_string().is_empty());
        }
    }
    let error = db.query::<(i64, i64)>("SELECT 1", ()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    let error = db.query::<(i64,)>("SELECT 'text'", ()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    let error = db.query::<(i64,)>("SELECT NULL", ()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert_eq!(
        db.query::<(Option<i64>,)>("SELECT NULL", ()).await?,
        [(None,)]
    );
    let error = db
        .query::<(i64,)>("SELECT x FROM users", ())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Statement);
    assert!(error.sql().is_some());
    Ok(())
}

suite![
    a_wrong_number_of_values_is_refused_before_anything_runs,
    question_marks_in_quotes_and_comments_are_text,
    hostile_values_are_only_values,
    hostile_statements_are_errors_not_panics,
];
