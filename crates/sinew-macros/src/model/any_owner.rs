use syn::{Data, DeriveInput, Fields, Ident, Type};

use super::known::text_of;
use super::{Errors, closest};
use crate::parse::{self, Value, inner, plain};

/// An enum of the models that may own a polymorphic row.
pub(crate) struct AnyOwner {
    pub(crate) ident: Ident,
    pub(crate) variants: Vec<Variant>,
}

/// One of them.
pub(crate) struct Variant {
    pub(crate) ident: Ident,
    pub(crate) model: Type,
    /// Whether it stands in a `Box`.
    pub(crate) boxed: bool,
    /// The value in the type column, where it is not the model's table.
    pub(crate) value: Option<String>,
}

impl AnyOwner {
    pub(crate) fn read(input: &DeriveInput, errors: &mut Errors) -> Option<Self> {
        if !input.generics.params.is_empty() {
            let message = "`PolymorphicOwner` is for enums without generic parameters";
            errors.tokens(&input.generics, message);
        }
        let Data::Enum(data) = &input.data else {
            let message = "`PolymorphicOwner` is for enums of models: `enum ImageOwner { User(User), Company(Company) }`";
            errors.tokens(&input.ident, message);
            return None;
        };
        if data.variants.is_empty() {
            errors.tokens(
                &input.ident,
                "an owner needs one variant at least, such as `User(User)`",
            );
        }
        let variants: Vec<_> = data
            .variants
            .iter()
            .filter_map(|variant| read_variant(variant, errors))
            .collect();
        for (at, variant) in variants.iter().enumerate() {
            let same = |other: &&Variant| other.value.is_some() && other.value == variant.value;
            if let Some(other) = variants.iter().take(at).find(same) {
                let message = format!("`{}` has the same value already", other.ident);
                errors.at(variant.ident.span(), message);
            }
        }
        Some(Self {
            ident: input.ident.clone(),
            variants,
        })
    }
}

fn read_variant(variant: &syn::Variant, errors: &mut Errors) -> Option<Variant> {
    let mut value = None;
    for item in parse::items(&variant.attrs, "polymorphic", errors) {
        let name = plain(&item.name);
        match &item.value {
            Value::One(atom) if name == "value" && text_of(atom).is_some() => {
                value = text_of(atom).map(|(text, _)| text);
            }
            _ if name == "value" => {
                errors.at(
                    item.value_span(),
                    "`value` takes a string: `value = \"user\"`",
                );
            }
            _ => {
                let guess = closest(&name, &["value"])
                    .map_or("there is `value = \"…\"`", |_| "did you mean `value`?");
                errors.at(
                    item.name.span(),
                    format!("unknown attribute `{name}`; {guess}"),
                );
            }
        }
    }
    match &variant.fields {
        Fields::Unnamed(fields) if fields.unnamed.len() == 1 => {
            let held = &fields.unnamed.first()?.ty;
            let inner = inner(held, "Box");
            let model = inner.unwrap_or(held).clone();
            Some(Variant {
                ident: variant.ident.clone(),
                model,
                boxed: inner.is_some(),
                value,
            })
        }
        _ => {
            let message = format!("a variant holds one model: `{0}({0})`", variant.ident);
            errors.tokens(&variant.ident, message);
            None
        }
    }
}
