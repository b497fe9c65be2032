//! PostgreSQL.

use sinew_core::Value;
use sinew_core::value::TypeFamily;

use super::{
    Capabilities, Dialect, Generated, LimitsEach, ListPart, Placeholder, Support, literal,
    without_nulls,
};
use crate::ddl::Column;
use crate::expr::{Holds, Kept};
use crate::render::Writer;
use crate::statement::Promised;

/// The dialect of PostgreSQL 12 and later.
#[derive(Debug)]
pub struct Postgres;

static CAPABILITIES: Capabilities = Capabilities {
    row_locks: Support::yes("FOR UPDATE and FOR SHARE"),
    returning: Support::yes("every statement that writes"),
    nulls_order: Support::yes("standard"),
    nulls_smallest: Support::no("NULL is the greatest value"),
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
    nested_writes: Support::yes("a WITH may hold INSERT, UPDATE and DELETE"),
    survives_errors: Support::no("a failed statement aborts its transaction, up to a savepoint"),
    pipelining: Support::yes("its protocol takes requests ahead"),
    embedded: Support::no("it runs in a server"),
};

/// How many numbers of a sequence are taken one by one at most.
const STEPS: u32 = 10_000;
/// The class of advisory locks that jumps of sequences take.
const LOCK: i32 = 0x0053_494e;

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

/// The tuples as rows; each of their columns is bound as an array.
fn unnest<'a>(width: usize, values: &'a [Value<'static>], sql: &mut dyn Writer<'a>) {
    let width = width.max(1);
    sql.text("unnest(");
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
    sql.text(")");
}

/// The setting that holds a part of kept keys, for the rest of the transaction.
fn setting(slot: u32, part: usize) -> String {
    format!("sinew.k{slot}_{part}")
}

/// The parts of kept keys, as arrays.
fn kept_lists(kept: &Kept) -> Vec<String> {
    let list = |(part, family): (usize, &TypeFamily)| {
        let name = setting(kept.slot, part);
        let element = element(*family).unwrap_or("text");
        format!("current_setting('{name}')::{element}[]")
    };
    kept.families.iter().enumerate().map(list).collect()
}

/// What follows `(SELECT * FROM unnest(…)`.
fn columns_of_keys(width: usize) -> String {
    let columns: Vec<_> = (0..width.max(1)).map(|at| format!("a{at}")).collect();
    format!(" AS u({}))", columns.join(", "))
}

