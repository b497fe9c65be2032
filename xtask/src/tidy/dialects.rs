//! Nothing but the dialects and the drivers knows a database by its name.

use super::{Finding, Tree, source::Word};

const NAMES: [&str; 4] = ["sqlite", "postgres", "mysql", "mariadb"];

/// Where the names belong.
const ROOMS: [&str; 8] = [
    "crates/sinew-sql/src/dialect",
    "crates/sinew-migrate/src/dialect",
    "crates/sinew-sqlite/",
    "crates/sinew-postgres/",
    "crates/sinew-mysql/",
    "crates/sinew-suite/",
    "crates/sinew-cli/",
    "crates/sinew/src/db/connect",
];

pub(super) fn check(tree: &Tree) -> Result<Vec<Finding>, String> {
    let library = tree.sources.iter().filter(|source| {
        let file = &source.file;
        file.starts_with("crates/") && !ROOMS.iter().any(|room| file.starts_with(room))
    });
    let mut findings = Vec::new();
    for source in library {
        for word in source.words.iter().filter(|word| names_a_database(word)) {
            let (file, line) = (source.file.clone(), word.line);
            findings.push(Finding {
                file,
                line,
                what: format!("{} names a database", word.text),
            });
        }
    }
    Ok(findings)
}

/// Code behind a feature's gate may, and so may a text with spaces: it is written for people.
fn names_a_database(word: &Word) -> bool {
    let text = word.text.to_lowercase();
    let prose = text.contains(char::is_whitespace);
    !word.gated && !prose && NAMES.iter().any(|name| text.contains(name))
}
