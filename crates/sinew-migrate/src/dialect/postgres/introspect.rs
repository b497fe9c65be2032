use std::collections::BTreeSet;

use sinew_core::schema::ReferentialAction;

use super::sql;
use crate::database::{
    Database, ExistingCheck, ExistingColumn, ExistingForeignKey, ExistingIndex, ExistingTable,
    TableKind,
};
use crate::dialect::{Rows, text};
use crate::schema::Schema;

/// What separates names in a list: no name holds it.
const SEPARATOR: char = '\u{1f}';

/// One question for each sort of thing in the catalogue, about all schemas that the tables are in.
/// A table's name in the answers is as the models write it.
pub(super) fn questions(schema: &Schema) -> Vec<String> {
    let mut schemas: BTreeSet<&str> = BTreeSet::from([""]);
    for table in &schema.tables {
        schemas.insert(table.name.rsplit_once('.').map_or("", |(schema, _)| schema));
    }
    let wanted: Vec<String> = schemas
        .into_iter()
        .map(|schema| match schema {
            "" => "('', current_schema()::text)".to_owned(),
            name => {
                let name = name.replace('\'', "''");
                format!("('{name}.', '{name}')")
            }
        })
        .collect();
    let tables = format!(
        "WITH tables AS (SELECT c.oid, s.prefix || c.relname::text AS name, c.relkind \
         FROM (VALUES {}) AS s(prefix, schema) \
         JOIN pg_catalog.pg_namespace n ON n.nspname::text = s.schema \
         JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relkind IN ('r', 'p', 'v', 'm', 'f')) ",
        wanted.join(", ")
    );
    let names = |keys: &str, table: &str| {
        format!(
            "(SELECT string_agg(a.attname::text, chr(31) ORDER BY l.place) \
             FROM unnest({keys}) WITH ORDINALITY AS l(number, place) \
             JOIN pg_catalog.pg_attribute a ON a.attrelid = {table} AND a.attnum = l.number)"
        )
    };
    [
        "SELECT nspname::text FROM pg_catalog.pg_namespace ORDER BY 1".to_owned(),
        format!(
            "{tables}SELECT name, relkind::text, obj_description(oid, 'pg_class') FROM tables ORDER BY name"
        ),
        format!(
            "{tables}SELECT t.name, a.attname::text, format_type(a.atttypid, a.atttypmod), \
             a.attnotnull::text, pg_get_expr(d.adbin, d.adrelid), a.attgenerated::text, \
             col_description(t.oid, a.attnum) FROM tables t \
             JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped \
             LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = t.oid AND d.adnum = a.attnum \
             ORDER BY t.name, a.attnum"
        ),
        format!(
            "{tables}SELECT t.name, k.contype::text, k.conname::text, {}, \
             coalesce(f.name, k.confrelid::regclass::text), {}, k.confupdtype::text, k.confdeltype::text, \
             pg_get_expr(k.conbin, k.conrelid) FROM tables t \
             JOIN pg_catalog.pg_constraint k ON k.conrelid = t.oid \
             LEFT JOIN tables f ON f.oid = k.confrelid ORDER BY t.name, k.conname",
            names("k.conkey", "k.conrelid"),
            names("k.confkey", "k.confrelid"),
        ),
        format!(
            "{tables}SELECT t.name, c.relname::text, i.indisunique::text, \
             (SELECT string_agg(coalesce(a.attname::text, '(' || pg_get_indexdef(i.indexrelid, p, true) || ')'), \
             chr(31) ORDER BY p) FROM generate_series(1, i.indnkeyatts::int) AS p \
             LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum = i.indkey[p - 1]), \
             pg_get_expr(i.indpred, i.indrelid) FROM tables t \
             JOIN pg_catalog.pg_index i ON i.indrelid = t.oid AND i.indisvalid AND NOT i.indisprimary \
             JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid ORDER BY t.name, c.relname"
        ),
    ]
    .into()
}

pub(super) fn read(answers: &[Rows]) -> Database {
    let mut database = Database::default();
    let rows = |question: usize| answers.get(question).into_iter().flatten();
    database.schemas = rows(0).filter_map(|row| text(row, 0)).collect();
    for row in rows(1) {
        let kind = match text(row, 1).as_deref() {
            Some("r" | "p") => TableKind::Table,
            _ => TableKind::Foreign,
        };
        database.tables.push(ExistingTable {
            name: text(row, 0).unwrap_or_default(),
            kind,
            comment: text(row, 2),
            ..ExistingTable::default()
        });
    }
    let readers: [fn(&mut ExistingTable, &Facts); 3] = [column, constraint, index];
    for (question, read) in (2..).zip(readers) {
        for row in rows(question) {
            let name = text(row, 0).unwrap_or_default();
            let facts = Facts((0..row.len()).map(|at| text(row, at)).collect());
            if let Some(table) = database.tables.iter_mut().find(|table| table.name == name) {
                read(table, &facts);
            }
        }
    }
    database
}

/// A row of an answer.
struct Facts(Vec<Option<String>>);

impl Facts {
    fn get(&self, at: usize) -> Option<&str> {
        self.0.get(at)?.as_deref()
    }

    fn name(&self, at: usize) -> String {
        self.get(at).unwrap_or_default().to_owned()
    }

    fn names(&self, at: usize) -> Vec<String> {
        self.get(at)
            .into_iter()
            .flat_map(|list| list.split(SEPARATOR))
            .map(str::to_owned)
            .collect()
    }

    fn action(&self, at: usize) -> ReferentialAction {
        match self.get(at) {
            Some("c") => ReferentialAction::Cascade,
            Some("n") => ReferentialAction::SetNull,
            Some("d") => ReferentialAction::SetDefault,
            Some("r") => ReferentialAction::Restrict,
            _ => ReferentialAction::NoAction,
        }
    }
}

fn column(table: &mut ExistingTable, facts: &Facts) {
    let computed = facts.get(5).is_some_and(|kind| !kind.is_empty());
    table.columns.push(ExistingColumn {
        name: facts.name(1),
        type_name: facts.name(2),
        nullable: facts.get(3) != Some("true"),
        default: facts.get(4).filter(|_| !computed).map(str::to_owned),
        computed,
        comment: facts.get(6).map(str::to_owned),
    });
}

fn constraint(table: &mut ExistingTable, facts: &Facts) {
    match facts.get(1) {
        Some("p") => table.primary_key = facts.names(3),
        Some("f") => table.foreign_keys.push(ExistingForeignKey {
            name: Some(facts.name(2)),
            columns: facts.names(3),
            table: facts.name(4),
            references: facts.names(5),
            on_update: facts.action(6),
            on_delete: facts.action(7),
        }),
        Some("c") => table.checks.push(ExistingCheck {
            name: Some(facts.name(2)),
            condition: sql::plain(facts.get(8).unwrap_or_default()),
        }),
        // Unique constraints are among the indexes.
        _ => {}
    }
}

fn index(table: &mut ExistingTable, facts: &Facts) {
    table.indexes.push(ExistingIndex {
        name: Some(facts.name(1)),
        columns: facts.names(3),
        unique: facts.get(2) == Some("true"),
        condition: facts.get(4).map(sql::plain),
    });
}
