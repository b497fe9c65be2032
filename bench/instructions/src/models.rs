//! The models and the rows.

use sinew::prelude::*;

#[derive(Model, Clone, Debug, Default)]
pub struct User {
    pub id: i64,
    pub name: String,
    pub email: String,
    pub age: i32,
    pub created_at: i64,
    pub posts: HasMany<Post>,
}

#[derive(Model, Clone, Debug, Default)]
pub struct Post {
    pub id: i64,
    pub user_id: i64,
    pub title: String,
    pub body: String,
    pub created_at: i64,
    #[model(join_table = "post_tags")]
    pub tags: ManyToMany<Tag>,
}

#[derive(Model, Clone, Debug, Default)]
pub struct Tag {
    pub id: i64,
    pub name: String,
}

#[derive(Model, Clone, Debug, Default)]
pub struct Note {
    pub id: i64,
    pub body: String,
}

/// A thousand users with ten posts each, twenty tags, and a thousand notes.
pub const SCHEMA: [&str; 11] = [
    "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL,
        age BIGINT NOT NULL, created_at BIGINT NOT NULL)",
    "CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id BIGINT NOT NULL REFERENCES users (id),
        title TEXT NOT NULL, body TEXT NOT NULL, created_at BIGINT NOT NULL)",
    "CREATE INDEX posts_user_id ON posts (user_id)",
    "CREATE TABLE tags (id INTEGER PRIMARY KEY, name TEXT NOT NULL)",
    "CREATE TABLE post_tags (post_id BIGINT NOT NULL REFERENCES posts (id),
        tag_id BIGINT NOT NULL REFERENCES tags (id), PRIMARY KEY (post_id, tag_id))",
    "CREATE INDEX post_tags_tag_id ON post_tags (tag_id)",
    "WITH RECURSIVE n (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < 1000)
        INSERT INTO users SELECT id, 'User number ' || id, 'user' || id || '@example.com', id % 80,
            1750000000000000 + id FROM n",
    "WITH RECURSIVE n (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < 10000)
        INSERT INTO posts SELECT id, (id - 1) / 10 + 1, 'The title of post ' || id,
            'Post ' || id || ' has a body of about eighty characters, as if it had been written.',
            1750000000000000 + id FROM n",
    "WITH RECURSIVE n (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < 20)
        INSERT INTO tags SELECT id, 'tag ' || id FROM n",
    "CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT NOT NULL)",
    "WITH RECURSIVE n (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < 1000)
        INSERT INTO notes SELECT id, 'Note number ' || id FROM n",
];

pub async fn open() -> sinew::Result<Db> {
    let db = Db::connect("sqlite::memory:").await?;
    for statement in SCHEMA {
        db.execute(statement, ()).await?;
    }
    Ok(db)
}

pub fn new_user(n: i64) -> User {
    User {
        name: format!("User number {n}"),
        email: format!("user{n}@example.com"),
        age: 42,
        created_at: 1_760_000_000_000_000 + n,
        ..Default::default()
    }
}

/// A user that was read before.
pub fn held_user(n: i64) -> User {
    User {
        id: n + 1,
        ..new_user(n)
    }
}

/// A note that was read before.
pub fn note(id: i64) -> Note {
    Note {
        id,
        body: format!("Note number {id}"),
    }
}

/// A post and a tag that it has not yet, both read before.
pub fn link(post: i64) -> (Post, Tag) {
    let tag = post % 20 + 1;
    let post = Post {
        id: post,
        user_id: (post - 1) / 10 + 1,
        ..Default::default()
    };
    let tag = Tag {
        id: tag,
        name: format!("tag {tag}"),
    };
    (post, tag)
}
