//! Preload (B201 to B234).

use sinew_suite::prelude::*;

use crate::fixture::*;

async fn two(db: &Db) -> Result<()> {
    tables(db).await?;
    let mut users = vec![
        everything("Ada"),
        User {
            pets: [pet("Tom")].into(),
            ..user("Grace")
        },
        user("Alan"),
    ];
    db.create(&mut users).await
}

fn pets(user: &User) -> Result<Vec<&str>> {
    Ok(user
        .pets
        .loaded()?
        .iter()
        .map(|pet| pet.name.as_str())
        .collect())
}

async fn named(db: &Db, names: [&str; 3]) -> Result<Vec<User>> {
    let mut found = db
        .find::<User>()
        .filter(User::name.is_in(names))
        .order_by(User::id.asc())
        .await?;
    found.sort_by_key(|user| names.iter().position(|name| *name == user.name));
    Ok(found)
}

// Behaviour: B201, B203
async fn one_statement_for_each_association(db: Db) -> Result<()> {
    two(&db).await?;
    let mut one_by_one = named(&db, ["Ada", "Grace", "Alan"]).await?;
    let counting = db.counting();
    counting.load(&mut one_by_one, User::languages).await?;
    assert_eq!(counting.statements(), 1);
    counting
        .load(
            &mut one_by_one,
            (User::pets.preload(Pet::toy), User::account),
        )
        .await?;
    assert_eq!(counting.statements(), 4);
    assert_eq!(one_by_one[0].languages.loaded()?.len(), 2);
    assert_eq!(pets(&one_by_one[1])?, ["Tom"]);
    assert!(one_by_one[1].pets.loaded()?[0].toy.loaded()?.is_none());
    Ok(())
}

// Behaviour: B204
async fn nobody_to_load_for(db: Db) -> Result<()> {
    two(&db).await?;
    let counting = db.level_by_level().counting();
    let nobody = counting
        .find::<User>()
        .filter(User::name.eq("nobody"))
        .preload(User::pets.preload(Pet::toy))
        .await?;
    assert!(nobody.is_empty());
    assert_eq!(counting.statements(), 1);
    // All keys are NULL: nothing to ask.
    let counting = db.level_by_level().counting();
    let alan = counting
        .find::<User>()
        .filter(User::name.eq("Alan"))
        .preload(User::company)
        .await?;
    assert_eq!(counting.statements(), 1);
    assert!(alan[0].company.loaded()?.is_none());
    counting.load(&mut Vec::<User>::new(), User::pets).await?;
    assert_eq!(counting.statements(), 1);
    Ok(())
}

// Behaviour: B207, B209, B222
async fn conditions_on_each_level(db: Db) -> Result<()> {
    two(&db).await?;
    let users = db
        .find::<User>()
        .filter(User::name.is_in(["Ada", "Grace"]))
        .order_by(User::name.asc())
        .preload(User::pets.preload(Pet::toy.filter(Toy::name.eq("no such toy"))))
        .await?;
    assert_eq!(users.len(), 2);
    assert_eq!(users[0].pets.loaded()?.len(), 2);
    assert!(users[0].pets.loaded()?[0].toy.loaded()?.is_none());
    let users = db
        .find::<User>()
        .filter(User::name.is_in(["Ada", "Grace"]))
        .order_by(User::name.asc())
        .preload(User::pets.filter(Pet::name.eq("Tom")).preload(Pet::toy))
        .await?;
    assert_eq!((pets(&users[0])?.len(), pets(&users[1])?.len()), (0, 1));
    Ok(())
}

// Behaviour: B210
async fn the_same_association_again_replaces(db: Db) -> Result<()> {
    two(&db).await?;
    let users = db
        .find::<User>()
        .filter(User::name.eq("Ada"))
        .preload(User::pets.filter(Pet::name.eq("nothing")))
        .preload(User::pets)
        .await?;
    assert_eq!(pets(&users[0])?.len(), 2);
    Ok(())
}

