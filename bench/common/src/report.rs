//! The tables.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::memory;
use crate::options::{Flavor, Options};
use crate::system::{compiler, machine, today};
use crate::workload::Workload;
use crate::{Backend, Result, plot};

/// Seconds per operation, by contender and round.
pub type Table = Vec<Vec<f64>>;

/// A contender, as the tables have it.
pub struct Column {
    pub name: &'static str,
    pub by_hand: bool,
}

pub struct Report {
    name: String,
    title: &'static str,
    head: String,
    limit: f64,
    columns: Vec<Column>,
    rows: Vec<(Workload, Table)>,
    memory: Vec<(&'static str, [u64; 2])>,
    errors: Vec<usize>,
}

impl Report {
    pub fn new(columns: Vec<Column>, backend: &mut dyn Backend, options: &Options) -> Result<Self> {
        Ok(Self {
            name: format!("{}{}", backend.name(), options.variant()),
            title: backend.title(),
            head: head(backend, options)?,
            limit: backend.limit(),
            columns,
            rows: Vec::new(),
            memory: Vec::new(),
            errors: Vec::new(),
        })
    }

    pub fn add(&mut self, workload: Workload, table: Table) {
        self.rows.push((workload, table));
    }

    pub fn add_memory(&mut self, contender: &'static str, peaks: [u64; 2]) {
        self.memory.push((contender, peaks));
    }

    pub fn add_errors(&mut self, errors: impl Iterator<Item = usize>) {
        self.errors = errors.collect();
    }

    /// The tables as Markdown, which can be read on a terminal too.
    pub fn text(&self) -> String {
        let mut out =
            String::from("Ratios to the hand-written driver (median over the rounds):\n\n");
        self.table(&mut out, |table, at| {
            let own = self.ratio(table, at)?;
            let flag = if self.is_too_slow(table, at) {
                " (!)"
            } else {
                ""
            };
            Some(format!("{own:.2}{flag}"))
        });
        let _ = writeln!(
            out,
            "\n(!): Sinew is above {:.2}, or a peer is below it.",
            self.limit
        );
        out.push_str("\nRatios of the minima:\n\n");
        self.table(&mut out, |table, at| {
            let hand = self.by_hand().filter_map(|at| minimum(&table[at]));
            let hand = hand.min_by(f64::total_cmp)?;
            Some(format!("{:.2}", minimum(&table[at])? / hand))
        });
        out.push_str("\nMedians per operation:\n\n");
        self.table(&mut out, |table, at| median(table[at].clone()).map(time));
        self.crowd(&mut out);
        self.peaks(&mut out);
        out
    }

    fn table(&self, out: &mut String, cell: impl Fn(&Table, usize) -> Option<String>) {
        let _ = write!(out, "| {:<36} |", "workload");
        for column in &self.columns {
            let _ = write!(out, " {:>12} |", column.name);
        }
        let _ = write!(out, "\n| {:-<36} |", "");
        for _ in &self.columns {
            out.push_str(" -----------: |");
        }
        out.push('\n');
        for (workload, table) in &self.rows {
            let _ = write!(out, "| {:<36} |", workload.title());
            for at in 0..self.columns.len() {
                let text = cell(table, at).unwrap_or_else(|| "–".into());
                let _ = write!(out, " {text:>12} |");
            }
            out.push('\n');
        }
    }

    /// What W17 comes to.
    fn crowd(&self, out: &mut String) {
        let crowd = self.rows.iter().find(|row| row.0 == Workload::Crowd);
        let Some((workload, table)) = crowd else {
            return;
        };
        let _ = writeln!(out, "\n{}:\n", workload.title());
        out.push_str("| contender | operations per second | errors |\n");
        out.push_str("| --- | ---: | ---: |\n");
        for (at, column) in self.columns.iter().enumerate() {
            let errors = self.errors.get(at).copied().unwrap_or(0);
            if let Some(seconds) = median(table[at].clone()) {
                let _ = writeln!(out, "| {} | {:.0} | {errors} |", column.name, 1.0 / seconds);
            }
        }
    }

    /// What W15 takes of memory.
    fn peaks(&self, out: &mut String) {
        if self.memory.is_empty() {
            return;
        }
        let [few, many] = memory::ROWS.map(|rows| rows / 1_000);
        out.push_str("\nMemory that a stream needs at most, beyond what is there before it:\n\n");
        let _ = writeln!(out, "| contender | {few},000 rows | {many},000 rows |");
        out.push_str("| --- | ---: | ---: |\n");
        for (name, peaks) in &self.memory {
            let [few, many] = peaks.map(|kib| format!("{:.1} MiB", kib as f64 / 1024.0));
            let _ = writeln!(out, "| {name} | {few} | {many} |");
        }
    }

    fn by_hand(&self) -> impl Iterator<Item = usize> {
        let columns = self.columns.iter().enumerate();
        columns
            .filter(|(_, column)| column.by_hand)
            .map(|(at, _)| at)
    }

    /// The median over rounds of a contender's time by that of the faster hand-written one.
    pub(crate) fn ratio(&self, table: &Table, at: usize) -> Option<f64> {
        let ratios = table[at].iter().enumerate().filter_map(|(round, own)| {
            let hand = self.by_hand().filter_map(|at| table[at].get(round));
            hand.copied().min_by(f64::total_cmp).map(|hand| own / hand)
        });
        median(ratios.collect())
    }

