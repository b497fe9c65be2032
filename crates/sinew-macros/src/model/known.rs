//! The attributes there are, where each belongs and what it takes.

use proc_macro2::Span;
use syn::{Ident, Lit};

use super::{Errors, closest, list};
use crate::parse::{Atom, Item, Value, plain};

/// What carries an attribute.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Column,
    Embedded,
    Skipped,
    BelongsTo,
    HasOne,
    HasMany,
    ManyToMany,
    BelongsToAny,
    Model,
    EmbeddedStruct,
}

impl Place {
    const ALL: &'static [(Self, &'static str)] = &[
        (Self::Column, "a column"),
        (Self::Embedded, "an embedded struct"),
        (Self::Skipped, "a skipped field"),
        (Self::BelongsTo, "a `BelongsTo`"),
        (Self::HasOne, "a `HasOne`"),
        (Self::HasMany, "a `HasMany`"),
        (Self::ManyToMany, "a `ManyToMany`"),
        (Self::BelongsToAny, "a `BelongsToAny`"),
        (Self::Model, "the model itself"),
        (Self::EmbeddedStruct, "an embedded struct's own definition"),
    ];

    fn words(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(place, _)| *place == self)
            .map_or("", |(_, words)| words)
    }
}

/// What an attribute takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    Flag,
    FlagOrFalse,
    FlagOrText,
    FlagOrWord,
    Text,
    Number,
    Precision,
    Word,
    Words,
    Texts,
    Action,
    Default,
    Check,
    Constraint,
    Index,
}

struct Known {
    name: &'static str,
    takes: Takes,
    places: &'static [Place],
    example: &'static str,
}

const fn known(
    name: &'static str,
    takes: Takes,
    places: &'static [Place],
    example: &'static str,
) -> Known {
    Known {
        name,
        takes,
        places,
        example,
    }
}

use Place::{
    BelongsTo, BelongsToAny, Column, Embedded, EmbeddedStruct, HasMany, HasOne, ManyToMany, Model,
    Skipped,
};

const HAS: &[Place] = &[HasOne, HasMany];
const KEYED: &[Place] = &[BelongsTo, HasOne, HasMany, ManyToMany];

