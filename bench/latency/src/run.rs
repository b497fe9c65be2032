//! The run: databases, checks, rounds.

use std::error::Error;
use std::net::SocketAddr;
use std::time::Duration;

use crate::contender::{self, Contender, Sample};
use crate::digest::Digest;
use crate::keeper::{self, Keeper};
use crate::options::Options;
use crate::report::Report;
use crate::workload::Workload;
use sinew_bench_network::{Counts, Proxy};

/// Names the server; `cargo xtask services` sets it.
const VARIABLE: &str = "SINEW_TEST_POSTGRES";

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// A contender behind a proxy, with its database.
struct Entrant<'a> {
    name: &'static str,
    contender: Box<dyn Contender>,
    proxy: Proxy,
    keeper: &'a Keeper,
    delay: Duration,
}

/// What was measured of one contender, workload and delay: one entry per round.
#[derive(Clone, Debug, Default)]
pub struct Series {
    pub times: Vec<Duration>,
    pub counts: Vec<Counts>,
}

pub async fn run(options: &Options) -> Result<()> {
    let url = std::env::var(VARIABLE)
        .map_err(|_| format!("{VARIABLE} names no server; run `cargo xtask bench --latency`"))?;
    let server = keeper::server(&url).await?;
    let keepers = Keeper::all(&url, &options.contenders).await?;
    let mut report = Report::new(options);
    for delay in &options.delays {
        let mut entrants = open_all(options, &keepers, server, *delay).await?;
        for workload in &options.workloads {
            eprint!("{:>3} ms  {:<32}", delay.as_millis(), workload.title());
            let digest = warm_up(&mut entrants, *workload).await?;
            let series = measure(&mut entrants, *workload, options.rounds, digest).await?;
            report.add(*workload, *delay, series);
        }
    }
    print!("{}", report.text());
    if options.markdown {
        report.write()?;
    }
    Ok(())
}

async fn open_all<'a>(
    options: &Options,
    keepers: &'a [Keeper],
    server: SocketAddr,
    delay: Duration,
) -> Result<Vec<Entrant<'a>>> {
    let mut entrants = Vec::new();
    for (name, keeper) in options.contenders.iter().zip(keepers) {
        let proxy = Proxy::start(server, delay)?;
        let contender = contender::open(name, &keeper.url(proxy.address())).await;
        entrants.push(Entrant {
            name,
            contender: contender.map_err(|e| format!("{name} does not connect: {e}"))?,
            proxy,
            keeper,
            delay,
        });
    }
    Ok(entrants)
}

impl Entrant<'_> {
    async fn once(&mut self, workload: Workload) -> Result<Sample> {
        let run = self.contender.run(workload).await;
        run.map_err(|e| format!("{}, {}: {}", self.name, workload.title(), full(&*e)).into())
    }

    /// Lets end what goes on after an operation: a pool's ping, say.
    async fn settle(&self) {
        tokio::time::sleep(self.delay * 2 + Duration::from_millis(4)).await;
    }
}

/// Prepares what the operation needs, and refuses to measure contenders that do different things.
async fn warm_up(entrants: &mut [Entrant<'_>], workload: Workload) -> Result<Digest> {
    let mut first = None;
    for entrant in entrants
        .iter_mut()
        .filter(|entrant| entrant.contender.has(workload))
    {
        // Some ask about a type in the first run, and some prepare only what is run again.
        for _ in 0..2 * entrant.contender.connections() {
            let digest = entrant.once(workload).await?.digest;
            let outcome = (digest, entrant.keeper.state().await?);
            if *first.get_or_insert_with(|| outcome.clone()) != outcome {
                let name = entrant.name;
                return Err(format!("{name} gives {outcome:?}, the first one {first:?}").into());
            }
            if workload.writes() {
                entrant.keeper.restore().await?;
            }
        }
        entrant.settle().await;
    }
    first
        .map(|(digest, _)| digest)
        .ok_or_else(|| "no contender".into())
}

async fn measure(
    entrants: &mut [Entrant<'_>],
    workload: Workload,
    rounds: usize,
    digest: Digest,
) -> Result<Vec<Series>> {
    let mut all = vec![Series::default(); entrants.len()];
    for round in 0..rounds {
        for turn in 0..entrants.len() {
            let at = (turn + round) % entrants.len();
            let entrant = &mut entrants[at];
            if !entrant.contender.has(workload) {
                continue;
            }
            let before = entrant.proxy.counts();
            let sample = entrant.once(workload).await?;
            entrant.settle().await;
            let counts = entrant.proxy.counts() - before;
            if sample.digest != digest {
                return Err(
                    format!("{} gives something else in round {round}", entrant.name).into(),
                );
            }
            if workload.writes() {
                entrant.keeper.restore().await?;
            }
            all[at].times.push(sample.time);
            all[at].counts.push(counts);
        }
        eprint!(".");
    }
    eprintln!();
    Ok(all)
}

/// An error with what it comes from.
fn full(error: &dyn Error) -> String {
    let source = error.source().map(|source| format!(": {}", full(source)));
    format!("{error}{}", source.unwrap_or_default())
}
