//! The tables.

use std::fmt::Write as _;
use std::io;
use std::path::Path;
use std::process::Command;

use crate::options::Options;
use crate::with_sinew::Flavor;
use crate::workload::Workload;

/// Seconds per operation, by contender and round.
pub type Table = Vec<Vec<f64>>;

/// Above this ratio the design is wrong.
const MOST: f64 = 2.0;

pub struct Report {
    names: Vec<&'static str>,
    rows: Vec<(Workload, Table)>,
    rounds: usize,
    flavor: Flavor,
    cpu: bool,
}

impl Report {
    pub fn new(names: Vec<&'static str>, options: &Options) -> Self {
        Self {
            names,
            rows: Vec::new(),
            rounds: options.rounds,
            flavor: options.flavor,
            cpu: options.cpu,
        }
    }

    pub fn add(&mut self, workload: Workload, table: Table) {
        self.rows.push((workload, table));
    }

    /// The tables as Markdown, which can be read on a terminal too.
    pub fn text(&self) -> String {
        let mut out =
            String::from("Ratios to the hand-written driver (median over the rounds):\n\n");
        self.table(&mut out, |table, at| {
            let ratio = ratio(table, at)?;
            let flag = if at > 0 && ratio > MOST { " (!)" } else { "" };
            Some(format!("{ratio:.2}{flag}"))
        });
        out.push_str("\nMedians per operation:\n\n");
        self.table(&mut out, |table, at| median(table[at].clone()).map(time));
        out
    }

    fn table(&self, out: &mut String, cell: impl Fn(&Table, usize) -> Option<String>) {
        let _ = write!(out, "| {:<33} |", "workload");
        for name in &self.names {
            let _ = write!(out, " {name:>9} |");
        }
        let _ = write!(out, "\n| {:-<33} |", "");
        for _ in &self.names {
            out.push_str(" --------: |");
        }
        out.push('\n');
        for (workload, table) in &self.rows {
            let _ = write!(out, "| {:<33} |", workload.title());
            for at in 0..self.names.len() {
                let text = cell(table, at).unwrap_or_else(|| "–".into());
                let _ = write!(out, " {text:>9} |");
            }
            out.push('\n');
        }
    }

    /// Puts the tables into the documentation, between its markers.
    pub fn write(&self) -> io::Result<()> {
        const BEGIN: &str = "<!-- sqlite: written by the benchmarks -->\n";
        const END: &str = "<!-- end of sqlite -->\n";
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/performance.md");
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
        let runtime = match self.flavor {
            Flavor::CurrentThread => "current-thread",
            Flavor::MultiThread => "multi-thread",
        };
        let clock = if self.cpu {
            "processor time of all threads"
        } else {
            "time on the wall"
        };
        format!(
            "{}: {} rounds, {clock}, Sinew on a {runtime} tokio runtime. {}. SQLite {}, rusqlite {}, diesel {}, {}.",
            today(),
            self.rounds,
            machine(),
            rusqlite::version(),
            version_of("rusqlite"),
            version_of("diesel"),
            compiler(),
        )
    }
}

/// The median over rounds of a contender's time by that of the first one.
fn ratio(table: &Table, at: usize) -> Option<f64> {
    median(
        table[at]
            .iter()
            .zip(&table[0])
            .map(|(own, hand)| own / hand)
            .collect(),
    )
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

fn time(seconds: f64) -> String {
    match seconds * 1e6 {
        micros if micros < 100.0 => format!("{micros:.1} us"),
        micros if micros < 1_000.0 => format!("{micros:.0} us"),
        micros => format!("{:.2} ms", micros / 1e3),
    }
}

fn today() -> String {
    let date = rusqlite::Connection::open_in_memory()
        .and_then(|connection| connection.query_row("SELECT date()", [], |row| row.get(0)));
    date.unwrap_or_default()
}

fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info
        .lines()
        .find(|line| line.starts_with("model name"))
        .and_then(|line| line.split_once(": "))
        .map_or(std::env::consts::ARCH.into(), |(_, name)| {
            name.split_whitespace()
                .take(2)
                .collect::<Vec<_>>()
                .join(" ")
        });
    format!("{cores} cores, {model}, {}", std::env::consts::OS)
}

fn version_of(package: &str) -> &'static str {
    let lock = include_str!("../Cargo.lock");
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
