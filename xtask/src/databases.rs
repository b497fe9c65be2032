//! The databases that the tests run on.

use std::collections::HashSet;

use crate::results::Case;

pub(crate) struct Database {
    pub(crate) name: &'static str,
    /// The words that name it in a test's path: as a module, or at the end of a function's name.
    words: &'static [&'static str],
}

/// A test that names none runs on the first.
pub(crate) const DATABASES: [Database; 3] = [
    Database {
        name: "SQLite",
        words: &["sqlite"],
    },
    Database {
        name: "PostgreSQL",
        words: &["postgres", "postgresql"],
    },
    Database {
        name: "MariaDB",
        words: &["mysql", "mariadb"],
    },
];

/// Packages whose own tests open no database.
const WITHOUT_DATABASE: [&str; 5] = [
    "sinew-names",
    "sinew-core",
    "sinew-sql",
    "sinew-macros",
    "xtask",
];

/// Files of tests that open none: what must not compile.
const WITHOUT_DATABASE_FILES: [&str; 1] = ["ui"];

/// The database that a case ran on; `None` where it needs none.
pub(crate) fn of(case: &Case) -> Option<&'static str> {
    let file = case.binary.rsplit("::").next().unwrap_or_default();
    if WITHOUT_DATABASE.contains(&case.package.as_str()) || WITHOUT_DATABASE_FILES.contains(&file) {
        return None;
    }
    let names_it = |database: &&Database| {
        let places = [&case.package, &case.binary, &case.name];
        let mut words = places
            .into_iter()
            .flat_map(|place| place.split(['_', '-', ':']));
        words.any(|word| database.words.contains(&word))
    };
    Some(
        DATABASES
            .iter()
            .find(names_it)
            .unwrap_or(&DATABASES[0])
            .name,
    )
}

/// Whether a case runs on a database that has to be started first.
pub(crate) fn needs_server(case: &Case) -> bool {
    of(case).is_some_and(|name| name != DATABASES[0].name)
}

/// What a case needs that not every database can do: `pipelining` in
/// `needs_pipelining::postgres::saves`.
pub(crate) fn need(case: &Case) -> Option<String> {
    let need = |segment: &str| Some(segment.strip_prefix("needs_")?.replace('_', " "));
    let (modules, _function) = case.name.rsplit_once("::")?;
    modules.split("::").find_map(need)
}

/// Databases that a case lacks which runs on the first one as a module of its own (`x::sqlite::y`),
/// and is therefore meant for all. Each with the case.
pub(crate) fn lacking(cases: &[Case]) -> Vec<(&'static str, &Case)> {
    let places: HashSet<_> = cases.iter().filter_map(place).collect();
    let mut lacking = Vec::new();
    for case in cases {
        let Some((binary, before, database, function)) = place(case) else {
            continue;
        };
        let others = DATABASES[1..].iter().map(|other| other.name);
        lacking.extend(
            others
                .filter(|_| database == DATABASES[0].name)
                .filter(|&other| !places.contains(&(binary, before, other, function)))
                .map(|other| (other, case)),
        );
    }
    lacking
}

/// The program of a case, the modules around that of the database, the database, the function.
fn place(case: &Case) -> Option<(&str, &str, &'static str, &str)> {
    let (modules, function) = case.name.rsplit_once("::")?;
    let (before, word) = modules.rsplit_once("::").unwrap_or(("", modules));
    let database = DATABASES.iter().find(|db| db.words.contains(&word))?;
    Some((&case.binary, before, database.name, function))
}

/// Whether a part of a test's path is this function's name, with or without a database at its end.
pub(crate) fn is_function(segment: &str, function: &str) -> bool {
    let Some(rest) = segment.strip_prefix(function) else {
        return false;
    };
    let mut words = DATABASES.iter().flat_map(|database| database.words);
    rest.is_empty() || words.any(|word| rest.strip_prefix('_') == Some(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(binary: &str, name: &str) -> Case {
        Case {
            package: binary.split("::").next().unwrap_or_default().into(),
            binary: binary.into(),
            name: name.into(),
            passed: true,
        }
    }

    #[test]
    fn a_case_tells_its_database_and_what_it_needs() {
        let of = |binary, name| super::of(&case(binary, name));
        assert_eq!(of("suite::trips", "x::mysql::saves"), Some("MariaDB"));
        assert_eq!(of("suite::trips", "saves_postgres"), Some("PostgreSQL"));
        assert_eq!(of("sinew::send", "saves"), Some("SQLite"));
        assert_eq!(of("sinew::ui", "compile_fail"), None);
        let need = |name| super::need(&case("suite::trips", name));
        assert_eq!(
            need("needs_row_locks::postgres::saves").as_deref(),
            Some("row locks")
        );
        assert_eq!(need("postgres::needs_nothing"), None);
    }

    #[test]
    fn a_case_of_the_first_database_is_wanted_on_all() {
        let mut cases = vec![
            case("suite::one", "a::sqlite::saves"),
            case("suite::one", "a::postgres::saves"),
            case("suite::one", "b::mysql::saves"),
            case("migrate", "dialect::sqlite::tests::reads"),
            case("suite::one", "needs_pipelining::postgres::finds"),
        ];
        let lacking: Vec<_> = super::lacking(&cases)
            .iter()
            .map(|(database, case)| (*database, case.name.clone()))
            .collect();
        assert_eq!(lacking, [("MariaDB", "a::sqlite::saves".to_string())]);
        cases.push(case("suite::one", "a::mysql::saves"));
        assert!(super::lacking(&cases).is_empty());
    }
}