// Behaviour: B211
async fn all_of_the_first_level(db: Db) -> Result<()> {
    two(&db).await?;
    let ada = db
        .get::<User>(id_of(&db, "Ada").await?)
        .preload_all()
        .await?;
    assert!(ada.company.loaded()?.is_some() && ada.manager.loaded()?.is_some());
    assert!(ada.account.loaded()?.is_some());
    assert_eq!((ada.team.loaded()?.len(), ada.pets.loaded()?.len()), (2, 2));
    assert_eq!(
        (ada.toys.loaded()?.len(), ada.languages.loaded()?.len()),
        (2, 2)
    );
    assert_eq!(ada.friends.loaded()?.len(), 1);
    assert!(ada.pets.loaded()?[0].toy.is_unloaded());
    Ok(())
}

// Behaviour: B213
async fn a_path_that_names_nothing(db: Db) -> Result<()> {
    two(&db).await?;
    let counting = db.counting();
    for path in [
        "nothing",
        "pets.nothing",
        "pets.toy.nothing",
        "",
        ".",
        "pets.",
        ".pets",
        "name",
    ] {
        let error = refused(
            counting.find::<User>().include(path).map(drop),
            ErrorKind::UnknownAssociation,
        );
        assert!(!error.to_string().is_empty());
    }
    assert_eq!(counting.statements(), 0);
    let found = db
        .find::<User>()
        .include("pets.toy")?
        .include("pets.user")?
        .await?;
    let with_pets = found.iter().find(|user| user.name == "Ada").unwrap();
    let pet = &with_pets.pets.loaded()?[0];
    assert!(pet.toy.is_loaded() && pet.user.is_loaded());
    Ok(())
}

// Behaviour: B214
async fn polymorphic_rows_of_the_right_owner(db: Db) -> Result<()> {
    tables(&db).await?;
    // The ids of users and pets coincide on purpose.
    let rex = Pet {
        toy: toy("bone").into(),
        ..pet("Rex")
    };
    let mut ada = User {
        pets: [rex].into(),
        toys: [toy("ball")].into(),
        ..user("Ada")
    };
    db.create(&mut ada).await?;
    let read = db
        .get::<User>(1)
        .preload((User::toys, User::pets.preload(Pet::toy)))
        .await?;
    assert_eq!(read.toys.loaded()?.len(), 1);
    assert_eq!(read.toys.loaded()?[0].name, "ball");
    assert_eq!(read.pets.loaded()?[0].toy.loaded()?.unwrap().name, "bone");
    Ok(())
}

// Behaviour: B216
async fn a_has_one_with_several_rows_takes_the_first_in_order(db: Db) -> Result<()> {
    tables(&db).await?;
    db.create(&mut user("Ada")).await?;
    let more = |n: &str| Account {
        user_id: Some(1),
        ..account(n)
    };
    db.create(&mut vec![more("1"), more("2"), more("3")])
        .await?;
    let by = |order| db.get::<User>(1).preload(User::account.order_by(order));
    let last = by(Account::number.desc()).await?;
    assert_eq!(last.account.loaded()?.unwrap().number, "3");
    let first = by(Account::number.asc()).await?;
    assert_eq!(first.account.loaded()?.unwrap().number, "1");
    Ok(())
}

// Behaviour: B217, B218
async fn loading_replaces_what_was_held(db: Db) -> Result<()> {
    two(&db).await?;
    let mut alan = db.get::<User>(id_of(&db, "Alan").await?).await?;
    alan.pets = [pet("imagined")].into();
    alan.company = company("imagined").into();
    db.load(&mut alan, (User::pets, User::company)).await?;
    assert!(alan.pets.loaded()?.is_empty());
    assert!(alan.company.loaded()?.is_none());
    Ok(())
}

