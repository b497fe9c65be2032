//! diesel, as its guides write it: `belonging_to` and `grouped_by`, batch inserts that return
//! their keys.

use std::path::Path;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use crate::contender::{Contender, timed};
use crate::data::{self, NewPost as PostInput, NewUser as UserInput, inputs};
use crate::digest::Digest;
use crate::workload::Workload;

diesel::table! {
    users (id) {
        id -> BigInt,
        name -> Text,
        email -> Text,
        age -> Integer,
        created_at -> BigInt,
    }
}

diesel::table! {
    posts (id) {
        id -> BigInt,
        user_id -> BigInt,
        title -> Text,
        body -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    comments (id) {
        id -> BigInt,
        post_id -> BigInt,
        body -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    tags (id) {
        id -> BigInt,
        name -> Text,
    }
}

diesel::table! {
    post_tags (post_id, tag_id) {
        post_id -> BigInt,
        tag_id -> BigInt,
    }
}

diesel::joinable!(posts -> users (user_id));
diesel::joinable!(comments -> posts (post_id));
diesel::joinable!(post_tags -> tags (tag_id));
diesel::joinable!(post_tags -> posts (post_id));
diesel::allow_tables_to_appear_in_same_query!(users, posts, comments, tags, post_tags);

#[derive(Queryable, Selectable, Identifiable)]
#[diesel(table_name = users)]
pub struct User {
    id: i64,
    name: String,
    email: String,
    age: i32,
    created_at: i64,
}

#[derive(Queryable, Selectable, Identifiable, Associations)]
#[diesel(table_name = posts, belongs_to(User))]
pub struct Post {
    id: i64,
    user_id: i64,
    title: String,
    body: String,
    created_at: i64,
}

#[derive(Queryable, Selectable, Identifiable, Associations)]
#[diesel(table_name = comments, belongs_to(Post))]
pub struct Comment {
    id: i64,
    post_id: i64,
    body: String,
    created_at: i64,
}

#[derive(Queryable, Selectable, Identifiable)]
#[diesel(table_name = tags)]
pub struct Tag {
    id: i64,
    name: String,
}

#[derive(Queryable, Selectable, Identifiable, Associations, Insertable)]
#[diesel(table_name = post_tags, primary_key(post_id, tag_id), belongs_to(Post), belongs_to(Tag))]
pub struct PostTag {
    post_id: i64,
    tag_id: i64,
}

#[derive(Insertable)]
#[diesel(table_name = users)]
struct NewUser<'a> {
    name: &'a str,
    email: &'a str,
    age: i32,
    created_at: i64,
}

#[derive(Insertable)]
#[diesel(table_name = posts)]
struct NewPost<'a> {
    user_id: i64,
    title: &'a str,
    body: &'a str,
    created_at: i64,
}

#[derive(AsChangeset)]
#[diesel(table_name = users)]
struct Rename<'a> {
    name: &'a str,
    email: &'a str,
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

pub struct Diesel(SqliteConnection);

impl Diesel {
    pub fn open(path: &Path) -> Result<Self, Box<dyn std::error::Error>> {
        let mut connection = SqliteConnection::establish(&path.to_string_lossy())?;
        connection.batch_execute(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;",
        )?;
        Ok(Self(connection))
    }

    fn by_key(&mut self, id: i64) -> QueryResult<User> {
        users::table
            .find(id)
            .select(User::as_select())
            .first(&mut self.0)
    }

    fn all(&mut self) -> QueryResult<Vec<User>> {
        users::table.select(User::as_select()).load(&mut self.0)
    }

    fn filtered(&mut self) -> QueryResult<Vec<User>> {
        users::table
            .filter(
                users::age
                    .eq(data::AGE)
                    .and(users::created_at.ge(data::SINCE)),
            )
            .order_by(users::name.desc())
            .limit(100)
            .select(User::as_select())
            .load(&mut self.0)
    }

    fn first_users(&mut self, most: i64) -> QueryResult<Vec<User>> {
        users::table
            .filter(users::id.le(most))
            .select(User::as_select())
            .load(&mut self.0)
    }

    fn authors(&mut self, most: i64) -> QueryResult<Vec<(User, Vec<Post>)>> {
        let users = self.first_users(most)?;
        let posts = Post::belonging_to(&users)
            .select(Post::as_select())
            .load(&mut self.0)?;
        let posts = posts.grouped_by(&users);
        Ok(users.into_iter().zip(posts).collect())
    }

