//! Creating rows with keys of every sort.

use sinew_suite::prelude::*;

use crate::fixture::count;

#[derive(Model, Clone, Debug, Default)]
struct Blog {
    #[model(primary_key)]
    id: i64,
    #[model(primary_key, size = 10)]
    locale: String,
    #[model(foreign_key = (blog_id, blog_locale))]
    posts: HasMany<Post>,
    tags: ManyToMany<Tag, Tagging>,
}

#[derive(Model, Clone, Debug, Default)]
struct Post {
    id: i64,
    blog_id: i64,
    #[model(size = 10)]
    blog_locale: String,
}

#[derive(Model, Clone, Debug, Default)]
struct Tag {
    #[model(primary_key, size = 10)]
    code: String,
}

#[derive(Model, Clone, Debug, Default)]
struct Tagging {
    #[model(primary_key)]
    blog_id: i64,
    #[model(primary_key, size = 10)]
    blog_locale: String,
    #[model(primary_key, size = 10)]
    tag_code: String,
    weight: i32,
    created_at: Timestamp,
}

async fn composite_and_text_keys_and_link_columns(db: Db) -> Result<()> {
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
struct Uid([u8; 16]);

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
struct Doc {
    id: Uid,
    pages: HasMany<Page>,
}

#[derive(Model, Clone, Debug, Default)]
struct Page {
    id: Uid,
    doc_id: Uid,
}

async fn uuid_keys_are_made_before_the_insert(db: Db) -> Result<()> {
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
struct Club {
    id: i64,
    members: ManyToMany<Person, Membership>,
}

#[derive(Model, Clone, Debug, Default)]
struct Person {
    id: i64,
}

/// A join model with a key of its own; the database admits the same pair twice.
#[derive(Model, Clone, Debug, Default)]
struct Membership {
    id: i64,
    club_id: i64,
    person_id: i64,
}

async fn a_link_is_written_once_also_where_the_database_would_admit_two(db: Db) -> Result<()> {
    db.auto_migrate(models![Club, Person, Membership]).await?;
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

async fn references_to_a_column_that_is_not_the_key(db: Db) -> Result<()> {
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
struct Firm {
    id: i64,
    #[model(size = 20, unique)]
    code: String,
    #[model(references = code, foreign_key = firm_code)]
    workers: HasMany<Worker>,
}

#[derive(Model, Clone, Debug, Default)]
struct Worker {
    id: i64,
    #[model(size = 20)]
    firm_code: String,
    #[model(references = code, foreign_key = firm_code)]
    firm: BelongsTo<Firm>,
}

suite![
    composite_and_text_keys_and_link_columns,
    uuid_keys_are_made_before_the_insert,
    a_link_is_written_once_also_where_the_database_would_admit_two,
    references_to_a_column_that_is_not_the_key,
];
