//! The order of the modules inside crates/sinew: each may use only those on lower steps.

use std::collections::BTreeMap;

use super::{Finding, Tree, document, source::Source, tokens};

const FOLDER: &str = "crates/sinew/src/";
/// The facade and the door of the generated code see everything.
const FREE: [&str; 2] = ["lib", "private"];

pub(super) fn check(tree: &Tree) -> Result<Vec<Finding>, String> {
    let map = document::map(tree)?;
    let steps = read(&map)?;
    let inside: Vec<&Source> = tree
        .sources
        .iter()
        .filter(|source| source.file.starts_with(FOLDER))
        .collect();
    let modules: Vec<&str> = inside.iter().map(|source| module_of(source)).collect();
    let doors = doors(tree, &modules)?;
    let mut findings = Vec::new();
    for source in inside
        .iter()
        .filter(|source| !FREE.contains(&module_of(source)))
    {
        match steps.get(module_of(source)) {
            Some(step) => findings.extend(upward(source, *step, &steps, &doors)),
            None => findings.push(Finding {
                file: source.file.clone(),
                line: 1,
                what: format!(
                    "the module {} has no step in the staircase",
                    module_of(source)
                ),
            }),
        }
    }
    let line = map
        .lines()
        .position(|line| line.starts_with(LINE))
        .map_or(1, |at| at + 1);
    let stale = steps
        .keys()
        .filter(|step| !modules.contains(step) && !FREE.contains(step));
    findings.extend(stale.map(|module| Finding {
        file: document::MAP.into(),
        line,
        what: format!("{FOLDER} has no module {module}"),
    }));
    Ok(findings)
}

/// The places where a file uses a module that is not below its own.
fn upward(
    source: &Source,
    step: usize,
    steps: &BTreeMap<&str, usize>,
    doors: &BTreeMap<String, String>,
) -> Vec<Finding> {
    let module = module_of(source);
    let mut findings = Vec::new();
    for (name, line) in &source.root_names {
        let used = doors.get(name).map_or(name.as_str(), String::as_str);
        // A name without a step is an item of lib.rs itself, or a module found above.
        let lower = used != "private" && steps.get(used).is_none_or(|used| *used < step);
        if used != module && !lower {
            findings.push(Finding {
                file: source.file.clone(),
                line: *line,
                what: format!("{module} uses {used}, which is not below it"),
            });
        }
    }
    findings
}

const LINE: &str = "Staircase:";

/// Reads `Staircase: model, hook → relation → db`: modules of one step do not use each other.
fn read(map: &str) -> Result<BTreeMap<&str, usize>, String> {
    let line = map.lines().find_map(|line| line.strip_prefix(LINE));
    let line = line.ok_or(format!(
        "{} needs a line that starts with `{LINE}`",
        document::MAP
    ))?;
    let mut steps = BTreeMap::new();
    for (number, step) in line.split('→').enumerate() {
        let names = step
            .split(',')
            .map(|name| name.trim().trim_matches(['`', '.']));
        steps.extend(names.map(|name| (name, number)));
    }
    Ok(steps)
}

/// The names that lib.rs hands on from its modules: `crate::Relation` is a way into `relation`.
fn doors(tree: &Tree, modules: &[&str]) -> Result<BTreeMap<String, String>, String> {
    let facade = format!("{FOLDER}lib.rs");
    if !tree.files.contains(&facade) {
        return Ok(BTreeMap::new());
    }
    let uses = tokens::uses(&tree.repo.read(&facade)?)?;
    Ok(uses
        .into_iter()
        .filter(|(_, module)| modules.contains(&module.as_str()))
        .collect())
}

/// `query` for both `src/query.rs` and `src/query/find.rs`.
fn module_of(source: &Source) -> &str {
    let inside = source.file.strip_prefix(FOLDER).unwrap_or(&source.file);
    inside.split(['/', '.']).next().unwrap_or(inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_between_arrows_share_a_step() {
        let steps = read("x\nStaircase: `model`, `hook` → `relation` → `lib`.\n").unwrap();
        assert_eq!(
            (
                steps["model"],
                steps["hook"],
                steps["relation"],
                steps["lib"]
            ),
            (0, 0, 1, 2)
        );
    }
}
