//! `cargo xtask bench`: the benchmarks, which live in a workspace of their own.

mod baseline;
mod compile;
mod instructions;
mod servers;

use std::process::Command;

use crate::{
    repo::Repo,
    run,
    services::{BENCHED_MARIADB, BENCHED_POSTGRES, POSTGRES},
};

pub(crate) fn run(args: &[String]) -> Result<(), String> {
    let Some((which, rest)) = args.split_first() else {
        return Err(usage());
    };
    let repo = Repo::find()?;
    let outcome = match which.as_str() {
        "--sqlite" => {
            let mut command = command(&repo, "run", "sinew-bench-sqlite")?;
            run::status(command.arg("--").args(rest))
        }
        "--instructions" => return instructions::run(&repo, rest),
        "--compile" => return compile::run(&repo, rest),
        "--postgres" => servers::run(&repo, "sinew-bench-postgres", BENCHED_POSTGRES, rest),
        "--mysql" => servers::run(&repo, "sinew-bench-mysql", BENCHED_MARIADB, rest),
        "--latency" => servers::run(&repo, "sinew-latency", POSTGRES, rest),
        _ => return Err(usage()),
    };
    outcome.map_err(|e| format!("{e}\nfix what it printed above, then run it again"))
}

fn usage() -> String {
    "say what to measure: `cargo xtask bench --sqlite`, `--postgres`, `--mysql`, `--latency`, \
     `--instructions` or `--compile`"
        .into()
}

/// Builds or runs a program of the benchmarks' workspace.
fn command(repo: &Repo, verb: &str, package: &str) -> Result<Command, String> {
    let manifest = "bench/Cargo.toml";
    if !repo.root.join(manifest).is_file() {
        return Err(format!("{manifest} is missing; restore the folder bench/"));
    }
    Ok(repo.cargo(&[
        verb,
        "--release",
        "--manifest-path",
        manifest,
        "--package",
        package,
    ]))
}
