//! The guide "Associations": a blog of users, posts, profiles, tags and comments.

// A case is no `#[test]` itself, so clippy does not know that it is one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use sinew_suite::prelude::*;

#[derive(Model, Clone, Debug, Default)]
struct User {
    id: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
    deleted_at: DeletedAt,
    #[model(size = 100)]
    name: String,
    posts: HasMany<Post>,
    profile: HasOne<Profile>,
}

#[derive(Model, Clone, Debug, Default)]
struct Profile {
    id: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
    deleted_at: DeletedAt,
    user_id: i64,
    #[model(size = 500)]
    bio: String,
}

#[derive(Model, Clone, Debug, Default)]
struct Post {
    id: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
    deleted_at: DeletedAt,
    #[model(size = 200)]
    title: String,
    body: String,
    user_id: i64,
    user: BelongsTo<User>,
    #[model(join_table = "post_tags")]
    tags: ManyToMany<Tag>,
    comments: HasMany<Comment>,
}

#[derive(Model, Clone, Debug, Default)]
struct Tag {
    id: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
    deleted_at: DeletedAt,
    #[model(size = 50, unique_index)]
    name: String,
    #[model(join_table = "post_tags")]
    posts: ManyToMany<Post>,
}

#[derive(Model, Clone, Debug, Default)]
struct Comment {
    id: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
    deleted_at: DeletedAt,
    #[model(size = 1000)]
    body: String,
    post_id: i64,
    post: BelongsTo<Post>,
    user_id: i64,
    user: BelongsTo<User>,
}

async fn blog(db: &Db) -> Result<()> {
    db.auto_migrate(models![User, Profile, Post, Tag, Comment])
        .await?;
    Ok(())
}

fn post(title: &str) -> Post {
    Post {
        title: title.into(),
        ..Default::default()
    }
}

fn tag(name: &str) -> Tag {
    Tag {
        name: name.into(),
        ..Default::default()
    }
}

/// Ada with two posts, stored.
async fn ada(db: &Db) -> Result<User> {
    let mut user = User {
        name: "Ada".into(),
        posts: [post("Hello, world"), post("On engines")].into(),
        ..Default::default()
    };
    db.create(&mut user).await?;
    Ok(user)
}

async fn tag_names(db: &Db) -> Result<Vec<String>> {
    values(db, "tags", "name").await
}

// Seed: B003, B006 -- The mental model: an association is a foreign key plus a field that mirrors it
async fn one_foreign_key_seen_from_two_ends(db: Db) -> Result<()> {
    blog(&db).await?;
    ada(&db).await?;
    // The column is the whole relationship.
    assert_eq!(values::<i64>(&db, "posts", "user_id").await?, [1, 1]);
    let user = db.get::<User>(1).preload(User::posts).await?;
    assert_eq!(user.posts.loaded()?.len(), 2);
    let posts = db.find::<Post>().preload(Post::user).await?;
    assert!(
        posts
            .iter()
            .all(|post| post.user.loaded().is_ok_and(|user| user.name == "Ada"))
    );
    Ok(())
}

// Seed: B050, B051, B076 -- Belongs-to and has-many: User ↔ Post
async fn migration_makes_the_column_and_the_constraint(db: Db) -> Result<()> {
    let plan = db
        .auto_migrate(models![User, Profile, Post, Tag, Comment])
        .plan()
        .await?;
    let plan = plan.to_string();
    for name in [
        "fk_users_posts",
        "fk_users_profile",
        "fk_post_tags_post",
        "fk_post_tags_tag",
    ] {
        assert!(plan.contains(name), "{name} is missing in {plan}");
    }
    blog(&db).await?;
    type Row = (i64, Timestamp, Timestamp, Option<Timestamp>, String, i64);
    let columns = "SELECT id, created_at, updated_at, deleted_at, title, user_id FROM posts";
    assert!(db.query::<Row>(columns, ()).await?.is_empty());
    // The constraint is enforced.
    let mut orphan = Post {
        user_id: 404,
        ..post("Nobody's")
    };
    refused(db.create(&mut orphan).await, ErrorKind::ForeignKeyViolation);
    assert_eq!(rows(&db, "posts").await?, 0);
    // The columns of a usual model are filled.
    let mut user = ada(&db).await?;
    let stored = db.query::<Row>(columns, ()).await?;
    assert_eq!(
        (stored[0].0, stored[0].5),
        (user.posts.loaded()?[0].id, user.id)
    );
    assert!(stored[0].1 > Timestamp::UNIX_EPOCH && stored[0].2 > Timestamp::UNIX_EPOCH);
    assert_eq!(stored[0].3, None);
    // The fourth makes a delete soft.
    db.delete(&mut user).await?;
    assert!(user.deleted_at.is_deleted());
    assert_eq!(rows_where(&db, "users", "deleted_at IS NOT NULL").await?, 1);
    assert!(db.find::<User>().first().await?.is_none());
    // Doing it again changes nothing.
    let again = db.auto_migrate(models![User, Profile, Post, Tag, Comment]);
    assert!(again.plan().await?.is_empty());
    Ok(())
}

