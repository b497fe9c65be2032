//! `cargo xtask test`: every test and documentation example, counted per database.

use std::collections::{BTreeMap, BTreeSet};

use crate::services::Services;
use crate::{
    databases::{self, DATABASES},
    repo::{Metadata, Repo},
    results::{Case, Results},
    runner, table,
};

pub(crate) fn run(args: &[String]) -> Result<(), String> {
    let (embedded, args): (Vec<String>, _) =
        args.iter().cloned().partition(|arg| arg == "--sqlite");
    let servers = embedded.is_empty();
    let repo = Repo::find()?;
    let metadata = repo.metadata()?;
    let services = match servers {
        true => Some(Services::start()?),
        false => None,
    };
    let environment: Vec<_> = services.iter().flat_map(Services::environment).collect();
    let mut tests = runner::tests(&repo, &metadata, &args, &environment)?;
    if !servers {
        // Without a server they return at once, which is not a pass.
        tests.cases.retain(|case| !databases::needs_server(case));
    }
    drop(services);
    let documentation = if args.is_empty() {
        save(&metadata, &tests)?;
        Some(runner::documentation(&repo)?)
    } else {
        println!("(the documentation's examples are left out of a run with arguments)");
        None
    };
    report(&tests, documentation.as_ref(), args.is_empty(), servers)
}

/// Keeps the results for `cargo xtask conformance --last`.
fn save(metadata: &Metadata, tests: &Results) -> Result<(), String> {
    let file = runner::results_file(metadata);
    let written = file.parent().map_or(Ok(()), std::fs::create_dir_all);
    written
        .and_then(|()| std::fs::write(&file, tests.to_lines()))
        .map_err(|e| format!("{}: {e}", file.display()))
}

fn report(
    tests: &Results,
    documentation: Option<&Results>,
    whole: bool,
    servers: bool,
) -> Result<(), String> {
    let on = |database| {
        tests
            .cases
            .iter()
            .filter(move |case| databases::of(case) == database)
    };
    let mut rows: Vec<_> = DATABASES
        .iter()
        .map(|database| row(database.name, on(Some(database.name))))
        .collect();
    rows.push(row("none", on(None)));
    rows.extend(documentation.map(|results| row("documentation", results.cases.iter())));
    let skipped = tests.skipped + documentation.map_or(0, |results| results.skipped);
    println!("\nskipped: {skipped}");
    if !servers {
        println!("not run, because of --sqlite: what needs a database server");
    }
    println!();
    table::print(["database", "cases", "passed", "failed"], &rows);
    for line in needs(&tests.cases) {
        println!("{line}");
    }
    verdict(tests, documentation, whole && servers)
}

/// What is not run everywhere, for want of something that not every database can do.
fn needs(cases: &[Case]) -> Vec<String> {
    let mut needs: BTreeMap<String, (BTreeSet<&str>, BTreeSet<&str>)> = BTreeMap::new();
    for case in cases {
        if let (Some(need), Some(database)) = (databases::need(case), databases::of(case)) {
            let (on, functions) = needs.entry(need).or_default();
            on.insert(database);
            functions.extend(case.name.rsplit("::").next());
        }
    }
    let line = |(need, (on, functions)): (String, (BTreeSet<&str>, BTreeSet<&str>))| {
        let [on, functions, count] = [
            Vec::from_iter(on).join(" and "),
            Vec::from_iter(functions.iter().copied()).join(", "),
            functions.len().to_string(),
        ];
        let cases = if count == "1" { "case" } else { "cases" };
        format!("needs {need}: {count} {cases}, on {on} alone: {functions}")
    };
    needs.into_iter().map(line).collect()
}

/// `everywhere`: nothing was left out, so every database must have had its cases.
fn verdict(
    tests: &Results,
    documentation: Option<&Results>,
    everywhere: bool,
) -> Result<(), String> {
    let failed = tests.failed() + documentation.map_or(0, Results::failed);
    if failed > 0 {
        return Err(format!(
            "{failed} failed; each is marked FAIL above. Run one again by its name: \
             `cargo xtask test NAME`"
        ));
    }
    if tests.cases.is_empty() {
        return Err("no test ran; is the name that you filter by spelt right?".into());
    }
    if !everywhere {
        return Ok(());
    }
    let ran = |name| {
        tests
            .cases
            .iter()
            .any(|case| databases::of(case) == Some(name))
    };
    if let Some(database) = DATABASES.iter().find(|database| !ran(database.name)) {
        let name = database.name;
        return Err(format!("no case ran on {name}; are its tests compiled in?"));
    }
    let lacking = databases::lacking(&tests.cases);
    let Some((database, case)) = lacking.first() else {
        return Ok(());
    };
    Err(format!(
        "{} cases did not run on every database, such as {} {} on {database}; \
         list it in the `suite!` of its module",
        lacking.len(),
        case.binary,
        case.name
    ))
}

fn row<'a>(title: &str, cases: impl Iterator<Item = &'a Case>) -> [String; 4] {
    let (mut passed, mut failed) = (0, 0);
    for case in cases {
        *if case.passed {
            &mut passed
        } else {
            &mut failed
        } += 1;
    }
    [
        title.into(),
        (passed + failed).to_string(),
        passed.to_string(),
        failed.to_string(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn results(names: &[&str]) -> Results {
        let case = |name: &&str| Case {
            package: "suite".into(),
            binary: "suite::one".into(),
            name: (*name).into(),
            passed: true,
        };
        Results {
            cases: names.iter().map(case).collect(),
            skipped: 0,
        }
    }

    #[test]
    fn a_database_that_did_not_run_fails_the_command() {
        let names = ["sqlite::a", "postgres::a", "mysql::a"];
        assert_eq!(verdict(&results(&names), None, true), Ok(()));
        let without = results(&names[..2]);
        assert!(verdict(&without, None, true).is_err_and(|e| e.contains("ran on MariaDB")));
        assert_eq!(verdict(&without, None, false), Ok(()));
        assert!(verdict(&results(&[]), None, false).is_err());
        // There are cases on each, but not of each.
        let partly = results(&["sqlite::a", "postgres::a", "mysql::b"]);
        assert!(verdict(&partly, None, true).is_err_and(|e| e.contains("sqlite::a on MariaDB")));
    }

    #[test]
    fn what_is_not_run_everywhere_is_named() {
        let results = results(&[
            "a::needs_x_y::postgres::b",
            "needs_x_y::postgres::a",
            "sqlite::c",
        ]);
        let expected = "needs x y: 2 cases, on PostgreSQL alone: a, b";
        assert_eq!(needs(&results.cases), [expected]);
    }
}
