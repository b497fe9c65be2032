//! The sources are formatted.

use super::{Finding, Tree};

pub(super) fn check(tree: &Tree) -> Result<Vec<Finding>, String> {
    let mut command = tree.repo.cargo(&["fmt", "--all", "--check"]);
    println!("$ cargo fmt --all --check");
    let output = command.output().map_err(|e| format!("cargo fmt: {e}"))?;
    let printed = String::from_utf8_lossy(&output.stdout);
    let places = printed
        .lines()
        .filter_map(|line| line.strip_prefix("Diff in "));
    let mut findings: Vec<Finding> = places.map(|place| finding(tree, place)).collect();
    if !output.status.success() && findings.is_empty() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("cargo fmt could not check: {said}"));
    }
    findings.dedup_by(|a, b| a.file == b.file);
    Ok(findings)
}

/// Reads `/path/to/file.rs:12:`, keeping the first place of each file.
fn finding(tree: &Tree, place: &str) -> Finding {
    let place = place.trim_end_matches(':');
    let (file, line) = place.rsplit_once(':').unwrap_or((place, "1"));
    let root = format!("{}/", tree.repo.root.display());
    Finding {
        file: file.strip_prefix(&root).unwrap_or(file).into(),
        line: line.parse().unwrap_or(1),
        what: "is not formatted".into(),
    }
}
