//! Every way to write a list.

use sinew_suite::prelude::*;

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Post {
    id: i64,
    #[model(unique)]
    slug: String,
    tags: Vec<String>,
    marks: Option<Vec<i32>>,
    comments: HasMany<Comment>,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Comment {
    id: i64,
    post_id: i64,
    mentions: Vec<i64>,
}

fn post(slug: &str, tags: &[&str]) -> Post {
    Post {
        slug: slug.into(),
        tags: tags.iter().map(ToString::to_string).collect(),
        ..Default::default()
    }
}

async fn tags(db: &Db) -> Result<Vec<Vec<String>>> {
    values(db, "posts", "tags").await
}

async fn upserts(db: Db) -> Result<()> {
    db.auto_migrate(models![Post, Comment]).await?;
    db.create(&mut post("a", &["one"])).await?;
    db.create(&mut post("a", &["two", "three"]))
        .on_conflict(Post::slug)
        .update((Post::tags,))
        .await?;
    assert_eq!(tags(&db).await?, [["two", "three"]]);
    db.create(&mut post("a", &["four"]))
        .on_conflict(Post::slug)
        .do_nothing()
        .await?;
    assert_eq!(tags(&db).await?, [["two", "three"]]);
    let mut several = vec![post("a", &[]), post("b", &["x"])];
    db.create(&mut several)
        .on_conflict(Post::slug)
        .update_all()
        .await?;
    assert_eq!(tags(&db).await?, [vec![], vec!["x".to_string()]]);
    let found = db
        .find::<Post>()
        .filter(Post::slug.eq("c"))
        .first_or_create(|post| {
            post.slug = "c".into();
            post.tags = vec!["new".into()];
        })
        .await?;
    assert_eq!(db.get::<Post>(found.id).await?.tags, ["new"]);
    Ok(())
}

/// Many rows with lists are few statements, and their keys belong to them.
async fn many_rows(db: Db) -> Result<()> {
    db.auto_migrate(models![Post, Comment]).await?;
    let mut posts: Vec<Post> = (0..500)
        .map(|n| Post {
            slug: n.to_string(),
            tags: vec![n.to_string(); n % 4],
            marks: (n % 3 == 0).then(|| vec![i32::try_from(n).unwrap(); n % 5]),
            comments: [Comment {
                mentions: vec![i64::try_from(n).unwrap(); n % 3],
                ..Default::default()
            }]
            .into(),
            ..Default::default()
        })
        .collect();
    let counting = db.counting();
    counting.create(&mut posts).await?;
    assert!(counting.statements() < 30, "{}", counting.statements());
    let read = db
        .find::<Post>()
        .order_by(Post::id)
        .preload(Post::comments)
        .await?;
    assert_eq!(read, posts);
    let stored: Vec<Vec<String>> = tags(&db).await?;
    assert!(
        stored
            .iter()
            .zip(&posts)
            .all(|(tags, post)| *tags == post.tags)
    );
    Ok(())
}

/// A save writes the list that is in memory; an update writes what was set.
async fn saves_and_updates(db: Db) -> Result<()> {
    db.auto_migrate(models![Post, Comment]).await?;
    let mut first = post("a", &["one"]);
    db.create(&mut first).await?;
    first.tags.push("two".into());
    first.marks = Some(vec![1, -1]);
    db.save(&mut first).await?;
    assert_eq!(db.get::<Post>(first.id).await?.tags, ["one", "two"]);
    db.update(&mut first)
        .set((Post::tags.to(["three"]), Post::marks.to(None)))
        .await?;
    assert_eq!(
        (first.tags.as_slice(), &first.marks),
        (&["three".to_string()][..], &None)
    );
    assert_eq!(db.get::<Post>(first.id).await?.tags, ["three"]);
    db.update(&mut first).set(Post::tags.to(Vec::new())).await?;
    assert_eq!(tags(&db).await?, [Vec::<String>::new()]);
    db.update(&mut first).set(Post::marks.to([7])).await?;
    assert_eq!(rows_where(&db, "posts", "marks IS NOT NULL").await?, 1);
    let comments = db.association(&mut first, Post::comments);
    comments
        .append(Comment {
            mentions: vec![3, 4],
            ..Default::default()
        })
        .await?;
    let read = db.get::<Post>(first.id).preload(Post::comments).await?;
    assert_eq!(read.comments.loaded()?[0].mentions, [3, 4]);
    Ok(())
}

async fn in_a_transaction(db: Db) -> Result<()> {
    db.auto_migrate(models![Post, Comment]).await?;
    let failed = db
        .transaction(async |tx| {
            tx.create(&mut post("a", &["lost"])).await?;
            assert_eq!(
                tx.find::<Post>()
                    .filter(Post::tags.contains("lost"))
                    .count()
                    .await?,
                1
            );
            tx.get::<Post>(0).await
        })
        .await;
    refused(failed, ErrorKind::NotFound);
    assert_eq!(rows(&db, "posts").await?, 0);
    Ok(())
}

suite![upserts, many_rows, saves_and_updates, in_a_transaction];
