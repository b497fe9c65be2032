//! A blog, from an empty file to association mode. Run it and read along:
//!
//! ```text
//! cargo run --example blog
//! ```
//!
//! Every step prints what it does, the SQL that it takes, and what comes out. The database is in
//! memory; `DATABASE_URL` names another one, of SQLite, PostgreSQL, MariaDB or MySQL. There each run
//! begins with dropping the tables of the run before; those of others are left alone.

mod models;

use models::{Comment, Post, Profile, Tag, User};
use sinew::prelude::*;
use sinew_examples::{chapter, drop_tables, made_before, print_sql, quietly, result, step};

/// The tables of models.rs; those that refer to others come first.
const TABLES: [&str; 6] = [
    "post_tags",
    "comments",
    "posts",
    "profiles",
    "tags",
    "users",
];

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::var("DATABASE_URL").unwrap_or_else(|_| "sqlite::memory:".into());
    print_sql()?;
    Ok(run(&url).await?)
}

/// The whole story, in the database of this URL.
pub(crate) async fn run(url: &str) -> sinew::Result<()> {
    let db = Db::connect(url).await?;
    quietly(empty(&db)).await?;

    drawing(&db).await?;
    creating(&db).await?;
    loading(&db).await?;
    joining(&db).await?;
    association_mode(&db).await?;
    saving(&db).await?;
    deleting(&db).await?;
    db.close().await;
    Ok(())
}

/// Begins anew where the blog has been told before.
async fn empty(db: &Db) -> sinew::Result<()> {
    if made_before(db, "blog", &TABLES).await? {
        drop_tables(db, &TABLES).await?;
    }
    Ok(())
}

async fn drawing(db: &Db) -> sinew::Result<()> {
    chapter("1 An association is a foreign key plus a field that mirrors it");
    step("The structs of models.rs are the schema. auto_migrate makes what is missing:");
    let all = || models![User, Profile, Post, Comment, Tag];
    let plan = quietly(db.auto_migrate(all()).plan()).await?;
    for step in &plan.steps {
        result(&step.description);
    }
    quietly(db.auto_migrate(all())).await?;
    step("Once more: nothing is left to do.");
    result(
        quietly(db.auto_migrate(all()).plan())
            .await?
            .to_string()
            .trim(),
    );
    Ok(())
}

async fn creating(db: &Db) -> sinew::Result<()> {
    chapter("2 Creating with nested associations");
    step("One create writes a user, her profile, two posts, their tags and a comment:");
    let mut ada = User {
        name: "Ada".into(),
        profile: Profile {
            bio: "Writes about engines.".into(),
            ..Default::default()
        }
        .into(),
        posts: [
            Post {
                title: "Hello, world".into(),
                tags: [tag("intro"), tag("rust")].into(),
                ..Default::default()
            },
            Post {
                title: "On engines".into(),
                tags: [tag("rust")].into(),
                ..Default::default()
            },
        ]
        .into(),
        ..Default::default()
    };
    let counting = db.counting();
    counting.create(&mut ada).await?;
    result(format!(
        "{} statements, whatever the number of posts and tags",
        counting.statements()
    ));
    result(format!(
        "Ada has key {}, her posts {:?}",
        ada.id,
        post_ids(&ada)?
    ));

    step("The tag \"rust\" was given twice; a unique column makes it one row:");
    result(format!("tags: {:?}", quietly(tag_names(db)).await?));

    step("A comment belongs to two rows. Setting the keys is enough:");
    let mut comment = Comment {
        body: "First!".into(),
        post_id: ada.posts.loaded()?[0].id,
        user_id: ada.id,
        ..Default::default()
    };
    db.create(&mut comment).await?;

    step("A key that refers to nothing is refused, with the same kind on every database:");
    let mut lost = Comment {
        body: "?".into(),
        post_id: 999,
        user_id: ada.id,
        ..Default::default()
    };
    if let Err(error) = db.create(&mut lost).await {
        result(error.kind());
    }
    Ok(())
}

async fn loading(db: &Db) -> sinew::Result<()> {
    chapter("3 Declared is not loaded, and not loaded is not empty");
    step("A plain get reads the row alone:");
    let user = db.get::<User>(1).await?;
    if let Err(error) = user.posts.loaded() {
        result(error);
    }

    step(
        "preload brings the posts, newest first, at most five for EACH user, with tags and comments:",
    );
    let users = db
        .find::<User>()
        .preload(User::profile)
        .preload(
            User::posts
                .order_by(Post::id.desc())
                .limit(5)
                .preload(Post::tags.order_by(Tag::id.asc()))
                .preload(Post::comments.preload(Comment::author)),
        )
        .await?;
    for user in &users {
        result(format!(
            "{}: {}",
            user.name,
            user.profile.loaded()?.map_or("", |p| &p.bio)
        ));
        for post in user.posts.loaded()? {
            let tags: Vec<_> = post.tags.loaded()?.iter().map(|tag| &tag.name).collect();
            result(format!("  {:?} tagged {tags:?}", post.title));
            for comment in post.comments.loaded()? {
                result(format!(
                    "    {:?} says {}",
                    comment.body,
                    comment.author.loaded()?.name
                ));
            }
        }
    }

    step("explain() shows the plan without running it: one statement per association:");
    let plan = db
        .find::<User>()
        .preload(User::posts.preload(Post::tags))
        .explain();
    for line in plan.to_string().lines() {
        result(line.replace(['"', '`'], ""));
    }

    step("A path known only at run time, as in ?include=posts.comments, is checked:");
    if let Err(error) = db.find::<User>().include("posts.commments") {
        result(error);
    }
    Ok(())
}

