//! Sinew beside its peers and the hand-written driver on MySQL or MariaDB: one program, one run, the
//! contenders interleaved round by round.
//!
//! ```text
//! SINEW_TEST_MYSQL=mysql://user:password@host/database cargo run --release -p sinew-bench-mysql -- \
//!     [check] [--rounds N] [--only W4,W5] [--contenders hand,sinew] [--runtime current|multi] \
//!     [--cpu] [--markdown]
//! ```

mod database;
mod hand;

use std::process::ExitCode;

use sinew_bench::options::{Flavor, Options};
use sinew_bench::system::version_of;
use sinew_bench::{Backend, Contender, Keeper, Result, Runner, Workload};

use database::Server;

struct Mysql {
    server: Server,
}

impl Backend for Mysql {
    fn name(&self) -> &'static str {
        "mysql"
    }

    fn title(&self) -> &'static str {
        "MySQL"
    }

    fn contenders(&self) -> Vec<&'static str> {
        let mut all = vec!["hand"];
        if cfg!(feature = "libmysqlclient") {
            all.push("diesel");
        }
        if cfg!(feature = "peers") {
            all.extend(["sea-orm", "sqlx"]);
        }
        all.push("sinew");
        all
    }

    fn limit(&self) -> f64 {
        1.15
    }

    fn flavor(&self) -> Flavor {
        Flavor::MultiThread
    }

    fn seed(&mut self, workloads: &[Workload]) -> Result<()> {
        let more = workloads.iter().any(|workload| workload.wants_more_rows());
        self.server.seed(more)
    }

    fn copy(&mut self, contender: &'static str) -> Result<(String, Box<dyn Keeper>)> {
        let (name, database) = self.server.copy(contender)?;
        Ok((name, Box::new(database)))
    }

    fn open(&self, name: &str, place: &str, options: &Options) -> Result<Box<dyn Contender>> {
        if options.delay.is_some() {
            return Err("the slow network speaks PostgreSQL's protocol alone".into());
        }
        let (url, flavor) = (self.server.url(place), options.flavor);
        match name {
            "hand" => Runner::<hand::Hand>::boxed("hand", &url, flavor),
            #[cfg(feature = "libmysqlclient")]
            "diesel" => Runner::<sinew_bench_diesel::mysql::Diesel>::boxed("diesel", &url, flavor),
            #[cfg(feature = "peers")]
            "sea-orm" => Runner::<sinew_bench_peers::SeaOrm>::boxed("sea-orm", &url, flavor),
            #[cfg(feature = "peers")]
            "sqlx" => Runner::<sinew_bench_sqlx::mysql::Sqlx>::boxed("sqlx", &url, flavor),
            "sinew" => Runner::<sinew_bench_sinew::Sinew>::boxed("sinew", &url, flavor),
            other => Err(format!("no contender is called {other:?}").into()),
        }
    }

    fn versions(&mut self) -> Result<Vec<String>> {
        let mut versions = vec![self.server.version()?];
        for name in ["mysql_async", "diesel", "sea-orm", "sqlx"] {
            versions.push(format!("{name} {}", version_of(name)));
        }
        Ok(versions)
    }
}

fn main() -> ExitCode {
    match Server::new() {
        Ok(server) => sinew_bench::main(&mut Mysql { server }),
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
