//! A Rust file reduced to the facts that the checks ask about.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use super::{
    attributes::Attributes,
    tokens::{braces, first_names, is_punct, is_word, line},
};

pub(crate) struct Source {
    pub(crate) file: String,
    /// Lines that hold code: no comment, no documentation, no test.
    pub(crate) code_lines: BTreeSet<usize>,
    pub(crate) functions: Vec<Function>,
    /// Identifiers and literals.
    pub(crate) words: Vec<Word>,
    /// The first name after `crate::`, or after as many `super::` as lead to the root.
    pub(crate) root_names: Vec<(String, usize)>,
    /// `todo!`, `.unwrap()` and their like.
    pub(crate) panics: Vec<(String, usize)>,
    /// String literals inside the brackets of a call, with the name of what is called.
    pub(crate) arguments: Vec<Argument>,
}

pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) line: usize,
    pub(crate) last_line: usize,
}

pub(crate) struct Word {
    pub(crate) text: String,
    pub(crate) line: usize,
    /// It belongs to an item under `#[cfg(feature = …)]`.
    pub(crate) gated: bool,
}

pub(crate) struct Argument {
    pub(crate) called: String,
    pub(crate) text: String,
    pub(crate) line: usize,
}

const PANICKING_MACROS: [&str; 4] = ["todo", "unimplemented", "panic", "dbg"];

impl Source {
    pub(crate) fn read(file: &str, text: &str) -> Result<Self, String> {
        let mut source = Self {
            file: file.into(),
            code_lines: BTreeSet::new(),
            functions: Vec::new(),
            words: Vec::new(),
            root_names: Vec::new(),
            panics: Vec::new(),
            arguments: Vec::new(),
        };
        if is_test_file(file) {
            return Ok(source);
        }
        let tokens: TokenStream = text.parse().map_err(|e| format!("{file}: not Rust: {e}"))?;
        let room = Room {
            depth: module_depth(file),
            gated: false,
            called: None,
        };
        source.walk(tokens, &room);
        Ok(source)
    }

    /// How many lines of code a function has.
    pub(crate) fn lines_of(&self, function: &Function) -> usize {
        self.code_lines
            .range(function.line..=function.last_line)
            .count()
    }

    fn walk(&mut self, tokens: TokenStream, room: &Room) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            let Some(attributes) = Attributes::read(&tokens[at..]) else {
                self.token(&tokens[..at], &tokens[at..], room);
                at += 1;
                continue;
            };
            let item = at + attributes.length..at + attributes.length + attributes.item_length;
            if attributes.are_for_tests() {
                at = item.end;
                continue;
            }
            self.code_lines.extend(attributes.code_lines());
            at = item.start;
            if attributes.are_feature_gates() {
                let gated = Room {
                    gated: true,
                    ..room.clone()
                };
                self.walk(tokens[item.clone()].iter().cloned().collect(), &gated);
                at = item.end;
            }
        }
    }

    /// Takes down the first token of `rest`.
    fn token(&mut self, before: &[TokenTree], rest: &[TokenTree], room: &Room) {
        let token = &rest[0];
        match token {
            TokenTree::Group(group) => {
                self.code_lines.insert(group.span_open().start().line);
                self.code_lines.insert(group.span_close().end().line);
                self.walk(group.stream(), &room.entered(group, before));
            }
            TokenTree::Ident(word) => {
                let word = word.to_string();
                self.sequence(&word, before.last(), rest, room);
                self.word(word, token, room);
            }
            TokenTree::Literal(literal) => self.literal(literal.to_string(), token, room),
            TokenTree::Punct(_) => {
                self.code_lines.insert(line(token));
            }
        }
    }

    /// Recognises what a word says together with its neighbours.
    fn sequence(
        &mut self,
        word: &str,
        before: Option<&TokenTree>,
        rest: &[TokenTree],
        room: &Room,
    ) {
        let follows = |mark| before.is_some_and(|token| is_punct(token, mark));
        match (word, rest.get(1)) {
            ("fn", Some(TokenTree::Ident(name))) => self.function(name.to_string(), rest),
            // A macro's `$crate` is a path of the place that it expands in.
            ("crate" | "super", _) if !follows(':') && !follows('$') => self.root_path(rest, room),
            ("unwrap", Some(TokenTree::Group(arguments)))
                if follows('.') && arguments.stream().is_empty() =>
            {
                self.panics.push((".unwrap()".into(), line(&rest[0])));
            }
            (name, Some(bang)) if is_punct(bang, '!') && PANICKING_MACROS.contains(&name) => {
                self.panics.push((format!("{name}!"), line(&rest[0])));
            }
            _ => {}
        }
    }

    fn function(&mut self, name: String, rest: &[TokenTree]) {
        let end = rest
            .iter()
            .position(|token| is_punct(token, ';') || braces(token).is_some());
        let Some(body) = end.and_then(|end| braces(&rest[end])) else {
            return;
        };
        self.functions.push(Function {
            name,
            line: line(&rest[0]),
            last_line: body.span_close().end().line,
        });
    }

    /// `crate::a`, `crate::{a, b}` and `super::super::a`, as far as they reach the root.
    fn root_path(&mut self, path: &[TokenTree], room: &Room) {
        let mut up = if is_word(&path[0], "crate") {
            room.depth
        } else {
            1
        };
        let mut rest = &path[1..];
        while let [first, second, name, tail @ ..] = rest
            && is_punct(first, ':')
            && is_punct(second, ':')
        {
            match name {
                TokenTree::Ident(name) if name == "super" => up += 1,
                TokenTree::Ident(name) if up == room.depth => {
                    self.root_names.push((name.to_string(), line(&path[0])));
                    return;
                }
                TokenTree::Group(names) if up == room.depth => {
                    self.root_names.extend(first_names(&names.stream()));
                    return;
                }
                _ => return,
            }
            rest = tail;
        }
    }

    fn word(&mut self, text: String, token: &TokenTree, room: &Room) {
        self.code_lines.insert(line(token));
        self.words.push(Word {
            text,
            line: line(token),
            gated: room.gated,
        });
    }

    fn literal(&mut self, text: String, token: &TokenTree, room: &Room) {
        self.code_lines
            .extend(line(token)..=token.span().end().line);
        if let Some(called) = room.called.clone().filter(|_| text.ends_with(['"', '#'])) {
            self.arguments.push(Argument {
                called,
                text: text.clone(),
                line: line(token),
            });
        }
        self.word(text, token, room);
    }
}

