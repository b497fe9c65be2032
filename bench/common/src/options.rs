//! The command line.

use std::time::Duration;

use crate::Backend;
use crate::workload::{ALL, Workload};

/// Which runtime the task is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavor {
    CurrentThread,
    MultiThread,
}

impl Flavor {
    /// As the command line has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::CurrentThread => "current",
            Self::MultiThread => "multi",
        }
    }
}

#[derive(Clone, Debug)]
pub struct Options {
    pub rounds: usize,
    pub workloads: Vec<Workload>,
    pub contenders: Vec<&'static str>,
    pub flavor: Flavor,
    /// Whether the processor's time is taken rather than that on the wall.
    pub cpu: bool,
    /// Whether everything runs on one core, which whoever starts the program sees to.
    pub one_core: bool,
    /// How long a server's network takes in each direction, where it is slow.
    pub delay: Option<Duration>,
    /// Whether the tables and the plot are written into the documentation.
    pub markdown: bool,
    pub task: Task,
}

/// What the program does.
#[derive(Clone, Debug)]
pub enum Task {
    Compare,
    /// Checks that all give the same, and times nothing.
    Check,
    /// One contender and workload, for so many seconds.
    Profile(&'static str, Workload, u64),
    /// Measures a stream's memory, in the process that is started for that: contender, rows, place.
    Memory(&'static str, i64, String),
}

const USAGE: &str = "[check] [--rounds N] [--only W4,W5] [--contenders hand,sinew] \
    [--runtime current|multi] [--cpu] [--markdown] [--one-core] [--delay MS]\n   \
    or: profile CONTENDER WORKLOAD SECONDS [--runtime current|multi]";

impl Options {
    pub fn parse(args: &[String], backend: &dyn Backend) -> Result<Self, String> {
        let mut options = Self {
            rounds: 15,
            workloads: ALL.to_vec(),
            contenders: backend.contenders(),
            flavor: backend.flavor(),
            cpu: false,
            one_core: false,
            delay: None,
            markdown: false,
            task: Task::Compare,
        };
        let mut known = backend.contenders();
        known.extend(backend.experiments());
        let mut args = args.iter().map(String::as_str);
        while let Some(arg) = args.next() {
            let mut value = || args.next().ok_or_else(|| format!("{arg} wants a value"));
            match arg {
                // The program's own name is taken too: it was the first word once.
                name if name == backend.name() => {}
                "check" => options.task = Task::Check,
                "profile" => {
                    let name = contender(value()?, &known)?;
                    options.task = Task::Profile(name, workload(value()?)?, number(value()?)?);
                    options.contenders = vec![name];
                }
                "memory" => {
                    let name = contender(value()?, &known)?;
                    let rows = number(value()?)? as i64;
                    options.task = Task::Memory(name, rows, value()?.to_owned());
                }
                "--markdown" => options.markdown = true,
                "--cpu" => options.cpu = true,
                "--one-core" => options.one_core = true,
                "--delay" => options.delay = Some(Duration::from_millis(number(value()?)?)),
                "--rounds" => options.rounds = number(value()?)?.max(1) as usize,
                "--only" => options.workloads = listed(value()?, workload)?,
                "--contenders" => {
                    options.contenders = listed(value()?, |name| contender(name, &known))?;
                }
                "--runtime" => options.flavor = flavor(value()?)?,
                _ => return Err(format!("unknown option {arg}; usage: {USAGE}")),
            }
        }
        Ok(options)
    }

    /// What the markers of the documentation have after the database's name: each way of measuring
    /// has tables of its own.
    pub fn variant(&self) -> &'static str {
        match (self.delay, self.one_core) {
            (Some(_), _) => " behind a delay",
            (None, true) => " on one core",
            (None, false) => "",
        }
    }
}

fn listed<T>(text: &str, read: impl Fn(&str) -> Result<T, String>) -> Result<Vec<T>, String> {
    text.split(',').map(str::trim).map(read).collect()
}

fn flavor(text: &str) -> Result<Flavor, String> {
    match text {
        "current" => Ok(Flavor::CurrentThread),
        "multi" => Ok(Flavor::MultiThread),
        other => Err(format!("no runtime is called {other:?}: current, multi")),
    }
}

fn contender(text: &str, known: &[&'static str]) -> Result<&'static str, String> {
    let found = known.iter().find(|name| **name == text);
    found
        .copied()
        .ok_or_else(|| format!("no contender is called {text:?}: {}", known.join(", ")))
}

fn workload(text: &str) -> Result<Workload, String> {
    Workload::parse(text)
        .ok_or_else(|| format!("no workload is called {text:?}: W1 to W{}", ALL.len()))
}

fn number(text: &str) -> Result<u64, String> {
    text.parse()
        .map_err(|_| format!("{text:?} is not a number"))
}
