//! Conditions on lists beside NULLs, along associations, and in raw SQL.

use sinew_suite::prelude::*;

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Author {
    id: i64,
    name: String,
    posts: HasMany<Post>,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Post {
    id: i64,
    /// Named as what reads lists names its own columns.
    value: Vec<String>,
    #[model(column = "k0")]
    marks: Option<Vec<i64>>,
    #[model(column = "e0")]
    holes: Vec<Option<i64>>,
    author_id: Option<i64>,
    author: BelongsTo<Option<Author>>,
}

fn post(tags: &[&str], marks: Option<&[i64]>, holes: &[Option<i64>]) -> Post {
    Post {
        value: tags.iter().map(ToString::to_string).collect(),
        marks: marks.map(<[i64]>::to_vec),
        holes: holes.to_vec(),
        ..Default::default()
    }
}

async fn posts(db: &Db) -> Result<()> {
    db.auto_migrate(models![Author, Post]).await?;
    let mut posts = vec![
        post(&["rust", "sql"], Some(&[1, 2, 2]), &[Some(1), None]),
        post(&["rust"], Some(&[]), &[None]),
        post(&[], None, &[]),
    ];
    db.create(&mut posts).await
}

const NOWHERE: [i64; 0] = [];

async fn ids(db: &Db, condition: sinew::Condition<Post>) -> Result<Vec<i64>> {
    let found = db.find::<Post>().filter(condition).order_by(Post::id);
    found.pluck(Post::id).await
}

async fn what_a_list_holds(db: Db) -> Result<()> {
    posts(&db).await?;
    let none: [&str; 0] = [];
    assert_eq!(ids(&db, Post::value.contains("rust")).await?, [1, 2]);
    assert_eq!(ids(&db, Post::value.contains("Rust")).await?, NOWHERE);
    assert_eq!(ids(&db, Post::value.contains("rust ")).await?, NOWHERE);
    assert_eq!(ids(&db, !Post::value.contains("sql")).await?, [2, 3]);
    assert_eq!(
        ids(&db, Post::value.contains_all(["sql", "rust", "sql"])).await?,
        [1]
    );
    assert_eq!(ids(&db, Post::value.contains_all(none)).await?, [1, 2, 3]);
    assert_eq!(ids(&db, !Post::value.contains_all(["sql"])).await?, [2, 3]);
    assert_eq!(
        ids(&db, Post::value.overlaps(["sql", "c", "d"])).await?,
        [1]
    );
    assert_eq!(ids(&db, Post::value.overlaps(none)).await?, NOWHERE);
    assert_eq!(ids(&db, !Post::value.overlaps(["sql"])).await?, [2, 3]);
    assert_eq!(ids(&db, Post::value.list_len().lt(2)).await?, [2, 3]);
    assert_eq!(ids(&db, Post::value.eq(["rust", "sql"])).await?, [1]);
    assert_eq!(ids(&db, Post::value.eq(["sql", "rust"])).await?, NOWHERE);
    assert_eq!(ids(&db, Post::value.eq(none)).await?, [3]);
    assert_eq!(ids(&db, Post::value.ne(none)).await?, [1, 2]);
    let lists = [vec!["rust".to_string()], vec![]];
    assert_eq!(ids(&db, Post::value.is_in(lists.clone())).await?, [2, 3]);
    assert_eq!(ids(&db, Post::value.not_in(lists)).await?, [1]);
    assert_eq!(
        ids(&db, Post::value.is_in(Vec::<Vec<String>>::new())).await?,
        NOWHERE
    );
    assert_eq!(
        ids(&db, Post::marks.not_in(Vec::<Vec<i64>>::new())).await?,
        [1, 2, 3]
    );
    Ok(())
}

/// A list that is NULL neither holds nor lacks anything; an element that is NULL is none that is
/// looked for.
async fn nulls(db: Db) -> Result<()> {
    posts(&db).await?;
    assert_eq!(ids(&db, Post::marks.is_null()).await?, [3]);
    assert_eq!(ids(&db, Post::marks.is_not_null()).await?, [1, 2]);
    assert_eq!(ids(&db, Post::marks.eq(None)).await?, [3]);
    for (condition, holding, lacking) in [
        (Post::marks.contains(2), vec![1], vec![2]),
        (Post::marks.contains_all([2, 1]), vec![1], vec![2]),
        (Post::marks.overlaps([2, 5]), vec![1], vec![2]),
        (Post::marks.list_len().gt(0), vec![1], vec![2]),
        (Post::marks.eq([1, 2, 2]), vec![1], vec![2]),
        (Post::holes.contains(1), vec![1], vec![2, 3]),
        (Post::holes.contains_all([1]), vec![1], vec![2, 3]),
        (Post::holes.overlaps([1, 2]), vec![1], vec![2, 3]),
    ] {
        assert_eq!(ids(&db, condition.clone()).await?, holding, "{condition:?}");
        assert_eq!(
            ids(&db, !condition.clone()).await?,
            lacking,
            "not {condition:?}"
        );
    }
    let lengths = db
        .find::<Post>()
        .order_by(Post::id)
        .pluck(Post::holes.list_len());
    assert_eq!(lengths.await?, [2, 1, 0]);
    let lengths = db.find::<Post>().order_by(Post::id);
    let lengths = lengths.pluck(Post::marks.list_len().nullable()).await?;
    assert_eq!(lengths, [Some(3), Some(0), None]);
    Ok(())
}

async fn along_associations(db: Db) -> Result<()> {
    db.auto_migrate(models![Author, Post]).await?;
    let mut authors = vec![
        Author {
            name: "Ada".into(),
            posts: [post(&["rust"], Some(&[7]), &[]), post(&["c"], None, &[])].into(),
            ..Default::default()
        },
        Author {
            name: "Bob".into(),
            posts: [post(&["c", "d"], Some(&[8]), &[])].into(),
            ..Default::default()
        },
    ];
    db.create(&mut authors).await?;
    let names = |condition: sinew::Condition<Author>| {
        let found = db.find::<Author>().filter(condition).order_by(Author::name);
        found.pluck(Author::name)
    };
    let by_tag = Author::posts.filter(Post::value.contains("rust")).any();
    assert_eq!(names(by_tag).await?, ["Ada"]);
    let by_mark = Author::posts.filter(Post::marks.overlaps([8, 9])).any();
    assert_eq!(names(by_mark).await?, ["Bob"]);
    let found = db
        .find::<Author>()
        .preload(Author::posts.filter(Post::value.contains_all(["c"])))
        .order_by(Author::id)
        .await?;
    let tags: Vec<_> = found
        .iter()
        .map(|author| {
            author
                .posts
                .loaded()
                .unwrap()
                .iter()
                .map(|post| post.value.len())
                .sum::<usize>()
        })
        .collect();
    assert_eq!(tags, [1, 2]);
    let joined = db
        .find::<Author>()
        .join(Author::posts)
        .order_by(Author::id)
        .await?;
    assert_eq!(joined[0].posts.loaded()?[0].marks, Some(vec![7]));
    assert_eq!(joined[1].posts.loaded()?[0].value, ["c", "d"]);
    let many = db
        .find::<Post>()
        .filter(Post::value.contains("c"))
        .update()
        .set(Post::marks.to([0]))
        .await?;
    assert_eq!(many, 2);
    assert_eq!(ids(&db, Post::marks.contains(0)).await?.len(), 2);
    assert_eq!(
        db.find::<Post>()
            .filter(Post::value.overlaps(["d"]))
            .delete()
            .await?,
        1
    );
    assert_eq!(rows(&db, "posts").await?, 2);
    Ok(())
}

/// A list is one value also where the user wrote the SQL.
async fn raw_sql(db: Db) -> Result<()> {
    posts(&db).await?;
    let list = vec!["rust".to_string(), "sql".to_string()];
    let found = db.find::<Post>().filter(sql("value = ?", (list,))).await?;
    assert_eq!(found[0].id, 1);
    let read: Vec<(Vec<String>, Option<Vec<i64>>)> = db
        .query("SELECT value, k0 FROM posts ORDER BY id", ())
        .await?;
    assert_eq!(
        read[0],
        (vec!["rust".into(), "sql".into()], Some(vec![1, 2, 2]))
    );
    assert_eq!(read[2], (vec![], None));
    db.execute(
        "UPDATE posts SET k0 = ? WHERE id = ?",
        (vec![i64::MIN, 5], 3),
    )
    .await?;
    assert_eq!(db.get::<Post>(3).await?.marks, Some(vec![i64::MIN, 5]));
    let pages = db
        .find::<Post>()
        .order_by((Post::marks.asc(), Post::id.asc()))
        .page(2)
        .await?;
    assert!(pages.next.is_some());
    Ok(())
}

suite![what_a_list_holds, nulls, along_associations, raw_sql];
