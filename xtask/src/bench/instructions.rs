//! `cargo xtask bench --instructions`: how many instructions the hot paths take, beside what they took
//! before. The count repeats where a time does not, so it can be a gate.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use super::baseline::{Baseline, grouped};
use crate::{repo::Repo, run, services};

const FILE: &str = "bench/instructions.toml";
const PACKAGE: &str = "sinew-instructions";
/// As many parts of a thousand may a path take more than before.
const MOST: i64 = 30;

pub(super) fn run(repo: &Repo, args: &[String]) -> Result<(), String> {
    let accept = match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => false,
        ["--accept"] => true,
        _ => return Err("usage: cargo xtask bench --instructions [--accept]".into()),
    };
    let valgrind = services::find_program("valgrind", Vec::new, "valgrind")?;
    let program = build(repo)?;
    let mut now = Baseline {
        environment: environment(&program, &valgrind)?,
        counts: BTreeMap::new(),
    };
    for line in run::output(Command::new(&program).arg("list"))?.lines() {
        let (path, times) = line.split_once(' ').ok_or("the list is odd")?;
        let times: u64 = times.parse().map_err(|e| format!("{line}: {e}"))?;
        let total = count(&valgrind, &program, path)?;
        now.counts.insert(path.into(), total / times);
    }
    settle(accept, &repo.root.join(FILE), &now)
}

/// Shows what was counted, and takes it for the baseline or holds it against the one there is.
fn settle(accept: bool, file: &Path, now: &Baseline) -> Result<(), String> {
    if accept {
        now.write(file)?;
        println!("\n{}\nwritten to {FILE}", table(None, now));
        return Ok(());
    }
    let before = Baseline::read(file)?;
    println!("\n{}", table(Some(&before), now));
    judge(&before, now)
}

/// Fails where something takes more than before, if that says anything.
fn judge(before: &Baseline, now: &Baseline) -> Result<(), String> {
    let differences = before.differences(now);
    if !differences.is_empty() {
        println!(
            "{FILE} was written where something else was in place, so nothing is judged:\n  {}\n\
             Counts compare with one another only where all of that is the same. To move to what is \
             here: check out the commit that {FILE} was last good for, run `cargo xtask bench \
             --instructions --accept`, come back with that file, and compare again.",
            differences.join("\n  ")
        );
        return Ok(());
    }
    let grown: Vec<&str> = now
        .counts
        .iter()
        .filter(|(path, count)| change(before, path, **count).is_none_or(|change| change > MOST))
        .map(|(path, _)| path.as_str())
        .collect();
    let gone = before
        .counts
        .keys()
        .filter(|path| !now.counts.contains_key(*path));
    let wrong: Vec<&str> = grown.into_iter().chain(gone.map(String::as_str)).collect();
    if wrong.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{} take more than {}.{} % above {FILE}, or are in one of the two alone. Find out why \
         (callgrind_annotate shows where); if it is worth it, `cargo xtask bench --instructions \
         --accept`, and say so in the commit.",
        wrong.join(", "),
        MOST / 10,
        MOST % 10
    ))
}

/// By how many parts of a thousand it has changed.
fn change(before: &Baseline, path: &str, now: u64) -> Option<i64> {
    let before = i64::try_from(*before.counts.get(path)?).ok()?;
    let now = i64::try_from(now).ok()?;
    Some((now - before) * 1_000 / before.max(1))
}

fn table(before: Option<&Baseline>, now: &Baseline) -> String {
    let mut out = format!(
        "{:<22} {:>14} {:>14} {:>9}\n",
        "instructions", "before", "now", "change"
    );
    for (path, count) in &now.counts {
        let old = before.and_then(|before| before.counts.get(path));
        let change = before.and_then(|before| change(before, path, *count));
        let change = change.map_or(String::new(), |parts| {
            let sign = if parts < 0 { '-' } else { '+' };
            format!("{sign}{}.{} %", parts.abs() / 10, parts.abs() % 10)
        });
        let old = old.map_or_else(|| "–".into(), |count| grouped(*count));
        out.push_str(&format!(
            "{path:<22} {old:>14} {:>14} {change:>9}\n",
            grouped(*count)
        ));
    }
    out
}

