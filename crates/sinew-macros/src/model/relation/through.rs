use syn::Type;

use super::{Errors, Link, Site, closest, list};
use crate::parse::plain;

pub(super) fn read(site: &Site<'_>, target: Type, errors: &mut Errors) -> Link {
    const OTHERS: &[&str] = &[
        "foreign_key",
        "references",
        "polymorphic",
        "polymorphic_type",
        "polymorphic_id",
        "polymorphic_value",
        "on_update",
        "on_delete",
        "constraint",
        "soft_cascade",
    ];
    site.excludes("through", OTHERS, errors);
    let path = site.attrs.words("through").unwrap_or_default();
    if path.len() < 2 {
        let message = "a way through needs two associations at least: `through = (orders, items)`";
        errors.at(site.attrs.span("through"), message);
    }
    let own = site.owner.associations;
    let first = path.first().and_then(|step| {
        let name = plain(step);
        if name == plain(&site.field.ident) {
            errors.at(
                step.span(),
                format!("`{}` cannot go through itself", site.name()),
            );
            return None;
        }
        let found = own.iter().find(|(ident, _)| plain(ident) == name);
        if found.is_none() {
            let names: Vec<_> = own
                .iter()
                .map(|(ident, _)| plain(ident))
                .filter(|name| *name != plain(&site.field.ident))
                .collect();
            let names: Vec<_> = names.iter().map(String::as_str).collect();
            let guess = match closest(&name, &names) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("it has {}", list(&names)),
            };
            let message = format!(
                "`{}` has no association `{name}`; {guess}",
                site.owner.ident
            );
            errors.at(step.span(), message);
        }
        found.and_then(|(_, target)| target.clone())
    });
    Link::Through {
        target,
        path,
        first,
    }
}
