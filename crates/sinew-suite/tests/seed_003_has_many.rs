//! The page "Has many": credit cards of users.

// A case is no `#[test]` itself, so clippy does not know that it is one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use sinew_suite::prelude::*;

#[derive(Model, Clone, Debug, Default)]
struct User {
    id: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
    deleted_at: DeletedAt,
    credit_cards: HasMany<CreditCard>,
}

#[derive(Model, Clone, Debug, Default)]
struct CreditCard {
    id: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
    deleted_at: DeletedAt,
    number: String,
    expires_at: Option<Timestamp>,
    user_id: Option<i64>,
}

fn card(number: &str) -> CreditCard {
    CreditCard {
        number: number.into(),
        ..Default::default()
    }
}

fn user<const N: usize>(numbers: [&str; N]) -> User {
    User {
        credit_cards: numbers.map(card).into(),
        ..Default::default()
    }
}

/// Three users with the cards 1 and 2, 3, and none.
async fn wallets(db: &Db) -> Result<Vec<User>> {
    db.auto_migrate(models![User, CreditCard]).await?;
    let mut users = vec![user(["4111", "5500"]), user(["3782"]), user([])];
    db.create(&mut users).await?;
    Ok(users)
}

async fn owners(db: &Db) -> Result<Vec<Option<i64>>> {
    values(db, "credit_cards", "user_id").await
}

fn numbers(user: &User) -> Result<Vec<&str>> {
    Ok(user
        .credit_cards
        .loaded()?
        .iter()
        .map(|card| card.number.as_str())
        .collect())
}

// Seed: B006 -- Struct definition
async fn the_key_is_on_the_child(db: Db) -> Result<()> {
    wallets(&db).await?;
    assert_eq!(owners(&db).await?, [Some(1), Some(1), Some(2)]);
    Ok(())
}

mod foreign_key {
    use sinew_suite::prelude::*;

    #[derive(Model, Clone, Debug, Default)]
    struct User {
        id: i64,
        #[model(foreign_key = user_refer)]
        credit_cards: HasMany<CreditCard>,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct CreditCard {
        id: i64,
        number: String,
        user_refer: i64,
    }

    // Seed: B013 -- Override the foreign key
    async fn user_refer_instead_of_user_id(db: Db) -> Result<()> {
        db.auto_migrate(models![User, CreditCard]).await?;
        let mut user = User {
            credit_cards: [CreditCard::default()].into(),
            ..Default::default()
        };
        db.create(&mut user).await?;
        assert_eq!(
            values::<i64>(&db, "credit_cards", "user_refer").await?,
            [user.id]
        );
        let read = db.get::<User>(user.id).preload(User::credit_cards).await?;
        assert_eq!(read.credit_cards.loaded()?.len(), 1);
        Ok(())
    }

    suite![user_refer_instead_of_user_id];
}

mod references {
    use sinew_suite::prelude::*;

    #[derive(Model, Clone, Debug, Default)]
    struct User {
        id: i64,
        #[model(size = 40, unique)]
        member_number: String,
        #[model(foreign_key = user_member_number, references = member_number)]
        credit_cards: HasMany<CreditCard>,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct CreditCard {
        id: i64,
        number: String,
        #[model(size = 40)]
        user_member_number: String,
    }

    // Seed: B014 -- Override references
    async fn the_key_copies_the_member_number(db: Db) -> Result<()> {
        db.auto_migrate(models![User, CreditCard]).await?;
        let mut user = User {
            member_number: "M-7".into(),
            credit_cards: [CreditCard::default(), CreditCard::default()].into(),
            ..Default::default()
        };
        db.create(&mut user).await?;
        assert_eq!(user.credit_cards.loaded()?[1].user_member_number, "M-7");
        let stored = values::<String>(&db, "credit_cards", "user_member_number").await?;
        assert_eq!(stored, ["M-7", "M-7"]);
        let read = db.get::<User>(user.id).preload(User::credit_cards).await?;
        assert_eq!(read.credit_cards.loaded()?.len(), 2);
        let mut stray = CreditCard {
            user_member_number: "M-8".into(),
            ..Default::default()
        };
        refused(db.create(&mut stray).await, ErrorKind::ForeignKeyViolation);
        Ok(())
    }

