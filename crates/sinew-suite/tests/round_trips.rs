//! How often an operation waits for a database in a server, once its statements are known there.

// A case is no `#[test]` itself, so clippy does not know that it is one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use sinew_suite::prelude::*;

mod serial {
    use super::*;

    #[derive(Model, Clone, Debug, Default)]
    pub(crate) struct User {
        pub(crate) id: i64,
        pub(crate) name: String,
        pub(crate) profile: HasOne<Profile>,
        pub(crate) posts: HasMany<Post>,
        #[model(join_table = "user_badges")]
        pub(crate) badges: ManyToMany<Badge>,
    }

    #[derive(Model, Clone, Debug, Default)]
    pub(crate) struct Profile {
        pub(crate) id: i64,
        pub(crate) user_id: i64,
        pub(crate) bio: String,
    }

    #[derive(Model, Clone, Debug, Default)]
    pub(crate) struct Post {
        pub(crate) id: i64,
        pub(crate) user_id: i64,
        pub(crate) user: BelongsTo<User>,
        #[model(size = 40, unique)]
        pub(crate) title: String,
        #[model(join_table = "post_tags")]
        pub(crate) tags: ManyToMany<Tag>,
        pub(crate) comments: HasMany<Comment>,
    }

    #[derive(Model, Clone, Debug, Default)]
    pub(crate) struct Comment {
        pub(crate) id: i64,
        pub(crate) post_id: i64,
        pub(crate) text: String,
    }

    #[derive(Model, Clone, Debug, Default)]
    pub(crate) struct Tag {
        pub(crate) id: i64,
        #[model(size = 40, unique)]
        pub(crate) name: String,
    }

    #[derive(Model, Clone, Debug, Default)]
    pub(crate) struct Badge {
        pub(crate) id: i64,
        pub(crate) name: String,
    }

    pub(crate) async fn tables(db: &Db) -> Result<()> {
        db.auto_migrate(models![User, Profile, Post, Comment, Tag, Badge])
            .await
    }

    pub(crate) fn tag(name: String) -> Tag {
        Tag {
            name,
            ..Default::default()
        }
    }

    /// A user with two posts, each with two tags of its own.
    pub(crate) fn ada(run: usize) -> User {
        let post = |n: usize| Post {
            title: format!("post {run}.{n}"),
            tags: [tag(format!("a{run}.{n}")), tag(format!("b{run}.{n}"))].into(),
            ..Default::default()
        };
        User {
            name: "Ada".into(),
            posts: [post(0), post(1)].into(),
            ..Default::default()
        }
    }
}

mod client_made {
    use super::*;
    use sinew_suite::Uuid;

    #[derive(Model, Clone, Debug, Default)]
    pub(crate) struct User {
        pub(crate) id: Uuid,
        pub(crate) name: String,
        pub(crate) posts: HasMany<Post>,
    }

    #[derive(Model, Clone, Debug, Default)]
    pub(crate) struct Post {
        pub(crate) id: Uuid,
        pub(crate) user_id: Uuid,
        pub(crate) title: String,
        #[model(join_table = "post_tags")]
        pub(crate) tags: ManyToMany<Tag>,
    }

    #[derive(Model, Clone, Debug, Default)]
    pub(crate) struct Tag {
        pub(crate) id: Uuid,
        pub(crate) name: String,
    }
}

/// The round trips and statements of an operation that ran before.
macro_rules! cost {
    ($db:ident, $work:expr) => {{
        let $db = $db.counting();
        $work;
        ($db.round_trips(), $db.statements())
    }};
}

async fn nested_create_with_serial_keys(db: Db) -> Result<()> {
    use serial::*;
    tables(&db).await?;
    db.create(&mut ada(0)).await?;
    let mut user = ada(1);
    // users; posts and tags; links and the commit.
    assert_eq!(cost!(db, db.create(&mut user).await?), (3, 4));
    let posts = user.posts.loaded()?;
    assert_eq!(posts[1].user_id, user.id);
    let links = pairs(&db, "post_tags", "post_id", "tag_id").await?;
    assert_eq!(links.len(), 8);
    let tags = posts[1].tags.loaded()?;
    assert!(
        links.contains(&(posts[1].id, tags[0].id)) && links.contains(&(posts[1].id, tags[1].id))
    );
    Ok(())
}

async fn nested_create_with_tags_that_exist(db: Db) -> Result<()> {
    use serial::*;
    tables(&db).await?;
    let mut first = ada(0);
    db.create(&mut first).await?;
    let existing = first.posts.loaded()?[0].tags.loaded()?.to_vec();
    let user = |run: usize| {
        let mut user = ada(run);
        for post in user.posts.loaded_mut().unwrap() {
            post.tags = existing.clone().into();
        }
        user
    };
    db.create(&mut user(1)).await?;
    assert_eq!(cost!(db, db.create(&mut user(2)).await?), (3, 4));
    assert_eq!(rows(&db, "tags").await?, 4);
    assert_eq!(rows(&db, "post_tags").await?, 12);
    Ok(())
}

