//! The command line.

use std::time::Duration;

use crate::contender::NAMES;
use crate::workload::{ALL, Workload};

#[derive(Debug)]
pub struct Options {
    pub rounds: usize,
    /// How long everything takes in one direction.
    pub delays: Vec<Duration>,
    pub workloads: Vec<Workload>,
    pub contenders: Vec<&'static str>,
    /// Whether the tables are written into the documentation.
    pub markdown: bool,
}

const USAGE: &str = "[--rounds N] [--delays 0,1,10,40] [--only find,tree2] [--contenders hand,sinew] \
                     [--markdown]";

impl Options {
    pub fn parse(args: &[String]) -> Result<Self, String> {
        let mut options = Self {
            rounds: 9,
            delays: [0, 1, 10, 40].map(Duration::from_millis).to_vec(),
            workloads: ALL.to_vec(),
            contenders: NAMES.to_vec(),
            markdown: false,
        };
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            if arg == "--markdown" {
                options.markdown = true;
                continue;
            }
            let value = args.next().ok_or_else(|| format!("{arg} wants a value"))?;
            match arg.as_str() {
                "--rounds" => options.rounds = number(value)?.max(1) as usize,
                "--delays" => options.delays = listed(value, delay)?,
                "--only" => options.workloads = listed(value, workload)?,
                "--contenders" => options.contenders = listed(value, contender)?,
                _ => return Err(format!("unknown option {arg}; usage: {USAGE}")),
            }
        }
        options.delays.sort();
        Ok(options)
    }
}

fn listed<T>(text: &str, read: impl Fn(&str) -> Result<T, String>) -> Result<Vec<T>, String> {
    text.split(',').map(str::trim).map(read).collect()
}

fn delay(text: &str) -> Result<Duration, String> {
    number(text).map(Duration::from_millis)
}

fn workload(text: &str) -> Result<Workload, String> {
    let names = ALL.map(Workload::name).join(", ");
    Workload::parse(text).ok_or_else(|| format!("no workload is called {text:?}: {names}"))
}

fn contender(text: &str) -> Result<&'static str, String> {
    let found = NAMES.into_iter().find(|name| *name == text);
    found.ok_or_else(|| format!("no contender is called {text:?}: {}", NAMES.join(", ")))
}

fn number(text: &str) -> Result<u64, String> {
    text.parse()
        .map_err(|_| format!("{text:?} is not a number"))
}
