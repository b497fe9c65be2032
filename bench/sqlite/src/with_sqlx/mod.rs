//! sqlx by hand: the statements of the hand-written driver, as far as they need no visit for every
//! row; decoded by position, as its checked macros do.

mod write;

use std::collections::HashMap;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use futures_util::TryStreamExt;
use sinew_bench::data::{self, Job, NewPost, NewUser};
use sinew_bench::group::group;
use sinew_bench::inputs::NewGraph;
use sinew_bench::operations::Seen;
use sinew_bench::{Operations, Reduce, Result, crowd};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteRow, SqliteSynchronous,
};
use sqlx::{ConnectOptions, Row, SqliteExecutor, query};

use sinew_bench_sqlx::sqlite::rows::{
    Account, Channel, Comment, Message, Post, Profile, Reading, Tag, User,
};

/// A row with what belongs to it.
type With<T, U> = (T, Vec<U>);

pub struct Sqlx {
    connection: SqliteConnection,
    /// For W17.
    pool: Option<SqlitePool>,
}

const FIRST_USERS: &str = "SELECT id, name, email, age, created_at FROM users WHERE id <= ?";
const THEIR_POSTS: &str = "SELECT id, user_id, title, body, created_at FROM posts \
                           WHERE user_id IN (SELECT id FROM users WHERE id <= ?)";

impl Sqlx {
    async fn load_authors(&mut self, most: i64) -> Result<Vec<(User, Vec<Post>)>> {
        let users = query(FIRST_USERS).bind(most).try_map(User::read);
        let users = users.fetch_all(&mut self.connection).await?;
        let posts = query(THEIR_POSTS).bind(most).try_map(Post::read);
        let posts = posts.fetch_all(&mut self.connection).await?;
        Ok(group(users, posts, |user| user.id, |post| post.user_id))
    }

    async fn load_nested(&mut self, most: i64) -> Result<Vec<With<User, With<Post, Comment>>>> {
        let users = query(FIRST_USERS).bind(most).try_map(User::read);
        let users = users.fetch_all(&mut self.connection).await?;
        let posts = query(THEIR_POSTS).bind(most).try_map(Post::read);
        let posts = posts.fetch_all(&mut self.connection).await?;
        let comments = query(
            "SELECT id, post_id, body, created_at FROM comments WHERE post_id IN \
             (SELECT id FROM posts WHERE user_id IN (SELECT id FROM users WHERE id <= ?))",
        );
        let comments = comments.bind(most).try_map(Comment::read);
        let comments = comments.fetch_all(&mut self.connection).await?;
        let posts = group(posts, comments, |post| post.id, |comment| comment.post_id);
        Ok(group(
            users,
            posts,
            |user| user.id,
            |(post, _)| post.user_id,
        ))
    }

    async fn load_tagged(&mut self, most: i64) -> Result<Vec<(Post, Vec<Tag>)>> {
        let connection = &mut self.connection;
        let posts = query("SELECT id, user_id, title, body, created_at FROM posts WHERE id <= ?");
        let posts = posts.bind(most).try_map(Post::read);
        let posts = posts.fetch_all(&mut *connection).await?;
        let links = query(
            "SELECT post_id, tag_id FROM post_tags \
             WHERE post_id IN (SELECT id FROM posts WHERE id <= ?)",
        );
        let links = links.bind(most);
        let links = links.try_map(|row: SqliteRow| Ok((row.try_get(0)?, row.try_get(1)?)));
        let links: Vec<(i64, i64)> = links.fetch_all(&mut *connection).await?;
        let tags = query(
            "SELECT id, name FROM tags WHERE id IN (SELECT tag_id FROM post_tags \
             WHERE post_id IN (SELECT id FROM posts WHERE id <= ?))",
        );
        let tags = tags.bind(most).try_map(Tag::read);
        let tags = tags.fetch_all(&mut *connection).await?;
        let tags: HashMap<i64, Tag> = tags.into_iter().map(|tag| (tag.id, tag)).collect();
        let linked = links
            .into_iter()
            .filter_map(|(post, tag)| Some((post, tags.get(&tag)?.clone())));
        let grouped = group(posts, linked.collect(), |post| post.id, |link| link.0);
        let tags = |(post, links): (Post, Vec<(i64, Tag)>)| {
            (post, links.into_iter().map(|(_, tag)| tag).collect())
        };
        Ok(grouped.into_iter().map(tags).collect())
    }