// Behaviour: B219
async fn a_shared_target_reaches_every_owner(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut acme = company("Acme");
    db.create(&mut acme).await?;
    let one = |name: &str| User {
        company: acme.clone().into(),
        languages: [language("en")].into(),
        ..user(name)
    };
    db.create(&mut vec![one("a"), one("b"), one("c")]).await?;
    let users = db
        .find::<User>()
        .preload((User::company, User::languages))
        .await?;
    for user in &users {
        assert_eq!(user.company.loaded()?.unwrap().name, "Acme");
        assert_eq!(user.languages.loaded()?[0].code, "en");
    }
    // Both ways round.
    let acme = db
        .get::<Company>(1)
        .preload(Company::employees.preload(User::company))
        .await?;
    assert_eq!(acme.employees.loaded()?.len(), 3);
    assert_eq!(acme.employees.loaded()?[2].company.loaded()?.unwrap().id, 1);
    Ok(())
}

// Behaviour: B221
async fn soft_deleted_targets(db: Db) -> Result<()> {
    two(&db).await?;
    let id = id_of(&db, "Ada").await?;
    db.find::<Pet>()
        .filter(Pet::name.eq("Ada's pet 1"))
        .delete()
        .await?;
    let ada = db.get::<User>(id).preload(User::pets).await?;
    assert_eq!(pets(&ada)?, ["Ada's pet 2"]);
    let ada = db.get::<User>(id).preload(User::pets.unscoped()).await?;
    assert_eq!(pets(&ada)?.len(), 2);
    let ada = db
        .unscoped()
        .get::<User>(id)
        .preload(User::pets.preload(Pet::toy))
        .await?;
    assert_eq!(pets(&ada)?.len(), 2);
    Ok(())
}

// Behaviour: B223, B224
async fn limits_count_per_owner(db: Db) -> Result<()> {
    tables(&db).await?;
    let many = |name: &str| User {
        pets: (1..=4).map(|n| pet(&format!("{name}{n}"))).collect(),
        toys: (1..=3)
            .map(|n| toy(&format!("{name}{n}")))
            .collect::<Vec<_>>()
            .into(),
        languages: (1..=3).map(|n| language(&format!("{name}{n}"))).collect(),
        ..user(name)
    };
    db.create(&mut vec![many("a"), many("b")]).await?;
    let users = db
        .find::<User>()
        .order_by(User::id.asc())
        .preload(User::pets.order_by(Pet::name.desc()).offset(1).limit(2))
        .preload(User::toys.order_by(Toy::name.asc()).limit(1))
        .preload(User::languages.order_by(Language::code.desc()).limit(2))
        .await?;
    assert_eq!(pets(&users[0])?, ["a3", "a2"]);
    assert_eq!(pets(&users[1])?, ["b3", "b2"]);
    assert_eq!(
        users[1]
            .toys
            .loaded()?
            .iter()
            .map(|t| t.name.as_str())
            .collect::<Vec<_>>(),
        ["b1"]
    );
    let codes: Vec<_> = users[0]
        .languages
        .loaded()?
        .iter()
        .map(|l| l.code.as_str())
        .collect();
    assert_eq!(codes, ["a3", "a2"]);
    // Below another association as well.
    let acme = || Company {
        employees: [many("c"), many("d")].into(),
        ..company("Acme")
    };
    db.create(&mut acme()).await?;
    let read = db
        .find::<Company>()
        .preload(
            Company::employees
                .order_by(User::id.asc())
                .preload(User::pets.limit(1)),
        )
        .await?;
    let per_user: Vec<_> = read[0]
        .employees
        .loaded()?
        .iter()
        .map(|user| user.pets.loaded().map(<[_]>::len))
        .collect();
    assert!(per_user.iter().all(|n| n.as_ref().is_ok_and(|n| *n == 1)));
    // None at all is possible, too.
    let users = db.find::<User>().preload(User::pets.limit(0)).await?;
    assert!(
        users
            .iter()
            .all(|user| user.pets.loaded().is_ok_and(<[_]>::is_empty))
    );
    Ok(())
}