    suite![the_key_copies_the_member_number];
}

// Seed: B084 -- Create with a HasMany association
async fn create_with_cards(db: Db) -> Result<()> {
    db.auto_migrate(models![User, CreditCard]).await?;
    let mut user = user(["4111-1111-1111-1111", "5500-0000-0000-0004"]);
    let counting = db.counting();
    counting.create(&mut user).await?;
    // One statement per table, however many cards.
    assert_eq!(counting.statements(), 2);
    let cards: Vec<_> = user
        .credit_cards
        .loaded()?
        .iter()
        .map(|c| (c.id, c.user_id))
        .collect();
    assert_eq!(cards, [(1, Some(1)), (2, Some(1))]);
    assert_eq!(
        values::<String>(&db, "credit_cards", "number").await?,
        ["4111-1111-1111-1111", "5500-0000-0000-0004"]
    );
    assert_eq!(owners(&db).await?, [Some(1), Some(1)]);
    Ok(())
}

// Seed: B107 -- Create with a HasMany association: skip saving associations
async fn create_without_cards(db: Db) -> Result<()> {
    db.auto_migrate(models![User, CreditCard]).await?;
    let mut user = user(["4111"]);
    db.create(&mut user).omit(User::credit_cards).await?;
    assert_eq!(
        (rows(&db, "users").await?, rows(&db, "credit_cards").await?),
        (1, 0)
    );
    Ok(())
}

// Seed: B201 -- Query with Preload
async fn preload_the_cards(db: Db) -> Result<()> {
    wallets(&db).await?;
    let counting = db.counting();
    let users = counting
        .find::<User>()
        .order_by(User::id.asc())
        .preload(User::credit_cards)
        .await?;
    assert_eq!(counting.statements(), 2);
    assert_eq!(numbers(&users[0])?, ["4111", "5500"]);
    assert_eq!(numbers(&users[1])?, ["3782"]);
    assert!(numbers(&users[2])?.is_empty());
    let user = db.get::<User>(1).preload(User::credit_cards).await?;
    assert_eq!(numbers(&user)?, ["4111", "5500"]);
    Ok(())
}

// Seed: B207, B208 -- Conditional preload
async fn preload_some_in_order(db: Db) -> Result<()> {
    let mut users = wallets(&db).await?;
    let soon: Timestamp = "2030-01-01T00:00:00Z".parse().expect("a time");
    let valid = &mut users[0].credit_cards.loaded_mut()?[1];
    db.update(valid)
        .set(CreditCard::expires_at.to(soon))
        .await?;
    let users = db
        .find::<User>()
        .order_by(User::id.asc())
        .preload(User::credit_cards.filter(CreditCard::expires_at.gt(Timestamp::UNIX_EPOCH)))
        .await?;
    assert_eq!(numbers(&users[0])?, ["5500"]);
    assert!(numbers(&users[1])?.is_empty());
    let users = db
        .find::<User>()
        .order_by(User::id.asc())
        .preload(User::credit_cards.order_by(CreditCard::number.desc()))
        .await?;
    assert_eq!(numbers(&users[0])?, ["5500", "4111"]);
    Ok(())
}

// Seed: B211 -- Preload All
async fn preload_all(db: Db) -> Result<()> {
    wallets(&db).await?;
    let users = db
        .find::<User>()
        .order_by(User::id.asc())
        .preload_all()
        .await?;
    assert_eq!(numbers(&users[0])?.len(), 2);
    Ok(())
}

// Seed: B149, B152, B167, B172, B178 -- Association mode operations
async fn append_replace_delete_clear_count(db: Db) -> Result<()> {
    wallets(&db).await?;
    let mut user = db.get::<User>(1).await?;
    let mut new = card("3782-8224-6310-005");
    db.association(&mut user, User::credit_cards)
        .append(&mut new)
        .await?;
    assert_eq!((new.id, new.user_id), (4, Some(1)));
    assert_eq!(owners(&db).await?, [Some(1), Some(1), Some(2), Some(1)]);

    let replaced = vec![card("4111-1111-1111-1111")];
    db.association(&mut user, User::credit_cards)
        .replace(replaced)
        .await?;
    assert_eq!(owners(&db).await?, [None, None, Some(2), None, Some(1)]);

    // By its key alone, as in `Delete(&CreditCard{ID: 3})`; it is not the user's, so nothing happens.
    let third = CreditCard {
        id: 3,
        ..Default::default()
    };
    db.association(&mut user, User::credit_cards)
        .delete(&third)
        .await?;
    assert_eq!(owners(&db).await?, [None, None, Some(2), None, Some(1)]);
    let fifth = CreditCard {
        id: 5,
        ..Default::default()
    };
    db.association(&mut user, User::credit_cards)
        .delete(&fifth)
        .await?;
    assert_eq!(owners(&db).await?, [None, None, Some(2), None, None]);

    db.association(&mut user, User::credit_cards)
        .append([card("a"), card("b")])
        .await?;
    assert_eq!(
        db.association(&mut user, User::credit_cards)
            .count()
            .await?,
        2
    );
    db.association(&mut user, User::credit_cards)
        .clear()
        .await?;
    assert_eq!(
        db.association(&mut user, User::credit_cards)
            .count()
            .await?,
        0
    );
    assert_eq!(rows(&db, "credit_cards").await?, 7);
    assert_eq!(
        rows_where(&db, "credit_cards", "deleted_at IS NOT NULL").await?,
        0
    );
    Ok(())
}

// Seed: B185 -- Association mode operations: permanently delete the child records
async fn unscoped_of_the_session(db: Db) -> Result<()> {
    wallets(&db).await?;
    let mut user = db.get::<User>(1).preload(User::credit_cards).await?;
    // The session removes for good, and clears for good.
    let first = db.get::<CreditCard>(1).await?;
    let forever = db.unscoped();
    forever
        .association(&mut user, User::credit_cards)
        .unscoped()
        .delete(&first)
        .await?;
    assert_eq!(values::<i64>(&db, "credit_cards", "id").await?, [2, 3]);
    forever
        .association(&mut user, User::credit_cards)
        .unscoped()
        .clear()
        .await?;
    assert_eq!(values::<i64>(&db, "credit_cards", "id").await?, [3]);
    assert!(numbers(&user)?.is_empty());
    // The handle alone deletes as `db.delete` would: softly, where rows are soft-deletable.
    let mut other = db.get::<User>(2).await?;
    db.association(&mut other, User::credit_cards)
        .unscoped()
        .clear()
        .await?;
    assert_eq!(
        rows_where(&db, "credit_cards", "deleted_at IS NOT NULL").await?,
        1
    );
    assert_eq!(
        db.association(&mut other, User::credit_cards)
            .count()
            .await?,
        0
    );
    Ok(())
}

mod not_null {
    use sinew_suite::prelude::*;

