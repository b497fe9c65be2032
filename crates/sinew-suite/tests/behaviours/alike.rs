//! What databases do differently when left to themselves, and a program should not notice.

use sinew_suite::prelude::*;

#[derive(Model, Clone, Debug, Default)]
struct Task {
    id: i64,
    #[model(size = 40)]
    title: String,
    due: Option<i32>,
    parent_id: Option<i64>,
    parent: BelongsTo<Option<Task>>,
    #[model(foreign_key = parent_id)]
    steps: HasMany<Task>,
}

fn task(title: &str, due: Option<i32>) -> Task {
    Task {
        title: title.into(),
        due,
        ..Default::default()
    }
}

async fn tasks(db: &Db) -> Result<()> {
    db.auto_migrate(models![Task]).await?;
    let mut tasks = [
        task("paint", Some(3)),
        task("dream", None),
        task("plan", Some(1)),
        task("wait", None),
        task("buy", Some(2)),
    ];
    tasks[0].steps = [task("first coat", Some(9))].into();
    for task in &mut tasks {
        db.create(task).await?;
    }
    Ok(())
}

async fn null_is_the_smallest(db: Db) -> Result<()> {
    tasks(&db).await?;
    let titles = async |find: sinew::query::Find<'_, Task>| find.pluck(Task::title).await;
    let all = || db.find::<Task>().filter(Task::parent_id.is_null());
    let up = ["dream", "wait", "plan", "buy", "paint"];
    let by_title = Task::title.asc();
    let found = titles(all().order_by((Task::due.asc(), by_title.clone()))).await?;
    assert_eq!(found, up);
    let found = titles(all().order_by((Task::due.desc(), Task::title.desc()))).await?;
    assert_eq!(found, ["paint", "buy", "plan", "wait", "dream"]);
    let found = titles(all().order_by((Task::due.asc().nulls_last(), by_title.clone()))).await?;
    assert_eq!(found, ["plan", "buy", "paint", "dream", "wait"]);
    let found = titles(all().order_by((Task::due.desc().nulls_first(), by_title.clone()))).await?;
    assert_eq!(found, ["dream", "wait", "paint", "buy", "plan"]);
    // Computed from it, along an association, and in a limit per owner.
    let found = titles(all().order_by(((Task::due + 1).asc(), by_title.clone()))).await?;
    assert_eq!(found, up);
    let by_parent = Task::parent.to(Task::title).asc();
    let found = titles(db.find::<Task>().order_by((by_parent, by_title.clone()))).await?;
    assert_eq!(
        found,
        ["buy", "dream", "paint", "plan", "wait", "first coat"]
    );
    let joined = db
        .find::<Task>()
        .join(Task::parent.order_by(Task::title.asc()))
        .order_by(by_title)
        .await?;
    assert_eq!(joined.len(), 6);
    let mut root = db
        .find::<Task>()
        .filter(Task::title.eq("paint"))
        .first()
        .await?
        .unwrap();
    for title in ["sand", "prime"] {
        db.create(&mut Task {
            parent_id: Some(root.id),
            ..task(title, None)
        })
        .await?;
    }
    root = db
        .find::<Task>()
        .filter(Task::id.eq(root.id))
        .preload(
            Task::steps
                .order_by((Task::due.asc(), Task::title.asc()))
                .limit(2),
        )
        .first()
        .await?
        .unwrap();
    let steps: Vec<_> = root
        .steps
        .loaded()?
        .iter()
        .map(|step| step.title.as_str())
        .collect();
    assert_eq!(steps, ["prime", "sand"]);
    Ok(())
}

