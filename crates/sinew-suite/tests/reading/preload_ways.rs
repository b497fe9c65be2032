//! Targets reached in several ways, and links of joined associations.

use sinew_suite::prelude::*;

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Author {
    id: i64,
    name: String,
    books: ManyToMany<Book, Contract>,
    #[model(through = (books, shops))]
    shops: HasMany<Shop>,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Book {
    id: i64,
    title: String,
    publisher_id: Option<i64>,
    publisher: BelongsTo<Option<Publisher>>,
    #[model(join_table = "book_shops")]
    shops: ManyToMany<Shop>,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Publisher {
    id: i64,
    name: String,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Contract {
    #[model(primary_key)]
    author_id: i64,
    #[model(primary_key)]
    book_id: i64,
    share: i64,
    rank: i64,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Shop {
    id: i64,
    city: String,
    town_id: Option<i64>,
    town: BelongsTo<Option<Publisher>>,
}

/// Two authors of three books each, the first two of which are sold in both shops.
async fn filled(db: &Db) -> Result<()> {
    db.auto_migrate(models![Author, Book, Publisher, Contract, Shop])
        .await?;
    let shop = |city: &str| Shop {
        city: city.into(),
        ..Default::default()
    };
    let mut shops = vec![shop("Bonn"), shop("Ulm"), shop("Jena")];
    db.create(&mut shops).await?;
    let book = |title: &str, shops: &[Shop]| Book {
        title: title.into(),
        shops: shops.to_vec().into(),
        ..Default::default()
    };
    let mut books = vec![
        book("a", &shops[..2]),
        book("b", &shops[..2]),
        book("c", &shops),
    ];
    db.create(&mut books).await?;
    let contract = |share: i64, rank| Contract {
        share,
        rank,
        ..Default::default()
    };
    let of = |ranks: [i64; 3]| {
        let links = books.iter().cloned().zip(ranks);
        ManyToMany::with_links(
            links.map(|(book, rank)| (book.clone(), contract(book.id * 10, rank))),
        )
    };
    for (name, ranks) in [("Ada", [3, 1, 2]), ("Bob", [1, 2, 3])] {
        let mut author = Author {
            name: name.into(),
            books: of(ranks),
            ..Default::default()
        };
        db.create(&mut author).await?;
    }
    Ok(())
}

/// A condition on the links goes into `ON`, an order by them into `ORDER BY`.
async fn joins_narrow_and_order_by_links(db: Db) -> Result<()> {
    filled(&db).await?;
    let titles = |author: &Author| -> Vec<String> {
        let books = author.books.loaded().unwrap();
        books.iter().map(|book| book.title.clone()).collect()
    };
    let found = db
        .find::<Author>()
        .order_by(Author::id.asc())
        .join(
            Author::books
                .filter_link(Contract::rank.ge(2))
                .order_by_link(Contract::rank.desc()),
        )
        .await?;
    assert_eq!(titles(&found[0]), ["a", "c"]);
    assert_eq!(titles(&found[1]), ["c", "b"]);

    let left = db
        .find::<Author>()
        .order_by(Author::id.asc())
        .join(Author::books.filter_link(Contract::rank.eq(1).and(Contract::share.eq(20))))
        .await?;
    assert_eq!(titles(&left[0]), ["b"]);
    assert_eq!(titles(&left[1]), Vec::<String>::new());
    let inner = db
        .find::<Author>()
        .inner_join(Author::books.filter_link(Contract::rank.eq(1).and(Contract::share.eq(20))))
        .limit(5)
        .await?;
    assert_eq!(inner.len(), 1);
    assert_eq!(titles(&inner[0]), ["b"]);

    // A narrowed join does not stand for a preload of all.
    let both = db
        .get::<Author>(1)
        .join(Author::books.filter_link(Contract::rank.eq(1)))
        .preload(Author::books)
        .await?;
    assert_eq!(both.books.loaded()?.len(), 3);
    Ok(())
}

/// A joined many-to-many has its link rows, as a preloaded one has.
async fn joins_load_links(db: Db) -> Result<()> {
    filled(&db).await?;
    let joined = db
        .find::<Author>()
        .order_by((Author::id.asc(), Author::name.asc()))
        .join(Author::books.order_by(Book::id.asc()).join(Book::shops))
        .await?;
    let links = |author: &Author| -> Vec<(i64, i64, i64)> {
        let links = author.books.links().unwrap();
        links
            .map(|(book, link)| (book.id, link.book_id, link.rank))
            .collect()
    };
    assert_eq!(links(&joined[0]), [(1, 1, 3), (2, 2, 1), (3, 3, 2)]);
    assert_eq!(links(&joined[1]), [(1, 1, 1), (2, 2, 2), (3, 3, 3)]);
    assert_eq!(joined[1].books.loaded()?[2].shops.loaded()?.len(), 3);

    let below = db
        .find::<Author>()
        .order_by(Author::id.asc())
        .preload(Author::books.join(Book::shops).order_by(Book::id.asc()))
        .await?;
    assert_eq!(links(&below[0]), links(&joined[0]));
    Ok(())
}

/// However many ways lead to a target, it comes once.
async fn a_target_comes_once(db: Db) -> Result<()> {
    filled(&db).await?;
    let cities = |author: &Author| -> Vec<String> {
        let shops = author.shops.loaded().unwrap();
        shops.iter().map(|shop| shop.city.clone()).collect()
    };
    let by_city = || Author::shops.order_by(Shop::city.asc());
    for author in db.find::<Author>().preload(by_city()).await? {
        assert_eq!(cities(&author), ["Bonn", "Jena", "Ulm"]);
    }
    for author in db.find::<Author>().preload(by_city().limit(2)).await? {
        assert_eq!(cities(&author), ["Bonn", "Jena"]);
    }
    let found = db
        .find::<Author>()
        .preload(by_city().offset(1).limit(2).join(Shop::town))
        .await?;
    for author in &found {
        assert_eq!(cities(author), ["Jena", "Ulm"]);
        assert!(author.shops.loaded()?[0].town.loaded()?.is_none());
    }
    for author in db.find::<Author>().join(by_city()).await? {
        assert_eq!(cities(&author), ["Bonn", "Jena", "Ulm"]);
    }

    let mut ada = db.get::<Author>(1).await?;
    let shops = || Author::shops;
    assert_eq!(db.association(&mut ada, shops()).count().await?, 3);
    assert_eq!(db.association(&mut ada, shops()).find().await?.len(), 3);
    let counts = db.find::<Author>().pluck(shops().count()).await?;
    assert_eq!(counts, [3, 3]);
    let narrowed = shops().filter(Shop::city.ne("Ulm"));
    let counts = db.find::<Author>().pluck(narrowed.clone().count()).await?;
    assert_eq!(counts, [2, 2]);
    let sums = db.find::<Author>().pluck(narrowed.sum(Shop::id)).await?;
    assert_eq!(sums, [Some(4), Some(4)]);
    let three = db
        .find::<Author>()
        .filter(shops().count().eq(3))
        .count()
        .await?;
    assert_eq!(three, 2);
    Ok(())
}

/// Different values among the targets, and orders written in SQL.
async fn distinct_values_and_fragments(db: Db) -> Result<()> {
    filled(&db).await?;
    db.execute("UPDATE shops SET city = 'Bonn' WHERE city = 'Ulm'", ())
        .await?;
    let cities = db
        .find::<Author>()
        .pluck(Author::shops.count_distinct(Shop::city))
        .await?;
    assert_eq!(cities, [2, 2]);
    let length: sinew::Fragment = sql("length(title) + id % ?", [2]);
    let found = db
        .find::<Book>()
        .order_by((length.clone().desc(), Book::id.desc()))
        .await?;
    let ids: Vec<i64> = found.iter().map(|book| book.id).collect();
    assert_eq!(ids, [3, 1, 2]);
    let found = db.find::<Book>().order_by(length.asc()).first().await?;
    assert_eq!(found.unwrap().id, 2);
    Ok(())
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Badge {
    id: i64,
    owner_id: i64,
    #[model(size = 40)]
    owner_type: String,
    #[model(polymorphic)]
    owner: BelongsToAny<BadgeOwner>,
}

#[derive(PolymorphicOwner, Clone, Debug, PartialEq)]
enum BadgeOwner {
    Author(Box<Author>),
    Shop(Shop),
}

/// A variant may hold its model in a box.
async fn polymorphic_owners_in_boxes(db: Db) -> Result<()> {
    filled(&db).await?;
    db.auto_migrate(models![Badge]).await?;
    let author = Author {
        name: "Eve".into(),
        ..Default::default()
    };
    let mut badges = vec![
        Badge {
            owner: BadgeOwner::Author(Box::new(author.clone())).into(),
            ..Default::default()
        },
        Badge {
            owner: BadgeOwner::from(author).into(),
            ..Default::default()
        },
        Badge {
            owner: BadgeOwner::Shop(Shop::default()).into(),
            ..Default::default()
        },
    ];
    db.create(&mut badges).await?;
    let badges = db
        .find::<Badge>()
        .order_by(Badge::id.asc())
        .preload(Badge::owner)
        .await?;
    assert!(matches!(badges[0].owner.loaded()?, Some(BadgeOwner::Author(a)) if a.name == "Eve"));
    assert!(matches!(badges[1].owner.loaded()?, Some(BadgeOwner::Author(a)) if a.id == 4));
    assert!(matches!(badges[2].owner.loaded()?, Some(BadgeOwner::Shop(shop)) if shop.id == 4));
    Ok(())
}

suite![
    joins_narrow_and_order_by_links,
    joins_load_links,
    a_target_comes_once,
    distinct_values_and_fragments,
    polymorphic_owners_in_boxes,
];
