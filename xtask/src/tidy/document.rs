//! Reading Markdown: what stands in its fences, and what in its backticks.

use super::Tree;

pub(super) const MAP: &str = "ARCHITECTURE.md";

pub(super) fn map(tree: &Tree) -> Result<String, String> {
    tree.repo.read(MAP)
}

/// The lines of the first fenced block with this word behind its backticks, with their numbers.
pub(super) fn fenced<'a>(text: &'a str, word: &str) -> Option<Vec<(usize, &'a str)>> {
    let opening = format!("```{word}");
    let mut lines = text
        .lines()
        .enumerate()
        .skip_while(|(_, line)| line.trim() != opening);
    lines.next()?;
    let inside = lines.take_while(|(_, line)| line.trim() != "```");
    Some(inside.map(|(index, line)| (index + 1, line)).collect())
}

/// The text in backticks outside of fenced blocks, with its line.
pub(super) fn code_spans(text: &str) -> Vec<(usize, &str)> {
    let mut fenced = false;
    let mut spans = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            spans.extend(
                line.split('`')
                    .skip(1)
                    .step_by(2)
                    .map(|span| (index + 1, span)),
            );
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "a `b` and `c d`\n```edges\nx -> `y`\n```\n`e`\n";

    #[test]
    fn spans_and_fences_are_told_apart() {
        assert_eq!(code_spans(TEXT), [(1, "b"), (1, "c d"), (5, "e")]);
        assert_eq!(fenced(TEXT, "edges"), Some(vec![(3, "x -> `y`")]));
        assert_eq!(fenced(TEXT, "other"), None);
    }
}