const KNOWN: &[Known] = &[
    known(
        "primary_key",
        Takes::Flag,
        &[Column, Embedded],
        "primary_key",
    ),
    known(
        "auto_increment",
        Takes::FlagOrFalse,
        &[Column],
        "auto_increment` or `auto_increment = false",
    ),
    known("column", Takes::Text, &[Column], "column = \"full_name\""),
    known("sql_type", Takes::Text, &[Column], "sql_type = \"CHAR(2)\""),
    known("size", Takes::Number, &[Column], "size = 100"),
    known(
        "precision",
        Takes::Precision,
        &[Column],
        "precision = (10, 2)",
    ),
    known("unique", Takes::Flag, &[Column], "unique"),
    known(
        "unique_index",
        Takes::FlagOrText,
        &[Column],
        "unique_index` or `unique_index = \"name\"",
    ),
    known(
        "index",
        Takes::FlagOrText,
        &[Column],
        "index` or `index = \"name\"",
    ),
    known(
        "default",
        Takes::Default,
        &[Column],
        "default = 7`, `default = \"text\"` or `default = sql(\"now()\")",
    ),
    known(
        "check",
        Takes::Check,
        &[Column, Model, EmbeddedStruct],
        "check = \"age > 13\"` or `check(\"age > 13\", name = \"adult\")",
    ),
    known("created_at", Takes::Flag, &[Column], "created_at"),
    known("updated_at", Takes::Flag, &[Column], "updated_at"),
    known("json", Takes::Flag, &[Column], "json"),
    known("comment", Takes::Text, &[Column, Model], "comment = \"…\""),
    known("embedded", Takes::Flag, &[Embedded], "embedded"),
    known("prefix", Takes::Text, &[Embedded], "prefix = \"author_\""),
    known("skip", Takes::Flag, &[Skipped], "skip"),
    known(
        "foreign_key",
        Takes::Words,
        KEYED,
        "foreign_key = user_id` or `foreign_key = (user_id, location_id)",
    ),
    known(
        "references",
        Takes::Words,
        KEYED,
        "references = code` or `references = (id, location_id)",
    ),
    known(
        "join_table",
        Takes::Text,
        &[ManyToMany],
        "join_table = \"user_languages\"",
    ),
    known(
        "join_foreign_key",
        Takes::Texts,
        &[ManyToMany],
        "join_foreign_key = \"user_id\"",
    ),
    known(
        "join_references",
        Takes::Texts,
        &[ManyToMany],
        "join_references = \"language_id\"",
    ),
    known(
        "polymorphic",
        Takes::FlagOrWord,
        &[HasOne, HasMany, BelongsToAny],
        "polymorphic = owner",
    ),
    known(
        "polymorphic_type",
        Takes::Word,
        &[HasOne, HasMany, BelongsToAny],
        "polymorphic_type = owner_type",
    ),
    known(
        "polymorphic_id",
        Takes::Word,
        &[HasOne, HasMany, BelongsToAny],
        "polymorphic_id = owner_id",
    ),
    known(
        "polymorphic_value",
        Takes::Text,
        HAS,
        "polymorphic_value = \"user\"",
    ),
    known(
        "through",
        Takes::Words,
        &[HasMany],
        "through = (orders, items)",
    ),
    known("on_update", Takes::Action, KEYED, "on_update = cascade"),
    known("on_delete", Takes::Action, KEYED, "on_delete = set_null"),
    known(
        "constraint",
        Takes::Constraint,
        KEYED,
        "constraint = false` or `constraint = \"name\"",
    ),
    known(
        "soft_cascade",
        Takes::Flag,
        &[HasOne, HasMany, ManyToMany],
        "soft_cascade",
    ),
    known(
        "no_index",
        Takes::Flag,
        &[Column, BelongsTo, BelongsToAny],
        "no_index",
    ),
    known("table", Takes::Text, &[Model], "table = \"people\""),
    known(
        "table_prefix",
        Takes::Text,
        &[Model],
        "table_prefix = \"app_\"",
    ),
    known("singular", Takes::Flag, &[Model], "singular"),
    known(
        "rename_all",
        Takes::Text,
        &[Model, EmbeddedStruct],
        "rename_all = \"camelCase\"",
    ),
    known("hooks", Takes::Flag, &[Model], "hooks"),
    known(
        "index",
        Takes::Index,
        &[Model, EmbeddedStruct],
        "index(columns(a, b), name = \"…\", unique)",
    ),
];

/// What other libraries call things, and what is meant here.
const ELSEWHERE: &[(&str, &str)] = &[
    ("many2many", "`join_table = \"…\"` on a `ManyToMany` field"),
    (
        "many_to_many",
        "`join_table = \"…\"` on a `ManyToMany` field",
    ),
    (
        "not_null",
        "the type: every column that is not an `Option` is NOT NULL; remove it",
    ),
    ("null", "an `Option<…>` as the field's type"),
    ("nullable", "an `Option<…>` as the field's type"),
    ("type", "`sql_type = \"…\"`"),
    ("rename", "`column = \"…\"`"),
    ("name", "`column = \"…\"`"),
    ("id", "`primary_key`"),
    ("key", "`primary_key`"),
    ("autoincrement", "`auto_increment`"),
    ("embedded_prefix", "`prefix = \"…\"`"),
    ("table_name", "`table = \"…\"`"),
    ("ignore", "`skip`"),
    ("auto_create_time", "`created_at`"),
    ("auto_update_time", "`updated_at`"),
    ("serializer", "`json`"),
    ("length", "`size = 100`"),
    ("max_length", "`size = 100`"),
    ("belongs_to", "a field of type `BelongsTo<…>`"),
    ("has_many", "a field of type `HasMany<…>`"),
    ("has_one", "a field of type `HasOne<…>`"),
];

/// The words for what happens to referring rows.
pub(crate) const ACTIONS: &[(&str, &str)] = &[
    ("cascade", "Cascade"),
    ("set_null", "SetNull"),
    ("set_default", "SetDefault"),
    ("restrict", "Restrict"),
    ("no_action", "NoAction"),
];

/// The attributes of one place, each known there, written once and of the right form.
#[derive(Default)]
pub(crate) struct Attrs(Vec<Item>);

