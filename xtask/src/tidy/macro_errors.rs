//! Which mistakes of a user the derive speaks about, and which of these texts a compile-fail test
//! shows. A report only: it does not fail the run.

use super::{Tree, source::Argument};

/// The functions and methods that take an error's text.
const CALLS: [&str; 8] = [
    "new",
    "new_spanned",
    "error",
    "error_at",
    "err",
    "push",
    "report",
    "help",
];

const SOURCES: &str = "crates/sinew-macros/src/";
const SHOWN_IN: &str = "crates/sinew/tests/ui/";

pub(super) fn report(tree: &Tree) -> Result<(), String> {
    let mut shown = String::new();
    for file in &tree.files {
        if file.starts_with(SHOWN_IN) && file.ends_with(".stderr") {
            shown.push_str(&tree.repo.read(file)?);
        }
    }
    let macros = tree
        .sources
        .iter()
        .filter(|source| source.file.starts_with(SOURCES));
    let texts = macros.flat_map(|source| {
        let errors = source
            .arguments
            .iter()
            .filter(|argument| is_error(argument));
        errors.map(move |argument| (&source.file, argument))
    });
    let (seen, unseen): (Vec<_>, Vec<_>) =
        texts.partition(|(_, argument)| shown.contains(fixed_part(&argument.text)));
    println!(
        "errors of the derive: {} shown in {SHOWN_IN}, {} not:",
        seen.len(),
        unseen.len()
    );
    for (file, Argument { text, line, .. }) in unseen {
        println!("         {file}:{line} {text}");
    }
    Ok(())
}

fn is_error(argument: &Argument) -> bool {
    CALLS.contains(&argument.called.as_str()) && argument.text.contains(' ')
}

/// The longest part of a text that is the same for every user.
fn fixed_part(text: &str) -> &str {
    let inside = text.trim_matches(['r', '#', '"']);
    let parts = inside.split(['{', '}', '\\']);
    parts.max_by_key(|part| part.len()).unwrap_or(inside)
}
