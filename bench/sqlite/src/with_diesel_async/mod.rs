//! diesel-async: its wrapper around diesel's SQLite connection, which does each statement on a
//! thread for blocking work. It has no insert of many rows: what writes them is diesel's own code, in
//! one visit to that thread.

use std::hint::black_box;

use diesel::prelude::*;
use diesel_async::pooled_connection::{
    AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod, bb8,
};
use diesel_async::sync_connection_wrapper::SyncConnectionWrapper;
use diesel_async::{AsyncConnection, RunQueryDsl, SimpleAsyncConnection};
use futures_util::{FutureExt, TryStreamExt};
use sinew_bench::data::{self, Job, NewPost, NewUser};
use sinew_bench::inputs::NewGraph;
use sinew_bench::operations::Seen;
use sinew_bench::{Operations, Reduce, Result, crowd};

use sinew_bench_diesel::models::{
    self, Account, Channel, Comment, Message, Post, PostTag, Profile, Reading, Rename, Tag, User,
};
use sinew_bench_diesel::schema::{
    accounts, channels, messages, posts, profiles, readings, tags, users,
};

use crate::with_diesel::{PRAGMAS, With, write};

type Connection = SyncConnectionWrapper<SqliteConnection>;

pub struct DieselAsync {
    connection: Connection,
    /// For W17.
    pool: Option<bb8::Pool<Connection>>,
}

async fn establish(place: &str) -> ConnectionResult<Connection> {
    let mut connection = Connection::establish(place).await?;
    connection
        .batch_execute(PRAGMAS)
        .await
        .map_err(ConnectionError::CouldntSetupConfiguration)?;
    Ok(connection)
}

impl DieselAsync {
    async fn first_users(&mut self, most: i64) -> QueryResult<Vec<User>> {
        users::table
            .filter(users::id.le(most))
            .select(User::as_select())
            .load(&mut self.connection)
            .await
    }

    async fn load_authors(&mut self, most: i64) -> QueryResult<Vec<(User, Vec<Post>)>> {
        let users = self.first_users(most).await?;
        let posts = Post::belonging_to(&users)
            .select(Post::as_select())
            .load(&mut self.connection)
            .await?;
        let posts = posts.grouped_by(&users);
        Ok(users.into_iter().zip(posts).collect())
    }

    async fn load_nested(
        &mut self,
        most: i64,
    ) -> QueryResult<Vec<With<User, With<Post, Comment>>>> {
        let users = self.first_users(most).await?;
        let posts: Vec<Post> = Post::belonging_to(&users)
            .select(Post::as_select())
            .load(&mut self.connection)
            .await?;
        let comments: Vec<Comment> = Comment::belonging_to(&posts)
            .select(Comment::as_select())
            .load(&mut self.connection)
            .await?;
        let comments = comments.grouped_by(&posts);
        let posts = posts.into_iter().zip(comments).grouped_by(&users);
        Ok(users.into_iter().zip(posts).collect())
    }

    async fn load_tagged(&mut self, most: i64) -> QueryResult<Vec<(Post, Vec<Tag>)>> {
        let posts: Vec<Post> = posts::table
            .filter(posts::id.le(most))
            .select(Post::as_select())
            .load(&mut self.connection)
            .await?;
        let links: Vec<(PostTag, Tag)> = PostTag::belonging_to(&posts)
            .inner_join(tags::table)
            .select((PostTag::as_select(), Tag::as_select()))
            .load(&mut self.connection)
            .await?;
        let tags = links
            .grouped_by(&posts)
            .into_iter()
            .map(|links| links.into_iter().map(|(_, tag)| tag).collect());
        let tags: Vec<Vec<Tag>> = tags.collect();
        Ok(posts.into_iter().zip(tags).collect())
    }
}

