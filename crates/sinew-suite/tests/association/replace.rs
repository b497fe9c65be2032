//! What a replace costs, and what it leaves behind.

use sinew_suite::prelude::*;

use crate::fixture::*;

/// Targets that are linked already are not looked for; without a difference nothing is written.
async fn what_is_linked_is_not_looked_for(db: Db) -> Result<()> {
    tables(&db).await?;
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
    assert!(n <= 4, "links, new targets, delete, insert: {n}");
    let (diff, n) = statements!(
        db,
        db.association(&mut ada, User::languages)
            .replace(all[10..].to_vec())
            .await?
    );
    assert_eq!((diff.added, diff.kept, diff.removed), (0, 20, 0));
    assert!(n <= 3, "no row by row: {n}");
    let links = pairs(&db, "user_languages", "user_id", "language_id").await?;
    let held: Vec<i64> = links.iter().map(|(_, language)| *language).collect();
    assert_eq!(held, all[10..].iter().map(|l| l.id).collect::<Vec<_>>());

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

/// Targets with keys of their own are inserted where they are missing and left alone where they
/// are there, few or many.
async fn targets_that_are_missing_are_inserted(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut ada = user(&db, "Ada").await;
    let keyed = |id: i64, name: &str| Language {
        id,
        ..language(name)
    };
    let mut all = vec![language("a"), language("b"), language("c")];
    db.create(&mut all).await?;
    let mut on = db.association(&mut ada, User::languages);
    on.reborrow().append(all[..2].to_vec()).await?;
    let wanted = [
        keyed(1, "x"),
        keyed(3, "y"),
        keyed(50, "new"),
        keyed(50, "new"),
    ];
    let diff = on.replace(wanted).await?;
    assert_eq!((diff.added, diff.kept, diff.removed), (2, 1, 1));
    let links = "SELECT user_id, language_id FROM user_languages ORDER BY 1, 2";
    let of_ada = |ids: &[i64]| ids.iter().map(|id| (1, Some(*id))).collect::<Vec<_>>();
    assert_eq!(linked(&db, links).await, of_ada(&[1, 3, 50]));
    let held = db.find::<Language>().order_by(Language::id.asc());
    assert_eq!(held.pluck(Language::name).await?, ["a", "b", "c", "new"]);

    // Of many, some are there.
    let many: Vec<_> = (40..140).map(|id| keyed(id, &format!("l{id}"))).collect();
    let diff = db
        .association(&mut ada, User::languages)
        .replace(many)
        .await?;
    assert_eq!((diff.added, diff.kept, diff.removed), (99, 1, 2));
    assert_eq!(db.find::<Language>().count().await?, 103);
    let fifty = db.get::<Language>(50).await?;
    assert_eq!(fifty.name, "new", "what is there stays as it is");
    Ok(())
}

/// What a kept target holds is written all the same.
async fn what_a_linked_target_holds_is_written(db: Db) -> Result<()> {
    tables(&db).await?;
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

suite![
    what_is_linked_is_not_looked_for,
    targets_that_are_missing_are_inserted,
    what_a_linked_target_holds_is_written,
];
