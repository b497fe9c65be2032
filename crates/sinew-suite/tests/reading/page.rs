//! Keyset pages and streams.

use futures_util::{StreamExt, TryStreamExt};
use sinew::query::Cursor;
use sinew_suite::prelude::*;

use crate::fixture::*;

/// Walks all pages forwards, then backwards, and compares with the whole.
async fn walk(find: impl Fn() -> sinew::query::Find<'static, User>, size: u64) -> Result<()> {
    let find = || find().order_by(User::age.asc()).order_by(User::name.desc());
    let whole: Vec<i64> = find()
        .order_by(User::id)
        .await?
        .iter()
        .map(|user| user.id)
        .collect();
    let (mut ids, mut cursor, mut last) = (Vec::new(), None::<Cursor>, None);
    loop {
        let mut page = find().page(size);
        if let Some(cursor) = &cursor {
            page = page.after(&cursor.to_string().parse()?);
        }
        let page = page.await?;
        assert!(page.rows.len() as u64 <= size);
        ids.extend(page.rows.iter().map(|user| user.id));
        let done = page.next.is_none();
        cursor.clone_from(&page.next);
        last = Some(page).or(last);
        if done {
            break;
        }
    }
    assert_eq!(ids, whole, "forwards, {size}");
    let mut back = last.unwrap();
    let mut ids: Vec<i64> = back.rows.iter().map(|user| user.id).collect();
    while let Some(previous) = back.previous {
        back = find().page(size).before(&previous).await?;
        assert!(back.next.is_some());
        ids.splice(0..0, back.rows.iter().map(|user| user.id));
    }
    assert_eq!(ids, whole, "backwards, {size}");
    Ok(())
}

async fn pages_cover_everything_once_in_any_size(db: Db) -> Result<()> {
    tables(&db).await?;
    let one = |n| User {
        name: format!("n{}", n % 5),
        age: (n % 4 != 0).then_some(n % 3),
        ..Default::default()
    };
    db.create(&mut (1..=23).map(one).collect::<Vec<_>>())
        .await?;
    let db: &'static Db = Box::leak(Box::new(db));
    for size in [1, 2, 3, 7, 22, 23, 24, 100] {
        walk(|| db.find::<User>(), size).await?;
        walk(
            || db.find::<User>().order_by(User::age.desc().nulls_first()),
            size,
        )
        .await?;
        walk(
            || db.find::<User>().order_by(User::age.asc().nulls_last()),
            size,
        )
        .await?;
        walk(
            || {
                db.find::<User>()
                    .order_by(User::name.upper().desc())
                    .join(User::orders)
            },
            size,
        )
        .await?;
        walk(
            || {
                db.find::<User>()
                    .order_by(User::company.to(Company::name).desc())
                    .preload(User::orders)
            },
            size,
        )
        .await?;
    }
    Ok(())
}

async fn pages_load_associations_of_their_rows_only(db: Db) -> Result<()> {
    filled(&db).await?;
    let db = db.counting();
    let page = db
        .find::<User>()
        .order_by(User::name.desc())
        .preload(User::orders)
        .page(3)
        .await?;
    assert_eq!(db.statements(), 2);
    assert_eq!(names(&page.rows), ["Dan", "Cid", "Bob"]);
    assert!(page.previous.is_none());
    let rest = db
        .find::<User>()
        .order_by(User::name.desc())
        .preload(User::orders)
        .page(3)
        .after(&page.next.unwrap())
        .await?;
    assert_eq!(names(&rest.rows), ["Ada"]);
    assert_eq!(rest.rows[0].orders.loaded()?.len(), 3);
    assert!(rest.next.is_none());
    let empty = db.find::<User>().filter(User::id.eq(-1)).page(3).await?;
    assert!(empty.rows.is_empty() && empty.next.is_none());
    Ok(())
}

async fn bad_cursors_and_bad_pages(db: Db) -> Result<()> {
    filled(&db).await?;
    let page = db.find::<User>().order_by(User::name).page(1).await?;
    let cursor = page.next.unwrap();
    let error = db
        .find::<User>()
        .order_by(User::age)
        .page(1)
        .after(&cursor)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let error = db
        .find::<Company>()
        .order_by(Company::name)
        .page(1)
        .after(&cursor)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    for find in [
        db.find::<User>().limit(3),
        db.find::<User>().offset(1),
        db.find::<User>().group_by(User::age),
    ] {
        assert_eq!(
            find.page(2).await.unwrap_err().kind(),
            ErrorKind::InvalidInput
        );
    }
    assert_eq!(
        db.find::<User>().page(0).await.unwrap_err().kind(),
        ErrorKind::InvalidInput
    );
    assert_eq!(db.find::<User>().page(u64::MAX).await?.rows.len(), 4);
    let text = cursor.to_string();
    let mut hostile: Vec<String> = [
        "",
        "A",
        "AA",
        "====",
        "\0",
        "'; DROP TABLE users; --",
        "ß",
        "🦀🦀🦀🦀",
    ]
    .map(String::from)
    .into();
    hostile.push("A".repeat(100_000));
    hostile.extend((0..text.len()).map(|at| text[..at].to_owned()));
    hostile.extend((0..text.len()).map(|at| {
        let other = if &text[at..=at] == "A" { "B" } else { "A" };
        format!("{}{other}{}", &text[..at], &text[at + 1..])
    }));
    for text in hostile {
        match text.parse::<Cursor>() {
            Err(error) => assert_eq!(error.kind(), ErrorKind::InvalidInput),
            // The last letter of the text may hold bits that mean nothing.
            Ok(read) => assert_eq!(read, cursor),
        }
    }
    Ok(())
}