    #[derive(Model, Clone, Debug, Default)]
    struct User {
        id: i64,
        credit_cards: HasMany<CreditCard>,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct CreditCard {
        id: i64,
        number: String,
        user_id: i64,
    }

    fn card(number: &str) -> CreditCard {
        CreditCard {
            number: number.into(),
            ..Default::default()
        }
    }

    // Seed: B185 -- Association mode operations: a key that cannot be NULL
    // Behaviour: B173, B184
    async fn unscoped_is_the_way_where_the_key_is_not_null(db: Db) -> Result<()> {
        // `clear`, `delete` and `replace` do not compile here without `.unscoped()`.
        db.auto_migrate(models![User, CreditCard]).await?;
        let mut user = User {
            credit_cards: [card("1"), card("2"), card("3")].into(),
            ..Default::default()
        };
        db.create(&mut user).await?;
        let second = db.get::<CreditCard>(2).await?;
        db.association(&mut user, User::credit_cards)
            .unscoped()
            .delete(&second)
            .await?;
        assert_eq!(values::<i64>(&db, "credit_cards", "id").await?, [1, 3]);
        let diff = db
            .association(&mut user, User::credit_cards)
            .unscoped()
            .replace([card("4")])
            .await?;
        assert_eq!((diff.added, diff.kept, diff.removed), (1, 0, 2));
        assert_eq!(
            values::<String>(&db, "credit_cards", "number").await?,
            ["4"]
        );
        db.association(&mut user, User::credit_cards)
            .unscoped()
            .clear()
            .await?;
        assert_eq!(rows(&db, "credit_cards").await?, 0);
        Ok(())
    }

