//! Association mode on many-to-many associations.

use sinew::Difference;
use sinew_suite::prelude::*;

use crate::fixture::*;

const LINKS: &str = "SELECT user_id, language_id FROM user_languages ORDER BY 1, 2";

async fn names(db: &Db, user: &mut User) -> Vec<String> {
    db.association(user, User::languages)
        .find()
        .order_by(Language::name.asc())
        .pluck(Language::name)
        .await
        .unwrap()
}

/// A new target is inserted, linked and gets its key; the owner's row and
/// an unloaded field stay.
// Behaviour: B153, B157, B160, B161
async fn append_inserts_links_and_stamps(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut ada = user(&db, "Ada").await;
    let before = db.get::<User>(ada.id).await?.updated_at;
    let mut go = language("Go");
    let ((), n) = statements!(
        db,
        db.association(&mut ada, User::languages)
            .append(&mut go)
            .await?
    );
    assert_eq!((go.id, n), (1, 2));
    assert_eq!(linked(&db, LINKS).await, [(1, Some(1))]);
    assert!(!ada.languages.is_loaded());
    assert_eq!(db.get::<User>(ada.id).await?.updated_at, before);

    // Again: one check, one link that is there already.
    go.name = "Golang".into();
    let ((), n) = statements!(
        db,
        db.association(&mut ada, User::languages)
            .append(&mut go)
            .await?
    );
    assert_eq!(n, 2);
    assert_eq!(number(&db, "SELECT count(*) FROM user_languages").await, 1);
    assert_eq!(
        names(&db, &mut ada).await,
        ["Go"],
        "columns of an existing target stay"
    );
    Ok(())
}

async fn append_takes_every_shape(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut ada = user(&db, "Ada").await;
    let (mut lent, mut list) = (language("a"), vec![language("b"), language("c")]);
    let (mut x, mut y) = (language("x"), language("y"));
    db.association(&mut ada, User::languages)
        .append(&mut lent)
        .await?;
    db.association(&mut ada, User::languages)
        .append(&mut list)
        .await?;
    db.association(&mut ada, User::languages)
        .append([language("d"), language("e")])
        .await?;
    db.association(&mut ada, User::languages)
        .append(vec![language("f")])
        .await?;
    db.association(&mut ada, User::languages)
        .append(language("g"))
        .await?;
    db.association(&mut ada, User::languages)
        .append([&mut x, &mut y])
        .await?;
    db.association(&mut ada, User::languages)
        .append(&mut list[..])
        .await?;
    db.association(&mut ada, User::languages)
        .append(vec![vec![language("h")]])
        .await?;
    db.association(&mut ada, User::languages)
        .append(Vec::<Language>::new())
        .await?;
    assert_eq!(names(&db, &mut ada).await.concat(), "abcdefghxy");
    assert!(lent.id > 0 && list[1].id > 0 && y.id > 0);
    Ok(())
}

/// The loaded field follows, without doubles; loaded elements are not sent again.
async fn the_loaded_field_follows(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut ada = user(&db, "Ada").await;
    db.association(&mut ada, User::languages)
        .append([language("Go"), language("C")])
        .await?;
    let mut ada = db
        .find::<User>()
        .preload(User::languages.order_by(Language::id))
        .first()
        .await?
        .unwrap();
    let go = ada.languages.loaded()?[0].clone();
    ada.languages.loaded_mut()?[1].name = "changed".into();
    let ((), n) = statements!(
        db,
        db.association(&mut ada, User::languages)
            .append([go.clone(), language("Zig")])
            .await?
    );
    assert_eq!(n, 3, "a check, an insert of the new target, its links");
    let held: Vec<_> = ada
        .languages
        .loaded()?
        .iter()
        .map(|l| (l.id, l.name.as_str()))
        .collect();
    assert_eq!(held, [(1, "Go"), (2, "changed"), (3, "Zig")]);
    assert_eq!(names(&db, &mut ada).await, ["C", "Go", "Zig"]);
    db.association(&mut ada, User::languages)
        .delete(&go)
        .await?;
    assert_eq!(ada.languages.loaded()?.len(), 2);
    let kept = ada.languages.loaded()?[0].clone();
    db.association(&mut ada, User::languages)
        .replace([language("D"), kept])
        .await?;
    let held: Vec<_> = ada
        .languages
        .loaded()?
        .iter()
        .map(|l| l.name.as_str())
        .collect();
    assert_eq!(held, ["D", "changed"]);
    db.association(&mut ada, User::languages).clear().await?;
    assert!(ada.languages.loaded()?.is_empty());
    assert_eq!(db.find::<Language>().count().await?, 4, "targets survive");
    Ok(())
}

