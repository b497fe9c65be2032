//! An experiment, not a contender of the tables: how far tokio-postgres is from the wire. The same two
//! reads by protocol code of our own over tokio's socket: no task between the socket and whoever waits,
//! and rows are read out of the buffer that they arrived in.

use std::hint::black_box;
use std::time::Duration;

use bytes::{Buf, BufMut, BytesMut};
use postgres_protocol::IsNull;
use postgres_protocol::message::{backend::Header, frontend};
use sinew_bench::options::Flavor;
use sinew_bench::stopwatch::Stopwatch;
use sinew_bench::{Contender, Digest, Reduce, Result, Workload, inputs};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::config::Host;

struct User {
    id: i64,
    name: String,
    email: String,
    age: i32,
    created_at: i64,
}

sinew_bench::reduce!(user: User);

/// A connection to a server that asks for no password.
struct Session {
    stream: TcpStream,
    answers: BytesMut,
    requests: BytesMut,
}

const STATEMENTS: &[(&str, &str)] = &[
    (
        "user",
        "SELECT id, name, email, age, created_at FROM users WHERE id = $1",
    ),
    (
        "users",
        "SELECT id, name, email, age, created_at FROM users",
    ),
];

impl Session {
    async fn open(url: &str) -> Result<Self> {
        let config: tokio_postgres::Config = url.parse()?;
        let Some(Host::Tcp(host)) = config.get_hosts().first() else {
            return Err("the URL names no host".into());
        };
        let port = config.get_ports().first().copied().unwrap_or(5432);
        let stream = TcpStream::connect((host.as_str(), port)).await?;
        stream.set_nodelay(true)?;
        let mut session = Self {
            stream,
            answers: BytesMut::with_capacity(64 * 1024),
            requests: BytesMut::new(),
        };
        let (user, name) = (config.get_user(), config.get_dbname());
        let said = [
            ("user", user.unwrap_or("postgres")),
            ("database", name.unwrap_or("postgres")),
            ("client_encoding", "UTF8"),
        ];
        frontend::startup_message(said, &mut session.requests)?;
        session.exchange(|_| Ok(())).await?;
        for (name, sql) in STATEMENTS {
            frontend::parse(name, sql, [], &mut session.requests)?;
        }
        frontend::sync(&mut session.requests);
        session.exchange(|_| Ok(())).await?;
        Ok(session)
    }

    /// Sends what was written, and hands the rows over until the server is ready again.
    async fn exchange(&mut self, mut row: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
        self.stream.write_all(&self.requests).await?;
        self.requests.clear();
        let mut failed = None;
        loop {
            while let Some(header) = Header::parse(&self.answers)? {
                let length = header.len() as usize + 1;
                if self.answers.len() < length {
                    break;
                }
                let body = &self.answers[5..length];
                match header.tag() {
                    b'D' => row(body)?,
                    b'E' => failed = Some(String::from_utf8_lossy(body).into_owned()),
                    b'R' if body.get(..4) != Some(&[0; 4]) => {
                        return Err("the experiment knows no passwords".into());
                    }
                    _ => {}
                }
                self.answers.advance(length);
                if header.tag() == b'Z' {
                    return failed.map_or(Ok(()), |said| Err(said.into()));
                }
            }
            self.answers.reserve(64 * 1024);
            if self.stream.read_buf(&mut self.answers).await? == 0 {
                return Err("the server closed the connection".into());
            }
        }
    }

    fn request(&mut self, name: &str, key: Option<i64>) -> Result<()> {
        let write = |key: i64, out: &mut BytesMut| {
            out.put_i64(key);
            Ok(IsNull::No)
        };
        let out = &mut self.requests;
        let bound = frontend::bind("", name, [1], key, write, [1], out);
        bound.map_err(|_| "a value does not fit")?;
        frontend::execute("", 0, out)?;
        frontend::sync(out);
        Ok(())
    }

    async fn find(&mut self, key: i64) -> Result<User> {
        self.request("user", Some(key))?;
        let mut found = None;
        let read = |row: &[u8]| {
            found = Some(user(row)?);
            Ok(())
        };
        self.exchange(read).await?;
        found.ok_or_else(|| "no such user".into())
    }

