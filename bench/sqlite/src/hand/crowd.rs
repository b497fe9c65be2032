//! Many tasks at once: a writer that takes turns, and a reader for each worker thread.

use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, Result};
use sinew_bench::crowd;
use sinew_bench::data::Job;

/// Nothing is awaited while a connection is out, so no more are used at once than there are threads.
#[derive(Clone)]
pub struct Pool {
    writer: Arc<Mutex<Connection>>,
    readers: Arc<Mutex<Vec<Connection>>>,
    place: Arc<str>,
}

impl Pool {
    pub fn open(place: &str) -> Result<Self> {
        Ok(Self {
            writer: Arc::new(Mutex::new(super::open(place)?)),
            readers: Arc::new(Mutex::new(Vec::new())),
            place: place.into(),
        })
    }

    pub async fn run(&self, tasks: Vec<Vec<Job>>) -> usize {
        crowd::tasks(tasks, |jobs| {
            let pool = self.clone();
            async move {
                let mut failed = 0;
                for job in jobs {
                    failed += usize::from(pool.work(&job).is_err());
                }
                failed
            }
        })
        .await
    }

    fn work(&self, job: &Job) -> Result<()> {
        match job {
            Job::Read(id) => {
                let free = || self.readers.lock().unwrap_or_else(PoisonError::into_inner);
                let idle = free().pop();
                let connection = idle.map_or_else(|| super::open(&self.place), Ok)?;
                std::hint::black_box(super::find(&connection, *id)?);
                free().push(connection);
            }
            Job::Write(id, name, email) => {
                let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
                super::rename(&writer, *id, name, email)?;
            }
        }
        Ok(())
    }
}
