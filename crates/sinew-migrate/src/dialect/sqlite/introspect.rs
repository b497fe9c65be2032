use std::collections::BTreeSet;

use sinew_sql::Dialect;
use sinew_sql::dialect::sqlite::Sqlite as Sql;

use super::parse::{self, CreateTable, Meaning};
use crate::database::{Attached, Database, ExistingColumn, ExistingTable, TableKind};
use crate::dialect::{Rows, text};
use crate::schema::Schema;

/// One query for each schema that the tables are in: the statements that SQLite keeps tell
/// everything, also the names of constraints, which its pragmas do not.
pub(super) fn questions(schema: &Schema) -> Vec<String> {
    let mut schemas: BTreeSet<&str> = BTreeSet::from([""]);
    for table in &schema.tables {
        schemas.insert(table.name.rsplit_once('.').map_or("", |(schema, _)| schema));
    }
    schemas
        .into_iter()
        .map(|schema| {
            let from = match schema {
                "" => "sqlite_master".to_owned(),
                other => format!("{}.sqlite_master", Sql.quote_table(other)),
            };
            format!(
                "SELECT '{}', type, name, tbl_name, sql FROM {from} ORDER BY rowid",
                schema.replace('\'', "''")
            )
        })
        .collect()
}

pub(super) fn read(answers: &[Rows]) -> Database {
    let mut database = Database::default();
    let rows: Vec<[String; 5]> = answers
        .iter()
        .flatten()
        .map(|row| std::array::from_fn(|at| text(row, at).unwrap_or_default()))
        .collect();
    for [schema, kind, name, _, sql] in &rows {
        let name = qualified(schema, name);
        match kind.as_str() {
            "table" => database.tables.push(table(name, sql)),
            "view" => {
                let kind = TableKind::Foreign;
                database.tables.push(ExistingTable {
                    name,
                    kind,
                    ..ExistingTable::default()
                });
            }
            _ => {}
        }
    }
    for [schema, kind, name, table, sql] in rows {
        let on = qualified(&schema, &table);
        let Some(table) = database.tables.iter_mut().find(|table| table.name == on) else {
            continue;
        };
        if sql.is_empty() || kind != "index" && kind != "trigger" {
            continue;
        }
        if kind == "index" {
            table.indexes.extend(parse::create_index(&name, &sql));
        }
        table.attached.push(Attached { name, sql });
    }
    database
}

fn qualified(schema: &str, name: &str) -> String {
    if schema.is_empty() {
        name.to_owned()
    } else {
        format!("{schema}.{name}")
    }
}

fn table(name: String, sql: &str) -> ExistingTable {
    let mut table = ExistingTable {
        name,
        sql: Some(sql.to_owned()),
        ..ExistingTable::default()
    };
    let Some(created) = parse::create_table(sql) else {
        table.kind = TableKind::Foreign;
        return table;
    };
    describe(&mut table, created);
    table
}

fn describe(table: &mut ExistingTable, created: CreateTable) {
    for column in created.columns {
        let mut known = ExistingColumn {
            name: column.name,
            type_name: column.type_name,
            nullable: true,
            default: None,
            computed: false,
            comment: None,
        };
        for clause in column.clauses {
            match clause.meaning {
                Meaning::NotNull => known.nullable = false,
                Meaning::Default(default) => known.default = Some(default),
                Meaning::Computed => known.computed = true,
                other => constraint(table, other),
            }
        }
        table.columns.push(known);
    }
    for clause in created.constraints {
        constraint(table, clause.meaning);
    }
}

fn constraint(table: &mut ExistingTable, meaning: Meaning) {
    match meaning {
        Meaning::PrimaryKey { columns, .. } => table.primary_key = columns,
        Meaning::Unique(unique) => table.indexes.push(unique),
        Meaning::Check(check) => table.checks.push(check),
        Meaning::ForeignKey(key) => table.foreign_keys.push(key),
        Meaning::NotNull | Meaning::Default(_) | Meaning::Computed | Meaning::Other => {}
    }
}
