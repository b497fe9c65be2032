//! The rows.

use diesel::prelude::*;
use sinew_bench::data::{NewPost as PostInput, NewUser as UserInput};

use crate::schema::{
    accounts, channels, comments, messages, post_tags, posts, profiles, readings, tags, users,
};

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
    pub body: String,
    pub created_at: i64,
}

#[derive(Queryable, Selectable, Identifiable)]
#[diesel(table_name = tags)]
pub struct Tag {
    pub id: i64,
    pub name: String,
}

#[derive(Queryable, Selectable, Identifiable, Associations, Insertable)]
#[diesel(table_name = post_tags, primary_key(post_id, tag_id), belongs_to(Post), belongs_to(Tag))]
pub struct PostTag {
    pub post_id: i64,
    pub tag_id: i64,
}

#[derive(Queryable, Selectable, Identifiable)]
#[diesel(table_name = channels)]
pub struct Channel {
    pub id: i64,
    pub name: String,
}

#[derive(Queryable, Selectable, Identifiable, Associations)]
#[diesel(table_name = messages, belongs_to(Channel))]
pub struct Message {
    pub id: i64,
    pub channel_id: i64,
    pub body: String,
    pub created_at: i64,
}

#[derive(Queryable, Selectable, Identifiable)]
#[diesel(table_name = accounts)]
pub struct Account {
    pub id: i64,
    pub email: String,
    pub created_at: i64,
}

#[derive(Queryable, Selectable, Identifiable, Associations)]
#[diesel(table_name = profiles, belongs_to(Account))]
pub struct Profile {
    pub id: i64,
    pub account_id: i64,
    pub bio: String,
    pub website: String,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = readings)]
pub struct Reading {
    pub id: i64,
    pub sensor_id: i64,
    pub value: i64,
    pub note: String,
    pub created_at: i64,
}

sinew_bench::reduce!(
    user: User,
    post: Post,
    comment: Comment,
    tag: Tag,
    channel: Channel,
    message: Message,
    account: Account,
    profile: Profile,
);

#[derive(Insertable)]
#[diesel(table_name = users)]
pub struct NewUser<'a> {
    name: &'a str,
    email: &'a str,
    age: i32,
    created_at: i64,
}

#[derive(Insertable)]
#[diesel(table_name = posts)]
pub struct NewPost<'a> {
    user_id: i64,
    title: &'a str,
    body: &'a str,
    created_at: i64,
}

#[derive(AsChangeset)]
#[diesel(table_name = users)]
pub struct Rename<'a> {
    pub name: &'a str,
    pub email: &'a str,
}

impl<'a> From<&'a UserInput> for NewUser<'a> {
    fn from(user: &'a UserInput) -> Self {
        let UserInput {
            name,
            email,
            age,
            created_at,
        } = user;
        Self {
            name,
            email,
            age: *age,
            created_at: *created_at,
        }
    }
}

impl<'a> NewPost<'a> {
    pub fn of(user_id: i64, post: &'a PostInput) -> Self {
        Self {
            user_id,
            title: &post.title,
            body: &post.body,
            created_at: post.created_at,
        }
    }
}

/// The links of new posts that have got these keys.
pub fn links<'a>(posts: impl Iterator<Item = &'a PostInput>, ids: &[i64]) -> Vec<PostTag> {
    let link = |post_id| move |tag_id| PostTag { post_id, tag_id };
    posts
        .zip(ids)
        .flat_map(|(post, id)| post.tags.map(link(*id)))
        .collect()
}
