//! Association mode (B141 to B200).

use sinew_suite::prelude::*;

use crate::fixture::*;

/// Ada with Rex and Max, English and French; Grace with Tom and English.
async fn two(db: &Db) -> Result<(User, User)> {
    tables(db).await?;
    let mut users = vec![
        User {
            pets: [pet("Rex"), pet("Max")].into(),
            languages: [language("en"), language("fr")].into(),
            account: account("A").into(),
            company: company("Acme").into(),
            toys: [toy("ball"), toy("kite")].into(),
            ..user("Ada")
        },
        User {
            pets: [pet("Tom")].into(),
            languages: [language("en")].into(),
            account: account("G").into(),
            ..user("Grace")
        },
    ];
    db.create(&mut users).await?;
    Ok((db.get::<User>(1).await?, db.get::<User>(2).await?))
}

fn names(pets: &[Pet]) -> Vec<&str> {
    pets.iter().map(|pet| pet.name.as_str()).collect()
}

// Behaviour: B142, B143, B145
async fn find_for_one_and_for_many(db: Db) -> Result<()> {
    let (ada, grace) = two(&db).await?;
    let mut users = vec![ada, grace];
    let pets = db
        .association(&mut users, User::pets)
        .find()
        .order_by(Pet::id.asc())
        .await?;
    assert_eq!(names(&pets), ["Rex", "Max", "Tom"]);
    let toys = db.association(&mut users[0], User::toys).find().await?;
    assert_eq!(toys.len(), 2);
    assert!(
        db.association(&mut users[1], User::toys)
            .find()
            .await?
            .is_empty()
    );
    let pets = db.association(&mut users[..1], User::pets).find().await?;
    assert_eq!(pets.len(), 2);
    Ok(())
}

// Behaviour: B144
async fn find_on_a_belongs_to_follows_the_key_in_memory(db: Db) -> Result<()> {
    let (mut ada, _) = two(&db).await?;
    db.create(&mut company("Umbrella")).await?;
    ada.company_id = Some(2);
    let found = db.association(&mut ada, User::company).find().await?;
    assert_eq!(found[0].name, "Umbrella");
    ada.company_id = None;
    assert!(
        db.association(&mut ada, User::company)
            .find()
            .await?
            .is_empty()
    );
    assert_eq!(db.association(&mut ada, User::company).count().await?, 0);
    Ok(())
}

// Behaviour: B147
async fn find_leaves_the_field_alone(db: Db) -> Result<()> {
    let (mut ada, _) = two(&db).await?;
    db.association(&mut ada, User::pets).find().await?;
    assert!(ada.pets.is_unloaded());
    Ok(())
}

// Behaviour: B148, B164, B175, B182
async fn an_owner_that_was_never_stored(db: Db) -> Result<()> {
    two(&db).await?;
    let mut stranger = user("Stranger");
    assert!(
        db.association(&mut stranger, User::pets)
            .find()
            .await?
            .is_empty()
    );
    assert_eq!(
        db.association(&mut stranger, User::languages)
            .count()
            .await?,
        0
    );
    let appended = db
        .association(&mut stranger, User::pets)
        .append(pet("Lost"))
        .await;
    refused(appended, ErrorKind::MissingKey);
    let appended = db
        .association(&mut stranger, User::languages)
        .append(language("xx"))
        .await;
    refused(appended, ErrorKind::MissingKey);
    let appended = db
        .association(&mut stranger, User::company)
        .append(company("Lost"))
        .await;
    refused(appended, ErrorKind::MissingKey);
    refused(
        db.association(&mut stranger, User::languages).clear().await,
        ErrorKind::MissingKey,
    );
    refused(
        db.association(&mut stranger, User::pets).clear().await,
        ErrorKind::MissingKey,
    );
    let rex = db.get::<Pet>(1).await?;
    refused(
        db.association(&mut stranger, User::pets).delete(&rex).await,
        ErrorKind::MissingKey,
    );
    assert_eq!(
        (rows(&db, "pets").await?, rows(&db, "companies").await?),
        (3, 1)
    );
    assert_eq!(
        (rows(&db, "languages").await?, rows(&db, "users").await?),
        (2, 2)
    );
    Ok(())
}

