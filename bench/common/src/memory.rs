//! How much memory a stream takes at most, measured in a process of its own.

use std::fs;
use std::process::Command;

use crate::options::Options;
use crate::{Backend, Result};

/// The two lengths that are compared: what grows with the rows grows tenfold.
pub const ROWS: [i64; 2] = [100_000, 1_000_000];

/// What `contender` needs beyond what it has, in KiB, for each of [`ROWS`].
pub fn measure(contender: &str, place: &str, options: &Options) -> Result<[u64; 2]> {
    let mut peaks = [0; 2];
    for (peak, rows) in peaks.iter_mut().zip(ROWS) {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["memory", contender, &rows.to_string(), place]);
        command.args(["--runtime", options.flavor.name()]);
        let output = command.output()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(format!("{contender}, memory of a stream: {said}").into());
        }
        *peak = text.trim().parse()?;
    }
    Ok(peaks)
}

/// The other process: streams, and prints how far its memory rose.
pub fn child(
    backend: &dyn Backend,
    options: &Options,
    contender: &str,
    rows: i64,
    place: &str,
) -> Result<()> {
    let mut contender = backend.open(contender, place, options)?;
    // Caches and pools are full before it begins.
    contender.stream(10_000)?;
    // The highest use is what it is now.
    fs::write("/proc/self/clear_refs", "5")?;
    let before = status("VmHWM:")?;
    let came = contender.stream(rows)?;
    if came as i64 != rows {
        return Err(format!("{came} rows came, not {rows}").into());
    }
    println!("{}", status("VmHWM:")?.saturating_sub(before));
    Ok(())
}

/// A line of the process's status, in KiB.
fn status(name: &str) -> Result<u64> {
    let text = fs::read_to_string("/proc/self/status")?;
    let value = text
        .lines()
        .find_map(|line| line.strip_prefix(name))
        .and_then(|rest| rest.split_whitespace().next());
    Ok(value.ok_or("the system does not tell")?.parse()?)
}
