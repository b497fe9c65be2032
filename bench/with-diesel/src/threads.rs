//! r2d2's pool, and a thread for each task: nothing in it is async.

use std::thread;

use diesel::r2d2::{ConnectionManager, Pool, R2D2Connection};
use sinew_bench::Result;
use sinew_bench::data::Job;

pub fn pool<C: R2D2Connection + 'static>(place: &str) -> Result<Pool<ConnectionManager<C>>> {
    let pool = Pool::builder().max_size(4).test_on_check_out(false);
    Ok(pool.build(ConnectionManager::new(place))?)
}

/// How many jobs failed.
pub fn run<C: R2D2Connection + 'static>(
    pool: &Pool<ConnectionManager<C>>,
    tasks: Vec<Vec<Job>>,
    work: impl Fn(&mut C, &Job) -> Result<()> + Sync,
) -> usize {
    let done = |job: &Job| -> Result<()> { work(&mut *pool.get()?, job) };
    let done = &done;
    thread::scope(|scope| {
        let task = |jobs: Vec<Job>| {
            scope.spawn(move || jobs.iter().filter(|job| done(job).is_err()).count())
        };
        let running: Vec<_> = tasks.into_iter().map(task).collect();
        let failed = running.into_iter().map(|task| task.join().unwrap_or(1));
        failed.sum()
    })
}
