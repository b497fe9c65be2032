//! `cargo xtask test`: every test and documentation example, counted per database.

use crate::services::Services;
use crate::{
    databases::{self, DATABASES},
    repo::{Metadata, Repo},
    results::{Case, Results},
    runner, table,
};

pub(crate) fn run(args: &[String]) -> Result<(), String> {
    let servers = args.iter().any(|arg| arg == "--servers");
    let args: Vec<String> = args
        .iter()
        .filter(|arg| !["--sqlite", "--servers"].contains(&arg.as_str()))
        .cloned()
        .collect();
    let repo = Repo::find()?;
    let metadata = repo.metadata()?;
    let services = servers.then(Services::start);
    let (environment, absent): (Vec<_>, _) = match &services {
        Some(Ok(services)) => (services.environment().collect(), None),
        Some(Err(why)) => (Vec::new(), Some(why.clone())),
        None => (
            Vec::new(),
            Some("--servers starts PostgreSQL and MariaDB for it".to_owned()),
        ),
    };
    let mut tests = runner::tests(&repo, &metadata, &args, &environment)?;
    if absent.is_some() {
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
    report(
        &tests,
        documentation.as_ref(),
        args.is_empty(),
        absent.as_deref(),
    )
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
    absent: Option<&str>,
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
    println!();
    table::print(["database", "cases", "passed", "failed"], &rows);
    let skipped = tests.skipped + documentation.map_or(0, |results| results.skipped);
    println!("skipped: {skipped}");
    if let Some(why) = absent {
        println!("not run: what needs a database server ({why})");
    }

    let failed = tests.failed() + documentation.map_or(0, Results::failed);
    let not_run = DATABASES
        .iter()
        .find(|database| on(Some(database.name)).next().is_none());
    match not_run {
        _ if failed > 0 => Err(format!(
            "{failed} failed; each is marked FAIL above. Run one again by its name: \
             `cargo xtask test NAME`"
        )),
        _ if tests.cases.is_empty() => {
            Err("no test ran; is the name that you filter by spelt right?".into())
        }
        Some(database) if whole && absent.is_none() => Err(format!(
            "no case ran on {}; are its tests compiled in?",
            database.name
        )),
        _ => Ok(()),
    }
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
