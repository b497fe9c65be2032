//! What was written, with its spans. No rule is checked here but syntax.

mod item;
mod ty;

use syn::{Attribute, Ident, Type, Visibility};

pub(crate) use item::{Atom, Item, Literal, Value, items};
pub(crate) use ty::{Shape, inner, is_named, option_inner, shape};

use crate::model::Errors;

/// One field of a struct.
pub(crate) struct Field {
    pub(crate) ident: Ident,
    pub(crate) vis: Visibility,
    pub(crate) ty: Type,
    pub(crate) docs: Vec<Attribute>,
    pub(crate) items: Vec<Item>,
}

/// Reads the fields of a struct with named fields.
pub(crate) fn fields(named: &syn::FieldsNamed, errors: &mut Errors) -> Vec<Field> {
    named
        .named
        .iter()
        .filter_map(|field| {
            Some(Field {
                ident: field.ident.clone()?,
                vis: field.vis.clone(),
                ty: field.ty.clone(),
                docs: docs(&field.attrs),
                items: items(&field.attrs, "model", errors),
            })
        })
        .collect()
}

fn docs(attrs: &[Attribute]) -> Vec<Attribute> {
    attrs
        .iter()
        .filter(|attr| attr.path().is_ident("doc"))
        .cloned()
        .collect()
}

/// The name of an identifier without `r#`.
pub(crate) fn plain(ident: &Ident) -> String {
    let name = ident.to_string();
    match name.strip_prefix("r#") {
        Some(plain) => plain.to_owned(),
        None => name,
    }
}
