//! MariaDB.

use std::io::Read as _;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::user::User;
use super::{Server, free_port, install};
use crate::run;

/// How long a new server may take until it answers.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where servers stand that are not on everybody's path.
fn folders() -> Vec<PathBuf> {
    [
        "/usr/sbin",
        "/usr/libexec",
        "/usr/local/sbin",
        "/opt/homebrew/bin",
    ]
    .map(PathBuf::from)
    .into()
}

/// Run before the first connection is taken.
const FIRST: &str = "CREATE DATABASE sinew;\n\
                     CREATE USER 'sinew'@'127.0.0.1' IDENTIFIED BY 'sinew';\n\
                     GRANT ALL ON *.* TO 'sinew'@'127.0.0.1';\n";

pub(super) fn start(folder: &Path) -> Result<Server, String> {
    start_with(folder, &[])
}

pub(super) fn start_for_benchmarks(folder: &Path) -> Result<Server, String> {
    let settings = [
        "--innodb-buffer-pool-size=512M",
        "--innodb-log-file-size=512M",
        "--innodb-stats-auto-recalc=OFF",
    ];
    start_with(folder, &settings)
}

fn start_with(folder: &Path, settings: &[&str]) -> Result<Server, String> {
    let program = install::find("mariadbd", folders, "mariadb-server-core")?;
    let installer = install::find("mariadb-install-db", folders, "mariadb-server-core")?;
    // The installer is a script that calls this, without that its package would say so.
    install::find("my_print_defaults", folders, "mariadb-client-core")?;
    let user = User::unprivileged(&["mysql", "nobody"])?;
    let home = folder.join("mariadb");
    user.folder(&home)?;
    let data = home.join("data");
    let mut made = user.command(&installer);
    made.arg("--no-defaults")
        .arg(format!("--datadir={}", data.display()));
    made.args(["--auth-root-authentication-method=normal", "--skip-test-db"]);
    run::output(&mut made)?;
    let first = home.join("first.sql");
    std::fs::write(&first, FIRST).map_err(|e| format!("{}: {e}", first.display()))?;
    let port = free_port()?;
    let log =
        std::fs::File::create(folder.join("mariadb.log")).map_err(|e| format!("no log: {e}"))?;
    let mut server = user.command(&program);
    server
        .arg("--no-defaults")
        .arg(format!("--datadir={}", data.display()));
    server.arg(format!("--init-file={}", first.display()));
    server.arg(format!("--socket={}", home.join("socket").display()));
    server.arg(format!("--pid-file={}", home.join("pid").display()));
    server.args([
        "--bind-address=127.0.0.1",
        "--skip-name-resolve",
        "--max-connections=200",
    ]);
    server.arg(format!("--port={port}"));
    // Nothing here has to outlive a power cut.
    server.args([
        "--innodb-flush-log-at-trx-commit=0",
        "--innodb-doublewrite=0",
        "--sync-binlog=0",
    ]);
    server.args(settings);
    server
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log);
    let child = run::start(&mut server)?;
    let mut stop = Command::new("kill");
    stop.args(["-KILL", &child.id().to_string()]);
    let url = format!("mysql://sinew:sinew@127.0.0.1:{port}/sinew");
    // From here on it is stopped whatever happens.
    let server = Server { url, stop, child };
    let began = Instant::now();
    while !greets(port) {
        if began.elapsed() > PATIENCE {
            let said = std::fs::read_to_string(folder.join("mariadb.log")).unwrap_or_default();
            return Err(format!("MariaDB did not start: {said}"));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(server)
}

/// Whether a server says who it is, which it does first.
fn greets(port: u16) -> bool {
    let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) else {
        return false;
    };
    let waits = stream.set_read_timeout(Some(Duration::from_secs(1)));
    // Four bytes of length and number, then the protocol's version.
    let mut start = [0; 5];
    waits.is_ok() && stream.read_exact(&mut start).is_ok() && start[4] == 10
}
