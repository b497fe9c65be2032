//! `cargo xtask tidy`: what the compiler does not check.

mod attributes;
mod banned;
mod crates;
mod dialects;
mod document;
mod edges;
mod examples;
mod format;
mod macro_errors;
mod paths;
mod places;
mod sizes;
mod source;
mod staircase;
mod tokens;

use crate::repo::{Metadata, Repo};
use source::Source;

/// Something to repair.
pub(crate) struct Finding {
    pub(crate) file: String,
    pub(crate) line: usize,
    pub(crate) what: String,
}

/// What the checks look at, read once.
pub(crate) struct Tree {
    repo: Repo,
    metadata: Metadata,
    files: Vec<String>,
    sources: Vec<Source>,
}

impl Tree {
    fn read() -> Result<Self, String> {
        let repo = Repo::find()?;
        let metadata = repo.metadata()?;
        let files = repo.files()?;
        let rust = files.iter().filter(|file| file.ends_with(".rs"));
        let sources = rust
            .map(|file| Source::read(file, &repo.read(file)?))
            .collect::<Result<Vec<_>, String>>()?;
        Ok(Self {
            repo,
            metadata,
            files,
            sources,
        })
    }
}

struct Check {
    name: &'static str,
    run: fn(&Tree) -> Result<Vec<Finding>, String>,
    /// Printed once below the findings.
    fix: &'static str,
}

const CHECKS: [Check; 10] = [
    Check {
        name: "crate edges",
        run: edges::check,
        fix: "take the dependency out of the manifest; or, if the design is better with it, draw \
              the arrow in ARCHITECTURE.md in the same commit",
    },
    Check {
        name: "module staircase of crates/sinew",
        run: staircase::check,
        fix: "move the code down to the step that both may use, or hand what is needed in as an \
              argument; a new module takes its place in the line `Staircase:` of ARCHITECTURE.md",
    },
    Check {
        name: "crates with SQLite alone",
        run: crates::check,
        fix: "`cargo tree -p sinew --no-default-features -F sqlite -e normal,build` shows where they come \
              from: leave out default features, or put what brings them behind a feature",
    },
    Check {
        name: "dialect names",
        run: dialects::check,
        fix: "ask the dialect for a capability or a method instead, and answer in \
              crates/sinew-sql/src/dialect/",
    },
    Check {
        name: "sizes",
        run: sizes::check,
        fix: "split by what the parts are about: a file is one thing, a function one level",
    },
    Check {
        name: "paths in documents",
        run: paths::check,
        fix: "correct the path (they are written from the root), or remove the sentence",
    },
    Check {
        name: "examples",
        run: examples::check,
        fix: "show in a few lines how the item is used and what comes out, with the models of \
              crates/sinew-suite/src/docs.rs; hide what users never name with `#[doc(hidden)]`",
    },
    Check {
        name: "panics",
        run: banned::check,
        fix: "return an `Error` of the right kind, or finish what was put off",
    },
    Check {
        name: "places",
        run: places::check,
        fix: "name neither a folder of one machine nor a registry's host; say it relative to the \
              repository",
    },
    Check {
        name: "formatting",
        run: format::check,
        fix: "run `cargo fmt --all`",
    },
];

pub(crate) fn run(args: &[String]) -> Result<(), String> {
    if let Some(arg) = args.first() {
        return Err(format!("tidy takes no argument, got `{arg}`"));
    }
    let tree = Tree::read()?;
    let mut total = 0;
    for check in &CHECKS {
        let findings = (check.run)(&tree).map_err(|e| format!("{}: {e}", check.name))?;
        total += findings.len();
        print(check, &findings);
    }
    sizes::report(&tree);
    examples::report(&tree)?;
    macro_errors::report(&tree)?;
    match total {
        0 => Ok(()),
        1 => Err("1 finding; how to fix it stands below it".into()),
        many => Err(format!(
            "{many} findings; how to fix them stands below each group"
        )),
    }
}

fn print(check: &Check, findings: &[Finding]) {
    if findings.is_empty() {
        println!("ok     {}", check.name);
        return;
    }
    println!("FOUND  {}", check.name);
    for Finding { file, line, what } in findings {
        println!("       {file}:{line}: {what}");
    }
    println!("       fix: {}", check.fix);
}
