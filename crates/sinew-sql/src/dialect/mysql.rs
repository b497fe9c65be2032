//! MySQL and MariaDB.

use sinew_core::Value;
use sinew_core::value::TypeFamily;

use super::{Capabilities, Dialect, Generated, ListPart, Support, Upsert, without_nulls};
use crate::ddl::Column;
use crate::expr::{Expr, Holds};
use crate::render::Writer;
use crate::statement::Ident;

/// The dialect of MySQL 8 and MariaDB 10.6, and later.
#[derive(Debug)]
pub struct MySql;

static CAPABILITIES: Capabilities = Capabilities {
    row_locks: Support::yes("FOR UPDATE and LOCK IN SHARE MODE"),
    returning: Support::no("MySQL has no RETURNING, and MariaDB not for updates"),
    nulls_order: Support::no("no such words; ordered by IS NULL first"),
    nulls_smallest: Support::yes("documented"),
    ilike: Support::no("no such operator; the collation decides about case"),
    concat_operator: Support::no("|| means OR there; CONCAT is used"),
    nan: Support::no("numbers are finite there"),
    infinity: Support::no("numbers are finite there"),
    nul_in_text: Support::yes("texts have a length"),
    long_decimals: Support::yes("up to 65 digits"),
    distant_moments: Support::no("DATETIME ends at 9999"),
    sized_columns: Support::yes("in the strict mode that the driver sets"),
    names_foreign_keys: Support::yes("the message names it"),
    add_constraint: Support::yes("ALTER TABLE"),
    alter_column: Support::yes("ALTER TABLE"),
    forward_references: Support::no("a referenced table has to exist"),
    comments: Support::yes("in the definition of table and column"),
    partial_indexes: Support::no("indexes hold all rows"),
    array_binds: Support::yes(
        "JSON_TABLE reads a list that is bound as JSON; few keys have places",
    ),
    transactional_ddl: Support::no("each DDL statement commits"),
    last_insert_id: Support::yes("each answer tells it"),
    nested_writes: Support::no("a WITH holds queries alone"),
    survives_errors: Support::yes("a failed statement is undone by itself"),
    pipelining: Support::no("each statement is answered before the next is sent"),
    embedded: Support::no("it runs in a server"),
};

/// How a key of this sort is read from a JSON list: what encloses it, and its type there. Bytes
/// travel as hexadecimal text.
fn key_type<'v>(
    values: impl Iterator<Item = &'v Value<'static>>,
) -> (&'static str, &'static str, &'static str) {
    let values: Vec<_> = values.filter(|value| !value.is_null()).collect();
    let large = values.iter().any(|value| matches!(value, Value::UInt(_)));
    let negative = || {
        values
            .iter()
            .any(|value| matches!(value, Value::Int(n) if *n < 0))
    };
    if large {
        return (
            "",
            "",
            if negative() {
                "DECIMAL(20,0)"
            } else {
                "BIGINT UNSIGNED"
            },
        );
    }
    match values.first() {
        None | Some(Value::Int(_) | Value::Bool(_)) => ("", "", "BIGINT"),
        Some(Value::Float(_)) => ("", "", "DOUBLE"),
        Some(Value::Decimal(_)) => ("", "", "DECIMAL(65,30)"),
        Some(Value::Bytes(_) | Value::Uuid(_)) => ("UNHEX(", ")", hexadecimals(&values)),
        Some(Value::Timestamp(_) | Value::DateTime(_)) => ("", "", "DATETIME(6)"),
        Some(Value::Date(_)) => ("", "", "DATE"),
        Some(Value::Time(_)) => ("", "", "TIME(6)"),
        Some(_) => ("(", ")", texts(&values)),
    }
}

/// What a text in a list is. Without a character set it would have the database's; the collation is
/// that of the tables that Sinew makes, which can then be searched in the best way.
macro_rules! text_key {
    ($type:literal) => {
        concat!(
            $type,
            " CHARACTER SET utf8mb4 /*M!100600 COLLATE utf8mb4_nopad_bin */\
             /*!80000 COLLATE utf8mb4_0900_bin */"
        )
    };
}

