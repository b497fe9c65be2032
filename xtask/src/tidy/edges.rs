//! Which crate may use which: the arrows drawn in ARCHITECTURE.md are all there are.

use std::collections::BTreeMap;

use super::{Finding, Tree, document};

/// What is drawn for a crate.
struct Drawn<'a> {
    line: usize,
    uses: Vec<&'a str>,
}

pub(super) fn check(tree: &Tree) -> Result<Vec<Finding>, String> {
    let map = document::map(tree)?;
    let drawn = read(&map)?;
    let packages = &tree.metadata.packages;
    let mut findings = Vec::new();
    for (name, package) in packages {
        let manifest = tree.repo.read(&package.manifest)?;
        let mut find = |line, what| {
            findings.push(Finding {
                file: package.manifest.clone(),
                line,
                what,
            });
        };
        let Some(allowed) = drawn.get(name.as_str()) else {
            find(
                line_with(&manifest, "name"),
                format!("{name} is not in the map"),
            );
            continue;
        };
        for uses in package
            .uses
            .iter()
            .filter(|uses| !allowed.uses.contains(&uses.as_str()))
        {
            find(
                line_with(&manifest, uses),
                format!("no arrow {name} -> {uses} is drawn"),
            );
        }
    }
    for (name, Drawn { line, .. }) in &drawn {
        if !packages.contains_key(*name) {
            let what = format!("the workspace has no crate {name}");
            findings.push(Finding {
                file: document::MAP.into(),
                line: *line,
                what,
            });
        }
    }
    Ok(findings)
}

/// Reads lines like `sinew-sql -> sinew-core sinew-names`.
fn read(map: &str) -> Result<BTreeMap<&str, Drawn<'_>>, String> {
    let lines = document::fenced(map, "edges").ok_or(format!(
        "{} needs a block that opens with ```edges",
        document::MAP
    ))?;
    let mut drawn = BTreeMap::new();
    for (line, text) in lines
        .into_iter()
        .filter(|(_, text)| !text.trim().is_empty())
    {
        let (name, uses) = text.split_once("->").ok_or(format!(
            "{}:{line}: expected `crate -> crates that it uses`",
            document::MAP
        ))?;
        drawn.insert(
            name.trim(),
            Drawn {
                line,
                uses: uses.split_whitespace().collect(),
            },
        );
    }
    Ok(drawn)
}

fn line_with(text: &str, word: &str) -> usize {
    text.lines()
        .position(|line| line.trim_start().starts_with(word))
        .map_or(1, |index| index + 1)
}