async fn pages_walk_across_nulls(db: Db) -> Result<()> {
    tasks(&db).await?;
    let orders = [
        Task::due.asc(),
        Task::due.desc(),
        Task::due.asc().nulls_last(),
        Task::due.desc().nulls_first(),
        (Task::due * 2).asc(),
    ];
    for by in orders {
        let find = || db.find::<Task>().order_by(by.clone());
        let whole = find().order_by(Task::id.asc()).pluck(Task::title).await?;
        let mut page = find().page(1).await?;
        let mut seen = vec![page.rows[0].title.clone()];
        while let Some(cursor) = page.next {
            page = find().page(1).after(&cursor).await?;
            seen.push(page.rows[0].title.clone());
        }
        assert_eq!(seen, whole, "{by:?}");
        while let Some(cursor) = page.previous {
            page = find().page(1).before(&cursor).await?;
            assert_eq!(
                Some(&page.rows[0].title),
                seen.iter().rev().nth(1),
                "{by:?}"
            );
            seen.pop();
        }
        assert_eq!(seen.len(), 1, "{by:?}");
    }
    Ok(())
}

#[derive(Model, Clone, Debug, Default)]
struct Shop {
    id: i64,
    #[model(size = 40)]
    name: String,
    #[model(polymorphic = owner)]
    notes: HasMany<Note>,
    #[model(through = (notes, tags))]
    tags: HasMany<Tag>,
}

#[derive(Model, Clone, Debug, Default)]
struct Clerk {
    #[model(primary_key, size = 20)]
    code: String,
    #[model(polymorphic = owner)]
    notes: HasMany<Note>,
}

#[derive(Model, Clone, Debug, Default)]
struct Note {
    id: i64,
    #[model(size = 40)]
    text: String,
    #[model(size = 20)]
    owner_id: Option<String>,
    #[model(size = 20)]
    owner_type: Option<String>,
    #[model(polymorphic)]
    owner: BelongsToAny<NoteOwner>,
    tags: HasMany<Tag>,
}

#[derive(Model, Clone, Debug, Default)]
struct Tag {
    id: i64,
    #[model(size = 20)]
    word: String,
    note_id: Option<i64>,
}

#[derive(PolymorphicOwner, Clone, Debug)]
enum NoteOwner {
    Shop(Shop),
    Clerk(Clerk),
}

fn note(text: &str) -> Note {
    Note {
        text: text.into(),
        tags: [Tag {
            word: format!("#{text}"),
            ..Default::default()
        }]
        .into(),
        ..Default::default()
    }
}

async fn a_text_holds_keys_of_numbers(db: Db) -> Result<()> {
    db.auto_migrate(models![Shop, Clerk, Note, Tag]).await?;
    let mut shops = [1, 2].map(|n| Shop {
        name: format!("shop {n}"),
        notes: [note(&format!("open {n}")), note(&format!("late {n}"))].into(),
        ..Default::default()
    });
    db.create(&mut shops).await?;
    // The same text as a shop's key, of another owner.
    let mut clerk = Clerk {
        code: "1".into(),
        notes: [note("friendly")].into(),
    };
    db.create(&mut clerk).await?;
    let owners = values::<Option<String>>(&db, "notes", "owner_id").await?;
    assert_eq!(
        owners,
        ["1", "1", "2", "2", "1"].map(|n| Some(n.to_owned()))
    );

    let with = Shop::notes.filter(Note::text.eq("late 2")).any();
    assert_eq!(
        db.find::<Shop>().filter(with).pluck(Shop::name).await?,
        ["shop 2"]
    );
    let rows: Vec<(String, i64)> = db
        .find::<Shop>()
        .order_by(Shop::id.asc())
        .pluck((Shop::name, Shop::notes.count()))
        .await?;
    assert_eq!(rows, [("shop 1".to_owned(), 2), ("shop 2".to_owned(), 2)]);
    let tagged = Shop::tags.filter(Tag::word.eq("#open 1")).any();
    assert_eq!(
        db.find::<Shop>().filter(tagged).pluck(Shop::name).await?,
        ["shop 1"]
    );

    let shops = db
        .find::<Shop>()
        .join(Shop::notes)
        .order_by(Shop::id.asc())
        .await?;
    assert!(
        shops
            .iter()
            .all(|shop| shop.notes.loaded().unwrap().len() == 2)
    );
    let shops = db
        .find::<Shop>()
        .preload(Shop::notes)
        .preload(Shop::tags)
        .order_by(Shop::id.asc())
        .await?;
    assert!(
        shops
            .iter()
            .all(|shop| shop.notes.loaded().unwrap().len() == 2
                && shop.tags.loaded().unwrap().len() == 2)
    );
    let notes = db
        .find::<Note>()
        .preload(Note::owner)
        .order_by(Note::id.asc())
        .await?;
    assert!(matches!(notes[2].owner.loaded()?, Some(NoteOwner::Shop(shop)) if shop.id == 2));
    assert!(matches!(notes[4].owner.loaded()?, Some(NoteOwner::Clerk(clerk)) if clerk.code == "1"));

    let mut shop = db.get::<Shop>(1).await?;
    assert_eq!(db.association(&mut shop, Shop::notes).count().await?, 2);
    let removed = db.association(&mut shop, Shop::notes).find().await?;
    db.association(&mut shop, Shop::notes)
        .delete(&removed[..1])
        .await?;
    assert_eq!(db.association(&mut shop, Shop::notes).count().await?, 1);
    db.association(&mut shop, Shop::notes).clear().await?;
    let owners = values::<Option<String>>(&db, "notes", "owner_id").await?;
    let left = [None, None, Some("2"), Some("2"), Some("1")];
    assert_eq!(owners, left.map(|n| n.map(str::to_owned)));
    Ok(())
}

