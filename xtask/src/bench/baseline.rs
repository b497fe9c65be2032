//! What was counted before, in a file that is committed: lines of `name = value`.

use std::collections::BTreeMap;
use std::path::Path;

/// Counts, and what they depend on besides the code.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Baseline {
    /// The compiler, the C library and so on.
    pub(super) environment: BTreeMap<String, String>,
    /// Instructions for each operation.
    pub(super) counts: BTreeMap<String, u64>,
}

impl Baseline {
    pub(super) fn read(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path)
            .map_err(|e| format!("{}: {e}; `--accept` writes it", path.display()))?;
        Self::parse(&text).map_err(|e| format!("{}: {e}", path.display()))
    }

    fn parse(text: &str) -> Result<Self, String> {
        let mut baseline = Self::default();
        for line in text.lines().map(str::trim) {
            if line.is_empty() || line.starts_with(['#', '[']) {
                continue;
            }
            let (name, value) = line
                .split_once(" = ")
                .ok_or_else(|| format!("`{line}` is not `name = value`"))?;
            let quoted = value.strip_prefix('"').and_then(|v| v.strip_suffix('"'));
            if let Some(text) = quoted {
                baseline.environment.insert(name.into(), text.into());
            } else {
                let count = value
                    .replace('_', "")
                    .parse()
                    .map_err(|e| format!("`{line}`: {e}"))?;
                baseline.counts.insert(name.into(), count);
            }
        }
        Ok(baseline)
    }

    pub(super) fn write(&self, path: &Path) -> Result<(), String> {
        std::fs::write(path, self.text()).map_err(|e| format!("{}: {e}", path.display()))
    }

    fn text(&self) -> String {
        let mut out = String::from(
            "# Instructions that each path of bench/instructions takes.\n\
             # Written by `cargo xtask bench --instructions --accept`.\n\n[environment]\n",
        );
        for (name, value) in &self.environment {
            out.push_str(&format!("{name} = \"{value}\"\n"));
        }
        out.push_str("\n[counts]\n");
        for (name, count) in &self.counts {
            out.push_str(&format!("{name} = {}\n", grouped(*count)));
        }
        out
    }

    /// What is not as it was, as `name: before, now`.
    pub(super) fn differences(&self, now: &Self) -> Vec<String> {
        let names = self.environment.keys().chain(now.environment.keys());
        let names: std::collections::BTreeSet<_> = names.collect();
        let value = |of: &Self, name: &str| of.environment.get(name).cloned().unwrap_or_default();
        names
            .into_iter()
            .map(|name| (name, value(self, name), value(now, name)))
            .filter(|(_, before, after)| before != after)
            .map(|(name, before, after)| format!("{name}: `{before}`, here `{after}`"))
            .collect()
    }
}

/// `1_234_567`
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push('_');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_baseline_is_read_as_it_was_written() {
        let mut baseline = Baseline::default();
        baseline.counts.insert("create_one".into(), 1_234_567);
        baseline.counts.insert("find_by_key".into(), 12);
        baseline
            .environment
            .insert("compiler".into(), "rustc 1.95.0 (abc)".into());
        let text = baseline.text();
        assert!(text.contains("create_one = 1_234_567\n"), "{text}");
        assert_eq!(Baseline::parse(&text), Ok(baseline));
    }

    #[test]
    fn what_is_no_line_of_it_is_an_error() {
        assert!(Baseline::parse("find_by_key 12").is_err());
        assert!(Baseline::parse("find_by_key = twelve").is_err());
    }

    #[test]
    fn another_environment_is_told() {
        let before = Baseline::parse("compiler = \"a\"\nlibc = \"c\"").unwrap();
        let now = Baseline::parse("compiler = \"b\"\nlibc = \"c\"").unwrap();
        assert_eq!(before.differences(&now), ["compiler: `a`, here `b`"]);
        assert!(before.differences(&before).is_empty());
    }
}
