//! Association mode on has-one, has-many, polymorphic and belongs-to associations.

use sinew_suite::prelude::*;

use crate::fixture::*;

const ORDERS: &str = "SELECT id, user_id FROM orders ORDER BY id";

/// New children are inserted with the key, existing ones are re-parented; other columns stay.
// Behaviour: B152
async fn append_inserts_and_reparents(db: Db) -> Result<()> {
    tables(&db).await?;
    let (mut ada, mut bob) = (user(&db, "Ada").await, user(&db, "Bob").await);
    let mut first = Order {
        items: [Item {
            sku: "a".into(),
            ..Default::default()
        }]
        .into(),
        ..order(1.0)
    };
    let ((), n) = statements!(
        db,
        db.association(&mut ada, User::orders)
            .append(&mut first)
            .await?
    );
    assert_eq!((first.id, first.user_id, n), (1, Some(1), 2));
    assert_eq!(first.items.loaded()?[0].order_id, 1);

    let mut loaded = db
        .find::<Order>()
        .preload(Order::user)
        .first()
        .await?
        .unwrap();
    loaded.amount = 9.0;
    let ((), n) = statements!(
        db,
        db.association(&mut bob, User::orders)
            .append(&mut loaded)
            .await?
    );
    assert_eq!((loaded.user_id, n), (Some(2), 2));
    assert!(!loaded.user.is_loaded(), "the old owner is stale");
    assert_eq!(linked(&db, ORDERS).await, [(1, Some(2))]);
    assert_eq!(db.get::<Order>(1).await?.amount, 1.0);
    assert_eq!(db.association(&mut ada, User::orders).count().await?, 0);
    Ok(())
}

/// Reading is an ordinary query; a later `or` does not leave the association.
// Behaviour: B143, B146, B149
async fn find_is_a_query(db: Db) -> Result<()> {
    tables(&db).await?;
    let (mut ada, mut bob) = (user(&db, "Ada").await, user(&db, "Bob").await);
    let items = [Item {
        sku: "a".into(),
        ..Default::default()
    }];
    let big = Order {
        items: items.into(),
        ..order(200.0)
    };
    db.association(&mut ada, User::orders)
        .append([order(50.0), big])
        .await?;
    db.association(&mut bob, User::orders)
        .append(order(500.0))
        .await?;
    let found = db
        .association(&mut ada, User::orders)
        .find()
        .filter(Order::amount.gt(100.0))
        .await?;
    assert_eq!(found.len(), 1);
    let found = db
        .association(&mut ada, User::orders)
        .find()
        .filter(Order::amount.lt(1.0))
        .or(Order::amount.gt(100.0))
        .await?;
    assert_eq!(found.len(), 1);
    let top = db
        .association(&mut ada, User::orders)
        .find()
        .order_by(Order::amount.desc())
        .limit(1)
        .preload(Order::items)
        .await?;
    assert_eq!((top[0].amount, top[0].items.loaded()?.len()), (200.0, 1));
    let first = db
        .association(&mut ada, User::orders)
        .find()
        .first()
        .await?;
    assert_eq!(first.unwrap().amount, 50.0);
    assert_eq!(
        db.association(&mut ada, User::orders)
            .find()
            .filter(Order::amount.gt(60.0))
            .count()
            .await?,
        1
    );
    assert_eq!(db.association(&mut ada, User::orders).count().await?, 2);
    assert_eq!(
        db.association(&mut ada, User::items).count().await?,
        1,
        "through others"
    );
    assert_eq!(db.association(&mut bob, User::items).find().await?.len(), 0);
    assert!(!ada.orders.is_loaded());
    Ok(())
}

