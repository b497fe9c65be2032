//! Association mode on several owners at once.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use sinew_suite::prelude::*;

use crate::fixture::*;

/// One value or one collection for each owner; another length is refused.
// Behaviour: B189, B191
async fn one_value_or_collection_per_owner(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut users = vec![user(&db, "Ada").await, user(&db, "Bob").await];
    db.association(&mut users, User::orders)
        .append(vec![order(1.0), order(2.0)])
        .await?;
    db.association(&mut users[..], User::orders)
        .append(vec![vec![order(3.0), order(4.0)], vec![]])
        .await?;
    let rows = linked(&db, "SELECT id, user_id FROM orders ORDER BY id").await;
    assert_eq!(
        rows,
        [(1, Some(1)), (2, Some(2)), (3, Some(1)), (4, Some(1))]
    );
    let error = db
        .association(&mut users, User::orders)
        .append([order(5.0)])
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidLength);
    assert!(
        error.message().contains("expected 2") && error.message().contains("got 1"),
        "{error}"
    );
    let error = db
        .association(&mut users, User::orders)
        .replace(vec![vec![order(5.0)]; 3])
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidLength);
    let mut one = vec![users[0].clone()];
    assert!(
        db.association(&mut one, User::orders)
            .append([order(5.0), order(6.0)])
            .await
            .is_err()
    );
    assert_eq!(db.find::<Order>().count().await?, 4);
    let acme = Company {
        name: "Acme".into(),
        ..Default::default()
    };
    db.association(&mut users, User::company)
        .append([acme.clone(), acme])
        .await?;
    assert_eq!(
        (users[0].company_id, users[1].company_id),
        (Some(1), Some(2))
    );
    Ok(())
}

/// Reads are the union, each target once; a replace is each owner's own difference.
// Behaviour: B190, B192
async fn each_owner_for_itself(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut users = vec![user(&db, "Ada").await, user(&db, "Bob").await];
    let mut all = vec![language("a"), language("b"), language("c")];
    db.create(&mut all).await?;
    let (a, b, c) = (all[0].clone(), all[1].clone(), all[2].clone());
    db.association(&mut users, User::languages)
        .append(vec![vec![a.clone(), b.clone()], vec![b.clone()]])
        .await?;
    assert_eq!(
        db.association(&mut users, User::languages).count().await?,
        2
    );
    assert_eq!(
        db.association(&mut users, User::languages)
            .find()
            .await?
            .len(),
        2
    );
    let diff = db
        .association(&mut users, User::languages)
        .replace(vec![vec![b.clone()], vec![a, c]])
        .await?;
    assert_eq!((diff.added, diff.kept, diff.removed), (2, 1, 2));
    let links = linked(
        &db,
        "SELECT user_id, language_id FROM user_languages ORDER BY 1, 2",
    )
    .await;
    assert_eq!(links, [(1, Some(2)), (2, Some(1)), (2, Some(3))]);
    db.association(&mut users, User::languages)
        .delete(&b)
        .await?;
    assert_eq!(
        db.association(&mut users, User::languages).count().await?,
        2
    );
    db.association(&mut users, User::languages).clear().await?;
    assert_eq!(
        db.association(&mut users, User::languages).count().await?,
        0
    );
    Ok(())
}

/// A child that moves between owners of the batch moves in memory too.
async fn a_child_moves(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut users = vec![
        User {
            name: "Ada".into(),
            notes: [Note::default()].into(),
            ..Default::default()
        },
        User {
            name: "Bob".into(),
            notes: [].into(),
            ..Default::default()
        },
    ];
    db.create(&mut users).await?;
    let note = users[0].notes.loaded()?[0].clone();
    let diff = db
        .association(&mut users, User::notes)
        .unscoped()
        .replace(vec![vec![], vec![note]])
        .await?;
    assert_eq!((diff.added, diff.kept, diff.removed), (1, 0, 1));
    assert_eq!(
        (
            users[0].notes.loaded()?.len(),
            users[1].notes.loaded()?.len()
        ),
        (0, 1)
    );
    assert_eq!(
        linked(
            &db,
            "SELECT id, user_id FROM notes WHERE deleted_at IS NULL"
        )
        .await,
        [(1, Some(2))]
    );
    Ok(())
}

