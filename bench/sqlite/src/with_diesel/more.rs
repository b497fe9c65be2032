//! W13 to W18.

use std::hint::black_box;
use std::thread;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::r2d2::{ConnectionManager, CustomizeConnection};
use sinew_bench::Result;
use sinew_bench::data::{self, Job, NewPost as PostInput};
use sinew_bench::inputs::NewGraph;
use sinew_bench::operations::Seen;

use super::schema::{accounts, channels, messages, post_tags, posts, profiles, readings, users};
use super::{Diesel, NewPost, NewUser, PRAGMAS, PostTag, User, find, rename};

#[derive(Queryable, Selectable, Identifiable)]
#[diesel(table_name = channels)]
pub struct Channel {
    id: i64,
    name: String,
}

#[derive(Queryable, Selectable, Identifiable, Associations)]
#[diesel(table_name = messages, belongs_to(Channel))]
pub struct Message {
    id: i64,
    channel_id: i64,
    body: String,
    created_at: i64,
}

#[derive(Queryable, Selectable, Identifiable)]
#[diesel(table_name = accounts)]
pub struct Account {
    id: i64,
    email: String,
    created_at: i64,
}

#[derive(Queryable, Selectable, Identifiable, Associations)]
#[diesel(table_name = profiles, belongs_to(Account))]
pub struct Profile {
    id: i64,
    account_id: i64,
    bio: String,
    website: String,
}

sinew_bench::reduce!(channel: Channel, message: Message, account: Account, profile: Profile);

#[derive(Queryable, Selectable)]
#[diesel(table_name = readings)]
pub struct Reading {
    id: i64,
    sensor_id: i64,
    value: i64,
    note: String,
    created_at: i64,
}

impl Diesel {
    /// It has no limit for each owner: a query for each.
    pub(super) fn load_newest(&mut self) -> QueryResult<Vec<(Channel, Vec<Message>)>> {
        let channels = channels::table
            .select(Channel::as_select())
            .load(&mut self.connection)?;
        let newest = |channel: Channel| {
            let messages = Message::belonging_to(&channel)
                .order_by(messages::created_at.desc())
                .limit(data::NEWEST as i64)
                .select(Message::as_select())
                .load(&mut self.connection)?;
            Ok((channel, messages))
        };
        channels.into_iter().map(newest).collect()
    }

    /// Its guide's form of a has-one: a join to the one child.
    pub(super) fn load_accounts(&mut self) -> QueryResult<Vec<(Account, Option<Profile>)>> {
        accounts::table
            .left_join(profiles::table)
            .select((Account::as_select(), Option::<Profile>::as_select()))
            .load(&mut self.connection)
    }

    pub(super) fn stream_readings(&mut self, most: i64, seen: &mut Seen) -> QueryResult<()> {
        let rows = readings::table
            .filter(readings::id.le(most))
            .select(Reading::as_select())
            .load_iter(&mut self.connection)?;
        for row in rows {
            let Reading {
                id,
                sensor_id,
                value,
                note,
                created_at,
            } = row?;
            seen.reading(id, sensor_id, value, &note, created_at);
        }
        Ok(())
    }

    pub(super) fn load_recent_authors(&mut self) -> QueryResult<Vec<User>> {
        let recent = posts::table
            .filter(posts::created_at.ge(data::NEW_POST))
            .select(posts::user_id);
        users::table
            .filter(users::id.eq_any(recent))
            .select(User::as_select())
            .load(&mut self.connection)
    }

    /// A batch per level, as large as the parameters of a statement allow.
    pub(super) fn create_graphs(&mut self, graphs: &[NewGraph]) -> QueryResult<Vec<i64>> {
        self.connection.transaction(|connection| {
            let new: Vec<NewUser<'_>> = graphs.iter().map(|(user, _)| user.into()).collect();
            let ids: Vec<i64> = diesel::insert_into(users::table)
                .values(&new)
                .returning(users::id)
                .get_results(connection)?;
            let new: Vec<&PostInput> = graphs.iter().flat_map(|(_, posts)| posts).collect();
            let owners = graphs.iter().zip(&ids);
            let owners = owners.flat_map(|((_, posts), id)| posts.iter().map(move |_| *id));
            let rows = owners.zip(&new).map(|(user_id, post)| NewPost {
                user_id,
                title: &post.title,
                body: &post.body,
                created_at: post.created_at,
            });
            let post_ids: Vec<i64> = diesel::insert_into(posts::table)
                .values(rows.collect::<Vec<_>>())
                .returning(posts::id)
                .get_results(connection)?;
            let links = new.iter().zip(&post_ids).flat_map(|(post, &post_id)| {
                let link = move |tag_id| PostTag { post_id, tag_id };
                post.tags.into_iter().map(link)
            });
            diesel::insert_into(post_tags::table)
                .values(links.collect::<Vec<_>>())
                .execute(connection)?;
            Ok(ids)
        })
    }
}

/// r2d2's pool, and a thread for each task: nothing in it is async.
pub struct Pool(diesel::r2d2::Pool<ConnectionManager<SqliteConnection>>);

#[derive(Debug)]
struct Pragmas;

impl CustomizeConnection<SqliteConnection, diesel::r2d2::Error> for Pragmas {
    fn on_acquire(&self, connection: &mut SqliteConnection) -> Result<(), diesel::r2d2::Error> {
        connection
            .batch_execute(PRAGMAS)
            .map_err(diesel::r2d2::Error::QueryError)
    }
}

impl Pool {
    pub fn open(place: &str) -> Result<Self> {
        let pool = diesel::r2d2::Pool::builder()
            .max_size(4)
            .test_on_check_out(false)
            .connection_customizer(Box::new(Pragmas))
            .build(ConnectionManager::new(place))?;
        Ok(Self(pool))
    }

    pub async fn run(&self, tasks: Vec<Vec<Job>>) -> usize {
        thread::scope(|scope| {
            let running: Vec<_> = tasks
                .into_iter()
                .map(|jobs| {
                    scope.spawn(move || {
                        let failed = jobs.iter().filter(|job| self.work(job).is_err());
                        failed.count()
                    })
                })
                .collect();
            let failed = running.into_iter().map(|task| task.join().unwrap_or(1));
            failed.sum()
        })
    }

    fn work(&self, job: &Job) -> Result<()> {
        let mut connection = self.0.get()?;
        match job {
            Job::Read(id) => {
                black_box(find(&mut connection, *id)?);
            }
            Job::Write(id, name, email) => rename(&mut connection, *id, name, email)?,
        }
        Ok(())
    }
}
