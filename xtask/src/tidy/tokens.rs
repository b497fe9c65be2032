//! Small questions to tokens.

use std::slice::Iter;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

pub(super) fn line(token: &TokenTree) -> usize {
    token.span().start().line
}

pub(super) fn is_punct(token: &TokenTree, mark: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == mark)
}

pub(super) fn is_word(token: &TokenTree, text: &str) -> bool {
    matches!(token, TokenTree::Ident(word) if word == text)
}

pub(super) fn braces(token: &TokenTree) -> Option<&Group> {
    match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group),
        _ => None,
    }
}

/// Every word, also inside brackets.
pub(super) fn words(tokens: &TokenStream) -> Vec<String> {
    let mut words = Vec::new();
    for token in tokens.clone() {
        match token {
            TokenTree::Ident(word) => words.push(word.to_string()),
            TokenTree::Group(group) => words.extend(self::words(&group.stream())),
            _ => {}
        }
    }
    words
}

/// The first name of each branch of `{a, b::c, d as e}`.
pub(super) fn first_names(tokens: &TokenStream) -> Vec<(String, usize)> {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let branches = tokens.split(|token| is_punct(token, ','));
    let name = |branch: &[TokenTree]| match branch.first() {
        Some(token @ TokenTree::Ident(name)) => Some((name.to_string(), line(token))),
        _ => None,
    };
    branches.filter_map(name).collect()
}

/// The names that a file brings in with `use`, each with the first part of its path.
pub(super) fn uses(text: &str) -> Result<Vec<(String, String)>, String> {
    let tokens: TokenStream = text.parse().map_err(|e| format!("not Rust: {e}"))?;
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut found = Vec::new();
    for statement in tokens.split(|token| is_punct(token, ';')) {
        if let Some(at) = statement.iter().position(|token| is_word(token, "use")) {
            branch(&mut statement[at + 1..].iter(), None, &mut found);
        }
    }
    Ok(found)
}

/// Reads the branches of a use tree up to their end, each as (name, first part of the path).
fn branch(tokens: &mut Iter<'_, TokenTree>, root: Option<&str>, found: &mut Vec<(String, String)>) {
    let mut first = root.map(String::from);
    let mut name = None;
    for token in tokens.by_ref() {
        match token {
            TokenTree::Ident(word) if word == "crate" || word == "self" || word == "as" => {}
            TokenTree::Ident(word) => {
                first.get_or_insert_with(|| word.to_string());
                name = Some(word.to_string());
            }
            TokenTree::Group(group) => {
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                branch(&mut inner.iter(), first.as_deref(), found);
                name = None;
            }
            TokenTree::Punct(mark) if mark.as_char() == ',' => {
                found.extend(name.take().zip(first.clone()));
                first = root.map(String::from);
            }
            _ => {}
        }
    }
    found.extend(name.zip(first));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_use_tree_gives_its_names() {
        let found = uses("pub use a::{B, c::{D, E as F}}; mod x; use crate::g::*; use h;").unwrap();
        let expected = [("B", "a"), ("D", "a"), ("F", "a"), ("g", "g"), ("h", "h")];
        assert_eq!(
            found,
            expected.map(|(name, first)| (name.to_string(), first.to_string()))
        );
    }
}
