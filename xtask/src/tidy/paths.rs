//! The paths that the documents name exist.

use super::{Finding, Tree, document};

const DOCUMENTS: [&str; 2] = ["ARCHITECTURE.md", "CONTRIBUTING.md"];
const ENDINGS: [&str; 6] = [".md", ".rs", ".toml", ".tsv", ".sh", ".yml"];

pub(super) fn check(tree: &Tree) -> Result<Vec<Finding>, String> {
    let mut findings = Vec::new();
    for file in DOCUMENTS {
        let text = tree.repo.read(file)?;
        let missing = document::code_spans(&text)
            .into_iter()
            .filter(|(_, span)| is_path(span) && !tree.repo.root.join(span).exists());
        findings.extend(missing.map(|(line, span)| Finding {
            file: file.into(),
            line,
            what: format!("`{span}` does not exist"),
        }));
    }
    Ok(findings)
}

/// Whether text in backticks is meant as a path of the repository, rather than code or a pattern.
fn is_path(span: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '/' | '-' | '_');
    let relative = !span.starts_with(['/', '-']);
    // A bare `lib.rs` speaks of any crate's; a bare `README.md` is the one at the root.
    let named = ENDINGS.iter().any(|ending| span.ends_with(ending)) && !span.ends_with(".rs");
    let nested = span.contains('/') && !span.ends_with("//");
    relative && span.chars().all(plain) && (nested || named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_not_taken_for_a_path() {
        for path in [
            "crates/sinew/",
            ".ci/run",
            "README.md",
            "docs/x.md",
            "crates/a/src/lib.rs",
        ] {
            assert!(is_path(path), "{path}");
        }
        for code in [
            "lib.rs",
            "crate::a",
            "a.b",
            "/tmp/x",
            "sqlite://x",
            "crates/*/src",
            "x -> y",
        ] {
            assert!(!is_path(code), "{code}");
        }
    }
}
