//! SQLite.

use sinew_core::Value;
use sinew_core::value::TypeFamily;

use super::{
    Capabilities, Dialect, Generated, LimitsEach, ListPart, Support, literal, without_nulls,
};
use crate::ddl::Column;
use crate::expr::Holds;
use crate::render::Writer;

/// The dialect of SQLite 3.38 and later.
#[derive(Debug)]
pub struct Sqlite;

static CAPABILITIES: Capabilities = Capabilities {
    row_locks: Support::no(
        "SQLite has one writer at a time: a write transaction locks the database",
    ),
    returning: Support::yes("since 3.35"),
    nulls_order: Support::yes("since 3.30"),
    nulls_smallest: Support::yes("documented"),
    ilike: Support::no("no such operator; LIKE ignores the case of ASCII letters by itself"),
    concat_operator: Support::yes("standard"),
    nan: Support::no("SQLite makes NULL of it"),
    infinity: Support::yes("as any other number"),
    nul_in_text: Support::yes("texts have a length"),
    long_decimals: Support::no("a number is an integer or has fifteen digits there"),
    distant_moments: Support::yes("a moment is a text, from the year -9999 on"),
    sized_columns: Support::no(
        "a column takes what it is given; Sinew checks the values of models",
    ),
    names_foreign_keys: Support::no("SQLite counts violations and forgets whose they are"),
    add_constraint: Support::no("ALTER TABLE cannot add one; the table is rebuilt"),
    alter_column: Support::no("ALTER TABLE cannot change one; the table is rebuilt"),
    forward_references: Support::yes("a referenced table is looked up when rows are written"),
    comments: Support::no("SQLite has no COMMENT"),
    partial_indexes: Support::yes("standard"),
    array_binds: Support::yes("the driver lends a list to the table-valued function rarray"),
    transactional_ddl: Support::yes("DDL is part of the transaction"),
    last_insert_id: Support::yes("last_insert_rowid()"),
    nested_writes: Support::no("a WITH holds queries alone"),
    survives_errors: Support::yes("a failed statement is undone by itself"),
    pipelining: Support::no("there is nothing to wait for"),
    embedded: Support::yes("it runs in the program"),
};

/// The tuples travel as one flat list; `lag` brings the values of each into one row, in a single
/// pass. The driver's documentation states the same form.
fn tuples<'a>(width: usize, list: &'a Value<'static>, sql: &mut dyn Writer<'a>) {
    sql.text("SELECT ");
    for column in 0..width {
        sql.text(if column == 0 { "a" } else { ", a" });
        number(column, sql);
    }
    sql.text(" FROM (SELECT rowid AS n");
    for column in 0..width {
        let back = width - 1 - column;
        if back == 0 {
            sql.text(", value AS a");
        } else {
            sql.text(", lag(value, ");
            number(back, sql);
            sql.text(") OVER () AS a");
        }
        number(column, sql);
    }
    sql.text(" FROM rarray(");
    sql.bind(without_nulls(list));
    sql.text(")) WHERE n % ");
    number(width, sql);
    sql.text(" = 0");
}

fn number(number: usize, sql: &mut dyn Writer<'_>) {
    const DIGITS: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
    if number > 9 {
        self::number(number / 10, sql);
    }
    sql.text(DIGITS[number % 10]);
}

