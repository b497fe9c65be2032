//! Create with nested associations (B084 to B119).

use sinew_suite::prelude::*;

use crate::fixture::*;

// Behaviour: B084, B085
async fn one_call_creates_every_kind(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut ada = everything("Ada");
    db.create(&mut ada).await?;
    let (company, manager) = (
        ada.company.loaded()?.unwrap().id,
        ada.manager.loaded()?.unwrap().id,
    );
    assert!(company > 0 && manager > 0 && ada.id > 0);
    assert_eq!(
        (ada.company_id, ada.manager_id),
        (Some(company), Some(manager))
    );
    assert_eq!(
        value::<Option<i64>>(&db, "users", "company_id", ada.id).await?,
        Some(company)
    );
    assert_eq!(
        value::<Option<i64>>(&db, "users", "manager_id", ada.id).await?,
        Some(manager)
    );
    let account = ada.account.loaded()?.unwrap();
    assert_eq!(account.user_id, Some(ada.id));
    assert_eq!(
        values::<Option<i64>>(&db, "accounts", "user_id").await?,
        [Some(ada.id)]
    );
    assert_eq!(pet_owners(&db).await?, [Some(ada.id); 2]);
    for pet in ada.pets.loaded()? {
        let toy = pet.toy.loaded()?.unwrap();
        assert_eq!(
            (toy.owner_id, toy.owner_type.as_str()),
            (Some(pet.id), "pets")
        );
    }
    assert_eq!(rows_where(&db, "toys", "owner_type = 'pets'").await?, 2);
    assert_eq!(rows_where(&db, "toys", "owner_type = 'users'").await?, 2);
    assert_eq!(
        speaks(&db).await?,
        links(&[(ada.id, "Ada-1"), (ada.id, "Ada-2")])
    );
    let friend = ada.friends.loaded()?[0].id;
    assert_eq!(
        pairs(&db, "user_friends", "user_id", "friend_id").await?,
        [(ada.id, friend)]
    );
    let team: Vec<_> = ada.team.loaded()?.iter().map(|u| u.manager_id).collect();
    assert_eq!(team, [Some(ada.id); 2]);
    assert_eq!(rows(&db, "users").await?, 5);
    Ok(())
}

// Behaviour: B086
async fn existing_targets_stay_as_they_are(db: Db) -> Result<()> {
    tables(&db).await?;
    db.create(&mut company("Acme")).await?;
    db.create(&mut language("en")).await?;
    let mut ada = User {
        company: Company {
            id: 1,
            ..company("changed here only")
        }
        .into(),
        languages: [
            Language {
                code: "en".into(),
                name: "changed".into(),
            },
            language("fr"),
        ]
        .into(),
        ..user("Ada")
    };
    db.create(&mut ada).await?;
    assert_eq!(values::<String>(&db, "companies", "name").await?, ["Acme"]);
    assert_eq!(ada.company_id, Some(1));
    let names: Vec<(String,)> = db
        .query("SELECT name FROM languages ORDER BY code", ())
        .await?;
    assert_eq!(names[0].0, "the language en");
    assert_eq!(speaks(&db).await?, links(&[(1, "en"), (1, "fr")]));
    // A keyed target that is missing is inserted with that key.
    let mut grace = User {
        company: Company {
            id: 70,
            ..company("New")
        }
        .into(),
        ..user("Grace")
    };
    db.create(&mut grace).await?;
    assert_eq!(values::<i64>(&db, "companies", "id").await?, [1, 70]);
    assert_eq!(grace.company_id, Some(70));
    Ok(())
}

// Behaviour: B087, B088, B092
async fn an_existing_child_moves_to_the_new_owner(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut ada = User {
        pets: [pet("Rex")].into(),
        ..user("Ada")
    };
    db.create(&mut ada).await?;
    let rex = Pet {
        name: "changed here only".into(),
        ..ada.pets.loaded()?[0].clone()
    };
    let stray = Pet {
        user_id: Some(404),
        ..pet("Stray")
    };
    let mut grace = User {
        pets: [rex, stray].into(),
        ..user("Grace")
    };
    db.create(&mut grace).await?;
    assert_eq!(pet_owners(&db).await?, [Some(grace.id); 2]);
    assert_eq!(
        values::<String>(&db, "pets", "name").await?,
        ["Rex", "Stray"]
    );
    assert_eq!(grace.pets.loaded()?[1].user_id, Some(grace.id));
    Ok(())
}