// Behaviour: B150
async fn soft_deleted_targets_do_not_count(db: Db) -> Result<()> {
    let (mut ada, _) = two(&db).await?;
    db.delete(&mut db.get::<Pet>(1).await?).await?;
    assert_eq!(db.association(&mut ada, User::pets).count().await?, 1);
    assert_eq!(
        names(&db.association(&mut ada, User::pets).find().await?),
        ["Max"]
    );
    assert_eq!(
        db.unscoped()
            .association(&mut ada, User::pets)
            .count()
            .await?,
        2
    );
    Ok(())
}

// Behaviour: B152, B157, B158
async fn append_takes_values_references_and_lists(db: Db) -> Result<()> {
    let (mut ada, _) = two(&db).await?;
    let mut a = pet("a");
    db.association(&mut ada, User::pets).append(&mut a).await?;
    assert_eq!((a.id, a.user_id), (4, Some(1)));
    db.association(&mut ada, User::pets)
        .append(pet("b"))
        .await?;
    db.association(&mut ada, User::pets)
        .append([pet("c"), pet("d")])
        .await?;
    db.association(&mut ada, User::pets)
        .append(vec![pet("e")])
        .await?;
    let mut more = vec![pet("f"), pet("g")];
    db.association(&mut ada, User::pets)
        .append(&mut more)
        .await?;
    assert_eq!(more.iter().map(|pet| pet.id).collect::<Vec<_>>(), [9, 10]);
    db.association(&mut ada, User::pets)
        .append(Vec::<Pet>::new())
        .await?;
    assert_eq!(rows_where(&db, "pets", "user_id = 1").await?, 9);
    Ok(())
}

// Behaviour: B152
async fn append_moves_an_existing_child(db: Db) -> Result<()> {
    let (mut ada, _) = two(&db).await?;
    let mut tom = db.get::<Pet>(3).await?;
    tom.name = "changed here only".into();
    db.association(&mut ada, User::pets)
        .append(&mut tom)
        .await?;
    assert_eq!(pet_owners(&db).await?, [Some(1); 3]);
    assert_eq!(
        values::<String>(&db, "pets", "name").await?,
        ["Rex", "Max", "Tom"]
    );
    Ok(())
}

// Behaviour: B154
async fn append_to_a_polymorphic_association(db: Db) -> Result<()> {
    let (mut ada, _) = two(&db).await?;
    let mut new = toy("new");
    db.association(&mut ada, User::toys)
        .append(&mut new)
        .await?;
    assert_eq!((new.owner_id, new.owner_type.as_str()), (Some(1), "users"));
    assert_eq!(
        rows_where(&db, "toys", "owner_id = 1 AND owner_type = 'users'").await?,
        3
    );
    Ok(())
}

// Behaviour: B155, B166
async fn append_to_one_is_replace(db: Db) -> Result<()> {
    let (mut ada, _) = two(&db).await?;
    db.association(&mut ada, User::account)
        .append(account("new"))
        .await?;
    assert_eq!(
        values::<Option<i64>>(&db, "accounts", "user_id").await?,
        [None, Some(2), Some(1)]
    );
    assert_eq!(db.association(&mut ada, User::account).count().await?, 1);
    db.association(&mut ada, User::company)
        .append(company("New"))
        .await?;
    assert_eq!(ada.company_id, Some(2));
    assert_eq!(
        values::<String>(&db, "companies", "name").await?,
        ["Acme", "New"]
    );
    Ok(())
}

// Behaviour: B156
async fn self_referential_associations(db: Db) -> Result<()> {
    let (mut ada, mut grace) = two(&db).await?;
    db.association(&mut ada, User::friends)
        .append(&mut grace)
        .await?;
    assert_eq!(
        pairs(&db, "user_friends", "user_id", "friend_id").await?,
        [(1, 2)]
    );
    // One direction only.
    assert_eq!(db.association(&mut grace, User::friends).count().await?, 0);
    db.association(&mut ada, User::team)
        .append([user("New")])
        .await?;
    db.association(&mut ada, User::team)
        .append(&mut grace)
        .await?;
    let managers = values::<Option<i64>>(&db, "users", "manager_id").await?;
    assert_eq!(managers, [None, Some(1), Some(1)]);
    assert_eq!(grace.manager_id, Some(1));
    Ok(())
}