impl Attrs {
    /// Checks the entries written at one place.
    pub(crate) fn read(items: &[Item], place: Place, errors: &mut Errors) -> Self {
        let mut good: Vec<Item> = Vec::new();
        for item in items {
            let name = plain(&item.name);
            let Some(known) = find(&name, place) else {
                misplaced(&item.name, &name, place, errors);
                continue;
            };
            let repeats = matches!(known.takes, Takes::Index)
                || (matches!(known.takes, Takes::Check) && matches!(place, Model | EmbeddedStruct));
            if !repeats && good.iter().any(|seen| seen.name == item.name) {
                errors.at(item.name.span(), format!("`{name}` is written twice"));
            } else if known.takes.admits(&item.value) {
                good.push(item.clone());
            } else {
                let message = format!("{}: write `{}`", known.takes.wants(&name), known.example);
                errors.at(item.value_span(), message);
            }
        }
        Self(good)
    }

    /// The entries of this name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Item> {
        self.0.iter().filter(move |item| item.name == name)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Item> {
        self.0.iter().find(|item| item.name == name)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Where an entry's value stands.
    pub(crate) fn span(&self, name: &str) -> Span {
        self.get(name)
            .map_or_else(Span::call_site, Item::value_span)
    }

    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.texts(name)?.into_iter().next().map(|(text, _)| text)
    }

    pub(crate) fn texts(&self, name: &str) -> Option<Vec<(String, Span)>> {
        let texts = atoms(&self.get(name)?.value).iter().filter_map(text_of);
        Some(texts.collect()).filter(|texts: &Vec<_>| !texts.is_empty())
    }

    pub(crate) fn word(&self, name: &str) -> Option<Ident> {
        self.words(name)?.into_iter().next()
    }

    pub(crate) fn words(&self, name: &str) -> Option<Vec<Ident>> {
        let words = atoms(&self.get(name)?.value).iter().filter_map(word_of);
        Some(words.collect()).filter(|words: &Vec<_>| !words.is_empty())
    }

    pub(crate) fn number(&self, name: &str) -> Option<u32> {
        self.numbers(name).first().copied()
    }

    pub(crate) fn numbers(&self, name: &str) -> Vec<u32> {
        let Some(item) = self.get(name) else {
            return Vec::new();
        };
        atoms(&item.value).iter().filter_map(number_of).collect()
    }

    /// Whether the entry says `= false`.
    pub(crate) fn is_false(&self, name: &str) -> bool {
        self.get(name)
            .is_some_and(|item| truth(&item.value) == Some(false))
    }

    /// The `ReferentialAction` variant that the entry's word stands for.
    pub(crate) fn action(&self, name: &str, errors: &mut Errors) -> Option<(&'static str, Span)> {
        let word = self.word(name)?;
        let written = plain(&word);
        if let Some((_, variant)) = ACTIONS.iter().find(|(known, _)| *known == written) {
            return Some((variant, word.span()));
        }
        let words: Vec<_> = ACTIONS.iter().map(|(known, _)| *known).collect();
        let message = match closest(&written, &words) {
            Some(near) => format!(
                "unknown action `{written}`; did you mean `{near}`? There are {}",
                list(&words)
            ),
            None => format!("unknown action `{written}`; there are {}", list(&words)),
        };
        errors.at(word.span(), message);
        None
    }
}

/// The atoms of a value, however it is written.
pub(crate) fn atoms(value: &Value) -> &[Atom] {
    match value {
        Value::One(atom) => std::slice::from_ref(atom),
        Value::Tuple(atoms, _) => atoms,
        _ => &[],
    }
}

pub(crate) fn text_of(atom: &Atom) -> Option<(String, Span)> {
    match atom {
        Atom::Literal(literal) => match &literal.lit {
            Lit::Str(text) if !literal.negative => Some((text.value(), text.span())),
            _ => None,
        },
        Atom::Word(_) => None,
    }
}

pub(crate) fn word_of(atom: &Atom) -> Option<Ident> {
    match atom {
        Atom::Word(word) => Some(word.clone()),
        Atom::Literal(_) => None,
    }
}

fn number_of(atom: &Atom) -> Option<u32> {
    match atom {
        Atom::Literal(literal) if !literal.negative => match &literal.lit {
            Lit::Int(number) => number.base10_parse().ok(),
            _ => None,
        },
        _ => None,
    }
}

fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::One(Atom::Literal(literal)) => match &literal.lit {
            Lit::Bool(truth) => Some(truth.value),
            _ => None,
        },
        Value::One(Atom::Word(word)) => match plain(word).as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

