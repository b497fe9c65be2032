use sinew_core::value::TypeFamily;
use sinew_sql::ddl::Column;

/// How SQLite treats the values of a column, by the rules of its documentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Affinity {
    Integer,
    Text,
    Blob,
    Real,
    Numeric,
}

fn affinity(type_name: &str) -> Affinity {
    let name = type_name.to_ascii_uppercase();
    let has = |part: &str| name.contains(part);
    if has("INT") {
        Affinity::Integer
    } else if has("CHAR") || has("CLOB") || has("TEXT") {
        Affinity::Text
    } else if has("BLOB") || name.is_empty() {
        Affinity::Blob
    } else if has("REAL") || has("FLOA") || has("DOUB") {
        Affinity::Real
    } else {
        Affinity::Numeric
    }
}

/// Whether a column declared like this keeps the model's values as they are.
pub(super) fn holds(type_name: &str, wanted: &Column) -> bool {
    use TypeFamily as F;
    let is = affinity(type_name);
    if is == Affinity::Blob || type_name.eq_ignore_ascii_case("any") {
        // No conversion at all.
        return true;
    }
    if let Some(exact) = &wanted.exact {
        return is == affinity(exact);
    }
    match wanted.family {
        F::Text | F::Enum(_) => is == Affinity::Text,
        F::Float32 | F::Float64 => matches!(is, Affinity::Real | Affinity::Numeric),
        F::Bool => matches!(is, Affinity::Integer | Affinity::Numeric),
        family if family.is_integer() => matches!(is, Affinity::Integer | Affinity::Numeric),
        // Moments, decimals, documents and bytes survive every affinity.
        _ => true,
    }
}

/// The type of a column in a table declared STRICT, which knows five names only.
pub(super) fn strict(column: &Column) -> &'static str {
    use TypeFamily as F;
    match column.family {
        F::Float32 | F::Float64 => "REAL",
        F::Bytes | F::Uuid => "BLOB",
        F::Bool => "INTEGER",
        // Half of them are no integers there.
        F::UInt64 if !column.generated && !column.refers => "ANY",
        family if family.is_integer() => "INTEGER",
        _ => "TEXT",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn affinities_follow_the_documented_rules() {
        for (name, wanted) in [
            ("BIGINT UNSIGNED", Affinity::Integer),
            ("CHARINT", Affinity::Integer),
            ("varchar(20)", Affinity::Text),
            ("", Affinity::Blob),
            ("double precision", Affinity::Real),
            ("datetime", Affinity::Numeric),
            ("decimal(10,2)", Affinity::Numeric),
        ] {
            assert_eq!(affinity(name), wanted, "{name}");
        }
    }
}
