//! The run: databases, checks, rounds.

use std::time::{Duration, Instant};

use crate::options::{Options, Task};
use crate::report::{Column, Report, Table};
use crate::stopwatch::Stopwatch;
use crate::{Backend, Contender, Keeper, Result, Workload, memory};

/// A contender with its database.
struct Entrant {
    contender: Box<dyn Contender>,
    keeper: Box<dyn Keeper>,
    place: String,
}

pub fn run(backend: &mut dyn Backend, options: &Options) -> Result<()> {
    if options.cpu {
        Stopwatch::use_cpu_time();
    }
    match &options.task {
        Task::Memory(name, rows, place) => memory::child(backend, options, name, *rows, place),
        Task::Profile(_, workload, seconds) => {
            let mut entrants = open_all(backend, options, &[*workload])?;
            profile(&mut entrants[0], *workload, Duration::from_secs(*seconds))
        }
        Task::Check => {
            let mut entrants = open_all(backend, options, &options.workloads)?;
            check_all(&mut entrants, &options.workloads)
        }
        Task::Compare => {
            let mut entrants = open_all(backend, options, &options.workloads)?;
            check_all(&mut entrants, &options.workloads)?;
            compare(backend, options, &mut entrants)
        }
    }
}

fn open_all(
    backend: &mut dyn Backend,
    options: &Options,
    workloads: &[Workload],
) -> Result<Vec<Entrant>> {
    backend.seed(workloads)?;
    let mut entrants = Vec::new();
    for name in &options.contenders {
        let opened = backend.copy(name).and_then(|(place, keeper)| {
            let contender = backend.open(name, &place, options)?;
            Ok(Entrant {
                contender,
                keeper,
                place,
            })
        });
        entrants.push(opened.map_err(|e| format!("{name} does not open: {}", full(&*e)))?);
    }
    Ok(entrants)
}

fn compare(backend: &mut dyn Backend, options: &Options, entrants: &mut [Entrant]) -> Result<()> {
    let columns = entrants.iter().map(|entrant| Column {
        name: entrant.contender.name(),
        by_hand: entrant.contender.is_by_hand(),
    });
    let mut report = Report::new(columns.collect(), backend, options)?;
    for workload in &options.workloads {
        let table = measure(entrants, *workload, options.rounds)?;
        report.add(*workload, table);
        if *workload == Workload::Stream {
            for entrant in entrants.iter().filter(|e| e.contender.has(*workload)) {
                let name = entrant.contender.name();
                report.add_memory(name, memory::measure(name, &entrant.place, options)?);
            }
        }
    }
    report.add_errors(entrants.iter().map(|entrant| entrant.contender.errors()));
    print!("{}", report.text());
    if options.markdown {
        report.write()?;
    }
    Ok(())
}

fn check_all(entrants: &mut [Entrant], workloads: &[Workload]) -> Result<()> {
    for workload in workloads {
        check(entrants, *workload)?;
    }
    eprintln!("all results are equal");
    Ok(())
}

/// Refuses to measure contenders that do different things.
fn check(entrants: &mut [Entrant], workload: Workload) -> Result<()> {
    let mut first = None;
    for Entrant {
        contender, keeper, ..
    } in entrants
    {
        if !contender.has(workload) {
            continue;
        }
        let name = contender.name();
        let result = contender
            .check(workload)
            .map_err(|e| format!("{name}, {}: {}", workload.title(), full(&*e)))?;
        let outcome = (result, keeper.state()?);
        if *first.get_or_insert(outcome) != outcome {
            return Err(format!(
                "{}: {name} gives {outcome:?}, the first one {first:?}",
                workload.title(),
            )
            .into());
        }
        keeper.restore()?;
    }
    Ok(())
}

fn measure(entrants: &mut [Entrant], workload: Workload, rounds: usize) -> Result<Table> {
    let times = workload.times();
    let operations = (times * workload.jobs()) as f64;
    let mut table = vec![Vec::with_capacity(rounds); entrants.len()];
    eprint!("{:<36}", workload.title());
    // The first round only warms up.
    for round in 0..=rounds {
        for turn in 0..entrants.len() {
            let at = (turn + round) % entrants.len();
            let Entrant {
                contender, keeper, ..
            } = &mut entrants[at];
            if !contender.has(workload) {
                continue;
            }
            // Caches hold what the sample needs, also where its keeper wrote in between. Long ones
            // need no second run for that.
            if times > 1 {
                contender.sample(workload, 1)?;
            }
            let taken = contender.sample(workload, times)?;
            if workload.writes() {
                keeper.restore()?;
            }
            if round > 0 {
                table[at].push(taken.as_secs_f64() / operations);
            }
        }
        eprint!(".");
    }
    eprintln!();
    Ok(table)
}

fn profile(entrant: &mut Entrant, workload: Workload, time: Duration) -> Result<()> {
    let Entrant {
        contender, keeper, ..
    } = entrant;
    let start = Instant::now();
    let (mut samples, mut taken) = (0, Duration::ZERO);
    while start.elapsed() < time {
        taken += contender.sample(workload, workload.times())?;
        samples += workload.times() * workload.jobs();
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

/// An error with what it comes from.
fn full(error: &dyn std::error::Error) -> String {
    let source = error.source().map(|source| format!(": {}", full(source)));
    format!("{error}{}", source.unwrap_or_default())
}
