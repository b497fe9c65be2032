//! Encrypted connections to a server of their own, whose certificate is made here.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests may"
)]

mod support;

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use sinew_core::{ErrorKind, Value};
use sinew_postgres::{Config, Postgres, SslMode};
use support::{one, take};

/// The folder of the server's programs: that of the newest version of Debian's, or of the search path.
fn programs() -> Option<PathBuf> {
    let mut folders: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .collect();
    folders.sort();
    folders.reverse();
    let path = std::env::var_os("PATH").unwrap_or_default();
    folders.extend(std::env::split_paths(&path));
    let complete = |folder: &PathBuf| {
        ["initdb", "postgres"]
            .iter()
            .all(|name| folder.join(name).is_file())
    };
    folders.into_iter().find(complete)
}

/// Servers refuse to run as the superuser: whom they run as instead.
fn servant() -> Option<(u32, u32)> {
    if std::fs::metadata("/proc/self").is_ok_and(|me| me.uid() != 0) {
        return None;
    }
    let known = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    ["postgres:", "nobody:"].iter().find_map(|name| {
        let line = known.lines().find(|line| line.starts_with(name))?;
        let mut fields = line.split(':').skip(2);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    })
}

/// A server that speaks TLS, and the files of its certificate's issuer and of another one.
struct Server {
    child: Child,
    folder: PathBuf,
    port: u16,
    ca: PathBuf,
    other: PathBuf,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn authority(name: &str) -> (CertificateParams, KeyPair) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    (params, KeyPair::generate().unwrap())
}

/// Writes a file that only the server's user may read.
fn secret(path: &Path, text: &str, user: Option<(u32, u32)>) {
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
    if let Some((user, group)) = user {
        std::os::unix::fs::chown(path, Some(user), Some(group)).unwrap();
    }
}

impl Server {
    /// `None` where PostgreSQL is not installed.
    fn start() -> Option<Self> {
        let Some(bin) = programs() else {
            println!("skipped: no programs of PostgreSQL were found");
            return None;
        };
        let user = servant();
        let folder = std::env::temp_dir().join(format!("sinew-tls-{}", std::process::id()));
        let data = folder.join("data");
        std::fs::create_dir_all(&data).unwrap();
        if let Some((user, group)) = user {
            std::os::unix::fs::chown(&data, Some(user), Some(group)).unwrap();
        }
        let command = |program: &str| {
            let mut command = Command::new(bin.join(program));
            if let Some((user, group)) = user {
                command.uid(user).gid(group);
            }
            command.current_dir("/").stdin(Stdio::null());
            command.stdout(Stdio::null()).stderr(Stdio::null());
            command
        };
        let made = command("initdb")
            .arg("-D")
            .arg(&data)
            .args([
                "-U",
                "sinew",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C.UTF-8",
                "--no-sync",
            ])
            .status()
            .unwrap();
        assert!(made.success());

        let (params, key) = authority("ours");
        let (ca, other) = (folder.join("ca.pem"), folder.join("other.pem"));
        std::fs::write(&ca, params.self_signed(&key).unwrap().pem()).unwrap();
        let (strange, its_key) = authority("theirs");
        std::fs::write(&other, strange.self_signed(&its_key).unwrap().pem()).unwrap();
        let own_key = KeyPair::generate().unwrap();
        let own = CertificateParams::new(vec!["localhost".into()])
            .unwrap()
            .signed_by(&own_key, &Issuer::from_params(&params, &key))
            .unwrap();
        secret(&data.join("server.crt"), &own.pem(), user);
        secret(&data.join("server.key"), &own_key.serialize_pem(), user);

        let port = std::net::TcpListener::bind(("127.0.0.1", 0))
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let child = command("postgres")
            .arg("-D")
            .arg(&data)
            .args(["-h", "127.0.0.1", "-p", &port.to_string()])
            .args([
                "-c",
                "ssl=on",
                "-c",
                "fsync=off",
                "-c",
                "unix_socket_directories=",
            ])
            .spawn()
            .unwrap();
        Some(Self {
            child,
            folder,
            port,
            ca,
            other,
        })
    }