// Behaviour: B160, B161, B266
async fn append_writes_the_link_and_nothing_else(db: Db) -> Result<()> {
    let (mut ada, _) = two(&db).await?;
    let before = value::<Timestamp>(&db, "users", "updated_at", 1).await?;
    let mut french = db.get::<Language>("fr").await?;
    let mut german = language("de");
    db.create(&mut german).await?;
    let counting = db.counting();
    counting
        .association(&mut ada, User::languages)
        .append(&mut german)
        .await?;
    assert!(
        counting.statements() <= 2,
        "{} statements",
        counting.statements()
    );
    counting
        .association(&mut ada, User::languages)
        .append(&mut french)
        .await?;
    assert_eq!(
        value::<Timestamp>(&db, "users", "updated_at", 1).await?,
        before
    );
    // What was not loaded is still not.
    assert!(ada.languages.is_unloaded());
    assert_eq!(
        speaks(&db).await?,
        links(&[(1, "de"), (1, "en"), (1, "fr"), (2, "en")])
    );
    Ok(())
}

// Behaviour: B161
async fn a_loaded_field_follows(db: Db) -> Result<()> {
    two(&db).await?;
    let mut ada = db
        .get::<User>(1)
        .preload((User::pets, User::languages))
        .await?;
    db.association(&mut ada, User::pets)
        .append(pet("new"))
        .await?;
    assert_eq!(names(ada.pets.loaded()?), ["Rex", "Max", "new"]);
    assert_eq!(ada.pets.loaded()?[2].user_id, Some(1));
    let rex = ada.pets.loaded()?[0].clone();
    db.association(&mut ada, User::pets).delete(&rex).await?;
    assert_eq!(names(ada.pets.loaded()?), ["Max", "new"]);
    let max = ada.pets.loaded()?[0].clone();
    db.association(&mut ada, User::pets)
        .replace([max, pet("other")])
        .await?;
    assert_eq!(names(ada.pets.loaded()?), ["Max", "other"]);
    db.association(&mut ada, User::languages).clear().await?;
    assert!(ada.languages.loaded()?.is_empty());
    // Saving it afterwards changes nothing more.
    db.save(&mut ada).await?;
    assert_eq!(rows_where(&db, "pets", "user_id = 1").await?, 2);
    assert_eq!(speaks(&db).await?, links(&[(2, "en")]));
    Ok(())
}

// Behaviour: B165, B179, B183
async fn a_belongs_to_in_row_and_memory(db: Db) -> Result<()> {
    let (mut ada, mut grace) = two(&db).await?;
    let mut acme = db.get::<Company>(1).await?;
    db.association(&mut grace, User::company)
        .replace(&mut acme)
        .await?;
    assert_eq!(grace.company_id, Some(1));
    let other = Company {
        id: 9,
        ..company("Other")
    };
    db.association(&mut ada, User::company)
        .delete(&other)
        .await?;
    assert_eq!(ada.company_id, Some(1));
    // Not loaded, and yet the key in memory follows.
    db.association(&mut ada, User::company)
        .delete(&acme)
        .await?;
    assert_eq!(ada.company_id, None);
    assert_eq!(
        values::<Option<i64>>(&db, "users", "company_id").await?,
        [None, Some(1)]
    );
    assert_eq!(rows(&db, "companies").await?, 1);
    Ok(())
}

// Behaviour: B167, B169
async fn replace_keeps_what_is_kept(db: Db) -> Result<()> {
    let (mut ada, _) = two(&db).await?;
    let mut pets = vec![db.get::<Pet>(2).await?, pet("new")];
    let diff = db
        .association(&mut ada, User::pets)
        .replace(&mut pets)
        .await?;
    assert_eq!((diff.added, diff.kept, diff.removed), (1, 1, 1));
    assert_eq!(pet_owners(&db).await?, [None, Some(1), Some(2), Some(1)]);
    let list = [db.get::<Language>("fr").await?, language("de")];
    let diff = db
        .association(&mut ada, User::languages)
        .replace(list)
        .await?;
    assert_eq!((diff.added, diff.kept, diff.removed), (1, 1, 1));
    assert_eq!(
        speaks(&db).await?,
        links(&[(1, "de"), (1, "fr"), (2, "en")])
    );
    assert_eq!(rows(&db, "languages").await?, 3);
    Ok(())
}

