//! Sinew beside its peers and the hand-written driver: one program, one run, the contenders
//! interleaved round by round.
//!
//! ```text
//! cargo run --release -- sqlite [--rounds N] [--only W4,W5] [--runtime current|multi] [--cpu] [--markdown]
//! cargo run --release -- profile CONTENDER WORKLOAD SECONDS [--runtime current|multi]
//! ```

mod contender;
mod data;
mod digest;
mod hand;
mod options;
mod report;
mod run;
mod with_diesel;
mod with_sinew;
mod workload;

use std::process::ExitCode;

use options::Options;

fn main() -> ExitCode {
    keep_memory();
    let args: Vec<String> = std::env::args().skip(1).collect();
    let outcome = Options::parse(&args)
        .map_err(Into::into)
        .and_then(|options| run::run(&options));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Has the allocator keep what it got from the system: otherwise it hands large blocks back and
/// asks for them again, and whoever's turn it is pays for fresh pages.
fn keep_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        const GIB: i32 = 1 << 30;
        // SAFETY: it stores numbers in the allocator, before any other thread is there.
        unsafe {
            libc::mallopt(libc::M_MMAP_THRESHOLD, GIB);
            libc::mallopt(libc::M_TRIM_THRESHOLD, GIB);
        }
    }
}
