//! Many tasks at once.

use std::future::Future;

use crate::data::Job;

/// Starts a task for each list of jobs and waits for all; each tells how many of its jobs failed. A
/// task that panics has failed once.
pub async fn tasks<F>(lists: Vec<Vec<Job>>, task: impl Fn(Vec<Job>) -> F) -> usize
where
    F: Future<Output = usize> + Send + 'static,
{
    let running: Vec<_> = lists
        .into_iter()
        .map(|jobs| tokio::spawn(task(jobs)))
        .collect();
    let mut failed = 0;
    for task in running {
        failed += task.await.unwrap_or(1);
    }
    failed
}
