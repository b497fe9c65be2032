//! The comments that tie a test to the behaviours that it proves:
//! `// Seed: B084, B099 -- Create with a HasMany association` above the test function. The word may
//! also be `Behaviour`; which numbers must be proven is said by the list alone.

use crate::repo::{Metadata, Repo};

/// One number that one test claims.
#[derive(Clone, Debug)]
pub(crate) struct Claim {
    pub(crate) number: String,
    pub(crate) package: String,
    pub(crate) file: String,
    pub(crate) line: usize,
    pub(crate) function: String,
}

/// How many lines of attributes and comments may stand between the comment and its test.
const REACH: usize = 20;

pub(crate) fn read(repo: &Repo, metadata: &Metadata) -> Result<Vec<Claim>, String> {
    let mut claims = Vec::new();
    for file in repo.files()?.iter().filter(|file| may_hold_claims(file)) {
        let package = metadata.package_of(file).unwrap_or_default();
        let found = in_source(file, &repo.read(file)?)?;
        claims.extend(found.into_iter().map(|claim| Claim {
            package: package.into(),
            ..claim
        }));
    }
    Ok(claims)
}

fn may_hold_claims(file: &str) -> bool {
    let tests = file.starts_with("crates/") && file.contains("/tests/");
    (tests || file.starts_with("crates/sinew-suite/src/")) && file.ends_with(".rs")
}

fn in_source(file: &str, source: &str) -> Result<Vec<Claim>, String> {
    let lines: Vec<&str> = source.lines().collect();
    let mut claims = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let Some(numbers) = claimed(line) else {
            continue;
        };
        let at = format!("{file}:{}", index + 1);
        let numbers = numbers.map_err(|wrong| {
            format!(
                "{at}: `{wrong}` is not a number like B084; write `// Seed: B084, B099 -- title`"
            )
        })?;
        let function = function_below(&lines[index + 1..]).ok_or(format!(
            "{at}: no test function follows; put the comment directly above it"
        ))?;
        claims.extend(numbers.into_iter().map(|number| Claim {
            number,
            package: String::new(),
            file: file.into(),
            line: index + 1,
            function: function.clone(),
        }));
    }
    Ok(claims)
}

type Numbers = Result<Vec<String>, String>;

/// The numbers of a comment line, if it is such a comment.
fn claimed(line: &str) -> Option<Numbers> {
    let comment = line
        .trim_start()
        .strip_prefix("//")?
        .trim_start_matches(['/', '!'])
        .trim_start();
    let rest = comment
        .strip_prefix("Seed:")
        .or(comment.strip_prefix("Behaviour:"))?;
    let list = rest.split("--").next().unwrap_or(rest);
    let number = |word: &str| {
        let digits = word.strip_prefix('B').filter(|digits| digits.len() == 3);
        let valid = digits.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
        if valid {
            Ok(word.to_string())
        } else {
            Err(word.to_string())
        }
    };
    Some(list.split(',').map(|word| number(word.trim())).collect())
}

fn function_below(lines: &[&str]) -> Option<String> {
    let line = lines
        .iter()
        .take(REACH)
        .take_while(|line| !line.starts_with('}'))
        .find(|line| is_function(line))?;
    let name = line.split_once("fn ")?.1;
    Some(
        name.split(|c: char| !c.is_alphanumeric() && c != '_')
            .next()?
            .to_string(),
    )
}

fn is_function(line: &str) -> bool {
    let line = line.trim_start();
    !line.starts_with("//") && (line.starts_with("fn ") || line.contains(" fn "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_belongs_to_the_function_below() {
        let source = "\
// Seed: B084, B099 -- Create with a has-many
/// Behaviour: B155
#[tokio::test]
// why it is so
async fn creates_children() {}
";
        let claims = in_source("t.rs", source).unwrap();
        let seen: Vec<_> = claims.iter().map(|claim| claim.number.as_str()).collect();
        assert_eq!(seen, ["B084", "B099", "B155"]);
        assert!(
            claims
                .iter()
                .all(|claim| claim.function == "creates_children")
        );
    }

    #[test]
    fn mistakes_name_their_line() {
        assert!(
            in_source("t.rs", "// Seed: 84\nfn x() {}")
                .unwrap_err()
                .starts_with("t.rs:1: `84`")
        );
        assert!(
            in_source("t.rs", "\n// Seed: B084\n}\nfn x() {}")
                .unwrap_err()
                .starts_with("t.rs:2")
        );
    }
}