    fn is_too_slow(&self, table: &Table, at: usize) -> bool {
        let Some(own) = self.ratio(table, at) else {
            return false;
        };
        let peers = (0..self.columns.len()).filter(|at| !self.columns[*at].by_hand);
        let best = peers.filter_map(|at| self.ratio(table, at));
        self.columns[at].name == "sinew"
            && (own > self.limit || best.min_by(f64::total_cmp).is_some_and(|best| best < own))
    }

    /// Puts the tables into the documentation, between the database's markers.
    pub fn write(&self) -> Result<()> {
        let name = &self.name;
        let begin = format!("<!-- {name}: written by the benchmarks -->\n");
        let end = format!("<!-- end of {name} -->\n");
        let path = docs().join("performance.md");
        let page = std::fs::read_to_string(&path)?;
        let missing = || format!("{} lost the markers of {name}", path.display());
        let (before, rest) = page.split_once(&begin).ok_or_else(missing)?;
        let (_, after) = rest.split_once(&end).ok_or_else(missing)?;
        let (head, text) = (&self.head, self.text());
        // A link ends at a space.
        let image = format!("performance-{}.svg", name.replace(' ', "-"));
        self.draw(&docs().join(&image))?;
        let title = self.title;
        let page = format!(
            "{before}{begin}\n{head}\n\n![Ratios on {title}]({image})\n\n{text}\n{end}{after}"
        );
        Ok(std::fs::write(&path, page)?)
    }

    /// Draws the ratios. A single hand-written one is 1 everywhere, and left out.
    fn draw(&self, path: &Path) -> Result<()> {
        let alone = self.by_hand().count() == 1;
        let shown = (0..self.columns.len()).filter(|at| !(alone && self.columns[*at].by_hand));
        let names: Vec<&str> = shown.clone().map(|at| self.columns[at].name).collect();
        let groups = self.rows.iter().map(|(workload, table)| plot::Group {
            title: workload.title(),
            bars: shown.clone().map(|at| self.ratio(table, at)).collect(),
        });
        let title = format!("{}: time by that of the hand-written driver", self.title);
        plot::write(path, &title, &names, &groups.collect::<Vec<_>>())
    }
}

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs")
}

fn head(backend: &mut dyn Backend, options: &Options) -> Result<String> {
    let runtime = match options.flavor {
        Flavor::CurrentThread => "current-thread",
        Flavor::MultiThread => "multi-thread",
    };
    let clock = if options.cpu {
        "processor time of all threads"
    } else {
        "time on the wall"
    };
    let network = match options.delay {
        Some(delay) => format!(", behind {} ms in each direction", delay.as_millis()),
        None if options.one_core => ", everything on one core".into(),
        None => String::new(),
    };
    Ok(format!(
        "{}: {} rounds, {clock}, on a {runtime} tokio runtime{network}. {}. {}, {}.",
        today(),
        options.rounds,
        machine(),
        backend.versions()?.join(", "),
        compiler(),
    ))
}

fn minimum(values: &[f64]) -> Option<f64> {
    values.iter().copied().min_by(f64::total_cmp)
}

pub(crate) fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

fn time(seconds: f64) -> String {
    match seconds * 1e6 {
        micros if micros < 100.0 => format!("{micros:.1} us"),
        micros if micros < 1_000.0 => format!("{micros:.0} us"),
        micros if micros < 1e5 => format!("{:.2} ms", micros / 1e3),
        micros => format!("{:.0} ms", micros / 1e3),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let column = |name, by_hand| Column { name, by_hand };
        Report {
            name: "sqlite",
            title: "SQLite",
            head: String::new(),
            limit: 1.15,
            columns: vec![
                column("hand: piped", true),
                column("hand: any", true),
                column("diesel", false),
                column("sinew", false),
            ],
            rows: Vec::new(),
            memory: Vec::new(),
            errors: Vec::new(),
        }
    }

    #[test]
    fn the_faster_hand_written_one_of_a_round_is_the_limit() {
        let table = vec![
            vec![1.0, 4.0, 1.0],
            vec![2.0, 2.0, 2.0],
            vec![3.0, 3.0, 3.0],
            vec![1.0, 2.0, 1.0],
        ];
        assert_eq!(report().ratio(&table, 2), Some(3.0));
        assert_eq!(report().ratio(&table, 3), Some(1.0));
        assert_eq!(report().ratio(&table, 0), Some(1.0));
    }

    #[test]
    fn who_does_not_take_part_has_a_dash() {
        let mut report = report();
        let table = vec![vec![1.0], vec![1.0], vec![], vec![1.1]];
        report.add(Workload::Stream, table);
        let text = report.text();
        let line = text.lines().find(|line| line.contains("W15")).unwrap();
        assert!(line.contains("| –") || line.contains(" – |"), "{line}");
        assert!(line.contains("1.10 |"), "{line}");
    }

    #[test]
    fn sinew_is_flagged_above_the_limit_and_above_a_peer() {
        let table = |diesel, sinew| vec![vec![1.0], vec![1.0], vec![diesel], vec![sinew]];
        assert!(report().is_too_slow(&table(3.0, 1.2), 3));
        assert!(report().is_too_slow(&table(1.0, 1.1), 3));
        assert!(!report().is_too_slow(&table(1.2, 1.1), 3));
        assert!(!report().is_too_slow(&table(3.0, 1.2), 2));
    }
}
