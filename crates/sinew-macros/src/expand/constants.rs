//! The typed constant of each field, and the type of each column by its position.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Type;

use super::position;
use crate::model::{Column, Has, Link, Model, Relation};

pub(crate) fn all(model: &Model) -> TokenStream {
    let ident = &model.ident;
    let columns = model
        .columns
        .iter()
        .map(|column| constant_of_column(model, column));
    let embedded = model.embedded.iter().map(|held| {
        let (vis, name, ty, docs) = (&held.vis, &held.ident, &held.ty, &held.docs);
        let base = position::embedded(held);
        quote! {
            #(#docs)*
            #vis const #name: __p::EmbeddedColumns<#ident, #ty> = __p::EmbeddedColumns::new(#base);
        }
    });
    let relations = model.relations.iter().enumerate().map(|(at, relation)| {
        let (vis, name, docs) = (&relation.vis, &relation.ident, &relation.docs);
        let ty = relation_type(model, relation);
        quote!(#(#docs)* #vis const #name: #ty = <#ty>::new(#at);)
    });
    quote! {
        #[automatically_derived]
        impl #ident {
            #(#columns)*
            #(#embedded)*
            #(#relations)*
        }
    }
}

fn constant_of_column(model: &Model, column: &Column) -> TokenStream {
    let ident = &model.ident;
    let (vis, name, docs) = (&column.vis, &column.ident, &column.docs);
    let ty = column_type(column);
    let (position, unique) = (position::column(column), column.unique);
    quote! {
        #(#docs)*
        #vis const #name: __p::Column<#ident, #ty> = __p::Column::new(#position, #unique);
    }
}

/// The type that a column's value has.
pub(crate) fn column_type(column: &Column) -> TokenStream {
    let ty = &column.ty;
    if column.is_json() {
        quote!(__p::Json<#ty>)
    } else {
        quote!(#ty)
    }
}

/// `Relation<User, Order, HasMany<i64>>`.
fn relation_type(model: &Model, relation: &Relation) -> TokenStream {
    let ident = &model.ident;
    match &relation.link {
        Link::BelongsTo { target, own, .. } => {
            let key = own_types(model, own);
            quote!(__p::Relation<#ident, #target, __p::kind::BelongsTo<#key>>)
        }
        Link::Has(has) => {
            let target = &has.target;
            let key = far_key(has);
            let kind = if has.many {
                quote!(HasMany)
            } else {
                quote!(HasOne)
            };
            quote!(__p::Relation<#ident, #target, __p::kind::#kind<#key>>)
        }
        Link::ManyToMany(many) => {
            let target = &many.target;
            let join = many
                .join
                .as_ref()
                .map_or_else(|| quote!(()), |join| quote!(#join));
            quote!(__p::Relation<#ident, #target, __p::kind::ManyToMany<#join>>)
        }
        Link::Through { target, .. } => quote!(__p::Relation<#ident, #target, __p::kind::Through>),
        Link::Any { owner, .. } => quote!(__p::AnyRelation<#ident, #owner>),
    }
}

/// The type of one own column, or the tuple of several.
pub(crate) fn own_types(model: &Model, indices: &[usize]) -> TokenStream {
    let types: Vec<_> = indices
        .iter()
        .filter_map(|&at| model.columns.get(at))
        .map(column_type)
        .collect();
    tuple(&types)
}

/// The type of the target's key, or the tuple of several.
pub(crate) fn far_key(has: &Has) -> TokenStream {
    let types: Vec<_> = has
        .far
        .iter()
        .map(|field| type_at(&has.target, field))
        .collect();
    tuple(&types)
}

/// The type of a field of another model. A field that is not there is reported at its identifier.
pub(crate) fn type_at(model: &Type, field: &syn::Ident) -> TokenStream {
    quote!(<#model as __p::ColumnAt<{ #model::#field.index() }>>::Type)
}

fn tuple(types: &[TokenStream]) -> TokenStream {
    match types {
        [one] => one.clone(),
        several => quote!((#(#several),*)),
    }
}

/// `impl ColumnAt<0> for User { type Type = i64; }` for each column.
pub(crate) fn types(model: &Model) -> TokenStream {
    let ident = &model.ident;
    let all = model.columns.iter().map(|column| {
        let (position, ty) = (position::column(column), column_type(column));
        quote! {
            #[automatically_derived]
            impl __p::ColumnAt<{ #position }> for #ident { type Type = #ty; }
        }
    });
    quote!(#(#all)*)
}
