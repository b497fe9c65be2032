//! How many crates an application compiles for Sinew with SQLite alone.

use std::collections::BTreeSet;

use super::{Finding, Tree};
use crate::run;

/// So many may there be, Sinew's own among them.
const MOST: usize = 40;

pub(super) fn check(tree: &Tree) -> Result<Vec<Finding>, String> {
    let mut command = tree.repo.cargo(&[
        "tree",
        "--package",
        "sinew",
        "--no-default-features",
        "--features",
        "sqlite",
        "--edges",
        "normal,build",
        "--prefix",
        "none",
        "--quiet",
    ]);
    let crates = count(&run::output(&mut command)?);
    if crates <= MOST {
        return Ok(Vec::new());
    }
    Ok(vec![Finding {
        file: "crates/sinew/Cargo.toml".into(),
        line: 1,
        what: format!("{crates} crates with the feature `sqlite` alone, above {MOST}"),
    }])
}

/// The packages among the lines of `cargo tree`, each once.
fn count(tree: &str) -> usize {
    let packages = tree.lines().filter(|line| !line.is_empty()).map(|line| {
        let mut words = line.split_whitespace();
        (words.next(), words.next())
    });
    packages.collect::<BTreeSet<_>>().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_counts_once_and_each_version_by_itself() {
        let tree = "sinew v0.1.0 (/a b)\nsyn v3.0.0\nsyn v2.0.0\n\nsyn v3.0.0 (*)\nquote v1.0.0 (proc-macro)\n";
        assert_eq!(count(tree), 4);
    }
}
