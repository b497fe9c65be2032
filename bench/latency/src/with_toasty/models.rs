//! The models.

use toasty::{Deferred, Model};
use uuid::Uuid;

#[derive(Debug, Model)]
#[table = "users"]
pub struct User {
    #[key]
    #[auto]
    pub id: i64,
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
    pub id: i64,
    #[index]
    pub user_id: i64,
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
    pub id: i64,
    #[index]
    pub post_id: i64,
    #[belongs_to(key = post_id, references = id)]
    pub post: Deferred<Post>,
    pub author_id: i64,
    #[belongs_to(key = author_id, references = id)]
    pub author: Deferred<User>,
    pub body: String,
    pub created_at: i64,
    #[has_many]
    pub likes: Deferred<Vec<Like>>,
}

#[derive(Debug, Model)]
#[table = "likes"]
pub struct Like {
    #[key]
    #[auto]
    pub id: i64,
    #[index]
    pub comment_id: i64,
    #[belongs_to(key = comment_id, references = id)]
    pub comment: Deferred<Comment>,
    pub user_id: i64,
}

#[derive(Debug, Model)]
#[table = "tags"]
pub struct Tag {
    #[key]
    #[auto]
    pub id: i64,
    pub name: String,
    #[has_many]
    pub post_tags: Deferred<Vec<PostTag>>,
}

#[derive(Debug, Model)]
#[table = "post_tags"]
#[key(post_id, tag_id)]
pub struct PostTag {
    #[index]
    pub post_id: i64,
    #[belongs_to(key = post_id, references = id)]
    pub post: Deferred<Post>,
    #[index]
    pub tag_id: i64,
    #[belongs_to(key = tag_id, references = id)]
    pub tag: Deferred<Tag>,
}

#[derive(Debug, Model)]
#[table = "members"]
pub struct Member {
    #[key]
    pub id: Uuid,
    pub name: String,
    pub email: String,
    #[has_many]
    pub articles: Deferred<Vec<Article>>,
}

#[derive(Debug, Model)]
#[table = "articles"]
pub struct Article {
    #[key]
    pub id: Uuid,
    #[index]
    pub member_id: Uuid,
    #[belongs_to(key = member_id, references = id)]
    pub member: Deferred<Member>,
    pub title: String,
    pub body: String,
}

#[derive(Debug, Model)]
#[table = "labels"]
pub struct Label {
    #[key]
    pub id: Uuid,
    pub name: String,
}

#[derive(Debug, Model)]
#[table = "article_labels"]
#[key(article_id, label_id)]
pub struct ArticleLabel {
    pub article_id: Uuid,
    pub label_id: Uuid,
}
