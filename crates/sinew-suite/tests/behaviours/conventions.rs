//! Conventions and relationship inference (B001 to B049).

use sinew_suite::prelude::*;

mod many_names {
    use super::*;

    #[derive(Model, Clone, Debug, Default)]
    struct Person {
        id: i64,
        name: String,
        creator_id: Option<i64>,
        creator: BelongsTo<Option<Person>>,
        #[model(foreign_key = boss)]
        superior: BelongsTo<Option<Person>>,
        boss: Option<i64>,
    }

    // Behaviour: B001, B004, B009, B083
    async fn a_belongs_to_is_found_by_its_fields_name(db: Db) -> Result<()> {
        db.auto_migrate(models![Person]).await?;
        let one = |name: &str| Person {
            name: name.into(),
            ..Default::default()
        };
        let mut person = Person {
            creator: one("creator").into(),
            superior: one("superior").into(),
            ..one("person")
        };
        db.create(&mut person).await?;
        let (creator, boss) = (person.creator_id.unwrap(), person.boss.unwrap());
        // The table's plural is irregular.
        assert_eq!(
            value::<String>(&db, "people", "name", creator).await?,
            "creator"
        );
        assert_eq!(
            value::<String>(&db, "people", "name", boss).await?,
            "superior"
        );
        Ok(())
    }

    suite![a_belongs_to_is_found_by_its_fields_name];
}

mod kinds_of_key {
    use super::*;

    #[derive(Model, Clone, Debug, Default)]
    struct Author {
        #[model(primary_key, size = 30)]
        handle: String,
        books: HasMany<Book>,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct Book {
        #[model(primary_key)]
        isbn: i64,
        #[model(size = 30)]
        author_handle: String,
        #[model(references = handle)]
        author: BelongsTo<Author>,
    }

    // Behaviour: B007, B025
    async fn keys_of_other_names_and_types(db: Db) -> Result<()> {
        db.auto_migrate(models![Author, Book]).await?;
        let books = [
            Book {
                isbn: 7,
                ..Default::default()
            },
            Book::default(),
        ];
        let mut author = Author {
            handle: "ada".into(),
            books: books.into(),
        };
        db.create(&mut author).await?;
        // The only integer key counts by itself, whatever its name.
        assert!(author.books.loaded()?[1].isbn > 0);
        let book = db.get::<Book>(7).preload(Book::author).await?;
        assert_eq!(book.author.loaded()?.handle, "ada");
        let author = db.get::<Author>("ada").preload(Author::books).await?;
        assert_eq!(author.books.loaded()?.len(), 2);
        Ok(())
    }

    suite![keys_of_other_names_and_types];
}

mod composite_links {
    use super::*;

    #[derive(Model, Clone, Debug, Default)]
    struct Blog {
        #[model(primary_key)]
        id: i64,
        #[model(primary_key, size = 10)]
        locale: String,
        subject: String,
        #[model(join_table = "blog_tags")]
        tags: ManyToMany<Tag>,
        #[model(join_table = "blog_topics", foreign_key = id, constraint = false)]
        shared: ManyToMany<Topic>,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct Tag {
        #[model(primary_key)]
        id: i64,
        #[model(primary_key, size = 10)]
        locale: String,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct Topic {
        id: i64,
    }

    fn tag(id: i64, locale: &str) -> Tag {
        Tag {
            id,
            locale: locale.into(),
        }
    }

    fn blog(locale: &str) -> Blog {
        Blog {
            id: 1,
            locale: locale.into(),
            ..Default::default()
        }
    }

    // Behaviour: B029, B176, B215
    async fn composite_keys_in_join_tables(db: Db) -> Result<()> {
        db.auto_migrate(models![Blog, Tag]).await?;
        let mut english = Blog {
            tags: [tag(1, "EN"), tag(2, "EN")].into(),
            ..blog("EN")
        };
        let mut german = Blog {
            tags: [tag(1, "DE")].into(),
            ..blog("DE")
        };
        db.create(&mut english).await?;
        db.create(&mut german).await?;
        let sql = "SELECT blog_id, blog_locale, tag_id, tag_locale FROM blog_tags ORDER BY 2, 3";
        type Row = (i64, String, i64, String);
        let stored: Vec<Row> = db.query(sql, ()).await?;
        let row = |b: &str, t: i64| (1, b.to_owned(), t, b.to_owned());
        assert_eq!(stored, [row("DE", 1), row("EN", 1), row("EN", 2)]);
        let blogs = db
            .find::<Blog>()
            .order_by(Blog::locale.asc())
            .preload(Blog::tags)
            .await?;
        assert_eq!(blogs[0].tags.loaded()?.len(), 1);
        assert_eq!(blogs[1].tags.loaded()?.len(), 2);
        // Association mode matches all parts of the key.
        db.association(&mut english, Blog::tags)
            .delete(&tag(1, "EN"))
            .await?;
        let stored: Vec<Row> = db.query(sql, ()).await?;
        assert_eq!(stored, [row("DE", 1), row("EN", 2)]);
        db.association(&mut english, Blog::tags).clear().await?;
        assert_eq!(rows(&db, "blog_tags").await?, 1);
        Ok(())
    }

    // Behaviour: B029, B215
    async fn links_that_all_locales_share(db: Db) -> Result<()> {
        db.auto_migrate(models![Blog, Tag, Topic]).await?;
        let topics = [Topic::default(), Topic::default()];
        let mut english = Blog {
            shared: topics.into(),
            ..blog("EN")
        };
        db.create(&mut english).await?;
        db.create(&mut blog("DE")).await?;
        assert_eq!(
            pairs(&db, "blog_topics", "blog_id", "topic_id").await?,
            [(1, 1), (1, 2)]
        );
        let blogs = db.find::<Blog>().preload(Blog::shared).await?;
        assert!(
            blogs
                .iter()
                .all(|blog| blog.shared.loaded().is_ok_and(|t| t.len() == 2))
        );
        Ok(())
    }

    suite![composite_keys_in_join_tables, links_that_all_locales_share];
}

mod several_between_two {
    use super::*;