    async fn load_with_users(&mut self) -> Result<Vec<(Post, Option<Arc<User>>)>> {
        let users = query(
            "SELECT id, name, email, age, created_at FROM users \
             WHERE id IN (SELECT user_id FROM posts)",
        );
        let users = users.try_map(User::read);
        let users = users.fetch_all(&mut self.connection).await?;
        let users = users.into_iter().map(|user| (user.id, Arc::new(user)));
        let users: HashMap<i64, Arc<User>> = users.collect();
        let posts = query("SELECT id, user_id, title, body, created_at FROM posts");
        let posts = posts.try_map(Post::read);
        let posts = posts.fetch_all(&mut self.connection).await?;
        let with_user = |post: Post| {
            let user = users.get(&post.user_id).cloned();
            (post, user)
        };
        Ok(posts.into_iter().map(with_user).collect())
    }
}

impl Operations for Sqlx {
    type User = NewUser;
    type Graph = NewGraph;
    type Replacement = Vec<i64>;
    type Rename = (i64, String, String);

    fn user(new: NewUser) -> NewUser {
        new
    }

    fn graph(user: NewUser, posts: Vec<NewPost>) -> NewGraph {
        (user, posts)
    }

    fn replacement(tags: Vec<i64>) -> Vec<i64> {
        tags
    }

    fn rename(id: i64, name: String, email: String) -> Self::Rename {
        (id, name, email)
    }