mod legacy {
    use super::*;

    #[derive(Model, Clone, Debug, Default)]
    struct User {
        id: i64,
        #[model(size = 100)]
        name: String,
        #[model(foreign_key = author_id)]
        posts: HasMany<Post>,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct Post {
        id: i64,
        title: String,
        author_id: i64,
    }

    // Seed: B013 -- Belongs-to and has-many: a foreign key of another name
    async fn author_id_instead_of_user_id(db: Db) -> Result<()> {
        db.auto_migrate(models![User, Post]).await?;
        let mut user = User {
            name: "Ada".into(),
            posts: [Post {
                title: "Hello".into(),
                ..Default::default()
            }]
            .into(),
            ..Default::default()
        };
        db.create(&mut user).await?;
        assert_eq!(user.posts.loaded()?[0].author_id, user.id);
        assert_eq!(values::<i64>(&db, "posts", "author_id").await?, [user.id]);
        Ok(())
    }

    suite![author_id_instead_of_user_id];
}

// Seed: B005 -- Has-one: User ↔ Profile
async fn has_one_profile(db: Db) -> Result<()> {
    blog(&db).await?;
    let profile = Profile {
        bio: "Engines".into(),
        ..Default::default()
    };
    let mut user = User {
        name: "Ada".into(),
        profile: profile.into(),
        ..Default::default()
    };
    db.create(&mut user).await?;
    let held = user.profile.loaded()?.expect("the profile");
    assert_eq!((held.id, held.user_id), (1, user.id));
    // The key is on the child.
    assert_eq!(values::<i64>(&db, "profiles", "user_id").await?, [user.id]);
    let read = db.get::<User>(user.id).preload(User::profile).await?;
    assert_eq!(
        read.profile.loaded()?.map(|p| p.bio.as_str()),
        Some("Engines")
    );
    Ok(())
}

// Seed: B026, B033, B057 -- Many-to-many: Post ↔ Tag, through a join table
async fn posts_and_tags_through_a_join_table(db: Db) -> Result<()> {
    blog(&db).await?;
    let mut user = ada(&db).await?;
    // Nobody declared this table.
    assert_eq!(rows(&db, "post_tags").await?, 0);
    let hello = &mut user.posts.loaded_mut()?[0];
    db.association(hello, Post::tags)
        .append([tag("golang"), tag("orm")])
        .await?;
    assert_eq!(
        pairs(&db, "post_tags", "post_id", "tag_id").await?,
        [(1, 1), (1, 2)]
    );
    // The other direction uses the same table.
    let orm = db
        .find::<Tag>()
        .filter(Tag::name.eq("orm"))
        .preload(Tag::posts)
        .first()
        .await?;
    let mut orm = orm.expect("the tag");
    assert_eq!(orm.posts.loaded()?[0].title, "Hello, world");
    let mut engines = db.get::<Post>(2).await?;
    db.association(&mut orm, Tag::posts)
        .append(&mut engines)
        .await?;
    assert_eq!(
        pairs(&db, "post_tags", "post_id", "tag_id").await?,
        [(1, 1), (1, 2), (2, 2)]
    );
    // The same pair cannot be there twice, and a pair of nothing not at all.
    let insert = "INSERT INTO post_tags (post_id, tag_id) VALUES (?, ?)";
    refused(db.execute(insert, (1, 1)).await, ErrorKind::UniqueViolation);
    refused(
        db.execute(insert, (1, 404)).await,
        ErrorKind::ForeignKeyViolation,
    );
    refused(
        db.execute(insert, (404, 1)).await,
        ErrorKind::ForeignKeyViolation,
    );
    Ok(())
}

// Seed: B084 -- Creating with nested associations
async fn one_create_inserts_three_rows(db: Db) -> Result<()> {
    blog(&db).await?;
    let user = ada(&db).await?;
    assert_eq!(user.id, 1);
    let posts = user.posts.loaded()?;
    assert_eq!(
        posts.iter().map(|p| (p.id, p.user_id)).collect::<Vec<_>>(),
        [(1, 1), (2, 1)]
    );
    assert_eq!(
        (rows(&db, "users").await?, rows(&db, "posts").await?),
        (1, 2)
    );
    assert_eq!(values::<i64>(&db, "posts", "user_id").await?, [1, 1]);
    assert_eq!(
        values::<String>(&db, "posts", "title").await?,
        ["Hello, world", "On engines"]
    );
    Ok(())
}

// Seed: B084, B094 -- Creating with nested associations: a comment belongs to a post and a user
async fn a_comment_belongs_to_two(db: Db) -> Result<()> {
    blog(&db).await?;
    let user = ada(&db).await?;
    // By its foreign keys alone.
    let mut first = Comment {
        body: "First".into(),
        post_id: 1,
        user_id: user.id,
        ..Default::default()
    };
    db.create(&mut first).await?;
    // With both parents at hand, one of them new.
    let mut second = Comment {
        body: "Second".into(),
        post: db.get::<Post>(2).await?.into(),
        user: User {
            name: "Grace".into(),
            ..Default::default()
        }
        .into(),
        ..Default::default()
    };
    db.create(&mut second).await?;
    assert_eq!((second.post_id, second.user_id), (2, 2));
    assert_eq!(
        pairs(&db, "comments", "post_id", "user_id").await?,
        [(1, 1), (2, 2)]
    );
    let comments = db
        .find::<Comment>()
        .order_by(Comment::id.asc())
        .preload(Comment::post)
        .preload(Comment::user)
        .await?;
    assert_eq!(comments[0].post.loaded()?.title, "Hello, world");
    assert_eq!(comments[1].user.loaded()?.name, "Grace");
    Ok(())
}

// Seed: B149, B153, B169, B172 -- Association mode: managing relations after the fact
async fn append_replace_count_clear(db: Db) -> Result<()> {
    blog(&db).await?;
    ada(&db).await?;
    let mut post = db.get::<Post>(1).await?;
    let mut go = tag("golang");
    db.association(&mut post, Post::tags)
        .append(&mut go)
        .await?;
    assert_eq!(go.id, 1);
    assert_eq!(
        pairs(&db, "post_tags", "post_id", "tag_id").await?,
        [(1, 1)]
    );

    let diff = db
        .association(&mut post, Post::tags)
        .replace(tag("orm"))
        .await?;
    assert_eq!((diff.added, diff.kept, diff.removed), (1, 0, 1));
    assert_eq!(
        pairs(&db, "post_tags", "post_id", "tag_id").await?,
        [(1, 2)]
    );
    assert_eq!(tag_names(&db).await?, ["golang", "orm"]);

    let count = db.association(&mut post, Post::tags).count().await?;
    assert_eq!(count, 1);

    db.association(&mut post, Post::tags).clear().await?;
    assert_eq!(rows(&db, "post_tags").await?, 0);
    assert_eq!(tag_names(&db).await?, ["golang", "orm"]);
    let count = db.association(&mut post, Post::tags).count().await?;
    assert_eq!(count, 0);
    Ok(())
}

// Seed: B180 -- Association mode: Delete removes specific links
async fn delete_removes_the_named_links(db: Db) -> Result<()> {
    blog(&db).await?;
    ada(&db).await?;
    let mut hello = db.get::<Post>(1).await?;
    let mut engines = db.get::<Post>(2).await?;
    let mut tags = vec![tag("a"), tag("b"), tag("c")];
    db.association(&mut hello, Post::tags)
        .append(&mut tags)
        .await?;
    db.association(&mut engines, Post::tags)
        .append(&mut tags)
        .await?;
    db.association(&mut hello, Post::tags)
        .delete(&tags[1])
        .await?;
    assert_eq!(
        pairs(&db, "post_tags", "post_id", "tag_id").await?,
        [(1, 1), (1, 3), (2, 1), (2, 2), (2, 3)]
    );
    assert_eq!(rows(&db, "tags").await?, 3);
    Ok(())
}

mod cascade {
    use super::*;

