//! sea-orm: the entity loader for trees; graphs one statement per level, which is faster than its
//! nested active models.

pub mod entities;
mod rows;
mod write;

use std::hint::black_box;

use futures_util::TryStreamExt;
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectOptions, Database, DatabaseConnection, QueryOrder, QuerySelect};
use sinew_bench::data::{self, Job, NewPost, NewUser};
use sinew_bench::inputs::NewGraph;
use sinew_bench::operations::Seen;
use sinew_bench::{Operations, Reduce, Result, crowd};

use entities::{account, channel, message, post, profile, reading, tag, user};

/// The pool pings a connection that it gets back, after every statement outside a transaction. One
/// connection would have the next statement wait for that.
const CONNECTIONS: u32 = 3;

pub struct SeaOrm {
    db: DatabaseConnection,
}

impl Operations for SeaOrm {
    type User = user::ActiveModel;
    type Graph = NewGraph;
    type Replacement = Vec<i64>;
    type Rename = user::ActiveModel;

    fn user(new: NewUser) -> user::ActiveModel {
        write::user(new)
    }

    fn graph(user: NewUser, posts: Vec<NewPost>) -> NewGraph {
        (user, posts)
    }

    fn replacement(tags: Vec<i64>) -> Vec<i64> {
        tags
    }

    fn rename(id: i64, name: String, email: String) -> user::ActiveModel {
        write::renamed(id, name, email)
    }

    async fn open(place: &str, many: bool) -> Result<Self> {
        let connections = if many { CONNECTIONS + 1 } else { CONNECTIONS };
        let mut options = ConnectOptions::new(place);
        options
            .max_connections(connections)
            .min_connections(connections)
            .test_before_acquire(false)
            .sqlx_logging(false);
        #[cfg(feature = "sqlite")]
        options.map_sqlx_sqlite_opts(|options| {
            let wal = sea_orm::sqlx::sqlite::SqliteJournalMode::Wal;
            let normal = sea_orm::sqlx::sqlite::SqliteSynchronous::Normal;
            options.journal_mode(wal).synchronous(normal)
        });
        let db = Database::connect(options).await?;
        Ok(Self { db })
    }

    async fn by_key(&mut self, id: i64) -> Result<impl Reduce> {
        let found = user::Entity::find_by_id(id).one(&self.db).await?;
        Ok(found.ok_or("no such user")?)
    }

    async fn all(&mut self) -> Result<Vec<impl Reduce>> {
        Ok(user::Entity::find().all(&self.db).await?)
    }

    async fn filtered(&mut self) -> Result<Vec<impl Reduce>> {
        let found = user::Entity::find()
            .filter(user::Column::Age.eq(data::AGE))
            .filter(user::Column::CreatedAt.gte(data::SINCE))
            .order_by_desc(user::Column::Name)
            .limit(100);
        Ok(found.all(&self.db).await?)
    }

    async fn authors(&mut self, most: i64) -> Result<Vec<impl Reduce>> {
        let users = user::Entity::load().filter(user::Column::Id.lte(most));
        Ok(users.with(post::Entity).all(&self.db).await?)
    }

    async fn nested(&mut self, most: i64) -> Result<Vec<impl Reduce>> {
        let users = user::Entity::load().filter(user::Column::Id.lte(most));
        let posts = (post::Entity, entities::comment::Entity);
        Ok(users.with(posts).all(&self.db).await?)
    }

    async fn tagged(&mut self, most: i64) -> Result<Vec<impl Reduce>> {
        let posts = post::Entity::load().filter(post::Column::Id.lte(most));
        Ok(posts.with(tag::Entity).all(&self.db).await?)
    }

    async fn with_users(&mut self) -> Result<Vec<impl Reduce>> {
        let posts = post::Entity::load().with(user::Entity);
        Ok(posts.all(&self.db).await?)
    }

    async fn insert_user(&mut self, user: &mut user::ActiveModel) -> Result<i64> {
        let inserted = user::Entity::insert(std::mem::take(user));
        Ok(inserted.exec(&self.db).await?.last_insert_id)
    }

    async fn insert_users(&mut self, users: &mut Vec<user::ActiveModel>) -> Result<Vec<i64>> {
        Ok(write::users(&self.db, std::mem::take(users)).await?)
    }

    async fn create(&mut self, graph: &mut NewGraph) -> Result<Vec<i64>> {
        let (users, posts) = write::create(&self.db, std::slice::from_ref(graph)).await?;
        Ok(users.into_iter().chain(posts).collect())
    }

    async fn replace(&mut self, tags: &mut Vec<i64>) -> Result<(usize, usize)> {
        Ok(write::replace(&self.db, tags).await?)
    }

    async fn update(&mut self, rename: &mut user::ActiveModel) -> Result<()> {
        let user = std::mem::take(rename);
        let changed = user::Entity::update(user);
        changed.exec_without_returning(&self.db).await?;
        Ok(())
    }

    /// It has no limit for each owner: a query for each.
    async fn newest(&mut self) -> Result<Vec<impl Reduce>> {
        let mut found = Vec::new();
        for channel in channel::Entity::find().all(&self.db).await? {
            let newest = channel
                .find_related(message::Entity)
                .order_by_desc(message::Column::CreatedAt)
                .limit(data::NEWEST);
            let newest = newest.all(&self.db).await?;
            found.push((channel, newest));
        }
        Ok(found)
    }

    async fn accounts(&mut self) -> Result<Vec<impl Reduce>> {
        let accounts = account::Entity::load().with(profile::Entity);
        Ok(accounts.all(&self.db).await?)
    }

    async fn stream(&mut self, most: i64, seen: &mut Seen) -> Result<()> {
        let found = reading::Entity::find().filter(reading::Column::Id.lte(most));
        let mut rows = found.stream(&self.db).await?;
        while let Some(row) = rows.try_next().await? {
            seen.reading(row.id, row.sensor_id, row.value, &row.note, row.created_at);
        }
        Ok(())
    }

    async fn recent_authors(&mut self) -> Result<Vec<impl Reduce>> {
        let recent = post::Column::CreatedAt.gte(data::NEW_POST);
        let found = user::Entity::find().has_related(post::Entity, recent);
        Ok(found.all(&self.db).await?)
    }

    async fn crowd(&mut self, tasks: Vec<Vec<Job>>) -> Result<usize> {
        let task = |jobs| {
            let db = self.db.clone();
            async move {
                let mut failed = 0;
                for job in jobs {
                    failed += usize::from(work(&db, job).await.is_err());
                }
                failed
            }
        };
        Ok(crowd::tasks(tasks, task).await)
    }

    async fn create_many(&mut self, graphs: &mut Vec<NewGraph>) -> Result<Vec<i64>> {
        let (users, _) = write::create(&self.db, graphs).await?;
        Ok(users)
    }
}

async fn work(db: &DatabaseConnection, job: Job) -> Result<()> {
    match job {
        Job::Read(id) => {
            let found = user::Entity::find_by_id(id).one(db).await?;
            black_box(found.ok_or("no such user")?);
        }
        Job::Write(id, name, email) => {
            let user = write::renamed(id, name, email);
            let changed = user::Entity::update(user);
            changed.exec_without_returning(db).await?;
        }
    }
    Ok(())
}
