//! The models. On SQLite only unsigned keys of its own making can be included.

use toasty::{Deferred, Model};

#[derive(Debug, Model)]
#[table = "users"]
pub struct User {
    #[key]
    #[auto]
    pub id: u64,
    pub name: String,
    pub email: String,
    #[index]
    pub age: i32,
    pub created_at: i64,
    #[has_many]
    pub posts: Deferred<Vec<Post>>,
}

#[derive(Debug, Model)]
#[table = "posts"]
pub struct Post {
    #[key]
    #[auto]
    pub id: u64,
    #[index]
    pub user_id: u64,
    #[belongs_to(key = user_id, references = id)]
    pub user: Deferred<User>,
    pub title: String,
    pub body: String,
    pub created_at: i64,
    #[has_many]
    pub comments: Deferred<Vec<Comment>>,
    #[has_many]
    pub post_tags: Deferred<Vec<PostTag>>,
    #[has_many(via = post_tags.tag)]
    pub tags: Deferred<Vec<Tag>>,
}

#[derive(Debug, Model)]
#[table = "comments"]
pub struct Comment {
    #[key]
    #[auto]
    pub id: u64,
    #[index]
    pub post_id: u64,
    #[belongs_to(key = post_id, references = id)]
    pub post: Deferred<Post>,
    pub body: String,
    pub created_at: i64,
}

#[derive(Debug, Model)]
#[table = "tags"]
pub struct Tag {
    #[key]
    #[auto]
    pub id: u64,
    pub name: String,
    #[has_many]
    pub post_tags: Deferred<Vec<PostTag>>,
}

#[derive(Debug, Model)]
#[table = "post_tags"]
#[key(post_id, tag_id)]
pub struct PostTag {
    #[index]
    pub post_id: u64,
    #[belongs_to(key = post_id, references = id)]
    pub post: Deferred<Post>,
    #[index]
    pub tag_id: u64,
    #[belongs_to(key = tag_id, references = id)]
    pub tag: Deferred<Tag>,
}

#[derive(Debug, Model)]
#[table = "channels"]
pub struct Channel {
    #[key]
    #[auto]
    pub id: u64,
    pub name: String,
    #[has_many]
    pub messages: Deferred<Vec<Message>>,
}

#[derive(Debug, Model)]
#[table = "messages"]
pub struct Message {
    #[key]
    #[auto]
    pub id: u64,
    #[index]
    pub channel_id: u64,
    #[belongs_to(key = channel_id, references = id)]
    pub channel: Deferred<Channel>,
    pub body: String,
    pub created_at: i64,
}

#[derive(Debug, Model)]
#[table = "accounts"]
pub struct Account {
    #[key]
    #[auto]
    pub id: u64,
    pub email: String,
    pub created_at: i64,
    #[has_one]
    pub profile: Deferred<Option<Profile>>,
}

#[derive(Debug, Model)]
#[table = "profiles"]
pub struct Profile {
    #[key]
    #[auto]
    pub id: u64,
    #[unique]
    pub account_id: u64,
    #[belongs_to(key = account_id, references = id)]
    pub account: Deferred<Account>,
    pub bio: String,
    pub website: String,
}
