//! Runs a crate's [`Operations`] for the rounds: every operation is awaited inside one task.

use std::future::Future;
use std::hint::black_box;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

use crate::data::{self, Job};
use crate::digest::{Digest, Reduce};
use crate::operations::{Operations, Seen};
use crate::options::Flavor;
use crate::stopwatch::Stopwatch;
use crate::{Contender, Result, Workload, inputs};

/// A crate's operations, and the runtime that they run on.
pub struct Runner<O> {
    name: &'static str,
    place: String,
    runtime: Runtime,
    operations: Option<O>,
    /// What W17 runs on, made when it is wanted.
    crowd: Option<(Runtime, Option<O>)>,
    errors: usize,
}

impl<O: Operations> Runner<O> {
    pub fn open(name: &'static str, place: &str, flavor: Flavor) -> Result<Self> {
        let runtime = runtime(flavor)?;
        let operations = runtime.block_on(O::open(place, false))?;
        Ok(Self {
            name,
            place: place.to_owned(),
            runtime,
            operations: Some(operations),
            crowd: None,
            errors: 0,
        })
    }

    /// As [`Runner::open`], as any contender.
    pub fn boxed(name: &'static str, place: &str, flavor: Flavor) -> Result<Box<dyn Contender>> {
        Ok(Box::new(Self::open(name, place, flavor)?))
    }

    /// The time of the tasks of W17.
    fn crowd(&mut self, tasks: Vec<Vec<Job>>) -> Result<Duration> {
        if self.crowd.is_none() {
            let runtime = runtime(Flavor::MultiThread)?;
            let operations = runtime.block_on(O::open(&self.place, true))?;
            self.crowd = Some((runtime, Some(operations)));
        }
        let (runtime, slot) = self.crowd.as_mut().ok_or("no runtime")?;
        let (time, failed) = in_task(runtime, slot, |mut operations| async move {
            let start = Stopwatch::start();
            let failed = operations.crowd(tasks).await;
            let time = start.elapsed();
            (operations, failed.map(|failed| (time, failed)))
        })?;
        self.errors += failed;
        Ok(time)
    }
}

impl<O: Operations> Contender for Runner<O> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn is_by_hand(&self) -> bool {
        O::BY_HAND
    }

    fn has(&self, workload: Workload) -> bool {
        !O::LACKS.contains(&workload)
    }

    fn check(&mut self, workload: Workload) -> Result<Digest> {
        if workload == Workload::Crowd {
            self.crowd(inputs::first_jobs())?;
            let mut digest = Digest::default();
            digest.number(self.errors as i64);
            return Ok(digest);
        }
        in_task(
            &self.runtime,
            &mut self.operations,
            |mut operations| async move {
                let digest = check(&mut operations, workload).await;
                (operations, digest)
            },
        )
    }

    fn sample(&mut self, workload: Workload, times: usize) -> Result<Duration> {
        if workload == Workload::Crowd {
            return (0..times).map(|_| self.crowd(inputs::jobs())).sum();
        }
        in_task(
            &self.runtime,
            &mut self.operations,
            |mut operations| async move {
                let time = sample(&mut operations, workload, times).await;
                (operations, time)
            },
        )
    }

    fn stream(&mut self, rows: i64) -> Result<usize> {
        in_task(
            &self.runtime,
            &mut self.operations,
            |mut operations| async move {
                let mut seen = Seen::default();
                let outcome = operations.stream(rows, &mut seen).await;
                (operations, outcome.map(|()| seen.rows()))
            },
        )
    }

    fn errors(&self) -> usize {
        self.errors
    }
}

fn runtime(flavor: Flavor) -> Result<Runtime> {
    let mut builder = match flavor {
        Flavor::CurrentThread => Builder::new_current_thread(),
        Flavor::MultiThread => Builder::new_multi_thread(),
    };
    Ok(builder.worker_threads(2).enable_all().build()?)
}

/// Lends the operations to a task of the runtime.
fn in_task<O, T, F>(runtime: &Runtime, slot: &mut Option<O>, work: impl FnOnce(O) -> F) -> Result<T>
where
    O: Send + 'static,
    T: Send + 'static,
    F: Future<Output = (O, Result<T>)> + Send + 'static,
{
    let operations = slot.take().ok_or("its task has panicked before")?;
    let task = runtime.spawn(work(operations));
    let (operations, outcome) = runtime.block_on(task)?;
    *slot = Some(operations);
    outcome
}

/// The time of `$operation` over all inputs.
macro_rules! timed {
    ($inputs:expr, |$input:pat_param| $operation:expr) => {{
        let mut inputs = $inputs;
        let start = Stopwatch::start();
        for $input in &mut inputs {
            black_box($operation.await?);
        }
        Ok(start.elapsed())
    }};
}