// Behaviour: B089
async fn a_target_with_a_taken_name_becomes_the_existing_row(db: Db) -> Result<()> {
    tables(&db).await?;
    db.create(&mut vec![company("Other"), company("Acme")])
        .await?;
    let mut ada = User {
        company: company("Acme").into(),
        ..user("Ada")
    };
    match db.create(&mut ada).await {
        Ok(()) => {
            assert_eq!(ada.company_id, Some(2));
            assert_eq!(ada.company.loaded()?.unwrap().id, 2);
            assert_eq!(
                values::<Option<i64>>(&db, "users", "company_id").await?,
                [Some(2)]
            );
        }
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::UniqueViolation);
            assert_eq!(error.path(), Some("company"));
            assert_eq!(rows(&db, "users").await?, 0);
        }
    }
    assert_eq!(rows(&db, "companies").await?, 2);
    Ok(())
}

// Behaviour: B091, B099
async fn keys_never_go_by_position_when_some_exist(db: Db) -> Result<()> {
    tables(&db).await?;
    db.create(&mut company("Beta")).await?;
    let names = ["Alpha", "Beta", "Gamma"];
    let mut users: Vec<_> = names
        .iter()
        .map(|n| User {
            company: company(n).into(),
            ..user(n)
        })
        .collect();
    if db.create(&mut users).await.is_ok() {
        for user in &users {
            let id = user.company_id.unwrap();
            assert_eq!(
                value::<String>(&db, "companies", "name", id).await?,
                user.name
            );
            assert_eq!(user.company.loaded()?.unwrap().id, id);
        }
        assert_eq!(rows(&db, "companies").await?, 3);
    } else {
        assert_eq!(
            (rows(&db, "users").await?, rows(&db, "companies").await?),
            (0, 1)
        );
    }
    Ok(())
}

// Behaviour: B093
async fn a_key_that_contradicts_its_target_is_refused(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut companies = vec![company("One"), company("Two")];
    db.create(&mut companies).await?;
    let one = companies.remove(0);
    let mut ada = User {
        company_id: Some(2),
        company: one.clone().into(),
        ..user("Ada")
    };
    let error = refused(db.create(&mut ada).await, ErrorKind::Mismatch);
    let text = error.to_string();
    assert!(
        text.contains("company_id") && text.contains('1') && text.contains('2'),
        "{text}"
    );
    assert_eq!(rows(&db, "users").await?, 0);
    // The same value, or none, is fine.
    let mut ada = User {
        company_id: Some(1),
        company: one.clone().into(),
        ..user("Ada")
    };
    db.create(&mut ada).await?;
    let mut grace = User {
        company: one.into(),
        ..user("Grace")
    };
    db.create(&mut grace).await?;
    assert_eq!(
        values::<Option<i64>>(&db, "users", "company_id").await?,
        [Some(1); 2]
    );
    Ok(())
}

// Behaviour: B094, B095
async fn an_unset_optional_key_is_null(db: Db) -> Result<()> {
    tables(&db).await?;
    db.create(&mut user("Ada")).await?;
    assert_eq!(
        values::<Option<i64>>(&db, "users", "company_id").await?,
        [None]
    );
    let mut stray = User {
        company_id: Some(404),
        ..user("Stray")
    };
    refused(db.create(&mut stray).await, ErrorKind::ForeignKeyViolation);
    Ok(())
}

// Behaviour: B096
async fn an_empty_target_that_is_given_is_saved(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut ada = User {
        account: Account::default().into(),
        ..user("Ada")
    };
    db.create(&mut ada).await?;
    assert_eq!(rows(&db, "accounts").await?, 1);
    let mut grace = User {
        company: None.into(),
        account: None.into(),
        ..user("Grace")
    };
    db.create(&mut grace).await?;
    assert_eq!(
        (rows(&db, "accounts").await?, rows(&db, "companies").await?),
        (1, 0)
    );
    Ok(())
}