/// Only the difference is written.
// Behaviour: B169, B170
async fn replace_writes_the_difference(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut ada = user(&db, "Ada").await;
    let mut bob = user(&db, "Bob").await;
    let mut all = vec![language("a"), language("b"), language("c")];
    db.association(&mut ada, User::languages)
        .append(&mut all)
        .await?;
    db.association(&mut bob, User::languages)
        .append(&mut all)
        .await?;
    let keep = all[1].clone();
    let (diff, n) = statements!(
        db,
        db.association(&mut ada, User::languages)
            .replace([keep.clone(), keep, language("d")])
            .await?
    );
    assert_eq!(
        diff,
        Difference {
            added: 1,
            kept: 1,
            removed: 2
        }
    );
    assert_eq!(n, 4, "current links, insert of the target, delete, insert");
    assert_eq!(names(&db, &mut ada).await, ["b", "d"]);
    assert_eq!(
        names(&db, &mut bob).await,
        ["a", "b", "c"],
        "other owners are unaffected"
    );

    let same = db.association(&mut ada, User::languages).find().await?;
    let (diff, n) = statements!(
        db,
        db.association(&mut ada, User::languages)
            .replace(same)
            .await?
    );
    assert_eq!((diff.added, diff.kept, diff.removed), (0, 2, 0));
    assert!(n <= 3, "no row by row: {n}");
    let diff = db
        .association(&mut ada, User::languages)
        .replace(Vec::<Language>::new())
        .await?;
    assert_eq!(diff.removed, 2);
    assert_eq!(db.association(&mut ada, User::languages).count().await?, 0);
    Ok(())
}

/// A new target that collides on a unique column becomes the row that is there.
async fn a_colliding_target_becomes_the_existing_row(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut ada = user(&db, "Ada").await;
    let mut go = Language {
        speakers: 7,
        ..language("Go")
    };
    db.create(&mut go).await?;
    let mut again = language("Go");
    db.association(&mut ada, User::languages)
        .append(&mut again)
        .await?;
    assert_eq!((again.id, again.speakers), (go.id, 7));
    let diff = db
        .association(&mut ada, User::languages)
        .replace(language("Go"))
        .await?;
    assert_eq!((diff.added, diff.kept, diff.removed), (0, 1, 0));
    Ok(())
}

/// Only what is linked is unlinked; unsaved and strange targets change nothing.
// Behaviour: B180, B181
async fn delete_cuts_links_alone(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut ada = user(&db, "Ada").await;
    let mut all = vec![language("a"), language("b"), language("c")];
    let mut other = language("other");
    db.create(&mut other).await?;
    db.association(&mut ada, User::languages)
        .append(&mut all)
        .await?;
    let ((), n) = statements!(
        db,
        db.association(&mut ada, User::languages)
            .delete(&all[0])
            .await?
    );
    assert_eq!(n, 1);
    db.association(&mut ada, User::languages)
        .delete(&other)
        .await?;
    let ((), n) = statements!(
        db,
        db.association(&mut ada, User::languages)
            .delete(&language("b"))
            .await?
    );
    assert_eq!(n, 0);
    assert_eq!(names(&db, &mut ada).await, ["b", "c"]);
    db.association(&mut ada, User::languages)
        .delete(&all)
        .await?;
    assert_eq!(names(&db, &mut ada).await.len(), 0);
    assert_eq!(db.find::<Language>().count().await?, 4);
    Ok(())
}

/// Links alone are written; a missing target is the database's foreign key error.
// Behaviour: B195
async fn links_only(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut ada = user(&db, "Ada").await;
    let mut go = language("Go");
    db.create(&mut go).await?;
    let stub = Language {
        id: go.id,
        ..Default::default()
    };
    let ((), n) = statements!(
        db,
        db.association(&mut ada, User::languages)
            .links_only()
            .append(stub)
            .await?
    );
    assert_eq!(n, 1);
    let missing = Language {
        id: 99,
        ..Default::default()
    };
    let error = db
        .association(&mut ada, User::languages)
        .links_only()
        .append(missing)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ForeignKeyViolation);
    let error = db
        .association(&mut ada, User::languages)
        .links_only()
        .append(language("new"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::MissingKey);
    assert_eq!(linked(&db, LINKS).await, [(1, Some(1))]);
    Ok(())
}