    fn nested(&mut self, most: i64) -> QueryResult<Vec<(User, Vec<(Post, Vec<Comment>)>)>> {
        let users = self.first_users(most)?;
        let posts: Vec<Post> = Post::belonging_to(&users)
            .select(Post::as_select())
            .load(&mut self.0)?;
        let comments: Vec<Comment> = Comment::belonging_to(&posts)
            .select(Comment::as_select())
            .load(&mut self.0)?;
        let comments = comments.grouped_by(&posts);
        let posts = posts.into_iter().zip(comments).grouped_by(&users);
        Ok(users.into_iter().zip(posts).collect())
    }

    fn tagged(&mut self, most: i64) -> QueryResult<Vec<(Post, Vec<Tag>)>> {
        let posts: Vec<Post> = posts::table
            .filter(posts::id.le(most))
            .select(Post::as_select())
            .load(&mut self.0)?;
        let links: Vec<(PostTag, Tag)> = PostTag::belonging_to(&posts)
            .inner_join(tags::table)
            .select((PostTag::as_select(), Tag::as_select()))
            .load(&mut self.0)?;
        let grouped = links.grouped_by(&posts);
        let tags = grouped
            .into_iter()
            .map(|links| links.into_iter().map(|(_, tag)| tag).collect());
        Ok(posts.into_iter().zip(tags).collect())
    }

    fn with_users(&mut self) -> QueryResult<Vec<(Post, User)>> {
        posts::table
            .inner_join(users::table)
            .select((Post::as_select(), User::as_select()))
            .load(&mut self.0)
    }

    fn insert_user(&mut self, user: &UserInput) -> QueryResult<i64> {
        diesel::insert_into(users::table)
            .values(NewUser::from(user))
            .returning(users::id)
            .get_result(&mut self.0)
    }

    fn insert_users(&mut self, users: &[UserInput]) -> QueryResult<Vec<i64>> {
        let users: Vec<NewUser<'_>> = users.iter().map(NewUser::from).collect();
        diesel::insert_into(users::table)
            .values(&users)
            .returning(users::id)
            .get_results(&mut self.0)
    }

    fn create(&mut self, user: &UserInput, posts: &[PostInput]) -> QueryResult<Vec<i64>> {
        self.0.transaction(|connection| {
            let user_id: i64 = diesel::insert_into(users::table)
                .values(NewUser::from(user))
                .returning(users::id)
                .get_result(connection)?;
            let rows: Vec<NewPost<'_>> = posts
                .iter()
                .map(
                    |PostInput {
                         title,
                         body,
                         created_at,
                         ..
                     }| NewPost {
                        user_id,
                        title,
                        body,
                        created_at: *created_at,
                    },
                )
                .collect();
            let mut ids: Vec<i64> = diesel::insert_into(posts::table)
                .values(&rows)
                .returning(posts::id)
                .get_results(connection)?;
            let links: Vec<PostTag> = posts
                .iter()
                .zip(&ids)
                .flat_map(|(post, &post_id)| {
                    post.tags
                        .iter()
                        .map(move |&tag_id| PostTag { post_id, tag_id })
                })
                .collect();
            diesel::insert_into(post_tags::table)
                .values(&links)
                .execute(connection)?;
            ids.insert(0, user_id);
            Ok(ids)
        })
    }

    fn replace(&mut self, wanted: &[i64]) -> QueryResult<(usize, usize)> {
        self.0.immediate_transaction(|connection| {
            let links = post_tags::table.filter(post_tags::post_id.eq(data::REPLACED));
            let held: Vec<i64> = links.select(post_tags::tag_id).load(connection)?;
            let gone: Vec<i64> = held
                .iter()
                .copied()
                .filter(|tag| !wanted.contains(tag))
                .collect();
            let removed =
                diesel::delete(links.filter(post_tags::tag_id.eq_any(gone))).execute(connection)?;
            let new: Vec<PostTag> = wanted
                .iter()
                .filter(|tag| !held.contains(tag))
                .map(|&tag_id| PostTag {
                    post_id: data::REPLACED,
                    tag_id,
                })
                .collect();
            let added = diesel::insert_into(post_tags::table)
                .values(&new)
                .execute(connection)?;
            Ok((added, removed))
        })
    }

    fn rename(&mut self, id: i64, name: &str, email: &str) -> QueryResult<usize> {
        diesel::update(users::table.find(id))
            .set(Rename { name, email })
            .execute(&mut self.0)
    }