// Behaviour: B227
async fn more_owners_than_one_statement_can_bind(db: Db) -> Result<()> {
    tables(&db).await?;
    let one = |n: i32| User {
        pets: [Pet {
            toy: toy(&n.to_string()).into(),
            ..pet(&n.to_string())
        }]
        .into(),
        ..user(&n.to_string())
    };
    let mut users: Vec<_> = (0..40_001).map(one).collect();
    db.create(&mut users).await?;
    let counting = db.counting();
    let users = counting
        .find::<User>()
        .preload(User::pets.preload(Pet::toy))
        .await?;
    assert_eq!(users.len(), 40_001);
    assert_eq!(counting.statements(), 3);
    for user in &users {
        let pets = user.pets.loaded()?;
        assert_eq!((pets.len(), &pets[0].name), (1, &user.name));
        assert_eq!(pets[0].toy.loaded()?.unwrap().name, user.name);
    }
    Ok(())
}

mod text_keys {
    use super::*;

    #[derive(Model, Clone, Debug, Default)]
    struct Folder {
        #[model(primary_key, size = 40)]
        path: String,
        #[model(size = 40)]
        parent_path: Option<String>,
        #[model(foreign_key = parent_path)]
        parent: BelongsTo<Option<Folder>>,
        #[model(foreign_key = parent_path)]
        children: HasMany<Folder>,
    }

    fn folder(path: &str) -> Folder {
        Folder {
            path: path.into(),
            ..Default::default()
        }
    }

    // Behaviour: B226
    async fn keys_that_look_alike_are_kept_apart(db: Db) -> Result<()> {
        db.auto_migrate(models![Folder]).await?;
        let paths = ["a_b", "a", "b'c", "1", "01", "ü", "u\u{308}", " x"];
        let one = |path: &&str| Folder {
            children: [folder(&format!("{path}/child"))].into(),
            ..folder(path)
        };
        let mut all: Vec<_> = paths.iter().map(one).collect();
        db.create(&mut all).await?;
        let read = db
            .find::<Folder>()
            .filter(Folder::parent_path.is_null())
            .preload(Folder::children.preload(Folder::parent))
            .await?;
        assert_eq!(read.len(), paths.len());
        for folder in &read {
            let children = folder.children.loaded()?;
            assert_eq!(children.len(), 1);
            assert_eq!(children[0].path, format!("{}/child", folder.path));
            assert_eq!(children[0].parent.loaded()?.unwrap().path, folder.path);
        }
        Ok(())
    }

    suite![keys_that_look_alike_are_kept_apart];
}

// Behaviour: B229
async fn below_a_joined_association(db: Db) -> Result<()> {
    two(&db).await?;
    let counting = db.counting();
    let ada = counting
        .find::<User>()
        .filter(User::name.eq("Ada"))
        .join(User::manager.preload(User::team))
        .await?;
    assert_eq!(counting.statements(), 2);
    let manager = ada[0].manager.loaded()?.unwrap();
    assert_eq!(manager.team.loaded()?[0].name, "Ada");
    Ok(())
}

// Behaviour: B234
async fn a_plan_says_what_will_run(db: Db) -> Result<()> {
    two(&db).await?;
    let plan = db
        .find::<User>()
        .preload(User::pets.preload(Pet::toy))
        .explain();
    assert_eq!(plan.statements(), 3);
    let text = plan.to_string();
    for table in ["users", "pets", "toys"] {
        assert!(text.contains(table), "{text}");
    }
    Ok(())
}

suite![
    one_statement_for_each_association,
    nobody_to_load_for,
    conditions_on_each_level,
    the_same_association_again_replaces,
    all_of_the_first_level,
    a_path_that_names_nothing,
    polymorphic_rows_of_the_right_owner,
    a_has_one_with_several_rows_takes_the_first_in_order,
    loading_replaces_what_was_held,
    a_shared_target_reaches_every_owner,
    soft_deleted_targets,
    limits_count_per_owner,
    more_owners_than_one_statement_can_bind,
    below_a_joined_association,
    a_plan_says_what_will_run,
];
