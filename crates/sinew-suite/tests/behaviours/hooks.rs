//! Hooks (B262 to B272).

use std::cell::RefCell;

use sinew_suite::prelude::*;

#[derive(Model, Clone, Debug, Default)]
#[model(hooks)]
struct User {
    id: i64,
    updated_at: Timestamp,
    deleted_at: DeletedAt,
    name: String,
    company_id: Option<i64>,
    company: BelongsTo<Option<Company>>,
    pets: HasMany<Pet>,
    #[model(join_table = "user_tags")]
    tags: ManyToMany<Tag>,
}

#[derive(Model, Clone, Debug, Default)]
#[model(hooks)]
struct Company {
    id: i64,
    name: String,
}

#[derive(Model, Clone, Debug, Default)]
#[model(hooks)]
struct Pet {
    id: i64,
    user_id: Option<i64>,
    name: String,
}

#[derive(Model, Clone, Debug, Default)]
#[model(hooks)]
struct Tag {
    id: i64,
    name: String,
}

/// What happened, in order: hooks write it into a table, so that it is undone with the rest.
#[derive(Model, Clone, Debug, Default)]
struct Entry {
    id: i64,
    text: String,
}

async fn log(db: &Db, moment: &str, name: &str) -> Result<()> {
    if name == format!("refuse {moment}") {
        return Err(Error::new(ErrorKind::Hook, format!("{moment} refuses")));
    }
    let mut entry = Entry {
        text: format!("{moment} {name}"),
        ..Default::default()
    };
    db.create(&mut entry).await
}

macro_rules! logged {
    ($model:ty: $($hook:ident),*) => {
        impl Hooks for $model {
            $(
                async fn $hook(&mut self, db: &Db) -> Result<()> {
                    log(db, stringify!($hook), &self.name).await
                }
            )*
        }
    };
}

logged!(User: before_save, after_save, before_create, after_create, before_update, after_update,
    before_delete, after_delete);
logged!(Company: before_create, after_create, before_update, after_update, before_delete);
logged!(Pet: before_save, before_create, after_create, before_update, after_update, before_delete,
    after_delete);
logged!(Tag: before_create, before_update, before_delete);

async fn tables(db: &Db) -> Result<()> {
    db.auto_migrate(models![User, Company, Pet, Tag, Entry])
        .await
}

async fn entries(db: &Db) -> Result<Vec<String>> {
    let found = values(db, "entries", "text").await?;
    db.execute("DELETE FROM entries", ()).await?;
    Ok(found)
}

fn named(name: &str) -> User {
    User {
        name: name.into(),
        ..Default::default()
    }
}

fn pet(name: &str) -> Pet {
    Pet {
        name: name.into(),
        ..Default::default()
    }
}

// Behaviour: B262
async fn the_order_of_hooks(db: Db) -> Result<()> {
    tables(&db).await?;
    let company = Company {
        name: "Acme".into(),
        ..Default::default()
    };
    let mut ada = User {
        company: company.into(),
        pets: [pet("Rex")].into(),
        ..named("Ada")
    };
    db.create(&mut ada).await?;
    let log = entries(&db).await?;
    let at = |text: &str| {
        log.iter()
            .position(|entry| entry == text)
            .unwrap_or_else(|| panic!("{text} in {log:?}"))
    };
    let order = [
        "before_save Ada",
        "before_create Ada",
        "after_create Ada",
        "after_save Ada",
    ]
    .map(at);
    assert!(order.is_sorted(), "{log:?}");
    assert!(
        at("before_create Ada") < at("before_create Acme"),
        "{log:?}"
    );
    assert!(at("after_create Rex") < at("after_create Ada"), "{log:?}");
    db.save(&mut ada).omit_associations().await?;
    assert_eq!(
        entries(&db).await?,
        [
            "before_save Ada",
            "before_update Ada",
            "after_update Ada",
            "after_save Ada"
        ]
    );
    db.delete(&mut ada).await?;
    assert_eq!(
        entries(&db).await?,
        ["before_delete Ada", "after_delete Ada"]
    );
    Ok(())
}

mod after_find {
    use super::*;