    #[derive(Model, Clone, Debug, Default)]
    struct User {
        id: i64,
        deleted_at: DeletedAt,
        name: String,
        #[model(on_delete = cascade)]
        posts: HasMany<Post>,
    }

    #[derive(Model, Clone, Debug, Default)]
    struct Post {
        id: i64,
        title: String,
        user_id: i64,
    }

    // Seed: B054, B257 -- Association mode: clean up automatically when a parent is deleted
    async fn posts_go_with_their_user(db: Db) -> Result<()> {
        db.auto_migrate(models![User, Post]).await?;
        let posts = || {
            [Post {
                title: "Hello".into(),
                ..Default::default()
            }]
            .into()
        };
        let mut users = vec![
            User {
                name: "Ada".into(),
                posts: posts(),
                ..Default::default()
            },
            User {
                name: "Grace".into(),
                posts: posts(),
                ..Default::default()
            },
        ];
        db.create(&mut users).await?;
        // A soft delete leaves the children alone: nothing is deleted in the database.
        db.delete(&mut users[0]).await?;
        assert_eq!(rows(&db, "posts").await?, 2);
        db.unscoped().delete(&mut users[0]).await?;
        assert_eq!(values::<i64>(&db, "users", "id").await?, [2]);
        assert_eq!(values::<i64>(&db, "posts", "user_id").await?, [2]);
        Ok(())
    }

