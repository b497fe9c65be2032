//! Nothing outside the tests panics on purpose or is left for later.

use super::{Finding, Tree};

pub(super) fn check(tree: &Tree) -> Result<Vec<Finding>, String> {
    // The suite is test code, wherever it stands; the benchmarks are programs of their own.
    let sources = tree.sources.iter().filter(|s| {
        !["crates/sinew-suite/", "bench/"]
            .iter()
            .any(|room| s.file.starts_with(room))
    });
    let finding = |file: &str, (what, line): &(String, usize)| Finding {
        file: file.into(),
        line: *line,
        what: format!("{what} outside of tests"),
    };
    let all = sources.flat_map(|source| {
        source
            .panics
            .iter()
            .map(move |panic| finding(&source.file, panic))
    });
    Ok(all.collect())
}