impl Takes {
    /// Whether a value has this form.
    fn admits(self, value: &Value) -> bool {
        let atoms = atoms(value);
        let one = matches!(value, Value::One(_));
        let flag = matches!(value, Value::Flag);
        let text = one && atoms.iter().all(|atom| text_of(atom).is_some());
        let word =
            one && truth(value).is_none() && atoms.iter().all(|atom| word_of(atom).is_some());
        let number = one
            && atoms
                .iter()
                .all(|atom| number_of(atom).is_some_and(|n| n > 0));
        let several = matches!(value, Value::Tuple(..)) && !atoms.is_empty();
        match self {
            Self::Flag => flag,
            Self::FlagOrFalse => flag || truth(value).is_some(),
            Self::FlagOrText => flag || text,
            Self::FlagOrWord => flag || word,
            Self::Text => text,
            Self::Number => number,
            Self::Precision => {
                number
                    || (several
                        && atoms.len() == 2
                        && atoms
                            .iter()
                            .all(|atom| number_of(atom).is_some_and(|n| n < 256)))
            }
            Self::Word | Self::Action => word,
            Self::Words => word || (several && atoms.iter().all(|atom| word_of(atom).is_some())),
            Self::Texts => text || (several && atoms.iter().all(|atom| text_of(atom).is_some())),
            Self::Default => match value {
                Value::Sql(..) => true,
                Value::One(Atom::Literal(_)) => true,
                value => truth(value).is_some(),
            },
            Self::Check => text || matches!(value, Value::List(..)),
            Self::Constraint => text || truth(value) == Some(false),
            Self::Index => matches!(value, Value::List(..)),
        }
    }

    fn wants(self, name: &str) -> String {
        match self {
            Self::Flag => format!("`{name}` takes no value"),
            Self::FlagOrFalse => format!("`{name}` stands alone or is `false`"),
            Self::FlagOrText => format!("`{name}` stands alone or takes a string"),
            Self::FlagOrWord => format!("`{name}` stands alone or takes a name without quotes"),
            Self::Text => format!("`{name}` takes a string"),
            Self::Number => format!("`{name}` takes a number above zero"),
            Self::Precision => {
                format!("`{name}` takes the number of digits, in all and after the point")
            }
            Self::Word => format!("`{name}` takes a field's name without quotes"),
            Self::Words => format!("`{name}` takes one or several names without quotes"),
            Self::Texts => format!("`{name}` takes one or several strings"),
            Self::Action => format!("`{name}` takes a word"),
            Self::Default => format!("`{name}` takes a literal or SQL"),
            Self::Check => format!("`{name}` takes a condition as a string"),
            Self::Constraint => format!("`{name}` takes `false` or a name"),
            Self::Index => format!("`{name}` takes a list"),
        }
    }
}

fn find(name: &str, place: Place) -> Option<&'static Known> {
    KNOWN
        .iter()
        .find(|known| known.name == name && known.places.contains(&place))
}

/// Says what is wrong with an attribute that is not known at `place`.
fn misplaced(ident: &Ident, name: &str, place: Place, errors: &mut Errors) {
    let here: Vec<_> = KNOWN
        .iter()
        .filter(|known| known.places.contains(&place))
        .map(|known| known.name)
        .collect();
    let places: Vec<_> = KNOWN
        .iter()
        .filter(|known| known.name == name)
        .flat_map(|known| known.places)
        .collect();
    let message = if let Some((_, meant)) = ELSEWHERE.iter().find(|(other, _)| *other == name) {
        format!("unknown attribute `{name}`; Sinew says it with {meant}")
    } else if places.is_empty() {
        let names: Vec<_> = KNOWN.iter().map(|known| known.name).collect();
        let near = closest(name, &here).or_else(|| closest(name, &names));
        let guess = near.map_or_else(String::new, |near| format!("did you mean `{near}`? "));
        format!(
            "unknown attribute `{name}`; {guess}{} takes {}",
            capital(place.words()),
            list(&here)
        )
    } else {
        let places: Vec<_> = places.iter().map(|place| place.words()).collect();
        format!(
            "`{name}` belongs on {}, not on {}",
            places.join(", "),
            place.words()
        )
    };
    errors.at(ident.span(), message);
}

fn capital(words: &str) -> String {
    let mut chars = words.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}