/// What is known of the place that a token stands in.
#[derive(Clone)]
struct Room {
    /// How many `super` lead to the root of the crate.
    depth: usize,
    gated: bool,
    /// The function or macro whose arguments these are, also from within nested brackets.
    called: Option<String>,
}

impl Room {
    /// The room inside a group, from the tokens right before it.
    fn entered(&self, group: &Group, before: &[TokenTree]) -> Self {
        let mut inner = self.clone();
        match (group.delimiter(), before) {
            (Delimiter::Brace, [.., TokenTree::Ident(module), TokenTree::Ident(_)])
                if module == "mod" =>
            {
                inner.depth += 1;
            }
            // `format!(…)` as an argument still belongs to the call around it.
            (Delimiter::Parenthesis, [.., TokenTree::Ident(called)]) => {
                inner.called = Some(called.to_string());
            }
            (Delimiter::Brace, _) => inner.called = None,
            _ => {}
        }
        inner
    }
}

/// How many `super` lead from a file to the root: 1 for `src/query.rs`, 2 for `src/query/find.rs`.
fn module_depth(file: &str) -> usize {
    let inside = file.split_once("/src/").map_or(file, |(_, inside)| inside);
    let inside = inside.trim_end_matches(".rs");
    let inside = inside.strip_suffix("/mod").unwrap_or(inside);
    if matches!(inside, "lib" | "main") {
        0
    } else {
        inside.split('/').count()
    }
}

fn is_test_file(file: &str) -> bool {
    let in_folder = file.contains("/tests/") || file.contains("/benches/");
    in_folder || file.ends_with("/tests.rs")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r##"
//! Says `todo!` and `crate::b` in prose.
use crate::{a::X, b};
/// Documentation of `f`.
fn f(x: Option<u8>) -> u8 {
    // a comment

    let text = "two
lines"; super::up();
    x.unwrap()
}
#[cfg(feature = "sqlite")]
pub use sinew_sqlite as driver;
mod inner { fn g() { super::super::c::d(); report(1, format!("no {x} here")); } }
#[cfg(test)]
mod tests { fn h() { todo!() } }
#[tokio::test(flavor = "x")]
async fn test() { panic!() }
fn pick<F: Fn() -> u8>(f: fn(u8)) -> u8 { dbg!(1) }
"##;

    fn source() -> Source {
        Source::read("crates/sinew/src/query.rs", TEXT).unwrap()
    }

    #[test]
    fn paths_from_the_root_are_found() {
        let names: Vec<_> = source().root_names;
        let expected = [("a", 3), ("b", 3), ("up", 9), ("c", 14)];
        assert_eq!(names, expected.map(|(name, line)| (name.to_string(), line)));
    }

    #[test]
    fn functions_are_measured_without_comments() {
        let source = source();
        let sizes = source
            .functions
            .iter()
            .map(|f| (f.name.as_str(), source.lines_of(f)));
        assert_eq!(sizes.collect::<Vec<_>>(), [("f", 5), ("g", 1), ("pick", 1)]);
    }

    #[test]
    fn panics_count_outside_tests_only() {
        let expected = [(".unwrap()", 10), ("dbg!", 19)];
        assert_eq!(
            source().panics,
            expected.map(|(what, line)| (what.to_string(), line))
        );
    }

    #[test]
    fn gates_and_arguments_are_kept() {
        let source = source();
        assert!(
            source
                .words
                .iter()
                .any(|word| word.gated && word.text == "sinew_sqlite")
        );
        assert!(
            source
                .words
                .iter()
                .all(|word| !word.gated || word.line == 13)
        );
        let argument = source
            .arguments
            .iter()
            .find(|argument| argument.called == "report");
        assert_eq!(argument.unwrap().text, "\"no {x} here\"");
    }
}
