//! Creating graphs: what is inserted, linked and stamped, and what an error leaves.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]
mod write_support;
use write_support::*;

#[tokio::test]
async fn everything_in_one_call() -> Result<()> {
    let db = open().await;
    let mut ada = full("Ada");
    ada.manager = user("Boss").into();
    db.create(&mut ada).await?;
    for (table, rows) in [
        ("users", 3),
        ("companies", 1),
        ("profiles", 1),
        ("orders", 2),
        ("items", 3),
        ("languages", 2),
        ("user_languages", 2),
        ("images", 1),
    ] {
        assert_eq!(count(&db, table).await, rows, "{table}");
    }
    assert_eq!(ada.manager_id, ada.manager.loaded()?.map(|m| m.id));
    assert_eq!(ada.reports.loaded()?[0].manager_id, Some(ada.id));
    assert_eq!(ada.profile.loaded()?.unwrap().user_id, ada.id);
    let image = &ada.images.loaded()?[0];
    assert_eq!(
        (image.owner_id, image.owner_type.as_str()),
        (Some(ada.id), "users")
    );
    let items: Vec<(i64, i64)> = db
        .query("SELECT id, order_id FROM items ORDER BY id", ())
        .await?;
    let held: Vec<(i64, i64)> = ada
        .orders
        .loaded()?
        .iter()
        .flat_map(|o| o.items.loaded().unwrap())
        .map(|i| (i.id, i.order_id))
        .collect();
    assert_eq!(items, held);
    assert!(!ada.created_at.is_unset());
    Ok(())
}

#[tokio::test]
async fn statements_do_not_grow_with_rows() -> Result<()> {
    let db = open().await;
    let orders = (0..10).map(|o| Order {
        items: (0..3).map(|i| item(&format!("{o}-{i}"))).collect(),
        ..order(1.0)
    });
    let mut ada = User {
        orders: orders.collect(),
        ..user("Ada")
    };
    ada.languages = (0..30).map(|i| language(&i.to_string())).collect();
    let counting = db.counting();
    counting.create(&mut ada).await?;
    assert!(counting.statements() <= 5, "{}", counting.statements());
    let mut many: Vec<User> = (0..10_000)
        .map(|i| User {
            orders: [order(f64::from(i))].into(),
            ..user(&i.to_string())
        })
        .collect();
    let counting = db.counting();
    counting.create(&mut many).await?;
    assert_eq!(counting.statements(), 2);
    let wrong = "SELECT count(*) FROM users u JOIN orders o ON o.user_id = u.id WHERE o.amount <> CAST(u.name AS real) AND u.name <> 'Ada'";
    assert_eq!(number(&db, wrong).await, 0);
    assert_eq!(count(&db, "orders").await, 10_010);
    assert_eq!(db.get::<User>(many[9_999].id).await?.name, "9999");
    Ok(())
}

#[tokio::test]
async fn two_different_keys_are_a_mismatch() -> Result<()> {
    let db = open().await;
    let mut acme = Company {
        name: "Acme".into(),
        ..Default::default()
    };
    db.create(&mut acme).await?;
    let mut ada = User {
        company_id: Some(99),
        company: acme.clone().into(),
        profile: Profile::default().into(),
        ..user("Ada")
    };
    let error = db.create(&mut ada).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Mismatch);
    assert!(error.to_string().contains("99"), "{error}");
    assert_eq!(count(&db, "users").await, 0);
    ada.company_id = None;
    db.create(&mut ada).await?;
    assert_eq!(ada.company_id, Some(acme.id));
    ada.company_id = Some(77);
    assert_eq!(
        db.save(&mut ada).await.unwrap_err().kind(),
        ErrorKind::Mismatch
    );
    Ok(())
}

#[tokio::test]
async fn existing_children_are_re_pointed_and_nothing_else() -> Result<()> {
    let db = open().await;
    let mut ada = full("Ada");
    db.create(&mut ada).await?;
    let mut taken = ada.orders.loaded()?[0].clone();
    taken.amount = 999.0;
    let mut bob = User {
        orders: [taken, order(3.0)].into(),
        ..user("Bob")
    };
    db.create(&mut bob).await?;
    let rows: Vec<(i64, f64)> = db
        .query("SELECT user_id, amount FROM orders ORDER BY id", ())
        .await?;
    assert_eq!(rows, [(bob.id, 100.0), (ada.id, 5.0), (bob.id, 3.0)]);
    Ok(())
}

