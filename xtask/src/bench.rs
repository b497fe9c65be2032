//! `cargo xtask bench`: the benchmarks, which live in a workspace of their own.

use crate::{repo::Repo, run};

pub(crate) fn run(args: &[String]) -> Result<(), String> {
    let Some(("--sqlite", rest)) = args
        .split_first()
        .map(|(first, rest)| (first.as_str(), rest))
    else {
        return Err("name a database: `cargo xtask bench --sqlite`".into());
    };
    let repo = Repo::find()?;
    if !repo.root.join("bench/Cargo.toml").is_file() {
        return Err("bench/Cargo.toml is missing; restore the folder bench/".into());
    }
    let mut command = repo.cargo(&["run", "--release", "--manifest-path", "bench/Cargo.toml"]);
    command.args(["--", "sqlite"]).args(rest);
    run::status(&mut command)
        .map_err(|e| format!("{e}\nfix what it printed above, then run it again"))
}
