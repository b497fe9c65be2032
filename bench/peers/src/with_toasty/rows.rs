//! How its rows are compared with those of others.

use sinew_bench::{Digest, Keyed, Reduce};

use super::id;
use super::models::{Account, Channel, Message, Post, User};

/// What is loaded counts; what should be and is not, is missed.
impl Reduce for User {
    fn reduce(&self, place: i64, digest: &mut Digest) {
        let key = id(self.id);
        digest.user(
            place,
            key,
            &self.name,
            &self.email,
            self.age,
            self.created_at,
        );
        if !self.posts.is_unloaded() {
            for post in self.posts.get() {
                post.reduce(key, digest);
            }
        }
    }
}

impl Reduce for Post {
    fn reduce(&self, owner: i64, digest: &mut Digest) {
        let key = id(self.id);
        let user = id(self.user_id);
        digest.post(owner, key, user, &self.title, &self.body, self.created_at);
        if !self.comments.is_unloaded() {
            for comment in self.comments.get() {
                let (own, post) = (id(comment.id), id(comment.post_id));
                digest.comment(key, own, post, &comment.body, comment.created_at);
            }
        }
        if !self.tags.is_unloaded() {
            for tag in self.tags.get() {
                digest.tag(key, id(tag.id), &tag.name);
            }
        }
        if !self.user.is_unloaded() {
            self.user.get().reduce(key, digest);
        }
    }
}

impl Reduce for Channel {
    fn reduce(&self, place: i64, digest: &mut Digest) {
        digest.channel(place, id(self.id), &self.name);
    }
}

impl Keyed for Channel {
    fn key(&self) -> i64 {
        id(self.id)
    }
}

impl Reduce for Message {
    fn reduce(&self, owner: i64, digest: &mut Digest) {
        let (key, channel) = (id(self.id), id(self.channel_id));
        digest.message(owner, key, channel, &self.body, self.created_at);
    }
}

impl Reduce for Account {
    fn reduce(&self, place: i64, digest: &mut Digest) {
        let key = id(self.id);
        digest.account(place, key, &self.email, self.created_at);
        if !self.profile.is_unloaded()
            && let Some(profile) = self.profile.get()
        {
            let (own, account) = (id(profile.id), id(profile.account_id));
            digest.profile(key, own, account, &profile.bio, &profile.website);
        }
    }
}