#[tokio::test]
async fn keyed_targets_missing_or_there() -> Result<()> {
    let db = open().await;
    let mut english = language("English");
    db.create(&mut english).await?;
    english.name = "changed".into();
    let missing = Language {
        id: 50,
        name: "Klingon".into(),
    };
    let mut users = vec![user("a"), user("b")];
    for user in &mut users {
        user.languages = [english.clone(), missing.clone()].into();
        user.company = Company {
            id: 7,
            name: "Seven".into(),
        }
        .into();
    }
    db.create(&mut users).await?;
    let rows: Vec<(i64, String)> = db
        .query("SELECT id, name FROM languages ORDER BY id", ())
        .await?;
    assert_eq!(rows, [(1, "English".into()), (50, "Klingon".into())]);
    assert_eq!(count(&db, "user_languages").await, 4);
    assert_eq!(count(&db, "companies").await, 1);
    assert_eq!(users[1].company_id, Some(7));
    Ok(())
}

#[tokio::test]
async fn targets_that_collide_become_the_existing_row() -> Result<()> {
    let db = open().await;
    let mut english = language("English");
    db.create(&mut english).await?;
    let mut users: Vec<User> = (0..5)
        .map(|i| User {
            languages: [language("New"), language("English")].into(),
            ..user(&format!("u{i}"))
        })
        .collect();
    db.create(&mut users).await?;
    assert_eq!(count(&db, "languages").await, 2);
    assert_eq!(count(&db, "user_languages").await, 10);
    assert!(
        users
            .iter()
            .all(|u| u.languages.loaded().unwrap()[1].id == english.id)
    );
    let mut boss = User {
        age: 60,
        ..user("Boss")
    };
    db.create(&mut boss).await?;
    let mut jr = User {
        manager: user("Boss").into(),
        ..user("jr")
    };
    db.create(&mut jr).await?;
    assert_eq!(
        (jr.manager_id, jr.manager.loaded()?.unwrap().age),
        (Some(boss.id), 60)
    );
    db.delete(&mut boss).await?;
    let mut sr = User {
        manager: user("Boss").into(),
        ..user("sr")
    };
    let error = db.create(&mut sr).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.path()),
        (ErrorKind::UniqueViolation, Some("manager"))
    );
    assert_eq!(
        (sr.id, sr.manager_id, sr.manager.loaded()?.unwrap().age),
        (0, None, 0)
    );
    Ok(())
}

#[tokio::test]
async fn errors_name_their_place_and_leave_nothing() -> Result<()> {
    let db = open().await;
    let mut ada = full("Ada");
    ada.orders.loaded_mut()?[1].items = [item("same"), item("same")].into();
    let error = db.create(&mut ada).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.path()),
        (ErrorKind::UniqueViolation, Some("orders[1].items[1]"))
    );
    for table in ["users", "orders", "items", "companies", "languages"] {
        assert_eq!(count(&db, table).await, 0, "{table}");
    }
    assert_eq!((ada.id, ada.company_id), (0, None));
    assert!(ada.created_at.is_unset());
    let order = &ada.orders.loaded()?[0];
    assert_eq!(
        (order.id, order.user_id, order.items.loaded()?[0].order_id),
        (0, None, 0)
    );
    assert_eq!(ada.images.loaded()?[0].owner_type, "");
    let mut long = User {
        reports: [user("ok"), user("this is too long")].into(),
        ..user("Bob")
    };
    let error = db.create(&mut long).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.path()),
        (ErrorKind::ValueTooLong, Some("reports[1]"))
    );
    assert_eq!(
        (long.reports.loaded()?[0].id, count(&db, "users").await),
        (0, 0)
    );
    // It can be mended and tried again.
    ada.orders.loaded_mut()?[1].items.loaded_mut()?.pop();
    db.create(&mut ada).await?;
    Ok(())
}

