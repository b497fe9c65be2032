//! Tables on a terminal.

/// Prints rows below their headings, each column as wide as its widest cell.
pub(crate) fn print<const N: usize>(headings: [&str; N], rows: &[[String; N]]) {
    let mut widths = headings.map(|heading| heading.chars().count());
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    println!("{}", line(&headings.map(String::from), &widths));
    println!("{}", widths.map(|width| "-".repeat(width)).join("-|-"));
    for row in rows {
        println!("{}", line(row, &widths));
    }
}

fn line<const N: usize>(cells: &[String; N], widths: &[usize; N]) -> String {
    let padded = cells
        .iter()
        .zip(widths)
        .map(|(cell, width)| format!("{cell:<width$}"));
    padded
        .collect::<Vec<_>>()
        .join(" | ")
        .trim_end()
        .to_string()
}
