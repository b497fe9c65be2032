//! How many statements a write takes where each one returns what it stored.

#![allow(missing_docs, clippy::unwrap_used)]

use sinew::prelude::*;

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct User {
    id: i64,
    #[model(unique)]
    name: String,
    age: i64,
    tags: ManyToMany<Tag, UserTag>,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Tag {
    id: i64,
    #[model(unique)]
    label: String,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct UserTag {
    #[model(primary_key)]
    user_id: i64,
    #[model(primary_key)]
    tag_id: i64,
    weight: i64,
}

fn tag(label: &str) -> Tag {
    Tag {
        label: label.into(),
        ..Default::default()
    }
}

#[tokio::test]
async fn nothing_is_read_back() -> sinew::Result<()> {
    let db = Db::connect("sqlite::memory:").await?;
    db.auto_migrate(models![User, Tag, UserTag]).await?;
    let db = db.counting();
    let one = |name: &str| User {
        name: name.into(),
        tags: [tag(name)].into(),
        ..Default::default()
    };
    let mut users = vec![one("a"), one("b")];
    db.create(&mut users).await?;

    db.reset_counts();
    db.update(&mut users)
        .set(User::age.to(User::age + 1))
        .await?;
    assert_eq!((db.statements(), users[1].age), (1, 1));

    db.reset_counts();
    let new = |name: &str| User {
        tags: [tag(&format!("{name}'s"))].into(),
        ..one(name)
    };
    db.create(&mut vec![new("a"), new("c")])
        .on_conflict(User::name)
        .update_all()
        .await?;
    assert_eq!(db.statements(), 3, "users, tags, links");

    db.reset_counts();
    db.association(&mut users[0], User::tags)
        .append_with(tag("new"), |link| link.weight = 3)
        .await?;
    assert_eq!(db.statements(), 3, "target, is the link there, link");
    Ok(())
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Post {
    id: i64,
    #[model(join_table = "post_labels")]
    labels: ManyToMany<Tag>,
}

#[tokio::test]
async fn a_replace_reads_once_and_writes_the_difference() -> sinew::Result<()> {
    let db = Db::connect("sqlite::memory:").await?;
    db.auto_migrate(models![Post, Tag]).await?;
    let mut tags: Vec<Tag> = (0..30).map(|n| tag(&n.to_string())).collect();
    db.create(&mut tags).await?;
    let mut post = Post {
        labels: tags[..20].to_vec().into(),
        ..Default::default()
    };
    db.create(&mut post).await?;
    let db = db.counting();
    db.association(&mut post, Post::labels)
        .replace(tags[10..].to_vec())
        .await?;
    assert_eq!(db.statements(), 4, "links, new targets, delete, insert");
    db.reset_counts();
    db.association(&mut post, Post::labels)
        .replace(tags[10..].to_vec())
        .await?;
    assert_eq!(db.statements(), 1, "links");
    Ok(())
}
