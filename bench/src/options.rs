//! The command line.

use crate::with_sinew::Flavor;
use crate::workload::{ALL, Workload};

#[derive(Debug)]
pub struct Options {
    pub rounds: usize,
    pub workloads: Vec<Workload>,
    pub flavor: Flavor,
    /// Whether the processor's time is taken rather than that on the wall.
    pub cpu: bool,
    /// Whether the tables are written into the documentation.
    pub markdown: bool,
    /// One contender and workload, for so many seconds.
    pub profile: Option<(String, Workload, u64)>,
}

const USAGE: &str = "sqlite [--rounds N] [--only W4,W5] [--runtime current|multi] [--cpu] [--markdown]\n   \
    or: profile CONTENDER WORKLOAD SECONDS [--runtime current|multi]";

impl Options {
    pub fn parse(args: &[String]) -> Result<Self, String> {
        let mut options = Self {
            rounds: 15,
            workloads: ALL.to_vec(),
            flavor: Flavor::CurrentThread,
            cpu: false,
            markdown: false,
            profile: None,
        };
        let mut args = args.iter();
        match args.next().map(String::as_str) {
            Some("sqlite") => {}
            Some("profile") => options.profile = Some(profile(&mut args)?),
            _ => return Err(format!("usage: {USAGE}")),
        }
        while let Some(arg) = args.next() {
            if arg == "--markdown" {
                options.markdown = true;
                continue;
            }
            if arg == "--cpu" {
                options.cpu = true;
                continue;
            }
            let value = args.next().ok_or_else(|| format!("{arg} wants a value"))?;
            match arg.as_str() {
                "--rounds" => options.rounds = number(value)?.max(1) as usize,
                "--only" => {
                    options.workloads = value.split(',').map(workload).collect::<Result<_, _>>()?;
                }
                "--runtime" => {
                    options.flavor = match value.as_str() {
                        "current" => Flavor::CurrentThread,
                        "multi" => Flavor::MultiThread,
                        other => return Err(format!("no runtime is called {other:?}")),
                    };
                }
                _ => return Err(format!("unknown option {arg}; usage: {USAGE}")),
            }
        }
        Ok(options)
    }
}

fn profile<'a>(
    args: &mut impl Iterator<Item = &'a String>,
) -> Result<(String, Workload, u64), String> {
    match (args.next(), args.next(), args.next()) {
        (Some(contender), Some(which), Some(seconds)) => {
            Ok((contender.clone(), workload(which)?, number(seconds)?))
        }
        _ => Err(format!("usage: {USAGE}")),
    }
}

fn workload(text: &str) -> Result<Workload, String> {
    Workload::parse(text).ok_or_else(|| format!("no workload is called {text:?}: W1 to W12"))
}

fn number(text: &str) -> Result<u64, String> {
    text.parse()
        .map_err(|_| format!("{text:?} is not a number"))
}
