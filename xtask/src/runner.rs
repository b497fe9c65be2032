//! The two ways of running the tests: nextest where it is installed, `cargo test` where it is not.

use std::{path::PathBuf, process::Command};

use crate::{
    repo::{Metadata, Repo},
    results::Results,
    run,
};

/// Runs every test but the documentation's, with these variables. `Err` is for a run that gave no
/// results.
pub(crate) fn tests(
    repo: &Repo,
    metadata: &Metadata,
    args: &[String],
    environment: &[(&str, &str)],
) -> Result<Results, String> {
    if has_nextest(repo) {
        let mut command = repo.cargo(&["nextest", "run", "--workspace", "--no-fail-fast"]);
        command
            .args(["--status-level", "pass", "--final-status-level", "fail"])
            .args(args)
            .envs(environment.iter().copied());
        let (succeeded, printed) = run::echo(command)?;
        return verdict(succeeded, Results::from_nextest(&printed)?);
    }
    println!("(cargo-nextest is not installed; `cargo test` takes its place)");
    let mut command = repo.cargo(&["test", "--workspace", "--no-fail-fast"]);
    command
        .args(["--lib", "--bins", "--tests", "--examples"])
        .args(args)
        .envs(environment.iter().copied());
    let (succeeded, printed) = run::echo(command)?;
    let mut results = verdict(succeeded, Results::from_libtest(&printed)?)?;
    for case in &mut results.cases {
        case.package = package_with_target(metadata, &case.binary);
    }
    Ok(results)
}

/// Runs the examples of the documentation.
pub(crate) fn documentation(repo: &Repo) -> Result<Results, String> {
    let (succeeded, printed) =
        run::echo(repo.cargo(&["test", "--workspace", "--doc", "--no-fail-fast"]))?;
    verdict(succeeded, Results::from_libtest(&printed)?)
}

/// Where the results of the last whole run are kept.
pub(crate) fn results_file(metadata: &Metadata) -> PathBuf {
    metadata.target_directory.join("xtask").join("results.tsv")
}

/// A run that failed without a failed case did not build, or was cut short.
fn verdict(succeeded: bool, results: Results) -> Result<Results, String> {
    let nothing_ran = results.cases.is_empty();
    if succeeded || nothing_ran || results.failed() > 0 {
        Ok(results)
    } else {
        Err("the run failed although no case did: see the runner's own words above".into())
    }
}

fn has_nextest(repo: &Repo) -> bool {
    let mut command: Command = repo.cargo(&["nextest", "--version"]);
    command.output().is_ok_and(|output| output.status.success())
}

/// The package of a test program, or nothing where several have one of this name.
fn package_with_target(metadata: &Metadata, target: &str) -> String {
    let target = target.replace('-', "_");
    let has = |targets: &[String]| targets.iter().any(|name| name.replace('-', "_") == target);
    let mut found = metadata
        .packages
        .iter()
        .filter(|(_, package)| has(&package.targets));
    match (found.next(), found.next()) {
        (Some((name, _)), None) => name.clone(),
        _ => String::new(),
    }
}
