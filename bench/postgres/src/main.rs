//! Sinew beside its peers and the hand-written driver on PostgreSQL: one program, one run, the
//! contenders interleaved round by round.
//!
//! ```text
//! SINEW_TEST_POSTGRES=postgres://user@host/database cargo run --release -p sinew-bench-postgres -- \
//!     [check] [--rounds N] [--only W4,W5] [--contenders hand-any,sinew] [--runtime current|multi] \
//!     [--cpu] [--delay 1] [--markdown]
//! ```

mod database;
mod hand;
mod wire;

use std::cell::RefCell;
use std::net::ToSocketAddrs;
use std::process::ExitCode;

use sinew_bench::options::{Flavor, Options};
use sinew_bench::system::version_of;
use sinew_bench::{Backend, Contender, Keeper, Result, Runner, Workload};
use sinew_bench_network::Proxy;
use tokio_postgres::Config;
use tokio_postgres::config::Host;

use database::Server;

struct Postgres {
    server: Server,
    /// The slow networks that contenders are behind.
    proxies: RefCell<Vec<Proxy>>,
}

/// By way of a proxy, where the network is to be slow.
fn address(config: &Config) -> Result<std::net::SocketAddr> {
    let port = config.get_ports().first().copied().unwrap_or(5432);
    let Some(Host::Tcp(host)) = config.get_hosts().first() else {
        return Err("the server's URL names no host".into());
    };
    let mut found = (host.as_str(), port).to_socket_addrs()?;
    Ok(found.next().ok_or("the server's host has no address")?)
}

impl Postgres {
    /// The URL of a database.
    fn url(&self, name: &str, options: &Options) -> Result<String> {
        let config = self.server.config();
        let mut address = address(config)?;
        if let Some(delay) = options.delay {
            let proxy = Proxy::start(address, delay)?;
            address = proxy.address();
            self.proxies.borrow_mut().push(proxy);
        }
        let user = config.get_user().unwrap_or("postgres");
        let password = config.get_password().map(String::from_utf8_lossy);
        let password = password.map_or_else(String::new, |word| format!(":{word}"));
        Ok(format!(
            "postgres://{user}{password}@{address}/{name}?sslmode=disable"
        ))
    }
}

impl Backend for Postgres {
    fn name(&self) -> &'static str {
        "postgres"
    }

    fn title(&self) -> &'static str {
        "PostgreSQL"
    }

    fn contenders(&self) -> Vec<&'static str> {
        let mut all = vec!["hand-piped", "hand-any"];
        if cfg!(feature = "libpq") {
            all.push("diesel");
        }
        all.extend(["diesel-async", "sea-orm", "sqlx", "toasty", "sinew"]);
        all
    }

    fn experiments(&self) -> Vec<&'static str> {
        vec!["wire"]
    }

    fn limit(&self) -> f64 {
        1.10
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
        let (url, flavor) = (self.url(place, options)?, options.flavor);
        match name {
            "hand-piped" => Runner::<hand::Piped>::boxed("hand-piped", &url, flavor),
            "hand-any" => Runner::<hand::Any>::boxed("hand-any", &url, flavor),
            #[cfg(feature = "libpq")]
            "diesel" => {
                Runner::<sinew_bench_diesel::postgres::Diesel>::boxed("diesel", &url, flavor)
            }
            "diesel-async" => Runner::<sinew_bench_diesel::postgres_async::Diesel>::boxed(
                "diesel-async",
                &url,
                flavor,
            ),
            "sea-orm" => Runner::<sinew_bench_peers::SeaOrm>::boxed("sea-orm", &url, flavor),
            "sqlx" => Runner::<sinew_bench_sqlx::postgres::Sqlx>::boxed("sqlx", &url, flavor),
            "toasty" => Runner::<sinew_bench_peers::Toasty>::boxed("toasty", &url, flavor),
            "sinew" => Runner::<sinew_bench_sinew::Sinew>::boxed("sinew", &url, flavor),
            "wire" => wire::Wire::boxed(&url, flavor),
            other => Err(format!("no contender is called {other:?}").into()),
        }
    }

    fn versions(&mut self) -> Result<Vec<String>> {
        let mut versions = vec![format!("PostgreSQL {}", self.server.version()?)];
        for name in [
            "tokio-postgres",
            "diesel",
            "diesel-async",
            "sea-orm",
            "sqlx",
            "toasty",
        ] {
            versions.push(format!("{name} {}", version_of(name)));
        }
        Ok(versions)
    }
}

fn main() -> ExitCode {
    match Server::new() {
        Ok(server) => sinew_bench::main(&mut Postgres {
            server,
            proxies: RefCell::default(),
        }),
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