/// The type for texts of these lengths. MariaDB compares short ones by a hash, longer ones one by
/// one; what is too long for its type would be NULL.
fn texts(values: &[&Value<'static>]) -> &'static str {
    let length = |value: &&Value<'static>| match value {
        Value::Text(text) | Value::Json(text) => text.len(),
        _ => 0,
    };
    match values.iter().map(length).max().unwrap_or_default() {
        0..=255 => text_key!("VARCHAR(255)"),
        256..=768 => text_key!("VARCHAR(768)"),
        _ => text_key!("LONGTEXT"),
    }
}

/// The type for the hexadecimals of bytes of these lengths.
fn hexadecimals(values: &[&Value<'static>]) -> &'static str {
    let short = |value: &&Value<'static>| match value {
        Value::Bytes(bytes) => bytes.len() <= 768,
        _ => true,
    };
    if values.iter().all(short) {
        "VARCHAR(1536)"
    } else {
        "LONGTEXT"
    }
}

/// The two lists of a condition on a list column, read in this type. Neither depends on rows of the
/// other, so that each text is read once.
macro_rules! list_test {
    ($holds:ident, $($type:tt)+) => {
        match $holds {
            Holds::All => &[
                ListPart::Sql("CASE WHEN "),
                ListPart::List,
                ListPart::Sql(" IS NOT NULL THEN NOT EXISTS (SELECT 1 FROM JSON_TABLE("),
                ListPart::Items,
                ListPart::Sql(concat!(
                    ", '$[*]' COLUMNS (k0 ",
                    $($type)+,
                    " PATH '$')) AS sinew_k LEFT JOIN JSON_TABLE("
                )),
                ListPart::List,
                ListPart::Sql(concat!(
                    ", '$[*]' COLUMNS (e0 ",
                    $($type)+,
                    " PATH '$')) AS sinew_e ON e0 = k0 WHERE e0 IS NULL) END"
                )),
            ],
            Holds::Any => &[
                ListPart::Sql("CASE WHEN "),
                ListPart::List,
                ListPart::Sql(" IS NOT NULL THEN EXISTS (SELECT 1 FROM JSON_TABLE("),
                ListPart::Items,
                ListPart::Sql(concat!(
                    ", '$[*]' COLUMNS (k0 ",
                    $($type)+,
                    " PATH '$')) AS sinew_k JOIN JSON_TABLE("
                )),
                ListPart::List,
                ListPart::Sql(concat!(
                    ", '$[*]' COLUMNS (e0 ",
                    $($type)+,
                    " PATH '$')) AS sinew_e ON e0 = k0) END"
                )),
            ],
        }
    };
}

/// The longest lists, of numbers and of others, of which each key has a place. For longer ones the
/// server takes less time with JSON, though it makes a temporary table of it; measured on MariaDB.
const NUMBERS_PLACED: usize = 32;
const PLACED: usize = 16;
/// The bytes of texts in such a list.
const BYTES_PLACED: usize = 1 << 16;

/// The keys of a list that is written with a place for each of them: short, not empty, and of one
/// sort, which a column is compared with as with a single value. NULLs are left out.
fn placed<'a>(list: &'a Value<'static>) -> Option<Vec<&'a Value<'static>>> {
    let Value::Array(values) = list else {
        return None;
    };
    let known = values.iter().filter(|value| !value.is_null());
    let most = match known.clone().next()? {
        Value::Int(_) | Value::UInt(_) => NUMBERS_PLACED,
        _ => PLACED,
    };
    let keys: Vec<_> = known.take(most + 1).collect();
    if keys.len() > most {
        return None;
    }
    let sort = std::mem::discriminant(*keys.first()?);
    let mut bytes = 0;
    for key in &keys {
        bytes += match key {
            Value::Int(_) | Value::UInt(_) | Value::Uuid(_) => 0,
            Value::Text(text) => text.len(),
            Value::Bytes(bytes) => bytes.len(),
            // A decimal would be compared as a floating-point number.
            _ => return None,
        };
        if std::mem::discriminant(*key) != sort {
            return None;
        }
    }
    (bytes <= BYTES_PLACED).then_some(keys)
}

const COLUMNS: [&str; 8] = ["k0", "k1", "k2", "k3", "k4", "k5", "k6", "k7"];
const PATHS: [&str; 8] = [
    "$[0]", "$[1]", "$[2]", "$[3]", "$[4]", "$[5]", "$[6]", "$[7]",
];

impl Dialect for MySql {
    fn name(&self) -> &'static str {
        "MySQL"
    }

    fn capabilities(&self) -> &'static Capabilities {
        &CAPABILITIES
    }

    fn quote(&self) -> char {
        '`'
    }

    fn no_limit(&self) -> &'static str {
        " LIMIT 18446744073709551615"
    }

    fn default_row(&self) -> &'static str {
        " () VALUES ()"
    }

    fn upsert(&self) -> Upsert {
        Upsert::OnDuplicateKey
    }

    fn excluded(&self) -> (&'static str, &'static str) {
        ("VALUES(", ")")
    }

    fn share_lock(&self) -> &'static str {
        " LOCK IN SHARE MODE"
    }

    fn key_list<'a>(&self, list: &'a Value<'static>, negated: bool, sql: &mut dyn Writer<'a>) {
        sql.text(if negated { " NOT IN (" } else { " IN (" });
        if let Some(keys) = placed(list) {
            // The last one is repeated, so that few texts come of it.
            let places = keys.len().next_power_of_two();
            for at in 0..places {
                sql.text(if at > 0 { ", " } else { "" });
                sql.bind(keys[at.min(keys.len() - 1)].reborrow());
            }
            return sql.text(")");
        }
        let (width, values) = match list {
            Value::Array(values) => (1, values),
            Value::Tuples { width, values } => ((*width).clamp(1, COLUMNS.len()), values),
            one => {
                sql.bind(one.reborrow());
                return sql.text(")");
            }
        };
        let types: [_; COLUMNS.len()] =
            std::array::from_fn(|at| key_type(values.iter().skip(at).step_by(width)));
        sql.text("SELECT ");
        for at in 0..width {
            let (before, after, _) = types[at];
            for piece in [if at > 0 { ", " } else { "" }, before, COLUMNS[at], after] {
                sql.text(piece);
            }
        }
        sql.text(" FROM JSON_TABLE(");
        sql.bind(without_nulls(list));
        sql.text(", '$[*]' COLUMNS (");
        for at in 0..width {
            let path = if matches!(list, Value::Array(_)) {
                "$"
            } else {
                PATHS[at]
            };
            let separator = if at > 0 { ", " } else { "" };
            for piece in [
                separator,
                COLUMNS[at],
                " ",
                types[at].2,
                " PATH '",
                path,
                "'",
            ] {
                sql.text(piece);
            }
        }
        sql.text(")) AS k)");
    }

    // Not JSON_CONTAINS: MariaDB compares numbers as floating-point ones there, so that large
    // integers beside one another are the same.
    fn list_test(&self, holds: Holds, items: &Value<'static>) -> &'static [ListPart] {
        // Elements are compared as texts, for each value has one text. Floats are compared as
        // numbers where a name such as NaN, which reads as zero, can be none of them.
        let number =
            |value: &Value<'_>| matches!(value, Value::Float(v) if v.is_finite() && *v != 0.0);
        match items {
            Value::List(values) if !values.is_empty() && values.iter().all(number) => {
                list_test!(holds, "DOUBLE")
            }
            _ => list_test!(holds, text_key!("LONGTEXT")),
        }
    }

    fn list_length(&self) -> &'static str {
        "JSON_LENGTH"
    }

    fn limits_in_lists(&self) -> bool {
        false
    }

    fn tell_key(&self, column: &Ident) -> Option<Expr> {
        Some(Expr::Function {
            name: "LAST_INSERT_ID",
            distinct: false,
            args: vec![Expr::here(column.clone())],
        })
    }

    // Texts are the same when all their characters are, spaces at the end among them, as in other
    // databases. The two servers call that collation by different names; each reads its comment.
    fn table_options(&self) -> &'static str {
        " /*M!100600 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin */\
         /*!80000 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin */"
    }

    fn type_name(&self, column: &Column) -> String {
        use TypeFamily as F;
        if let Some(exact) = &column.exact {
            return exact.to_string();
        }
        let name = match (column.family, column.size, column.precision) {
            (F::Text, Some(size), _) => return format!("varchar({size})"),
            (F::Bytes, Some(size), _) => return format!("varbinary({size})"),
            (F::Decimal, _, Some((digits, scale))) => return format!("decimal({digits},{scale})"),
            (F::Bool, ..) => "boolean",
            (F::Int8, ..) => "tinyint",
            (F::Int16, ..) => "smallint",
            (F::Int32, ..) => "int",
            (F::Int64, ..) => "bigint",
            (F::UInt8, ..) => "tinyint unsigned",
            (F::UInt16, ..) => "smallint unsigned",
            (F::UInt32, ..) => "int unsigned",
            (F::UInt64, ..) => "bigint unsigned",
            (F::Float32, ..) => "float",
            (F::Float64, ..) => "double",
            (F::Bytes, ..) => "longblob",
            (F::Timestamp | F::DateTime, ..) => "datetime(6)",
            (F::Date, ..) => "date",
            (F::Time, ..) => "time(6)",
            (F::Uuid, ..) => "binary(16)",
            (F::Decimal, ..) => "decimal(65,30)",
            (F::Json, ..) => "json",
            (F::Enum(_), ..) => "varchar(255)",
            _ => "longtext",
        };
        name.to_owned()
    }

    fn generated(&self) -> Generated {
        Generated {
            sql: " AUTO_INCREMENT",
            is_key: false,
        }
    }

    fn fill(&self, column: &Column) -> String {
        use TypeFamily as F;
        let fill = match column.family {
            F::Enum(variants) => return self.literal(variants.first().unwrap_or(&"")),
            F::Text | F::Bytes => "''",
            F::Uuid => "x'00000000000000000000000000000000'",
            F::Timestamp => "utc_timestamp(6)",
            F::DateTime => "now(6)",
            F::Date => "current_date()",
            F::Time => "'00:00:00'",
            F::Json => "'null'",
            F::List(_) => "'[]'",
            _ => "0",
        };
        fill.to_owned()
    }

    fn identifier_limit(&self) -> usize {
        64
    }

    fn drop_index(&self, table: &str, index: &str) -> String {
        format!(
            "DROP INDEX {} ON {}",
            self.quote_name(index),
            self.quote_table(table)
        )
    }

    fn drop_foreign_key(&self) -> &'static str {
        "DROP FOREIGN KEY"
    }

    fn column_comment(&self, column: &Column) -> String {
        match &column.comment {
            Some(comment) => format!(" COMMENT {}", self.literal(comment)),
            None => String::new(),
        }
    }

    fn comment_table(&self, table: &str, comment: &str) -> String {
        format!(
            "ALTER TABLE {} COMMENT = {}",
            self.quote_table(table),
            self.literal(comment)
        )
    }
}