// Behaviour: B168, B177
async fn polymorphic_rows_of_other_owners_stay(db: Db) -> Result<()> {
    let (mut ada, _) = two(&db).await?;
    let mut rex = db.get::<Pet>(1).await?;
    db.association(&mut rex, Pet::toy)
        .append(toy("bone"))
        .await?;
    db.association(&mut ada, User::toys)
        .replace([toy("drum")])
        .await?;
    assert_eq!(
        rows_where(&db, "toys", "owner_id = 1 AND owner_type = 'users'").await?,
        1
    );
    assert_eq!(
        rows_where(&db, "toys", "owner_id = 1 AND owner_type = 'pets'").await?,
        1
    );
    // Unlinked, they still say what sort of owner they had.
    assert_eq!(
        rows_where(&db, "toys", "owner_id IS NULL AND owner_type = 'users'").await?,
        2
    );
    db.association(&mut ada, User::toys).clear().await?;
    assert_eq!(rows_where(&db, "toys", "owner_id = 1").await?, 1);
    Ok(())
}

// Behaviour: B170, B279
async fn a_replace_that_fails_changes_nothing(db: Db) -> Result<()> {
    two(&db).await?;
    let mut friendless = user("Nobody");
    friendless.company_id = Some(404);
    let mut ada = db.get::<User>(1).preload(User::team).await?;
    db.association(&mut ada, User::team)
        .append([user("One")])
        .await?;
    let result = db
        .association(&mut ada, User::team)
        .replace([user("Two"), friendless])
        .await;
    refused(result, ErrorKind::ForeignKeyViolation);
    assert_eq!(rows_where(&db, "users", "manager_id = 1").await?, 1);
    assert_eq!(rows(&db, "users").await?, 3);
    Ok(())
}

mod unique_key {
    use sinew_suite::prelude::*;

    #[derive(Model, Clone, Debug, Default)]
    struct User {
        id: i64,
        seat: HasOne<Seat>,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct Seat {
        id: i64,
        #[model(unique)]
        user_id: Option<i64>,
    }

    // Behaviour: B170
    async fn a_unique_foreign_key_can_be_replaced(db: Db) -> Result<()> {
        db.auto_migrate(models![User, Seat]).await?;
        let mut user = User {
            seat: Seat::default().into(),
            ..Default::default()
        };
        db.create(&mut user).await?;
        db.association(&mut user, User::seat)
            .replace(Seat::default())
            .await?;
        assert_eq!(
            values::<Option<i64>>(&db, "seats", "user_id").await?,
            [None, Some(1)]
        );
        assert_eq!(user.seat.loaded()?.map(|seat| seat.id), Some(2));
        Ok(())
    }

