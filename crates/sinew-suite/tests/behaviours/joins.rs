//! Joins (B235 to B248).

use sinew_suite::prelude::*;

use crate::fixture::*;

async fn three(db: &Db) -> Result<()> {
    tables(db).await?;
    let mut users = vec![
        User {
            company: company("Acme").into(),
            account: account("A").into(),
            pets: [
                Pet {
                    toy: toy("bone").into(),
                    ..pet("Rex")
                },
                pet("Max"),
            ]
            .into(),
            languages: [language("en"), language("fr")].into(),
            ..user("Ada")
        },
        User {
            account: account("G").into(),
            languages: [language("de")].into(),
            ..user("Grace")
        },
        User {
            company: company("Zeta").into(),
            pets: [pet("Tom")].into(),
            ..user("Alan")
        },
    ];
    db.create(&mut users).await?;
    users[1].languages.loaded_mut()?.push(language("en"));
    db.save(&mut users[1]).await
}

fn names(users: &[User]) -> Vec<&str> {
    users.iter().map(|user| user.name.as_str()).collect()
}

// Behaviour: B235, B236
async fn matches_and_no_matches_alternate(db: Db) -> Result<()> {
    three(&db).await?;
    let users = db
        .find::<User>()
        .order_by(User::id.asc())
        .join(User::company)
        .join(User::account)
        .await?;
    assert_eq!(names(&users), ["Ada", "Grace", "Alan"]);
    let company = |n: usize| {
        users[n]
            .company
            .loaded()
            .map(|c| c.map(|c| c.name.as_str()))
    };
    assert_eq!(
        (company(0)?, company(1)?, company(2)?),
        (Some("Acme"), None, Some("Zeta"))
    );
    assert!(users[1].account.loaded()?.is_some() && users[2].account.loaded()?.is_none());
    Ok(())
}

// Behaviour: B237
async fn every_kind_of_to_many_is_folded(db: Db) -> Result<()> {
    three(&db).await?;
    let users = db
        .find::<User>()
        .order_by(User::id.asc())
        .join(User::pets)
        .join(User::languages)
        .await?;
    assert_eq!(names(&users), ["Ada", "Grace", "Alan"]);
    let sizes: Vec<_> = users
        .iter()
        .map(|user| {
            (
                user.pets.loaded().map(<[_]>::len),
                user.languages.loaded().map(<[_]>::len),
            )
        })
        .map(|(pets, languages)| (pets.unwrap_or(9), languages.unwrap_or(9)))
        .collect();
    assert_eq!(sizes, [(2, 2), (0, 2), (1, 0)]);
    Ok(())
}

// Behaviour: B238
async fn a_has_one_with_several_rows_keeps_one_owner(db: Db) -> Result<()> {
    three(&db).await?;
    db.create(&mut Account {
        user_id: Some(1),
        ..account("second")
    })
    .await?;
    let users = db
        .find::<User>()
        .order_by(User::id.asc())
        .join(User::account)
        .await?;
    assert_eq!(names(&users), ["Ada", "Grace", "Alan"]);
    assert_eq!(db.find::<User>().join(User::account).count().await?, 3);
    Ok(())
}

// Behaviour: B239, B242
async fn nested_and_polymorphic(db: Db) -> Result<()> {
    three(&db).await?;
    let counting = db.counting();
    let accounts = counting
        .find::<Account>()
        .order_by(Account::id.asc())
        .join(Account::user.join(User::company))
        .await?;
    assert_eq!(counting.statements(), 1);
    let ada = accounts[0].user.loaded()?.unwrap();
    assert_eq!(ada.company.loaded()?.map(|c| c.name.as_str()), Some("Acme"));
    assert!(
        accounts[1]
            .user
            .loaded()?
            .unwrap()
            .company
            .loaded()?
            .is_none()
    );
    // A toy of the user with the pet's id is not the pet's.
    db.create(&mut Toy {
        owner_id: Some(2),
        owner_type: "users".into(),
        ..toy("not the pet's")
    })
    .await?;
    let pets = db
        .find::<Pet>()
        .order_by(Pet::id.asc())
        .join(Pet::toy)
        .await?;
    let toys: Vec<_> = pets
        .iter()
        .map(|pet| pet.toy.loaded().map(|t| t.is_some()))
        .collect();
    assert!(matches!(toys[..], [Ok(true), Ok(false), Ok(false)]));
    Ok(())
}

