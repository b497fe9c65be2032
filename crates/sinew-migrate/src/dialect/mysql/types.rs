use sinew_core::value::TypeFamily as F;
use sinew_sql::Dialect as _;
use sinew_sql::ddl::Column;
use sinew_sql::dialect::mysql::MySql;

/// A type as the server spells it, taken apart.
#[derive(Debug, PartialEq)]
struct Type {
    name: String,
    arguments: Vec<u32>,
    unsigned: bool,
}

fn parse(text: &str) -> Type {
    let text = text.trim().to_ascii_lowercase();
    let (head, rest) = text.split_once('(').unwrap_or((&text, ""));
    let (inside, _) = rest.split_once(')').unwrap_or((rest, ""));
    let mut name = head
        .split_whitespace()
        .next()
        .unwrap_or_default()
        .to_owned();
    if head.starts_with("double") {
        name = "double".into();
    }
    let alias = match name.as_str() {
        "integer" => "int",
        "boolean" | "bool" => "tinyint",
        "numeric" | "dec" | "fixed" => "decimal",
        "real" => "double",
        other => other,
    };
    Type {
        name: alias.to_owned(),
        arguments: inside
            .split(',')
            .filter_map(|part| part.trim().parse().ok())
            .collect(),
        unsigned: text.contains("unsigned"),
    }
}

/// The bits of an integer type.
fn bits(name: &str) -> Option<u32> {
    Some(match name {
        "tinyint" => 8,
        "smallint" => 16,
        "mediumint" => 24,
        "int" => 32,
        "bigint" => 64,
        _ => return None,
    })
}

/// What a type of texts or bytes holds at most.
fn capacity(known: &Type) -> Option<u32> {
    Some(match known.name.as_str() {
        "char" | "varchar" | "binary" | "varbinary" => {
            known.arguments.first().copied().unwrap_or(1)
        }
        "tinytext" | "tinyblob" => 255,
        "text" | "blob" => 65_535,
        "mediumtext" | "mediumblob" => 16_777_215,
        "longtext" | "longblob" | "json" => u32::MAX,
        _ => return None,
    })
}

/// Whether an index can only hold the beginning of values of this type.
pub(super) fn is_long(type_name: &str) -> bool {
    let name = parse(type_name).name;
    name.ends_with("text") || name.ends_with("blob") || name == "json"
}

/// Whether a column declared like this keeps the model's values as they are.
pub(super) fn holds(type_name: &str, wanted: &Column) -> bool {
    let known = parse(type_name);
    let name = known.name.as_str();
    if let Some(exact) = &wanted.exact {
        return exact_holds(&known, type_name, exact);
    }
    match wanted.family {
        F::Bool => bits(name).is_some() || name == "bit",
        family if family.is_integer() => integer_holds(&known, &parse(&MySql.type_name(wanted))),
        F::Text => {
            let text = name.ends_with("char") || name.ends_with("text") || name == "json";
            // A text without a length is not widened where somebody gave it one.
            let long = wanted
                .size
                .is_none_or(|size| capacity(&known) >= Some(size));
            (text && long) || name == "enum"
        }
        F::Enum(_) => name.ends_with("char") || name.ends_with("text") || name == "enum",
        F::Bytes => {
            let bytes = name.ends_with("binary") || name.ends_with("blob");
            bytes
                && wanted
                    .size
                    .is_none_or(|size| capacity(&known) >= Some(size))
        }
        F::Uuid => {
            (name.ends_with("binary") || name.ends_with("blob")) && capacity(&known) >= Some(16)
        }
        F::Float32 => matches!(name, "float" | "double" | "decimal"),
        F::Float64 => matches!(name, "double" | "decimal"),
        F::Timestamp | F::DateTime => {
            matches!(name, "datetime" | "timestamp") && known.arguments == [6]
        }
        F::Time => name == "time" && known.arguments == [6],
        F::Date => matches!(name, "date" | "datetime"),
        F::Decimal => decimal_holds(&known, wanted.precision),
        F::Json => matches!(name, "json" | "longtext" | "mediumtext" | "text"),
        _ => true,
    }
}

fn exact_holds(known: &Type, type_name: &str, exact: &str) -> bool {
    let wanted = parse(exact);
    let plain = |text: &str| text.to_ascii_lowercase().replace(' ', "");
    if plain(type_name) == plain(exact) {
        return true;
    }
    // MariaDB keeps JSON as a long text; display widths come and go with versions.
    let same_name = known.name == wanted.name || wanted.name == "json" && known.name == "longtext";
    let widths = bits(&known.name).is_some() || wanted.arguments.is_empty();
    same_name
        && known.unsigned == wanted.unsigned
        && (widths || known.arguments == wanted.arguments)
}

fn integer_holds(known: &Type, wanted: &Type) -> bool {
    let (Some(known_bits), Some(wanted_bits)) = (bits(&known.name), bits(&wanted.name)) else {
        return known.name == "decimal";
    };
    match (known.unsigned, wanted.unsigned) {
        (false, true) => known_bits > wanted_bits,
        (true, false) => false,
        _ => known_bits >= wanted_bits,
    }
}

fn decimal_holds(known: &Type, precision: Option<(u8, u8)>) -> bool {
    if known.name != "decimal" {
        return false;
    }
    let Some((digits, scale)) = precision else {
        return true;
    };
    let (digits, scale) = (u32::from(digits), u32::from(scale));
    let known_digits = known.arguments.first().copied().unwrap_or(10);
    let known_scale = known.arguments.get(1).copied().unwrap_or(0);
    known_scale >= scale && known_digits.saturating_sub(known_scale) >= digits.saturating_sub(scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(family: F) -> Column {
        Column {
            name: "c".into(),
            family,
            exact: None,
            size: None,
            precision: None,
            nullable: false,
            default: None,
            generated: false,
            refers: false,
            comment: None,
        }
    }

    #[test]
    fn spellings_of_the_same() {
        for (known, family) in [
            ("bigint(20)", F::Int64),
            ("int(10) unsigned", F::UInt32),
            ("bigint(20)", F::UInt32),
            ("tinyint(1)", F::Bool),
            ("text", F::Text),
            ("varchar(100)", F::Text),
            ("longtext", F::Json),
            ("timestamp(6)", F::Timestamp),
            ("decimal(10,2)", F::Decimal),
        ] {
            assert!(holds(known, &column(family)), "{known}");
        }
        for (known, family) in [
            ("int(11)", F::Int64),
            ("bigint(20)", F::UInt64),
            ("datetime", F::Timestamp),
            ("float", F::Float64),
            ("int(11)", F::Text),
        ] {
            assert!(!holds(known, &column(family)), "{known}");
        }
        let sized = Column {
            size: Some(200),
            ..column(F::Text)
        };
        assert!(!holds("varchar(100)", &sized) && holds("varchar(300)", &sized));
        let exact = Column {
            exact: Some("INT UNSIGNED".into()),
            ..column(F::UInt32)
        };
        assert!(holds("int(10) unsigned", &exact) && !holds("int(10)", &exact));
    }
}
