//! The repository names no folder of one machine, and no host that packages come from.

use super::{Finding, Tree};

/// Top-level folders of machines that people build on.
const FOLDERS: [&str; 3] = ["work", "farm", "root"];

/// Hosts of package registries, in two parts so that this file passes its own check.
const HOSTS: [(&str, &str); 8] = [
    ("index", "crates.io"),
    ("static", "crates.io"),
    ("registry", "npmjs.org"),
    ("files", "pythonhosted.org"),
    ("pypi", "org"),
    ("proxy", "golang.org"),
    ("deb", "debian.org"),
    ("registry-1", "docker.io"),
];

pub(super) fn check(tree: &Tree) -> Result<Vec<Finding>, String> {
    let hosts = HOSTS.map(|(first, rest)| format!("{first}.{rest}"));
    let mut findings = Vec::new();
    for file in &tree.files {
        // Pictures and databases are not text, and name nothing.
        let Ok(text) = tree.repo.read(file) else {
            continue;
        };
        for (index, line) in text.lines().enumerate() {
            let host = hosts.iter().find(|host| line.contains(host.as_str()));
            let folder = FOLDERS.iter().find(|folder| names_folder(line, folder));
            let what = match (host, folder) {
                (Some(host), _) => format!("names the host {host}"),
                (None, Some(folder)) => format!("names the folder /{folder} of one machine"),
                (None, None) => continue,
            };
            findings.push(Finding {
                file: file.clone(),
                line: index + 1,
                what,
            });
        }
    }
    Ok(findings)
}

/// Whether a line has `/folder/` at the start of a path.
fn names_folder(line: &str, folder: &str) -> bool {
    let path = format!("/{folder}/");
    line.match_indices(&path).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '}'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_absolute_paths_count() {
        let path = format!("/{}/x", "farm");
        assert!(names_folder(&format!("in {path}"), "farm"));
        assert!(!names_folder(&format!("target{path} and ..{path}"), "farm"));
    }
}