// Behaviour: B240
async fn a_soft_deleted_target_leaves_its_owner(db: Db) -> Result<()> {
    three(&db).await?;
    db.find::<Account>()
        .filter(Account::number.eq("A"))
        .delete()
        .await?;
    let users = db
        .find::<User>()
        .order_by(User::id.asc())
        .join(User::account)
        .await?;
    assert_eq!(names(&users), ["Ada", "Grace", "Alan"]);
    assert!(users[0].account.loaded()?.is_none());
    let inner = db.find::<User>().inner_join(User::account).await?;
    assert_eq!(names(&inner), ["Grace"]);
    Ok(())
}

// Behaviour: B241
async fn conditions_stand_in_the_join(db: Db) -> Result<()> {
    three(&db).await?;
    let users = db
        .find::<User>()
        .order_by(User::id.asc())
        .join(User::company.filter(Company::name.eq("Acme")))
        .join(User::pets.filter(Pet::name.eq("Max")))
        .await?;
    assert_eq!(names(&users), ["Ada", "Grace", "Alan"]);
    assert!(users[2].company.loaded()?.is_none());
    assert_eq!(users[0].pets.loaded()?.len(), 1);
    assert!(users[2].pets.loaded()?.is_empty());
    Ok(())
}

// Behaviour: B243
async fn the_same_association_joined_twice(db: Db) -> Result<()> {
    three(&db).await?;
    // Both conditions count, or the query is refused; none is dropped in silence.
    let acme = User::company.filter(Company::name.eq("Acme"));
    let found = db
        .find::<User>()
        .inner_join(User::company)
        .inner_join(acme)
        .await;
    match found {
        Ok(users) => assert_eq!(names(&users), ["Ada"]),
        Err(error) => assert!(error.to_string().contains("company"), "{error}"),
    }
    Ok(())
}

// Behaviour: B244, B246
async fn joins_written_in_sql(db: Db) -> Result<()> {
    three(&db).await?;
    let users = db
        .find::<User>()
        .join_sql("INNER JOIN companies ON companies.id = users.company_id")
        .filter(sql("companies.name LIKE ?", ("A%",)))
        // The same names exist in both tables.
        .filter(User::name.ne("nobody"))
        .order_by(User::id.asc())
        .await?;
    assert_eq!(names(&users), ["Ada"]);
    Ok(())
}

// Behaviour: B245
async fn joins_can_be_counted(db: Db) -> Result<()> {
    three(&db).await?;
    assert_eq!(db.find::<User>().join(User::pets).count().await?, 3);
    assert_eq!(
        db.find::<User>().inner_join(User::company).count().await?,
        2
    );
    assert_eq!(db.find::<User>().inner_join(User::pets).count().await?, 2);
    Ok(())
}

// Behaviour: B246
async fn conditions_and_order_across_a_path(db: Db) -> Result<()> {
    three(&db).await?;
    let users = db
        .find::<User>()
        .filter(User::company.to(Company::name).eq("Acme"))
        .await?;
    assert_eq!(names(&users), ["Ada"]);
    let users = db
        .find::<User>()
        .filter(User::company.to(Company::name).is_not_null())
        .order_by(User::company.to(Company::name).desc())
        .await?;
    assert_eq!(names(&users), ["Alan", "Ada"]);
    let any = db
        .find::<User>()
        .filter(User::pets.filter(Pet::name.eq("Rex")).any())
        .await?;
    assert_eq!(names(&any), ["Ada"]);
    let none = db.find::<User>().filter(User::pets.none()).await?;
    assert_eq!(names(&none), ["Grace"]);
    let two = db
        .find::<User>()
        .filter(User::languages.count().ge(2))
        .order_by(User::id.asc())
        .await?;
    assert_eq!(names(&two), ["Ada", "Grace"]);
    let nested = User::pets
        .filter(Pet::toy.filter(Toy::name.eq("bone")).any())
        .any();
    assert_eq!(names(&db.find::<User>().filter(nested).await?), ["Ada"]);
    Ok(())
}

suite![
    matches_and_no_matches_alternate,
    every_kind_of_to_many_is_folded,
    a_has_one_with_several_rows_keeps_one_owner,
    nested_and_polymorphic,
    a_soft_deleted_target_leaves_its_owner,
    conditions_stand_in_the_join,
    the_same_association_joined_twice,
    joins_written_in_sql,
    joins_can_be_counted,
    conditions_and_order_across_a_path,
];