    fn url(&self, host: &str, options: &str) -> String {
        format!("postgres://sinew@{host}:{}/postgres?{options}", self.port)
    }

    async fn ready(&self) {
        let began = Instant::now();
        while let Err(error) = Postgres::connect(&self.url("localhost", "sslmode=disable")).await {
            assert!(began.elapsed() < Duration::from_secs(60), "{error:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Whether a connection of these options is encrypted.
    async fn encrypts(&self, host: &str, options: &str) -> sinew_core::Result<bool> {
        let database = Postgres::connect(&self.url(host, options)).await?;
        let sql = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
        let encrypted = one(&mut *take(&database).await, sql).await?;
        Ok(encrypted == Value::Bool(true))
    }

    async fn refuses(&self, host: &str, options: &str, reason: &str) {
        let error = self.encrypts(host, options).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connection, "{options}: {error:?}");
        let text = error.to_string();
        assert!(text.contains(reason), "{options}: {text}");
    }
}

#[tokio::test]
async fn certificates_are_checked() {
    let Some(server) = Server::start() else {
        return;
    };
    server.ready().await;
    let by = |file: &Path| format!("sslrootcert={}", file.display());
    let (right, wrong) = (by(&server.ca), by(&server.other));

    // Whoever names the issuer can trust the server.
    for mode in ["verify-full", "require"] {
        let options = format!("sslmode={mode}&{right}");
        assert!(
            server.encrypts("localhost", &options).await.unwrap(),
            "{mode}"
        );
        // An issuer that did not make it, those of the system, and a host that it is not made for.
        let unknown = "UnknownIssuer";
        server
            .refuses("localhost", &format!("sslmode={mode}&{wrong}"), unknown)
            .await;
        let options = format!("sslmode={mode}&{right}");
        server
            .refuses("127.0.0.1", &options, "not valid for name")
            .await;
        let missing = server.folder.join("missing.pem");
        let options = format!("sslmode={mode}&{}", by(&missing));
        server.refuses("localhost", &options, "missing.pem").await;
    }

    // Only `require` can be told not to look.
    let options = format!("sslmode=require&sslcheck=off&{wrong}");
    assert!(server.encrypts("127.0.0.1", &options).await.unwrap());
    let options = format!("sslmode=verify-full&sslcheck=off&{wrong}");
    server.refuses("localhost", &options, "UnknownIssuer").await;

    // On this machine encryption is taken where it is offered, and plain text on request only.
    assert!(server.encrypts("localhost", "").await.unwrap());
    assert!(
        !server
            .encrypts("localhost", "sslmode=disable")
            .await
            .unwrap()
    );
}

#[test]
fn another_machine_is_checked_unless_said_otherwise() {
    let mode = |url| Config::parse(url).unwrap().effective_ssl_mode();
    assert_eq!(
        mode("postgres://ada@db.example.org/blog"),
        SslMode::VerifyFull
    );
    assert_eq!(mode("postgres://ada@10.0.0.1/blog"), SslMode::VerifyFull);
    assert_eq!(
        mode("postgres://ada@localhost,db.example.org/blog"),
        SslMode::VerifyFull
    );
    assert_eq!(mode("postgres://ada@localhost/blog"), SslMode::Prefer);
}

#[tokio::test]
async fn a_server_without_encryption_is_refused() {
    let Some(url) = support::url() else { return };
    let database = Postgres::connect(&url).await.unwrap();
    let offered = one(&mut *take(&database).await, "SHOW ssl").await.unwrap();
    if offered != Value::Text("off".into()) {
        return;
    }
    let error = Postgres::connect(&support::with(&url, "sslmode=require&sslcheck=off"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connection, "{error:?}");
}