    #[derive(Model, Clone, Debug, Default)]
    #[model(hooks)]
    struct User {
        id: i64,
        #[model(skip)]
        seen: usize,
        pets: HasMany<Pet>,
    }

    #[derive(Model, Clone, Debug, Default)]
    #[model(hooks)]
    struct Pet {
        id: i64,
        user_id: i64,
        #[model(skip)]
        seen: usize,
    }

    // Each case runs on a thread of its own.
    thread_local! {
        static ORDER: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
    }

    impl Hooks for User {
        async fn after_find(&mut self, _db: &Db) -> Result<()> {
            ORDER.with_borrow_mut(|order| order.push("user"));
            self.seen = 1 + self.pets.loaded().map_or(0, <[_]>::len);
            Ok(())
        }
    }

    impl Hooks for Pet {
        async fn after_find(&mut self, _db: &Db) -> Result<()> {
            ORDER.with_borrow_mut(|order| order.push("pet"));
            self.seen = 1;
            Ok(())
        }
    }

    // Behaviour: B232, B263
    async fn after_the_associations_are_loaded(db: Db) -> Result<()> {
        db.auto_migrate(models![User, Pet]).await?;
        let pets = [Pet::default(), Pet::default()];
        db.create(&mut User {
            pets: pets.into(),
            ..Default::default()
        })
        .await?;
        let user = db.get::<User>(1).preload(User::pets).await?;
        assert_eq!(user.seen, 3);
        assert!(user.pets.loaded()?.iter().all(|pet| pet.seen == 1));
        assert_eq!(ORDER.take(), ["pet", "pet", "user"]);
        let user = db
            .session()
            .skip_hooks()
            .get::<User>(1)
            .preload(User::pets)
            .await?;
        assert_eq!((user.seen, user.pets.loaded()?[0].seen), (0, 0));
        Ok(())
    }

    suite![after_the_associations_are_loaded];
}

// Behaviour: B264
async fn a_refusal_undoes_everything(db: Db) -> Result<()> {
    tables(&db).await?;
    for moment in ["before_save", "before_create", "after_create", "after_save"] {
        let mut user = User {
            pets: [pet("Rex")].into(),
            ..named(&format!("refuse {moment}"))
        };
        let error = refused(db.create(&mut user).await, ErrorKind::Hook);
        assert!(error.to_string().contains("refuses"), "{error}");
    }
    let mut user = User {
        pets: [pet("Rex"), pet("refuse after_create")].into(),
        ..named("Ada")
    };
    refused(db.create(&mut user).await, ErrorKind::Hook);
    for table in ["users", "pets", "entries"] {
        assert_eq!(rows(&db, table).await?, 0, "{table}");
    }
    let mut user = named("Ada");
    db.create(&mut user).await?;
    for moment in ["before_update", "after_update"] {
        user.name = format!("refuse {moment}");
        refused(db.save(&mut user).await, ErrorKind::Hook);
        assert_eq!(values::<String>(&db, "users", "name").await?, ["Ada"]);
    }
    for moment in ["before_delete", "after_delete"] {
        db.execute("UPDATE users SET name = ?", (format!("refuse {moment}"),))
            .await?;
        let mut user = db.get::<User>(user.id).await?;
        refused(db.delete(&mut user).await, ErrorKind::Hook);
        assert_eq!(rows_where(&db, "users", "deleted_at IS NULL").await?, 1);
    }
    Ok(())
}

// Behaviour: B265, B266
async fn linking_what_exists_is_no_creation(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut tag = Tag {
        name: "t".into(),
        ..Default::default()
    };
    let mut company = Company {
        name: "Acme".into(),
        ..Default::default()
    };
    let mut ada = named("Ada");
    db.create(&mut tag).await?;
    db.create(&mut company).await?;
    db.create(&mut ada).await?;
    entries(&db).await?;
    // Association mode runs no hooks of the owner, and none of a target that was there already.
    db.association(&mut ada, User::tags)
        .append(&mut tag)
        .await?;
    db.association(&mut ada, User::company)
        .append(&mut company)
        .await?;
    let log = entries(&db).await?;
    assert!(
        log.iter()
            .all(|entry| !entry.contains("create") && !entry.contains("Ada")),
        "{log:?}"
    );
    db.association(&mut ada, User::pets)
        .append(pet("Rex"))
        .await?;
    let log = entries(&db).await?;
    assert!(
        log.contains(&"before_create Rex".into()) && log.iter().all(|e| !e.contains("Ada")),
        "{log:?}"
    );
    // In a nested create as well.
    let mut grace = User {
        company: company.into(),
        tags: [tag].into(),
        ..named("Grace")
    };
    db.create(&mut grace).await?;
    let log = entries(&db).await?;
    assert!(log.iter().all(|entry| entry.ends_with("Grace")), "{log:?}");
    Ok(())
}