// Behaviour: B099, B119
async fn statements_do_not_grow_with_rows(db: Db) -> Result<()> {
    tables(&db).await?;
    let batch = |from: i32, to: i32| -> Vec<User> {
        let one = |n: i32| User {
            account: account(&n.to_string()).into(),
            pets: [pet("a"), pet("b")].into(),
            languages: [language(&format!("x{n}")), language(&format!("y{n}"))].into(),
            ..user(&n.to_string())
        };
        (from..to).map(one).collect()
    };
    let (small, large) = (db.counting(), db.counting());
    small.create(&mut batch(0, 2)).await?;
    let mut users = batch(2, 102);
    large.create(&mut users).await?;
    assert!(
        large.statements() <= small.statements(),
        "{}",
        large.statements()
    );
    for user in &users {
        assert_eq!(
            value::<String>(&db, "users", "name", user.id).await?,
            user.name
        );
        let account = user.account.loaded()?.unwrap();
        assert_eq!(
            value::<i64>(&db, "accounts", "user_id", account.id).await?,
            user.id
        );
    }
    assert_eq!(
        (rows(&db, "pets").await?, rows(&db, "user_speaks").await?),
        (204, 204)
    );
    Ok(())
}

// Behaviour: B114, B119
async fn more_rows_than_one_statement_can_bind(db: Db) -> Result<()> {
    tables(&db).await?;
    let one = |n: i32| User {
        pets: [pet("p")].into(),
        ..user(&n.to_string())
    };
    let mut users: Vec<_> = (0..12_000).map(one).collect();
    db.create(&mut users).await?;
    assert_eq!(
        (rows(&db, "users").await?, rows(&db, "pets").await?),
        (12_000, 12_000)
    );
    let last = users.last().unwrap();
    assert_eq!(
        value::<String>(&db, "users", "name", last.id).await?,
        "11999"
    );
    assert_eq!(last.pets.loaded()?[0].user_id, Some(last.id));
    Ok(())
}

// Behaviour: B100
async fn one_keyed_target_of_several_owners(db: Db) -> Result<()> {
    tables(&db).await?;
    let shared = || [language("en")];
    let acme = || Company {
        id: 5,
        ..company("Acme")
    };
    let mut users: Vec<_> = ["Ada", "Grace"]
        .map(|name| User {
            company: acme().into(),
            languages: shared().into(),
            ..user(name)
        })
        .into();
    db.create(&mut users).await?;
    assert_eq!(
        (rows(&db, "companies").await?, rows(&db, "languages").await?),
        (1, 1)
    );
    assert_eq!(speaks(&db).await?, links(&[(1, "en"), (2, "en")]));
    assert_eq!(
        values::<Option<i64>>(&db, "users", "company_id").await?,
        [Some(5); 2]
    );
    Ok(())
}

// Behaviour: B109, B113
async fn links_without_their_targets(db: Db) -> Result<()> {
    tables(&db).await?;
    db.create(&mut language("en")).await?;
    let mut ada = User {
        languages: [language("en")].into(),
        ..user("Ada")
    };
    db.create(&mut ada).omit(User::languages.targets()).await?;
    assert_eq!(speaks(&db).await?, links(&[(1, "en")]));
    // A target that is not there: nothing at all is written.
    let mut grace = User {
        languages: [language("fr")].into(),
        ..user("Grace")
    };
    let created = db.create(&mut grace).omit(User::languages.targets()).await;
    refused(created, ErrorKind::ForeignKeyViolation);
    assert_eq!(
        (rows(&db, "users").await?, rows(&db, "languages").await?),
        (1, 1)
    );
    // Omitted altogether: no link either.
    let mut alan = User {
        languages: [language("en")].into(),
        ..user("Alan")
    };
    db.create(&mut alan).omit(User::languages).await?;
    assert_eq!(rows(&db, "user_speaks").await?, 1);
    Ok(())
}

mod one_column {
    use sinew_suite::prelude::*;

