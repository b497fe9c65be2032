/// The known name that was most likely meant.
pub(crate) fn closest<'a>(wrong: &str, known: &[&'a str]) -> Option<&'a str> {
    let wrong = wrong.to_lowercase().replace('_', "");
    known
        .iter()
        .map(|&name| {
            (
                distance(&wrong, &name.to_lowercase().replace('_', "")),
                name,
            )
        })
        .filter(|&(distance, name)| distance <= name.len().max(wrong.len()) / 3)
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, name)| name)
}

/// `a`, `b` or `c`.
pub(crate) fn list(names: &[&str]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.as_slice() {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [init @ .., last] => format!("{} or {last}", init.join(", ")),
    }
}

/// Edits (a swap of neighbours counts once) from one name to another.
fn distance(from: &str, to: &str) -> usize {
    let from: Vec<char> = from.chars().collect();
    let to: Vec<char> = to.chars().collect();
    let mut rows: Vec<Vec<usize>> = vec![(0..=to.len()).collect()];
    let at = |rows: &[Vec<usize>], i: usize, j: usize| -> usize {
        rows.get(i)
            .and_then(|row| row.get(j))
            .copied()
            .unwrap_or(usize::MAX / 2)
    };
    for (i, a) in from.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in to.iter().enumerate() {
            let replaced = at(&rows, i, j) + usize::from(a != b);
            let removed = at(&rows, i, j + 1) + 1;
            let added = row.last().copied().unwrap_or(0) + 1;
            let swapped = i > 0 && j > 0 && from.get(i - 1) == Some(b) && to.get(j - 1) == Some(a);
            let best = replaced.min(removed).min(added);
            row.push(if swapped {
                best.min(at(&rows, i - 1, j - 1) + 1)
            } else {
                best
            });
        }
        rows.push(row);
    }
    at(&rows, from.len(), to.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_name_is_found() {
        let known = ["foreign_key", "references", "join_table", "unique"];
        for (wrong, expected) in [
            ("forein_key", Some("foreign_key")),
            ("foreignKey", Some("foreign_key")),
            ("uniqeu", Some("unique")),
            ("reference", Some("references")),
            ("something", None),
        ] {
            assert_eq!(closest(wrong, &known), expected, "{wrong}");
        }
    }

    #[test]
    fn lists_read_as_sentences() {
        assert_eq!(list(&["a"]), "`a`");
        assert_eq!(list(&["a", "b", "c"]), "`a`, `b` or `c`");
    }
}
