use std::collections::HashMap;

use proc_macro2::TokenStream;
use quote::quote;
use sinew_names::Case;
use syn::{Data, DeriveInput, Fields, Ident};

use super::known::text_of;
use super::name::known_case;
use super::{Errors, closest, list};
use crate::parse::{self, Item, Value, plain};

/// A fieldless enum that is a column.
pub(crate) struct Enumeration {
    pub(crate) ident: Ident,
    /// Whether it is stored as an integer rather than as text.
    pub(crate) integer: bool,
    pub(crate) variants: Vec<Variant>,
}

/// One of its values.
pub(crate) struct Variant {
    pub(crate) ident: Ident,
    /// Its text in the database.
    pub(crate) text: String,
    /// Its number in the database.
    pub(crate) number: TokenStream,
}

impl Enumeration {
    pub(crate) fn read(input: &DeriveInput, errors: &mut Errors) -> Option<Self> {
        let Data::Enum(data) = &input.data else {
            let message = "`Enumeration` is for enums; for a struct around one column use \
                           `#[derive(Newtype)]`";
            errors.tokens(&input.ident, message);
            return None;
        };
        if !input.generics.params.is_empty() {
            errors.tokens(
                &input.generics,
                "`Enumeration` is for enums without generic parameters",
            );
        }
        if data.variants.is_empty() {
            errors.tokens(&input.ident, "an enumeration needs one variant at least");
        }
        let (integer, case) = settings(input, errors);
        let mut variants = Vec::new();
        let mut number = quote!(0);
        for variant in &data.variants {
            if let Some((_, given)) = &variant.discriminant {
                number = quote!((#given));
            }
            let read = read_variant(variant, case, number.clone(), errors);
            number = quote!(#number + 1);
            variants.extend(read);
        }
        let enumeration = Self {
            ident: input.ident.clone(),
            integer,
            variants,
        };
        enumeration.check_texts(errors);
        Some(enumeration)
    }

    fn check_texts(&self, errors: &mut Errors) {
        let mut seen: HashMap<&str, &Ident> = HashMap::new();
        for variant in &self.variants {
            if let Some(first) = seen.insert(&variant.text, &variant.ident) {
                let message = format!(
                    "`{first}` and `{}` are both stored as \"{}\"",
                    variant.ident, variant.text
                );
                errors.at(variant.ident.span(), message);
            }
        }
    }
}

fn settings(input: &DeriveInput, errors: &mut Errors) -> (bool, Case) {
    let mut integer = false;
    let mut case = Case::Snake;
    for item in parse::items(&input.attrs, "enumeration", errors) {
        match (plain(&item.name).as_str(), &item.value) {
            ("integer", Value::Flag) => integer = true,
            ("rename_all", Value::One(atom)) if text_of(atom).is_some() => {
                if let Some((text, span)) = text_of(atom) {
                    case = known_case(&text, span, errors).unwrap_or(case);
                }
            }
            _ => wrong(&item, &["integer", "rename_all"], errors),
        }
    }
    (integer, case)
}

fn read_variant(
    variant: &syn::Variant,
    case: Case,
    number: TokenStream,
    errors: &mut Errors,
) -> Option<Variant> {
    let mut text = None;
    for item in parse::items(&variant.attrs, "enumeration", errors) {
        match (plain(&item.name).as_str(), &item.value) {
            ("rename", Value::One(atom)) if text_of(atom).is_some() => {
                text = text_of(atom).map(|(text, _)| text);
            }
            _ => wrong(&item, &["rename"], errors),
        }
    }
    if !matches!(variant.fields, Fields::Unit) {
        let message = format!("`{}` holds data; a column's value has none", variant.ident);
        errors.tokens(&variant.fields, message);
        return None;
    }
    let text = text.unwrap_or_else(|| case.apply(&plain(&variant.ident)));
    Some(Variant {
        ident: variant.ident.clone(),
        text,
        number,
    })
}

fn wrong(item: &Item, known: &[&str], errors: &mut Errors) {
    let name = plain(&item.name);
    let message = match closest(&name, known) {
        Some("integer") if name == "integer" => "`integer` takes no value".to_owned(),
        Some(near) if near == name => format!("`{name}` takes a string: `{name} = \"…\"`"),
        Some(near) => format!("unknown attribute `{name}`; did you mean `{near}`?"),
        None => format!("unknown attribute `{name}`; there is {}", list(known)),
    };
    errors.at(item.name.span(), message);
}
