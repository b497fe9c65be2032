//! Finding programs, and installing their packages where that is allowed.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::user::is_root;
use crate::run;

/// The program in one of these folders or on the path; its package is installed where it is missing
/// and this runs as the superuser of a Debian-like system.
pub(crate) fn find(
    program: &str,
    folders: impl Fn() -> Vec<PathBuf>,
    package: &str,
) -> Result<PathBuf, String> {
    let look = || {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let all: Vec<PathBuf> = folders()
            .into_iter()
            .chain(std::env::split_paths(&path))
            .collect();
        all.into_iter()
            .map(|folder| folder.join(program))
            .find(|file| file.is_file())
    };
    if let Some(found) = look() {
        return Ok(found);
    }
    let Some(apt) = superuser().filter(|_| Path::new("/usr/bin/apt-get").exists()) else {
        return Err(format!(
            "`{program}` is not installed. On Debian: `sudo apt-get install {package}`; elsewhere \
             the package that holds it."
        ));
    };
    run::status(apt().arg("update"))?;
    run::status(apt().args(["install", "-y", "--no-install-recommends", package]))?;
    look().ok_or_else(|| format!("the package {package} was installed, but holds no `{program}`"))
}

/// What makes an `apt-get`, for a superuser, or for somebody who may become one without a password.
fn superuser() -> Option<fn() -> Command> {
    if is_root() {
        return Some(|| quiet(Command::new("env")));
    }
    let mut may = Command::new("sudo");
    may.args(["-n", "true"]);
    run::output(&mut may).ok()?;
    Some(|| {
        let mut sudo = Command::new("sudo");
        sudo.args(["-n", "env"]);
        quiet(sudo)
    })
}

/// Asks nothing, and has packages not start servers of their own.
fn quiet(mut env: Command) -> Command {
    env.args(["DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1", "apt-get"]);
    env
}