async fn sample<O: Operations>(o: &mut O, workload: Workload, times: usize) -> Result<Duration> {
    let once = vec![(); times];
    match workload {
        Workload::FindByKey => timed!(inputs::ids(times), |id| o.by_key(*id)),
        Workload::LoadAll => timed!(once, |()| o.all()),
        Workload::FilterAndOrder => timed!(once, |()| o.filtered()),
        Workload::HasMany => timed!(once, |()| o.authors(data::AUTHORS)),
        Workload::Nested => timed!(once, |()| o.nested(100)),
        Workload::ManyToMany => timed!(once, |()| o.tagged(1_000)),
        Workload::BelongsTo => timed!(once, |()| o.with_users()),
        Workload::PerOwnerLimit => timed!(once, |()| o.newest()),
        Workload::ManyOwners => timed!(once, |()| o.accounts()),
        Workload::Any => timed!(once, |()| o.recent_authors()),
        Workload::Stream => {
            let seen: Vec<Seen> = (0..times).map(|_| Seen::default()).collect();
            timed!(seen, |seen| o.stream(data::READINGS, seen))
        }
        _ => sample_writing(o, workload, times).await,
    }
}

async fn sample_writing<O: Operations>(
    o: &mut O,
    workload: Workload,
    times: usize,
) -> Result<Duration> {
    match workload {
        Workload::InsertOne => {
            let users: Vec<O::User> = inputs::users(times).into_iter().map(O::user).collect();
            timed!(users, |user| o.insert_user(user))
        }
        Workload::InsertMany => {
            let thousand = |users: Vec<_>| users.into_iter().map(O::user).collect();
            let users: Vec<Vec<O::User>> =
                inputs::thousands(times).into_iter().map(thousand).collect();
            timed!(users, |users| o.insert_users(users))
        }
        Workload::NestedCreate => {
            timed!(O::graphs(inputs::graphs(times)), |graph| o.create(graph))
        }
        Workload::CreateMany => {
            let forests = inputs::forests(times).into_iter().map(O::graphs);
            let forests: Vec<Vec<O::Graph>> = forests.collect();
            timed!(forests, |graphs| o.create_many(graphs))
        }
        Workload::Replace => {
            let replacements = inputs::replacements(times).into_iter().map(O::replacement);
            let replacements: Vec<O::Replacement> = replacements.collect();
            timed!(replacements, |replacement| o.replace(replacement))
        }
        Workload::UpdateByKey => {
            let renames = inputs::renames(times).into_iter();
            let renames: Vec<O::Rename> = renames
                .map(|(id, name, email)| O::rename(id, name, email))
                .collect();
            timed!(renames, |rename| o.update(rename))
        }
        other => Err(format!("{} does not write", other.title()).into()),
    }
}

async fn check<O: Operations>(o: &mut O, workload: Workload) -> Result<Digest> {
    let mut digest = Digest::default();
    match workload {
        Workload::FindByKey => o.by_key(4_711).await?.reduce(0, &mut digest),
        Workload::LoadAll => o.all().await?.reduce(0, &mut digest),
        Workload::FilterAndOrder => {
            for (place, user) in (0..).zip(o.filtered().await?) {
                user.reduce(place, &mut digest);
            }
        }
        Workload::HasMany => o.authors(data::AUTHORS).await?.reduce(0, &mut digest),
        Workload::Nested => o.nested(100).await?.reduce(0, &mut digest),
        Workload::ManyToMany => o.tagged(1_000).await?.reduce(0, &mut digest),
        Workload::BelongsTo => o.with_users().await?.reduce(0, &mut digest),
        Workload::PerOwnerLimit => o.newest().await?.reduce(0, &mut digest),
        Workload::ManyOwners => o.accounts().await?.reduce(0, &mut digest),
        Workload::Any => o.recent_authors().await?.reduce(0, &mut digest),
        Workload::Stream => {
            let mut seen = Seen::checking();
            o.stream(data::READINGS, &mut seen).await?;
            digest = seen.digest();
        }
        _ => check_writing(o, workload, &mut digest).await?,
    }
    Ok(digest)
}

async fn check_writing<O: Operations>(
    o: &mut O,
    workload: Workload,
    digest: &mut Digest,
) -> Result<()> {
    match workload {
        Workload::InsertOne => {
            let mut user = O::user(data::new_user(0));
            digest.ids([o.insert_user(&mut user).await?]);
        }
        Workload::InsertMany => {
            let mut users: Vec<_> = inputs::users(1_000).into_iter().map(O::user).collect();
            digest.ids(o.insert_users(&mut users).await?);
        }
        Workload::NestedCreate => {
            let mut graph = O::graph(data::new_user(0), data::new_posts(0));
            let ids = o.create(&mut graph).await?;
            digest.number(ids.len() as i64);
            digest.ids(ids.into_iter().skip(1));
        }
        Workload::CreateMany => {
            let mut graphs = O::graphs(inputs::graphs(200));
            digest.ids(o.create_many(&mut graphs).await?);
        }
        Workload::Replace => {
            let mut replacement = O::replacement(data::replacement(0));
            let (added, removed) = o.replace(&mut replacement).await?;
            digest.number(added as i64);
            digest.number(removed as i64);
        }
        Workload::UpdateByKey => {
            let (id, name, email) = data::rename(0);
            o.update(&mut O::rename(id, name, email)).await?;
        }
        other => return Err(format!("{} does not write", other.title()).into()),
    }
    Ok(())
}