/// Where a list is read from: `JSON_TABLE(?, … ) AS k`.
const LIST: &str = "JSON_TABLE(";
const LIST_END: &str = ")) AS k";

impl MySql {
    /// The statement with texts in lists that take the collation of what they are compared with,
    /// for columns whose collation cannot be mixed with that of Sinew's tables; `None` where it
    /// has no such list.
    pub fn any_collation(sql: &str) -> Option<String> {
        const PART: &str = "JSON_UNQUOTE(JSON_QUOTE(";
        // What these functions return gives way in a comparison, as a literal does.
        let mut changed = sql.to_owned();
        for column in COLUMNS {
            for before in ["(SELECT ", ", "] {
                let with = |open: &str, close: &str| format!("{before}{open}{column}{close}");
                changed = changed.replace(&with("(", ")"), &with(PART, "))"));
            }
        }
        (sql.contains(LIST) && changed != sql).then_some(changed)
    }

    /// The statement with the list whose placeholder stands at `at` read from so many placeholders,
    /// each of which holds some of its items; `None` where no list stands there.
    pub fn list_in_parts(sql: &str, at: usize, parts: usize) -> Option<String> {
        let (head, rest) = (sql.get(..at)?.strip_suffix(LIST)?, sql.get(at..)?);
        let (inside, tail) = rest.split_once(LIST_END)?;
        let part = format!("SELECT * FROM {LIST}{inside}{LIST_END}");
        let all = vec![part; parts.max(1)].join(" UNION ALL ");
        Some(format!("{head}({all}) AS k{tail}"))
    }

