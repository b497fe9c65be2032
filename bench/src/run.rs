//! The run: databases, checks, rounds.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::contender::{Contender, Stopwatch};
use crate::data::{self, Keeper};
use crate::hand::Hand;
use crate::options::Options;
use crate::report::{Report, Table};
use crate::with_diesel::Diesel;
use crate::with_sinew::Sinew;
use crate::workload::Workload;

/// A contender with its database.
struct Entrant {
    contender: Box<dyn Contender>,
    keeper: Keeper,
}

/// A folder that is removed in the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> std::io::Result<Self> {
        let memory = Path::new("/dev/shm");
        let base = if memory.is_dir() {
            memory.to_path_buf()
        } else {
            std::env::temp_dir()
        };
        let path = base.join(format!("sinew-bench-{}", std::process::id()));
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    if options.cpu {
        Stopwatch::use_cpu_time();
    }
    let folder = Folder::new()?;
    let mut entrants = open_all(&folder.0, options)?;
    if let Some((name, workload, seconds)) = &options.profile {
        let entrant = entrants
            .iter_mut()
            .find(|entrant| entrant.contender.name() == name);
        let entrant = entrant.ok_or_else(|| format!("no contender is called {name:?}"))?;
        return profile(entrant, *workload, Duration::from_secs(*seconds));
    }
    for workload in &options.workloads {
        check(&mut entrants, *workload)?;
    }
    eprintln!("all results are equal");
    let names = entrants
        .iter()
        .map(|entrant| entrant.contender.name())
        .collect();
    let mut report = Report::new(names, options);
    for workload in &options.workloads {
        let table = measure(&mut entrants, *workload, options.rounds)?;
        report.add(*workload, table);
    }
    print!("{}", report.text());
    if options.markdown {
        report.write()?;
    }
    Ok(())
}

fn open_all(folder: &Path, options: &Options) -> Result<Vec<Entrant>, Box<dyn Error>> {
    let seed = folder.join("seed.db");
    data::seed(&seed)?;
    let mut entrants = Vec::new();
    // The first one is what the others are measured against.
    for name in ["hand", "diesel", "sinew"] {
        let (path, keeper) = Keeper::new(&seed, name)?;
        let contender: Box<dyn Contender> = match name {
            "hand" => Box::new(Hand::open(&path)?),
            "diesel" => Box::new(Diesel::open(&path)?),
            _ => Box::new(Sinew::open(&path, options.flavor)?),
        };
        entrants.push(Entrant { contender, keeper });
    }
    Ok(entrants)
}

/// Refuses to measure contenders that do different things.
fn check(entrants: &mut [Entrant], workload: Workload) -> Result<(), Box<dyn Error>> {
    let mut first = None;
    for Entrant { contender, keeper } in entrants {
        if !contender.has(workload) {
            continue;
        }
        let result = contender.check(workload);
        let outcome = (result, keeper.state()?);
        if *first.get_or_insert(outcome) != outcome {
            return Err(format!(
                "{}: {} gives {outcome:?}, by hand it is {first:?}",
                workload.title(),
                contender.name()
            )
            .into());
        }
        keeper.restore()?;
    }
    Ok(())
}

fn measure(
    entrants: &mut [Entrant],
    workload: Workload,
    rounds: usize,
) -> Result<Table, Box<dyn Error>> {
    let times = workload.times();
    let mut table = vec![Vec::with_capacity(rounds); entrants.len()];
    eprint!("{:<32}", workload.title());
    // The first round only warms up.
    for round in 0..=rounds {
        for turn in 0..entrants.len() {
            let at = (turn + round) % entrants.len();
            let Entrant { contender, keeper } = &mut entrants[at];
            if !contender.has(workload) {
                continue;
            }
            // Caches hold what the sample needs, also where its keeper wrote in between.
            contender.sample(workload, 1);
            let taken = contender.sample(workload, times);
            if workload.writes() {
                keeper.restore()?;
            }
            if round > 0 {
                table[at].push(taken.as_secs_f64() / times as f64);
            }
        }
        eprint!(".");
    }
    eprintln!();
    Ok(table)
}

fn profile(
    Entrant { contender, keeper }: &mut Entrant,
    workload: Workload,
    time: Duration,
) -> Result<(), Box<dyn Error>> {
    let start = Instant::now();
    let (mut samples, mut taken) = (0, Duration::ZERO);
    while start.elapsed() < time {
        taken += contender.sample(workload, workload.times());
        samples += workload.times();
        if workload.writes() {
            keeper.restore()?;
        }
    }
    let micros = taken.as_secs_f64() * 1e6 / f64::from(u32::try_from(samples)?);
    println!(
        "{} {}: {samples} operations, {micros:.2} us each",
        contender.name(),
        workload.title()
    );
    Ok(())
}
