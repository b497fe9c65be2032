//! W13 to W18.

use std::hint::black_box;
use std::thread;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::r2d2::{ConnectionManager, CustomizeConnection};
use sinew_bench::Result;
use sinew_bench::data::{self, Job};
use sinew_bench::operations::Seen;

use sinew_bench_diesel::models::{Account, Channel, Message, Profile, Reading, User};
use sinew_bench_diesel::schema::{accounts, channels, messages, posts, profiles, readings, users};

use super::write::rename;
use super::{Diesel, PRAGMAS, find};

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
