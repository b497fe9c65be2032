//! `cargo xtask bench`: the benchmarks, which live in a workspace of their own.

mod baseline;
mod compile;
mod instructions;

use std::process::Command;

use crate::{
    repo::Repo,
    run,
    services::{POSTGRES, Services},
};

pub(crate) fn run(args: &[String]) -> Result<(), String> {
    let Some((which, rest)) = args.split_first() else {
        return Err(usage());
    };
    let repo = Repo::find()?;
    let outcome = match which.as_str() {
        "--sqlite" => run::status(command(&repo, "sinew-bench-sqlite")?.args(rest)),
        "--instructions" => return instructions::run(&repo, rest),
        "--compile" => return compile::run(&repo, rest),
        "--latency" => {
            let mut command = command(&repo, "sinew-latency")?;
            let services = Services::start_kinds(&[POSTGRES])?;
            run::status(command.args(rest).envs(services.environment()))
        }
        _ => return Err(usage()),
    };
    outcome.map_err(|e| format!("{e}\nfix what it printed above, then run it again"))
}

fn usage() -> String {
    "say what to measure: `cargo xtask bench --sqlite`, `cargo xtask bench --latency`, `cargo xtask \
     bench --instructions` or `cargo xtask bench --compile`"
        .into()
}

/// Runs a program of the benchmarks' workspace.
fn command(repo: &Repo, package: &str) -> Result<Command, String> {
    let manifest = "bench/Cargo.toml";
    if !repo.root.join(manifest).is_file() {
        return Err(format!("{manifest} is missing; restore the folder bench/"));
    }
    Ok(repo.cargo(&[
        "run",
        "--release",
        "--manifest-path",
        manifest,
        "--package",
        package,
        "--",
    ]))
}