async fn siblings_go_together(db: Db) -> Result<()> {
    use serial::*;
    tables(&db).await?;
    let user = |run: usize| User {
        profile: Profile::default().into(),
        posts: [Post {
            title: format!("post {run}"),
            ..Default::default()
        }]
        .into(),
        badges: [Badge::default(), Badge::default()].into(),
        ..Default::default()
    };
    db.create(&mut user(0)).await?;
    let mut second = user(1);
    // The user and the badges; the profile, the post, the links and the commit.
    assert_eq!(cost!(db, db.create(&mut second).await?), (2, 5));
    assert_ne!(second.profile.loaded()?.as_ref().map_or(0, |p| p.id), 0);
    assert_ne!(second.posts.loaded()?[0].id, 0);
    assert_eq!(rows(&db, "user_badges").await?, 4);
    Ok(())
}

async fn nested_create_with_keys_of_the_client(db: Db) -> Result<()> {
    use client_made::*;
    db.auto_migrate(models![User, Post, Tag]).await?;
    let user = || {
        let tags = [Tag::default(), Tag::default()];
        let post = || Post {
            tags: tags.clone().into(),
            ..Default::default()
        };
        User {
            posts: [post(), post()].into(),
            ..Default::default()
        }
    };
    db.create(&mut user()).await?;
    let mut second = user();
    assert_eq!(cost!(db, db.create(&mut second).await?), (1, 4));
    assert!(!second.posts.loaded()?[0].tags.loaded()?[0].id.is_nil());
    assert_eq!(rows(&db, "post_tags").await?, 8);
    Ok(())
}

async fn a_refused_row_is_named_although_the_commit_went_along(db: Db) -> Result<()> {
    use serial::*;
    tables(&db).await?;
    db.create(&mut ada(0)).await?;
    let post = |title: &str| Post {
        title: title.into(),
        ..Default::default()
    };
    let mut user = User {
        posts: [post("x"), post("y"), post("post 0.1"), post("z")].into(),
        ..Default::default()
    };
    let error = refused(db.create(&mut user).await, ErrorKind::UniqueViolation);
    assert_eq!(error.path(), Some("posts[2]"));
    assert_eq!((user.id, user.posts.loaded()?[0].id), (0, 0));
    assert_eq!(
        (rows(&db, "users").await?, rows(&db, "posts").await?),
        (1, 2)
    );
    user.posts.loaded_mut()?[2].title = "w".into();
    db.create(&mut user).await?;
    assert_eq!(
        (rows(&db, "users").await?, rows(&db, "posts").await?),
        (2, 6)
    );
    Ok(())
}

async fn saving_a_graph(db: Db) -> Result<()> {
    use serial::*;
    tables(&db).await?;
    let mut user = ada(0);
    db.create(&mut user).await?;
    db.save(&mut user).full().await?;
    user.name = "Grace".into();
    for post in user.posts.loaded_mut()? {
        post.title += "!";
    }
    // What is there of posts, then of tags; all updates and the links; the commit, for a row might
    // be gone.
    let cost = cost!(db, db.save(&mut user).full().await?);
    assert_eq!(cost, (4, 6));
    assert_eq!(
        values::<String>(&db, "posts", "title").await?,
        ["post 0.0!", "post 0.1!"]
    );
    Ok(())
}

async fn replacing_links(db: Db) -> Result<()> {
    use serial::*;
    tables(&db).await?;
    let mut tags: Vec<Tag> = (0..30).map(|n| tag(format!("t{n}"))).collect();
    db.create(&mut tags).await?;
    let mut post = ada(0);
    db.create(&mut post).await?;
    let mut post = post.posts.loaded()?[0].clone();
    let association = async |post: &mut Post, from: usize, to: usize| {
        let db = db.counting();
        let wanted = tags[from..to].to_vec();
        let diff = db.association(post, Post::tags).replace(wanted).await?;
        sinew::Result::Ok((db.round_trips(), diff.added, diff.kept, diff.removed))
    };
    association(&mut post, 0, 20).await?;
    assert_eq!(association(&mut post, 10, 30).await?, (1, 10, 10, 10));
    let links = pairs(&db, "post_tags", "post_id", "tag_id").await?;
    let of_post = links.iter().filter(|(id, _)| *id == post.id);
    assert_eq!(
        of_post.map(|(_, tag)| *tag).collect::<Vec<_>>(),
        tags[10..].iter().map(|tag| tag.id).collect::<Vec<_>>()
    );
    Ok(())
}

async fn appending_links(db: Db) -> Result<()> {
    use serial::*;
    tables(&db).await?;
    let mut tags: Vec<Tag> = (0..4).map(|n| tag(format!("t{n}"))).collect();
    db.create(&mut tags).await?;
    let mut user = ada(0);
    db.create(&mut user).await?;
    let post = &mut user.posts.loaded_mut()?[0];
    db.association(post, Post::tags)
        .append(tags[..2].to_vec())
        .await?;
    // What is there of the tags; the links and the commit.
    let more = tags[2..].to_vec();
    let cost = cost!(db, db.association(post, Post::tags).append(more).await?);
    assert_eq!(cost, (2, 2));
    let mut new = tag("new".into());
    let cost = cost!(db, db.association(post, Post::tags).append(&mut new).await?);
    assert_eq!(cost, (2, 2));
    assert_ne!(new.id, 0);
    Ok(())
}

suite![needs pipelining:
    nested_create_with_serial_keys,
    nested_create_with_tags_that_exist,
    siblings_go_together,
    nested_create_with_keys_of_the_client,
    a_refused_row_is_named_although_the_commit_went_along,
    saving_a_graph,
    replacing_links,
    appending_links,
];