    suite![unscoped_is_the_way_where_the_key_is_not_null];
}

// Seed: B189 -- Batch operations
async fn batch_append_one_per_user(db: Db) -> Result<()> {
    wallets(&db).await?;
    let mut users = db.find::<User>().order_by(User::id.asc()).limit(2).await?;
    let cards = vec![card("4111-b"), card("5500-b")];
    db.association(&mut users, User::credit_cards)
        .append(cards)
        .await?;
    assert_eq!(
        owners(&db).await?,
        [Some(1), Some(1), Some(2), Some(1), Some(2)]
    );
    // A collection per user works as well, also an empty one.
    let more = vec![vec![card("x"), card("y")], vec![]];
    db.association(&mut users, User::credit_cards)
        .append(more)
        .await?;
    assert_eq!(owners(&db).await?[5..], [Some(1), Some(1)]);
    Ok(())
}

// Seed: B189 -- Batch operations: the lengths must be equal
async fn batch_of_another_length(db: Db) -> Result<()> {
    wallets(&db).await?;
    let mut users = db.find::<User>().order_by(User::id.asc()).await?;
    let two = vec![card("a"), card("b")];
    let appended = db
        .association(&mut users, User::credit_cards)
        .append(two.clone())
        .await;
    let error = refused(appended, ErrorKind::InvalidLength);
    let text = error.to_string();
    assert!(text.contains('3') && text.contains('2'), "{text}");
    let replaced = db
        .association(&mut users, User::credit_cards)
        .replace(two)
        .await;
    refused(replaced, ErrorKind::InvalidLength);
    assert_eq!(owners(&db).await?, [Some(1), Some(1), Some(2)]);
    Ok(())
}

// Seed: B190 -- Batch operations: find, count, delete and clear
async fn batch_over_all_users(db: Db) -> Result<()> {
    wallets(&db).await?;
    let mut users = db.find::<User>().order_by(User::id.asc()).await?;
    assert_eq!(
        db.association(&mut users, User::credit_cards)
            .find()
            .await?
            .len(),
        3
    );
    assert_eq!(
        db.association(&mut users, User::credit_cards)
            .count()
            .await?,
        3
    );
    let two = db
        .find::<CreditCard>()
        .filter(CreditCard::id.is_in([2, 3]))
        .await?;
    db.association(&mut users, User::credit_cards)
        .delete(&two)
        .await?;
    assert_eq!(owners(&db).await?, [Some(1), None, None]);
    let cards = vec![vec![card("a")], vec![card("b")], vec![card("c")]];
    db.association(&mut users, User::credit_cards)
        .replace(cards)
        .await?;
    assert_eq!(
        owners(&db).await?,
        [None, None, None, Some(1), Some(2), Some(3)]
    );
    db.association(&mut users, User::credit_cards)
        .clear()
        .await?;
    assert_eq!(owners(&db).await?, [None; 6]);
    Ok(())
}

mod constraints {
    use sinew_suite::prelude::*;

    #[derive(Model, Clone, Debug, Default)]
    struct User {
        id: i64,
        #[model(on_update = cascade, on_delete = cascade)]
        credit_cards: HasMany<CreditCard>,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct CreditCard {
        id: i64,
        user_id: i64,
    }

    // Seed: B051, B054 -- Constraints
    async fn referential_actions(db: Db) -> Result<()> {
        let plan = db
            .auto_migrate(models![CreditCard, User])
            .plan()
            .await?
            .to_string();
        assert!(plan.contains("fk_users_credit_cards"), "{plan}");
        db.auto_migrate(models![CreditCard, User]).await?;
        let mut user = User {
            credit_cards: [CreditCard::default()].into(),
            ..Default::default()
        };
        db.create(&mut user).await?;
        db.execute("UPDATE users SET id = 5", ()).await?;
        assert_eq!(values::<i64>(&db, "credit_cards", "user_id").await?, [5]);
        db.execute("DELETE FROM users", ()).await?;
        assert_eq!(rows(&db, "credit_cards").await?, 0);
        Ok(())
    }

    suite![referential_actions];
}

suite![
    the_key_is_on_the_child,
    create_with_cards,
    create_without_cards,
    preload_the_cards,
    preload_some_in_order,
    preload_all,
    append_replace_delete_clear_count,
    unscoped_of_the_session,
    batch_append_one_per_user,
    batch_of_another_length,
    batch_over_all_users,
];
