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
    use uuid::Uuid;

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
    // The user, the posts and the tags, for which the server hands keys on; then the links and the
    // commit: a tag's name may be there already, and whose key it is then has to be known.
    assert_eq!(cost!(db, db.create(&mut user).await?), (2, 4));
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
    assert_eq!(cost!(db, db.create(&mut user(2)).await?), (1, 4));
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
    // The user, the badges, the profile, the post, the links, and the commit.
    assert_eq!(cost!(db, db.create(&mut second).await?), (1, 5));
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

async fn nested_create_with_keys_that_the_program_set(db: Db) -> Result<()> {
    use client_made::*;
    use uuid::Uuid;
    db.auto_migrate(models![User, Post, Tag]).await?;
    let tag = || Tag {
        id: Uuid::now_v7(),
        ..Default::default()
    };
    let user = |tags: [Tag; 2]| {
        let post = || Post {
            id: Uuid::now_v7(),
            tags: tags.clone().into(),
            ..Default::default()
        };
        User {
            id: Uuid::now_v7(),
            posts: [post(), post()].into(),
            ..Default::default()
        }
    };
    let shared = [tag(), tag()];
    db.create(&mut user(shared.clone())).await?;
    let mut second = user([tag(), tag()]);
    assert_eq!(cost!(db, db.create(&mut second).await?), (1, 4));
    // Tags that are there are linked, and stay as they are.
    let mut named = shared.clone();
    named[0].name = "changed".into();
    let mut third = user(named);
    assert_eq!(cost!(db, db.create(&mut third).await?), (1, 4));
    assert_eq!(
        (rows(&db, "tags").await?, rows(&db, "post_tags").await?),
        (4, 12)
    );
    assert_eq!(rows_where(&db, "tags", "name = 'changed'").await?, 0);
    // A post that is there moves to its new owner, and keeps its title.
    let mut moved = second.posts.loaded()?[0].clone();
    moved.title = "changed".into();
    moved.tags = Default::default();
    let mut fourth = user([tag(), tag()]);
    fourth.posts = [moved.clone()].into();
    db.create(&mut fourth).await?;
    let owned = db
        .find::<Post>()
        .filter(Post::user_id.eq(fourth.id))
        .await?;
    assert_eq!(
        (owned.len(), owned[0].id, owned[0].title.as_str()),
        (1, moved.id, "")
    );
    Ok(())
}

mod presumed {
    use super::*;
    use uuid::Uuid;

    #[derive(Model, Clone, Debug, Default)]
    pub(crate) struct Shelf {
        pub(crate) id: Uuid,
        #[model(join_table = "shelf_labels")]
        pub(crate) labels: ManyToMany<Label>,
    }

    #[derive(Model, Clone, Debug, Default)]
    pub(crate) struct Label {
        pub(crate) id: Uuid,
        #[model(size = 40, unique)]
        pub(crate) name: String,
        #[model(check = "weight >= 0")]
        pub(crate) weight: i64,
    }

    pub(crate) fn label(name: &str) -> Label {
        Label {
            id: Uuid::now_v7(),
            name: name.into(),
            ..Default::default()
        }
    }
}