// Behaviour: B167, B172, B178, B181
async fn replace_delete_and_clear_unlink(db: Db) -> Result<()> {
    tables(&db).await?;
    let (mut ada, mut bob) = (user(&db, "Ada").await, user(&db, "Bob").await);
    let mut all = vec![order(1.0), order(2.0), order(3.0)];
    db.association(&mut ada, User::orders)
        .append(&mut all)
        .await?;
    let mut bobs = order(4.0);
    db.association(&mut bob, User::orders)
        .append(&mut bobs)
        .await?;
    let keep = all[1].clone();
    let (diff, n) = statements!(
        db,
        db.association(&mut ada, User::orders)
            .replace([keep, order(5.0)])
            .await?
    );
    assert_eq!((diff.added, diff.kept, diff.removed), (1, 1, 2));
    assert_eq!(n, 3, "current, unlink, insert");
    assert_eq!(
        linked(&db, ORDERS).await,
        [
            (1, None),
            (2, Some(1)),
            (3, None),
            (4, Some(2)),
            (5, Some(1))
        ]
    );
    db.association(&mut ada, User::orders).delete(&bobs).await?;
    db.association(&mut ada, User::orders)
        .delete(&order(0.0))
        .await?;
    assert_eq!(
        db.association(&mut bob, User::orders).count().await?,
        1,
        "another owner's child stays"
    );
    let ((), n) = statements!(
        db,
        db.association(&mut ada, User::orders).delete(&all).await?
    );
    assert_eq!(n, 1);
    assert_eq!(db.association(&mut ada, User::orders).count().await?, 1);
    let ((), n) = statements!(db, db.association(&mut ada, User::orders).clear().await?);
    assert_eq!(n, 1);
    assert_eq!(db.association(&mut ada, User::orders).count().await?, 0);
    assert_eq!(db.find::<Order>().count().await?, 5);
    Ok(())
}

/// A has-one is replaced, also under a unique index.
// Behaviour: B155, B166, B170
async fn has_one_append_is_replace(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut ada = user(&db, "Ada").await;
    ada.passport = None.into();
    let mut old = Passport {
        number: "1".into(),
        ..Default::default()
    };
    db.association(&mut ada, User::passport)
        .append(&mut old)
        .await?;
    assert_eq!(ada.passport.loaded()?.unwrap().number, "1");
    db.association(&mut ada, User::passport)
        .append(Passport {
            number: "2".into(),
            ..Default::default()
        })
        .await?;
    assert_eq!(ada.passport.loaded()?.unwrap().number, "2");
    assert_eq!(
        linked(&db, "SELECT id, user_id FROM passports ORDER BY id").await,
        [(1, None), (2, Some(1))]
    );
    let diff = db
        .association(&mut ada, User::passport)
        .replace(old.clone())
        .await?;
    assert_eq!((diff.added, diff.kept, diff.removed), (1, 0, 1));
    let diff = db
        .association(&mut ada, User::passport)
        .replace(old.clone())
        .await?;
    assert_eq!((diff.added, diff.kept, diff.removed), (0, 1, 0));
    let error = db
        .association(&mut ada, User::passport)
        .append([old.clone(), old])
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidLength);
    db.association(&mut ada, User::passport).clear().await?;
    assert!(ada.passport.loaded()?.is_none());

    // Two owners exchange theirs, although the key is unique.
    let mut users = vec![user(&db, "B").await, user(&db, "C").await];
    let passports = ["b", "c"].map(|number| Passport {
        number: number.into(),
        ..Default::default()
    });
    db.association(&mut users, User::passport)
        .append(passports)
        .await?;
    let mut held = db
        .association(&mut users, User::passport)
        .find()
        .order_by(Passport::id.desc())
        .await?;
    let diff = db
        .association(&mut users, User::passport)
        .replace(&mut held)
        .await?;
    assert_eq!((diff.added, diff.removed), (2, 2));
    assert_eq!(
        db.association(&mut users[0], User::passport)
            .find()
            .first()
            .await?
            .unwrap()
            .number,
        "c"
    );
    Ok(())
}

/// A NOT NULL key is refused before anything is written, naming the way out.
// Behaviour: B173
async fn a_displaced_child_with_a_required_key(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut ada = user(&db, "Ada").await;
    let bio = |bio: &str| Profile {
        bio: bio.into(),
        ..Default::default()
    };
    db.association(&mut ada, User::profile)
        .append(bio("old"))
        .await?;
    let mut new = bio("new");
    let error = db
        .association(&mut ada, User::profile)
        .append(&mut new)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotNullViolation);
    assert!(error.to_string().contains(".unscoped()"), "{error}");
    assert_eq!((new.id, new.user_id), (0, 0));
    assert_eq!(db.find::<Profile>().pluck(Profile::bio).await?, ["old"]);
    db.association(&mut ada, User::profile)
        .unscoped()
        .append(&mut new)
        .await?;
    assert_eq!(db.find::<Profile>().pluck(Profile::bio).await?, ["new"]);
    let diff = db
        .association(&mut ada, User::profile)
        .unscoped()
        .replace(bio("newer"))
        .await?;
    assert_eq!((diff.added, diff.kept, diff.removed), (1, 0, 1));
    db.association(&mut ada, User::profile)
        .unscoped()
        .delete(&new)
        .await?;
    assert_eq!(db.find::<Profile>().count().await?, 1);
    db.association(&mut ada, User::profile)
        .unscoped()
        .clear()
        .await?;
    assert_eq!(db.find::<Profile>().count().await?, 0);
    Ok(())
}