fn build(repo: &Repo) -> Result<PathBuf, String> {
    let mut command = repo.cargo(&[
        "build",
        "--profile",
        "instructions",
        "--manifest-path",
        "bench/Cargo.toml",
        "--package",
        PACKAGE,
        "--message-format",
        "json-render-diagnostics",
    ]);
    let printed = run::output(command.stderr(Stdio::inherit()))?;
    let messages = printed
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    let mut program = messages.filter_map(|message: Value| {
        let path = message.get("executable")?.as_str()?.to_owned();
        Some(PathBuf::from(path))
    });
    program
        .next_back()
        .ok_or_else(|| format!("{PACKAGE} was built, but cargo named no program"))
}

/// What the counts depend on besides the code.
fn environment(program: &Path, valgrind: &Path) -> Result<BTreeMap<String, String>, String> {
    let mut found = BTreeMap::new();
    let mut add = |name: &str, text: &str| found.insert(name.to_owned(), text.trim().to_owned());
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    add(
        "compiler",
        &run::output(Command::new(rustc).arg("--version"))?,
    );
    add(
        "counter",
        &run::output(Command::new(valgrind).arg("--version"))?,
    );
    // The bundled SQLite is C.
    let compiler = run::output(Command::new("cc").arg("--version"))?;
    add("c_compiler", compiler.lines().next().unwrap_or_default());
    let libc = run::output(Command::new("getconf").arg("GNU_LIBC_VERSION"));
    add("libc", libc.as_deref().unwrap_or("unknown"));
    for line in run::output(Command::new(program).arg("environment"))?.lines() {
        if let Some((name, value)) = line.split_once(" = ") {
            add(name, value);
        }
    }
    Ok(found)
}

/// The instructions within the function that is counted.
fn count(valgrind: &Path, program: &Path, path: &str) -> Result<u64, String> {
    let file = std::env::temp_dir().join(format!("sinew-{}-{path}.callgrind", std::process::id()));
    let mut command = Command::new(valgrind);
    command
        .args(["--tool=callgrind", "--collect-atstart=no"])
        .arg("--toggle-collect=sinew_counted")
        .arg(format!("--callgrind-out-file={}", file.display()))
        .arg(program)
        .arg(path)
        // What the program finds there moves its stack and its heap.
        .env_clear();
    let outcome = run::output(&mut command).and_then(|_| {
        std::fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))
    });
    let _ = std::fs::remove_file(&file);
    let text = outcome?;
    let total = text
        .lines()
        .find_map(|line| {
            line.strip_prefix("summary:")
                .or_else(|| line.strip_prefix("totals:"))
        })
        .and_then(|rest| rest.trim().parse().ok())
        .filter(|total| *total > 0);
    total.ok_or_else(|| format!("nothing was counted of {path}; is `sinew_counted` still there?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(environment: &str, count: u64) -> Baseline {
        let mut baseline = Baseline::default();
        baseline
            .environment
            .insert("compiler".into(), environment.into());
        baseline.counts.insert("find_by_key".into(), count);
        baseline
    }

    #[test]
    fn three_in_a_hundred_more_are_too_much() {
        let before = counts("a", 100_000);
        assert!(judge(&before, &counts("a", 103_000)).is_ok());
        assert!(judge(&before, &counts("a", 50_000)).is_ok());
        let error = judge(&before, &counts("a", 103_200)).unwrap_err();
        assert!(error.contains("find_by_key"), "{error}");
    }

    #[test]
    fn what_was_accepted_is_what_is_held_against() {
        let name = format!("sinew-accepted-{}.toml", std::process::id());
        let file = std::env::temp_dir().join(name);
        let missing = settle(false, &file, &counts("a", 100_000)).unwrap_err();
        assert!(missing.contains("--accept"), "{missing}");
        settle(true, &file, &counts("a", 100_000)).unwrap();
        let same = settle(false, &file, &counts("a", 100_000));
        let slower = settle(false, &file, &counts("a", 110_000));
        settle(true, &file, &counts("a", 110_000)).unwrap();
        let accepted = settle(false, &file, &counts("a", 110_000));
        std::fs::remove_file(&file).unwrap();
        assert_eq!((same, accepted), (Ok(()), Ok(())));
        assert!(slower.is_err_and(|error| error.contains("3.0 %")));
    }

    #[test]
    fn another_compiler_is_no_failure() {
        assert!(judge(&counts("a", 100), &counts("b", 1_000)).is_ok());
    }

    #[test]
    fn a_path_that_is_in_one_of_the_two_alone_is_told() {
        let some = counts("a", 100);
        let mut none = counts("a", 100);
        none.counts.clear();
        assert!(judge(&some, &none).is_err());
        assert!(judge(&none, &some).is_err());
    }
}
