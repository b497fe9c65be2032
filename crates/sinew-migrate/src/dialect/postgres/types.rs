use sinew_core::value::TypeFamily;
use sinew_sql::Dialect;
use sinew_sql::ddl::Column;
use sinew_sql::dialect::postgres::Postgres as Sql;

/// A type without its modifier, and the modifier's numbers.
fn parts(name: &str) -> (String, Vec<u32>) {
    let name = name.trim().to_lowercase();
    let (base, numbers) = match name.split_once('(') {
        Some((base, rest)) => {
            let (inside, after) = rest.split_once(')').unwrap_or((rest, ""));
            let numbers = inside
                .split(',')
                .filter_map(|n| n.trim().parse().ok())
                .collect();
            (format!("{}{after}", base.trim_end()), numbers)
        }
        None => (name.clone(), Vec::new()),
    };
    (long(&base).to_owned(), numbers)
}

/// The name by which the server goes for a type.
fn long(name: &str) -> &str {
    match name {
        "int2" | "smallserial" | "serial2" => "smallint",
        "int" | "int4" | "serial" | "serial4" => "integer",
        "int8" | "bigserial" | "serial8" => "bigint",
        "float4" => "real",
        "float8" | "float" => "double precision",
        "bool" => "boolean",
        "decimal" => "numeric",
        "varchar" => "character varying",
        "char" | "bpchar" => "character",
        "timestamptz" => "timestamp with time zone",
        "timestamp" => "timestamp without time zone",
        "time" => "time without time zone",
        "timetz" => "time with time zone",
        other => other,
    }
}

/// The types whose values are known; one that is not is somebody's own, and left alone.
const KNOWN: [&str; 19] = [
    "smallint",
    "integer",
    "bigint",
    "numeric",
    "real",
    "double precision",
    "boolean",
    "character varying",
    "character",
    "text",
    "timestamp with time zone",
    "timestamp without time zone",
    "time without time zone",
    "time with time zone",
    "date",
    "uuid",
    "bytea",
    "json",
    "jsonb",
];

/// Integers in the order in which each holds the one before.
fn rank(name: &str) -> Option<usize> {
    ["smallint", "integer", "bigint", "numeric"]
        .iter()
        .position(|known| *known == name)
}

/// Whether a column of this type keeps the model's values as they are.
pub(super) fn holds(type_name: &str, wanted: &Column) -> bool {
    use TypeFamily as F;
    let (is, numbers) = parts(type_name);
    let (asked, asked_numbers) = parts(&Sql.type_name(wanted));
    if is == asked && (numbers.is_empty() || numbers == asked_numbers) {
        return true;
    }
    if wanted.exact.is_some() {
        return is == asked && numbers.first() >= asked_numbers.first();
    }
    if !KNOWN.contains(&is.as_str()) {
        return true;
    }
    let one_of = |names: &[&str]| names.contains(&is.as_str());
    match wanted.family {
        F::Text | F::Enum(_) => match (one_of(&["character varying", "character"]), wanted.size) {
            (true, Some(size)) => numbers.first().is_none_or(|&known| known >= size),
            (true, None) => {
                numbers.is_empty() && is != "character" || matches!(wanted.family, F::Enum(_))
            }
            (false, _) => is == "text",
        },
        F::Float32 => one_of(&["double precision", "numeric"]),
        F::Float64 => is == "numeric" && numbers.is_empty(),
        F::Bool => rank(&is).is_some(),
        F::Timestamp | F::DateTime => {
            one_of(&["timestamp with time zone", "timestamp without time zone"])
                && numbers.is_empty()
        }
        F::Uuid => one_of(&["text", "character varying", "bytea"]),
        F::Json => one_of(&["json", "text"]),
        F::Decimal => is == "numeric" && wide_enough(&numbers, wanted.precision),
        family if family.is_integer() => match (rank(&is), rank(&asked)) {
            (Some(known), Some(wanted)) => {
                known >= wanted && numbers.first() >= asked_numbers.first()
            }
            _ => false,
        },
        _ => false,
    }
}

/// Whether `numeric` of these digits holds decimals of those.
fn wide_enough(numbers: &[u32], wanted: Option<(u8, u8)>) -> bool {
    match (numbers, wanted) {
        ([], _) => true,
        (_, None) => false,
        ([digits, rest @ ..], Some((wanted, after))) => {
            let scale = rest.first().copied().unwrap_or(0);
            let after = u32::from(after);
            scale >= after
                && digits.saturating_sub(scale) >= u32::from(wanted).saturating_sub(after)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(family: TypeFamily, size: Option<u32>) -> Column {
        Column {
            name: "c".into(),
            family,
            exact: None,
            size,
            precision: None,
            nullable: false,
            default: None,
            generated: false,
            refers: false,
            comment: None,
        }
    }

    #[test]
    fn wider_types_stay_and_narrower_are_widened() {
        use TypeFamily as F;
        for (known, family, size, wanted) in [
            ("character varying(100)", F::Text, Some(100), true),
            ("character varying(50)", F::Text, Some(100), false),
            ("character varying(50)", F::Text, None, false),
            ("text", F::Text, Some(100), true),
            ("citext", F::Text, None, true),
            ("mood", F::Enum(&["a"]), None, true),
            ("integer", F::Int64, None, false),
            ("bigint", F::Int32, None, true),
            ("numeric(20,0)", F::UInt64, None, true),
            ("timestamp with time zone", F::Timestamp, None, true),
            ("timestamp(0) with time zone", F::Timestamp, None, false),
            ("double precision", F::Float64, None, true),
            ("real", F::Float64, None, false),
            ("integer", F::Text, None, false),
            ("boolean", F::Bool, None, true),
        ] {
            assert_eq!(
                holds(known, &column(family, size)),
                wanted,
                "{known} {family:?}"
            );
        }
    }
}
