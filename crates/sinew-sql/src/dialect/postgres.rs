//! PostgreSQL.

use sinew_core::Value;
use sinew_core::value::TypeFamily;

use super::{Capabilities, Dialect, Generated, Placeholder, Support, literal, without_nulls};
use crate::ddl::Column;
use crate::render::Writer;

/// The dialect of PostgreSQL 12 and later.
#[derive(Debug)]
pub struct Postgres;

static CAPABILITIES: Capabilities = Capabilities {
    row_locks: Support::yes("FOR UPDATE and FOR SHARE"),
    returning: Support::yes("every statement that writes"),
    nulls_order: Support::yes("standard"),
    ilike: Support::yes("an operator of its own"),
    concat_operator: Support::yes("standard"),
    nan: Support::yes("as large as any other number"),
    infinity: Support::yes("as any other number"),
    nul_in_text: Support::no("a text ends there"),
    long_decimals: Support::yes("numeric"),
    distant_moments: Support::yes("from 4714 BC on"),
    sized_columns: Support::yes("standard"),
    names_foreign_keys: Support::yes("the report names it"),
    add_constraint: Support::yes("ALTER TABLE"),
    alter_column: Support::yes("ALTER TABLE"),
    forward_references: Support::no("a referenced table has to exist"),
    comments: Support::yes("COMMENT ON"),
    partial_indexes: Support::yes("CREATE INDEX … WHERE"),
    array_binds: Support::yes("arrays are values"),
    transactional_ddl: Support::yes("DDL is part of the transaction"),
    last_insert_id: Support::no("keys come back by RETURNING"),
    survives_errors: Support::no("a failed statement aborts its transaction, up to a savepoint"),
    embedded: Support::no("it runs in a server"),
};

/// The array type whose elements these values are.
fn array_type<'v>(values: impl Iterator<Item = &'v Value<'static>>) -> &'static str {
    let mut values = values.filter(|value| !value.is_null());
    match values.next() {
        // A list of unsigned numbers holds `UInt` only where they are large.
        Some(Value::Int(_)) if values.any(|value| matches!(value, Value::UInt(_))) => "::numeric[]",
        Some(Value::Bool(_)) => "::boolean[]",
        Some(Value::Int(_)) => "::bigint[]",
        Some(Value::UInt(_) | Value::Decimal(_)) => "::numeric[]",
        Some(Value::Float(_)) => "::double precision[]",
        Some(Value::Bytes(_)) => "::bytea[]",
        Some(Value::Timestamp(_)) => "::timestamptz[]",
        Some(Value::DateTime(_)) => "::timestamp[]",
        Some(Value::Date(_)) => "::date[]",
        Some(Value::Time(_)) => "::time[]",
        Some(Value::Uuid(_)) => "::uuid[]",
        _ => "::text[]",
    }
}

impl Dialect for Postgres {
    fn name(&self) -> &'static str {
        "PostgreSQL"
    }

    fn capabilities(&self) -> &'static Capabilities {
        &CAPABILITIES
    }

    fn placeholder(&self) -> Placeholder {
        Placeholder::Numbered
    }

    fn no_limit(&self) -> &'static str {
        ""
    }

    fn key_list<'a>(&self, list: &'a Value<'static>, negated: bool, sql: &mut dyn Writer<'a>) {
        match list {
            Value::Tuples { width, values } => {
                let width = (*width).max(1);
                sql.text(if negated { " NOT IN (" } else { " IN (" });
                sql.text("SELECT * FROM unnest(");
                for at in 0..width {
                    if at > 0 {
                        sql.text(", ");
                    }
                    let complete = values
                        .chunks(width)
                        .filter(|tuple| !tuple.iter().any(Value::is_null));
                    let column = complete
                        .filter_map(|tuple| tuple.get(at))
                        .map(Value::reborrow);
                    sql.bind(Value::Array(column.collect()));
                    sql.text(array_type(values.iter().skip(at).step_by(width)));
                }
                sql.text("))");
            }
            Value::Array(_) => {
                sql.text(if negated { " <> ALL(" } else { " = ANY(" });
                sql.bind(without_nulls(list));
                sql.text(")");
            }
            one => {
                sql.text(if negated { " NOT IN (" } else { " IN (" });
                sql.bind(one.reborrow());
                sql.text(")");
            }
        }
    }

    fn type_name(&self, column: &Column) -> String {
        use TypeFamily as F;
        if let Some(exact) = &column.exact {
            return exact.to_string();
        }
        let name = match (column.family, column.size, column.precision) {
            (F::Text, Some(size), _) => return format!("varchar({size})"),
            (F::Decimal, _, Some((digits, scale))) => return format!("numeric({digits},{scale})"),
            (F::Bool, ..) => "boolean",
            (F::Int8 | F::Int16 | F::UInt8, ..) => "smallint",
            (F::Int32 | F::UInt16, ..) => "integer",
            (F::Int64 | F::UInt32, ..) => "bigint",
            // An identity has to be an integer; its numbers never come that far.
            (F::UInt64, ..) if column.generated => "bigint",
            (F::UInt64, ..) => "numeric(20,0)",
            (F::Float32, ..) => "real",
            (F::Float64, ..) => "double precision",
            (F::Bytes, ..) => "bytea",
            (F::Timestamp, ..) => "timestamptz",
            (F::DateTime, ..) => "timestamp",
            (F::Date, ..) => "date",
            (F::Time, ..) => "time",
            (F::Uuid, ..) => "uuid",
            (F::Decimal, ..) => "numeric",
            (F::Json, ..) => "jsonb",
            _ => "text",
        };
        name.to_owned()
    }

    fn generated(&self) -> Generated {
        Generated {
            sql: " GENERATED BY DEFAULT AS IDENTITY",
            is_key: false,
        }
    }

    fn fill(&self, column: &Column) -> String {
        use TypeFamily as F;
        let fill = match column.family {
            F::Enum(variants) => return literal(variants.first().unwrap_or(&"")),
            F::Bool => "FALSE",
            F::Text => "''",
            F::Bytes => "'\\x'",
            F::Uuid => "'00000000-0000-0000-0000-000000000000'",
            F::Timestamp => "now()",
            F::DateTime => "localtimestamp",
            F::Date => "current_date",
            F::Time => "'00:00:00'",
            F::Json => "'null'",
            _ => "0",
        };
        fill.to_owned()
    }

    fn identifier_limit(&self) -> usize {
        63
    }

    fn comment_table(&self, table: &str, comment: &str) -> String {
        format!(
            "COMMENT ON TABLE {} IS {}",
            self.quote_table(table),
            literal(comment)
        )
    }

    fn comment_column(&self, table: &str, column: &Column) -> String {
        let Some(comment) = &column.comment else {
            return String::new();
        };
        let (table, column) = (self.quote_table(table), self.quote_name(&column.name));
        format!("COMMENT ON COLUMN {table}.{column} IS {}", literal(comment))
    }
}
