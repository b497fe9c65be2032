//! The dependency graph of a Cargo project, in a database. Run it twice:
//!
//! ```text
//! cargo run --release --example crates -- [PATH] [--why NAME]
//! ```
//!
//! PATH is a project's folder, this workspace if it is left out. The first run imports what
//! `cargo metadata` says of it, the second one writes only what changed since. Then come questions,
//! answered along associations, each with the number of statements that it took.
//!
//! `DATABASE_URL` names the database, of SQLite, PostgreSQL, MariaDB or MySQL; it is a SQLite file
//! otherwise. Tables of others that are there are left alone.

// `pub` reads better than `pub(crate)`, and in a program they are the same.
#![allow(unreachable_pub)]

mod answers;
mod counts;
mod graph;
mod import;
mod mirror;
mod models;
mod project;
mod rows;
mod why;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use answers::number_of;
use mirror::Change;
use models::{Author, Dependency, Feature, Licence, Package, Target, Version};
use project::{Problem, Project};
use sinew::prelude::*;
use sinew_examples::{chapter, made_before, result};

const USAGE: &str = "usage: crates [PATH] [--why NAME]";

const TABLES: [&str; 9] = [
    "packages",
    "versions",
    "dependencies",
    "features",
    "targets",
    "authors",
    "version_authors",
    "licences",
    "version_licences",
];

/// What is asked on the command line.
pub struct Arguments {
    /// The project's folder.
    pub path: PathBuf,
    /// The package of the first question.
    pub why: Option<String>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run_command_line().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("error: {problem}");
            ExitCode::FAILURE
        }
    }
}

async fn run_command_line() -> Result<(), Problem> {
    let Some(arguments) = arguments(std::env::args().skip(1))? else {
        result(USAGE);
        return Ok(());
    };
    run(&database_url(), &arguments).await
}

/// Imports the project into the database of this URL, and asks it everything.
///
/// # Errors
/// When there is no such project or database, when the database has tables of these names that are
/// somebody else's, and when the rows are not what Cargo says.
pub async fn run(url: &str, arguments: &Arguments) -> Result<(), Problem> {
    chapter("Import");
    let project = Project::read(&arguments.path)?;
    result(format!("the project in {}", project.root.display()));
    result(format!("into {}", without_password(url)));
    let db = Db::connect(url).await?;
    made_before(&db, "crates", &TABLES).await?;
    db.auto_migrate(models![
        Package, Version, Dependency, Feature, Target, Author, Licence
    ])
    .await?;

    let imported = import::import(&db, &project).await?;
    let mut total = Change::default();
    for &(table, change) in &imported.tables {
        total += change;
        if change.total() > 0 {
            result(format!("{table:20} {change}"));
        }
    }
    result(match total.total() {
        0 => "0 changes".to_owned(),
        changes => format!("{}: {total}", number_of(changes, "change")),
    });
    result(format!("[{}]", number_of(imported.statements, "statement")));

    check(&db, &project).await?;
    answers::answer_all(&db, arguments.why.as_deref()).await?;
    db.close().await;
    Ok(())
}

/// Compares the rows of each table with what Cargo says.
async fn check(db: &Db, project: &Project) -> Result<(), Problem> {
    chapter("Rows");
    let counting = db.counting();
    let found = counts::found(&counting).await?;
    let mut wrong = Vec::new();
    for ((table, rows), (_, expected)) in found.into_iter().zip(counts::expected(project)) {
        result(format!("{rows:6} {table}"));
        if rows != expected {
            wrong.push(format!(
                "{table}: {rows} rows, cargo metadata has {expected}"
            ));
        }
    }
    result(format!(
        "[{}]",
        number_of(counting.statements(), "statement")
    ));
    if !wrong.is_empty() {
        return Err(format!("rows disagree with cargo metadata: {}", wrong.join("; ")).into());
    }
    result("rows agree with cargo metadata");
    Ok(())
}

/// `None` when only the usage is wanted.
fn arguments(given: impl Iterator<Item = String>) -> Result<Option<Arguments>, Problem> {
    let (mut path, mut why) = (None, None);
    let mut given = given;
    while let Some(argument) = given.next() {
        match argument.as_str() {
            "-h" | "--help" => return Ok(None),
            "--why" => why = Some(given.next().ok_or("--why needs the name of a package")?),
            option if option.starts_with('-') => {
                return Err(format!("there is no option {option}\n{USAGE}").into());
            }
            _ if path.is_some() => return Err(format!("one path at a time\n{USAGE}").into()),
            _ => path = Some(PathBuf::from(argument)),
        }
    }
    // The workspace of these examples, wherever they are run from.
    let path = path.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join(".."));
    Ok(Some(Arguments { path, why }))
}

/// `DATABASE_URL`, or a file in the folder `target` if there is one here, or else here.
fn database_url() -> String {
    std::env::var("DATABASE_URL").unwrap_or_else(|_| {
        let folder = if Path::new("target").is_dir() {
            "target/"
        } else {
            ""
        };
        format!("sqlite://{folder}crates.db")
    })
}

/// The address as it may be shown.
fn without_password(url: &str) -> String {
    match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, place))) => format!("{scheme}://…@{place}"),
        _ => url.to_owned(),
    }
}
