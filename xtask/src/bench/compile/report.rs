//! The table, and its place in docs/performance.md.

use std::process::Command;

use super::build::Costs;
use crate::{repo::Repo, run};

const FILE: &str = "docs/performance.md";
const BEGIN: &str = "<!-- compile: written by the benchmarks -->\n";
const END: &str = "<!-- end of compile -->";

const HEAD: &str = "\
| | crates | clean debug build | rebuild after an edit | check after an edit | release build | release program, stripped |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |
";

pub(super) fn table(rows: &[(&str, Costs)]) -> String {
    let rows = rows.iter().map(|(name, costs)| row(name, costs) + "\n");
    HEAD.to_owned() + &rows.collect::<String>()
}

fn row(name: &str, costs: &Costs) -> String {
    let Costs {
        version,
        crates,
        clean,
        rebuild,
        check,
        ..
    } = costs;
    let release = match costs.release {
        None => "– | –".into(),
        Some(release) => format!(
            "{:.0} s | {:.1} MB",
            release.took.cpu,
            release.stripped as f64 / 1e6
        ),
    };
    format!(
        "| {name} {version} | {crates} | {:.1} s ({:.1} s) | {:.2} s ({:.2} s) | {:.2} s ({:.2} s) | {release} |",
        clean.cpu, clean.wall, rebuild.cpu, rebuild.wall, check.cpu, check.wall
    )
}

/// Puts the rows into the document; those of contenders that were not measured stay.
pub(super) fn write(repo: &Repo, models: usize, rows: &[(&str, Costs)]) -> Result<(), String> {
    let path = repo.root.join(FILE);
    let text = std::fs::read_to_string(&path).map_err(|e| format!("{FILE}: {e}"))?;
    let rustc = run::output(Command::new("rustc").arg("--version"))?;
    let rustc: Vec<&str> = rustc.split_whitespace().take(2).collect();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let line = format!("{models} models; {} on {cores} cores.", rustc.join(" "));
    let text = replaced(&text, &line, rows).ok_or_else(|| {
        format!(
            "{FILE} has no place for the table; put `{}` and `{END}`",
            BEGIN.trim()
        )
    })?;
    std::fs::write(&path, text).map_err(|e| format!("{FILE}: {e}"))?;
    println!("written to {FILE}");
    Ok(())
}

fn replaced(text: &str, line: &str, rows: &[(&str, Costs)]) -> Option<String> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (old, after) = rest.split_once(END)?;
    let name = |row: &str| Some(row.strip_prefix("| ")?.split_once(' ')?.0.to_owned());
    // Rows of another number of models do not compare.
    let same = old.lines().any(|each| each == line);
    let kept = |wanted: &str| {
        let mut rows = old.lines().filter(|_| same);
        rows.find(|row| name(row).as_deref() == Some(wanted))
    };
    let mut table = HEAD.to_owned();
    for contender in &super::CONTENDERS {
        let measured = rows.iter().find(|(name, _)| *name == contender.name);
        let row = match measured {
            Some((name, costs)) => Some(row(name, costs)),
            None => kept(contender.name).map(str::to_owned),
        };
        table.extend(row.map(|row| row + "\n"));
    }
    Some(format!("{before}{BEGIN}\n{line}\n\n{table}\n{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_were_not_measured_stay() {
        let version = |text: &str| Costs {
            version: text.into(),
            ..Costs::default()
        };
        let empty = format!("a\n{BEGIN}{END}\nb\n");
        let both = [("diesel", version("1")), ("sinew", version("1"))];
        let first = replaced(&empty, "50 models", &both).unwrap();
        let second = replaced(&first, "50 models", &[("sinew", version("2"))]).unwrap();
        assert!(second.contains("| diesel 1 | 0 |"), "{second}");
        assert!(
            second.contains("| sinew 2 | 0 |") && !second.contains("sinew 1"),
            "{second}"
        );
        assert!(
            second.starts_with("a\n") && second.ends_with("\nb\n"),
            "{second}"
        );
        let other = replaced(&second, "20 models", &[("sinew", version("3"))]).unwrap();
        assert!(!other.contains("diesel"), "{other}");
        assert_eq!(replaced("nothing", "50 models", &both), None);
    }
}