    /// Text as a literal; a backslash escapes there.
    fn literal(&self, text: &str) -> String {
        super::literal(&text.replace('\\', "\\\\"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is written for a list.
    #[derive(Default)]
    struct Written(String);

    impl<'a> Writer<'a> for Written {
        fn text(&mut self, sql: &str) {
            self.0.push_str(sql);
        }

        fn bind(&mut self, _value: Value<'a>) {
            self.0.push('?');
        }
    }

    fn list(values: Vec<Value<'static>>) -> String {
        let mut written = Written::default();
        MySql.key_list(&Value::Array(values), false, &mut written);
        written.0
    }

    /// A list that is longer than those with a place for each key.
    fn many(first: Value<'static>, others: Value<'static>) -> Vec<Value<'static>> {
        let mut values = vec![others; NUMBERS_PLACED];
        values.insert(0, first);
        values
    }

    #[test]
    fn few_keys_have_places() {
        let places = |count: usize| format!(" IN ({})", vec!["?"; count].join(", "));
        let numbers = |count: i64| (0..count).map(Value::Int).collect::<Vec<_>>();
        for (count, wanted) in [(1, 1), (2, 2), (3, 4), (17, 32), (32, 32)] {
            assert_eq!(list(numbers(count)), places(wanted), "{count}");
        }
        let text = |_| Value::Text("x".into());
        assert_eq!(list((0..16).map(text).collect()), places(16));
        // NULLs have none, and are none of the keys.
        let mut nulls = vec![Value::Null; 40];
        assert!(list(nulls.clone()).contains("JSON_TABLE"));
        nulls.extend(numbers(3));
        assert_eq!(list(nulls), places(4));

        let long = Value::Text("x".repeat(BYTES_PLACED + 1).into());
        for others in [
            numbers(33),
            (0..17).map(text).collect(),
            vec![],
            vec![long],
            vec![Value::Int(-1), Value::UInt(u64::MAX)],
            vec![Value::Decimal("1.5".into())],
        ] {
            assert!(list(others.clone()).contains("JSON_TABLE"), "{others:?}");
        }
    }

    #[test]
    fn the_last_key_is_repeated() {
        #[derive(Default)]
        struct Bound(Vec<Value<'static>>);
        impl<'a> Writer<'a> for Bound {
            fn text(&mut self, _sql: &str) {}

            fn bind(&mut self, value: Value<'a>) {
                self.0.push(value.into_owned());
            }
        }
        let mut bound = Bound::default();
        let keys = Value::Array(vec![
            Value::Int(7),
            Value::Null,
            Value::Int(8),
            Value::Int(9),
        ]);
        MySql.key_list(&keys, false, &mut bound);
        assert_eq!(bound.0, [7, 8, 9, 9].map(Value::Int));
    }

    #[test]
    fn the_type_of_a_list_follows_its_longest_text() {
        let text = |length: usize| Value::Text("x".repeat(length).into());
        let bytes = || Value::Bytes(vec![0; 769].into());
        for (length, kind) in [
            (255, "VARCHAR(255)"),
            (256, "VARCHAR(768)"),
            (769, "LONGTEXT"),
        ] {
            let sql = list(many(text(1), text(length)));
            assert!(
                sql.contains(&format!("k0 {kind} CHARACTER SET utf8mb4 ")),
                "{sql}"
            );
        }
        assert!(list(many(bytes(), bytes())).contains("UNHEX(k0)"));
        assert!(list(many(bytes(), bytes())).contains("k0 LONGTEXT"));
    }

    #[test]
    fn both_servers_read_their_own_collation() {
        // What stands in a comment of the other server is not read.
        let sql = list(many(Value::Text("x".into()), Value::Text("y".into())));
        assert!(sql.contains("/*M!100600 COLLATE utf8mb4_nopad_bin */"));
        assert!(sql.contains("/*!80000 COLLATE utf8mb4_0900_bin */"));
    }

    #[test]
    fn lists_in_other_forms() {
        let text = || Value::Text("x".into());
        let texts = format!("SELECT 1 WHERE a{}", list(many(text(), text())));
        let other = MySql::any_collation(&texts).unwrap_or_default();
        assert!(
            other.contains("(SELECT JSON_UNQUOTE(JSON_QUOTE(k0)) FROM JSON_TABLE("),
            "{other}"
        );
        let numbers = list(many(Value::Int(1), Value::Int(2)));
        assert!(numbers.contains(LIST));
        assert_eq!(MySql::any_collation(&numbers), None);
        assert_eq!(MySql::any_collation("SELECT (SELECT (k0) FROM k)"), None);

        let at = texts.find('?').unwrap_or_default();
        let parts = MySql::list_in_parts(&texts, at, 2).unwrap_or_default();
        assert_eq!(
            parts.matches("SELECT * FROM JSON_TABLE(?, '$[*]'").count(),
            2
        );
        assert_eq!(parts.matches(" UNION ALL ").count(), 1);
        assert!(parts.ends_with(")) AS k) AS k)"), "{parts}");
        assert_eq!(MySql::list_in_parts("SELECT ?", 7, 2), None);
    }
}
