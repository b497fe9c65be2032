//! PostgreSQL.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use super::user::User;
use super::{Server, free_port, install};
use crate::run;

/// How long a new server may take until it answers.
const PATIENCE: Duration = Duration::from_secs(60);

/// Debian's folders, the newest version first.
fn folders() -> Vec<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .collect();
    versions.sort();
    versions
        .into_iter()
        .rev()
        .map(|(_, folder)| folder)
        .collect()
}

pub(super) fn start(folder: &Path) -> Result<Server, String> {
    start_with(folder, &[])
}

pub(super) fn start_for_benchmarks(folder: &Path) -> Result<Server, String> {
    let settings = [
        "shared_buffers=512MB",
        "jit=off",
        "autovacuum=off",
        "max_wal_size=8GB",
        "checkpoint_timeout=1h",
    ];
    start_with(folder, &settings)
}

fn start_with(folder: &Path, settings: &[&str]) -> Result<Server, String> {
    let initdb = install::find("initdb", folders, "postgresql")?;
    let bin = initdb.parent().unwrap_or(Path::new("/")).to_owned();
    let user = User::unprivileged(&["postgres", "nobody"])?;
    let data = folder.join("postgres");
    user.folder(&data)?;
    let mut made = user.command(&initdb);
    made.arg("-D").arg(&data);
    made.args([
        "-U",
        "sinew",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
        "--no-sync",
    ]);
    run::output(&mut made)?;
    let port = free_port()?;
    let log =
        std::fs::File::create(folder.join("postgres.log")).map_err(|e| format!("no log: {e}"))?;
    let mut server = user.command(&bin.join("postgres"));
    server
        .arg("-D")
        .arg(&data)
        .args(["-h", "127.0.0.1", "-p", &port.to_string()]);
    // Nothing here has to outlive a power cut.
    for setting in [
        "unix_socket_directories=",
        "fsync=off",
        "synchronous_commit=off",
        "full_page_writes=off",
        "max_connections=200",
    ]
    .iter()
    .chain(settings)
    {
        server.args(["-c", setting]);
    }
    server
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log);
    let child = run::start(&mut server)?;
    let mut stop = user.command(&bin.join("pg_ctl"));
    stop.arg("stop")
        .arg("-D")
        .arg(&data)
        .args(["-m", "immediate"]);
    let url = format!("postgres://sinew@127.0.0.1:{port}/postgres");
    // From here on it is stopped whatever happens.
    let server = Server { url, stop, child };
    let began = Instant::now();
    loop {
        let mut ready = user.command(&bin.join("pg_isready"));
        ready.args(["-q", "-h", "127.0.0.1", "-p", &port.to_string()]);
        if ready.status().is_ok_and(|status| status.success()) {
            return Ok(server);
        }
        if began.elapsed() > PATIENCE {
            let said = std::fs::read_to_string(folder.join("postgres.log")).unwrap_or_default();
            return Err(format!("PostgreSQL did not start: {said}"));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}