/// The type as which kept keys are compared with a column.
fn element(family: TypeFamily) -> Option<&'static str> {
    use TypeFamily as F;
    Some(match family {
        F::Bool => "boolean",
        F::Int8 | F::Int16 | F::Int32 | F::Int64 | F::UInt8 | F::UInt16 | F::UInt32 => "bigint",
        F::UInt64 | F::Decimal => "numeric",
        F::Text => "text",
        F::Bytes => "bytea",
        F::Timestamp => "timestamptz",
        F::DateTime => "timestamp",
        F::Date => "date",
        F::Time => "time",
        F::Uuid => "uuid",
        _ => return None,
    })
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

    fn number_as_text(&self) -> (&'static str, &'static str) {
        ("CAST(", " AS text)")
    }

    /// Small steps are made by `nextval`, which cannot go back whatever others do meanwhile. Where
    /// the way is long `setval` jumps; a lock keeps two jumps apart, and the length of the way keeps
    /// those who merely take numbers in between from passing the target. Who may not use the sequence
    /// leaves it alone, as an insert without it does.
    fn advance(&self, table: &str, column: &str) -> Option<String> {
        let (table, column) = (literal(&self.quote_table(table)), literal(column));
        Some(format!(
            "WITH s AS (SELECT seqrelid::regclass AS id, seqincrement AS step, seqmax AS top, $1::bigint AS wanted, \
             CASE WHEN has_sequence_privilege(seqrelid, 'USAGE') AND has_sequence_privilege(seqrelid, 'UPDATE') \
             THEN coalesce(pg_sequence_last_value(seqrelid), seqstart - seqincrement) END AS last \
             FROM pg_catalog.pg_sequence WHERE seqrelid = pg_get_serial_sequence({table}, {column})::regclass) \
             SELECT CASE WHEN wanted - last <= {STEPS} * step THEN (WITH RECURSIVE taken(n) AS (\
             SELECT nextval(id) UNION ALL SELECT nextval(id) FROM taken WHERE n < wanted) \
             SELECT max(n) FROM taken) \
             ELSE CASE pg_advisory_xact_lock({LOCK}::bigint << 32 | id::oid::bigint)::text WHEN '' \
             THEN CASE WHEN nextval(id) < wanted THEN setval(id, wanted) END END END \
             FROM s WHERE wanted > last AND wanted <= top AND step > 0"
        ))
    }

    fn no_limit(&self) -> &'static str {
        ""
    }

    fn key_list<'a>(&self, list: &'a Value<'static>, negated: bool, sql: &mut dyn Writer<'a>) {
        match list {
            Value::Tuples { width, values } => {
                sql.text(if negated { " NOT IN (" } else { " IN (" });
                sql.text("SELECT * FROM ");
                unnest(*width, values, sql);
                sql.text(")");
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

    // These operators can use a GIN index; `= ANY(…)` cannot.
    fn list_test(&self, holds: Holds, _items: &Value<'static>) -> &'static [ListPart] {
        use ListPart::{Items, List, Sql};
        match holds {
            Holds::All => &[List, Sql(" @> "), Items],
            Holds::Any => &[List, Sql(" && "), Items],
        }
    }

    fn list_length(&self) -> &'static str {
        "cardinality"
    }

    fn keep<'a>(&self, slot: u32, part: usize, column: u64, sql: &mut dyn Writer<'a>) {
        let name = setting(slot, part);
        sql.text(&format!(
            "set_config('{name}', coalesce(array_agg(\"c{column}\")::text, '{{}}'), true)"
        ));
    }

    fn kept<'a>(&self, kept: &Kept, sql: &mut dyn Writer<'a>) {
        let parts = kept_lists(kept);
        match parts.as_slice() {
            [list] => sql.text(&format!(" = ANY({list})")),
            several => sql.text(&format!(
                " IN (SELECT * FROM unnest({}))",
                several.join(", ")
            )),
        }
    }

    fn limits_each(&self) -> Option<LimitsEach> {
        Some(LimitsEach::Lateral)
    }

    fn key_rows<'a>(&self, list: &'a Value<'static>, sql: &mut dyn Writer<'a>) {
        let (width, values) = match list {
            Value::Tuples { width, values } => (*width, values.as_slice()),
            Value::Array(values) => (1, values.as_slice()),
            one => (1, std::slice::from_ref(one)),
        };
        sql.text("(SELECT * FROM ");
        unnest(width, values, sql);
        sql.text(&columns_of_keys(width));
    }

    fn kept_rows<'a>(&self, kept: &Kept, sql: &mut dyn Writer<'a>) {
        let lists = kept_lists(kept);
        sql.text(&format!("(SELECT * FROM unnest({})", lists.join(", ")));
        sql.text(&columns_of_keys(lists.len()));
    }

    fn keeps(&self, family: TypeFamily) -> bool {
        element(family).is_some()
    }

    /// As text in a setting of the transaction. Where rows are missing (a trigger dropped some) nobody
    /// knows whose key is whose: it is something that is no list, so that its use is an error.
    fn keep_made(&self, slot: u32) -> (String, &'static str) {
        let begin = format!("set_config('sinew.n{slot}', CASE WHEN count(*) = 1 THEN array_agg(");
        (begin, ")::text ELSE 'incomplete' END, true)")
    }

    /// The list is read by a sub-query that depends on no row, once for each statement.
    fn promised(&self, number: u64, promised: Promised) -> String {
        let Promised {
            slot,
            lowest,
            highest,
        } = promised;
        format!(
            "CASE WHEN ${number}::int8 BETWEEN {lowest} AND {highest} \
             THEN ((SELECT current_setting('sinew.n{slot}')::int8[]))[({highest} - ${number}::int8 + 1)::int4] \
             ELSE ${number}::int8 END"
        )
    }

    fn promises(&self) -> bool {
        true
    }

    fn type_name(&self, column: &Column) -> String {
        use TypeFamily as F;
        if let Some(exact) = &column.exact {
            return exact.to_string();
        }
        if let F::List(of) = column.family {
            let element = Column {
                family: *of,
                ..column.clone()
            };
            return self.type_name(&element) + "[]";
        }
        let name = match (column.family, column.size, column.precision) {
            (F::Text, Some(size), _) => return format!("varchar({size})"),
            (F::Decimal, _, Some((digits, scale))) => return format!("numeric({digits},{scale})"),
            (F::Bool, ..) => "boolean",
            (F::Int8 | F::Int16 | F::UInt8, ..) => "smallint",
            (F::Int32 | F::UInt16, ..) => "integer",
            (F::Int64 | F::UInt32, ..) => "bigint",
            // An identity has to be an integer; its numbers never come that far.
            (F::UInt64, ..) if column.generated || column.refers => "bigint",
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
            F::List(_) => "'{}'",
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
