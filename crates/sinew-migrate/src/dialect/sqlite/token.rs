//! SQLite's lexical rules, as far as its stored statements need them.

use std::fmt::Write as _;

/// A token and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A keyword or plain name.
    Word(String),
    /// A name in quotes, without them.
    Quoted(String),
    /// A text, blob or number.
    Literal(String),
    /// Anything else, one character.
    Sign(char),
}

impl Token {
    pub(super) fn is(&self, word: &str) -> bool {
        matches!(&self.kind, Kind::Word(own) if own.eq_ignore_ascii_case(word))
    }

    pub(super) fn is_sign(&self, sign: char) -> bool {
        self.kind == Kind::Sign(sign)
    }

    /// The name that this is, if it can be one. SQLite takes a text for a name, too.
    pub(super) fn name(&self) -> Option<String> {
        match &self.kind {
            Kind::Word(name) | Kind::Quoted(name) => Some(name.clone()),
            Kind::Literal(text) => {
                let inner = text.strip_prefix('\'')?.strip_suffix('\'')?;
                Some(inner.replace("''", "'"))
            }
            Kind::Sign(_) => None,
        }
    }
}

/// The tokens of a statement, without white space and comments.
pub(super) fn tokens(sql: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(c) = sql[at..].chars().next() {
        let rest = &sql[at..];
        let (length, kind) = match c {
            c if c.is_whitespace() => (c.len_utf8(), None),
            '-' if rest.starts_with("--") => (rest.find('\n').unwrap_or(rest.len()), None),
            '/' if rest.starts_with("/*") => (
                rest[2..].find("*/").map_or(rest.len(), |length| length + 4),
                None,
            ),
            '\'' => quoted(rest, '\'', |text| Kind::Literal(text.to_owned())),
            'x' | 'X' if rest[1..].starts_with('\'') => {
                let (length, kind) =
                    quoted(&rest[1..], '\'', |text| Kind::Literal(format!("x{text}")));
                (length + 1, kind)
            }
            '"' | '`' => quoted(rest, c, |text| {
                let double: String = [c, c].iter().collect();
                Kind::Quoted(text[1..text.len() - 1].replace(&double, c.encode_utf8(&mut [0; 4])))
            }),
            '[' => {
                let length = rest.find(']').map_or(rest.len(), |length| length + 1);
                (length, Some(Kind::Quoted(rest[1..length - 1].to_owned())))
            }
            c if c.is_ascii_digit() => {
                let length = number(rest);
                (length, Some(Kind::Literal(rest[..length].to_owned())))
            }
            c if is_word(c) => {
                let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
                (length, Some(Kind::Word(rest[..length].to_owned())))
            }
            c => (c.len_utf8(), Some(Kind::Sign(c))),
        };
        if let Some(kind) = kind {
            tokens.push(Token {
                kind,
                start: at,
                end: at + length,
            });
        }
        at += length;
    }
    tokens
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$' || !c.is_ascii()
}

fn number(rest: &str) -> usize {
    let mut exponent = false;
    let end = rest.find(|c: char| {
        let part = c.is_ascii_alphanumeric() || c == '.' || exponent && (c == '+' || c == '-');
        exponent = c == 'e' || c == 'E';
        !part
    });
    end.unwrap_or(rest.len())
}

/// What stands between quotes, with them; a doubled quote does not close.
fn quoted(rest: &str, quote: char, kind: impl Fn(&str) -> Kind) -> (usize, Option<Kind>) {
    let mut at = 1;
    while let Some(length) = rest[at..].find(quote) {
        at += length + 1;
        if !rest[at..].starts_with(quote) {
            return (at, Some(kind(&rest[..at])));
        }
        at += 1;
    }
    (rest.len(), Some(Kind::Sign(quote)))
}

/// Tokens in a form in which equal conditions are equal texts.
pub(super) fn plain(tokens: &[Token]) -> String {
    let mut tokens = tokens;
    while let [first, inner @ .., last] = tokens
        && first.is_sign('(')
        && last.is_sign(')')
        && balanced(inner)
    {
        tokens = inner;
    }
    let mut text = String::new();
    for token in tokens {
        if !text.is_empty() {
            text.push(' ');
        }
        let _ = match &token.kind {
            Kind::Word(name) | Kind::Quoted(name) => write!(text, "{}", name.to_lowercase()),
            Kind::Literal(literal) => write!(text, "{literal}"),
            Kind::Sign(sign) => write!(text, "{sign}"),
        };
    }
    text
}

fn balanced(tokens: &[Token]) -> bool {
    let mut depth = 0;
    for token in tokens {
        match token.kind {
            Kind::Sign('(') => depth += 1,
            Kind::Sign(')') if depth == 0 => return false,
            Kind::Sign(')') => depth -= 1,
            _ => {}
        }
    }
    depth == 0
}

/// SQL in a form in which equal conditions are equal texts.
pub(super) fn plain_sql(sql: &str) -> String {
    plain(&tokens(sql))
}
