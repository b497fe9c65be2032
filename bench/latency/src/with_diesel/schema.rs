//! Tables and structs.

use diesel::prelude::*;
use uuid::Uuid;

diesel::table! { users (id) { id -> BigInt, name -> Text, email -> Text, age -> Integer, created_at -> BigInt, } }
diesel::table! { posts (id) { id -> BigInt, user_id -> BigInt, title -> Text, body -> Text, created_at -> BigInt, } }
diesel::table! { comments (id) { id -> BigInt, post_id -> BigInt, author_id -> BigInt, body -> Text, created_at -> BigInt, } }
diesel::table! { likes (id) { id -> BigInt, comment_id -> BigInt, user_id -> BigInt, } }
diesel::table! { tags (id) { id -> BigInt, name -> Text, } }
diesel::table! { post_tags (post_id, tag_id) { post_id -> BigInt, tag_id -> BigInt, } }
diesel::table! { members (id) { id -> Uuid, name -> Text, email -> Text, } }
diesel::table! { articles (id) { id -> Uuid, member_id -> Uuid, title -> Text, body -> Text, } }
diesel::table! { labels (id) { id -> Uuid, name -> Text, } }
diesel::table! { article_labels (article_id, label_id) { article_id -> Uuid, label_id -> Uuid, } }
diesel::joinable!(post_tags -> tags (tag_id));
diesel::allow_tables_to_appear_in_same_query!(users, posts, comments, likes, tags, post_tags);

#[derive(Queryable, Selectable, Identifiable)]
#[diesel(table_name = users)]
pub struct User {
    pub id: i64,
    pub name: String,
    pub email: String,
    pub age: i32,
    pub created_at: i64,
}

#[derive(Queryable, Selectable, Identifiable, Associations)]
#[diesel(table_name = posts, belongs_to(User))]
pub struct Post {
    pub id: i64,
    pub user_id: i64,
    pub title: String,
    pub body: String,
    pub created_at: i64,
}

#[derive(Queryable, Selectable, Identifiable, Associations)]
#[diesel(table_name = comments, belongs_to(Post))]
pub struct Comment {
    pub id: i64,
    pub post_id: i64,
    pub author_id: i64,
    pub body: String,
    pub created_at: i64,
}

#[derive(Queryable, Selectable, Identifiable, Associations)]
#[diesel(table_name = likes, belongs_to(Comment))]
pub struct Like {
    pub id: i64,
    pub comment_id: i64,
    pub user_id: i64,
}

#[derive(Queryable, Selectable, Identifiable)]
#[diesel(table_name = tags)]
pub struct Tag {
    pub id: i64,
    pub name: String,
}

#[derive(Queryable, Selectable, Identifiable, Insertable, Associations)]
#[diesel(table_name = post_tags, primary_key(post_id, tag_id), belongs_to(Post))]
pub struct PostTag {
    pub post_id: i64,
    pub tag_id: i64,
}

#[derive(Insertable)]
#[diesel(table_name = users)]
pub struct NewUser<'a> {
    pub name: &'a str,
    pub email: &'a str,
    pub age: i32,
    pub created_at: i64,
}

#[derive(Insertable)]
#[diesel(table_name = posts)]
pub struct NewPost<'a> {
    pub user_id: i64,
    pub title: &'a str,
    pub body: &'a str,
    pub created_at: i64,
}

#[derive(Insertable)]
#[diesel(table_name = tags)]
pub struct NewTag<'a> {
    pub name: &'a str,
}

#[derive(Insertable)]
#[diesel(table_name = members)]
pub struct Member {
    pub id: Uuid,
    pub name: String,
    pub email: String,
}

#[derive(Insertable)]
#[diesel(table_name = articles)]
pub struct Article {
    pub id: Uuid,
    pub member_id: Uuid,
    pub title: String,
    pub body: String,
}

#[derive(Insertable)]
#[diesel(table_name = labels)]
pub struct Label {
    pub id: Uuid,
    pub name: String,
}

#[derive(Insertable)]
#[diesel(table_name = article_labels)]
pub struct ArticleLabel {
    pub article_id: Uuid,
    pub label_id: Uuid,
}