/// An owner without a key reads as empty and refuses writes.
// Behaviour: B148, B164, B175, B182
async fn an_owner_without_a_key(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut nobody = User::default();
    assert_eq!(
        db.association(&mut nobody, User::languages).count().await?,
        0
    );
    assert!(
        db.association(&mut nobody, User::orders)
            .find()
            .await?
            .is_empty()
    );
    let mut go = language("Go");
    let errors = [
        db.association(&mut nobody, User::languages)
            .append(&mut go)
            .await
            .unwrap_err(),
        db.association(&mut nobody, User::languages)
            .replace(language("x"))
            .await
            .unwrap_err(),
        db.association(&mut nobody, User::languages)
            .delete(&Language {
                id: 1,
                ..Default::default()
            })
            .await
            .unwrap_err(),
        db.association(&mut nobody, User::languages)
            .clear()
            .await
            .unwrap_err(),
        db.association(&mut nobody, User::orders)
            .clear()
            .await
            .unwrap_err(),
        db.association(&mut nobody, User::company)
            .clear()
            .await
            .unwrap_err(),
    ];
    assert!(
        errors
            .iter()
            .all(|error| error.kind() == ErrorKind::MissingKey),
        "{errors:?}"
    );
    assert_eq!((go.id, db.find::<Language>().count().await?), (0, 0));
    Ok(())
}

/// Concurrent appends of different targets all end up linked.
// Behaviour: B163
async fn concurrent_appends(db: Db) -> Result<()> {
    tables(&db).await?;
    let ada = user(&db, "Ada").await;
    let tasks: Vec<_> = (0..20)
        .map(|i| {
            let (db, mut ada) = (db.clone(), ada.clone());
            tokio::spawn(async move {
                let target = Language {
                    name: format!("l{i}"),
                    ..Default::default()
                };
                db.association(&mut ada, User::languages)
                    .append(target)
                    .await
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap()?;
    }
    let mut ada = ada;
    assert_eq!(db.association(&mut ada, User::languages).count().await?, 20);
    Ok(())
}

/// A failure leaves neither rows nor keys behind.
async fn a_failure_undoes_everything(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut ada = User {
        id: 99,
        name: "nobody".into(),
        languages: [].into(),
        ..Default::default()
    };
    let mut go = language("Go");
    let error = db
        .association(&mut ada, User::languages)
        .append(&mut go)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ForeignKeyViolation);
    assert_eq!((go.id, ada.languages.loaded()?.len()), (0, 0));
    assert_eq!(db.find::<Language>().count().await?, 0);
    db.transaction(async |tx| {
        let mut bob = User {
            name: "Bob".into(),
            ..Default::default()
        };
        tx.create(&mut bob).await?;
        assert!(
            tx.association(&mut ada, User::languages)
                .append(&mut go)
                .await
                .is_err()
        );
        tx.association(&mut bob, User::languages)
            .append(&mut go)
            .await
    })
    .await?;
    let bob = db.find::<User>().order_by(User::id.desc()).first().await?;
    assert_eq!(linked(&db, LINKS).await, [(bob.unwrap().id, Some(go.id))]);
    Ok(())
}

/// A handle can be used for several verbs.
async fn a_handle_used_twice(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut ada = user(&db, "Ada").await;
    let mut languages = db.association(&mut ada, User::languages);
    languages.reborrow().append(language("Go")).await?;
    assert_eq!(languages.reborrow().count().await?, 1);
    languages.clear().await?;
    Ok(())
}

suite![
    append_inserts_links_and_stamps,
    append_takes_every_shape,
    the_loaded_field_follows,
    replace_writes_the_difference,
    a_colliding_target_becomes_the_existing_row,
    delete_cuts_links_alone,
    links_only,
    an_owner_without_a_key,
    a_failure_undoes_everything,
    a_handle_used_twice;
    threads: concurrent_appends,
];
