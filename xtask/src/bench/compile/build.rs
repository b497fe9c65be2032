//! Builds the application again and again, and takes the time of it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use serde_json::Value;

use super::app::{Contender, EDIT, EDITED};
use crate::{repo, run};

/// How often a model is edited; the median counts.
const EDITS: usize = 5;

/// What one call of cargo took.
#[derive(Clone, Copy, Default, PartialEq)]
pub(super) struct Took {
    /// On the wall, in seconds.
    pub(super) wall: f64,
    /// The processors' time, in seconds.
    pub(super) cpu: f64,
}

#[derive(Clone, Default)]
pub(super) struct Costs {
    pub(super) version: String,
    pub(super) crates: usize,
    pub(super) clean: Took,
    pub(super) rebuild: Took,
    pub(super) check: Took,
    pub(super) release: Option<Release>,
}

#[derive(Clone, Copy, Default)]
pub(super) struct Release {
    pub(super) took: Took,
    /// The size of the program without its symbols, in bytes.
    pub(super) stripped: u64,
}

/// Builds the application in `folder` in all the ways that are measured.
pub(super) fn measure(
    contender: &Contender,
    models: usize,
    folder: &Path,
    release: bool,
) -> Result<Costs, String> {
    // What is downloaded does not count.
    run::status(&mut cargo(folder, &["fetch"]))?;
    let version = version(contender, folder)?;
    let (clean, printed) = timed(
        folder,
        &["build", "--message-format", "json-render-diagnostics"],
    )?;
    let crates = crates(&printed);
    let program = program(&printed)?;
    works(&program, models)?;
    let rebuild = edited(folder, "build")?;
    works(&program, models)?;
    timed(folder, &["check"])?;
    let check = edited(folder, "check")?;
    let release = if release {
        Some(released(folder)?)
    } else {
        None
    };
    Ok(Costs {
        version,
        crates,
        clean,
        rebuild,
        check,
        release,
    })
}

/// A cargo command as a user would give it: what the environment says of profiles and folders is
/// not for the application.
fn cargo(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(repo::cargo());
    command.args(args).current_dir(folder);
    for (name, _) in std::env::vars_os() {
        let known = name.to_string_lossy();
        let ours = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_PROFILE_"]
            .iter()
            .any(|start| known.starts_with(start));
        if ours || ["RUSTFLAGS", "CARGO_INCREMENTAL"].contains(&&*known) {
            command.env_remove(&name);
        }
    }
    command.env("CARGO_TARGET_DIR", folder.join("target"));
    command
}

/// Runs cargo without the network.
fn timed(folder: &Path, args: &[&str]) -> Result<(Took, String), String> {
    let mut command = cargo(folder, args);
    command
        .args(["--offline", "--quiet"])
        .stderr(Stdio::inherit());
    let (cpu, start) = (cpu_of_children()?, Instant::now());
    let printed = run::output(&mut command)?;
    let took = Took {
        wall: start.elapsed().as_secs_f64(),
        cpu: cpu_of_children()? - cpu,
    };
    Ok((took, printed))
}

/// Edits a model and builds, several times.
fn edited(folder: &Path, command: &str) -> Result<Took, String> {
    let path = folder.join(EDITED);
    let mut all = Vec::new();
    for _ in 0..EDITS {
        let text = std::fs::read_to_string(&path).map_err(|e| format!("{EDITED}: {e}"))?;
        let text = edit(&text).ok_or_else(|| format!("{EDITED} has no `{EDIT}`"))?;
        std::fs::write(&path, text).map_err(|e| format!("{EDITED}: {e}"))?;
        all.push(timed(folder, &[command])?.0);
    }
    Ok(Took {
        wall: median(all.iter().map(|took| took.wall).collect()),
        cpu: median(all.iter().map(|took| took.cpu).collect()),
    })
}

/// Counts the number behind [`EDIT`] up.
fn edit(text: &str) -> Option<String> {
    let at = text.find(EDIT)? + EDIT.len();
    let (before, rest) = text.split_at(at);
    let digits = rest.find(|c: char| !c.is_ascii_digit())?;
    let (number, after) = rest.split_at(digits);
    let next = number.parse::<u64>().ok()? + 1;
    Some(format!("{before}{next}{after}"))
}