    #[derive(Model, Clone, Debug, Default)]
    struct User {
        id: i64,
        #[model(join_table = "event_users")]
        events: ManyToMany<Event>,
        #[model(join_table = "event_hosts")]
        hosted: ManyToMany<Event>,
        #[model(foreign_key = author_id)]
        written: HasMany<Event>,
        #[model(foreign_key = editor_id)]
        edited: HasMany<Event>,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct Event {
        id: i64,
        author_id: Option<i64>,
        editor_id: Option<i64>,
    }

    // Behaviour: B027, B031
    async fn several_associations_between_the_same_two(db: Db) -> Result<()> {
        db.auto_migrate(models![User, Event]).await?;
        let one = || Event::default();
        let mut user = User {
            events: [one()].into(),
            hosted: [one(), one()].into(),
            written: [one()].into(),
            edited: [one()].into(),
            ..Default::default()
        };
        db.create(&mut user).await?;
        assert_eq!(
            (
                rows(&db, "event_users").await?,
                rows(&db, "event_hosts").await?
            ),
            (1, 2)
        );
        assert_eq!(rows_where(&db, "events", "author_id = 1").await?, 1);
        assert_eq!(rows_where(&db, "events", "editor_id = 1").await?, 1);
        let read = db.get::<User>(1).preload_all().await?;
        assert_eq!(
            (read.events.loaded()?.len(), read.hosted.loaded()?.len()),
            (1, 2)
        );
        assert_eq!(
            (read.written.loaded()?.len(), read.edited.loaded()?.len()),
            (1, 1)
        );
        Ok(())
    }

    suite![several_associations_between_the_same_two];
}

mod polymorphic_names {
    use super::*;

    #[derive(Model, Clone, Debug, Default)]
    struct Hamster {
        id: i64,
        #[model(polymorphic = owner, polymorphic_value = "preferred")]
        preferred: HasOne<Toy>,
        #[model(polymorphic_type = owner_type, polymorphic_id = owner_id, polymorphic_value = "other")]
        other: HasOne<Toy>,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct Toy {
        id: i64,
        name: String,
        owner_id: Option<i64>,
        #[model(size = 20)]
        owner_type: String,
    }

    fn toy(name: &str) -> Toy {
        Toy {
            name: name.into(),
            ..Default::default()
        }
    }

    // Behaviour: B037, B038, B039, B062
    async fn two_relations_with_values_of_their_own(db: Db) -> Result<()> {
        db.auto_migrate(models![Hamster, Toy]).await?;
        let mut hamster = Hamster {
            preferred: toy("bike").into(),
            other: toy("tube").into(),
            ..Default::default()
        };
        db.create(&mut hamster).await?;
        let types = values::<String>(&db, "toys", "owner_type").await?;
        assert_eq!(types, ["preferred", "other"]);
        let mut read = db.get::<Hamster>(1).preload_all().await?;
        assert_eq!(read.preferred.loaded()?.unwrap().name, "bike");
        assert_eq!(read.other.loaded()?.unwrap().name, "tube");
        db.association(&mut read, Hamster::other).clear().await?;
        assert_eq!(
            values::<Option<i64>>(&db, "toys", "owner_id").await?,
            [Some(1), None]
        );
        // There is no constraint on the id.
        let mut stray = Toy {
            owner_id: Some(404),
            owner_type: "other".into(),
            ..toy("stray")
        };
        db.create(&mut stray).await?;
        Ok(())
    }

    suite![two_relations_with_values_of_their_own];
}

mod any_owner {
    use super::*;
    use crate::fixture::{self, *};

