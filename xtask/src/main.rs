//! The project's own commands, run as `cargo xtask NAME`.
#![allow(
    clippy::print_stdout,
    reason = "a command-line program talks on its standard output"
)]

mod annotations;
mod bench;
mod conformance;
mod databases;
mod help;
mod repo;
mod results;
mod run;
mod runner;
mod services;
mod table;
mod test;
mod tidy;

use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (command, rest) = match args.split_first() {
        Some((command, rest)) => (command.as_str(), rest),
        None => ("help", &[][..]),
    };
    let outcome = match command {
        "test" => test::run(rest),
        "conformance" => conformance::run(rest),
        "tidy" => tidy::run(rest),
        "bench" => bench::run(rest),
        "services" => services::run(rest),
        "help" | "--help" | "-h" => help::run(),
        other => Err(format!(
            "there is no command `{other}`; `cargo xtask help` lists them all"
        )),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            println!("\nerror: {message}");
            ExitCode::FAILURE
        }
    }
}
