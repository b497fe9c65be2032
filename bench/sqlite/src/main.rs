//! Sinew beside its peers and the hand-written driver on SQLite: one program, one run, the
//! contenders interleaved round by round.
//!
//! ```text
//! cargo run --release -p sinew-bench-sqlite -- [check] [--rounds N] [--only W4,W5]
//!     [--contenders hand,sinew] [--runtime current|multi] [--cpu] [--markdown]
//! cargo run --release -p sinew-bench-sqlite -- profile CONTENDER WORKLOAD SECONDS
//! ```

mod database;
mod hand;
mod with_diesel;
#[cfg(feature = "async-peers")]
mod with_diesel_async;
#[cfg(feature = "async-peers")]
mod with_sqlx;

use std::process::ExitCode;

use sinew_bench::options::Options;
use sinew_bench::system::version_of;
use sinew_bench::{Backend, Contender, Keeper, Result, Runner, Workload};

use database::{File, Folder};

struct Sqlite {
    folder: Folder,
}

impl Backend for Sqlite {
    fn name(&self) -> &'static str {
        "sqlite"
    }

    fn title(&self) -> &'static str {
        "SQLite"
    }

    fn contenders(&self) -> Vec<&'static str> {
        if cfg!(feature = "async-peers") {
            vec![
                "hand",
                "diesel",
                "diesel-async",
                "sea-orm",
                "sqlx",
                "toasty",
                "sinew",
            ]
        } else {
            vec!["hand", "diesel", "sinew"]
        }
    }

    fn limit(&self) -> f64 {
        1.15
    }

    fn seed(&mut self, workloads: &[Workload]) -> Result<()> {
        let more = workloads.iter().any(|workload| workload.wants_more_rows());
        database::seed(&self.folder.file("seed"), more)
    }

    fn copy(&mut self, contender: &'static str) -> Result<(String, Box<dyn Keeper>)> {
        let path = self.folder.file(contender);
        std::fs::copy(self.folder.file("seed"), &path)?;
        let keeper = File::open(&path)?;
        Ok((path.display().to_string(), Box::new(keeper)))
    }

    fn open(&self, name: &str, place: &str, options: &Options) -> Result<Box<dyn Contender>> {
        let flavor = options.flavor;
        let url = format!("sqlite://{place}");
        match name {
            "hand" => Runner::<hand::Hand>::boxed("hand", place, flavor),
            "diesel" => Runner::<with_diesel::Diesel>::boxed("diesel", place, flavor),
            #[cfg(feature = "async-peers")]
            "diesel-async" => {
                Runner::<with_diesel_async::DieselAsync>::boxed("diesel-async", place, flavor)
            }
            #[cfg(feature = "async-peers")]
            "sea-orm" => Runner::<sinew_bench_peers::SeaOrm>::boxed("sea-orm", &url, flavor),
            #[cfg(feature = "async-peers")]
            "sqlx" => Runner::<with_sqlx::Sqlx>::boxed("sqlx", place, flavor),
            #[cfg(feature = "async-peers")]
            "toasty" => Runner::<sinew_bench_peers::Toasty>::boxed("toasty", &url, flavor),
            "sinew" => Runner::<sinew_bench_sinew::Sinew>::boxed("sinew", &url, flavor),
            other => Err(format!("no contender is called {other:?}").into()),
        }
    }

    fn versions(&mut self) -> Result<Vec<String>> {
        let mut versions = vec![format!("SQLite {}", rusqlite::version())];
        let mut crates = vec!["rusqlite", "diesel"];
        if cfg!(feature = "async-peers") {
            crates.extend(["diesel-async", "sea-orm", "sqlx", "toasty"]);
        }
        for name in crates {
            versions.push(format!("{name} {}", version_of(name)));
        }
        Ok(versions)
    }
}

fn main() -> ExitCode {
    match Folder::new() {
        Ok(folder) => sinew_bench::main(&mut Sqlite { folder }),
        Err(error) => {
            eprintln!("error: no folder for the databases: {error}");
            ExitCode::FAILURE
        }
    }
}
