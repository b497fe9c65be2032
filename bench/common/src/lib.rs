//! What the benchmarks of all databases share: the workloads, the rows and inputs, the rounds, the
//! checks and the tables. It knows no database: one is a [`Backend`], and what an expert writes with
//! one crate is an [`Operations`].

pub mod backend;
pub mod contender;
pub mod crowd;
pub mod data;
pub mod digest;
pub mod group;
pub mod inputs;
pub mod memory;
pub mod operations;
pub mod options;
mod plot;
pub mod report;
pub mod rows;
mod run;
pub mod runner;
pub mod stopwatch;
pub mod system;
pub mod workload;

use std::error::Error;
use std::process::ExitCode;

pub use backend::{Backend, Keeper};
pub use contender::Contender;
pub use digest::{Digest, Keyed, Reduce};
pub use operations::Operations;
pub use runner::Runner;
pub use workload::Workload;

/// Whatever went wrong.
pub type Failure = Box<dyn Error + Send + Sync>;

/// The result of anything here.
pub type Result<T, E = Failure> = std::result::Result<T, E>;

/// The program: reads the command line and measures what it says.
pub fn main(backend: &mut dyn Backend) -> ExitCode {
    system::keep_memory();
    let args: Vec<String> = std::env::args().skip(1).collect();
    let outcome = options::Options::parse(&args, backend)
        .map_err(Into::into)
        .and_then(|options| run::run(backend, &options));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
