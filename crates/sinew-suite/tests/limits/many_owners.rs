//! Associations of very many owners: the number of statements and their text stay the same.

use sinew_suite::prelude::*;

use crate::watched::statements_of;

/// As many owners as no list of placeholders could name.
const MANY: u64 = 200_000;

/// Rows 1 to `MANY`, by one statement that all databases know.
async fn fill(db: &Db, insert: &str, columns: &str) -> Result<()> {
    let digits = "(SELECT 0 AS n UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL \
                  SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL \
                  SELECT 8 UNION ALL SELECT 9)";
    let number = "1 + a.n + 10 * b.n + 100 * c.n + 1000 * d.n + 10000 * e.n + 100000 * f.n";
    let sql = format!(
        "INSERT INTO {insert} SELECT {columns} FROM (SELECT {number} AS n FROM {digits} AS a \
         CROSS JOIN {digits} AS b CROSS JOIN {digits} AS c CROSS JOIN {digits} AS d \
         CROSS JOIN {digits} AS e CROSS JOIN (SELECT 0 AS n UNION ALL SELECT 1) AS f) AS k"
    );
    assert_eq!(db.execute(&sql, ()).await?, MANY);
    Ok(())
}

/// The owners with what they hold, found by the same statements however many there are. Few owners
/// may have a place each, but not a text for each number of them.
macro_rules! all_of {
    ($find:expr) => {{
        let (_, three) = statements_of(async || $find.limit(3).await).await?;
        let (_, four) = statements_of(async || $find.limit(4).await).await?;
        let (_, hundred) = statements_of(async || $find.limit(100).await).await?;
        let (some, more) = statements_of(async || $find.limit(2_000).await).await?;
        assert!(four.len() > 1 && some.len() == 2_000);
        // The first one says how many owners it wants.
        assert_eq!(three[1..], four[1..]);
        assert_eq!(hundred[1..], more[1..]);
        assert_eq!(four.len(), more.len());
        let (all, sql) = statements_of(async || $find.await).await?;
        assert_eq!((all.len() as u64, sql.len()), (MANY, more.len()));
        all
    }};
}

mod integers {
    use super::*;

    #[derive(Model, Clone, Debug, Default)]
    struct Author {
        id: i64,
        books: HasMany<Book>,
        #[model(join_table = "author_tags")]
        tags: ManyToMany<Tag>,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct Book {
        id: i64,
        author_id: i64,
        author: BelongsTo<Author>,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct Tag {
        id: i64,
    }

    async fn integer_keys(db: Db) -> Result<()> {
        db.auto_migrate(models![Author, Book, Tag]).await?;
        fill(&db, "authors (id)", "n").await?;
        fill(&db, "books (id, author_id)", "n, n").await?;
        db.create(&mut vec![Tag::default(), Tag::default()]).await?;
        fill(&db, "author_tags (author_id, tag_id)", "n, 1 + n % 2").await?;
        let authors = all_of!(db.find::<Author>().preload((Author::books, Author::tags)));
        for author in &authors {
            let (books, tags) = (author.books.loaded()?, author.tags.loaded()?);
            assert_eq!((books.len(), books[0].id), (1, author.id));
            assert_eq!((tags.len(), tags[0].id), (1, 1 + author.id % 2));
        }
        for book in all_of!(db.find::<Book>().preload(Book::author)) {
            assert_eq!(book.author.loaded()?.id, book.id);
        }
        Ok(())
    }

    suite![integer_keys];
}

mod texts {
    use super::*;

    #[derive(Model, Clone, Debug, Default)]
    struct City {
        #[model(primary_key, size = 12)]
        code: String,
        streets: HasMany<Street>,
        #[model(join_table = "city_signs")]
        signs: ManyToMany<Sign>,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct Street {
        id: i64,
        #[model(size = 12)]
        city_code: String,
        city: BelongsTo<City>,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct Sign {
        #[model(primary_key, size = 12)]
        code: String,
    }

    async fn text_keys(db: Db) -> Result<()> {
        db.auto_migrate(models![City, Street, Sign]).await?;
        // A text of a number, without an operator that not all databases have.
        let code = "REPLACE('c?', '?', CAST(n AS CHAR(6)))";
        let code = match capabilities(&db).concat_operator.supported {
            true => "'c' || n",
            false => code,
        };
        fill(&db, "cities (code)", code).await?;
        fill(&db, "streets (id, city_code)", &format!("n, {code}")).await?;
        db.create(&mut Sign { code: "s".into() }).await?;
        fill(
            &db,
            "city_signs (city_code, sign_code)",
            &format!("{code}, 's'"),
        )
        .await?;
        for city in all_of!(db.find::<City>().preload((City::streets, City::signs))) {
            let (streets, signs) = (city.streets.loaded()?, city.signs.loaded()?);
            assert_eq!((streets.len(), signs.len()), (1, 1));
            assert_eq!(streets[0].city_code, city.code);
        }
        for street in all_of!(db.find::<Street>().preload(Street::city)) {
            assert_eq!(street.city.loaded()?.code, format!("c{}", street.id));
        }
        Ok(())
    }

    use crate::capabilities;

    suite![text_keys];
}

mod composites {
    use super::*;

    #[derive(Model, Clone, Debug, Default)]
    struct Seat {
        #[model(primary_key)]
        line: i64,
        #[model(primary_key)]
        place: i64,
        #[model(foreign_key = (seat_line, seat_place))]
        tickets: HasMany<Ticket>,
        #[model(join_table = "seat_guests")]
        guests: ManyToMany<Guest>,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct Ticket {
        id: i64,
        seat_line: i64,
        seat_place: i64,
        #[model(foreign_key = (seat_line, seat_place))]
        seat: BelongsTo<Seat>,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct Guest {
        id: i64,
    }

    async fn composite_keys(db: Db) -> Result<()> {
        db.auto_migrate(models![Seat, Ticket, Guest]).await?;
        fill(&db, "seats (line, place)", "n % 7, n").await?;
        fill(&db, "tickets (id, seat_line, seat_place)", "n, n % 7, n").await?;
        db.create(&mut Guest::default()).await?;
        fill(
            &db,
            "seat_guests (seat_line, seat_place, guest_id)",
            "n % 7, n, 1",
        )
        .await?;
        for seat in all_of!(db.find::<Seat>().preload((Seat::tickets, Seat::guests))) {
            let (tickets, guests) = (seat.tickets.loaded()?, seat.guests.loaded()?);
            assert_eq!((tickets.len(), guests.len()), (1, 1));
            assert_eq!(tickets[0].id, seat.place);
        }
        for ticket in all_of!(db.find::<Ticket>().preload(Ticket::seat)) {
            let seat = ticket.seat.loaded()?;
            assert_eq!((seat.line, seat.place), (ticket.id % 7, ticket.id));
        }
        Ok(())
    }

    suite![composite_keys];
}
