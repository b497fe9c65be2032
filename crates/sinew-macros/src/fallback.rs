//! What comes out when a rule is broken: the mistakes, and just enough of everything else that the
//! rest of the program does not turn red too.

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

use crate::expand::guest;
use crate::model::{Errors, Link, Model};

pub(crate) fn model(input: &DeriveInput, read: Option<&Model>, errors: &Errors) -> TokenStream {
    let mistakes = errors.to_compile_error();
    if !input.generics.params.is_empty() {
        return mistakes;
    }
    let ident = &input.ident;
    let name = ident.to_string();
    let constants = read.map(constants);
    let stub = guest(&quote! {
        #constants
        #[automatically_derived]
        impl p::Described for #ident {
            const SPEC: p::ModelSpec = p::ModelSpec::of::<#ident>(&[]);
        }
        #[automatically_derived]
        impl p::Model for #ident {
            type Key = i64;
            const NAME: &'static str = #name;
            const TABLE: &'static str = #name;
            const KEY: &'static [usize] = &[];
            const KEY_NAMES: &'static [&'static str] = &[];
            const COLUMNS: usize = 0;
            fn schema() -> &'static p::ModelMeta { p::broken() }
            fn decode(_: &dyn p::Row, _: usize) -> p::Result<Self> { p::broken() }
        }
        #[automatically_derived]
        impl p::Record for #ident {
            fn meta(&self) -> &'static p::ModelMeta { p::broken() }
            fn value(&self, _: usize) -> p::Value<'_> { p::broken() }
            fn set(&mut self, _: usize, _: p::Value<'_>) -> p::Result<()> { p::broken() }
            fn is_unset(&self, _: usize) -> bool { p::broken() }
            fn slot(&self, _: usize) -> p::Option<&dyn p::Slot> { p::broken() }
            fn slot_mut(&mut self, _: usize) -> p::Option<&mut dyn p::Slot> { p::broken() }
            fn as_any(&self) -> &dyn p::Any { self }
            fn as_any_mut(&mut self) -> &mut dyn p::Any { self }
        }
    });
    quote!(#mistakes #stub)
}

pub(crate) fn embedded(input: &DeriveInput, read: Option<&Model>, errors: &Errors) -> TokenStream {
    let mistakes = errors.to_compile_error();
    if !input.generics.params.is_empty() {
        return mistakes;
    }
    let ident = &input.ident;
    let constants = read.map(constants);
    let stub = guest(&quote! {
        #constants
        #[automatically_derived]
        impl p::Embedded for #ident {
            type Key = ();
            const KEY: &'static [usize] = &[];
            const KEY_NAMES: &'static [&'static str] = &[];
            const COUNT: usize = 0;
            const SPEC: p::EmbeddedSpec = p::EmbeddedSpec::new(&[]);
            fn decode(_: &p::Place<'_>) -> p::Result<Self> { p::broken() }
            fn value(&self, _: usize) -> p::Value<'_> { p::broken() }
            fn set(&mut self, _: usize, _: p::Value<'_>) -> p::Fit { p::broken() }
            fn is_unset(&self, _: usize) -> bool { p::broken() }
        }
    });
    quote!(#mistakes #stub)
}

/// The constants of fields whose meaning is clear, so that their uses compile.
fn constants(model: &Model) -> TokenStream {
    let ident = &model.ident;
    let columns = model.columns.iter().enumerate().map(|(at, column)| {
        let (vis, name, ty) = (&column.vis, &column.ident, &column.ty);
        quote!(#vis const #name: p::Column<#ident, #ty> = p::Column::new(#at, true);)
    });
    let types = model.columns.iter().enumerate().map(|(at, column)| {
        let ty = &column.ty;
        quote!(#[automatically_derived] impl p::ColumnAt<#at> for #ident { type Type = #ty; })
    });
    let embedded = model.embedded.iter().map(|held| {
        let (vis, name, ty) = (&held.vis, &held.ident, &held.ty);
        quote!(#vis const #name: p::EmbeddedColumns<#ident, #ty> = p::EmbeddedColumns::new(0);)
    });
    let relations = model.relations.iter().enumerate().map(|(at, relation)| {
        let (vis, name) = (&relation.vis, &relation.ident);
        let unlinked = quote!(p::Option<i64>);
        let ty = match &relation.link {
            Link::BelongsTo { target, .. } => {
                quote!(p::Relation<#ident, #target, p::kind::BelongsTo<#unlinked>>)
            }
            Link::Has(has) => {
                let target = &has.target;
                quote!(p::Relation<#ident, #target, p::kind::HasMany<#unlinked>>)
            }
            Link::ManyToMany(many) => {
                let target = &many.target;
                let join = many.join.as_ref().map_or_else(|| quote!(()), |join| quote!(#join));
                quote!(p::Relation<#ident, #target, p::kind::ManyToMany<#join>>)
            }
            Link::Through { target, .. } => quote!(p::Relation<#ident, #target, p::kind::Through>),
            Link::Any { owner, .. } => quote!(p::AnyRelation<#ident, #owner>),
        };
        quote!(#vis const #name: #ty = <#ty>::new(#at);)
    });
    quote! {
        #[automatically_derived]
        impl #ident { #(#columns)* #(#embedded)* #(#relations)* }
        #(#types)*
    }
}

pub(crate) fn polymorphic_owner(input: &DeriveInput, errors: &Errors) -> TokenStream {
    let mistakes = errors.to_compile_error();
    if !input.generics.params.is_empty() {
        return mistakes;
    }
    let ident = &input.ident;
    let stub = guest(&quote! {
        #[automatically_derived]
        impl p::PolymorphicOwner for #ident {
            fn variants() -> p::Vec<p::AnyVariant> { p::broken() }
            fn from_shared(_: usize, _: &dyn p::Any, _: usize) -> p::Option<Self> { p::broken() }
            fn variant(&self) -> usize { p::broken() }
            fn record(&self) -> &dyn p::Record { p::broken() }
            fn record_mut(&mut self) -> &mut dyn p::Record { p::broken() }
        }
    });
    quote!(#mistakes #stub)
}

pub(crate) fn column_type(input: &DeriveInput, errors: &Errors) -> TokenStream {
    let mistakes = errors.to_compile_error();
    if !input.generics.params.is_empty() {
        return mistakes;
    }
    let ident = &input.ident;
    let stub = guest(&quote! {
        #[automatically_derived]
        impl p::Required for #ident {}
        #[automatically_derived]
        impl p::ColumnType for #ident {
            const FAMILY: p::TypeFamily = p::TypeFamily::Text;
            fn to_value(&self) -> p::Value<'_> { p::broken() }
            fn from_value(_: p::Value<'_>) -> p::CoreResult<Self, p::Misfit> { p::broken() }
        }
    });
    quote!(#mistakes #stub)
}
