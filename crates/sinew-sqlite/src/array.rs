//! Lists of keys as one parameter.

use std::fmt::Write as _;

/// The subquery that unfolds one parameter of key tuples, each `width` values wide: what stands
/// behind `(x, y) IN`.
///
/// The values travel in one flat `rarray`; `lead` brings those of a tuple into one row in a single
/// pass, without a join or a sort.
///
/// # Examples
/// ```
/// assert_eq!(
///     sinew_sqlite::tuples_sql(2),
///     "(SELECT a0, a1 FROM (SELECT rowid AS n, value AS a0, lead(value, 1) OVER () AS a1 \
///      FROM rarray(?)) WHERE n % 2 = 1)",
/// );
/// ```
pub fn tuples_sql(width: usize) -> String {
    let mut sql = String::from("(SELECT ");
    for column in 0..width {
        let comma = if column == 0 { "" } else { ", " };
        let _ = write!(sql, "{comma}a{column}");
    }
    sql.push_str(" FROM (SELECT rowid AS n");
    for column in 0..width {
        let _ = match column {
            0 => write!(sql, ", value AS a0"),
            ahead => write!(sql, ", lead(value, {ahead}) OVER () AS a{column}"),
        };
    }
    // Rows count from 1; each tuple begins one after a multiple of the width.
    let first = usize::from(width != 1);
    let _ = write!(sql, " FROM rarray(?)) WHERE n % {width} = {first})");
    sql
}
