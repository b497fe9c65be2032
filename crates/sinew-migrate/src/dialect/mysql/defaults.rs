/// Whether two defaults mean the same, however the server wrote the one that it knows.
pub(super) fn same(known: &str, wanted: &str) -> bool {
    let (a, b) = (bare(known), bare(wanted));
    if a == b {
        return true;
    }
    if let (Ok(a), Ok(b)) = (a.parse::<f64>(), b.parse::<f64>()) {
        return a == b;
    }
    // The server rewrites expressions; one that is there is taken for the one that was asked for.
    is_expression(known) && is_expression(wanted)
}

fn is_expression(default: &str) -> bool {
    let inside = unwrapped(default);
    inside.contains('(') && !inside.starts_with('\'')
}

fn unwrapped(default: &str) -> &str {
    let mut text = default.trim();
    while let Some(inside) = text.strip_prefix('(').and_then(|t| t.strip_suffix(')')) {
        text = inside.trim();
    }
    text
}

fn bare(default: &str) -> String {
    let text = unwrapped(default);
    let text = text
        .strip_prefix("_utf8mb4")
        .unwrap_or(text)
        .replace("\\'", "'");
    let text = text.trim();
    if let Some(inside) = text.strip_prefix('\'').and_then(|t| t.strip_suffix('\'')) {
        return inside.replace("''", "'");
    }
    let text = text.to_ascii_lowercase().replace(['`', ' '], "");
    match text.as_str() {
        "true" => "1".into(),
        "false" => "0".into(),
        "now(6)" => "current_timestamp(6)".into(),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::same;

    #[test]
    fn spellings() {
        for (known, wanted) in [
            ("'it''s'", "('it''s')"),
            ("'0'", "0"),
            ("0.00", "0"),
            ("1", "TRUE"),
            ("current_timestamp(6)", "CURRENT_TIMESTAMP(6)"),
            ("uuid()", "(UUID())"),
            ("('x')", "'x'"),
        ] {
            assert!(same(known, wanted), "{known} {wanted}");
        }
        for (known, wanted) in [
            ("'a'", "'b'"),
            ("1", "2"),
            ("'a'", "uuid()"),
            ("'A'", "'a'"),
        ] {
            assert!(!same(known, wanted), "{known} {wanted}");
        }
    }
}
