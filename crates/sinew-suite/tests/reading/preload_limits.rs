//! Limits for each owner: what each form of them chooses is what a limit by hand would choose.

use std::fmt::Display;

use sinew_suite::prelude::*;
use uuid::Uuid;

#[derive(Model, Clone, Debug, Default, PartialEq)]
#[model(table = "limit_shelves")]
struct Shelf {
    id: i64,
    #[model(unique_index = "limit_shelves_place")]
    room: i64,
    #[model(unique_index = "limit_shelves_place")]
    number: i64,
    label: Uuid,
    books: HasMany<Book>,
    #[model(foreign_key = (room, number), references = (room, number))]
    placed: HasMany<Book>,
    slips: HasMany<Slip>,
    #[model(polymorphic = owner)]
    notes: HasMany<Note>,
    #[model(join_table = "limit_shelf_topics")]
    topics: ManyToMany<Topic>,
    #[model(through = (books, pages))]
    pages: HasMany<Page>,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
#[model(table = "limit_books")]
struct Book {
    id: i64,
    deleted_at: DeletedAt,
    shelf_id: Option<i64>,
    room: i64,
    number: i64,
    price: Option<i64>,
    sequel_of: Option<i64>,
    #[model(foreign_key = sequel_of)]
    sequels: HasMany<Book>,
    pages: HasMany<Page>,
    shelf: BelongsTo<Option<Shelf>>,
}

/// Its key has two columns.
#[derive(Model, Clone, Debug, Default, PartialEq)]
#[model(table = "limit_pages")]
struct Page {
    #[model(primary_key)]
    book_id: i64,
    #[model(primary_key)]
    number: i64,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
#[model(table = "limit_notes")]
struct Note {
    id: i64,
    owner_id: i64,
    #[model(size = 40)]
    owner_type: String,
    rank: i64,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
#[model(table = "limit_topics")]
struct Topic {
    id: i64,
    rank: i64,
}

/// Holds a foreign key without an index.
#[derive(Model, Clone, Debug, Default, PartialEq)]
#[model(table = "limit_slips")]
struct Slip {
    id: i64,
    #[model(no_index)]
    shelf_id: i64,
}

/// Its targets refer to it by a text, or by a UUID.
#[derive(Model, Clone, Debug, Default, PartialEq)]
#[model(table = "limit_series")]
struct Series {
    #[model(primary_key)]
    id: Uuid,
    #[model(size = 20, unique)]
    name: String,
    issues: HasMany<Issue>,
    #[model(foreign_key = series_name, references = name)]
    named: HasMany<Issue>,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
#[model(table = "limit_issues")]
struct Issue {
    id: i64,
    series_id: Uuid,
    #[model(size = 20)]
    series_name: String,
    rank: i64,
}

const SHELVES: i64 = 4;

async fn filled(db: &Db) -> Result<()> {
    db.auto_migrate(models![Shelf, Book, Page, Slip, Note, Topic, Series, Issue])
        .await?;
    let rank = |n: i64| n * 7 % 5;
    let note = |n: i64| Note {
        rank: rank(n),
        ..Default::default()
    };
    let mut topics: Vec<Topic> = (0..6)
        .map(|n| Topic {
            rank: rank(n),
            ..Default::default()
        })
        .collect();
    db.create(&mut topics).await?;
    // The last shelf is empty.
    let mut shelves: Vec<Shelf> = (0..SHELVES)
        .map(|at| {
            let any = |count: i64| 0..if at + 1 == SHELVES { 0 } else { count + at };
            let book = |n: i64| Book {
                room: at / 2,
                number: at % 2,
                price: (n % 4 != 3).then(|| rank(n)),
                pages: (0..n % 4)
                    .map(|number| Page {
                        number,
                        ..Default::default()
                    })
                    .collect(),
                ..Default::default()
            };
            Shelf {
                room: at / 2,
                number: at % 2,
                books: any(6).map(book).collect(),
                slips: any(2).map(|_| Slip::default()).collect(),
                notes: any(3).map(note).collect(),
                topics: any(2).map(|n| topics[n as usize].clone()).collect(),
                ..Default::default()
            }
        })
        .collect();
    db.create(&mut shelves).await?;
    let books = shelves[0].books.loaded()?;
    let ids: Vec<i64> = books.iter().map(|book| book.id).collect();
    for (n, shelf) in shelves.iter().enumerate() {
        for book in shelf.books.loaded()? {
            let of = (n > 0).then(|| ids[book.id as usize % 3]);
            let one = db.find::<Book>().filter(Book::id.eq(book.id));
            one.update().set(Book::sequel_of.to(of)).await?;
        }
    }
    let gone = db.find::<Book>().filter(Book::price.eq(2));
    gone.delete().await?;
    let mut series: Vec<Series> = ["a", "B", "c"]
        .iter()
        .zip(1..)
        .map(|(name, n)| Series {
            id: Uuid::from_u128(n),
            name: (*name).into(),
            ..Default::default()
        })
        .collect();
    db.create(&mut series).await?;
    let mut issues: Vec<Issue> = (0..9)
        .map(|n| Issue {
            series_id: series[n as usize % 2].id,
            series_name: series[n as usize % 3].name.clone(),
            rank: rank(n),
            ..Default::default()
        })
        .collect();
    db.create(&mut issues).await
}

const CUTS: [(Option<u64>, u64); 6] = [
    (Some(0), 0),
    (Some(1), 0),
    (Some(3), 0),
    (Some(2), 1),
    (None, 2),
    (Some(100), 4),
];

fn cut<T: Clone>(all: &[T], (limit, offset): (Option<u64>, u64)) -> Vec<T> {
    let limit = limit.map_or(usize::MAX, |limit| limit as usize);
    let rest = all.iter().skip(offset as usize);
    rest.take(limit).cloned().collect()
}

/// Compares every cut of an association, for all owners and for one, with what its rows in full
/// say; `$relation` has a total order.
macro_rules! cuts {
    ($db:expr, $owner:ident, $field:ident, $key:ident, $relation:expr) => {{
        let db = $db.counting();
        let all = || db.find::<$owner>().order_by($owner::$key.asc());
        let whole = all().preload($relation).await?;
        let most = whole
            .iter()
            .map(|owner| owner.$field.loaded().unwrap().len());
        assert!(most.max() > Some(1), "nothing is cut");
        for (limit, offset) in CUTS {
            let limited = || {
                let scoped = $relation.offset(offset);
                limit.into_iter().fold(scoped, |scoped, n| scoped.limit(n))
            };
            db.reset_counts();
            let found = all().preload(limited()).await?;
            assert_eq!(db.statements(), 2);
            let at_once = all().preload(limited()).one_trip().await?;
            assert_eq!(db.statements(), 4);
            for (owner, whole) in found.iter().chain(&at_once).zip(whole.iter().cycle()) {
                let wanted = cut(whole.$field.loaded()?, (limit, offset));
                assert_eq!(owner.$field.loaded()?[..], wanted, "{limit:?} {offset}");
            }
            for whole in &whole {
                let one = all().filter($owner::$key.eq(whole.$key.clone()));
                let found = one.preload(limited()).await?;
                let wanted = cut(whole.$field.loaded()?, (limit, offset));
                assert_eq!(found[0].$field.loaded()?[..], wanted, "{limit:?} {offset}");
            }
        }
    }};
}

async fn a_has_many(db: Db) -> Result<()> {
    filled(&db).await?;
    let books = || Shelf::books.order_by((Book::price.desc(), Book::id.asc()));
    cuts!(db, Shelf, books, id, books());
    cuts!(db, Shelf, books, id, Shelf::books.order_by(Book::id.desc()));
    cuts!(
        db,
        Shelf,
        books,
        id,
        books().filter(Book::price.lt(4).or(Book::price.is_null()))
    );
    cuts!(db, Shelf, books, id, books().unscoped());
    cuts!(
        db,
        Book,
        sequels,
        id,
        Book::sequels.order_by(Book::id.desc())
    );
    cuts!(
        db,
        Book,
        pages,
        id,
        Book::pages.order_by(Page::number.desc())
    );
    cuts!(db.unscoped(), Shelf, books, id, books());
    Ok(())
}

async fn other_associations(db: Db) -> Result<()> {
    filled(&db).await?;
    let notes = || Shelf::notes.order_by((Note::rank.asc(), Note::id.desc()));
    cuts!(db, Shelf, notes, id, notes());
    let topics = || Shelf::topics.order_by((Topic::rank.desc(), Topic::id.asc()));
    cuts!(db, Shelf, topics, id, topics());
    cuts!(db, Shelf, slips, id, Shelf::slips.order_by(Slip::id.desc()));
    let pages = || Shelf::pages.order_by((Page::number.desc(), Page::book_id.asc()));
    cuts!(db, Shelf, pages, id, pages());
    Ok(())
}

async fn keys_of_every_sort(db: Db) -> Result<()> {
    filled(&db).await?;
    let placed = || Shelf::placed.order_by((Book::price.asc(), Book::id.asc()));
    cuts!(db, Shelf, placed, id, placed());
    cuts!(
        db,
        Series,
        issues,
        id,
        Series::issues.order_by(Issue::id.desc())
    );
    cuts!(
        db,
        Series,
        named,
        id,
        Series::named.order_by(Issue::id.desc())
    );
    Ok(())
}

/// The user's SQL names the table as the model does, and conditions on associations the row.
async fn conditions_mean_the_right_row(db: Db) -> Result<()> {
    filled(&db).await?;
    let dear = || Shelf::books.filter(sql("limit_books.price * 2 > ?", [3]));
    cuts!(db, Shelf, books, id, dear().order_by(Book::id.desc()));
    let followed = || Shelf::books.filter(Book::sequels.any());
    cuts!(db, Shelf, books, id, followed().order_by(Book::id.desc()));
    let read = || Shelf::books.filter(Book::pages.count().ge(2));
    cuts!(
        db,
        Shelf,
        books,
        id,
        read().order_by((Book::price.desc(), Book::id.desc()))
    );
    let by_shelf = || Shelf::books.order_by((Book::shelf.to(Shelf::number).asc(), Book::id.desc()));
    cuts!(db, Shelf, books, id, by_shelf());
    cuts!(db, Shelf, books, id, by_shelf().join(Book::shelf));
    Ok(())
}

/// Each limit of a tree counts for the rows that it hangs on.
async fn limits_below_limits(db: Db) -> Result<()> {
    filled(&db).await?;
    let db = db.counting();
    let tree = || {
        let pages = Book::pages.order_by(Page::number.desc()).limit(2);
        let sequels = Book::sequels.order_by(Book::id.asc()).offset(1).limit(1);
        let books = Shelf::books.order_by(Book::id.desc()).limit(4);
        let books = books.preload(pages).preload(sequels);
        db.find::<Shelf>().order_by(Shelf::id.asc()).preload(books)
    };
    let found = tree().await?;
    assert_eq!(db.statements(), 4);
    let at_once = tree().one_trip().await?;
    assert_eq!(format!("{found:?}"), format!("{at_once:?}"));
    assert_eq!(db.statements(), 8);
    let numbers = |shelf: &Shelf| -> Result<Vec<Vec<i64>>> {
        let books = shelf.books.loaded()?.iter();
        let pages = books.map(|book| Ok(book.pages.loaded()?.iter().map(|p| p.number).collect()));
        pages.collect()
    };
    let none = Vec::new;
    // Of six books in a row the third has the price that was deleted.
    assert_eq!(
        numbers(&found[0])?,
        [vec![0], none(), vec![2, 1], vec![1, 0]]
    );
    assert!(found[SHELVES as usize - 1].books.loaded()?.is_empty());
    Ok(())
}

/// The statement for many owners is the same for any number of them, and `explain()` tells it.
async fn the_plan_tells_the_form(db: Db) -> Result<()> {
    let numbered = |plan: &dyn Display| plan.to_string().contains("ROW_NUMBER");
    let mysql = db
        .find::<Shelf>()
        .explain()
        .to_string()
        .contains("on MySQL");
    let books = Shelf::books.order_by(Book::price.desc()).limit(3);
    let plan = db.find::<Shelf>().preload(books.clone()).explain();
    assert_eq!(numbered(&plan), mysql);
    let placed = Shelf::placed.order_by(Book::price.desc()).limit(3);
    let plan = db.find::<Shelf>().preload(placed).explain();
    assert_eq!(numbered(&plan), mysql);
    for relation in [
        db.find::<Shelf>().preload(Shelf::topics.limit(3)).explain(),
        db.find::<Shelf>().preload(Shelf::pages.limit(3)).explain(),
        db.find::<Shelf>().preload(Shelf::slips.limit(3)).explain(),
        // Texts may be the same under a collation.
        db.find::<Series>()
            .preload(Series::named.limit(3))
            .explain(),
        db.find::<Shelf>()
            .preload(books.join(Book::shelf))
            .explain(),
    ] {
        assert!(numbered(&relation));
    }
    Ok(())
}

suite![
    a_has_many,
    other_associations,
    keys_of_every_sort,
    conditions_mean_the_right_row,
    limits_below_limits,
    the_plan_tells_the_form,
];
