//! The benchmarks on database servers.

use std::process::Command;

use crate::{
    repo::Repo,
    run,
    services::{Kind, Services},
};

/// Starts a server and has the program measure on it. With `--one-core` everything shares a core.
pub(super) fn run(repo: &Repo, package: &str, kind: Kind, args: &[String]) -> Result<(), String> {
    // First, so that the compiler has all cores.
    run::status(&mut super::command(repo, "build", package)?)?;
    if args.iter().any(|arg| arg == "--one-core") {
        stay_on_one_core()?;
    }
    let services = Services::start_kinds(&[kind])?;
    let mut command = super::command(repo, "run", package)?;
    run::status(command.arg("--").args(args).envs(services.environment()))
}

/// What is started from now on stays there too.
fn stay_on_one_core() -> Result<(), String> {
    let me = std::process::id().to_string();
    let mut taskset = Command::new("taskset");
    taskset.args(["--all-tasks", "--cpu-list", "--pid", "0", &me]);
    run::output(&mut taskset)
        .map(drop)
        .map_err(|e| format!("{e}\n`--one-core` wants Linux, and `taskset` of util-linux"))
}
