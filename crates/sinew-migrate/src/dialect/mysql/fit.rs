use sinew_core::schema::ReferentialAction;
use sinew_core::value::TypeFamily as F;
use sinew_core::{Error, ErrorKind, Result};
use sinew_sql::ddl::{Column, Table};

/// What an index holds at most, in bytes, and what a character takes.
const INDEX_BYTES: u32 = 3072;
pub(super) const CHARACTER: u32 = 4;
/// The length of an indexed text whose model says none.
const LENGTH: u32 = 255;

/// Makes of a table what these databases can hold.
pub(super) fn fit(table: &mut Table) -> Result<()> {
    lengths(table);
    for column in &mut table.columns {
        default(column);
    }
    for key in &mut table.foreign_keys {
        // The same there, and reported as one or the other depending on the server.
        for action in [&mut key.on_update, &mut key.on_delete] {
            if *action == Some(ReferentialAction::Restrict) {
                *action = Some(ReferentialAction::NoAction);
            }
        }
    }
    match table
        .indexes
        .iter()
        .find(|index| index.unique && index.condition.is_some())
    {
        None => Ok(()),
        Some(index) => Err(Error::new(
            ErrorKind::Unsupported,
            format!(
                "the unique index {} has a condition, which MySQL does not know",
                index.name
            ),
        )
        .with_table(table.name.as_ref())
        .with_constraint(index.name.as_ref())
        .with_hint("leave the condition out, or make a unique index on a computed column")),
    }
}

/// How many characters of each of so many texts an index holds.
pub(super) fn share(count: usize) -> u32 {
    let count = u32::try_from(count).unwrap_or(u32::MAX).max(1);
    (INDEX_BYTES / CHARACTER / count)
        .saturating_sub(8)
        .clamp(1, LENGTH)
}

/// Gives texts and bytes that stand in an index a length.
fn lengths(table: &mut Table) {
    let Table {
        columns,
        primary_key,
        uniques,
        foreign_keys,
        indexes,
        ..
    } = table;
    let keys = std::iter::once(&*primary_key)
        .chain(uniques.iter().map(|unique| &unique.columns))
        .chain(foreign_keys.iter().map(|key| &key.columns))
        .chain(indexes.iter().map(|index| &index.columns));
    for key in keys {
        let unsized_in = |column: &&mut Column| {
            let long = matches!(column.family, F::Text | F::Bytes) && column.exact.is_none();
            let short = column.size.is_some_and(|size| size <= LENGTH);
            long && !short && key.contains(&column.name)
        };
        let of_key: Vec<&mut Column> = columns.iter_mut().filter(unsized_in).collect();
        let each = share(of_key.len());
        for column in of_key.into_iter().filter(|column| column.size.is_none()) {
            column.size = Some(each);
        }
    }
}

fn default(column: &mut Column) {
    let Some(default) = &column.default else {
        return;
    };
    let long = match column.family {
        F::Text | F::Bytes => column.size.is_none(),
        F::Json | F::List(_) => true,
        _ => false,
    };
    let trimmed = default.trim();
    let now = ["current_timestamp", "now()", "current_timestamp()"]
        .iter()
        .any(|now| trimmed.eq_ignore_ascii_case(now));
    if now && matches!(column.family, F::Timestamp | F::DateTime) {
        // The default has to be as exact as the column.
        column.default = Some("CURRENT_TIMESTAMP(6)".into());
    } else if long && !trimmed.starts_with('(') && !trimmed.eq_ignore_ascii_case("null") {
        // A long text takes expressions only.
        column.default = Some(format!("({trimmed})").into());
    }
}