async fn given_keys_are_not_given_again(db: Db) -> Result<()> {
    db.auto_migrate(models![Task]).await?;
    let keyed = |id: i64| Task {
        id,
        ..task("keyed", None)
    };
    let next = async || -> Result<i64> {
        let mut new = task("new", None);
        db.create(&mut new).await?;
        Ok(new.id)
    };
    db.create(&mut keyed(5)).await?;
    assert!(next().await? > 5);
    db.create(&mut [keyed(30), keyed(9), keyed(20)]).await?;
    assert!(next().await? > 30);
    // A smaller one changes nothing.
    db.create(&mut keyed(2)).await?;
    assert!(next().await? > 30);
    db.upsert(&mut keyed(40)).await?;
    assert!(next().await? > 40);
    db.upsert(&mut keyed(40)).await?;
    assert!(next().await? > 40);
    db.save(&mut keyed(50))
        .await
        .or_else(|error| match error.kind() {
            ErrorKind::NotFound => Ok(()),
            _ => Err(error),
        })?;
    let before = next().await?;
    let mut parent = Task {
        steps: [keyed(before + 7), task("unkeyed", None)].into(),
        ..task("parent", None)
    };
    db.create(&mut parent).await?;
    assert!(next().await? > before + 7);
    // A long way, and inside a transaction that is undone.
    db.create(&mut keyed(5_000_000_000)).await?;
    assert!(next().await? > 5_000_000_000);
    let undone: Result<()> = db
        .transaction(async |tx| {
            tx.create(&mut keyed(6_000_000_000)).await?;
            Err(sinew::Error::new(ErrorKind::Hook, "no"))
        })
        .await;
    assert!(undone.is_err());
    assert!(next().await? > 5_000_000_000);
    // At the same time as others.
    let first = next().await?;
    let given = async |from: i64| -> Result<()> {
        for n in 0..20 {
            db.create(&mut keyed(first + from + n * 40_000)).await?;
        }
        Ok(())
    };
    let generated = async || -> Result<()> {
        for _ in 0..20 {
            next().await?;
        }
        Ok(())
    };
    let (a, b, c) = tokio::join!(given(50_000), given(60_000), generated());
    a.and(b).and(c)?;
    assert!(next().await? > first + 60_000 + 19 * 40_000);
    let ids = values::<i64>(&db, "tasks", "id").await?;
    let mut different = ids.clone();
    different.dedup();
    assert_eq!(ids, different);
    Ok(())
}