    #[derive(Model, Clone, Debug, Default)]
    struct User {
        id: i64,
        profile: HasOne<Profile>,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct Profile {
        id: i64,
        user_id: i64,
        bio: Option<String>,
        #[model(default = 7)]
        rank: i64,
    }

    // Behaviour: B110
    async fn a_target_without_some_of_its_columns(db: Db) -> Result<()> {
        db.auto_migrate(models![User, Profile]).await?;
        let profile = || Profile {
            bio: Some("secret".into()),
            rank: 1,
            ..Default::default()
        };
        let mut user = User {
            profile: profile().into(),
            ..Default::default()
        };
        db.create(&mut user)
            .omit(User::profile.field(Profile::bio))
            .await?;
        let mut user = User {
            profile: profile().into(),
            ..Default::default()
        };
        db.create(&mut user)
            .omit(User::profile.field(Profile::rank))
            .await?;
        let bios = values::<Option<String>>(&db, "profiles", "bio").await?;
        assert_eq!(bios, [None, Some("secret".into())]);
        assert_eq!(values::<i64>(&db, "profiles", "rank").await?, [1, 7]);
        assert_eq!(values::<i64>(&db, "profiles", "user_id").await?, [1, 2]);
        Ok(())
    }

    suite![a_target_without_some_of_its_columns];
}

mod composite_child {
    use sinew_suite::prelude::*;

    #[derive(Model, Clone, Debug, Default)]
    struct Coupon {
        id: i64,
        products: HasMany<CouponProduct>,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct CouponProduct {
        #[model(primary_key)]
        coupon_id: i64,
        #[model(primary_key, size = 20)]
        product: String,
        note: String,
    }

    fn product(name: &str) -> CouponProduct {
        CouponProduct {
            product: name.into(),
            ..Default::default()
        }
    }

    // Behaviour: B115
    async fn the_foreign_key_is_part_of_the_childs_key(db: Db) -> Result<()> {
        db.auto_migrate(models![Coupon, CouponProduct]).await?;
        let mut coupon = Coupon {
            products: [product("a"), product("b")].into(),
            ..Default::default()
        };
        db.create(&mut coupon).await?;
        assert_eq!(coupon.products.loaded()?[1].coupon_id, 1);
        let sql = "SELECT coupon_id, product FROM coupon_products ORDER BY product";
        let stored: Vec<(i64, String)> = db.query(sql, ()).await?;
        assert_eq!(stored, [(1, "a".into()), (1, "b".into())]);
        coupon.products.loaded_mut()?.push(product("c"));
        db.save(&mut coupon).await?;
        assert_eq!(rows(&db, "coupon_products").await?, 3);
        let found = db.get::<CouponProduct>((1, "c")).await?;
        assert_eq!(found.product, "c");
        Ok(())
    }