#[tokio::test]
async fn a_required_key_that_is_not_set_is_an_error() -> Result<()> {
    let db = open().await;
    let error = db.create(&mut Profile::default()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ForeignKeyViolation);
    Ok(())
}

#[tokio::test]
async fn select_and_omit_in_every_form() -> Result<()> {
    let db = open().await;
    db.create(&mut full("a")).omit(User::orders).await?;
    assert_eq!(
        (count(&db, "orders").await, count(&db, "profiles").await),
        (0, 1)
    );
    let mut b = full("b");
    db.create(&mut b).omit_associations().await?;
    assert_eq!(
        (
            count(&db, "companies").await,
            count(&db, "user_languages").await
        ),
        (1, 2)
    );
    let mut c = full("c");
    db.create(&mut c)
        .select((User::name, User::profile, User::company))
        .await?;
    let rows: Vec<(i32, Option<i64>)> = db
        .query("SELECT age, company_id FROM users WHERE name = 'c'", ())
        .await?;
    // A selected association carries its keys along; a column left out is zero.
    assert_eq!(rows, [(0, c.company_id)]);
    assert!(c.company_id.is_some());
    assert_eq!(
        (
            count(&db, "profiles").await,
            count(&db, "user_languages").await
        ),
        (2, 2)
    );
    let mut d = full("d");
    db.create(&mut d)
        .omit((User::profile.field(Profile::bio), User::age, User::reports))
        .await?;
    assert_eq!(
        number(&db, "SELECT age FROM users WHERE name = 'd'").await,
        0
    );
    assert_eq!(count(&db, "profiles WHERE bio = ''").await, 1);
    Ok(())
}

#[tokio::test]
async fn fields_of_associations_and_links_alone() -> Result<()> {
    let db = open().await;
    let mut english = language("English");
    db.create(&mut english).await?;
    let mut a = User {
        languages: [Language {
            name: "other".into(),
            ..english.clone()
        }]
        .into(),
        ..user("a")
    };
    db.create(&mut a).omit(User::languages.targets()).await?;
    assert_eq!(
        (
            count(&db, "languages").await,
            count(&db, "user_languages").await
        ),
        (1, 1)
    );
    let mut b = User {
        languages: [language("New")].into(),
        ..user("b")
    };
    let error = db
        .create(&mut b)
        .omit(User::languages.targets())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::MissingKey);
    let mut c = User {
        profile: Profile {
            bio: "x".into(),
            theme: "dark".into(),
            ..Default::default()
        }
        .into(),
        ..user("c")
    };
    db.create(&mut c)
        .omit(User::profile.field(Profile::theme))
        .await?;
    let rows: Vec<(String, String)> = db.query("SELECT bio, theme FROM profiles", ()).await?;
    assert_eq!(rows, [("x".into(), "plain".into())]);
    assert_eq!(c.profile.loaded()?.unwrap().theme, "plain");
    let mut d = User {
        profile: Profile {
            bio: "y".into(),
            theme: "dark".into(),
            ..Default::default()
        }
        .into(),
        ..user("d")
    };
    db.create(&mut d)
        .select((User::name, User::age, User::profile.field(Profile::bio)))
        .await?;
    let rows: Vec<(i64, String)> = db
        .query("SELECT user_id, theme FROM profiles WHERE bio = 'y'", ())
        .await?;
    assert_eq!(rows, [(d.id, "plain".into())]);
    Ok(())
}

#[tokio::test]
async fn save_inserts_links_and_removes_nothing() -> Result<()> {
    let db = open().await;
    let mut ada = full("Ada");
    db.save(&mut ada).await?;
    ada.age = 40;
    ada.orders.loaded_mut()?[0].amount = 1.0;
    ada.orders.loaded_mut()?.remove(1);
    ada.orders.loaded_mut()?.push(order(300.0));
    ada.languages.loaded_mut()?.remove(0);
    db.save(&mut ada).await?;
    let amounts: Vec<(f64,)> = db
        .query("SELECT amount FROM orders ORDER BY id", ())
        .await?;
    assert_eq!(amounts, [(100.0,), (5.0,), (300.0,)]);
    assert_eq!(
        (
            count(&db, "user_languages").await,
            number(&db, "SELECT max(age) FROM users").await
        ),
        (2, 40)
    );
    db.save(&mut ada).full().await?;
    let amounts: Vec<(f64,)> = db
        .query("SELECT amount FROM orders ORDER BY id", ())
        .await?;
    assert_eq!(amounts, [(1.0,), (5.0,), (300.0,)]);
    ada.company.loaded_mut()?.unwrap().name = "Renamed".into();
    db.session().full_save_associations().save(&mut ada).await?;
    assert_eq!(count(&db, "companies WHERE name = 'Renamed'").await, 1);
    let mut copy = ada.clone();
    db.delete(&mut ada).await?;
    let error = db.save(&mut copy).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    Ok(())
}

