//! What a test run came to, read from what the runner printed.

use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Case {
    /// Empty where the runner does not say it.
    pub(crate) package: String,
    /// The library, program or file that holds the test.
    pub(crate) binary: String,
    /// The path of the function, as in `associations::append_links`.
    pub(crate) name: String,
    pub(crate) passed: bool,
}

#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Results {
    pub(crate) cases: Vec<Case>,
    /// Ignored or filtered out.
    pub(crate) skipped: usize,
}

impl Results {
    /// Reads the output of `cargo nextest run --status-level pass`.
    pub(crate) fn from_nextest(printed: &str) -> Result<Self, String> {
        let mut cases = BTreeMap::new();
        let mut summary = None;
        for line in printed.lines() {
            if let Some(case) = nextest_case(line) {
                // A later line about the same test (a retry, the closing list) is the final word.
                cases.insert((case.binary.clone(), case.name.clone()), case);
            } else if line.trim_start().starts_with("Summary [") {
                summary = Some(line);
            }
        }
        let summary = summary.ok_or("no test ran: see what the compiler says above")?;
        let results = Self {
            cases: cases.into_values().collect(),
            skipped: number_before(summary, " skipped").unwrap_or(0),
        };
        let total = number_before(summary, " tests run").or(number_before(summary, " test run"));
        results.agree_with(total)
    }

    /// Reads the output of `cargo test`, or of `cargo test --doc`.
    pub(crate) fn from_libtest(printed: &str) -> Result<Self, String> {
        let mut results = Self::default();
        let mut binary = String::new();
        let mut total = 0;
        for line in printed.lines() {
            let trimmed = line.trim_start();
            if let Some(heading) = binary_heading(trimmed) {
                binary = heading;
            } else if let Some(counts) = trimmed.strip_prefix("test result: ") {
                total += number_before(counts, " passed").unwrap_or(0);
                total += number_before(counts, " failed").unwrap_or(0);
            } else if let Some((name, outcome)) = line
                .strip_prefix("test ")
                .and_then(|rest| rest.rsplit_once(" ... "))
            {
                match outcome.split([' ', ',']).next() {
                    Some("ignored") => results.skipped += 1,
                    Some(word @ ("ok" | "FAILED")) => results.cases.push(Case {
                        package: String::new(),
                        binary: binary.clone(),
                        name: name.to_string(),
                        passed: word == "ok",
                    }),
                    _ => {}
                }
            }
        }
        results.agree_with(Some(total))
    }

    pub(crate) fn failed(&self) -> usize {
        self.cases.iter().filter(|case| !case.passed).count()
    }

    /// One line per case, for a later `from_lines`.
    pub(crate) fn to_lines(&self) -> String {
        let line = |case: &Case| {
            let outcome = if case.passed { "passed" } else { "failed" };
            format!(
                "{outcome}\t{}\t{}\t{}\n",
                case.package, case.binary, case.name
            )
        };
        self.cases.iter().map(line).collect()
    }

    pub(crate) fn from_lines(text: &str) -> Self {
        let case = |line: &str| {
            let mut cells = line.split('\t').map(String::from);
            let passed = cells.next()? == "passed";
            Some(Case {
                package: cells.next()?,
                binary: cells.next()?,
                name: cells.next()?,
                passed,
            })
        };
        Self {
            cases: text.lines().filter_map(case).collect(),
            skipped: 0,
        }
    }

    /// Refuses to report when the lines read and the runner's own count differ.
    fn agree_with(self, total: Option<usize>) -> Result<Self, String> {
        if total == Some(self.cases.len()) {
            return Ok(self);
        }
        let counted = total.map_or("no number".into(), |total| total.to_string());
        Err(format!(
            "read {} results, but the runner counted {counted}; \
             its output has changed: teach xtask/src/results.rs its new form",
            self.cases.len()
        ))
    }
}

