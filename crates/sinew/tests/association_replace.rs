//! What a replace costs, and what it leaves behind.
#![allow(missing_docs)]

mod association_support;

use association_support::*;

/// Targets that are linked already are not looked for; without a difference nothing is written.
#[tokio::test]
async fn what_is_linked_is_not_looked_for() -> sinew::Result<()> {
    let db = open().await;
    let mut ada = user(&db, "Ada").await;
    let mut all: Vec<_> = (0..30).map(|n| language(&n.to_string())).collect();
    db.create(&mut all).await?;
    db.association(&mut ada, User::languages)
        .append(all[..20].to_vec())
        .await?;

    let (diff, n) = statements!(
        db,
        db.association(&mut ada, User::languages)
            .replace(all[10..].to_vec())
            .await?
    );
    assert_eq!((diff.added, diff.kept, diff.removed), (10, 10, 10));
    assert_eq!(n, 4, "links, new targets, delete, insert");
    let (diff, n) = statements!(
        db,
        db.association(&mut ada, User::languages)
            .replace(all[10..].to_vec())
            .await?
    );
    assert_eq!((diff.added, diff.kept, diff.removed), (0, 20, 0));
    assert_eq!(n, 1, "links");
    assert_eq!(
        number(&db, "SELECT sum(language_id) FROM user_languages").await,
        (11..=30).sum::<i64>()
    );

    let mut many: Vec<_> = (100..300).map(|n| language(&n.to_string())).collect();
    db.create(&mut many).await?;
    let diff = db
        .association(&mut ada, User::languages)
        .replace(many)
        .await?;
    assert_eq!((diff.added, diff.kept, diff.removed), (200, 0, 20));
    let diff = db
        .association(&mut ada, User::languages)
        .replace([language("new"), all[0].clone(), all[0].clone()])
        .await?;
    assert_eq!((diff.added, diff.kept, diff.removed), (2, 0, 200));
    assert_eq!(db.association(&mut ada, User::languages).count().await?, 2);
    Ok(())
}

/// What a kept target holds is written all the same.
#[tokio::test]
async fn what_a_linked_target_holds_is_written() -> sinew::Result<()> {
    let db = open().await;
    let mut ada = user(&db, "Ada").await;
    let mut bob = user(&db, "Bob").await;
    db.association(&mut ada, User::friends)
        .append(bob.clone())
        .await?;
    bob.orders = [order(3.0)].into();
    let diff = db
        .association(&mut ada, User::friends)
        .replace(&mut bob)
        .await?;
    assert_eq!((diff.added, diff.kept, diff.removed), (0, 1, 0));
    assert_eq!(bob.orders.loaded()?[0].id, 1);
    assert_eq!(db.find::<Order>().count().await?, 1);
    Ok(())
}
