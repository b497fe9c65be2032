//! How large files and functions are, in lines of code without comments and tests.

use super::{Finding, Tree, source::Source};

const FILE_MOST: usize = 600;
const FILE_REPORTED: usize = 400;
const FUNCTION_MOST: usize = 100;
const LISTED: usize = 10;

struct Size {
    lines: usize,
    file: String,
    line: usize,
    name: String,
}

pub(super) fn check(tree: &Tree) -> Result<Vec<Finding>, String> {
    let finding = |size: Size, most| {
        let what = format!(
            "{} has {} lines of code, {most} are the most",
            size.name, size.lines
        );
        Finding {
            file: size.file,
            line: size.line,
            what,
        }
    };
    let files = files(tree)
        .into_iter()
        .filter(|size| size.lines > FILE_MOST);
    let functions = functions(tree)
        .into_iter()
        .filter(|size| size.lines > FUNCTION_MOST);
    let files = files.map(|size| finding(size, FILE_MOST));
    Ok(files
        .chain(functions.map(|size| finding(size, FUNCTION_MOST)))
        .collect())
}

/// Prints the largest, so that they are seen before they are too large.
pub(super) fn report(tree: &Tree) {
    let files = files(tree);
    let large = files
        .iter()
        .filter(|size| size.lines > FILE_REPORTED)
        .count();
    println!("\nlargest files ({large} above {FILE_REPORTED} lines of code):");
    print(&files);
    println!("largest functions:");
    print(&functions(tree));
}

fn print(sizes: &[Size]) {
    for Size {
        lines,
        file,
        line,
        name,
    } in sizes.iter().take(LISTED)
    {
        println!("{lines:7}  {file}:{line} {name}");
    }
}

fn files(tree: &Tree) -> Vec<Size> {
    largest_first(measured(tree).map(|source| Size {
        lines: source.code_lines.len(),
        file: source.file.clone(),
        line: 1,
        name: "file".into(),
    }))
}

fn functions(tree: &Tree) -> Vec<Size> {
    largest_first(measured(tree).flat_map(|source| {
        source.functions.iter().map(|function| Size {
            lines: source.lines_of(function),
            file: source.file.clone(),
            line: function.line,
            name: function.name.clone(),
        })
    }))
}

/// The suite is a list of cases, as long as there are behaviours.
fn measured(tree: &Tree) -> impl Iterator<Item = &Source> {
    tree.sources
        .iter()
        .filter(|source| !source.file.starts_with("crates/sinew-suite/"))
}

fn largest_first(sizes: impl Iterator<Item = Size>) -> Vec<Size> {
    let mut sizes: Vec<Size> = sizes.collect();
    sizes.sort_by_key(|size| std::cmp::Reverse(size.lines));
    sizes
}