impl Operations for DieselAsync {
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
        let pool = if many {
            let mut config = ManagerConfig::<Connection>::default();
            config.recycling_method = RecyclingMethod::Fast;
            config.custom_setup = Box::new(|place| establish(place).boxed());
            let manager = AsyncDieselConnectionManager::new_with_config(place, config);
            let pool = bb8::Pool::builder()
                .max_size(4)
                .test_on_check_out(false)
                .build(manager);
            Some(pool.await?)
        } else {
            None
        };
        let connection = establish(place).await?;
        Ok(Self { connection, pool })
    }

    async fn by_key(&mut self, id: i64) -> Result<impl Reduce> {
        Ok(find(&mut self.connection, id).await?)
    }

    async fn all(&mut self) -> Result<Vec<impl Reduce>> {
        let users = users::table.select(User::as_select());
        Ok(users.load(&mut self.connection).await?)
    }

    async fn filtered(&mut self) -> Result<Vec<impl Reduce>> {
        let users = users::table
            .filter(
                users::age
                    .eq(data::AGE)
                    .and(users::created_at.ge(data::SINCE)),
            )
            .order_by(users::name.desc())
            .limit(100)
            .select(User::as_select());
        Ok(users.load(&mut self.connection).await?)
    }

    async fn authors(&mut self, most: i64) -> Result<Vec<impl Reduce>> {
        Ok(self.load_authors(most).await?)
    }

    async fn nested(&mut self, most: i64) -> Result<Vec<impl Reduce>> {
        Ok(self.load_nested(most).await?)
    }

    async fn tagged(&mut self, most: i64) -> Result<Vec<impl Reduce>> {
        Ok(self.load_tagged(most).await?)
    }

    async fn with_users(&mut self) -> Result<Vec<impl Reduce>> {
        let found = posts::table
            .inner_join(users::table)
            .select((Post::as_select(), User::as_select()));
        let found: Vec<(Post, User)> = found.load(&mut self.connection).await?;
        Ok(found)
    }

    async fn insert_user(&mut self, user: &mut NewUser) -> Result<i64> {
        let inserted = diesel::insert_into(users::table)
            .values(models::NewUser::from(&*user))
            .returning(users::id);
        Ok(inserted.get_result(&mut self.connection).await?)
    }

    async fn insert_users(&mut self, users: &mut Vec<NewUser>) -> Result<Vec<i64>> {
        let users = std::mem::take(users);
        let work = move |connection: &mut SqliteConnection| write::insert_all(connection, &users);
        Ok(self.connection.spawn_blocking(work).await?)
    }

    async fn create(&mut self, graph: &mut NewGraph) -> Result<Vec<i64>> {
        let (user, posts) = std::mem::take(graph);
        let work =
            move |connection: &mut SqliteConnection| write::create(connection, &user, &posts);
        Ok(self.connection.spawn_blocking(work).await?)
    }

    async fn replace(&mut self, tags: &mut Vec<i64>) -> Result<(usize, usize)> {
        let tags = std::mem::take(tags);
        let work = move |connection: &mut SqliteConnection| write::replace(connection, &tags);
        Ok(self.connection.spawn_blocking(work).await?)
    }

    async fn update(&mut self, rename: &mut Self::Rename) -> Result<()> {
        Ok(update(&mut self.connection, rename).await?)
    }

    /// It has no limit for each owner: a query for each.
    async fn newest(&mut self) -> Result<Vec<impl Reduce>> {
        let channels: Vec<Channel> = channels::table
            .select(Channel::as_select())
            .load(&mut self.connection)
            .await?;
        let mut found = Vec::with_capacity(channels.len());
        for channel in channels {
            let newest: Vec<Message> = Message::belonging_to(&channel)
                .order_by(messages::created_at.desc())
                .limit(data::NEWEST as i64)
                .select(Message::as_select())
                .load(&mut self.connection)
                .await?;
            found.push((channel, newest));
        }
        Ok(found)
    }

    async fn accounts(&mut self) -> Result<Vec<impl Reduce>> {
        let found = accounts::table
            .left_join(profiles::table)
            .select((Account::as_select(), Option::<Profile>::as_select()));
        let found: Vec<(Account, Option<Profile>)> = found.load(&mut self.connection).await?;
        Ok(found)
    }

    async fn stream(&mut self, most: i64, seen: &mut Seen) -> Result<()> {
        let found = readings::table
            .filter(readings::id.le(most))
            .select(Reading::as_select());
        let mut rows = found.load_stream(&mut self.connection).await?;
        while let Some(row) = rows.try_next().await? {
            let row: Reading = row;
            seen.reading(row.id, row.sensor_id, row.value, &row.note, row.created_at);
        }
        Ok(())
    }

    async fn recent_authors(&mut self) -> Result<Vec<impl Reduce>> {
        let recent = posts::table
            .filter(posts::created_at.ge(data::NEW_POST))
            .select(posts::user_id);
        let found = users::table
            .filter(users::id.eq_any(recent))
            .select(User::as_select());
        Ok(found.load(&mut self.connection).await?)
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
        let graphs = std::mem::take(graphs);
        let work = move |connection: &mut SqliteConnection| write::create_many(connection, &graphs);
        Ok(self.connection.spawn_blocking(work).await?)
    }
}

async fn find(connection: &mut Connection, id: i64) -> QueryResult<User> {
    users::table
        .find(id)
        .select(User::as_select())
        .first(connection)
        .await
}

async fn update(
    connection: &mut Connection,
    (id, name, email): &(i64, String, String),
) -> QueryResult<()> {
    let changed = diesel::update(users::table.find(*id))
        .set(Rename { name, email })
        .execute(connection)
        .await?;
    (changed == 1).then_some(()).ok_or(diesel::NotFound)
}

async fn work(pool: &bb8::Pool<Connection>, job: Job) -> Result<()> {
    let mut connection = pool.get().await?;
    match job {
        Job::Read(id) => {
            black_box(find(&mut connection, id).await?);
        }
        Job::Write(id, name, email) => update(&mut connection, &(id, name, email)).await?,
    }
    Ok(())
}