async fn a_stream_gives_every_row_with_its_preloads(db: Db) -> Result<()> {
    crowd(&db, 1234).await?;
    let mut stream = db.find::<User>().preload(User::orders).stream();
    let mut seen = 0;
    while let Some(user) = stream.try_next().await? {
        seen += 1;
        assert_eq!(user.orders.loaded()?.len(), 1);
        assert_eq!(user.orders.loaded()?[0].user_id, Some(user.id));
        if seen % 400 == 0 {
            // The loop may use the database, for writing too.
            db.execute("UPDATE users SET age = 1 WHERE id = ?", (user.id,))
                .await?;
            assert_eq!(db.find::<User>().count().await?, 1234);
        }
    }
    assert_eq!(seen, 1234);
    assert!(stream.next().await.is_none());
    let some: Vec<User> = db
        .find::<User>()
        .order_by((User::name.desc(), User::id.asc()))
        .limit(700)
        .stream()
        .try_collect()
        .await?;
    assert_eq!(
        some,
        db.find::<User>()
            .order_by((User::name.desc(), User::id.asc()))
            .limit(700)
            .await?
    );
    let dropped: Vec<_> = db.find::<User>().stream().take(3).collect().await;
    assert_eq!(dropped.len(), 3);
    let joined: Vec<User> = db
        .find::<User>()
        .join(User::company)
        .stream()
        .try_collect()
        .await?;
    assert!(joined.iter().all(|user| user.company.is_loaded()));
    let error = db
        .find::<User>()
        .join(User::orders)
        .stream()
        .try_collect::<Vec<_>>()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    let broken = db
        .find::<User>()
        .filter(sql("id = ?", ()))
        .stream()
        .try_collect::<Vec<_>>()
        .await;
    assert_eq!(broken.unwrap_err().kind(), ErrorKind::InvalidInput);
    Ok(())
}

async fn a_stream_inside_a_transaction(db: Db) -> Result<()> {
    crowd(&db, 1100).await?;
    db.transaction(async |tx| {
        let mut stream = tx.find::<User>().preload(User::orders).stream();
        let mut seen = 0;
        while let Some(user) = stream.try_next().await? {
            seen += 1;
            if seen % 300 == 0 {
                tx.execute("UPDATE users SET age = 7 WHERE id = ?", (user.id,))
                    .await?;
                tx.transaction(async |inner| inner.find::<User>().count().await)
                    .await?;
            }
        }
        assert_eq!(seen, 1100);
        let mut one = tx.find::<User>().stream();
        one.try_next().await?;
        let mut other = tx.find::<User>().stream();
        other.try_next().await?;
        // Where both cannot be read at once, the first one says so: never rows twice.
        match one.try_collect::<Vec<_>>().await {
            Ok(rows) => assert_eq!(rows.len(), 1099),
            Err(error) => assert_eq!(error.kind(), ErrorKind::Unsupported),
        }
        assert_eq!(other.try_collect::<Vec<_>>().await?.len(), 1099);
        Ok(())
    })
    .await?;
    assert_eq!(db.find::<User>().filter(User::age.eq(7)).count().await?, 3);
    Ok(())
}

async fn a_stream_can_be_sent(db: Db) -> Result<()> {
    crowd(&db, 10).await?;
    let count = tokio::spawn(async move { db.find::<User>().stream().count().await });
    assert_eq!(count.await.unwrap(), 10);
    Ok(())
}

/// Users with an order each.
async fn crowd(db: &Db, n: u32) -> Result<()> {
    tables(db).await?;
    let one = |i| User {
        name: format!("u{}", i % 10),
        orders: [Order {
            amount: f64::from(i),
            ..Default::default()
        }]
        .into(),
        ..Default::default()
    };
    db.create(&mut (1..=n).map(one).collect::<Vec<_>>()).await
}

suite![
    pages_cover_everything_once_in_any_size,
    pages_load_associations_of_their_rows_only,
    bad_cursors_and_bad_pages,
    a_stream_gives_every_row_with_its_preloads,
    a_stream_inside_a_transaction,
    a_stream_can_be_sent,
];
