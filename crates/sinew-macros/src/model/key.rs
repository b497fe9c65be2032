use syn::Ident;

use super::{Column, Embedded, Errors};

/// Where the primary key is.
pub(crate) enum Key {
    /// These columns, in field order.
    Columns(Vec<usize>),
    /// Whatever key this embedded struct holds.
    Embedded(usize),
    /// Nowhere; an embedded struct need not have one.
    None,
}

/// Which key column the database numbers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Generated {
    /// The only one, if it is an integer.
    Auto,
    Never,
    Column(usize),
}

impl Key {
    /// The key that the fields make.
    pub(crate) fn find(columns: &[Column], embedded: &[Embedded]) -> Self {
        let marked: Vec<_> = positions(columns, Column::is_key);
        if !marked.is_empty() {
            return Self::Columns(marked);
        }
        if let Some(at) = embedded.iter().position(|e| e.attrs.has("primary_key")) {
            return Self::Embedded(at);
        }
        let by_name = positions(columns, |column| column.field == "id");
        if !by_name.is_empty() {
            return Self::Columns(by_name);
        }
        match embedded.iter().position(|e| e.prefix.is_empty()) {
            Some(at) => Self::Embedded(at),
            None => Self::None,
        }
    }

    /// What a model's key must be.
    pub(crate) fn check(
        &self,
        model: &Ident,
        columns: &[Column],
        embedded: &[Embedded],
        errors: &mut Errors,
    ) {
        match self {
            Self::None => errors.at(
                model.span(),
                format!(
                    "`{model}` has no primary key: add a field `id: i64`, or mark one with \
                     `#[model(primary_key)]`"
                ),
            ),
            Self::Columns(key) => {
                let by_name = key.iter().filter_map(|&at| columns.get(at));
                for column in by_name.filter(|c| !c.is_key() && c.is_option()) {
                    errors.tokens(&column.ty, "the primary key `id` cannot be an `Option`");
                }
            }
            Self::Embedded(at) => {
                if let Some(e) = embedded.get(*at).filter(|e| !e.prefix.is_empty()) {
                    let message = "an embedded struct that holds the primary key takes no prefix";
                    errors.at(e.attrs.span("prefix"), message);
                }
            }
        }
    }

    pub(crate) fn generated(&self, columns: &[Column], errors: &mut Errors) -> Generated {
        let mut found = Generated::Auto;
        for (at, column) in columns.iter().enumerate() {
            let Some(item) = column.attrs.get("auto_increment") else {
                continue;
            };
            if !matches!(self, Self::Columns(key) if key.contains(&at)) {
                let message = format!(
                    "only a primary key is numbered by the database, and `{}` is none",
                    column.field
                );
                errors.at(item.name.span(), message);
            } else if column.attrs.is_false("auto_increment") {
                if found == Generated::Auto {
                    found = Generated::Never;
                }
            } else if matches!(found, Generated::Column(_)) {
                errors.at(
                    item.name.span(),
                    "the database numbers one column of a table: keep one",
                );
            } else {
                found = Generated::Column(at);
            }
        }
        found
    }
}

fn positions(columns: &[Column], wanted: impl Fn(&Column) -> bool) -> Vec<usize> {
    columns
        .iter()
        .enumerate()
        .filter(|(_, column)| wanted(column))
        .map(|(at, _)| at)
        .collect()
}