    // Behaviour: B041
    async fn the_owner_of_a_polymorphic_row(db: Db) -> Result<()> {
        fixture::tables(&db).await?;
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
        let counting = db.counting();
        let toys = counting
            .find::<Toy>()
            .order_by(Toy::name.asc())
            .preload(Toy::owner)
            .await?;
        assert_eq!(counting.statements(), 3);
        assert!(
            matches!(toys[0].owner.loaded()?, Some(ToyOwner::User(user)) if user.name == "Ada")
        );
        assert!(matches!(toys[1].owner.loaded()?, Some(ToyOwner::Pet(pet)) if pet.name == "Rex"));
        Ok(())
    }

    suite![the_owner_of_a_polymorphic_row];
}

mod embedded {
    use super::*;

    #[derive(Embedded, Clone, Debug, Default)]
    struct Address {
        street: String,
        town: Option<String>,
    }

    #[derive(Embedded, Clone, Debug, Default)]
    struct Times {
        created_at: Timestamp,
        updated_at: Timestamp,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct User {
        id: i64,
        #[model(embedded)]
        times: Times,
        #[model(embedded, prefix = "home_")]
        home: Address,
        #[model(embedded, prefix = "work_")]
        work: Address,
    }

    // Behaviour: B045, B046
    async fn embedded_structs_with_prefixes(db: Db) -> Result<()> {
        db.auto_migrate(models![User]).await?;
        let home = Address {
            street: "Main".into(),
            town: Some("Berlin".into()),
        };
        let work = Address {
            street: "Side".into(),
            town: None,
        };
        let mut user = User {
            home,
            work,
            ..Default::default()
        };
        db.create(&mut user).await?;
        assert!(user.times.created_at > Timestamp::UNIX_EPOCH);
        let sql = "SELECT home_street, work_street, home_town, work_town FROM users";
        let stored: Vec<(String, String, Option<String>, Option<String>)> =
            db.query(sql, ()).await?;
        assert_eq!(
            stored,
            [("Main".into(), "Side".into(), Some("Berlin".into()), None)]
        );
        let read = db.get::<User>(1).await?;
        assert_eq!((read.home.street.as_str(), read.work.town), ("Main", None));
        Ok(())
    }

    suite![embedded_structs_with_prefixes];
}

mod through {
    use super::*;

    #[derive(Model, Clone, Debug, Default)]
    struct User {
        id: i64,
        orders: HasMany<Order>,
        #[model(through = (orders, items))]
        items: HasMany<Item>,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct Order {
        id: i64,
        user_id: i64,
        items: HasMany<Item>,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct Item {
        id: i64,
        order_id: i64,
        sku: String,
    }

    // Behaviour: B206
    async fn has_many_through(db: Db) -> Result<()> {
        db.auto_migrate(models![User, Order, Item]).await?;
        let item = |sku: &str| Item {
            sku: sku.into(),
            ..Default::default()
        };
        let order = |a: &str, b: &str| Order {
            items: [item(a), item(b)].into(),
            ..Default::default()
        };
        let mut users = vec![
            User {
                orders: [order("a", "b"), order("c", "d")].into(),
                ..Default::default()
            },
            User {
                orders: [order("e", "f")].into(),
                ..Default::default()
            },
        ];
        db.create(&mut users).await?;
        let counting = db.counting();
        let read = counting
            .find::<User>()
            .order_by(User::id.asc())
            .preload(User::items.order_by(Item::sku.desc()).limit(3))
            .await?;
        assert_eq!(counting.statements(), 2);
        let skus = |user: &User| -> Result<Vec<String>> {
            Ok(user
                .items
                .loaded()?
                .iter()
                .map(|item| item.sku.clone())
                .collect())
        };
        assert_eq!(skus(&read[0])?, ["d", "c", "b"]);
        assert_eq!(skus(&read[1])?, ["f", "e"]);
        let with_f = db
            .find::<User>()
            .filter(User::items.filter(Item::sku.eq("f")).any())
            .await?;
        assert_eq!(with_f.iter().map(|user| user.id).collect::<Vec<_>>(), [2]);
        Ok(())
    }

    suite![has_many_through];
}

mod own_names {
    use super::*;

    #[derive(Model, Clone, Debug, Default)]
    #[model(table = "staff_members")]
    struct Employee {
        id: i64,
        #[model(column = "full_name")]
        name: String,
        #[model(skip)]
        cache: usize,
    }

    // Behaviour: B001, B083
    async fn tables_and_columns_of_other_names(db: Db) -> Result<()> {
        db.auto_migrate(models![Employee]).await?;
        let mut ada = Employee {
            name: "Ada".into(),
            cache: 9,
            ..Default::default()
        };
        db.create(&mut ada).await?;
        assert_eq!(
            values::<String>(&db, "staff_members", "full_name").await?,
            ["Ada"]
        );
        let read = db
            .find::<Employee>()
            .filter(Employee::name.eq("Ada"))
            .first()
            .await?
            .unwrap();
        assert_eq!(read.cache, 0);
        Ok(())
    }

    suite![tables_and_columns_of_other_names];
}
