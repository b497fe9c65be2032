//! `cargo xtask conformance`: which test proves which behaviour.

use std::{path::Path, time::SystemTime};

use crate::{
    annotations::{self, Claim},
    databases,
    repo::{Metadata, Repo},
    results::{Case, Results},
    runner, table,
};

const LIST: &str = "xtask/conformance.tsv";

/// One line of the list.
struct Behaviour {
    number: String,
    /// It must be proven.
    seed: bool,
    title: String,
}

pub(crate) fn run(args: &[String]) -> Result<(), String> {
    let repo = Repo::find()?;
    let metadata = repo.metadata()?;
    let behaviours = read_list(&repo.read(LIST)?)?;
    let claims = annotations::read(&repo, &metadata)?;
    check(&behaviours, &claims)?;
    let results = match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--list"] => None,
        ["--last"] => Some(last_results(&repo, &metadata)?),
        [] => Some(runner::tests(&repo, &metadata, &[], &[])?),
        _ => return Err("the arguments are `--list` or `--last`, or none".into()),
    };
    report(&behaviours, &claims, results.as_ref())
}

fn read_list(text: &str) -> Result<Vec<Behaviour>, String> {
    let behaviour = |(index, line): (usize, &str)| match line.split('\t').collect::<Vec<_>>()[..] {
        [number, seed @ ("yes" | "no"), title] => Ok(Behaviour {
            number: number.into(),
            seed: seed == "yes",
            title: title.into(),
        }),
        _ => Err(format!(
            "{LIST}:{}: expected number, yes or no, title, between tabs",
            index + 1
        )),
    };
    text.lines().enumerate().skip(1).map(behaviour).collect()
}

/// Every number that a test claims must be in the list.
fn check(behaviours: &[Behaviour], claims: &[Claim]) -> Result<(), String> {
    let unknown = |claim: &&Claim| behaviours.iter().all(|known| known.number != claim.number);
    match claims.iter().find(unknown) {
        None => Ok(()),
        Some(Claim {
            file, line, number, ..
        }) => Err(format!(
            "{file}:{line}: {number} is not in {LIST}; correct it, or add its line"
        )),
    }
}

/// The results that `cargo xtask test` left, unless a source has changed since.
fn last_results(repo: &Repo, metadata: &Metadata) -> Result<Results, String> {
    let file = runner::results_file(metadata);
    let text = std::fs::read_to_string(&file)
        .map_err(|e| format!("{}: {e}; run `cargo xtask test` first", file.display()))?;
    let written = changed(&file);
    for source in repo.files()?.iter().filter(|file| file.ends_with(".rs")) {
        if changed(&repo.root.join(source)) > written {
            return Err(format!(
                "{source} changed after the last run; run `cargo xtask test`"
            ));
        }
    }
    println!("(results of {})", file.display());
    Ok(Results::from_lines(&text))
}

fn changed(file: &Path) -> Option<SystemTime> {
    std::fs::metadata(file)
        .and_then(|metadata| metadata.modified())
        .ok()
}

fn report(
    behaviours: &[Behaviour],
    claims: &[Claim],
    results: Option<&Results>,
) -> Result<(), String> {
    let mut rows = Vec::new();
    let mut unproven = Vec::new();
    for behaviour in behaviours {
        let own = rows_of(behaviour, claims, results);
        let failed = own.iter().any(|[.., result]| result == FAILED);
        let passed = own.iter().any(|[.., result]| result == PASSED);
        if behaviour.seed && (failed || !passed) {
            unproven.push(behaviour.number.as_str());
        }
        rows.extend(own);
    }
    println!();
    table::print(["number", "title", "test", "result"], &rows);
    if results.is_none() {
        return Ok(());
    }
    let seeds = behaviours.iter().filter(|behaviour| behaviour.seed).count();
    println!(
        "\n{} of {seeds} seed behaviours proven",
        seeds - unproven.len()
    );
    let Some(first) = unproven.first() else {
        return Ok(());
    };
    Err(format!(
        "not proven: {}\nMake the tests above pass; where there is none, put \
         `// Seed: {first} -- title` directly above the test that proves it",
        unproven.join(" ")
    ))
}

/// One row per test of a behaviour; one that says so where a seed has none.
fn rows_of(behaviour: &Behaviour, claims: &[Claim], results: Option<&Results>) -> Vec<[String; 4]> {
    let row = |test: String, result: &str| {
        [
            behaviour.number.clone(),
            behaviour.title.clone(),
            test,
            result.into(),
        ]
    };
    let own = claims
        .iter()
        .filter(|claim| claim.number == behaviour.number);
    let rows: Vec<_> = own
        .map(|claim| {
            let test = format!("{} {}", short(&claim.file), claim.function);
            row(test, results.map_or("", |results| outcome(claim, results)))
        })
        .collect();
    if rows.is_empty() && behaviour.seed {
        vec![row("-".into(), "no test")]
    } else {
        rows
    }
}

const PASSED: &str = "passed";
const FAILED: &str = "FAILED";

/// How the test of a claim ended. A test that runs on several databases must pass on each.
fn outcome(claim: &Claim, results: &Results) -> &'static str {
    let mut found: Vec<&Case> = results
        .cases
        .iter()
        .filter(|case| is_of(claim, case))
        .collect();
    // Two files of one package may have a test of the same name.
    let stem = Path::new(&claim.file)
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy();
    let in_file = |case: &&Case| {
        case.binary.rsplit("::").next() == Some(&*stem) || case.name.split("::").any(|s| s == stem)
    };
    if found.iter().any(in_file) {
        found.retain(in_file);
    }
    match (found.is_empty(), found.iter().all(|case| case.passed)) {
        (true, _) => "did not run",
        (false, true) => PASSED,
        (false, false) => FAILED,
    }
}

fn is_of(claim: &Claim, case: &Case) -> bool {
    let package = case.package.is_empty() || case.package == claim.package;
    package
        && case
            .name
            .split("::")
            .any(|part| databases::is_function(part, &claim.function))
}

/// `crates/sinew/tests/find.rs` as `sinew/tests/find.rs`.
fn short(file: &str) -> &str {
    file.strip_prefix("crates/").unwrap_or(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(file: &str) -> Claim {
        Claim {
            number: "B084".into(),
            package: "sinew".into(),
            file: file.into(),
            line: 1,
            function: "creates".into(),
        }
    }

    fn case(binary: &str, name: &str, passed: bool) -> Case {
        let package = binary.split("::").next().unwrap_or_default().to_string();
        Case {
            package,
            binary: binary.into(),
            name: name.into(),
            passed,
        }
    }

    #[test]
    fn a_claim_finds_the_cases_of_its_own_file() {
        let cases = vec![
            case("sinew::one", "sqlite::creates", true),
            case("sinew::two", "creates", false),
            case("sinew-core", "creates", false),
        ];
        let results = Results { cases, skipped: 0 };
        assert_eq!(
            outcome(&claim("crates/sinew/tests/one.rs"), &results),
            "passed"
        );
        assert_eq!(
            outcome(&claim("crates/sinew/tests/two.rs"), &results),
            "FAILED"
        );
        assert_eq!(
            outcome(&claim("crates/sinew/tests/three.rs"), &results),
            "FAILED"
        );
    }

    #[test]
    fn a_list_with_a_mistake_names_its_line() {
        assert_eq!(
            read_list("number\tseed\ttitle\nB001\tyes\tx")
                .unwrap()
                .len(),
            1
        );
        assert!(read_list("number\tseed\ttitle\nB001 yes x").is_err_and(|e| e.contains(":2")));
    }
}