#[derive(Model, Clone, Debug, Default)]
pub struct Blog {
    #[model(primary_key)]
    pub id: i64,
    #[model(primary_key)]
    pub locale: String,
    #[model(foreign_key = (blog_id, blog_locale))]
    pub posts: HasMany<Post>,
    pub tags: ManyToMany<Tag, Tagging>,
}

#[derive(Model, Clone, Debug, Default)]
pub struct Post {
    pub id: i64,
    pub blog_id: i64,
    pub blog_locale: String,
}

#[derive(Model, Clone, Debug, Default)]
pub struct Tag {
    #[model(primary_key)]
    pub code: String,
}

#[derive(Model, Clone, Debug, Default)]
pub struct Tagging {
    #[model(primary_key)]
    pub blog_id: i64,
    #[model(primary_key)]
    pub blog_locale: String,
    #[model(primary_key)]
    pub tag_code: String,
    pub weight: i32,
    pub created_at: Timestamp,
}

#[tokio::test]
async fn composite_and_text_keys_and_link_columns() -> Result<()> {
    let db = Db::connect("sqlite::memory:").await?;
    db.auto_migrate(models![Blog, Post, Tag, Tagging]).await?;
    let tag = |code: &str| Tag { code: code.into() };
    let heavy = Tagging {
        weight: 5,
        ..Default::default()
    };
    let mut blog = Blog {
        id: 3,
        locale: "de".into(),
        posts: [Post::default(), Post::default()].into(),
        tags: ManyToMany::with_links([(tag("a"), heavy), (tag("b"), Tagging::default())]),
    };
    db.create(&mut blog).await?;
    assert!(
        blog.posts
            .loaded()?
            .iter()
            .all(|p| p.blog_id == 3 && p.blog_locale == "de" && p.id > 0)
    );
    let rows: Vec<(i64, String, String, i32)> = db
        .query(
            "SELECT blog_id, blog_locale, tag_code, weight FROM taggings ORDER BY 3",
            (),
        )
        .await?;
    assert_eq!(
        rows,
        [
            (3, "de".into(), "a".into(), 5),
            (3, "de".into(), "b".into(), 0)
        ]
    );
    let links: Vec<(i64, &str)> = blog
        .tags
        .links()?
        .map(|(_, l)| (l.blog_id, l.tag_code.as_str()))
        .collect();
    assert_eq!(links, [(3, "a"), (3, "b")]);
    db.delete(&mut blog).with_associations().await?;
    assert_eq!(
        (
            count(&db, "taggings").await,
            count(&db, "tags").await,
            count(&db, "posts").await
        ),
        (0, 2, 0)
    );
    Ok(())
}

/// A key that the client makes, without a crate for it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Uid([u8; 16]);

impl sinew::private::Required for Uid {}
impl sinew::ColumnType for Uid {
    const FAMILY: sinew::private::TypeFamily = sinew::private::TypeFamily::Uuid;
    fn to_value(&self) -> sinew::Value<'_> {
        sinew::Value::Uuid(self.0)
    }
    fn from_value(value: sinew::Value<'_>) -> std::result::Result<Self, sinew::private::Misfit> {
        match value {
            sinew::Value::Uuid(bytes) => Ok(Self(bytes)),
            sinew::Value::Bytes(bytes) => Ok(Self(bytes.as_ref().try_into().unwrap())),
            other => Err(sinew::private::Misfit::new("a UUID", &other)),
        }
    }
    fn is_unset(&self) -> bool {
        self.0 == [0; 16]
    }
}

