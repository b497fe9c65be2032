//! diesel, as its guides write it: `belonging_to` and `grouped_by`, batch inserts that return
//! their keys.

pub mod more;
mod operations;
pub mod write;

use diesel::prelude::*;
use sinew_bench::data;

use sinew_bench_diesel::models::{Comment, Post, PostTag, Tag, User};
use sinew_bench_diesel::schema::{posts, tags, users};

use more::Pool;

/// A row with what belongs to it.
pub type With<T, U> = (T, Vec<U>);

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

    fn load_nested(&mut self, most: i64) -> QueryResult<Vec<With<User, With<Post, Comment>>>> {
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
}

fn find(connection: &mut SqliteConnection, id: i64) -> QueryResult<User> {
    users::table
        .find(id)
        .select(User::as_select())
        .first(connection)
}
