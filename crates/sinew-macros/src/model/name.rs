use sinew_names::{Case, plural, snake};
use syn::Ident;

use super::{Attrs, Errors, closest, list};
use crate::parse::plain;

/// The table of a model.
pub(crate) fn table(ident: &Ident, attrs: &Attrs) -> String {
    let name = attrs.text("table").unwrap_or_else(|| {
        let name = snake(&plain(ident));
        if attrs.has("singular") {
            name
        } else {
            plural(&name)
        }
    });
    match attrs.text("table_prefix") {
        Some(prefix) if !attrs.has("table") => format!("{prefix}{name}"),
        _ => name,
    }
}

/// The case that `rename_all` names.
pub(crate) fn case(attrs: &Attrs, errors: &mut Errors) -> Option<Case> {
    let written = attrs.text("rename_all")?;
    known_case(&written, attrs.span("rename_all"), errors)
}

pub(crate) fn known_case(
    written: &str,
    span: proc_macro2::Span,
    errors: &mut Errors,
) -> Option<Case> {
    let found = Case::named(written);
    if found.is_none() {
        let names: Vec<_> = Case::ALL.iter().map(|(name, _)| *name).collect();
        let guess = closest(written, &names)
            .map_or_else(String::new, |near| format!("did you mean \"{near}\"? "));
        errors.at(
            span,
            format!(
                "unknown case \"{written}\"; {guess}there are {}",
                list(&names)
            ),
        );
    }
    found
}
