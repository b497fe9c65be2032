//! diesel, as its guides write it: `belonging_to` and `grouped_by`, batch inserts that return
//! their keys.

mod more;
mod operations;
pub mod schema;

use diesel::prelude::*;
use sinew_bench::data::{self, NewPost as PostInput, NewUser as UserInput};

use more::Pool;
use schema::{comments, post_tags, posts, tags, users};

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

sinew_bench::reduce!(user: User, post: Post, comment: Comment, tag: Tag);

pub const PRAGMAS: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; \
                           PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;";

pub struct Diesel {
    connection: SqliteConnection,
    /// What W17 takes its connections from.
    pool: Option<Pool>,
}

impl Diesel {
    fn load(&mut self) -> QueryResult<Vec<User>> {
        users::table
            .select(User::as_select())
            .load(&mut self.connection)
    }

    fn load_filtered(&mut self) -> QueryResult<Vec<User>> {
        users::table
            .filter(
                users::age
                    .eq(data::AGE)
                    .and(users::created_at.ge(data::SINCE)),
            )
            .order_by(users::name.desc())
            .limit(100)
            .select(User::as_select())
            .load(&mut self.connection)
    }

    fn first_users(&mut self, most: i64) -> QueryResult<Vec<User>> {
        users::table
            .filter(users::id.le(most))
            .select(User::as_select())
            .load(&mut self.connection)
    }

    fn load_authors(&mut self, most: i64) -> QueryResult<Vec<(User, Vec<Post>)>> {
        let users = self.first_users(most)?;
        let posts = Post::belonging_to(&users)
            .select(Post::as_select())
            .load(&mut self.connection)?;
        let posts = posts.grouped_by(&users);
        Ok(users.into_iter().zip(posts).collect())
    }

    fn load_nested(&mut self, most: i64) -> QueryResult<Vec<(User, Vec<(Post, Vec<Comment>)>)>> {
        let users = self.first_users(most)?;
        let posts: Vec<Post> = Post::belonging_to(&users)
            .select(Post::as_select())
            .load(&mut self.connection)?;
        let comments: Vec<Comment> = Comment::belonging_to(&posts)
            .select(Comment::as_select())
            .load(&mut self.connection)?;
        let comments = comments.grouped_by(&posts);
        let posts = posts.into_iter().zip(comments).grouped_by(&users);
        Ok(users.into_iter().zip(posts).collect())
    }

    fn load_tagged(&mut self, most: i64) -> QueryResult<Vec<(Post, Vec<Tag>)>> {
        let posts: Vec<Post> = posts::table
            .filter(posts::id.le(most))
            .select(Post::as_select())
            .load(&mut self.connection)?;
        let links: Vec<(PostTag, Tag)> = PostTag::belonging_to(&posts)
            .inner_join(tags::table)
            .select((PostTag::as_select(), Tag::as_select()))
            .load(&mut self.connection)?;
        let grouped = links.grouped_by(&posts);
        let tags = grouped
            .into_iter()
            .map(|links| links.into_iter().map(|(_, tag)| tag).collect());
        Ok(posts.into_iter().zip(tags).collect())
    }

    fn load_with_users(&mut self) -> QueryResult<Vec<(Post, User)>> {
        posts::table
            .inner_join(users::table)
            .select((Post::as_select(), User::as_select()))
            .load(&mut self.connection)
    }

    fn insert(&mut self, user: &UserInput) -> QueryResult<i64> {
        diesel::insert_into(users::table)
            .values(NewUser::from(user))
            .returning(users::id)
            .get_result(&mut self.connection)
    }

    fn insert_all(&mut self, users: &[UserInput]) -> QueryResult<Vec<i64>> {
        let users: Vec<NewUser<'_>> = users.iter().map(NewUser::from).collect();
        diesel::insert_into(users::table)
            .values(&users)
            .returning(users::id)
            .get_results(&mut self.connection)
    }

    fn create_graph(&mut self, user: &UserInput, posts: &[PostInput]) -> QueryResult<Vec<i64>> {
        self.connection.transaction(|connection| {
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

    fn replace_tags(&mut self, wanted: &[i64]) -> QueryResult<(usize, usize)> {
        self.connection.immediate_transaction(|connection| {
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
}

fn find(connection: &mut SqliteConnection, id: i64) -> QueryResult<User> {
    users::table
        .find(id)
        .select(User::as_select())
        .first(connection)
}

fn rename(connection: &mut SqliteConnection, id: i64, name: &str, email: &str) -> QueryResult<()> {
    let changed = diesel::update(users::table.find(id))
        .set(Rename { name, email })
        .execute(connection)?;
    (changed == 1).then_some(()).ok_or(diesel::NotFound)
}
