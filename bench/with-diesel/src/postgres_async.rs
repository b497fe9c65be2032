//! diesel-async, which is on tokio-postgres.

use std::hint::black_box;

use diesel::prelude::*;
use diesel_async::pooled_connection::{
    AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod, bb8::Pool,
};
pub use diesel_async::{
    AsyncConnection as Connection, AsyncPgConnection as Link, RunQueryDsl, TransactionManager,
};
use futures_util::TryStreamExt;
use sinew_bench::data::Job;
use sinew_bench::operations::Seen;
use sinew_bench::{Result, crowd};

use crate::models::Reading;
use crate::schema::readings;

macro_rules! go {
    ($work:expr) => {
        $work.await
    };
}

#[path = "operations.rs"]
mod operations;
#[path = "reads.rs"]
mod reads;
#[path = "returning.rs"]
mod returning;
#[path = "writes.rs"]
mod writes;

pub struct Diesel {
    connection: Link,
    /// For W17.
    pool: Option<Pool<Link>>,
}

impl Diesel {
    async fn connect(place: &str, many: bool) -> Result<Self> {
        let pool = if many {
            let mut config = ManagerConfig::<Link>::default();
            config.recycling_method = RecyclingMethod::Fast;
            let manager = AsyncDieselConnectionManager::new_with_config(place, config);
            let pool = Pool::builder().max_size(4).test_on_check_out(false);
            Some(pool.build(manager).await?)
        } else {
            None
        };
        let connection = Link::establish(place).await?;
        Ok(Self { connection, pool })
    }

    async fn stream_readings(&mut self, most: i64, seen: &mut Seen) -> Result<()> {
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

    async fn work(&mut self, tasks: Vec<Vec<Job>>) -> Result<usize> {
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
}

async fn work(pool: &Pool<Link>, job: Job) -> Result<()> {
    let mut connection = pool.get().await?;
    match job {
        Job::Read(id) => {
            black_box(reads::find(&mut connection, id).await?);
        }
        Job::Write(id, name, email) => {
            writes::rename(&mut connection, id, &name, &email).await?;
        }
    }
    Ok(())
}