    fn reduce(&mut self, workload: Workload, digest: &mut Digest) -> QueryResult<()> {
        match workload {
            Workload::FindByKey => self.by_key(4_711)?.reduce(0, digest),
            Workload::LoadAll => self.all()?.iter().for_each(|user| user.reduce(0, digest)),
            Workload::FilterAndOrder => {
                for (place, user) in (0..).zip(self.filtered()?) {
                    user.reduce(place, digest);
                }
            }
            Workload::HasMany => {
                for (user, posts) in self.authors(data::AUTHORS)? {
                    user.reduce(0, digest);
                    posts.iter().for_each(|post| post.reduce(user.id, digest));
                }
            }
            Workload::Nested => {
                for (user, posts) in self.nested(100)? {
                    user.reduce(0, digest);
                    for (post, comments) in posts {
                        post.reduce(user.id, digest);
                        for Comment {
                            id,
                            post_id,
                            body,
                            created_at,
                        } in comments
                        {
                            digest.comment(post.id, id, post_id, &body, created_at);
                        }
                    }
                }
            }
            Workload::ManyToMany => {
                for (post, tags) in self.tagged(1_000)? {
                    post.reduce(0, digest);
                    tags.iter()
                        .for_each(|tag| digest.tag(post.id, tag.id, &tag.name));
                }
            }
            Workload::BelongsTo => {
                for (post, user) in self.with_users()? {
                    post.reduce(0, digest);
                    user.reduce(post.id, digest);
                }
            }
            Workload::InsertOne => digest.number(self.insert_user(&data::new_user(0))?),
            Workload::InsertMany => {
                let users: Vec<_> = (0..1_000).map(data::new_user).collect();
                digest.ids(self.insert_users(&users)?);
            }
            Workload::NestedCreate => {
                digest.ids(self.create(&data::new_user(0), &data::new_posts(0))?);
            }
            Workload::Replace => {
                let (added, removed) = self.replace(&data::replacement(0))?;
                digest.ids([added as i64, removed as i64]);
            }
            Workload::UpdateByKey => {
                let (id, name, email) = data::rename(0);
                digest.number(self.rename(id, &name, &email)? as i64);
            }
        }
        Ok(())
    }
}

impl Contender for Diesel {
    fn name(&self) -> &'static str {
        "diesel"
    }

    fn has(&self, _workload: Workload) -> bool {
        true
    }

    fn check(&mut self, workload: Workload) -> Digest {
        let mut digest = Digest::default();
        self.reduce(workload, &mut digest).expect("diesel works");
        digest
    }

    fn sample(&mut self, workload: Workload, times: usize) -> Duration {
        let once = vec![(); times];
        match workload {
            Workload::FindByKey => timed(inputs::ids(times), |id| self.by_key(*id).unwrap()),
            Workload::LoadAll => timed(once, |()| self.all().unwrap()),
            Workload::FilterAndOrder => timed(once, |()| self.filtered().unwrap()),
            Workload::HasMany => timed(once, |()| self.authors(data::AUTHORS).unwrap()),
            Workload::Nested => timed(once, |()| self.nested(100).unwrap()),
            Workload::ManyToMany => timed(once, |()| self.tagged(1_000).unwrap()),
            Workload::BelongsTo => timed(once, |()| self.with_users().unwrap()),
            Workload::InsertOne => {
                timed(inputs::users(times), |user| self.insert_user(user).unwrap())
            }
            Workload::InsertMany => timed(inputs::thousands(times), |users| {
                self.insert_users(users).unwrap()
            }),
            Workload::NestedCreate => timed(inputs::graphs(times), |(user, posts)| {
                self.create(user, posts).unwrap()
            }),
            Workload::Replace => timed(inputs::replacements(times), |tags| {
                self.replace(tags).unwrap()
            }),
            Workload::UpdateByKey => timed(inputs::renames(times), |(id, name, email)| {
                self.rename(*id, name, email).unwrap()
            }),
        }
    }
}

impl User {
    fn reduce(&self, place: i64, digest: &mut Digest) {
        digest.user(
            place,
            self.id,
            &self.name,
            &self.email,
            self.age,
            self.created_at,
        );
    }
}

impl Post {
    fn reduce(&self, owner: i64, digest: &mut Digest) {
        digest.post(
            owner,
            self.id,
            self.user_id,
            &self.title,
            &self.body,
            self.created_at,
        );
    }
}
