//! English plurals and singulars of the last word of a snake_case name.

/// Words that are the same in both.
const UNCOUNTABLE: &[&str] = &[
    "deer",
    "equipment",
    "feedback",
    "fish",
    "hardware",
    "information",
    "jeans",
    "metadata",
    "milk",
    "money",
    "news",
    "police",
    "rice",
    "salt",
    "series",
    "sheep",
    "software",
    "species",
    "staff",
];

/// Words with a plural of their own; also at the end of a longer word (`salesperson`).
const IRREGULAR: &[(&str, &str)] = &[
    ("person", "people"),
    ("child", "children"),
    ("woman", "women"),
    ("man", "men"),
    ("move", "moves"),
    ("sex", "sexes"),
    ("goose", "geese"),
    ("foot", "feet"),
    ("tooth", "teeth"),
    ("criterion", "criteria"),
    ("zombie", "zombies"),
    ("mombie", "mombies"),
];

/// Words that end in `man` and are not men.
const NOT_MEN: &[&str] = &[
    "human", "german", "roman", "ottoman", "shaman", "talisman", "norman",
];

/// Endings of plurals, the first that fits is taken: ending of the singular, of the plural.
const PLURAL: &[(&str, &str)] = &[
    ("quiz", "quizzes"),
    ("matrix", "matrices"),
    ("vertex", "vertices"),
    ("vertix", "vertices"),
    ("index", "indices"),
    ("alias", "aliases"),
    ("status", "statuses"),
    ("campus", "campuses"),
    ("virus", "viri"),
    ("octopus", "octopi"),
    ("buffalo", "buffaloes"),
    ("tomato", "tomatoes"),
    ("potato", "potatoes"),
    ("hero", "heroes"),
    ("echo", "echoes"),
    ("bus", "buses"),
    ("sis", "ses"),
    ("tum", "ta"),
    ("ium", "ia"),
    ("hive", "hives"),
    ("lf", "lves"),
    ("rf", "rves"),
    ("quy", "quies"),
    ("ch", "ches"),
    ("sh", "shes"),
    ("ss", "sses"),
    ("x", "xes"),
];

/// Endings of singulars, the first that fits is taken: ending of the plural, of the singular.
const SINGULAR: &[(&str, &str)] = &[
    ("quizzes", "quiz"),
    ("matrices", "matrix"),
    ("vertices", "vertex"),
    ("indices", "index"),
    ("aliases", "alias"),
    ("alias", "alias"),
    ("statuses", "status"),
    ("status", "status"),
    ("campuses", "campus"),
    ("campus", "campus"),
    ("viruses", "virus"),
    ("viri", "virus"),
    ("virus", "virus"),
    ("octopi", "octopus"),
    ("octopus", "octopus"),
    ("crises", "crisis"),
    ("analyses", "analysis"),
    ("diagnoses", "diagnosis"),
    ("parentheses", "parenthesis"),
    ("prognoses", "prognosis"),
    ("synopses", "synopsis"),
    ("theses", "thesis"),
    ("databases", "database"),
    ("bases", "base"),
    ("movies", "movie"),
    ("cookies", "cookie"),
    ("shoes", "shoe"),
    ("houses", "house"),
    ("caches", "cache"),
    ("buses", "bus"),
    ("oxen", "ox"),
    ("hives", "hive"),
    ("tives", "tive"),
    ("lves", "lf"),
    ("rves", "rf"),
    ("knives", "knife"),
    ("wives", "wife"),
    ("lives", "life"),
    ("quies", "quy"),
    ("sses", "ss"),
    ("shes", "sh"),
    ("ches", "ch"),
    ("xes", "x"),
    ("oes", "o"),
    ("sis", "sis"),
    ("ss", "ss"),
    ("us", "us"),
    ("ta", "tum"),
    ("ia", "ium"),
    ("s", ""),
];

/// The plural of the last word: `credit_card` is `credit_cards`, `person` is `people`.
///
/// # Examples
/// ```
/// assert_eq!(sinew_names::plural("company"), "companies");
/// assert_eq!(sinew_names::plural("flock_of_sheep"), "flock_of_sheep");
/// ```
pub fn plural(name: &str) -> String {
    last_word(name, plural_word)
}

/// The singular of the last word: `best_friends` is `best_friend`.
///
/// # Examples
/// ```
/// assert_eq!(sinew_names::singular("friends"), "friend");
/// assert_eq!(sinew_names::singular("people"), "person");
/// ```
pub fn singular(name: &str) -> String {
    last_word(name, singular_word)
}

fn last_word(name: &str, change: impl Fn(&str) -> String) -> String {
    match name.rsplit_once('_') {
        Some((head, last)) if !last.is_empty() => format!("{head}_{}", change(last)),
        _ => change(name),
    }
}

