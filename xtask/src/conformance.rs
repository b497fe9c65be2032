//! `cargo xtask conformance`: which test proves which behaviour, on which databases.

use std::{path::Path, time::SystemTime};

use crate::{
    annotations::{self, Claim},
    databases::{self, DATABASES},
    repo::{Metadata, Repo},
    results::{Case, Results},
    runner,
    services::Services,
    table,
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
        [] => Some(fresh_results(&repo, &metadata)?),
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

fn fresh_results(repo: &Repo, metadata: &Metadata) -> Result<Results, String> {
    let services = Services::start()?;
    let environment: Vec<_> = services.environment().collect();
    runner::tests(repo, metadata, &[], &environment)
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
        let proofs = proofs(behaviour, claims, results);
        if behaviour.seed
            && let Some(lack) = lack(&proofs)
        {
            unproven.push(format!("{} ({lack})", behaviour.number));
        }
        rows.extend(rows_of(behaviour, &proofs));
    }
    println!();
    let [first, second, third] = DATABASES.map(|database| database.name);
    table::print(["number", "title", "test", first, second, third], &rows);
    if results.is_none() {
        return Ok(());
    }
    println!("\n(passed) is a test that needs no database: it counts for each of them");
    let required = behaviours.iter().filter(|behaviour| behaviour.seed).count();
    println!(
        "{} of {required} required rows proven on {first}, {second} and {third}",
        required - unproven.len()
    );
    if unproven.is_empty() {
        return Ok(());
    }
    Err(format!(
        "not proven: {}\nMake the tests above pass; where there is none, put \
         `// Seed: B001 -- title` directly above the one that proves it. `cargo xtask test` runs \
         them on all databases",
        unproven.join(", ")
    ))
}

/// A test that claims a behaviour, and how it ended on each database.
type Proof<'a> = (&'a Claim, [Outcome; 3]);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// There are no results.
    Unknown,
    DidNotRun,
    Passed,
    /// Without a database.
    PassedWithout,
    Failed,
}

impl Outcome {
    const fn word(self) -> &'static str {
        match self {
            Self::Unknown => "",
            Self::DidNotRun => "-",
            Self::Passed => "passed",
            Self::PassedWithout => "(passed)",
            Self::Failed => "FAILED",
        }
    }
}

fn proofs<'a>(
    behaviour: &Behaviour,
    claims: &'a [Claim],
    results: Option<&Results>,
) -> Vec<Proof<'a>> {
    let own = claims
        .iter()
        .filter(|claim| claim.number == behaviour.number);
    own.map(|claim| {
        let unknown = [Outcome::Unknown; 3];
        (
            claim,
            results.map_or(unknown, |results| outcomes(claim, results)),
        )
    })
    .collect()
}

/// What a required row still lacks: on each database a test that passes, and none that fails.
fn lack(proofs: &[Proof<'_>]) -> Option<String> {
    if proofs.is_empty() {
        return Some("no test".into());
    }
    let mut lacks = Vec::new();
    for (index, database) in DATABASES.iter().enumerate() {
        let on = || proofs.iter().map(|(_, outcomes)| outcomes[index]);
        if on().any(|outcome| outcome == Outcome::Failed) {
            lacks.push(format!("fails on {}", database.name));
        } else if !on().any(|outcome| matches!(outcome, Outcome::Passed | Outcome::PassedWithout)) {
            lacks.push(format!("not run on {}", database.name));
        }
    }
    (!lacks.is_empty()).then(|| lacks.join(", "))
}

/// One row per test of a behaviour; one that says so where a required one has none.
fn rows_of(behaviour: &Behaviour, proofs: &[Proof<'_>]) -> Vec<[String; 6]> {
    let row = |test: String, outcomes: [Outcome; 3]| {
        let [first, second, third] = outcomes.map(|outcome| outcome.word().to_string());
        let (number, title) = (behaviour.number.clone(), behaviour.title.clone());
        [number, title, test, first, second, third]
    };
    if proofs.is_empty() && behaviour.seed {
        return vec![row("no test".into(), [Outcome::DidNotRun; 3])];
    }
    let own = proofs.iter().map(|(claim, outcomes)| {
        let test = format!("{} {}", short(&claim.file), claim.function);
        row(test, *outcomes)
    });
    own.collect()
}

/// How the test of a claim ended, by database.
fn outcomes(claim: &Claim, results: &Results) -> [Outcome; 3] {
    let found = cases_of(claim, results);
    let needs_none = found.iter().all(|case| databases::of(case).is_none());
    DATABASES.map(|database| {
        let on: Vec<_> = found
            .iter()
            .filter(|case| needs_none || databases::of(case) == Some(database.name))
            .collect();
        match (on.is_empty(), on.iter().all(|case| case.passed)) {
            (true, _) => Outcome::DidNotRun,
            (false, false) => Outcome::Failed,
            (false, true) if needs_none => Outcome::PassedWithout,
            (false, true) => Outcome::Passed,
        }
    })
}

fn cases_of<'r>(claim: &Claim, results: &'r Results) -> Vec<&'r Case> {
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
    found
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
            case("sinew::one", "mysql::creates", true),
            case("sinew::two", "creates", false),
            case("sinew-core", "creates", false),
        ];
        let results = Results { cases, skipped: 0 };
        let words = |file| outcomes(&claim(file), &results).map(Outcome::word);
        assert_eq!(
            words("crates/sinew/tests/one.rs"),
            ["passed", "-", "passed"]
        );
        assert_eq!(words("crates/sinew/tests/two.rs"), ["FAILED", "-", "-"]);
        assert_eq!(
            words("crates/sinew/tests/three.rs"),
            ["FAILED", "-", "passed"]
        );
    }

    #[test]
    fn a_row_has_to_be_proven_on_each_database() {
        use Outcome::{DidNotRun, Failed, Passed, PassedWithout};
        let claim = claim("x.rs");
        let lack = |rows: &[[Outcome; 3]]| {
            let proofs: Vec<_> = rows.iter().map(|outcomes| (&claim, *outcomes)).collect();
            super::lack(&proofs)
        };
        assert_eq!(lack(&[[Passed; 3]]), None);
        assert_eq!(lack(&[[PassedWithout; 3]]), None);
        let first = [Passed, DidNotRun, Passed];
        assert_eq!(lack(&[first]).as_deref(), Some("not run on PostgreSQL"));
        assert_eq!(lack(&[first, [DidNotRun, Passed, DidNotRun]]), None);
        let fails = lack(&[[Passed; 3], [Passed, Passed, Failed]]);
        assert_eq!(fails.as_deref(), Some("fails on MariaDB"));
        assert_eq!(lack(&[]).as_deref(), Some("no test"));
    }

    #[test]
    fn a_test_without_a_database_counts_for_each() {
        let mut cases = vec![case("sinew::ui", "creates", true)];
        let of = |cases: &[Case]| {
            let cases = cases.to_vec();
            outcomes(
                &claim("crates/sinew/tests/ui.rs"),
                &Results { cases, skipped: 0 },
            )
        };
        assert_eq!(of(&cases), [Outcome::PassedWithout; 3]);
        cases[0].passed = false;
        assert_eq!(of(&cases), [Outcome::Failed; 3]);
        assert_eq!(of(&[]), [Outcome::DidNotRun; 3]);
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