    async fn all(&mut self) -> Result<Vec<User>> {
        self.request("users", None)?;
        let mut found = Vec::new();
        let read = |row: &[u8]| {
            found.push(user(row)?);
            Ok(())
        };
        self.exchange(read).await?;
        Ok(found)
    }
}

/// Reads a row's columns one after another.
struct Columns<'r>(&'r [u8]);

impl<'r> Columns<'r> {
    fn next(&mut self) -> Result<&'r [u8]> {
        let cut = "a row was cut off or has a NULL";
        let (length, rest) = self.0.split_first_chunk::<4>().ok_or(cut)?;
        let length = usize::try_from(i32::from_be_bytes(*length))?;
        let (value, rest) = rest.split_at_checked(length).ok_or(cut)?;
        self.0 = rest;
        Ok(value)
    }

    fn long(&mut self) -> Result<i64> {
        Ok(i64::from_be_bytes(self.next()?.try_into()?))
    }

    fn text(&mut self) -> Result<String> {
        Ok(std::str::from_utf8(self.next()?)?.to_owned())
    }
}

fn user(row: &[u8]) -> Result<User> {
    let mut row = Columns(row.get(2..).unwrap_or_default());
    Ok(User {
        id: row.long()?,
        name: row.text()?,
        email: row.text()?,
        age: i32::from_be_bytes(row.next()?.try_into()?),
        created_at: row.long()?,
    })
}

pub struct Wire {
    runtime: Runtime,
    session: Option<Session>,
}

impl Wire {
    pub fn boxed(url: &str, flavor: Flavor) -> Result<Box<dyn Contender>> {
        let mut builder = match flavor {
            Flavor::CurrentThread => Builder::new_current_thread(),
            Flavor::MultiThread => Builder::new_multi_thread(),
        };
        let runtime = builder.worker_threads(2).enable_all().build()?;
        let session = Some(runtime.block_on(Session::open(url))?);
        Ok(Box::new(Self { runtime, session }))
    }

    /// In a task, as those of the others are.
    fn in_task<T, F>(&mut self, work: impl FnOnce(Session) -> F) -> Result<T>
    where
        T: Send + 'static,
        F: Future<Output = (Session, Result<T>)> + Send + 'static,
    {
        let session = self.session.take().ok_or("its task has panicked before")?;
        let task = self.runtime.spawn(work(session));
        let (session, outcome) = self.runtime.block_on(task)?;
        self.session = Some(session);
        outcome
    }
}

async fn check(session: &mut Session, workload: Workload) -> Result<Digest> {
    let mut digest = Digest::default();
    match workload {
        Workload::FindByKey => session.find(4_711).await?.reduce(0, &mut digest),
        _ => session.all().await?.reduce(0, &mut digest),
    }
    Ok(digest)
}

async fn sample(session: &mut Session, workload: Workload, times: usize) -> Result<Duration> {
    let keys = inputs::ids(times);
    let start = Stopwatch::start();
    for key in keys {
        match workload {
            Workload::FindByKey => drop(black_box(session.find(key).await?)),
            _ => drop(black_box(session.all().await?)),
        }
    }
    Ok(start.elapsed())
}

impl Contender for Wire {
    fn name(&self) -> &'static str {
        "wire"
    }

    fn is_by_hand(&self) -> bool {
        false
    }

    fn has(&self, workload: Workload) -> bool {
        matches!(workload, Workload::FindByKey | Workload::LoadAll)
    }

    fn check(&mut self, workload: Workload) -> Result<Digest> {
        self.in_task(|mut session| async move {
            let digest = check(&mut session, workload).await;
            (session, digest)
        })
    }

    fn sample(&mut self, workload: Workload, times: usize) -> Result<Duration> {
        self.in_task(|mut session| async move {
            let time = sample(&mut session, workload, times).await;
            (session, time)
        })
    }

    fn stream(&mut self, _rows: i64) -> Result<usize> {
        Err("the experiment has no stream".into())
    }

    fn errors(&self) -> usize {
        0
    }
}
