//! Throwaway database servers: `cargo xtask services -- COMMAND` starts them, runs the command with
//! their addresses in its environment, and stops them.

mod install;
mod mariadb;
mod postgres;
mod user;

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::run;

pub(crate) use install::find as find_program;

/// A server that this program knows how to start.
pub(crate) struct Kind {
    name: &'static str,
    /// The variable that names a server to use instead, and by which tests find this one.
    variable: &'static str,
    /// Starts one with its data in this folder.
    start: fn(&Path) -> Result<Server, String>,
}

pub(crate) const POSTGRES: Kind = Kind {
    name: "PostgreSQL",
    variable: "SINEW_TEST_POSTGRES",
    start: postgres::start,
};
const MARIADB: Kind = Kind {
    name: "MariaDB",
    variable: "SINEW_TEST_MYSQL",
    start: mariadb::start,
};

/// As [`POSTGRES`], with memory for what the benchmarks read, and without what would run beside them.
pub(crate) const BENCHED_POSTGRES: Kind = Kind {
    start: postgres::start_for_benchmarks,
    ..POSTGRES
};
/// As [`MARIADB`], with memory for what the benchmarks read.
pub(crate) const BENCHED_MARIADB: Kind = Kind {
    start: mariadb::start_for_benchmarks,
    ..MARIADB
};

/// A server that runs until this is dropped.
struct Server {
    url: String,
    stop: Command,
    child: std::process::Child,
}

impl Drop for Server {
    fn drop(&mut self) {
        // It is thrown away: one that does not stop nicely is killed.
        if run::output(&mut self.stop).is_err() {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

/// The servers that are running for a command.
pub(crate) struct Services {
    environment: Vec<(&'static str, String)>,
    servers: Vec<Server>,
    folder: PathBuf,
}

impl Services {
    /// Starts every server for which the environment names none.
    pub(crate) fn start() -> Result<Self, String> {
        Self::start_kinds(&[POSTGRES, MARIADB])
    }

    /// Starts servers of these kinds alone, where the environment names none.
    pub(crate) fn start_kinds(kinds: &[Kind]) -> Result<Self, String> {
        let folder = std::env::temp_dir().join(format!("sinew-services-{}", std::process::id()));
        let mut services = Self {
            environment: Vec::new(),
            servers: Vec::new(),
            folder,
        };
        for kind in kinds {
            if let Ok(url) = std::env::var(kind.variable) {
                println!("{}: the one that {} names", kind.name, kind.variable);
                services.environment.push((kind.variable, url));
                continue;
            }
            std::fs::create_dir_all(&services.folder)
                .map_err(|e| format!("no folder for data: {e}"))?;
            let server = (kind.start)(&services.folder).map_err(|e| {
                format!("{e}\nor name a running {} in {}", kind.name, kind.variable)
            })?;
            println!("{}: {}", kind.name, server.url);
            services
                .environment
                .push((kind.variable, server.url.clone()));
            services.servers.push(server);
        }
        Ok(services)
    }

    /// What tests have to find in their environment.
    pub(crate) fn environment(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.environment
            .iter()
            .map(|(variable, url)| (*variable, url.as_str()))
    }
}

impl Drop for Services {
    fn drop(&mut self) {
        self.servers.clear();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

pub(crate) fn run(args: &[String]) -> Result<(), String> {
    let command = match args.split_first() {
        Some((first, rest)) if first == "--" => rest,
        _ => args,
    };
    let Some((program, args)) = command.split_first() else {
        return Err(
            "say what to run with the servers: `cargo xtask services -- cargo test`".into(),
        );
    };
    let services = Services::start()?;
    run::status(
        Command::new(program)
            .args(args)
            .envs(services.environment()),
    )
}

/// A port of this machine that nobody uses.
fn free_port() -> Result<u16, String> {
    let listener =
        std::net::TcpListener::bind(("127.0.0.1", 0)).map_err(|e| format!("no free port: {e}"))?;
    listener
        .local_addr()
        .map(|address| address.port())
        .map_err(|e| format!("no free port: {e}"))
}
