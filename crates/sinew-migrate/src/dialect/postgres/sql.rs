//! Expressions as the server writes them, compared with those that people wrote.

/// An expression without what the server adds: casts, parentheses, white space, and the case of
/// words. A number in quotes is a number.
pub(super) fn plain(expression: &str) -> String {
    let mut plain = String::new();
    let mut rest = expression.trim();
    while let Some(c) = rest.chars().next() {
        if c == '\'' || c == '"' {
            let length = quoted(rest, c);
            let (text, tail) = rest.split_at(length);
            let inner = text.trim_matches('\'');
            plain.push_str(if c == '\'' && inner.parse::<f64>().is_ok() {
                inner
            } else {
                text
            });
            rest = tail;
        } else if let Some(tail) = rest.strip_prefix("::") {
            rest = after_type(tail);
        } else {
            if !c.is_whitespace() && c != '(' && c != ')' {
                plain.extend(c.to_lowercase());
            }
            rest = &rest[c.len_utf8()..];
        }
    }
    plain
}

/// The length of the quoted text that begins here.
fn quoted(text: &str, quote: char) -> usize {
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c == quote {
            if chars.peek().is_some_and(|(_, next)| *next == quote) {
                chars.next();
            } else {
                return at + 1;
            }
        }
    }
    text.len()
}

/// What follows the type that begins here.
fn after_type(text: &str) -> &str {
    const LONG: [&str; 6] = [
        "character varying",
        "double precision",
        "timestamp with time zone",
        "timestamp without time zone",
        "time with time zone",
        "time without time zone",
    ];
    let long = LONG.iter().find_map(|name| text.strip_prefix(name));
    let mut rest = long.unwrap_or_else(|| {
        let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
        if text.starts_with('"') {
            &text[quoted(text, '"')..]
        } else {
            text.trim_start_matches(is_name)
        }
    });
    if rest.starts_with('(') {
        rest = rest.find(')').map_or("", |at| &rest[at + 1..]);
    }
    rest.trim_start_matches("[]")
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn the_servers_words_are_ours() {
        for (ours, theirs) in [
            ("0", "0"),
            ("-1", "'-1'::integer"),
            ("'guest'", "'guest'::character varying"),
            ("''", "''::text"),
            (
                "age > 0 AND name <> 'It''s'",
                "((age > 0) AND ((name)::text <> 'It''s'::text))",
            ),
            ("TRUE", "true"),
            ("now()", "now()"),
            ("1.5", "1.5::numeric(10,2)"),
        ] {
            assert_eq!(plain(ours), plain(theirs), "{ours}");
        }
        assert_ne!(plain("'A'"), plain("'a'"));
    }
}