// Behaviour: B256, B268
async fn hooks_run_on_each_real_row(db: Db) -> Result<()> {
    tables(&db).await?;
    let with_pets = |name: &str| User {
        pets: [pet("a"), pet("b")].into(),
        ..named(name)
    };
    let mut users = vec![with_pets("Ada"), with_pets("Grace")];
    db.create(&mut users).await?;
    let log = entries(&db).await?;
    assert_eq!(
        log.iter()
            .filter(|e| e.starts_with("before_create"))
            .count(),
        6
    );
    // Deleted along with their owner, each under its own name.
    let mut ada = db.get::<User>(1).await?;
    db.delete(&mut ada).with(User::pets).await?;
    let log = entries(&db).await?;
    for expected in [
        "before_delete a",
        "before_delete b",
        "after_delete a",
        "before_delete Ada",
    ] {
        assert!(log.contains(&expected.into()), "{expected} in {log:?}");
    }
    assert_eq!(rows(&db, "pets").await?, 2);
    // By condition, too.
    db.find::<User>()
        .filter(User::name.eq("Grace"))
        .delete()
        .await?;
    assert!(entries(&db).await?.contains(&"before_delete Grace".into()));
    Ok(())
}

// Behaviour: B267
async fn hooks_can_be_skipped(db: Db) -> Result<()> {
    tables(&db).await?;
    let quiet = db.session().skip_hooks();
    let mut ada = User {
        pets: [pet("refuse before_create")].into(),
        ..named("Ada")
    };
    quiet.create(&mut ada).await?;
    quiet.save(&mut ada).full().await?;
    quiet.update(&mut ada).set(User::name.to("A")).await?;
    quiet
        .association(&mut ada, User::pets)
        .append(pet("b"))
        .await?;
    quiet.delete(&mut ada).with(User::pets).await?;
    assert_eq!(rows(&db, "entries").await?, 0);
    assert_eq!(rows(&db, "pets").await?, 0);
    Ok(())
}

mod changing {
    use super::*;

    #[derive(Model, Clone, Debug, Default)]
    #[model(hooks)]
    struct Account {
        id: i64,
        number: String,
        parts: HasMany<Part>,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct Part {
        id: i64,
        account_id: i64,
    }

    impl Hooks for Account {
        async fn before_save(&mut self, _db: &Db) -> Result<()> {
            self.number = self.number.to_uppercase();
            Ok(())
        }

        async fn before_create(&mut self, _db: &Db) -> Result<()> {
            self.parts = [Part::default()].into();
            Ok(())
        }
    }

    // Behaviour: B269, B270
    async fn what_a_hook_changes_is_written(db: Db) -> Result<()> {
        db.auto_migrate(models![Account, Part]).await?;
        let mut account = Account {
            number: "abc".into(),
            ..Default::default()
        };
        db.create(&mut account).await?;
        assert_eq!(account.number, "ABC");
        assert_eq!(values::<String>(&db, "accounts", "number").await?, ["ABC"]);
        assert_eq!(values::<i64>(&db, "parts", "account_id").await?, [1]);
        account.number = "def".into();
        db.save(&mut account).await?;
        assert_eq!(values::<String>(&db, "accounts", "number").await?, ["DEF"]);
        Ok(())
    }

    suite![what_a_hook_changes_is_written];
}

suite![
    the_order_of_hooks,
    a_refusal_undoes_everything,
    linking_what_exists_is_no_creation,
    hooks_run_on_each_real_row,
    hooks_can_be_skipped,
];
