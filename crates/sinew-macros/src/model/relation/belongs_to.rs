use syn::Type;

use super::{Errors, Link, Site, list};
use crate::parse::plain;

pub(super) fn read(site: &Site<'_>, target: Type, optional: bool, errors: &mut Errors) -> Link {
    let references = site.attrs.words("references");
    let own = match site.attrs.words("foreign_key") {
        Some(words) => {
            let wanted = references.as_ref().map_or(words.len(), Vec::len);
            site.same_length(("foreign_key", words.len()), ("references", wanted), errors);
            site.named_columns(&words, errors)
        }
        None => {
            let names: Vec<_> = references.iter().flatten().map(plain).collect();
            by_convention(site, &names, errors)
        }
    };
    check_nullable(site, &target, optional, &own, errors);
    Link::BelongsTo {
        target,
        optional,
        own,
        references,
    }
}

/// `company_id` for `company`; with `references = code` first `company_code`.
fn by_convention(site: &Site<'_>, references: &[String], errors: &mut Errors) -> Vec<usize> {
    let field = plain(&site.field.ident);
    if references.len() > 1 {
        let names = references.iter().map(|key| format!("{field}_{key}"));
        let found: Option<Vec<_>> = names.map(|name| site.column(&name)).collect();
        return found.unwrap_or_else(|| missing(site, &format!("{field}_id"), errors));
    }
    let convention = references.first().map(|key| format!("{field}_{key}"));
    let names = convention.iter().cloned().chain([format!("{field}_id")]);
    if let Some(at) = names.filter_map(|name| site.column(&name)).next() {
        return vec![at];
    }
    let prefix = format!("{field}_");
    let columns = site.owner.columns.iter().enumerate();
    let found: Vec<_> = columns
        .filter(|(_, c)| c.field.starts_with(&prefix))
        .collect();
    match found.as_slice() {
        [] => missing(
            site,
            &convention.unwrap_or_else(|| format!("{field}_id")),
            errors,
        ),
        [(at, _)] => vec![*at],
        several => {
            let names: Vec<_> = several
                .iter()
                .map(|(_, column)| column.field.as_str())
                .collect();
            let message = format!(
                "which field is the key of `{}`? It may be {}: say `foreign_key = {}`",
                site.name(),
                list(&names),
                names.first().copied().unwrap_or_default()
            );
            errors.at(site.span(), message);
            Vec::new()
        }
    }
}

fn missing(site: &Site<'_>, wanted: &str, errors: &mut Errors) -> Vec<usize> {
    let candidates = site.candidates(wanted);
    let model = site.owner.ident;
    let message = if candidates.is_empty() {
        format!(
            "`{}` needs a key: add a field `{wanted}` to `{model}`",
            site.name()
        )
    } else {
        format!(
            "`{}` needs a key, and `{model}` has no field `{wanted}`: add it, or name one with \
             `foreign_key = …`; candidates: {}",
            site.name(),
            list(&candidates)
        )
    };
    errors.at(site.span(), message);
    Vec::new()
}

/// `BelongsTo<Option<T>>` and a nullable key go together, as far as the types' names tell.
fn check_nullable(
    site: &Site<'_>,
    target: &Type,
    optional: bool,
    own: &[usize],
    errors: &mut Errors,
) {
    let columns: Vec<_> = own
        .iter()
        .filter_map(|&at| site.owner.columns.get(at))
        .collect();
    let shown = quote::quote!(#target).to_string().replace(' ', "");
    if optional && !columns.is_empty() && columns.iter().all(|c| c.is_certainly_required()) {
        let names: Vec<_> = columns.iter().map(|column| column.field.as_str()).collect();
        let message = format!(
            "`{}` is optional, but its key {} is not: make the key an `Option`, or write \
             `BelongsTo<{shown}>`",
            site.name(),
            list(&names)
        );
        errors.tokens(&site.field.ty, message);
    }
    for column in columns
        .iter()
        .filter(|column| !optional && column.is_option())
    {
        let message = format!(
            "`{}` is required, but its key `{}` is an `Option`: write `BelongsTo<Option<{shown}>>`, \
             or make the key required",
            site.name(),
            column.field
        );
        errors.tokens(&site.field.ty, message);
    }
    let actions = [site.attrs.word("on_delete"), site.attrs.word("on_update")];
    for word in actions
        .into_iter()
        .flatten()
        .filter(|word| !optional && word == "set_null")
    {
        let message = format!(
            "`{}` is required, so its key cannot be set to NULL",
            site.name()
        );
        errors.at(word.span(), message);
    }
}
