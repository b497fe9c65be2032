use syn::{GenericArgument, Ident, PathArguments, PathSegment, Type};

use crate::model::Errors;

/// What the type of a field says about it.
#[allow(clippy::large_enum_variant)]
pub(crate) enum Shape {
    /// A column, or an embedded struct where the attributes say so.
    Plain,
    BelongsTo {
        target: Type,
        optional: bool,
    },
    HasOne {
        target: Type,
    },
    HasMany {
        target: Type,
    },
    ManyToMany {
        target: Type,
        join: Option<Type>,
    },
    BelongsToAny {
        owner: Type,
    },
}

/// Recognises associations by the last segment of their type. `Self` in it becomes `model`.
pub(crate) fn shape(ty: &Type, model: &Ident, errors: &mut Errors) -> Shape {
    let Some(segment) = last_segment(ty) else {
        return Shape::Plain;
    };
    let name = segment.ident.to_string();
    if !ASSOCIATIONS.contains(&name.as_str()) {
        return Shape::Plain;
    }
    let mut args = arguments(segment)
        .into_iter()
        .map(|ty| without_self(ty, model));
    let Some(target) = args.next() else {
        errors.at(
            segment.ident.span(),
            format!("say of which model: `{name}<Order>`"),
        );
        return Shape::Plain;
    };
    if name != "BelongsTo" && option_inner(&target).is_some() {
        let message = format!("`{name}` may always be empty: leave the `Option` out");
        errors.tokens(&target, message);
    }
    match name.as_str() {
        "BelongsTo" => match option_inner(&target) {
            Some(inner) => Shape::BelongsTo {
                target: without_self(inner.clone(), model),
                optional: true,
            },
            None => Shape::BelongsTo {
                target,
                optional: false,
            },
        },
        "HasOne" => Shape::HasOne { target },
        "HasMany" => Shape::HasMany { target },
        "ManyToMany" => {
            let join = args
                .next()
                .filter(|ty| !matches!(ty, Type::Tuple(unit) if unit.elems.is_empty()));
            Shape::ManyToMany { target, join }
        }
        _ => Shape::BelongsToAny { owner: target },
    }
}

const ASSOCIATIONS: &[&str] = &[
    "BelongsTo",
    "HasOne",
    "HasMany",
    "ManyToMany",
    "BelongsToAny",
];

/// `T` of an `Option<T>`.
pub(crate) fn option_inner(ty: &Type) -> Option<&Type> {
    inner(ty, "Option")
}

/// `T` of a `name<T>`.
pub(crate) fn inner<'a>(ty: &'a Type, name: &str) -> Option<&'a Type> {
    let segment = last_segment(ty).filter(|segment| segment.ident == name)?;
    match &segment.arguments {
        PathArguments::AngleBracketed(args) => args.args.iter().find_map(|arg| match arg {
            GenericArgument::Type(ty) => Some(ty),
            _ => None,
        }),
        _ => None,
    }
}

/// Whether the last segment of the type is one of these.
pub(crate) fn is_named(ty: &Type, names: &[&str]) -> bool {
    last_segment(ty).is_some_and(|segment| names.iter().any(|name| segment.ident == name))
}

fn last_segment(ty: &Type) -> Option<&PathSegment> {
    match ty {
        Type::Path(path) => path.path.segments.last(),
        Type::Group(group) => last_segment(&group.elem),
        Type::Paren(paren) => last_segment(&paren.elem),
        _ => None,
    }
}

fn arguments(segment: &PathSegment) -> Vec<Type> {
    match &segment.arguments {
        PathArguments::AngleBracketed(args) => args
            .args
            .iter()
            .filter_map(|arg| match arg {
                GenericArgument::Type(ty) => Some(ty.clone()),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// `Self` means nothing outside the struct, where the checks stand.
fn without_self(ty: Type, model: &Ident) -> Type {
    match &ty {
        Type::Path(path) if path.path.is_ident("Self") => {
            let mut model = model.clone();
            model.set_span(
                path.path
                    .segments
                    .first()
                    .map_or_else(|| model.span(), |s| s.ident.span()),
            );
            syn::parse_quote!(#model)
        }
        _ => ty,
    }
}
