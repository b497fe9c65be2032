//! Sinew beside its peers and the hand-written driver: one program, one run, the contenders
//! interleaved round by round.
//!
//! ```text
//! cargo run --release -- sqlite [--rounds N] [--only W4,W5] [--runtime current|multi] [--markdown]
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
