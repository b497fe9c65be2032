//! The blog's tables. The names do the wiring: `Post.user_id` is what `User.posts` looks for.

use sinew::prelude::*;

/// Writes posts and comments.
#[derive(Model, Clone, Debug, Default)]
pub(crate) struct User {
    /// The primary key; the database numbers it.
    pub id: i64,
    /// Filled on create.
    pub created_at: Timestamp,
    /// Filled on every write.
    pub updated_at: Timestamp,
    /// The user's name.
    #[model(size = 100)]
    pub name: String,
    /// Has one: `profiles.user_id`.
    #[model(on_delete = cascade)]
    pub profile: HasOne<Profile>,
    /// Has many: `posts.user_id`.
    #[model(on_delete = cascade)]
    pub posts: HasMany<Post>,
    /// Has many: `comments.user_id`.
    #[model(on_delete = cascade)]
    pub comments: HasMany<Comment>,
}

/// Says more about a user.
#[derive(Model, Clone, Debug, Default)]
pub(crate) struct Profile {
    /// The primary key.
    pub id: i64,
    /// The foreign key, on the child as always.
    pub user_id: i64,
    /// What the user says of herself.
    #[model(size = 500)]
    pub bio: String,
}

/// A post by a user.
#[derive(Model, Clone, Debug, Default)]
pub(crate) struct Post {
    /// The primary key.
    pub id: i64,
    /// Filled on create.
    pub created_at: Timestamp,
    /// Makes deletes soft.
    pub deleted_at: DeletedAt,
    /// The headline.
    #[model(size = 200)]
    pub title: String,
    /// The text.
    pub body: String,
    /// The foreign key: the column that holds the link.
    pub user_id: i64,
    /// Belongs to: the same link seen from the post. Its name differs from the key's, so it says.
    #[model(foreign_key = user_id)]
    pub author: BelongsTo<User>,
    /// Has many: `comments.post_id`.
    #[model(on_delete = cascade)]
    pub comments: HasMany<Comment>,
    /// Many to many, through a join table that Sinew makes.
    #[model(join_table = "post_tags", on_delete = cascade)]
    pub tags: ManyToMany<Tag>,
}

/// A comment belongs to the post it is on and to the user who wrote it.
#[derive(Model, Clone, Debug, Default)]
pub(crate) struct Comment {
    /// The primary key.
    pub id: i64,
    /// What it says.
    #[model(size = 1000)]
    pub body: String,
    /// The post it is on.
    pub post_id: i64,
    /// Who wrote it.
    pub user_id: i64,
    /// Belongs to the user, under another name.
    #[model(foreign_key = user_id)]
    pub author: BelongsTo<User>,
}

/// A label for posts.
#[derive(Model, Clone, Debug, Default)]
pub(crate) struct Tag {
    /// The primary key.
    pub id: i64,
    /// The label; there is one of each.
    #[model(size = 50, unique_index)]
    pub name: String,
    /// The other direction of `Post.tags`.
    #[model(join_table = "post_tags")]
    pub posts: ManyToMany<Post>,
}