    suite![the_foreign_key_is_part_of_the_childs_key];
}

// Behaviour: B116, B273
async fn a_failure_deep_down_writes_nothing(db: Db) -> Result<()> {
    tables(&db).await?;
    let bad = Account {
        user: User {
            company_id: Some(404),
            ..user("Nobody")
        }
        .into(),
        ..account("x")
    };
    let mut users = vec![
        everything("Ada"),
        User {
            account: bad.into(),
            ..user("Grace")
        },
    ];
    assert!(db.create(&mut users).await.is_err());
    for table in [
        "users",
        "companies",
        "accounts",
        "pets",
        "toys",
        "languages",
        "user_speaks",
    ] {
        assert_eq!(rows(&db, table).await?, 0, "{table}");
    }
    Ok(())
}

// Behaviour: B116
async fn an_error_names_its_place_in_the_graph(db: Db) -> Result<()> {
    tables(&db).await?;
    let wrong = Pet {
        toy: toy("bone").into(),
        user_id: None,
        ..pet("b")
    };
    let mut ada = User {
        pets: [pet("a"), wrong].into(),
        ..user("Ada")
    };
    db.create(&mut ada).await?;
    // The second pet of the second user has a toy whose key is taken.
    let taken = Toy {
        id: 1,
        ..toy("other")
    };
    let pets = [
        pet("c"),
        Pet {
            id: 1,
            toy: taken.into(),
            ..pet("d")
        },
    ];
    let mut users = vec![
        user("Grace"),
        User {
            company_id: Some(404),
            pets: pets.into(),
            ..user("B")
        },
    ];
    let error = refused(db.create(&mut users).await, ErrorKind::ForeignKeyViolation);
    assert_eq!(error.model(), Some("User"));
    assert_eq!(rows(&db, "users").await?, 1);
    Ok(())
}

// Behaviour: B118
async fn nothing_to_create_is_no_error(db: Db) -> Result<()> {
    tables(&db).await?;
    let counting = db.counting();
    counting.create(&mut Vec::<User>::new()).await?;
    assert_eq!((counting.statements(), rows(&db, "users").await?), (0, 0));
    let mut ada = User {
        pets: [].into(),
        languages: Vec::new().into(),
        ..user("Ada")
    };
    db.create(&mut ada).await?;
    assert!(ada.pets.loaded()?.is_empty());
    Ok(())
}

// Behaviour: B289
async fn keys_and_times_are_filled(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut ada = user("Ada");
    db.create(&mut ada).await?;
    assert!(ada.created_at > Timestamp::UNIX_EPOCH && ada.created_at == ada.updated_at);
    assert_eq!(
        value::<Timestamp>(&db, "users", "created_at", 1).await?,
        ada.created_at
    );
    // Set by hand, both stay.
    let then: Timestamp = "2001-02-03T04:05:06Z".parse().unwrap();
    let mut old = User {
        id: 77,
        created_at: then,
        ..user("Old")
    };
    db.create(&mut old).await?;
    assert_eq!((old.id, old.created_at), (77, then));
    assert_eq!(db.get::<User>(77).await?.created_at, then);
    // The next one does not collide.
    let mut next = user("Next");
    db.create(&mut next).await?;
    assert_eq!(rows(&db, "users").await?, 3);
    Ok(())
}

// Behaviour: B291
async fn upserts(db: Db) -> Result<()> {
    tables(&db).await?;
    let mut acme = company("Acme");
    db.create(&mut acme).await?;
    let mut again = company("Acme");
    refused(db.create(&mut again).await, ErrorKind::UniqueViolation);
    db.create(&mut company("Acme"))
        .on_conflict(Company::name)
        .do_nothing()
        .await?;
    assert_eq!(rows(&db, "companies").await?, 1);
    db.create(&mut vec![Language {
        name: "x".into(),
        ..language("en")
    }])
    .await?;
    db.create(&mut vec![language("en"), language("fr")])
        .on_conflict(Language::code)
        .update((Language::name,))
        .await?;
    let sql = "SELECT name FROM languages ORDER BY code";
    let names: Vec<(String,)> = db.query(sql, ()).await?;
    assert_eq!(
        names,
        [("the language en".into(),), ("the language fr".into(),)]
    );
    // By primary key, whatever is there.
    let mut renamed = Company {
        id: acme.id,
        ..company("Acme Corp")
    };
    db.upsert(&mut renamed).await?;
    let mut new = Company {
        id: 9,
        ..company("Nine")
    };
    db.upsert(&mut new).await?;
    assert_eq!(
        values::<String>(&db, "companies", "name").await?,
        ["Acme Corp", "Nine"]
    );
    Ok(())
}

suite![
    one_call_creates_every_kind,
    existing_targets_stay_as_they_are,
    an_existing_child_moves_to_the_new_owner,
    a_target_with_a_taken_name_becomes_the_existing_row,
    keys_never_go_by_position_when_some_exist,
    a_key_that_contradicts_its_target_is_refused,
    an_unset_optional_key_is_null,
    an_empty_target_that_is_given_is_saved,
    statements_do_not_grow_with_rows,
    more_rows_than_one_statement_can_bind,
    one_keyed_target_of_several_owners,
    links_without_their_targets,
    a_failure_deep_down_writes_nothing,
    an_error_names_its_place_in_the_graph,
    nothing_to_create_is_no_error,
    keys_and_times_are_filled,
    upserts,
];