    suite![posts_go_with_their_user];
}

// Seed: B202 -- Declaring a relationship is not the same as loading it
async fn not_loaded_is_not_empty(db: Db) -> Result<()> {
    blog(&db).await?;
    ada(&db).await?;
    let counting = db.counting();
    let user = counting.get::<User>(1).await?;
    assert_eq!(counting.statements(), 1);
    let error = refused(user.posts.loaded(), ErrorKind::NotLoaded);
    assert_eq!(
        error.to_string(),
        "User.posts is not loaded; preload it with .preload(User::posts)"
    );
    refused(user.profile.loaded(), ErrorKind::NotLoaded);
    // Loaded and empty is something else.
    let user = db
        .get::<User>(1)
        .preload((User::posts, User::profile))
        .await?;
    assert_eq!(user.posts.loaded()?.len(), 2);
    assert!(user.profile.loaded()?.is_none());
    Ok(())
}

// Seed: B202 -- Recap: saving a record whose associations are not loaded leaves them alone
async fn saving_what_is_not_loaded_removes_nothing(db: Db) -> Result<()> {
    blog(&db).await?;
    ada(&db).await?;
    let mut user = db.get::<User>(1).await?;
    user.name = "Ada Lovelace".into();
    db.save(&mut user).await?;
    assert_eq!(
        value::<String>(&db, "users", "name", 1).await?,
        "Ada Lovelace"
    );
    assert_eq!(values::<i64>(&db, "posts", "user_id").await?, [1, 1]);
    assert!(user.posts.is_unloaded());
    Ok(())
}

suite![
    one_foreign_key_seen_from_two_ends,
    migration_makes_the_column_and_the_constraint,
    has_one_profile,
    posts_and_tags_through_a_join_table,
    one_create_inserts_three_rows,
    a_comment_belongs_to_two,
    append_replace_count_clear,
    delete_removes_the_named_links,
    not_loaded_is_not_empty,
    saving_what_is_not_loaded_removes_nothing,
];
