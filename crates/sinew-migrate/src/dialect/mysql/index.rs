use sinew_core::value::TypeFamily as F;
use sinew_sql::Dialect;
use sinew_sql::ddl::{Index, Table};

use super::fit;

/// `CREATE INDEX`; `long` tells the columns whose type has no greatest length that an index could
/// hold.
pub(super) fn create(
    d: &dyn Dialect,
    desired: &Table,
    table: &str,
    index: &Index,
    long: &dyn Fn(&str) -> bool,
) -> String {
    let (name, table) = d.index_on(&index.name, table);
    format!(
        "CREATE {}INDEX {name} ON {table} ({})",
        if index.unique { "UNIQUE " } else { "" },
        parts(d, desired, index, long)
    )
}

/// The columns of an index, the long ones with the number of characters that it holds of them:
/// MariaDB would choose one without a word, MySQL refuses. A unique index stays as it was asked
/// for, as it would keep the first characters apart instead of the values.
pub(super) fn parts(
    d: &dyn Dialect,
    desired: &Table,
    index: &Index,
    long: &dyn Fn(&str) -> bool,
) -> String {
    let most = fit::share(index.columns.len());
    let part = |name: &str| {
        let quoted = d.quote_name(name);
        if index.unique || !long(name) {
            return quoted;
        }
        let column = desired.column(name);
        let bytes = column.is_some_and(|column| column.family == F::Bytes);
        let most = if bytes { most * fit::CHARACTER } else { most };
        let size = column.and_then(|column| column.size).unwrap_or(most);
        format!("{quoted}({})", size.min(most))
    };
    let parts: Vec<String> = index.columns.iter().map(|name| part(name)).collect();
    parts.join(", ")
}
