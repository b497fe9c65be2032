use std::collections::BTreeSet;

use sinew_core::schema::ReferentialAction;

use super::types;
use crate::database::{
    Database, ExistingCheck, ExistingColumn, ExistingForeignKey, ExistingIndex, ExistingTable,
    TableKind,
};
use crate::dialect::{Rows, text};
use crate::schema::Schema;

/// The name as the models would write it.
fn name_of(schema: &str, table: &str) -> String {
    format!("IF({schema} = DATABASE(), {table}, CONCAT({schema}, '.', {table}))")
}

pub(super) fn questions(schema: &Schema) -> Vec<String> {
    let mut schemas = BTreeSet::from(["DATABASE()".to_owned()]);
    for table in &schema.tables {
        if let Some((schema, _)) = table.name.rsplit_once('.') {
            schemas.insert(format!(
                "'{}'",
                schema.replace('\'', "''").replace('\\', "\\\\")
            ));
        }
    }
    let schemas: Vec<String> = schemas.into_iter().collect();
    let schemas = schemas.join(", ");
    let (own, far) = (
        name_of("table_schema", "table_name"),
        name_of("referenced_table_schema", "referenced_table_name"),
    );
    vec![
        "SELECT @@version".to_owned(),
        format!(
            "SELECT {own}, table_type, table_comment FROM information_schema.tables \
             WHERE table_schema IN ({schemas}) ORDER BY table_name"
        ),
        format!(
            "SELECT {own}, column_name, column_type, is_nullable, column_default, extra, \
             column_comment FROM information_schema.columns \
             WHERE table_schema IN ({schemas}) ORDER BY table_name, ordinal_position"
        ),
        format!(
            "SELECT {own}, index_name, non_unique, column_name, sub_part \
             FROM information_schema.statistics WHERE table_schema IN ({schemas}) \
             ORDER BY table_name, index_name, seq_in_index"
        ),
        format!(
            "SELECT {own}, constraint_name, column_name, {far}, referenced_column_name \
             FROM information_schema.key_column_usage \
             WHERE table_schema IN ({schemas}) AND referenced_table_name IS NOT NULL \
             ORDER BY table_name, constraint_name, ordinal_position"
        ),
        format!(
            "SELECT {}, constraint_name, update_rule, delete_rule \
             FROM information_schema.referential_constraints WHERE constraint_schema IN ({schemas})",
            name_of("constraint_schema", "table_name")
        ),
        format!(
            "SELECT DISTINCT {}, c.constraint_name, c.check_clause \
             FROM information_schema.table_constraints t \
             JOIN information_schema.check_constraints c \
             ON c.constraint_schema = t.constraint_schema AND c.constraint_name = t.constraint_name \
             WHERE t.constraint_type = 'CHECK' AND t.table_schema IN ({schemas})",
            name_of("t.table_schema", "t.table_name")
        ),
    ]
}

pub(super) fn read(answers: &[Rows]) -> Database {
    let rows = |at: usize| answers.get(at).into_iter().flatten();
    let version = rows(0)
        .next()
        .and_then(|row| text(row, 0))
        .unwrap_or_default();
    let maria = version.to_ascii_lowercase().contains("mariadb");
    let mut database = Database::default();
    for row in rows(1) {
        let kind = match text(row, 1).as_deref() {
            Some("BASE TABLE" | "SYSTEM VERSIONED") => TableKind::Table,
            _ => TableKind::Foreign,
        };
        database.tables.push(ExistingTable {
            name: text(row, 0).unwrap_or_default(),
            kind,
            comment: text(row, 2).filter(|comment| !comment.is_empty()),
            ..ExistingTable::default()
        });
    }
    for row in rows(2) {
        if let Some(table) = table(&mut database, row) {
            table.columns.push(column(row, maria));
        }
    }
    for row in rows(3) {
        if let Some(table) = table(&mut database, row) {
            index(table, row);
        }
    }
    for row in rows(4) {
        if let Some(table) = table(&mut database, row) {
            foreign_key(table, row);
        }
    }
    for row in rows(5) {
        let name = text(row, 1);
        if let Some(key) = table(&mut database, row)
            .and_then(|table| table.foreign_keys.iter_mut().find(|key| key.name == name))
        {
            key.on_update = action(text(row, 2).as_deref());
            key.on_delete = action(text(row, 3).as_deref());
        }
    }
    for row in rows(6) {
        if let Some(table) = table(&mut database, row) {
            table.checks.push(ExistingCheck {
                name: text(row, 1),
                condition: text(row, 2).unwrap_or_default(),
            });
        }
    }
    database
}

