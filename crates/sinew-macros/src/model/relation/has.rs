use sinew_names::snake;
use syn::{Ident, Type};

use super::{Errors, Has, Link, OwnKey, Site, list};
use crate::parse::plain;

pub(super) fn read(site: &Site<'_>, target: Type, many: bool, errors: &mut Errors) -> Link {
    let polymorphic = ["polymorphic", "polymorphic_type", "polymorphic_id"];
    if polymorphic.iter().any(|word| site.attrs.has(word)) {
        return read_polymorphic(site, target, many, errors);
    }
    if let Some(item) = site.attrs.get("polymorphic_value") {
        errors.at(
            item.name.span(),
            "`polymorphic_value` goes with `polymorphic = …`",
        );
    }
    let own = site.own_key("references", errors);
    check_unique(site, &own, errors);
    let far = match site.attrs.words("foreign_key") {
        Some(words) => {
            if let OwnKey::Columns(columns) = &own {
                site.same_length(
                    ("foreign_key", words.len()),
                    ("references", columns.len()),
                    errors,
                );
            }
            words
        }
        None => by_convention(site, &own),
    };
    if site.is_self(&target) {
        check_self(site, &far, errors);
    }
    Link::Has(Has {
        target,
        many,
        own,
        far,
        polymorphic: None,
    })
}

/// `user_id` in the target, for the key `id` of `User`.
fn by_convention(site: &Site<'_>, own: &OwnKey) -> Vec<Ident> {
    let owner = snake(&plain(site.owner.ident));
    match own {
        OwnKey::Columns(columns) => columns
            .iter()
            .filter_map(|&at| site.owner.columns.get(at))
            .map(|column| site.ident(&format!("{owner}_{}", column.field)))
            .collect(),
        OwnKey::Primary => vec![site.ident(&format!("{owner}_id"))],
    }
}

/// A referenced column must be unique; the whole primary key is.
fn check_unique(site: &Site<'_>, own: &OwnKey, errors: &mut Errors) {
    let OwnKey::Columns(columns) = own else {
        return;
    };
    let [column] = columns.as_slice() else { return };
    if let Some(column) = site
        .owner
        .columns
        .get(*column)
        .filter(|column| !column.unique)
        && site.attrs.has("references")
    {
        let message = format!(
            "`{}::{}` is not unique, so it cannot be referenced: mark it `#[model(unique)]`",
            site.owner.ident, column.field
        );
        errors.at(site.attrs.span("references"), message);
    }
}

/// Targets of the same model: the key must be among the model's own fields.
fn check_self(site: &Site<'_>, far: &[Ident], errors: &mut Errors) {
    for word in far
        .iter()
        .filter(|word| site.column(&plain(word)).is_none())
    {
        let wanted = plain(word);
        let candidates = site.candidates(&wanted);
        let message = if site.attrs.has("foreign_key") {
            site.no_such_column(&wanted)
        } else if candidates.is_empty() {
            format!(
                "`{}` needs a key: add a field `{wanted}` to `{}`",
                site.name(),
                site.owner.ident
            )
        } else {
            format!(
                "which field is the key of `{}`? There is no `{wanted}`: say `foreign_key = {}`; \
                 candidates: {}",
                site.name(),
                candidates.first().copied().unwrap_or_default(),
                list(&candidates)
            )
        };
        errors.at(word.span(), message);
    }
}

fn read_polymorphic(site: &Site<'_>, target: Type, many: bool, errors: &mut Errors) -> Link {
    let prefix = site.attrs.word("polymorphic");
    if let Some(item) = site.attrs.get("polymorphic").filter(|_| prefix.is_none()) {
        let message =
            "say which: `polymorphic = owner` for the target's `owner_id` and `owner_type`";
        errors.at(item.name.span(), message);
    }
    site.excludes(
        "polymorphic",
        &["foreign_key", "constraint", "on_delete", "on_update"],
        errors,
    );
    let mut part = |word: &str, end: &str| match (site.attrs.word(word), &prefix) {
        (Some(named), _) => named,
        (None, Some(prefix)) => site.ident(&format!("{}_{end}", plain(prefix))),
        (None, None) => {
            if !site.attrs.has("polymorphic") {
                let message = format!("add `{word} = …`, or `polymorphic = …` for both");
                errors.at(site.span(), message);
            }
            site.ident(end)
        }
    };
    let id = part("polymorphic_id", "id");
    let kind = part("polymorphic_type", "type");
    let own = site.own_key("references", errors);
    if let OwnKey::Columns(columns) = &own
        && columns.len() > 1
    {
        let message = format!(
            "a polymorphic key is one column, and `{}` has a key of {}: name one of them with \
             `references = …`",
            site.owner.ident,
            columns.len()
        );
        errors.at(site.span(), message);
    }
    let value = site.attrs.text("polymorphic_value");
    Link::Has(Has {
        target,
        many,
        own,
        far: vec![id],
        polymorphic: Some((kind, value)),
    })
}
