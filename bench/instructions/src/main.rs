//! Runs one of Sinew's hot paths so many times, on SQLite in memory. What is to be counted runs in
//! [`sinew_counted`] alone: the rows, the plans and the prepared statements are there before.
//!
//! ```text
//! sinew-instructions list           the paths, each with how often it is run
//! sinew-instructions environment    what the counts depend on besides this program
//! sinew-instructions PATH
//! ```
//!
//! The paths `hand_…` do the same in rusqlite by hand.

mod by_hand;
mod models;
mod still;

use std::hint::black_box;
use std::process::ExitCode;

use sinew::prelude::*;
use tokio::runtime::Builder;

use models::{Note, Post, Tag, User};

type Result<T = (), E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

/// A path and how many times it runs: enough that what is done now and then is shared out.
const PATHS: [(&str, usize); 11] = [
    ("find_by_key", 200),
    ("decode_1000_rows", 10),
    ("preload_1000_by_10", 2),
    ("create_one", 200),
    ("update_one", 200),
    ("delete_one", 200),
    ("association_append", 100),
    ("hand_find_by_key", 200),
    ("hand_create_one", 200),
    ("hand_update_one", 200),
    ("hand_delete_one", 200),
];

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["list"] => {
            for (name, times) in PATHS {
                println!("{name} {times}");
            }
            ExitCode::SUCCESS
        }
        ["environment"] => {
            println!("sqlite = {}", rusqlite::version());
            println!("cpu = {}", cpu());
            ExitCode::SUCCESS
        }
        [name] => match run(name) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("error: {name}: {error}");
                ExitCode::FAILURE
            }
        },
        _ => {
            eprintln!("usage: sinew-instructions list | environment | PATH");
            ExitCode::FAILURE
        }
    }
}

/// What the C library chooses its copying loops by.
fn cpu() -> String {
    let arch = std::env::consts::ARCH;
    #[cfg(target_arch = "x86_64")]
    for (feature, has) in [
        ("avx512", std::arch::is_x86_feature_detected!("avx512vl")),
        ("avx2", std::arch::is_x86_feature_detected!("avx2")),
    ] {
        if has {
            return format!("{arch} {feature}");
        }
    }
    arch.to_owned()
}

fn run(name: &str) -> Result {
    let found = PATHS.iter().find(|(path, _)| *path == name);
    let (_, times) = *found.ok_or("there is no such path; `list` names them")?;
    if let Some(name) = name.strip_prefix("hand_") {
        let connection = by_hand::open()?;
        by_hand::go(&connection, &mut Work::of(name, 3))?;
        let mut work = Work::of(name, times);
        return sinew_counted(&mut || Ok(by_hand::go(&connection, &mut work)?));
    }
    let runtime = Builder::new_current_thread().build()?;
    let db = runtime.block_on(models::open())?;
    // What is made on first use is made by now.
    runtime.block_on(go(&db, &mut Work::of(name, 3)))?;
    let mut work = Work::of(name, times);
    sinew_counted(&mut || Ok(runtime.block_on(go(&db, &mut work))?))
}

/// What a path works on, made before it is counted.
pub(crate) enum Work {
    Find(Vec<i64>),
    Decode(usize),
    Preload(usize),
    Create(Vec<User>),
    Update(Vec<User>),
    Delete(Vec<Note>),
    Append(Vec<(Post, Tag)>),
}

impl Work {
    fn of(name: &str, times: usize) -> Self {
        let numbers = 0..times as i64;
        match name {
            "find_by_key" => Self::Find(numbers.map(|n| n * 37 % 1_000 + 1).collect()),
            "decode_1000_rows" => Self::Decode(times),
            "preload_1000_by_10" => Self::Preload(times),
            "create_one" => Self::Create(numbers.map(models::new_user).collect()),
            "update_one" => Self::Update(numbers.map(models::held_user).collect()),
            // The warm-up takes the last rows, what is counted the first ones.
            "delete_one" if times < 10 => {
                Self::Delete(numbers.map(|n| models::note(1_000 - n)).collect())
            }
            "delete_one" => Self::Delete(numbers.map(|n| models::note(n + 1)).collect()),
            _ if times < 10 => Self::Append(numbers.map(|n| models::link(10_000 - n)).collect()),
            _ => Self::Append(numbers.map(|n| models::link(n + 1)).collect()),
        }
    }
}

/// What is counted: the collection is switched on for as long as a function of this name runs.
#[unsafe(no_mangle)]
#[inline(never)]
extern "Rust" fn sinew_counted(work: &mut dyn FnMut() -> Result) -> Result {
    work()
}

async fn go(db: &Db, work: &mut Work) -> sinew::Result<()> {
    match work {
        Work::Find(keys) => {
            for key in keys {
                black_box(db.get::<User>(*key).await?);
            }
        }
        Work::Decode(times) => {
            for _ in 0..*times {
                black_box(db.find::<User>().await?);
            }
        }
        Work::Preload(times) => {
            for _ in 0..*times {
                black_box(db.find::<User>().preload(User::posts).await?);
            }
        }
        Work::Create(users) => {
            for user in users {
                db.create(user).await?;
            }
        }
        Work::Update(users) => {
            for user in users {
                let (name, email) = (user.name.clone(), user.email.clone());
                let update = db.update(user).set(User::name.to(name));
                update.set(User::email.to(email)).await?;
            }
        }
        Work::Delete(notes) => {
            for note in notes {
                db.delete(note).await?;
            }
        }
        Work::Append(links) => {
            for (post, tag) in links {
                db.association(post, Post::tags).append(tag).await?;
            }
        }
    }
    Ok(())
}
