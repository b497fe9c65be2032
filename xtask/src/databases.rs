//! The databases that the tests run on.

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

/// The database that a case ran on.
pub(crate) fn of(case: &Case) -> Option<&'static str> {
    if WITHOUT_DATABASE.contains(&case.package.as_str()) {
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

/// Whether a part of a test's path is this function's name, with or without a database at its end.
pub(crate) fn is_function(segment: &str, function: &str) -> bool {
    let Some(rest) = segment.strip_prefix(function) else {
        return false;
    };
    let mut words = DATABASES.iter().flat_map(|database| database.words);
    rest.is_empty() || words.any(|word| rest.strip_prefix('_') == Some(word))
}