/// A thousand owners take as many statements as one.
async fn the_number_of_statements_is_constant(db: Db) -> Result<()> {
    tables(&db).await?;
    for count in [1, 1000] {
        let mut users: Vec<User> = (0..count)
            .map(|i| User {
                name: format!("u{i}"),
                ..Default::default()
            })
            .collect();
        db.create(&mut users).await?;
        let new = |tag: &str| -> Vec<Language> {
            (0..count)
                .map(|i| language(&format!("{tag}{count}-{i}")))
                .collect()
        };
        let orders: Vec<Order> = (0..count).map(|_| order(1.0)).collect();
        let ((), n) = statements!(
            db,
            db.association(&mut users, User::languages)
                .append(new("a"))
                .await?
        );
        assert_eq!(n, 2);
        let (_, n) = statements!(
            db,
            db.association(&mut users, User::languages)
                .replace(new("b"))
                .await?
        );
        assert_eq!(n, 4);
        let ((), n) = statements!(
            db,
            db.association(&mut users, User::orders)
                .append(orders.clone())
                .await?
        );
        assert_eq!(n, 1);
        let (diff, n) = statements!(
            db,
            db.association(&mut users, User::orders)
                .replace(orders)
                .await?
        );
        assert_eq!((n, diff.added, diff.removed), (3, count, count));
        let ((), n) = statements!(
            db,
            db.association(&mut users, User::languages).clear().await?
        );
        assert_eq!(n, 1);
    }
    Ok(())
}

/// Whatever is replaced by whatever, each owner ends up with exactly the given set, in the
/// database and in memory, and the difference adds up.
async fn replace_sets_exactly(db: Db) -> Result<()> {
    tables(&db).await?;
    let sets = prop::collection::vec(prop::collection::vec(0usize..6, 0..6), 3);
    let steps = (prop::collection::vec(sets, 1..5), any::<bool>());
    let mut runner = TestRunner::default();
    for round in 0..48 {
        let (steps, many) = steps.new_tree(&mut runner).unwrap().current();
        eprintln!("{steps:?}, {many}");
        check(&db, round, steps, many).await?;
    }
    Ok(())
}

async fn check(db: &Db, round: i32, steps: Vec<Vec<Vec<usize>>>, many: bool) -> Result<()> {
    let mut users: Vec<User> = (0..3)
        .map(|i| User {
            name: format!("u{i}"),
            languages: [].into(),
            orders: [].into(),
            ..Default::default()
        })
        .collect();
    db.create(&mut users).await?;
    let mut languages: Vec<Language> = (0..6).map(|i| language(&format!("l{round}-{i}"))).collect();
    let mut orders: Vec<Order> = (0..6).map(|i| order(f64::from(i))).collect();
    db.create(&mut languages).await?;
    db.create(&mut orders).await?;
    let mut model: Vec<BTreeSet<i64>> = vec![BTreeSet::new(); 3];
    for step in steps {
        let id = |i: &usize| {
            if many {
                languages[*i].id
            } else {
                orders[*i].id
            }
        };
        let mut wanted: Vec<BTreeSet<i64>> = step
            .iter()
            .map(|set| set.iter().map(id).collect())
            .collect();
        if many {
            let given: Vec<Vec<Language>> = step
                .iter()
                .map(|set| set.iter().map(|&i| languages[i].clone()).collect())
                .collect();
            let diff = db
                .association(&mut users, User::languages)
                .replace(given)
                .await?;
            let kept: usize = model
                .iter()
                .zip(&wanted)
                .map(|(a, b)| a.intersection(b).count())
                .sum();
            let (before, after): (usize, usize) = (
                model.iter().map(BTreeSet::len).sum(),
                wanted.iter().map(BTreeSet::len).sum(),
            );
            assert_eq!(
                (diff.added, diff.kept, diff.removed),
                ((after - kept) as u64, kept as u64, (before - kept) as u64)
            );
        } else {
            // A child has one owner: the first that wants it gets it.
            for owner in 0..3 {
                let earlier: BTreeSet<i64> = wanted[..owner].iter().flatten().copied().collect();
                wanted[owner].retain(|id| !earlier.contains(id));
            }
            let given: Vec<Vec<Order>> = wanted
                .iter()
                .map(|set| {
                    set.iter()
                        .filter_map(|id| orders.iter().find(|order| order.id == *id).cloned())
                        .collect()
                })
                .collect();
            db.association(&mut users, User::orders)
                .replace(given)
                .await?;
        }
        model = wanted;
        for (user, ids) in users.iter_mut().zip(&model) {
            let held: BTreeSet<i64> = if many {
                user.languages.loaded()?.iter().map(|l| l.id).collect()
            } else {
                user.orders.loaded()?.iter().map(|o| o.id).collect()
            };
            let there: BTreeSet<i64> = if many {
                db.association(user, User::languages)
                    .find()
                    .pluck(Language::id)
                    .await?
                    .into_iter()
                    .collect()
            } else {
                db.association(user, User::orders)
                    .find()
                    .pluck(Order::id)
                    .await?
                    .into_iter()
                    .collect()
            };
            assert_eq!((&held, &there), (ids, ids));
        }
    }
    Ok(())
}

suite![
    one_value_or_collection_per_owner,
    each_owner_for_itself,
    a_child_moves,
    the_number_of_statements_is_constant,
    replace_sets_exactly,
];
