//! The models, and how they are compared with those of others.

use sinew::prelude::*;
use sinew_bench::{Digest, Reduce};

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
    pub user: BelongsTo<User>,
    pub title: String,
    pub body: String,
    pub created_at: i64,
    pub comments: HasMany<Comment>,
    #[model(join_table = "post_tags")]
    pub tags: ManyToMany<Tag>,
}

#[derive(Model, Clone, Debug, Default)]
pub struct Comment {
    pub id: i64,
    pub post_id: i64,
    pub body: String,
    pub created_at: i64,
}

#[derive(Model, Clone, Debug, Default)]
pub struct Tag {
    pub id: i64,
    pub name: String,
}

#[derive(Model, Clone, Debug, Default)]
pub struct Channel {
    pub id: i64,
    pub name: String,
    pub messages: HasMany<Message>,
}

#[derive(Model, Clone, Debug, Default)]
pub struct Message {
    pub id: i64,
    pub channel_id: i64,
    pub body: String,
    pub created_at: i64,
}

#[derive(Model, Clone, Debug, Default)]
pub struct Account {
    pub id: i64,
    pub email: String,
    pub created_at: i64,
    pub profile: HasOne<Profile>,
}

#[derive(Model, Clone, Debug, Default)]
pub struct Profile {
    pub id: i64,
    pub account_id: i64,
    pub bio: String,
    pub website: String,
}

#[derive(Model, Clone, Debug, Default)]
pub struct Reading {
    pub id: i64,
    pub sensor_id: i64,
    pub value: i64,
    pub note: String,
    pub created_at: i64,
}

sinew_bench::reduce!(comment: Comment, tag: Tag, message: Message, profile: Profile);

/// What is loaded counts; what should be and is not, is missed.
impl Reduce for User {
    fn reduce(&self, place: i64, digest: &mut Digest) {
        digest.user(
            place,
            self.id,
            &self.name,
            &self.email,
            self.age,
            self.created_at,
        );
        for post in self.posts.loaded().unwrap_or_default() {
            post.reduce(self.id, digest);
        }
    }
}

impl Reduce for Post {
    fn reduce(&self, owner: i64, digest: &mut Digest) {
        digest.post(
            owner,
            self.id,
            self.user_id,
            &self.title,
            &self.body,
            self.created_at,
        );
        for comment in self.comments.loaded().unwrap_or_default() {
            comment.reduce(self.id, digest);
        }
        for tag in self.tags.loaded().unwrap_or_default() {
            tag.reduce(self.id, digest);
        }
        if let Ok(user) = self.user.loaded() {
            user.reduce(self.id, digest);
        }
    }
}

impl Reduce for Channel {
    fn reduce(&self, place: i64, digest: &mut Digest) {
        digest.channel(place, self.id, &self.name);
        for message in self.messages.loaded().unwrap_or_default() {
            message.reduce(self.id, digest);
        }
    }
}

impl Reduce for Account {
    fn reduce(&self, place: i64, digest: &mut Digest) {
        digest.account(place, self.id, &self.email, self.created_at);
        if let Ok(Some(profile)) = self.profile.loaded() {
            profile.reduce(self.id, digest);
        }
    }
}