fn median(mut of: Vec<f64>) -> f64 {
    of.sort_by(f64::total_cmp);
    of.get(of.len() / 2).copied().unwrap_or_default()
}

fn released(folder: &Path) -> Result<Release, String> {
    let (took, printed) = timed(
        folder,
        &[
            "build",
            "--release",
            "--message-format",
            "json-render-diagnostics",
        ],
    )?;
    let program = program(&printed)?;
    run::status(Command::new("strip").arg(&program))?;
    let size = std::fs::metadata(&program).map_err(|e| format!("{}: {e}", program.display()))?;
    Ok(Release {
        took,
        stripped: size.len(),
    })
}

fn messages(printed: &str) -> impl Iterator<Item = Value> {
    let lines = printed.lines();
    lines.filter_map(|line| serde_json::from_str(line).ok())
}

/// The number of packages of which something was compiled, the application among them.
fn crates(printed: &str) -> usize {
    let artifacts = messages(printed).filter(|message| message["reason"] == "compiler-artifact");
    let packages: BTreeSet<String> = artifacts
        .filter_map(|message| Some(message["package_id"].as_str()?.to_owned()))
        .collect();
    packages.len()
}

fn program(printed: &str) -> Result<PathBuf, String> {
    messages(printed)
        .filter_map(|message| Some(PathBuf::from(message["executable"].as_str()?)))
        .last()
        .ok_or_else(|| "the application was built, but cargo named no program".into())
}

/// The application makes a row of each model, and finds for each of them but the last the row of
/// the next.
fn works(program: &Path, models: usize) -> Result<(), String> {
    let printed = run::output(&mut Command::new(program))?;
    let expected = (models - 1).to_string();
    if printed.trim() == expected {
        Ok(())
    } else {
        Err(format!(
            "the application printed {printed:?} instead of {expected}"
        ))
    }
}

/// The version in the lock file.
fn version(contender: &Contender, folder: &Path) -> Result<String, String> {
    let text = std::fs::read_to_string(folder.join("Cargo.lock"))
        .map_err(|e| format!("Cargo.lock: {e}"))?;
    let head = format!("name = \"{}\"", contender.package);
    let mut lines = text.lines().skip_while(|line| *line != head).skip(1);
    lines
        .next()
        .and_then(|line| line.strip_prefix("version = \"")?.strip_suffix('"'))
        .map(str::to_owned)
        .ok_or_else(|| format!("{} is not in Cargo.lock", contender.package))
}

/// The processors' time, in seconds, of all children of this program that have ended, and of theirs.
fn cpu_of_children() -> Result<f64, String> {
    let path = "/proc/self/stat";
    let text = std::fs::read_to_string(path)
        .map_err(|e| format!("{path}: {e}; the time of builds is taken on Linux alone"))?;
    // The program's name comes second, in parentheses, and may hold blanks.
    let rest = text.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks: Option<f64> = rest
        .split_ascii_whitespace()
        .skip(13)
        .take(2)
        .map(|number| number.parse::<f64>().ok())
        .sum();
    // What Linux tells programs is always a hundredth of a second.
    ticks
        .map(|ticks| ticks / 100.0)
        .ok_or_else(|| format!("{path} is odd: {text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_counts_up() {
        assert_eq!(edit("a edit 9\"").as_deref(), Some("a edit 10\""));
        assert_eq!(edit("a edit"), None);
    }

    #[test]
    fn a_package_counts_once() {
        let printed = r#"{"reason":"compiler-artifact","package_id":"a","executable":null}
{"reason":"compiler-artifact","package_id":"a","executable":null}
{"reason":"build-script-executed","package_id":"b"}
{"reason":"compiler-artifact","package_id":"app","executable":"/x/app"}"#;
        assert_eq!(crates(printed), 2);
        assert_eq!(program(printed), Ok(PathBuf::from("/x/app")));
    }

    #[test]
    fn the_time_of_children_goes_on() {
        let before = cpu_of_children().unwrap();
        let ended = Command::new("sh")
            .args(["-c", "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done"])
            .status();
        assert!(ended.unwrap().success());
        assert!(cpu_of_children().unwrap() > before);
    }
}