impl Dialect for Sqlite {
    fn explain(&self) -> &'static str {
        "EXPLAIN QUERY PLAN "
    }

    fn name(&self) -> &'static str {
        "SQLite"
    }

    fn function<'n>(&self, name: &'n str) -> &'n str {
        match name {
            "CHAR_LENGTH" => "LENGTH",
            other => other,
        }
    }

    fn capabilities(&self) -> &'static Capabilities {
        &CAPABILITIES
    }

    fn truth(&self, value: bool) -> &'static str {
        if value { "1" } else { "0" }
    }

    fn like_escape(&self) -> &'static str {
        " ESCAPE '\\'"
    }

    fn no_limit(&self) -> &'static str {
        " LIMIT -1"
    }

    fn key_list<'a>(&self, list: &'a Value<'static>, negated: bool, sql: &mut dyn Writer<'a>) {
        sql.text(if negated { " NOT IN (" } else { " IN (" });
        match list {
            Value::Array(_) => {
                sql.text("SELECT value FROM rarray(");
                sql.bind(without_nulls(list));
                sql.text("))");
            }
            Value::Tuples { width, .. } => {
                tuples(*width, list, sql);
                sql.text(")");
            }
            one => {
                sql.bind(one.reborrow());
                sql.text(")");
            }
        }
    }

    fn limits_each(&self) -> Option<LimitsEach> {
        Some(LimitsEach::RowLists)
    }

    fn key_rows<'a>(&self, list: &'a Value<'static>, sql: &mut dyn Writer<'a>) {
        sql.text("(");
        match list {
            Value::Tuples { width, .. } => tuples(*width, list, sql),
            list => {
                sql.text("SELECT value AS a0 FROM rarray(");
                sql.bind(without_nulls(list));
                sql.text(")");
            }
        }
        sql.text(")");
    }

    // Set operations keep the elements in a tree: no comparison of each with each.
    fn list_test(&self, holds: Holds, _items: &Value<'static>) -> &'static [ListPart] {
        use ListPart::{Items, List, Sql};
        const ELEMENTS: ListPart = Sql("SELECT value FROM json_each(");
        match holds {
            Holds::All => &[
                Sql("CASE WHEN "),
                List,
                Sql(" IS NOT NULL THEN NOT EXISTS ("),
                ELEMENTS,
                Items,
                Sql(") EXCEPT "),
                ELEMENTS,
                List,
                Sql(")) END"),
            ],
            Holds::Any => &[
                Sql("CASE WHEN "),
                List,
                Sql(" IS NOT NULL THEN EXISTS ("),
                ELEMENTS,
                Items,
                Sql(") INTERSECT "),
                ELEMENTS,
                List,
                Sql(")) END"),
            ],
        }
    }

    fn list_length(&self) -> &'static str {
        "json_array_length"
    }

    fn type_name(&self, column: &Column) -> String {
        use TypeFamily as F;
        if column.generated {
            // Only this spelling makes the key the row's own number.
            return "integer".to_owned();
        }
        if let Some(exact) = &column.exact {
            return exact.to_string();
        }
        let name = match (column.family, column.size, column.precision) {
            (F::Text, Some(size), _) => return format!("varchar({size})"),
            (F::Decimal, _, Some((digits, scale))) => return format!("decimal({digits},{scale})"),
            (F::Bool, ..) => "boolean",
            (F::Float32 | F::Float64, ..) => "real",
            (F::Bytes | F::Uuid, ..) => "blob",
            (F::Timestamp | F::DateTime, ..) => "datetime",
            (F::Date, ..) => "date",
            (F::Time, ..) => "time",
            (F::Decimal, ..) => "decimal",
            // Not `integer`, which would make a key the row's own number, and that ends at 63 bits.
            (F::UInt64, ..) => "bigint unsigned",
            (family, ..) if family.is_integer() => "integer",
            // JSON too: under a type called `json` SQLite would turn a document such as 1.0 into
            // a number.
            _ => "text",
        };
        name.to_owned()
    }

    fn generated(&self) -> Generated {
        Generated {
            sql: " PRIMARY KEY AUTOINCREMENT",
            is_key: true,
        }
    }

    fn fill(&self, column: &Column) -> String {
        use TypeFamily as F;
        let fill = match column.family {
            F::Enum(variants) => return literal(variants.first().unwrap_or(&"")),
            F::Text => "''",
            F::Bytes => "x''",
            F::Uuid => "zeroblob(16)",
            F::Timestamp => "strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')",
            F::DateTime => "strftime('%Y-%m-%dT%H:%M:%f000', 'now')",
            F::Date => "date('now')",
            F::Time => "'00:00:00.000000'",
            F::Json => "'null'",
            F::List(_) => "'[]'",
            _ => "0",
        };
        fill.to_owned()
    }

    fn identifier_limit(&self) -> usize {
        64
    }

    fn referenced<'a>(&self, table: &'a str) -> &'a str {
        // A foreign key stays within its database file.
        table.rsplit('.').next().unwrap_or(table)
    }

    fn index_on(&self, index: &str, table: &str) -> (String, String) {
        match table.rsplit_once('.') {
            Some((schema, table)) => (
                format!("{}.{}", self.quote_table(schema), self.quote_name(index)),
                self.quote_name(table),
            ),
            None => (self.quote_name(index), self.quote_name(table)),
        }
    }
}