/// A key that the program made says that a row is new, mostly; where it is not, it ends the same.
async fn what_was_presumed_wrongly_is_done_with_a_look(db: Db) -> Result<()> {
    use presumed::*;
    db.auto_migrate(models![Shelf, Label]).await?;
    let mut red = label("red");
    db.create(&mut red).await?;
    let shelf = |labels: [Label; 2]| Shelf {
        labels: labels.into(),
        ..Default::default()
    };
    // Another key with the same name becomes the row that is there.
    let mut first = shelf([label("red"), label("blue")]);
    db.create(&mut first).await?;
    assert_eq!(first.labels.loaded()?[0].id, red.id);
    assert_eq!(
        (rows(&db, "labels").await?, rows(&db, "shelf_labels").await?),
        (2, 2)
    );
    // One that is there is linked whatever else it says.
    red.weight = -1;
    let mut second = shelf([red.clone(), label("green")]);
    db.create(&mut second).await?;
    assert_eq!(
        (rows(&db, "labels").await?, rows(&db, "shelf_labels").await?),
        (3, 4)
    );
    // A new one is refused with its place, and nothing is written.
    let mut bad = label("bad");
    bad.weight = -1;
    let mut third = shelf([label("good"), bad]);
    let error = refused(db.create(&mut third).await, ErrorKind::CheckViolation);
    assert_eq!(error.path(), Some("labels[1]"));
    assert_eq!(
        (rows(&db, "labels").await?, rows(&db, "shelves").await?),
        (3, 2)
    );
    assert!(third.id.is_nil());
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

async fn one_row(db: Db) -> Result<()> {
    use serial::*;
    tables(&db).await?;
    for id in [10, 20] {
        let mut tag = Tag {
            id,
            name: format!("t{id}"),
        };
        db.create(&mut tag).await?;
        db.save(&mut tag).await?;
        db.create(&mut Tag {
            id: 0,
            ..self::serial::tag(format!("new {id}"))
        })
        .await?;
    }
    // A given key, and the word that the next ones come after it.
    let mut given = Tag {
        id: 30,
        ..self::serial::tag("given".into())
    };
    assert_eq!(cost!(db, db.create(&mut given).await?), (1, 2));
    assert_eq!(cost!(db, db.save(&mut given).await?), (1, 1));
    let mut next = self::serial::tag("next".into());
    assert_eq!(cost!(db, db.create(&mut next).await?), (1, 1));
    assert_eq!(next.id, 31);
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

/// Users with posts, their tags and comments, their badges; the second user has nothing.
async fn forest(db: &Db) -> Result<()> {
    use serial::*;
    tables(db).await?;
    let comment = |text: &str| Comment {
        text: text.into(),
        ..Default::default()
    };
    let mut ada = ada(0);
    ada.badges = [Badge::default()].into();
    ada.posts.loaded_mut()?[0].comments = [comment("one"), comment("two"), comment("three")].into();
    let mut users = vec![ada, User::default(), self::serial::ada(1)];
    db.create(&mut users).await
}

fn tree(db: &Db) -> sinew::query::Find<'_, serial::User> {
    use serial::*;
    db.find::<User>()
        .order_by(User::id.asc())
        .preload(User::profile)
        .preload(User::badges)
        .preload(
            User::posts
                .order_by(Post::title.desc())
                .preload(Post::tags.filter(Tag::name.like("%1")))
                .preload(Post::user)
                .preload(Post::comments.order_by(Comment::text.asc()).limit(2)),
        )
}

async fn a_tree_at_once_is_the_tree_by_levels(db: Db) -> Result<()> {
    forest(&db).await?;
    let mut by_levels = tree(&db).await?;
    let mut at_once = tree(&db).one_trip().await?;
    // A join model has no order; the rest does.
    for user in by_levels.iter_mut().chain(&mut at_once) {
        for post in user.posts.loaded_mut()? {
            post.tags.loaded_mut()?.sort_by_key(|tag| tag.id);
        }
    }
    assert_eq!(format!("{at_once:?}"), format!("{by_levels:?}"));
    let posts = at_once[0].posts.loaded()?;
    assert_eq!(posts[1].comments.loaded()?.len(), 2);
    assert_eq!(posts[0].user.loaded()?.name, "Ada");
    assert!(at_once[1].posts.loaded()?.is_empty() && at_once[1].badges.loaded()?.is_empty());
    // Nothing at the root, then nothing in between.
    let none = tree(&db).filter(serial::User::name.eq("Nobody")).one_trip();
    assert!(none.await?.is_empty());
    let empty = tree(&db)
        .filter(serial::User::name.eq(""))
        .one_trip()
        .await?;
    assert!(empty[0].posts.loaded()?.is_empty() && empty[0].profile.loaded()?.is_none());
    Ok(())
}

fn named<'d>(db: &'d Db, name: &str) -> sinew::query::Find<'d, serial::User> {
    tree(db).filter(serial::User::name.eq(name)).one_trip()
}

async fn a_tree_of_any_depth_is_one_trip(db: Db) -> Result<()> {
    forest(&db).await?;
    tree(&db).one_trip().await?;
    assert_eq!(cost!(db, tree(&db).one_trip().await?), (1, 7));
    let page = async |db: &Db| tree(db).one_trip().page(1).await;
    page(&db).await?;
    assert_eq!(cost!(db, page(&db).await?), (1, 7));
    // Inside a transaction too, where keys of another tree are still there.
    let trips = db
        .transaction(async |tx| {
            assert!(!named(tx, "Ada").await?[0].posts.loaded()?.is_empty());
            let counted = tx.counting();
            let users = named(&counted, "").await?;
            assert!(users[0].posts.loaded()?.is_empty());
            Ok(counted.round_trips())
        })
        .await?;
    assert_eq!(trips, 1);
    Ok(())
}

async fn what_explain_tells_is_what_happens(db: Db) -> Result<()> {
    forest(&db).await?;
    let by_levels = db.level_by_level();
    let check = async |make: &dyn Fn(&Db) -> sinew::query::Find<'_, serial::User>| {
        make(&by_levels).await?;
        let told = make(&by_levels).explain();
        let counted = by_levels.counting();
        make(&counted).await?;
        assert_eq!(
            (counted.round_trips(), counted.statements()),
            (told.round_trips() as u64, told.statements() as u64),
            "{told}"
        );
        sinew::Result::Ok(told)
    };
    let levels = check(&|db| tree(db)).await?;
    let at_once = check(&|db| tree(db).one_trip()).await?;
    assert_eq!(levels.statements(), at_once.statements());
    assert!(at_once.round_trips() <= levels.round_trips());
    Ok(())
}

suite![
    a_tree_at_once_is_the_tree_by_levels,
    what_explain_tells_is_what_happens,
    what_was_presumed_wrongly_is_done_with_a_look,
];

suite![needs pipelining:
    a_tree_of_any_depth_is_one_trip,
    nested_create_with_serial_keys,
    nested_create_with_tags_that_exist,
    siblings_go_together,
    nested_create_with_keys_of_the_client,
    nested_create_with_keys_that_the_program_set,
    a_refused_row_is_named_although_the_commit_went_along,
    saving_a_graph,
    one_row,
    replacing_links,
    appending_links,
];
