/// Words that are written in capitals but count as one word: `UserID`, `HTTPServer`.
const INITIALISMS: &[&str] = &[
    "HTTPS", "ASCII", "XSRF", "UUID", "UTF8", "SMTP", "JSON", "HTTP", "HTML", "GUID", "XSS", "XML",
    "URL", "URI", "UID", "TTL", "TLS", "SSH", "SQL", "SLA", "RPC", "RHS", "RAM", "QPS", "LHS",
    "EOF", "DNS", "CSS", "CPU", "API", "VM", "UI", "IP", "ID",
];

/// The snake_case form of a Rust name: `UserID` is `user_id`, `HTTPServer` is `http_server`.
///
/// # Examples
/// ```
/// assert_eq!(sinew_names::snake("CreditCard"), "credit_card");
/// assert_eq!(sinew_names::snake("HTTPServerForUserID"), "http_server_for_user_id");
/// ```
pub fn snake(name: &str) -> String {
    let chars = capitalised_initialisms(name.trim_start_matches("r#"));
    let mut out = String::with_capacity(chars.len() + 4);
    for (at, &current) in chars.iter().enumerate() {
        let last = at
            .checked_sub(1)
            .and_then(|before| chars.get(before))
            .copied();
        let next = chars.get(at + 1).copied();
        if current.is_uppercase() && begins_word(last, next) {
            out.push('_');
        }
        out.extend(current.to_lowercase());
    }
    out
}

/// Whether a capital between these two begins a word.
fn begins_word(last: Option<char>, next: Option<char>) -> bool {
    let Some(last) = last else { return false };
    if last == '_' {
        return false;
    }
    match next {
        Some('_') => !last.is_uppercase(),
        Some(next) if last.is_uppercase() => !next.is_uppercase() && !next.is_ascii_digit(),
        Some(_) => true,
        None => !last.is_uppercase(),
    }
}

/// Whether `rest` begins with this initialism, and not with a longer word (`HTTPS` in `HTTPServer`).
fn begins_with_word(rest: &str, word: &str) -> bool {
    rest.strip_prefix(word)
        .is_some_and(|after| !after.starts_with(char::is_lowercase))
}

/// The characters of `name` with each initialism written as an ordinary word.
fn capitalised_initialisms(name: &str) -> Vec<char> {
    let mut out = Vec::with_capacity(name.len());
    let mut rest = name;
    while let Some(first) = rest.chars().next() {
        if let Some(word) = INITIALISMS.iter().find(|word| begins_with_word(rest, word)) {
            let mut letters = word.chars();
            out.extend(letters.next());
            out.extend(letters.map(|letter| letter.to_ascii_lowercase()));
            rest = rest.get(word.len()..).unwrap_or_default();
        } else {
            out.push(first);
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
        }
    }
    out
}

/// A way to write names of several words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// `credit_card`
    Snake,
    /// `creditCard`
    Camel,
    /// `CreditCard`
    Pascal,
    /// `credit-card`
    Kebab,
    /// `CREDIT_CARD`
    ScreamingSnake,
    /// `CREDIT-CARD`
    ScreamingKebab,
    /// `creditcard`
    Lower,
    /// `CREDITCARD`
    Upper,
}

impl Case {
    /// Every case with its name as attributes write it.
    pub const ALL: &'static [(&'static str, Case)] = &[
        ("snake_case", Case::Snake),
        ("camelCase", Case::Camel),
        ("PascalCase", Case::Pascal),
        ("kebab-case", Case::Kebab),
        ("SCREAMING_SNAKE_CASE", Case::ScreamingSnake),
        ("SCREAMING-KEBAB-CASE", Case::ScreamingKebab),
        ("lowercase", Case::Lower),
        ("UPPERCASE", Case::Upper),
    ];

    /// The case of this name.
    ///
    /// # Examples
    /// ```
    /// use sinew_names::Case;
    /// assert_eq!(Case::named("camelCase").map(|case| case.apply("credit_card")), Some("creditCard".into()));
    /// ```
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(known, _)| *known == name)
            .map(|&(_, case)| case)
    }

    /// `name`, in any case, in this one.
    pub fn apply(self, name: &str) -> String {
        let snake = snake(name);
        match self {
            Self::Snake => snake,
            Self::Camel => {
                let pascal = pascal(&snake);
                let mut chars = pascal.chars();
                chars.next().map_or_else(String::new, |first| {
                    first.to_lowercase().chain(chars).collect()
                })
            }
            Self::Pascal => pascal(&snake),
            Self::Kebab => snake.replace('_', "-"),
            Self::ScreamingSnake => snake.to_uppercase(),
            Self::ScreamingKebab => snake.to_uppercase().replace('_', "-"),
            Self::Lower => snake.replace('_', ""),
            Self::Upper => snake.replace('_', "").to_uppercase(),
        }
    }
}

fn pascal(snake: &str) -> String {
    let mut out = String::with_capacity(snake.len());
    for word in snake.split('_') {
        let mut chars = word.chars();
        if let Some(first) = chars.next() {
            out.extend(first.to_uppercase());
            out.push_str(chars.as_str());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snake_case_keeps_initialisms_together() {
        for (name, expected) in [
            ("", ""),
            ("x", "x"),
            ("X", "x"),
            ("User", "user"),
            ("UserID", "user_id"),
            ("user_id", "user_id"),
            ("HTTPServer", "http_server"),
            ("userRestrictions", "user_restrictions"),
            ("ThisIsATest", "this_is_a_test"),
            ("PFAndESI", "pf_and_esi"),
            ("AbcAndJkl", "abc_and_jkl"),
            ("EmployeeID", "employee_id"),
            ("SKU_ID", "sku_id"),
            ("FieldX", "field_x"),
            ("HTTPAndSMTP", "http_and_smtp"),
            (
                "HTTPServerHandlerForURLID",
                "http_server_handler_for_url_id",
            ),
            ("HTTPSRequest", "https_request"),
            ("UUID", "uuid"),
            ("HTTPURL", "http_url"),
            ("HTTP_URL", "http_url"),
            ("SHA256Hash", "sha256_hash"),
            ("SHA256HASH", "sha256_hash"),
            ("OAuth2Token", "o_auth2_token"),
            ("r#type", "type"),
            ("ÄrgerStufe", "ärger_stufe"),
        ] {
            assert_eq!(snake(name), expected, "{name}");
        }
    }

    #[test]
    fn cases_are_found_by_name_and_applied() {
        for (name, expected) in [
            ("snake_case", "credit_card_id"),
            ("camelCase", "creditCardId"),
            ("PascalCase", "CreditCardId"),
            ("kebab-case", "credit-card-id"),
            ("SCREAMING_SNAKE_CASE", "CREDIT_CARD_ID"),
            ("SCREAMING-KEBAB-CASE", "CREDIT-CARD-ID"),
            ("lowercase", "creditcardid"),
            ("UPPERCASE", "CREDITCARDID"),
        ] {
            let case = Case::named(name).expect(name);
            assert_eq!(case.apply("CreditCardID"), expected, "{name}");
            assert_eq!(case.apply("credit_card_id"), expected, "{name}");
        }
        assert_eq!(Case::named("Snake"), None);
    }
}