#[derive(Model, Clone, Debug, Default)]
pub struct Doc {
    pub id: Uid,
    pub pages: HasMany<Page>,
}

#[derive(Model, Clone, Debug, Default)]
pub struct Page {
    pub id: Uid,
    pub doc_id: Uid,
}

#[tokio::test]
async fn uuid_keys_are_made_before_the_insert() -> Result<()> {
    let db = Db::connect("sqlite::memory:").await?;
    db.auto_migrate(models![Doc, Page]).await?;
    let own = Uid([7; 16]);
    let mut docs = vec![
        Doc {
            pages: [Page::default(), Page::default()].into(),
            ..Default::default()
        },
        Doc {
            id: own,
            ..Default::default()
        },
    ];
    db.create(&mut docs).await?;
    assert_eq!((docs[0].id.0[6] >> 4, docs[1].id), (7, own));
    let pages = docs[0].pages.loaded()?;
    assert!(
        pages
            .iter()
            .all(|page| page.doc_id == docs[0].id && page.id != Uid::default())
    );
    assert_eq!(
        count(&db, "pages p JOIN docs d ON d.id = p.doc_id").await,
        2
    );
    docs[0].pages.loaded_mut()?.push(Page::default());
    db.save(&mut docs[0]).await?;
    assert_eq!(count(&db, "pages").await, 3);
    Ok(())
}

#[derive(Model, Clone, Debug, Default)]
pub struct Club {
    pub id: i64,
    pub members: ManyToMany<Person, Membership>,
}

#[derive(Model, Clone, Debug, Default)]
pub struct Person {
    pub id: i64,
}

/// A join model with a key of its own; the database admits the same pair twice.
#[derive(Model, Clone, Debug, Default)]
pub struct Membership {
    pub id: i64,
    pub club_id: i64,
    pub person_id: i64,
}

#[tokio::test]
async fn a_link_is_written_once_also_where_the_database_would_admit_two() -> Result<()> {
    let db = Db::connect("sqlite::memory:").await?;
    db.execute("CREATE TABLE clubs (id integer primary key)", ())
        .await?;
    db.execute("CREATE TABLE people (id integer primary key)", ())
        .await?;
    db.execute(
        "CREATE TABLE memberships (id integer primary key, club_id integer, person_id integer)",
        (),
    )
    .await?;
    let mut club = Club {
        members: [Person::default(), Person::default()].into(),
        ..Default::default()
    };
    db.create(&mut club).await?;
    club.members.loaded_mut()?.push(Person::default());
    db.save(&mut club).await?;
    assert_eq!(count(&db, "memberships").await, 3);
    Ok(())
}

#[tokio::test]
async fn references_to_a_column_that_is_not_the_key() -> Result<()> {
    let db = Db::connect("sqlite::memory:").await?;
    db.auto_migrate(models![Firm, Worker]).await?;
    let mut firm = Firm {
        code: "acme".into(),
        workers: [Worker::default()].into(),
        ..Default::default()
    };
    db.create(&mut firm).await?;
    assert_eq!(firm.workers.loaded()?[0].firm_code, "acme");
    let mut worker = Worker {
        firm: Firm {
            code: "new".into(),
            ..Default::default()
        }
        .into(),
        ..Default::default()
    };
    db.create(&mut worker).await?;
    assert_eq!(worker.firm_code, "new");
    db.update(&mut firm)
        .set(Firm::code.to("other"))
        .await
        .unwrap_err();
    assert_eq!(firm.code, "acme");
    db.delete(&mut firm).with(Firm::workers).await?;
    assert_eq!(count(&db, "workers").await, 1);
    Ok(())
}

#[derive(Model, Clone, Debug, Default)]
pub struct Firm {
    pub id: i64,
    #[model(unique)]
    pub code: String,
    #[model(references = code, foreign_key = firm_code)]
    pub workers: HasMany<Worker>,
}

#[derive(Model, Clone, Debug, Default)]
pub struct Worker {
    pub id: i64,
    pub firm_code: String,
    #[model(references = code, foreign_key = firm_code)]
    pub firm: BelongsTo<Firm>,
}