/// Reads `        PASS [   0.005s] (1/2) package::binary module::name`.
fn nextest_case(line: &str) -> Option<Case> {
    // The word stands against the right of the first twelve columns; a test's own output does not.
    let word = line.get(..12)?.trim_start();
    let word = word
        .strip_prefix("TRY ")
        .map_or(word, |rest| rest.trim_start_matches(char::is_numeric));
    let word = word.trim();
    let passed = match word {
        "PASS" | "LEAK" => true,
        "FAIL" | "TIMEOUT" | "ABORT" | "XFAIL" | "LEAK-FAIL" => false,
        signal if signal.starts_with("SIG") => false,
        flaky if flaky.starts_with("FLAKY") => true,
        _ => return None,
    };
    let (_, rest) = line.get(12..)?.strip_prefix(" [")?.split_once("] ")?;
    let rest = rest.trim_start();
    let rest = match rest.strip_prefix('(') {
        Some(counter) => counter.split_once(')')?.1,
        None => rest,
    };
    let mut words = rest.split_whitespace();
    let (binary, name) = (words.next()?, words.next()?);
    let package = binary.split("::").next().unwrap_or(binary);
    Some(Case {
        package: package.into(),
        binary: binary.into(),
        name: name.into(),
        passed,
    })
}

/// Reads `Running tests/find.rs (target/debug/deps/find-0123456789abcdef)` and `Doc-tests sinew`.
fn binary_heading(line: &str) -> Option<String> {
    if let Some(library) = line.strip_prefix("Doc-tests ") {
        return Some(library.to_string());
    }
    let program = line
        .strip_prefix("Running ")?
        .rsplit_once('(')?
        .1
        .strip_suffix(')')?;
    let program = program.rsplit(['/', '\\']).next()?;
    let program = program.strip_suffix(".exe").unwrap_or(program);
    Some(
        program
            .rsplit_once('-')
            .map_or(program, |(name, _hash)| name)
            .to_string(),
    )
}

/// The number right before a word: `number_before("3 passed, 1 failed", " failed")` is 1.
fn number_before(text: &str, word: &str) -> Option<usize> {
    let before = &text[..text.find(word)?];
    let start = before
        .rfind(|c: char| !c.is_ascii_digit())
        .map_or(0, |at| at + 1);
    before[start..].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEXTEST: &str = "\
    Starting 3 tests across 1 binary (1 test skipped)
        PASS [   0.005s] (1/3) sinew good
        SLOW [> 60.000s] (─────────) sinew::find slow
        PASS [  61.005s] ( 2/3) sinew::find slow
        FAIL [   0.131s] (3/3) sinew::find sqlite::bad
  stdout ───
    FAIL [ 0.1s] sinew x
     Summary [   0.132s] 3 tests run: 2 passed (1 slow), 1 failed, 1 skipped
        FAIL [   0.131s] (3/3) sinew::find sqlite::bad
error: test run failed
";

    #[test]
    fn nextest_lines_become_cases() {
        let results = Results::from_nextest(NEXTEST).unwrap();
        assert_eq!(
            (results.cases.len(), results.failed(), results.skipped),
            (3, 1, 1)
        );
        let bad = results.cases.iter().find(|case| !case.passed).unwrap();
        assert_eq!(
            (bad.package.as_str(), bad.name.as_str()),
            ("sinew", "sqlite::bad")
        );
    }

    #[test]
    fn a_count_that_differs_is_refused() {
        let printed = NEXTEST.replace("3 tests run", "4 tests run");
        assert!(
            Results::from_nextest(&printed)
                .unwrap_err()
                .contains("counted 4")
        );
        assert!(Results::from_nextest("error: could not compile").is_err());
    }

    #[test]
    fn libtest_lines_become_cases() {
        let printed = "
     Running unittests src/lib.rs (target/debug/deps/sinew_core-72ee6507dc2c5010)
test value::good ... ok
test value::later ... ignored, needs a server
test value::bad ... FAILED
test result: FAILED. 1 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out
   Doc-tests sinew
test crates/sinew/src/lib.rs - (line 5) - compile fail ... ok
test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out
";
        let results = Results::from_libtest(printed).unwrap();
        assert_eq!(
            (results.cases.len(), results.failed(), results.skipped),
            (3, 1, 1)
        );
        assert_eq!(results.cases[0].binary, "sinew_core");
        assert_eq!(results.cases[2].binary, "sinew");
    }

    #[test]
    fn saved_results_are_read_back() {
        let results = Results::from_nextest(NEXTEST).unwrap();
        assert_eq!(
            Results::from_lines(&results.to_lines()).cases,
            results.cases
        );
    }
}
