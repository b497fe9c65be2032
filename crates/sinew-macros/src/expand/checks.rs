//! What only the compiler can check: types and columns of other models. Each check is a constant
//! without code; its tokens carry the span that is to blame.

use std::collections::BTreeSet;

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Ident, Type};

use super::constants::{column_type, far_key, own_types, type_at};
use crate::model::{Far, FarNames, Has, Key, Link, ManyToMany, Model, OwnKey, OwnNames, Relation};
use crate::parse::{is_named, option_inner};

pub(crate) fn all(model: &Model) -> TokenStream {
    let key = key(model);
    let no_lists = no_lists(model);
    let relations = model.relations.iter().map(|each| relation(model, each));
    quote!(#key #no_lists #(#relations)*)
}

/// No column of a key is a list.
fn no_lists(model: &Model) -> TokenStream {
    let own = model.relations.iter().flat_map(|relation| {
        let own = match &relation.link {
            Link::BelongsTo { own, .. } => return own.clone(),
            Link::Has(has) => &has.own,
            Link::ManyToMany(many) => &many.own,
            Link::Through { .. } | Link::Any { .. } => return Vec::new(),
        };
        match own {
            OwnKey::Columns(columns) => columns.clone(),
            OwnKey::Primary => Vec::new(),
        }
    });
    let primary = match &model.key {
        Key::Columns(columns) => columns.clone(),
        Key::Embedded(_) | Key::None => Vec::new(),
    };
    let keys: BTreeSet<usize> = own.chain(primary).collect();
    let message = |of: &dyn ToTokens, field: &dyn ToTokens| {
        format!(
            "`{}::{}` is a list, which cannot be a key: keep its elements as rows of a model",
            of.to_token_stream(),
            field.to_token_stream()
        )
    };
    let own = keys
        .into_iter()
        .filter_map(|at| model.columns.get(at))
        .filter(|column| !is_named(option_inner(&column.ty).unwrap_or(&column.ty), &PLAIN_KEYS))
        .map(|column| {
            let ty = column_type(column);
            let condition = quote!(!__p::is_list(<#ty as __p::ColumnType>::FAMILY));
            let message = message(&model.ident, &column.ident);
            ensure(column.ident.span(), &condition, &message)
        });
    let far = model.relations.iter().flat_map(|relation| {
        let Link::ManyToMany(many) = &relation.link else {
            return Vec::new();
        };
        let Far::Fields(fields) = &many.far else {
            return Vec::new();
        };
        let check = |field: &Ident| {
            let ty = type_at(&many.target, field);
            let condition = quote!(!__p::is_list(<#ty as __p::ColumnType>::FAMILY));
            ensure(field.span(), &condition, &message(&many.target, field))
        };
        fields.iter().map(check).collect()
    });
    quote!(#(#own)* #(#far)*)
}

/// Types of keys that need no check.
const PLAIN_KEYS: [&str; 10] = [
    "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "String", "Uuid",
];

/// An embedded struct that should hold the primary key must hold one.
fn key(model: &Model) -> TokenStream {
    let Key::Embedded(at) = model.key else {
        return TokenStream::new();
    };
    let Some(held) = model.embedded.get(at) else {
        return TokenStream::new();
    };
    let ty = &held.ty;
    let message = format!(
        "`{0}` has no primary key: add a field `id: i64`, or mark one with `#[model(primary_key)]` \
         in `{0}` or in the struct that `{1}` embeds",
        model.ident, held.field
    );
    let condition = quote!(!<#ty as __p::Embedded>::KEY.is_empty());
    ensure(model.ident.span(), &condition, &message)
}

fn relation(model: &Model, relation: &Relation) -> TokenStream {
    match &relation.link {
        Link::BelongsTo {
            target,
            optional,
            own,
            references,
        } => belongs_to(
            model,
            relation,
            target,
            *optional,
            own,
            references.as_deref(),
        ),
        Link::Has(has) => self::has(model, relation, has),
        Link::ManyToMany(many) => many_to_many(model, relation, many),
        Link::Through {
            target,
            path,
            first,
        } => {
            let (Some(first), Some(second)) = (first, path.get(1)) else {
                return TokenStream::new();
            };
            let end = if path.len() == 2 {
                target.to_token_stream()
            } else {
                quote!(_)
            };
            let first = respanned(first.to_token_stream(), second.span());
            quote_spanned!(second.span()=> const _: () = __p::step::<#first, #end, _>(#first::#second);)
        }
        Link::Any { kind, .. } => {
            let Some(column) = model.columns.get(*kind) else {
                return TokenStream::new();
            };
            let ty = &column.ty;
            quote!(const _: __p::TypeColumn<#ty> = __p::TypeColumn::new();)
        }
    }
}

fn belongs_to(
    model: &Model,
    relation: &Relation,
    target: &Type,
    optional: bool,
    own: &[usize],
    references: Option<&[Ident]>,
) -> TokenStream {
    let columns: Vec<_> = own.iter().filter_map(|&at| model.columns.get(at)).collect();
    let span = match columns.as_slice() {
        [one] => one.ident.span(),
        _ => relation.ident.span(),
    };
    let types = match references {
        None => fits(
            span,
            own.len(),
            &own_types(model, own),
            &quote!(<#target as __p::Model>::Key),
        ),
        Some(fields) => columns
            .iter()
            .zip(fields)
            .map(|(column, field)| {
                fits(
                    column.ident.span(),
                    1,
                    &column_type(column),
                    &type_at(target, field),
                )
            })
            .collect(),
    };
    let unique = match references {
        Some([field]) => {
            let message = format!(
                "`{}::{field}` is not unique, so `{}::{}` cannot refer to it: mark it \
                 `#[model(unique)]`",
                target.to_token_stream(),
                model.ident,
                relation.field
            );
            ensure(field.span(), &quote!(#target::#field.is_unique()), &message)
        }
        _ => TokenStream::new(),
    };
    let nullable = columns.iter().map(|column| {
        let ty = column_type(column);
        quote!(<#ty as __p::ColumnType>::NULLABLE)
    });
    let name = format!("{}::{}", model.ident, relation.field);
    let nullable = if optional && !columns.iter().any(|column| column.is_option()) {
        let message = format!("`{name}` is optional, but its key is not: make the key an `Option`");
        ensure(relation.ident.span(), &quote!(#(#nullable)||*), &message)
    } else if !optional && !columns.iter().all(|column| column.is_certainly_required()) {
        let message = format!(
            "`{name}` is required, but its key is optional: write `BelongsTo<Option<…>>`, or make \
             the key required"
        );
        ensure(relation.ident.span(), &quote!(!(#(#nullable)||*)), &message)
    } else {
        TokenStream::new()
    };
    quote!(#types #unique #nullable)
}

fn has(model: &Model, relation: &Relation, has: &Has) -> TokenStream {
    let span = has.far.first().map_or(relation.ident.span(), Ident::span);
    let ident = &model.ident;
    let own = match &has.own {
        OwnKey::Columns(columns) => own_types(model, columns),
        OwnKey::Primary => quote!(<#ident as __p::Model>::Key),
    };
    let key = far_key(has);
    if let Some((kind, _)) = &has.polymorphic {
        let kind_type = type_at(&has.target, kind);
        return quote_spanned! {span=>
            const _: __p::PolymorphicKey<#key, #own> = __p::PolymorphicKey::new();
            const _: __p::TypeColumn<#kind_type> = __p::TypeColumn::new();
        };
    }
    let fits = fits(span, has.far.len(), &key, &own);
    let set_null = [relation.on_update, relation.on_delete].contains(&Some("SetNull"));
    let set_null = if set_null {
        let keys = has.far.iter().map(|field| {
            let ty = type_at(&has.target, field);
            quote!(<#ty as __p::ColumnType>::NULLABLE)
        });
        let message = format!(
            "the key of `{}::{}` is not an `Option`, so it cannot be set to NULL",
            model.ident, relation.field
        );
        ensure(relation.ident.span(), &quote!(#(#keys)||*), &message)
    } else {
        TokenStream::new()
    };
    quote!(#fits #set_null)
}

fn many_to_many(model: &Model, relation: &Relation, many: &ManyToMany) -> TokenStream {
    let target = &many.target;
    let unique = match &many.far {
        Far::Primary => TokenStream::new(),
        Far::Fields(fields) => fields
            .iter()
            .map(|field| {
                let message = format!(
                    "`{}::{field}` is neither unique nor in the primary key, so links cannot refer \
                     to it",
                    target.to_token_stream()
                );
                let condition = quote! {
                    __p::referable(#target::#field.index(), #target::#field.is_unique(), <#target as __p::Model>::KEY)
                };
                ensure(field.span(), &condition, &message)
            })
            .collect(),
    };
    let join = many
        .join
        .as_ref()
        .map(|join| join_model(model, relation, many, join));
    quote!(#unique #join)
}

/// A join model must have the columns of both keys.
fn join_model(model: &Model, relation: &Relation, many: &ManyToMany, join: &Type) -> TokenStream {
    let (ident, target) = (&model.ident, &many.target);
    let shown = join.to_token_stream().to_string();
    let spec = quote!(&<#join as __p::Described>::SPEC);
    let given = |names: &[(String, Span)]| -> TokenStream {
        names
            .iter()
            .map(|(name, span)| {
                let message = format!("the join model `{shown}` has no column `{name}`");
                ensure(*span, &quote!(__p::has_column(#spec, #name)), &message)
            })
            .collect()
    };
    let prefixed = |word: &str, of: &TokenStream, attribute: &str| {
        let message = format!(
            "the join model `{shown}` lacks a column for the key of `{of}`, such as `{word}_id`: \
             add it, or name one with `{attribute} = \"…\"`"
        );
        let condition = quote!(__p::has_key_columns(#spec, #word, <#of as __p::Model>::KEY_NAMES));
        ensure(relation.ident.span(), &condition, &message)
    };
    let own = match &many.own_names {
        OwnNames::Convention(names) => {
            let OwnKey::Columns(columns) = &many.own else {
                return TokenStream::new();
            };
            let columns = columns.iter().filter_map(|&at| model.columns.get(at));
            names
                .iter()
                .zip(columns)
                .map(|((_, field), column)| {
                    fits(field.span(), 1, &type_at(join, field), &column_type(column))
                })
                .collect()
        }
        OwnNames::Given(names) => given(names),
        OwnNames::Prefixed(word) => prefixed(word, &quote!(#ident), "join_foreign_key"),
    };
    let far = match &many.far_names {
        FarNames::Given(names) => given(names),
        FarNames::Prefixed(word) => prefixed(word, &quote!(#target), "join_references"),
    };
    quote!(#own #far)
}

/// The type of a foreign key must fit what it refers to.
fn fits(span: Span, parts: usize, key: &TokenStream, referenced: &TokenStream) -> TokenStream {
    if parts == 1 {
        quote_spanned!(span=> const _: __p::ForeignKey<#key, #referenced> = __p::ForeignKey::new();)
    } else {
        quote_spanned!(span=> const _: __p::ForeignKeys<#key, #referenced> = __p::ForeignKeys::new();)
    }
}

/// Fails the build with `message` unless `condition` holds.
fn ensure(span: Span, condition: &TokenStream, message: &str) -> TokenStream {
    quote_spanned!(span=> const _: () = ::core::assert!(#condition, #message);)
}

/// The same tokens, all of them at `span`.
fn respanned(tokens: TokenStream, span: Span) -> TokenStream {
    tokens
        .into_iter()
        .map(|mut token| {
            if let TokenTree::Group(group) = &token {
                let inside = respanned(group.stream(), span);
                token = Group::new(group.delimiter(), inside).into();
            }
            token.set_span(span);
            token
        })
        .collect()
}
