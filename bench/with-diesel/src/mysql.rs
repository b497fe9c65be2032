//! diesel on the C library of MySQL's clients.

use std::hint::black_box;

use diesel::connection::DefaultLoadingMode;
pub use diesel::connection::TransactionManager;
use diesel::prelude::*;
use diesel::r2d2::{ConnectionManager, Pool};
pub use diesel::{Connection, MysqlConnection as Link, RunQueryDsl};
use futures_util::FutureExt;
use sinew_bench::Result;
use sinew_bench::data::Job;
use sinew_bench::operations::Seen;

use crate::models::Reading;
use crate::schema::readings;
use crate::threads;

/// Nothing is waited for.
macro_rules! go {
    ($work:expr) => {
        $work
    };
}

#[path = "operations.rs"]
mod operations;
#[path = "reads.rs"]
mod reads;
#[path = "counting.rs"]
mod returning;
#[path = "writes.rs"]
mod writes;

pub struct Diesel {
    connection: Link,
    /// For W17.
    pool: Option<Pool<ConnectionManager<Link>>>,
}

impl Diesel {
    async fn connect(place: &str, many: bool) -> Result<Self> {
        let connection = Link::establish(place)?;
        let pool = many.then(|| threads::pool(place)).transpose()?;
        Ok(Self { connection, pool })
    }

    async fn stream_readings(&mut self, most: i64, seen: &mut Seen) -> Result<()> {
        let rows = readings::table
            .filter(readings::id.le(most))
            .select(Reading::as_select())
            .load_iter::<Reading, DefaultLoadingMode>(&mut self.connection)?;
        for row in rows {
            let row = row?;
            seen.reading(row.id, row.sensor_id, row.value, &row.note, row.created_at);
        }
        Ok(())
    }

    async fn work(&mut self, tasks: Vec<Vec<Job>>) -> Result<usize> {
        let pool = self.pool.as_ref().ok_or("opened for one task alone")?;
        Ok(threads::run(pool, tasks, work))
    }
}

/// What waits for nothing is ready at once.
fn work(connection: &mut Link, job: &Job) -> Result<()> {
    let outcome = match job {
        Job::Read(id) => {
            let found = reads::find(connection, *id).now_or_never();
            found.map(|found| found.map(|user| drop(black_box(user))))
        }
        Job::Write(id, name, email) => writes::rename(connection, *id, name, email).now_or_never(),
    };
    outcome.ok_or("it waited")?
}
