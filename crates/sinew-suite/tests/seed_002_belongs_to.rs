//! The page "Belongs to": profiles of users.

// A case is no `#[test]` itself, so clippy does not know that it is one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use sinew_suite::prelude::*;

#[derive(Model, Clone, Debug, Default)]
struct User {
    id: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
    deleted_at: DeletedAt,
    name: String,
}

#[derive(Model, Clone, Debug, Default)]
struct Profile {
    id: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
    deleted_at: DeletedAt,
    user_id: i64,
    user: BelongsTo<User>,
    name: String,
}

fn user(name: &str) -> User {
    User {
        name: name.into(),
        ..Default::default()
    }
}

/// Three users, jinzhu first, each with a profile.
async fn profiles(db: &Db) -> Result<Vec<Profile>> {
    db.auto_migrate(models![User, Profile]).await?;
    let profile = |name: &str| Profile {
        name: format!("{name}'s profile"),
        user: user(name).into(),
        ..Default::default()
    };
    let mut all: Vec<_> = ["jinzhu", "ada", "grace"].map(profile).into();
    db.create(&mut all).await?;
    Ok(all)
}

// Seed: B003 -- Struct definition
async fn the_key_beside_the_field(db: Db) -> Result<()> {
    let all = profiles(&db).await?;
    assert_eq!(all.iter().map(|p| p.user_id).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(values::<i64>(&db, "profiles", "user_id").await?, [1, 2, 3]);
    Ok(())
}

mod foreign_key {
    use super::{User, user};
    use sinew_suite::prelude::*;

    #[derive(Model, Clone, Debug, Default)]
    struct Profile {
        id: i64,
        user_refer: i64,
        #[model(foreign_key = user_refer)]
        user: BelongsTo<User>,
        name: String,
    }

    // Seed: B012 -- Override the foreign key
    async fn user_refer_instead_of_user_id(db: Db) -> Result<()> {
        db.auto_migrate(models![User, Profile]).await?;
        let mut profile = Profile {
            user: user("jinzhu").into(),
            ..Default::default()
        };
        db.create(&mut profile).await?;
        assert_eq!(profile.user_refer, 1);
        assert_eq!(values::<i64>(&db, "profiles", "user_refer").await?, [1]);
        let read = db.get::<Profile>(1).preload(Profile::user).await?;
        assert_eq!(read.user.loaded()?.name, "jinzhu");
        Ok(())
    }

    suite![user_refer_instead_of_user_id];
}

mod references {
    use sinew_suite::prelude::*;

    #[derive(Model, Clone, Debug, Default)]
    struct User {
        id: i64,
        name: String,
        #[model(size = 40, unique_index)]
        refer: String,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct Profile {
        id: i64,
        name: String,
        #[model(size = 40)]
        user_refer: String,
        #[model(foreign_key = user_refer, references = refer)]
        user: BelongsTo<User>,
    }

    fn user(refer: &str) -> User {
        User {
            refer: refer.into(),
            ..Default::default()
        }
    }

    // Seed: B014 -- Override references
    async fn the_key_copies_another_column(db: Db) -> Result<()> {
        db.auto_migrate(models![User, Profile]).await?;
        let mut profile = Profile {
            user: user("jinzhu").into(),
            ..Default::default()
        };
        db.create(&mut profile).await?;
        assert_eq!(profile.user_refer, "jinzhu");
        assert_eq!(
            values::<String>(&db, "profiles", "user_refer").await?,
            ["jinzhu"]
        );
        let read = db.get::<Profile>(1).preload(Profile::user).await?;
        assert_eq!(read.user.loaded()?.id, 1);
        let joined = db.find::<Profile>().join(Profile::user).await?;
        assert_eq!(joined[0].user.loaded()?.id, 1);
        Ok(())
    }

    // Seed: B079 -- Override references: the referenced field must be unique
    async fn the_referenced_column_is_unique(db: Db) -> Result<()> {
        // `references` to a column that is not unique does not compile; the database enforces both.
        db.auto_migrate(models![User, Profile]).await?;
        db.create(&mut user("jinzhu")).await?;
        refused(
            db.create(&mut user("jinzhu")).await,
            ErrorKind::UniqueViolation,
        );
        let mut stray = Profile {
            user_refer: "nobody".into(),
            ..Default::default()
        };
        refused(db.create(&mut stray).await, ErrorKind::ForeignKeyViolation);
        assert_eq!(
            (rows(&db, "users").await?, rows(&db, "profiles").await?),
            (1, 0)
        );
        Ok(())
    }

    suite![
        the_key_copies_another_column,
        the_referenced_column_is_unique
    ];
}

// Seed: B084 -- Create with a BelongsTo association
async fn create_saves_the_user_first(db: Db) -> Result<()> {
    db.auto_migrate(models![User, Profile]).await?;
    let mut profile = Profile {
        name: "jinzhu's profile".into(),
        user: user("jinzhu").into(),
        ..Default::default()
    };
    db.create(&mut profile).await?;
    assert_eq!(
        (profile.id, profile.user_id, profile.user.loaded()?.id),
        (1, 1, 1)
    );
    assert_eq!(values::<String>(&db, "users", "name").await?, ["jinzhu"]);
    assert_eq!(
        values::<String>(&db, "profiles", "name").await?,
        ["jinzhu's profile"]
    );
    assert_eq!(values::<i64>(&db, "profiles", "user_id").await?, [1]);
    Ok(())
}

// Seed: B094 -- Create with a BelongsTo association: an existing user
async fn create_with_the_key_alone(db: Db) -> Result<()> {
    db.auto_migrate(models![User, Profile]).await?;
    db.create(&mut user("jinzhu")).await?;
    let mut profile = Profile {
        name: "mine".into(),
        user_id: 1,
        ..Default::default()
    };
    db.create(&mut profile).await?;
    assert_eq!(values::<i64>(&db, "profiles", "user_id").await?, [1]);
    assert_eq!(rows(&db, "users").await?, 1);
    assert!(profile.user.is_unloaded());
    // Nobody has the id 404.
    let mut stray = Profile {
        user_id: 404,
        ..Default::default()
    };
    refused(db.create(&mut stray).await, ErrorKind::ForeignKeyViolation);
    assert_eq!(rows(&db, "profiles").await?, 1);
    Ok(())
}

// Seed: B201 -- Query with Preload
async fn preload_takes_a_pair_of_queries(db: Db) -> Result<()> {
    profiles(&db).await?;
    let counting = db.counting();
    let all = counting
        .find::<Profile>()
        .order_by(Profile::id.asc())
        .preload(Profile::user)
        .await?;
    assert_eq!(counting.statements(), 2);
    let names: Vec<_> = all
        .iter()
        .filter_map(|p| p.user.loaded().ok())
        .map(|u| &u.name)
        .collect();
    assert_eq!(names, ["jinzhu", "ada", "grace"]);
    let one = db.get::<Profile>(1).preload(Profile::user).await?;
    assert_eq!(one.user.loaded()?.name, "jinzhu");
    Ok(())
}

// Seed: B207, B208 -- Conditional preload
async fn preload_with_conditions(db: Db) -> Result<()> {
    profiles(&db).await?;
    let by_id = || db.find::<Profile>().order_by(Profile::id.asc());
    let only = by_id()
        .preload(Profile::user.filter(User::name.eq("jinzhu")))
        .await?;
    assert_eq!(only.len(), 3);
    assert_eq!(only[0].user.loaded()?.name, "jinzhu");
    // A required user that the condition left out is an error to read, not an empty user.
    refused(only[1].user.loaded().map(drop), ErrorKind::NotFound);
    let like = by_id()
        .preload(Profile::user.filter(User::name.like("%jin%")))
        .await?;
    assert_eq!(like.iter().filter(|p| p.user.loaded().is_ok()).count(), 1);
    let raw = by_id()
        .preload(Profile::user.filter(sql("name LIKE ?", ("%a%",))))
        .await?;
    assert_eq!(raw.iter().filter(|p| p.user.loaded().is_ok()).count(), 2);
    Ok(())
}

// Seed: B235 -- Query with Joins
async fn join_takes_one_query(db: Db) -> Result<()> {
    profiles(&db).await?;
    let counting = db.counting();
    let all = counting
        .find::<Profile>()
        .join(Profile::user)
        .order_by(Profile::id.asc())
        .await?;
    assert_eq!(counting.statements(), 1);
    assert_eq!(all[2].user.loaded()?.name, "grace");
    // It is a LEFT JOIN: a profile whose user is soft-deleted stays.
    db.delete(&mut db.get::<User>(2).await?).await?;
    let all = db
        .find::<Profile>()
        .join(Profile::user)
        .order_by(Profile::id.asc())
        .await?;
    assert_eq!(all.len(), 3);
    refused(all[1].user.loaded().map(drop), ErrorKind::NotFound);
    assert_eq!(
        db.find::<Profile>().inner_join(Profile::user).await?.len(),
        2
    );
    Ok(())
}

// Seed: B138 -- Update a BelongsTo association: the foreign key
async fn update_the_foreign_key(db: Db) -> Result<()> {
    profiles(&db).await?;
    let mut profile = db.get::<Profile>(1).await?;
    db.update(&mut profile).set(Profile::user_id.to(2)).await?;
    assert_eq!(profile.user_id, 2);
    assert_eq!(values::<i64>(&db, "profiles", "user_id").await?, [2, 2, 3]);
    // Also where the old user is loaded, which is then no longer shown.
    let mut profile = db.get::<Profile>(1).preload(Profile::user).await?;
    db.update(&mut profile).set(Profile::user_id.to(3)).await?;
    assert_eq!(profile.user_id, 3);
    assert!(profile.user.loaded().map_or(true, |user| user.id == 3));
    assert_eq!(values::<i64>(&db, "profiles", "user_id").await?, [3, 2, 3]);
    // Two that disagree are refused: nobody guesses which one was meant.
    let mut profile = db.get::<Profile>(2).preload(Profile::user).await?;
    profile.user_id = 1;
    profile.name = "changed".into();
    let error = refused(db.save(&mut profile).await, ErrorKind::Mismatch);
    let text = error.to_string();
    assert!(text.contains('1') && text.contains('2'), "{text}");
    assert_eq!(values::<i64>(&db, "profiles", "user_id").await?, [3, 2, 3]);
    assert_eq!(
        value::<String>(&db, "profiles", "name", 2).await?,
        "ada's profile"
    );
    Ok(())
}

// Seed: B165 -- Update a BelongsTo association: replace in association mode
async fn replace_the_user(db: Db) -> Result<()> {
    profiles(&db).await?;
    let mut profile = db.get::<Profile>(1).preload(Profile::user).await?;
    let mut new_user = user("new owner");
    db.association(&mut profile, Profile::user)
        .replace(&mut new_user)
        .await?;
    assert_eq!((new_user.id, profile.user_id), (4, 4));
    assert_eq!(profile.user.loaded()?.name, "new owner");
    assert_eq!(values::<i64>(&db, "profiles", "user_id").await?, [4, 2, 3]);
    // The old one is still there.
    assert_eq!(
        values::<String>(&db, "users", "name").await?,
        ["jinzhu", "ada", "grace", "new owner"]
    );
    Ok(())
}

mod constraints {
    use sinew_suite::prelude::*;

    #[derive(Model, Clone, Debug, Default)]
    struct User {
        id: i64,
        name: String,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct Profile {
        id: i64,
        user_id: Option<i64>,
        #[model(on_update = cascade, on_delete = set_null)]
        user: BelongsTo<Option<User>>,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct Badge {
        id: i64,
        user_id: i64,
        #[model(on_update = no_action, on_delete = restrict)]
        user: BelongsTo<User>,
    }

    // Seed: B051, B054 -- Constraints
    async fn referential_actions(db: Db) -> Result<()> {
        let plan = db
            .auto_migrate(models![Badge, Profile, User])
            .plan()
            .await?
            .to_string();
        assert!(plan.contains("fk_profiles_user"), "{plan}");
        db.auto_migrate(models![Badge, Profile, User]).await?;
        let mut profile = Profile {
            user: User::default().into(),
            ..Default::default()
        };
        db.create(&mut profile).await?;
        db.execute("UPDATE users SET id = 9", ()).await?;
        assert_eq!(
            values::<Option<i64>>(&db, "profiles", "user_id").await?,
            [Some(9)]
        );
        db.execute("DELETE FROM users", ()).await?;
        assert_eq!(
            values::<Option<i64>>(&db, "profiles", "user_id").await?,
            [None]
        );
        let mut badge = Badge {
            user: User::default().into(),
            ..Default::default()
        };
        db.create(&mut badge).await?;
        let deleted = db.execute("DELETE FROM users", ()).await;
        refused(deleted, ErrorKind::ForeignKeyViolation);
        let moved = db.execute("UPDATE users SET id = 99", ()).await;
        refused(moved, ErrorKind::ForeignKeyViolation);
        assert_eq!(rows(&db, "users").await?, 1);
        Ok(())
    }

    suite![referential_actions];
}

suite![
    the_key_beside_the_field,
    create_saves_the_user_first,
    create_with_the_key_alone,
    preload_takes_a_pair_of_queries,
    preload_with_conditions,
    join_takes_one_query,
    update_the_foreign_key,
    replace_the_user,
];
