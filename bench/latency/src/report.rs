//! The tables.

use std::fmt::Write as _;
use std::io;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::options::Options;
use crate::run::Series;
use crate::workload::Workload;
use sinew_bench_network::Counts;

/// What was measured of a workload behind a delay, by contender.
struct Entry {
    workload: Workload,
    delay: Duration,
    series: Vec<Series>,
}

pub struct Report {
    names: Vec<&'static str>,
    workloads: Vec<Workload>,
    delays: Vec<Duration>,
    rounds: usize,
    entries: Vec<Entry>,
}

impl Report {
    pub fn new(options: &Options) -> Self {
        Self {
            names: options.contenders.clone(),
            workloads: options.workloads.clone(),
            delays: options.delays.clone(),
            rounds: options.rounds,
            entries: Vec::new(),
        }
    }

    pub fn add(&mut self, workload: Workload, delay: Duration, series: Vec<Series>) {
        self.entries.push(Entry {
            workload,
            delay,
            series,
        });
    }

    /// The tables as Markdown, which can be read on a terminal too.
    pub fn text(&self) -> String {
        let mut out = String::from(
            "Round trips per operation (+ those that only synchronize or close something, after it):\n\n",
        );
        self.counts(&mut out, |counts| (counts.trips, counts.upkeep));
        out.push_str("\nStatements per operation (+ BEGIN, COMMIT and the like):\n\n");
        self.counts(&mut out, |counts| (counts.statements, counts.control));
        for delay in &self.delays {
            let _ = writeln!(
                out,
                "\nMedian time per operation, {} ms each way (by that of the first column in the same round):\n",
                delay.as_millis()
            );
            self.table(&mut out, |workload, at| {
                let series = self.series(workload, *delay)?;
                let (own, first) = (&series.get(at)?.times, &series.first()?.times);
                let pairs = own.iter().zip(first);
                let ratios = pairs.map(|(own, first)| own.as_secs_f64() / first.as_secs_f64());
                let ratio = median(ratios.collect())?;
                let own = median(own.iter().map(Duration::as_secs_f64).collect())?;
                Some(format!("{} ({ratio:.2})", time(own)))
            });
        }
        out.push_str(&self.unsteady());
        out
    }

    /// The numbers behind the longest delay, where nothing depends on who is faster by a hair.
    fn counts(&self, out: &mut String, figures: impl Fn(Counts) -> (u64, u64)) {
        let Some(delay) = self.delays.last() else {
            return;
        };
        self.table(out, |workload, at| {
            let counts = &self.series(workload, *delay)?.get(at)?.counts;
            let figures = counts.iter().map(|counts| figures(*counts));
            let (main, more) = figures.reduce(|a, b| (a.0.max(b.0), a.1.max(b.1)))?;
            Some(if more == 0 {
                main.to_string()
            } else {
                format!("{main} + {more}")
            })
        });
    }

    /// Says where the counts were not the same in all rounds and behind all delays.
    fn unsteady(&self) -> String {
        let mut out = String::new();
        for Entry {
            workload,
            delay,
            series,
        } in &self.entries
        {
            for (name, series) in self.names.iter().zip(series) {
                let counts = series
                    .counts
                    .iter()
                    .map(|counts| (counts.trips, counts.statements));
                let (least, most) = (counts.clone().min(), counts.max());
                if let (Some(least), Some(most)) = (least, most)
                    && least != most
                {
                    let _ = writeln!(
                        out,
                        "\nNot steady: {name}, {}, {} ms: from {} trips and {} statements to {} and {}.",
                        workload.title(),
                        delay.as_millis(),
                        least.0,
                        least.1,
                        most.0,
                        most.1,
                    );
                }
            }
        }
        out
    }

    fn series(&self, workload: Workload, delay: Duration) -> Option<&Vec<Series>> {
        let mut entries = self.entries.iter();
        let found = entries.find(|entry| entry.workload == workload && entry.delay == delay);
        found.map(|entry| &entry.series)
    }

    fn table(&self, out: &mut String, cell: impl Fn(Workload, usize) -> Option<String>) {
        let _ = write!(out, "| {:<29} |", "workload");
        for name in &self.names {
            let _ = write!(out, " {name:>15} |");
        }
        let _ = write!(out, "\n| {:-<29} |", "");
        for _ in &self.names {
            let _ = write!(out, " {:->14}: |", "");
        }
        out.push('\n');
        for workload in &self.workloads {
            let _ = write!(out, "| {:<29} |", workload.title());
            for at in 0..self.names.len() {
                let text = cell(*workload, at).unwrap_or_else(|| "–".into());
                let _ = write!(out, " {text:>15} |");
            }
            out.push('\n');
        }
    }

    /// Puts the tables into the documentation, between its markers.
    pub fn write(&self) -> io::Result<()> {
        const BEGIN: &str = "<!-- latency: written by the benchmarks -->\n";
        const END: &str = "<!-- end of latency -->\n";
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/performance.md");
        let page = std::fs::read_to_string(&path)?;
        let missing = || io::Error::other(format!("{} lost its markers", path.display()));
        let (before, rest) = page.split_once(BEGIN).ok_or_else(missing)?;
        let (_, after) = rest.split_once(END).ok_or_else(missing)?;
        let (head, text) = (self.head(), self.text());
        std::fs::write(
            &path,
            format!("{before}{BEGIN}\n{head}\n\n{text}\n{END}{after}"),
        )
    }

    fn head(&self) -> String {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let versions = ["tokio-postgres", "diesel-async", "sea-orm", "toasty"];
        let versions = versions.map(|name| format!("{name} {}", version_of(name)));
        format!(
            "{}: {} rounds, {cores} cores for everything. {}, {}, {}.",
            today(),
            self.rounds,
            std::env::consts::OS,
            versions.join(", "),
            compiler(),
        )
    }
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

fn time(seconds: f64) -> String {
    match seconds * 1e3 {
        millis if millis < 10.0 => format!("{millis:.2} ms"),
        millis if millis < 100.0 => format!("{millis:.1} ms"),
        millis => format!("{millis:.0} ms"),
    }
}

/// The date, by the calendar of the world's time.
fn today() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let mut days = since.map_or(0, |since| since.as_secs() / 86_400);
    let leap = |year: u64| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    let mut year = 1970;
    while days >= 365 + u64::from(leap(year)) {
        days -= 365 + u64::from(leap(year));
        year += 1;
    }
    let mut month = 1;
    for length in [
        31,
        28 + u64::from(leap(year)),
        31,
        30,
        31,
        30,
        31,
        31,
        30,
        31,
        30,
        31,
    ] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    format!("{year}-{month:02}-{:02}", days + 1)
}

fn version_of(package: &str) -> &'static str {
    let lock = include_str!("../../Cargo.lock");
    let entry = format!("name = \"{package}\"\nversion = \"");
    let version = lock
        .split_once(&entry)
        .and_then(|(_, rest)| rest.split_once('"'));
    version.map_or("?", |(version, _)| version)
}

fn compiler() -> String {
    let output = Command::new("rustc").arg("--version").output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    text.ok()
        .and_then(|text| Some(text.split(" (").next()?.trim().to_owned()))
        .unwrap_or_else(|| "rustc".into())
}