type Answer = [sinew_core::Value<'static>];

/// The table that a row is about.
fn table<'d>(database: &'d mut Database, row: &Answer) -> Option<&'d mut ExistingTable> {
    let name = text(row, 0)?;
    database.tables.iter_mut().find(|table| table.name == name)
}

fn column(row: &Answer, maria: bool) -> ExistingColumn {
    let extra = text(row, 5).unwrap_or_default().to_ascii_uppercase();
    let default = text(row, 4).and_then(|default| {
        if maria {
            // There it is SQL.
            return (default != "NULL").then_some(default);
        }
        Some(if extra.contains("DEFAULT_GENERATED") {
            format!("({default})")
        } else {
            format!("'{}'", default.replace('\\', "\\\\").replace('\'', "''"))
        })
    });
    ExistingColumn {
        name: text(row, 1).unwrap_or_default(),
        type_name: text(row, 2).unwrap_or_default(),
        nullable: text(row, 3).as_deref() == Some("YES"),
        default,
        computed: extra.contains("VIRTUAL")
            || extra.contains("STORED")
            || extra.contains("PERSISTENT"),
        comment: text(row, 6).filter(|comment| !comment.is_empty()),
    }
}

fn index(table: &mut ExistingTable, row: &Answer) {
    let name = text(row, 1).unwrap_or_default();
    let column = text(row, 3).unwrap_or_else(|| "(expression)".into());
    let unique = text(row, 2).as_deref() == Some("0");
    let long = table
        .column(&column)
        .is_some_and(|known| types::is_long(&known.type_name));
    // An index on the first characters is not one on the column, unless there can be no other.
    let column = match text(row, 4) {
        Some(length) if unique || !long => format!("{column}({length})"),
        _ => column,
    };
    if name == "PRIMARY" {
        table.primary_key.push(column);
        return;
    }
    match table.indexes.last_mut() {
        Some(last) if last.name.as_deref() == Some(&name) => last.columns.push(column),
        _ => table.indexes.push(ExistingIndex {
            name: Some(name),
            columns: vec![column],
            unique,
            condition: None,
        }),
    }
}

fn foreign_key(table: &mut ExistingTable, row: &Answer) {
    let name = text(row, 1);
    let (own, far) = (
        text(row, 2).unwrap_or_default(),
        text(row, 4).unwrap_or_default(),
    );
    match table.foreign_keys.last_mut() {
        Some(last) if last.name == name => {
            last.columns.push(own);
            last.references.push(far);
        }
        _ => table.foreign_keys.push(ExistingForeignKey {
            name,
            columns: vec![own],
            table: text(row, 3).unwrap_or_default(),
            references: vec![far],
            on_update: ReferentialAction::NoAction,
            on_delete: ReferentialAction::NoAction,
        }),
    }
}

fn action(rule: Option<&str>) -> ReferentialAction {
    match rule {
        Some("CASCADE") => ReferentialAction::Cascade,
        Some("SET NULL") => ReferentialAction::SetNull,
        Some("SET DEFAULT") => ReferentialAction::SetDefault,
        // `RESTRICT` is the same there.
        _ => ReferentialAction::NoAction,
    }
}