    suite![a_unique_foreign_key_can_be_replaced];
}

// Behaviour: B172
async fn clear_of_every_kind(db: Db) -> Result<()> {
    let (mut ada, _) = two(&db).await?;
    db.association(&mut ada, User::pets).clear().await?;
    db.association(&mut ada, User::languages).clear().await?;
    db.association(&mut ada, User::toys).clear().await?;
    db.association(&mut ada, User::account).clear().await?;
    db.association(&mut ada, User::company).clear().await?;
    assert_eq!(pet_owners(&db).await?, [None, None, Some(2)]);
    assert_eq!(speaks(&db).await?, links(&[(2, "en")]));
    assert_eq!(rows_where(&db, "toys", "owner_id IS NULL").await?, 2);
    assert_eq!(
        values::<Option<i64>>(&db, "accounts", "user_id").await?,
        [None, Some(2)]
    );
    assert_eq!(
        values::<Option<i64>>(&db, "users", "company_id").await?,
        [None, None]
    );
    assert_eq!(ada.company_id, None);
    assert_eq!(
        (rows(&db, "pets").await?, rows(&db, "languages").await?),
        (3, 2)
    );
    Ok(())
}

// Behaviour: B178, B180, B181
async fn delete_only_what_is_linked(db: Db) -> Result<()> {
    let (mut ada, mut grace) = two(&db).await?;
    let tom = db.get::<Pet>(3).await?;
    db.association(&mut ada, User::pets).delete(&tom).await?;
    db.association(&mut ada, User::pets)
        .delete(&pet("never stored"))
        .await?;
    let french = db.get::<Language>("fr").await?;
    db.association(&mut grace, User::languages)
        .delete(&french)
        .await?;
    assert_eq!(pet_owners(&db).await?, [Some(1), Some(1), Some(2)]);
    assert_eq!(rows(&db, "user_speaks").await?, 3);
    let both = vec![db.get::<Pet>(1).await?, db.get::<Pet>(2).await?];
    db.association(&mut ada, User::pets).delete(&both).await?;
    assert_eq!(pet_owners(&db).await?, [None, None, Some(2)]);
    Ok(())
}

// Behaviour: B184, B185
async fn unscoped_deletes_the_displaced_rows(db: Db) -> Result<()> {
    let (mut ada, _) = two(&db).await?;
    let keep = db.get::<Pet>(2).await?;
    db.association(&mut ada, User::pets)
        .unscoped()
        .replace([keep])
        .await?;
    // Pets are soft-deletable, so softly.
    assert_eq!(rows_where(&db, "pets", "deleted_at IS NOT NULL").await?, 1);
    assert_eq!(db.association(&mut ada, User::pets).count().await?, 1);
    // Toys are not.
    db.association(&mut ada, User::toys)
        .unscoped()
        .clear()
        .await?;
    assert_eq!(rows(&db, "toys").await?, 0);
    // With the session's, rows are gone for good.
    db.unscoped()
        .association(&mut ada, User::pets)
        .unscoped()
        .clear()
        .await?;
    assert_eq!(values::<i64>(&db, "pets", "id").await?, [3]);
    Ok(())
}

// Behaviour: B186, B187
async fn unscoped_belongs_to_deletes_the_parent_that_was_unlinked(db: Db) -> Result<()> {
    let (mut ada, _) = two(&db).await?;
    // Another company than the one that is linked: nothing happens.
    let mut other = company("Other");
    db.create(&mut other).await?;
    db.association(&mut ada, User::company)
        .unscoped()
        .delete(&other)
        .await?;
    assert_eq!(rows(&db, "companies").await?, 2);
    let mut new = company("New");
    db.association(&mut ada, User::company)
        .unscoped()
        .replace(&mut new)
        .await?;
    assert_eq!(
        values::<String>(&db, "companies", "name").await?,
        ["Other", "New"]
    );
    assert_eq!(ada.company_id, Some(new.id));
    db.association(&mut ada, User::company)
        .unscoped()
        .clear()
        .await?;
    assert_eq!(values::<String>(&db, "companies", "name").await?, ["Other"]);
    assert_eq!(ada.company_id, None);
    Ok(())
}

// Behaviour: B188
async fn unscoped_many_to_many_removes_links_only(db: Db) -> Result<()> {
    let (mut ada, _) = two(&db).await?;
    db.association(&mut ada, User::languages)
        .unscoped()
        .clear()
        .await?;
    assert_eq!(speaks(&db).await?, links(&[(2, "en")]));
    assert_eq!(rows(&db, "languages").await?, 2);
    Ok(())
}

// Behaviour: B189, B192
async fn a_batch_gives_each_owner_its_own(db: Db) -> Result<()> {
    let (ada, grace) = two(&db).await?;
    let mut users = vec![ada, grace];
    // English goes from Ada only, although Grace is given it.
    let lists = vec![vec![language("fr")], vec![language("en"), language("de")]];
    let diff = db
        .association(&mut users, User::languages)
        .replace(lists)
        .await?;
    assert_eq!((diff.added, diff.kept, diff.removed), (1, 2, 1));
    assert_eq!(
        speaks(&db).await?,
        links(&[(1, "fr"), (2, "de"), (2, "en")])
    );
    let accounts = vec![account("A2"), account("G2")];
    db.association(&mut users, User::account)
        .replace(accounts)
        .await?;
    let owners = values::<Option<i64>>(&db, "accounts", "user_id").await?;
    assert_eq!(owners, [None, None, Some(1), Some(2)]);
    let companies = vec![company("One"), company("Two")];
    db.association(&mut users, User::company)
        .replace(companies)
        .await?;
    assert_eq!(
        (users[0].company_id, users[1].company_id),
        (Some(2), Some(3))
    );
    Ok(())
}

// Behaviour: B191
async fn a_batch_is_one_transaction(db: Db) -> Result<()> {
    let (ada, grace) = two(&db).await?;
    let mut users = vec![ada, grace];
    let bad = User {
        company_id: Some(404),
        ..user("Bad")
    };
    let result = db
        .association(&mut users, User::team)
        .append(vec![user("Good"), bad])
        .await;
    refused(result, ErrorKind::ForeignKeyViolation);
    assert_eq!(rows(&db, "users").await?, 2);
    Ok(())
}

// Behaviour: B190
async fn a_batch_of_delete_and_clear(db: Db) -> Result<()> {
    let (ada, grace) = two(&db).await?;
    let mut users = vec![ada, grace];
    let english = db.get::<Language>("en").await?;
    db.association(&mut users, User::languages)
        .delete(&english)
        .await?;
    assert_eq!(speaks(&db).await?, links(&[(1, "fr")]));
    db.association(&mut users, User::pets).clear().await?;
    assert_eq!(pet_owners(&db).await?, [None; 3]);
    Ok(())
}

mod soft_links {
    use sinew_suite::prelude::*;

