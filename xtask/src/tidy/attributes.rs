//! The attributes in front of an item, and how far the item reaches.

use proc_macro2::{Delimiter, Group, TokenTree};

use super::tokens::{braces, is_punct, words};

pub(super) struct Attributes<'a> {
    groups: Vec<&'a Group>,
    /// How many tokens the attributes are, and how many the item after them.
    pub(super) length: usize,
    pub(super) item_length: usize,
}

/// The words that an item can start with, after its visibility.
const ITEMS: [&str; 16] = [
    "async",
    "const",
    "enum",
    "extern",
    "fn",
    "impl",
    "let",
    "macro_rules",
    "mod",
    "static",
    "struct",
    "trait",
    "type",
    "union",
    "unsafe",
    "use",
];

impl<'a> Attributes<'a> {
    /// Reads `#[…] #[…] item`; or `#![…]`, whose item is all that follows.
    pub(super) fn read(tokens: &'a [TokenTree]) -> Option<Self> {
        if let [hash, bang, group, rest @ ..] = tokens
            && is_punct(hash, '#')
            && is_punct(bang, '!')
            && let Some(group) = brackets(group)
        {
            return Some(Self {
                groups: vec![group],
                length: 3,
                item_length: rest.len(),
            });
        }
        let mut groups = Vec::new();
        let mut rest = tokens;
        while let [hash, group, tail @ ..] = rest
            && is_punct(hash, '#')
            && let Some(group) = brackets(group)
        {
            groups.push(group);
            rest = tail;
        }
        let length = tokens.len() - rest.len();
        (length > 0).then(|| Self {
            groups,
            length,
            item_length: item_length(rest),
        })
    }

    /// `#[cfg(test)]`, `#[cfg(all(test, …))]`, `#[test]`, `#[tokio::test]`.
    pub(super) fn are_for_tests(&self) -> bool {
        self.groups.iter().any(|group| {
            let all = words(&group.stream());
            let all: Vec<&str> = all.iter().map(String::as_str).collect();
            match all[..] {
                ["cfg", "test", ..] => true,
                ["cfg", "all", ref rest @ ..] => rest.contains(&"test") && !rest.contains(&"not"),
                _ => path(group).last().is_some_and(|word| word == "test"),
            }
        })
    }

    /// `#[cfg(feature = "…")]`
    pub(super) fn are_feature_gates(&self) -> bool {
        self.groups.iter().any(|group| {
            let words = words(&group.stream());
            words.first().is_some_and(|word| word == "cfg") && words.contains(&"feature".into())
        })
    }

    /// The lines of those that are not documentation.
    pub(super) fn code_lines(&self) -> impl Iterator<Item = usize> {
        let code = self.groups.iter().filter(|group| path(group) != ["doc"]);
        code.flat_map(|group| group.span_open().start().line..=group.span_close().end().line)
    }
}

/// The words of an attribute outside its brackets: `tokio` and `test`.
fn path(attribute: &Group) -> Vec<String> {
    let word = |token| match token {
        TokenTree::Ident(word) => Some(word.to_string()),
        _ => None,
    };
    let before_value = |token: &TokenTree| !is_punct(token, '=');
    attribute
        .stream()
        .into_iter()
        .take_while(before_value)
        .filter_map(word)
        .collect()
}

/// An item reaches to its body or its `;`; a field, a variant or an argument to its `,`.
fn item_length(tokens: &[TokenTree]) -> usize {
    let head = tokens
        .iter()
        .position(|token| is_punct(token, ':'))
        .unwrap_or(tokens.len());
    let starts = |word: &&str| {
        let is_it = |token: &TokenTree| matches!(token, TokenTree::Ident(t) if t == word);
        tokens[..head].iter().take(3).any(is_it)
    };
    let item = ITEMS.iter().find(|word| starts(word));
    let ends = |token: &TokenTree| match item {
        Some(&"use") => is_punct(token, ';'),
        Some(_) => is_punct(token, ';') || braces(token).is_some(),
        None => is_punct(token, ';') || is_punct(token, ',') || braces(token).is_some(),
    };
    tokens
        .iter()
        .position(ends)
        .map_or(tokens.len(), |end| end + 1)
}

fn brackets(token: &TokenTree) -> Option<&Group> {
    match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket => Some(group),
        _ => None,
    }
}