    async fn open(place: &str, many: bool) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(place)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(Duration::from_secs(5))
            .disable_statement_logging();
        let pool = if many {
            let pool = SqlitePoolOptions::new()
                .max_connections(4)
                .test_before_acquire(false);
            Some(pool.connect_with(options.clone()).await?)
        } else {
            None
        };
        let connection = options.connect().await?;
        Ok(Self { connection, pool })
    }

    async fn by_key(&mut self, id: i64) -> Result<impl Reduce> {
        find(&mut self.connection, id).await
    }

    async fn all(&mut self) -> Result<Vec<impl Reduce>> {
        let users = query("SELECT id, name, email, age, created_at FROM users");
        let users = users.try_map(User::read);
        Ok(users.fetch_all(&mut self.connection).await?)
    }

    async fn filtered(&mut self) -> Result<Vec<impl Reduce>> {
        let users = query(
            "SELECT id, name, email, age, created_at FROM users \
             WHERE age = ? AND created_at >= ? ORDER BY name DESC LIMIT 100",
        );
        let users = users.bind(data::AGE).bind(data::SINCE).try_map(User::read);
        Ok(users.fetch_all(&mut self.connection).await?)
    }

    async fn authors(&mut self, most: i64) -> Result<Vec<impl Reduce>> {
        self.load_authors(most).await
    }

    async fn nested(&mut self, most: i64) -> Result<Vec<impl Reduce>> {
        self.load_nested(most).await
    }

    async fn tagged(&mut self, most: i64) -> Result<Vec<impl Reduce>> {
        self.load_tagged(most).await
    }

    async fn with_users(&mut self) -> Result<Vec<impl Reduce>> {
        self.load_with_users().await
    }

    async fn insert_user(&mut self, user: &mut NewUser) -> Result<i64> {
        let inserted = query(write::INSERT_USER)
            .bind(&user.name)
            .bind(&user.email)
            .bind(user.age)
            .bind(user.created_at);
        let done = inserted.execute(&mut self.connection).await?;
        Ok(done.last_insert_rowid())
    }

    async fn insert_users(&mut self, users: &mut Vec<NewUser>) -> Result<Vec<i64>> {
        write::users(&mut self.connection, users.iter()).await
    }

    async fn create(&mut self, graph: &mut NewGraph) -> Result<Vec<i64>> {
        let graphs = std::slice::from_ref(graph);
        let (users, posts) = write::create(&mut self.connection, graphs).await?;
        Ok(users.into_iter().chain(posts).collect())
    }

    async fn replace(&mut self, tags: &mut Vec<i64>) -> Result<(usize, usize)> {
        write::replace(&mut self.connection, tags).await
    }

    async fn update(&mut self, rename: &mut Self::Rename) -> Result<()> {
        write::rename(&mut self.connection, rename).await
    }

    async fn newest(&mut self) -> Result<Vec<impl Reduce>> {
        let channels = query("SELECT id, name FROM channels").try_map(Channel::read);
        let channels = channels.fetch_all(&mut self.connection).await?;
        let messages = query(
            "SELECT m.id, m.channel_id, m.body, m.created_at FROM channels c \
             CROSS JOIN messages m ON m.id IN (SELECT id FROM messages WHERE channel_id = c.id \
             ORDER BY created_at DESC LIMIT 3)",
        );
        let messages = messages.try_map(Message::read);
        let messages = messages.fetch_all(&mut self.connection).await?;
        let (key, owner) = (|c: &Channel| c.id, |m: &Message| m.channel_id);
        Ok(group(channels, messages, key, owner))
    }

    async fn accounts(&mut self) -> Result<Vec<impl Reduce>> {
        let accounts = query("SELECT id, email, created_at FROM accounts");
        let accounts = accounts.try_map(Account::read);
        let accounts = accounts.fetch_all(&mut self.connection).await?;
        let profiles = query(
            "SELECT id, account_id, bio, website FROM profiles \
             WHERE account_id IN (SELECT id FROM accounts)",
        );
        let profiles = profiles.try_map(Profile::read);
        let profiles = profiles.fetch_all(&mut self.connection).await?;
        let profiles = profiles.into_iter().map(|own| (own.account_id, own));
        let mut profiles: HashMap<i64, Profile> = profiles.collect();
        let with_profile = |account: Account| {
            let profile = profiles.remove(&account.id);
            (account, profile)
        };
        Ok(accounts.into_iter().map(with_profile).collect::<Vec<_>>())
    }

    async fn stream(&mut self, most: i64, seen: &mut Seen) -> Result<()> {
        let found =
            query("SELECT id, sensor_id, value, note, created_at FROM readings WHERE id <= ?");
        let found = found.bind(most).try_map(Reading::read);
        let mut rows = found.fetch(&mut self.connection);
        while let Some(row) = rows.try_next().await? {
            seen.reading(row.id, row.sensor_id, row.value, &row.note, row.created_at);
        }
        Ok(())
    }

    async fn recent_authors(&mut self) -> Result<Vec<impl Reduce>> {
        let users = query(
            "SELECT id, name, email, age, created_at FROM users \
             WHERE id IN (SELECT user_id FROM posts WHERE created_at >= ?)",
        );
        let users = users.bind(data::NEW_POST).try_map(User::read);
        Ok(users.fetch_all(&mut self.connection).await?)
    }

    async fn crowd(&mut self, tasks: Vec<Vec<Job>>) -> Result<usize> {
        let pool = self.pool.as_ref().ok_or("opened for one task alone")?;
        let task = |jobs| {
            let pool = pool.clone();
            async move {
                let mut failed = 0;
                for job in jobs {
                    failed += usize::from(work(&pool, job).await.is_err());
                }
                failed
            }
        };
        Ok(crowd::tasks(tasks, task).await)
    }

    async fn create_many(&mut self, graphs: &mut Vec<NewGraph>) -> Result<Vec<i64>> {
        let (users, _) = write::create(&mut self.connection, graphs).await?;
        Ok(users)
    }
}

async fn find(executor: impl SqliteExecutor<'_>, id: i64) -> Result<User> {
    let user = query("SELECT id, name, email, age, created_at FROM users WHERE id = ?");
    Ok(user
        .bind(id)
        .try_map(User::read)
        .fetch_one(executor)
        .await?)
}

async fn work(pool: &SqlitePool, job: Job) -> Result<()> {
    match job {
        Job::Read(id) => {
            black_box(find(pool, id).await?);
        }
        Job::Write(id, name, email) => write::rename(pool, &(id, name, email)).await?,
    }
    Ok(())
}