/// The type tells owners apart and keeps its value.
// Behaviour: B154, B168, B177
async fn polymorphic(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut ada = user(&db, "Ada").await;
    let image = |url: &str| Image {
        url: url.into(),
        ..Default::default()
    };
    db.association(&mut ada, User::images)
        .append([image("a"), image("b")])
        .await?;
    db.association(&mut ada, User::avatar)
        .append(image("me"))
        .await?;
    assert_eq!(db.association(&mut ada, User::images).count().await?, 2);
    let diff = db
        .association(&mut ada, User::images)
        .replace(image("c"))
        .await?;
    assert_eq!(diff.removed, 2);
    db.association(&mut ada, User::images).clear().await?;
    let rows = db
        .query::<(String, Option<i64>)>("SELECT owner_type, owner_id FROM images ORDER BY id", ())
        .await?;
    let rows: Vec<_> = rows.iter().map(|(kind, id)| (kind.as_str(), *id)).collect();
    assert_eq!(
        rows,
        [
            ("users", None),
            ("users", None),
            ("avatar", Some(1)),
            ("users", None)
        ]
    );
    Ok(())
}

/// The key is the owner's.
// Behaviour: B144, B155, B165, B172, B179, B183
async fn belongs_to(db: Db) -> Result<()> {
    tables(&db).await?;
    let (mut ada, mut bob) = (user(&db, "Ada").await, user(&db, "Bob").await);
    let mut acme = Company {
        name: "Acme".into(),
        ..Default::default()
    };
    let ((), n) = statements!(
        db,
        db.association(&mut ada, User::company)
            .append(&mut acme)
            .await?
    );
    assert_eq!((acme.id, ada.company_id, n), (1, Some(1), 2));
    assert!(!ada.company.is_loaded());
    db.association(&mut bob, User::company)
        .append(acme.clone())
        .await?;
    assert_eq!(
        db.association(&mut ada, User::company).find().await?,
        [acme.clone()]
    );
    ada.company = None.into();
    let diff = db
        .association(&mut ada, User::company)
        .replace(Company {
            name: "Other".into(),
            ..Default::default()
        })
        .await?;
    assert_eq!((diff.added, diff.kept, diff.removed), (1, 0, 1));
    assert_eq!(ada.company.loaded()?.unwrap().name, "Other");
    assert_eq!(
        linked(&db, "SELECT id, company_id FROM users ORDER BY id").await,
        [(1, Some(2)), (2, Some(1))]
    );
    db.association(&mut ada, User::company)
        .delete(&acme)
        .await?;
    assert_eq!(ada.company_id, Some(2), "it belongs to another one");
    db.association(&mut bob, User::company)
        .delete(&acme)
        .await?;
    assert_eq!(bob.company_id, None);
    let ((), n) = statements!(db, db.association(&mut ada, User::company).clear().await?);
    assert_eq!((n, ada.company_id), (1, None));
    assert!(ada.company.loaded()?.is_none());
    assert_eq!(
        number(
            &db,
            "SELECT count(*) FROM users WHERE company_id IS NOT NULL"
        )
        .await,
        0
    );
    assert_eq!(db.find::<Company>().count().await?, 2);
    Ok(())
}

/// Self-referential has-many and belongs-to.
// Behaviour: B156
async fn self_referential(db: Db) -> Result<()> {
    tables(&db).await?;
    let (mut ada, mut bob) = (user(&db, "Ada").await, user(&db, "Bob").await);
    db.association(&mut ada, User::reports)
        .append(&mut bob)
        .await?;
    assert_eq!(bob.manager_id, Some(ada.id));
    let boss = db
        .association(&mut bob, User::manager)
        .find()
        .first()
        .await?;
    assert_eq!(boss.unwrap().name, "Ada");
    db.association(&mut ada, User::reports).clear().await?;
    assert_eq!(db.association(&mut ada, User::reports).count().await?, 0);
    Ok(())
}

suite![
    append_inserts_and_reparents,
    find_is_a_query,
    replace_delete_and_clear_unlink,
    has_one_append_is_replace,
    a_displaced_child_with_a_required_key,
    polymorphic,
    belongs_to,
    self_referential,
];
