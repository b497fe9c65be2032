//! How many of the items that users meet show an example in their documentation.

use super::{Finding, Tree};

/// Of a hundred items, so many show one at least.
const LEAST: usize = 95;

/// What users meet: the facade, and what it takes from the crates below.
const SHOWN: [&str; 5] = [
    "crates/sinew/src/",
    "crates/sinew-core/src/error/",
    "crates/sinew-core/src/value/",
    "crates/sinew-macros/src/lib.rs",
    "crates/sinew-migrate/src/plan.rs",
];
/// The doors of the generated code.
const HIDDEN: [&str; 2] = ["crates/sinew/src/generated", "crates/sinew/src/private"];

const KINDS: [&str; 9] = [
    "fn ",
    "async fn ",
    "const fn ",
    "struct ",
    "enum ",
    "trait ",
    "type ",
    "mod ",
    "const ",
];

struct Item {
    file: String,
    line: usize,
    text: String,
    example: bool,
}

pub(super) fn check(tree: &Tree) -> Result<Vec<Finding>, String> {
    let items = items(tree)?;
    if shown(&items) * 100 >= items.len() * LEAST {
        return Ok(Vec::new());
    }
    let bare = items.into_iter().filter(|item| !item.example);
    Ok(bare
        .map(|item| Finding {
            what: format!("no example: {}", item.text),
            file: item.file,
            line: item.line,
        })
        .collect())
}

/// Prints the share.
pub(super) fn report(tree: &Tree) -> Result<(), String> {
    let items = items(tree)?;
    let shown = shown(&items);
    let share = shown * 1000 / items.len().max(1);
    println!(
        "\nexamples: {shown} of {} public items show one ({}.{} %)",
        items.len(),
        share / 10,
        share % 10
    );
    for item in items.iter().filter(|item| !item.example) {
        println!("         {}:{} {}", item.file, item.line, item.text);
    }
    Ok(())
}

fn shown(items: &[Item]) -> usize {
    items.iter().filter(|item| item.example).count()
}

fn items(tree: &Tree) -> Result<Vec<Item>, String> {
    let mut items = Vec::new();
    for file in tree.files.iter().filter(|file| is_shown(file)) {
        in_source(file, &tree.repo.read(file)?, &mut items);
    }
    Ok(items)
}

fn is_shown(file: &str) -> bool {
    let within = |folders: &[&str]| folders.iter().any(|folder| file.starts_with(folder));
    file.ends_with(".rs") && within(&SHOWN) && !within(&HIDDEN)
}

/// An item's documentation stands right above it: what was read since the last line of code.
fn in_source(file: &str, source: &str, items: &mut Vec<Item>) {
    let (mut example, mut hidden) = (false, false);
    let body = source.lines().take_while(|line| *line != "#[cfg(test)]");
    for (index, line) in body.enumerate() {
        let text = line.trim();
        example |= text == "/// ```" || text.starts_with("#[doc = include_str!");
        hidden |= text == "#[doc(hidden)]";
        if is_item(text) && !hidden {
            items.push(Item {
                file: file.into(),
                line: index + 1,
                text: text.trim_end_matches('{').trim_end().into(),
                example,
            });
        }
        if is_code(text) {
            (example, hidden) = (false, false);
        }
    }
}

fn is_item(text: &str) -> bool {
    let Some(item) = text.strip_prefix("pub ") else {
        return false;
    };
    let declares = item.starts_with("mod ") && item.ends_with(';');
    // The documentation of what a macro names stands where the macro is used.
    !declares && !item.contains(" $") && KINDS.iter().any(|kind| item.starts_with(kind))
}

/// Attributes may take several lines, of which the inner ones assign or are the closing bracket.
fn is_code(text: &str) -> bool {
    let of_attribute = ["#[", ")]", "message = ", "label = ", "note = "];
    !text.is_empty()
        && !text.starts_with("//")
        && !of_attribute.iter().any(|start| text.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_belongs_to_the_item_below() {
        let source = "\
/// Shown.
/// ```
/// f();
/// ```
#[diagnostic::on_unimplemented(
    message = \"no\"
)]
pub trait Shown {}
/// Bare.
pub fn bare() {
}
#[doc(hidden)]
pub struct Door;
pub mod elsewhere;
pub(crate) fn inner() {}
";
        let mut items = Vec::new();
        in_source("t.rs", source, &mut items);
        let seen: Vec<_> = items
            .iter()
            .map(|item| (item.line, item.text.as_str(), item.example))
            .collect();
        assert_eq!(
            seen,
            [
                (8, "pub trait Shown {}", true),
                (10, "pub fn bare()", false)
            ]
        );
    }
}
