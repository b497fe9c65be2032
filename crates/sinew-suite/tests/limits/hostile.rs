//! Names and texts that are meant to break what is put together by hand.

use sinew::query::Cursor;
use sinew_suite::prelude::*;

macro_rules! named {
    ($($name:ident: $table:literal, $column:literal, $join:literal;)*) => { $(mod $name {
        use super::*;

        #[derive(Model, Clone, Debug, Default)]
        #[model(table = $table)]
        struct Owner {
            id: i64,
            #[model(column = $column, size = 50, unique)]
            text: String,
            #[model(foreign_key = key)]
            children: HasMany<Child>,
            #[model(join_table = $join)]
            friends: ManyToMany<Owner>,
        }

        #[derive(Model, Clone, Debug, Default)]
        #[model(table = "children")]
        struct Child {
            id: i64,
            #[model(column = $column, index)]
            key: i64,
        }

        async fn named(db: Db) -> Result<()> {
            db.auto_migrate(models![Owner, Child]).await?;
            let plan = db.auto_migrate(models![Owner, Child]).plan().await?;
            assert!(plan.is_empty(), "{plan}");
            let mut owner = Owner {
                text: "a".into(),
                children: [Child::default(), Child::default()].into(),
                friends: [Owner { text: "b".into(), ..Default::default() }].into(),
                ..Default::default()
            };
            db.create(&mut owner).await?;
            let found = db
                .find::<Owner>()
                .filter(Owner::text.eq("a").and(Owner::children.any()))
                .order_by((Owner::text.desc(), Owner::id))
                .include("children")?
                .preload(Owner::friends)
                .await?;
            assert_eq!(found[0].children.loaded()?.len(), 2);
            assert_eq!(found[0].friends.loaded()?[0].text, "b");
            let joined = db.find::<Owner>().join(Owner::children).filter(Owner::text.eq("a")).await?;
            assert_eq!(joined[0].children.loaded()?.len(), 2);
            let kind = ErrorKind::UniqueViolation;
            let error = refused(db.create(&mut Owner { text: "a".into(), ..Default::default() }).await, kind);
            assert_eq!(error.model(), Some("Owner"));
            owner.text = "c".into();
            db.save(&mut owner).await?;
            db.update(&mut owner).set(Owner::text.to("d")).await?;
            db.association(&mut owner, Owner::friends).clear().await?;
            db.delete(&mut owner).with(Owner::children).await?;
            assert_eq!((db.find::<Owner>().count().await?, db.find::<Child>().count().await?), (1, 0));
            Ok(())
        }

        suite![named];
    })* };
}

named! {
    keywords: "select", "order", "table";
    double_quotes: "a\"b", "\"", "c\"\"d";
    back_quotes: "a`b", "`", "c``d";
    single_quotes: "a'b", "'", "c''d";
    backslashes: "a\\b", "\\", "c\\\"d";
    injections: "x; DROP TABLE y; --", "a) VALUES (1); --", "j /* */";
    marks: "a?b", "$1", ":name";
    spaces: " a b", "c d", "e  f";
    unicode: "tëst漢字", "ключ", "עברית";
    mixed_case: "MixedCase", "camelCase", "OtherCase";
    longest: "t23456789012345678901234567890123456789012345678901234567890123",
        "c23456789012345678901234567890123456789012345678901234567890123",
        "j23456789012345678901234567890123456789012345678901234567890123";
    percents: "100%", "%s", "{}";
}

#[derive(Model, Clone, Debug, Default)]
struct Post {
    id: i64,
    #[model(size = 100)]
    title: String,
    score: i32,
    #[model(foreign_key = post_id)]
    replies: HasMany<Reply>,
}

#[derive(Model, Clone, Debug, Default)]
struct Reply {
    id: i64,
    post_id: i64,
    post: BelongsTo<Post>,
}

async fn posts(db: &Db) -> Result<()> {
    db.auto_migrate(models![Post, Reply]).await?;
    let post = |n: i32| Post {
        title: format!("t{n}"),
        score: n / 2,
        ..Default::default()
    };
    db.create(&mut (0..6).map(post).collect::<Vec<_>>()).await
}

async fn paths_of_includes(db: Db) -> Result<()> {
    posts(&db).await?;
    for path in [
        "",
        ".",
        "..",
        "replies.",
        ".replies",
        "replies..post",
        "replies.nothing",
        "Replies",
        "replies ",
        "replies\0",
        "replies; DROP TABLE posts",
        "replies.post.title",
        "title",
        "*",
        "réplies",
        "replies.post.replies.post.x",
    ] {
        let error = refused(
            db.find::<Post>().include(path),
            ErrorKind::UnknownAssociation,
        );
        assert!(error.model().is_some(), "{path:?}: {error:?}");
    }
    // As deep as one likes.
    let deep = ["replies.post"; 20].join(".");
    assert_eq!(db.find::<Post>().include(&deep)?.await?.len(), 6);
    Ok(())
}

async fn cursors(db: Db) -> Result<()> {
    posts(&db).await?;
    let ordered = || {
        db.find::<Post>()
            .order_by((Post::score.desc(), Post::title))
    };
    let page = ordered().page(2).await?;
    let next = page.next.clone().unwrap();
    let text = next.to_string();
    let again: Cursor = text.parse()?;
    assert_eq!(ordered().page(2).after(&again).await?.rows.len(), 2);
    // Each single change is refused, or leads to a page of this list; never to other SQL or a panic.
    for at in 0..text.len() {
        for with in ["A", "z", "-", "!", " ", "'", "é", ""] {
            let mut changed = text.clone();
            changed.replace_range(at..=at, with);
            let Ok(cursor) = changed.parse::<Cursor>() else {
                continue;
            };
            match ordered().page(2).after(&cursor).await {
                Ok(page) => assert!(page.rows.len() <= 2),
                Err(error) => assert!(
                    matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Decode),
                    "{error:?}"
                ),
            }
        }
    }
    for text in [
        "",
        "A",
        "AAAA",
        "' OR 1=1",
        "\0",
        &"A".repeat(100_000),
        &text[1..],
        &format!("{text}{text}"),
    ] {
        assert!(text.parse::<Cursor>().is_err(), "{text:?}");
    }
    // A cursor of another order.
    let other = db
        .find::<Post>()
        .order_by(Post::title)
        .page(2)
        .after(&next)
        .await;
    refused(other.map(drop), ErrorKind::InvalidInput);
    assert_eq!(rows(&db, "posts").await?, 6);
    Ok(())
}

suite![paths_of_includes, cursors];