async fn raw_sql_takes_values_as_what_they_are(db: Db) -> Result<()> {
    tasks(&db).await?;
    let one = async |sql: &str, value: i64| -> Result<i64> {
        Ok(db.query::<(i64,)>(sql, (value,)).await?[0].0)
    };
    assert_eq!(one("SELECT ?", 1).await?, 1);
    assert_eq!(one("SELECT ? + 1", 1).await?, 2);
    assert_eq!(one("SELECT count(*) FROM tasks WHERE id = ?", 1).await?, 1);
    assert_eq!(
        one("SELECT CASE WHEN ? IS NULL THEN 1 ELSE 2 END", 1).await?,
        2
    );
    let none: Vec<(i64,)> = db
        .query(
            "SELECT CASE WHEN ? IS NULL THEN 1 ELSE 2 END",
            (None::<i64>,),
        )
        .await?;
    assert_eq!(none, [(1,)]);
    // The same text with other values.
    assert_eq!(db.query::<(String,)>("SELECT ?", ("a",)).await?[0].0, "a");
    assert_eq!(db.query::<(f64,)>("SELECT ?", (1.5,)).await?[0].0, 1.5);
    assert!(db.query::<(bool,)>("SELECT ?", (true,)).await?[0].0);
    assert_eq!(one("SELECT ?", 2).await?, 2);
    assert_eq!(db.query::<(f64,)>("SELECT ? + 1", (1.5,)).await?[0].0, 2.5);
    assert_eq!(
        db.query::<(f64,)>("SELECT ? + ?", (1.5, 2)).await?[0].0,
        3.5
    );
    assert_eq!(db.query::<(i64,)>("SELECT ? + ?", (1, 2)).await?[0].0, 3);
    let optional = "SELECT count(*) FROM tasks WHERE (? IS NULL OR title = ?)";
    for (title, wanted) in [(None, 6), (Some("plan"), 1), (Some("none"), 0)] {
        let found: Vec<(i64,)> = db.query(optional, (title, title)).await?;
        assert_eq!(found[0].0, wanted);
    }
    // What columns want decides, not the value.
    let within = "SELECT count(*) FROM tasks WHERE due IN (?, ?) AND due < ? AND title <> ?";
    let found: Vec<(i64,)> = db.query(within, (1, 2, 2.5, "wait")).await?;
    assert_eq!(found[0].0, 2);
    db.execute("UPDATE tasks SET title = ? WHERE due = ?", (7, 1))
        .await?;
    let found: Vec<(String,)> = db
        .query("SELECT title FROM tasks WHERE due = ?", (1,))
        .await?;
    assert_eq!(found[0].0, "7");
    // All the same inside a transaction, which goes on afterwards.
    db.transaction(async |tx| {
        tx.create(&mut task("inside", None)).await?;
        let found: Vec<(i64,)> = tx
            .query("SELECT CASE WHEN ? IS NULL THEN 1 ELSE 3 END", (9,))
            .await?;
        assert_eq!(found[0].0, 3);
        let found: Vec<(i64,)> = tx.query("SELECT ? * 1 + ?", (4, 5)).await?;
        assert_eq!(found[0].0, 9);
        let found: Vec<(i64,)> = tx.query("SELECT ?", (11,)).await?;
        assert_eq!(found[0].0, 11);
        Ok(())
    })
    .await?;
    assert_eq!(rows_where(&db, "tasks", "title = 'inside'").await?, 1);
    Ok(())
}

async fn question_marks_that_are_none(db: Db) -> Result<()> {
    tasks(&db).await?;
    let odd = "SELECT 'it''s ?', /* ? */ id -- really?\n FROM tasks WHERE id = ? AND title <> '?'";
    let found: Vec<(String, i64)> = db.query(odd, (1,)).await?;
    assert_eq!(found, [("it's ?".to_owned(), 1)]);
    let found = db
        .find::<Task>()
        .filter(sql("title <> '?' AND due > ? /* why? */", (2,)))
        .count()
        .await?;
    assert_eq!(found, 2);
    Ok(())
}

suite![
    raw_sql_takes_values_as_what_they_are,
    question_marks_that_are_none,
    null_is_the_smallest,
    pages_walk_across_nulls,
    a_text_holds_keys_of_numbers,
    given_keys_are_not_given_again,
];
