//! What it reads. `go!` waits where the connection is one that is waited for.

use diesel::prelude::*;
use sinew_bench::Result;
use sinew_bench::data;

use super::{Diesel, Link, RunQueryDsl};
use crate::models::{Account, Channel, Comment, Message, Post, PostTag, Profile, Tag, User};
use crate::schema::{accounts, channels, messages, posts, profiles, tags, users};

pub async fn find(connection: &mut Link, id: i64) -> Result<User> {
    let user = users::table.find(id).select(User::as_select());
    Ok(go!(user.first(connection))?)
}

impl Diesel {
    pub(super) async fn load(&mut self) -> Result<Vec<User>> {
        let users = users::table.select(User::as_select());
        Ok(go!(users.load(&mut self.connection))?)
    }

    pub(super) async fn load_filtered(&mut self) -> Result<Vec<User>> {
        let condition = users::age
            .eq(data::AGE)
            .and(users::created_at.ge(data::SINCE));
        let users = users::table
            .filter(condition)
            .order_by(users::name.desc())
            .limit(100)
            .select(User::as_select());
        Ok(go!(users.load(&mut self.connection))?)
    }

    async fn first_users(&mut self, most: i64) -> Result<Vec<User>> {
        let users = users::table
            .filter(users::id.le(most))
            .select(User::as_select());
        Ok(go!(users.load(&mut self.connection))?)
    }

    pub(super) async fn load_authors(&mut self, most: i64) -> Result<Vec<(User, Vec<Post>)>> {
        let users = self.first_users(most).await?;
        let posts = Post::belonging_to(&users).select(Post::as_select());
        let posts: Vec<Post> = go!(posts.load(&mut self.connection))?;
        let posts = posts.grouped_by(&users);
        Ok(users.into_iter().zip(posts).collect())
    }

    pub(super) async fn load_nested(
        &mut self,
        most: i64,
    ) -> Result<Vec<(User, Vec<(Post, Vec<Comment>)>)>> {
        let users = self.first_users(most).await?;
        let posts = Post::belonging_to(&users).select(Post::as_select());
        let posts: Vec<Post> = go!(posts.load(&mut self.connection))?;
        let comments = Comment::belonging_to(&posts).select(Comment::as_select());
        let comments: Vec<Comment> = go!(comments.load(&mut self.connection))?;
        let comments = comments.grouped_by(&posts);
        let posts = posts.into_iter().zip(comments).grouped_by(&users);
        Ok(users.into_iter().zip(posts).collect())
    }

    pub(super) async fn load_tagged(&mut self, most: i64) -> Result<Vec<(Post, Vec<Tag>)>> {
        let posts = posts::table
            .filter(posts::id.le(most))
            .select(Post::as_select());
        let posts: Vec<Post> = go!(posts.load(&mut self.connection))?;
        let links = PostTag::belonging_to(&posts)
            .inner_join(tags::table)
            .select((PostTag::as_select(), Tag::as_select()));
        let links: Vec<(PostTag, Tag)> = go!(links.load(&mut self.connection))?;
        let tags = |links: Vec<(PostTag, Tag)>| links.into_iter().map(|(_, tag)| tag).collect();
        let tags: Vec<Vec<Tag>> = links.grouped_by(&posts).into_iter().map(tags).collect();
        Ok(posts.into_iter().zip(tags).collect())
    }

    pub(super) async fn load_with_users(&mut self) -> Result<Vec<(Post, User)>> {
        let posts = posts::table
            .inner_join(users::table)
            .select((Post::as_select(), User::as_select()));
        Ok(go!(posts.load(&mut self.connection))?)
    }

    /// It has no limit for each owner: a query for each.
    pub(super) async fn load_newest(&mut self) -> Result<Vec<(Channel, Vec<Message>)>> {
        let channels = channels::table.select(Channel::as_select());
        let channels: Vec<Channel> = go!(channels.load(&mut self.connection))?;
        let mut found = Vec::with_capacity(channels.len());
        for channel in channels {
            let newest = Message::belonging_to(&channel)
                .order_by(messages::created_at.desc())
                .limit(data::NEWEST as i64)
                .select(Message::as_select());
            let newest: Vec<Message> = go!(newest.load(&mut self.connection))?;
            found.push((channel, newest));
        }
        Ok(found)
    }

    /// Its guide's form of a has-one: a join to the one child.
    pub(super) async fn load_accounts(&mut self) -> Result<Vec<(Account, Option<Profile>)>> {
        let accounts = accounts::table
            .left_join(profiles::table)
            .select((Account::as_select(), Option::<Profile>::as_select()));
        Ok(go!(accounts.load(&mut self.connection))?)
    }

    pub(super) async fn load_recent_authors(&mut self) -> Result<Vec<User>> {
        let recent = posts::table
            .filter(posts::created_at.ge(data::NEW_POST))
            .select(posts::user_id);
        let users = users::table
            .filter(users::id.eq_any(recent))
            .select(User::as_select());
        Ok(go!(users.load(&mut self.connection))?)
    }
}
