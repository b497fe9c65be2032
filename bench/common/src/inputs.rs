//! What the operations of a sample are given.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::data::{
    JOBS, Job, NewPost, NewUser, TASKS, USERS, new_posts, new_user, rename, replacement,
};

pub fn ids(times: usize) -> Vec<i64> {
    (0..times as i64).map(|n| n * 7919 % USERS + 1).collect()
}

pub fn users(times: usize) -> Vec<NewUser> {
    (0..times).map(new_user).collect()
}

pub fn thousands(times: usize) -> Vec<Vec<NewUser>> {
    let thousand = |n: usize| (n * 1_000..(n + 1) * 1_000).map(new_user).collect();
    (0..times).map(thousand).collect()
}

/// A user with ten posts, each with three tags.
pub type NewGraph = (NewUser, Vec<NewPost>);

pub fn graphs(times: usize) -> Vec<NewGraph> {
    (0..times).map(|n| (new_user(n), new_posts(n))).collect()
}

/// Two hundred graphs to be created at once.
pub fn forests(times: usize) -> Vec<Vec<NewGraph>> {
    let forest = |n: usize| graphs(200 * (n + 1)).split_off(200 * n);
    (0..times).map(forest).collect()
}

pub fn replacements(times: usize) -> Vec<Vec<i64>> {
    (0..times).map(replacement).collect()
}

/// Each time with names of their own: SQLite does not write a value that is there already.
pub fn renames(times: usize) -> Vec<(i64, String, String)> {
    let call = next_call() * 1_000;
    (0..times)
        .map(|n| (rename(n).0, rename(call + n)))
        .map(|(id, (_, name, email))| (id, name, email))
        .collect()
}

/// The jobs of each task of W17, with names of their own each time. No two tasks write to one user.
pub fn jobs() -> Vec<Vec<Job>> {
    let call = next_call() * 100_000;
    (0..TASKS).map(|task| jobs_of(task, call)).collect()
}

/// The jobs that every contender does before anything is timed: the same for all.
pub fn first_jobs() -> Vec<Vec<Job>> {
    (0..TASKS).map(|task| jobs_of(task, 0)).collect()
}

fn jobs_of(task: usize, call: usize) -> Vec<Job> {
    let job = |n: usize| {
        let at = (task * JOBS + n) as i64 * 7919;
        if n % 5 == 4 {
            let id = at % (USERS / TASKS as i64) * TASKS as i64 + task as i64 + 1;
            let (_, name, email) = rename(call + task * JOBS + n);
            Job::Write(id, name, email)
        } else {
            Job::Read(at % USERS + 1)
        }
    };
    (0..JOBS).map(job).collect()
}

fn next_call() -> usize {
    static CALLS: AtomicUsize = AtomicUsize::new(1);
    CALLS.fetch_add(1, Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn no_two_tasks_write_to_one_user() {
        let mut writers: HashMap<i64, usize> = HashMap::new();
        for (task, jobs) in jobs().iter().enumerate() {
            assert_eq!(jobs.len(), JOBS);
            let mut writes = 0;
            for job in jobs {
                match job {
                    Job::Write(id, ..) => {
                        assert!((1..=USERS).contains(id));
                        assert_eq!(*writers.entry(*id).or_insert(task), task);
                        writes += 1;
                    }
                    Job::Read(id) => assert!((1..=USERS).contains(id)),
                }
            }
            assert_eq!(writes, JOBS / 5);
        }
    }
}