fn plural_word(word: &str) -> String {
    let lower = word.to_lowercase();
    if lower.is_empty() || UNCOUNTABLE.contains(&lower.as_str()) {
        return word.to_owned();
    }
    match lower.as_str() {
        "ox" => return format!("{word}en"),
        "oxen" | "mice" | "lice" => return word.to_owned(),
        "mouse" | "louse" => return replace_end(word, "ouse", "ice"),
        "axis" | "testis" => return replace_end(word, "is", "es"),
        _ => {}
    }
    if NOT_MEN.iter().any(|end| lower.ends_with(end)) {
        return format!("{word}s");
    }
    for (one, many) in IRREGULAR {
        if lower.ends_with(many) {
            return word.to_owned();
        }
        if lower.ends_with(one) {
            return replace_end(word, one, many);
        }
    }
    if let Some((one, many)) = PLURAL.iter().find(|(one, _)| lower.ends_with(one)) {
        return replace_end(word, one, many);
    }
    if lower.ends_with("fe") && !lower.ends_with("ffe") {
        return replace_end(word, "fe", "ves");
    }
    if lower.ends_with('y') && !ends_with_vowel(&lower, 'y') {
        return replace_end(word, "y", "ies");
    }
    if lower.ends_with('s') || lower.ends_with("ta") || lower.ends_with("ia") {
        return word.to_owned();
    }
    format!("{word}s")
}

fn singular_word(word: &str) -> String {
    let lower = word.to_lowercase();
    if UNCOUNTABLE.contains(&lower.as_str()) {
        return word.to_owned();
    }
    match lower.as_str() {
        "mice" | "lice" => return replace_end(word, "ice", "ouse"),
        "axes" => return replace_end(word, "es", "is"),
        _ => {}
    }
    for (one, many) in IRREGULAR {
        if lower.ends_with(many) && !(*many == "men" && lower.ends_with("umen")) {
            return replace_end(word, many, one);
        }
    }
    if let Some(stem) = lower
        .strip_suffix("ies")
        .filter(|stem| stem.chars().count() > 1)
        && !["movies", "cookies", "series", "zombies"]
            .iter()
            .any(|end| lower.ends_with(end))
        && !stem.ends_with(['a', 'e', 'i', 'o', 'u', 'y'])
    {
        return replace_end(word, "ies", "y");
    }
    match SINGULAR.iter().find(|(many, _)| lower.ends_with(many)) {
        Some((many, one)) => replace_end(word, many, one),
        None => word.to_owned(),
    }
}

/// Whether a vowel stands before the last letter.
fn ends_with_vowel(word: &str, last: char) -> bool {
    word.trim_end_matches(last)
        .ends_with(['a', 'e', 'i', 'o', 'u', 'y'])
}

fn replace_end(word: &str, end: &str, by: &str) -> String {
    let keep = word.len().saturating_sub(end.len());
    format!("{}{by}", word.get(..keep).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAIRS: &[(&str, &str)] = &[
        ("user", "users"),
        ("company", "companies"),
        ("person", "people"),
        ("salesperson", "salespeople"),
        ("child", "children"),
        ("woman", "women"),
        ("human", "humans"),
        ("box", "boxes"),
        ("match", "matches"),
        ("dish", "dishes"),
        ("address", "addresses"),
        ("class", "classes"),
        ("process", "processes"),
        ("status", "statuses"),
        ("alias", "aliases"),
        ("bus", "buses"),
        ("campus", "campuses"),
        ("day", "days"),
        ("category", "categories"),
        ("wife", "wives"),
        ("knife", "knives"),
        ("life", "lives"),
        ("wolf", "wolves"),
        ("shelf", "shelves"),
        ("hive", "hives"),
        ("mouse", "mice"),
        ("ox", "oxen"),
        ("axis", "axes"),
        ("matrix", "matrices"),
        ("vertex", "vertices"),
        ("index", "indices"),
        ("quiz", "quizzes"),
        ("datum", "data"),
        ("medium", "media"),
        ("analysis", "analyses"),
        ("diagnosis", "diagnoses"),
        ("crisis", "crises"),
        ("database", "databases"),
        ("movie", "movies"),
        ("cookie", "cookies"),
        ("shoe", "shoes"),
        ("tomato", "tomatoes"),
        ("photo", "photos"),
        ("house", "houses"),
        ("language", "languages"),
        ("order", "orders"),
        ("item", "items"),
        ("profile", "profiles"),
        ("image", "images"),
        ("tag", "tags"),
        ("foot", "feet"),
        ("sheep", "sheep"),
        ("fish", "fish"),
        ("series", "series"),
        ("news", "news"),
        ("species", "species"),
        ("equipment", "equipment"),
        ("credit_card", "credit_cards"),
        ("order_item", "order_items"),
        ("team_person", "team_people"),
    ];

    #[test]
    fn plurals() {
        for (one, many) in PAIRS {
            assert_eq!(plural(one), *many, "plural of {one}");
        }
    }

    #[test]
    fn singulars() {
        for (one, many) in PAIRS {
            assert_eq!(singular(many), *one, "singular of {many}");
        }
    }

    #[test]
    fn plurals_of_plurals_and_singulars_of_singulars_stay() {
        for name in [
            "people", "children", "women", "mice", "oxen", "users", "data", "media",
        ] {
            assert_eq!(plural(name), name);
        }
        for name in [
            "person", "status", "address", "friend", "bus", "analysis", "sheep",
        ] {
            assert_eq!(singular(name), name);
        }
    }

    #[test]
    fn odd_names_do_no_harm() {
        for name in ["", "_", "__", "a_", "ß", "日本"] {
            plural(name);
            singular(name);
        }
        assert_eq!(plural("x"), "xes");
        assert_eq!(singular("s"), "");
    }
}
