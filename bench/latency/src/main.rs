//! Round trips, statements and time behind a slow network: Sinew beside diesel-async, sea-orm, toasty
//! and hand-written tokio-postgres, on one PostgreSQL and in one run.
//!
//! ```text
//! SINEW_TEST_POSTGRES=postgres://user@host/database cargo run --release -- \
//!     [--rounds N] [--delays 0,1,10,40] [--only find,tree2] [--contenders hand,sinew] [--markdown]
//! ```

mod contender;
mod data;
mod digest;
mod hand;
mod keeper;
mod options;
mod report;
mod run;
mod with_diesel;
mod with_sea_orm;
mod with_sinew;
mod with_toasty;
mod workload;

use std::error::Error;
use std::process::ExitCode;

use options::Options;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match start(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn start(args: &[String]) -> Result<(), Box<dyn Error>> {
    let options = Options::parse(args)?;
    // One thread, so that what is awaited together also leaves together.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(run::run(&options))
}
