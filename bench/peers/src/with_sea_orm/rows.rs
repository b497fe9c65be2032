//! How its rows are compared with those of others.

use sinew_bench::{Digest, Reduce};

use super::entities::{account, channel, comment, message, post, profile, tag, user};

sinew_bench::reduce!(
    user: user::Model,
    comment: comment::ModelEx,
    tag: tag::ModelEx,
    channel: channel::Model,
    message: message::Model,
    profile: profile::ModelEx,
);

/// What is loaded counts; what should be and is not, is missed.
impl Reduce for user::ModelEx {
    fn reduce(&self, place: i64, digest: &mut Digest) {
        digest.user(
            place,
            self.id,
            &self.name,
            &self.email,
            self.age,
            self.created_at,
        );
        for post in self.posts.iter() {
            post.reduce(self.id, digest);
        }
    }
}

impl Reduce for post::ModelEx {
    fn reduce(&self, owner: i64, digest: &mut Digest) {
        digest.post(
            owner,
            self.id,
            self.user_id,
            &self.title,
            &self.body,
            self.created_at,
        );
        for comment in self.comments.iter() {
            comment.reduce(self.id, digest);
        }
        for tag in self.tags.iter() {
            tag.reduce(self.id, digest);
        }
        if let Some(user) = self.user.as_ref() {
            user.reduce(self.id, digest);
        }
    }
}

impl Reduce for account::ModelEx {
    fn reduce(&self, place: i64, digest: &mut Digest) {
        digest.account(place, self.id, &self.email, self.created_at);
        if let Some(profile) = self.profile.as_ref() {
            profile.reduce(self.id, digest);
        }
    }
}