    #[derive(Model, Clone, Debug, Default)]
    struct User {
        id: i64,
        languages: ManyToMany<Language, UserLanguage>,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct Language {
        id: i64,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct UserLanguage {
        #[model(primary_key)]
        user_id: i64,
        #[model(primary_key)]
        language_id: i64,
        deleted_at: DeletedAt,
    }

    // Behaviour: B193, B194
    async fn links_that_are_soft_deleted_and_revived(db: Db) -> Result<()> {
        db.auto_migrate(models![User, Language, UserLanguage])
            .await?;
        let languages = [Language::default(), Language::default()];
        let mut user = User {
            languages: languages.into(),
            ..Default::default()
        };
        db.create(&mut user).await?;
        let first = user.languages.loaded()?[0].clone();
        db.association(&mut user, User::languages)
            .delete(&first)
            .await?;
        assert_eq!(rows(&db, "user_languages").await?, 2);
        assert_eq!(db.association(&mut user, User::languages).count().await?, 1);
        let read = db.get::<User>(1).preload(User::languages).await?;
        assert_eq!(read.languages.loaded()?.len(), 1);
        // Linking again revives it.
        db.association(&mut user, User::languages)
            .append(first)
            .await?;
        assert_eq!(db.association(&mut user, User::languages).count().await?, 2);
        assert_eq!(rows(&db, "user_languages").await?, 2);
        // The session's unscoped clears for good.
        db.unscoped()
            .association(&mut user, User::languages)
            .clear()
            .await?;
        assert_eq!(rows(&db, "user_languages").await?, 0);
        Ok(())
    }

    suite![links_that_are_soft_deleted_and_revived];
}

// Behaviour: B274, B279
async fn inside_a_transaction(db: Db) -> Result<()> {
    let (mut ada, _) = two(&db).await?;
    let result = db
        .transaction(async |tx| {
            tx.association(&mut ada, User::pets)
                .append(pet("new"))
                .await?;
            tx.association(&mut ada, User::languages).clear().await?;
            assert_eq!(rows(tx, "user_speaks").await?, 1);
            Err::<(), _>(Error::new(ErrorKind::InvalidInput, "no"))
        })
        .await;
    refused(result, ErrorKind::InvalidInput);
    assert_eq!(
        (rows(&db, "pets").await?, rows(&db, "user_speaks").await?),
        (3, 3)
    );
    Ok(())
}

suite![
    find_for_one_and_for_many,
    find_on_a_belongs_to_follows_the_key_in_memory,
    find_leaves_the_field_alone,
    an_owner_that_was_never_stored,
    soft_deleted_targets_do_not_count,
    append_takes_values_references_and_lists,
    append_moves_an_existing_child,
    append_to_a_polymorphic_association,
    append_to_one_is_replace,
    self_referential_associations,
    append_writes_the_link_and_nothing_else,
    a_loaded_field_follows,
    a_belongs_to_in_row_and_memory,
    replace_keeps_what_is_kept,
    polymorphic_rows_of_other_owners_stay,
    a_replace_that_fails_changes_nothing,
    clear_of_every_kind,
    delete_only_what_is_linked,
    unscoped_deletes_the_displaced_rows,
    unscoped_belongs_to_deletes_the_parent_that_was_unlinked,
    unscoped_many_to_many_removes_links_only,
    a_batch_gives_each_owner_its_own,
    a_batch_is_one_transaction,
    a_batch_of_delete_and_clear,
    inside_a_transaction,
];