async fn joining(db: &Db) -> sinew::Result<()> {
    chapter("4 Joins, and conditions across associations");
    step("A joined association comes in the same statement:");
    let posts = db.find::<Post>().join(Post::author);
    for post in posts.order_by(Post::id.asc()).await? {
        result(format!(
            "{:?} by {}",
            post.title,
            post.author.loaded()?.name
        ));
    }
    step("Users with a post tagged \"intro\":");
    let intro = Post::tags.filter(Tag::name.eq("intro")).any();
    for user in db
        .find::<User>()
        .filter(User::posts.filter(intro).any())
        .await?
    {
        result(&user.name);
    }
    step("Posts in the order of their author's name, those with two tags or more:");
    let posts = db
        .find::<Post>()
        .filter(Post::tags.count().ge(2))
        .order_by((Post::author.to(User::name).asc(), Post::id.asc()))
        .await?;
    result(format!(
        "{:?}",
        posts.iter().map(|post| &post.title).collect::<Vec<_>>()
    ));
    Ok(())
}

async fn association_mode(db: &Db) -> sinew::Result<()> {
    chapter("5 Association mode: links after the fact");
    let mut post = quietly(db.get::<Post>(1)).await?;
    step("append adds a link (and the tag, which is new):");
    let mut golang = tag("golang");
    db.association(&mut post, Post::tags)
        .append(&mut golang)
        .await?;
    result(format!("the tag's key is {}", golang.id));

    step("replace writes the difference alone, and tells it:");
    let diff = db
        .association(&mut post, Post::tags)
        .replace([golang.clone(), tag("orm")])
        .await?;
    result(format!(
        "added {}, kept {}, removed {}",
        diff.added, diff.kept, diff.removed
    ));

    step("count, delete one link, clear the rest; the tags themselves survive:");
    result(db.association(&mut post, Post::tags).count().await?);
    db.association(&mut post, Post::tags)
        .delete(&golang)
        .await?;
    db.association(&mut post, Post::tags).clear().await?;
    result(format!(
        "{} links",
        quietly(db.association(&mut post, Post::tags).count()).await?
    ));
    result(format!("tags: {:?}", quietly(tag_names(db)).await?));
    Ok(())
}

async fn saving(db: &Db) -> sinew::Result<()> {
    chapter("6 Saving");
    let mut user = quietly(
        db.get::<User>(1)
            .preload(User::posts.order_by(Post::id.asc())),
    )
    .await?;
    step("save updates the row, and inserts what its associations hold anew:");
    user.posts.loaded_mut()?.push(Post {
        title: "Third".into(),
        ..Default::default()
    });
    db.save(&mut user).await?;
    step("save().full() also updates what was there already:");
    user.posts.loaded_mut()?[0].title = "Hello again".into();
    db.save(&mut user).full().await?;
    step("update touches only what it names:");
    db.update(&mut user)
        .set(User::name.to("Ada Lovelace"))
        .await?;

    step("A transaction is undone when its closure returns an error; inside, savepoints nest:");
    let undone = db
        .transaction(async |tx| {
            tx.create(&mut User {
                name: "Nobody".into(),
                ..Default::default()
            })
            .await?;
            tx.get::<User>(12345).await
        })
        .await;
    if let Err(error) = undone {
        result(&error);
    }
    result(format!(
        "users: {:?}",
        quietly(db.find::<User>().pluck(User::name)).await?
    ));
    Ok(())
}

async fn deleting(db: &Db) -> sinew::Result<()> {
    chapter("7 Deleting");
    let mut post = quietly(db.get::<Post>(2)).await?;
    step("A post is soft-deleted, because the model has a DeletedAt; its comments go along:");
    db.delete(&mut post).with(Post::comments).await?;
    result(format!("deleted: {}", post.deleted_at.is_deleted()));
    result(format!(
        "posts left: {}",
        quietly(db.find::<Post>().count()).await?
    ));
    result(format!(
        "with the deleted: {}",
        quietly(db.unscoped().find::<Post>().count()).await?
    ));
    step("A delete without a condition is refused:");
    if let Err(error) = db.find::<Tag>().delete().await {
        result(error);
    }
    step("Removing the user for good; ON DELETE CASCADE takes her posts and comments along:");
    let mut user = quietly(db.get::<User>(1)).await?;
    db.unscoped().delete(&mut user).await?;
    result(format!(
        "posts left: {}",
        quietly(db.unscoped().find::<Post>().count()).await?
    ));
    Ok(())
}

async fn tag_names(db: &Db) -> sinew::Result<Vec<String>> {
    let tags = db.find::<Tag>().order_by(Tag::id.asc());
    tags.pluck(Tag::name).await
}

fn tag(name: &str) -> Tag {
    Tag {
        name: name.into(),
        ..Default::default()
    }
}

fn post_ids(user: &User) -> sinew::Result<Vec<i64>> {
    Ok(user.posts.loaded()?.iter().map(|post| post.id).collect())
}
