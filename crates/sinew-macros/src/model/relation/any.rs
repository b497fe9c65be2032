use syn::Type;

use super::{Errors, Link, Site};
use crate::parse::{is_named, option_inner, plain};

pub(super) fn read(site: &Site<'_>, owner: Type, errors: &mut Errors) -> Link {
    let prefix = site
        .attrs
        .word("polymorphic")
        .unwrap_or_else(|| site.field.ident.clone());
    let mut part = |word: &str, end: &str| {
        let named = site.attrs.word(word);
        let name = named
            .as_ref()
            .map_or_else(|| format!("{}_{end}", plain(&prefix)), plain);
        let found = site.column(&name);
        if found.is_none() {
            let span = named.map_or(site.span(), |named| named.span());
            let message = format!(
                "`{}` needs a field `{name}`, or another one named with `{word} = …`",
                site.name()
            );
            errors.at(span, message);
        }
        found.unwrap_or_default()
    };
    let id = part("polymorphic_id", "id");
    let kind = part("polymorphic_type", "type");
    if let Some(column) = site.owner.columns.get(kind).filter(|_| id != kind) {
        let inner = option_inner(&column.ty).unwrap_or(&column.ty);
        if is_named(
            inner,
            &[
                "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "bool", "f32", "f64",
            ],
        ) {
            let message = format!(
                "`{}` says which model owns the row, so it is a `String` or an `Option<String>`",
                column.field
            );
            errors.tokens(&column.ty, message);
        }
    }
    Link::Any { owner, id, kind }
}
