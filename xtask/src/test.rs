//! `cargo xtask test`: every test and documentation example, counted per database.

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
    println!();
    table::print(["database", "cases", "passed", "failed"], &rows);
    let skipped = tests.skipped + documentation.map_or(0, |results| results.skipped);
    println!("skipped: {skipped}");
    if !servers {
        println!("not run, because of --sqlite: what needs a database server");
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
        Some(database) if whole && servers => Err(format!(
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
