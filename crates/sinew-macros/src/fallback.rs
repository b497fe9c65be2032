//! What comes out when a rule is broken: the mistakes, and just enough of everything else that the
//! rest of the program does not turn red too.

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

use crate::expand::{constants, guest};
use crate::model::{Errors, Key, Link, Model};

pub(crate) fn model(input: &DeriveInput, read: Option<&Model>, errors: &Errors) -> TokenStream {
    let mistakes = errors.to_compile_error();
    if !input.generics.params.is_empty() {
        return mistakes;
    }
    let ident = &input.ident;
    let name = ident.to_string();
    let constants = read.map(all_constants);
    let key = key(read);
    let stub = guest(&quote! {
        #constants
        #[automatically_derived]
        impl __p::Described for #ident {
            const SPEC: __p::ModelSpec = __p::ModelSpec::of::<#ident>(&[]);
        }
        #[automatically_derived]
        impl __p::Model for #ident {
            type Key = #key;
            const NAME: &'static str = #name;
            const TABLE: &'static str = #name;
            const KEY: &'static [usize] = &[];
            const KEY_NAMES: &'static [&'static str] = &[];
            const COLUMNS: usize = 0;
            fn schema() -> &'static __p::ModelMeta { __p::broken() }
            fn decode(_: &dyn __p::Row, _: usize) -> __p::Result<Self> { __p::broken() }
        }
        #[automatically_derived]
        impl __p::Record for #ident {
            fn meta(&self) -> &'static __p::ModelMeta { __p::broken() }
            fn value(&self, _: usize) -> __p::Value<'_> { __p::broken() }
            fn set(&mut self, _: usize, _: __p::Value<'_>) -> __p::Result<()> { __p::broken() }
            fn is_unset(&self, _: usize) -> bool { __p::broken() }
            fn slot(&self, _: usize) -> __p::Option<&dyn __p::Slot> { __p::broken() }
            fn slot_mut(&mut self, _: usize) -> __p::Option<&mut dyn __p::Slot> { __p::broken() }
            fn as_any(&self) -> &dyn __p::Any { self }
            fn as_any_mut(&mut self) -> &mut dyn __p::Any { self }
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
    let constants = read.map(all_constants);
    let stub = guest(&quote! {
        #constants
        #[automatically_derived]
        impl __p::Embedded for #ident {
            type Key = ();
            const KEY: &'static [usize] = &[];
            const KEY_NAMES: &'static [&'static str] = &[];
            const COUNT: usize = 0;
            const SPEC: __p::EmbeddedSpec = __p::EmbeddedSpec::new(&[]);
            fn decode(_: &__p::Place<'_>) -> __p::Option<Self> { __p::broken() }
            fn value(&self, _: usize) -> __p::Value<'_> { __p::broken() }
            fn set(&mut self, _: usize, _: __p::Value<'_>) -> __p::Fit { __p::broken() }
            fn is_unset(&self, _: usize) -> bool { __p::broken() }
        }
    });
    quote!(#mistakes #stub)
}

/// The key's type, which other models' keys are compared with.
fn key(read: Option<&Model>) -> TokenStream {
    match read.map(|model| (model, &model.key)) {
        Some((model, Key::Columns(key))) => constants::own_types(model, key),
        _ => quote!(i64),
    }
}

/// The constants of fields whose meaning is clear, so that their uses compile.
fn all_constants(model: &Model) -> TokenStream {
    let ident = &model.ident;
    let columns = model.columns.iter().enumerate().map(|(at, column)| {
        let (vis, name, ty) = (&column.vis, &column.ident, &column.ty);
        quote!(#vis const #name: __p::Column<#ident, #ty> = __p::Column::new(#at, true);)
    });
    let types = model.columns.iter().enumerate().map(|(at, column)| {
        let ty = &column.ty;
        quote!(#[automatically_derived] impl __p::ColumnAt<#at> for #ident { type Type = #ty; })
    });
    let embedded = model.embedded.iter().map(|held| {
        let (vis, name, ty) = (&held.vis, &held.ident, &held.ty);
        quote!(#vis const #name: __p::EmbeddedColumns<#ident, #ty> = __p::EmbeddedColumns::new(0);)
    });
    let relations = model.relations.iter().enumerate().map(|(at, relation)| {
        let (vis, name) = (&relation.vis, &relation.ident);
        let unlinked = quote!(__p::Option<i64>);
        let ty = match &relation.link {
            Link::BelongsTo { target, .. } => {
                quote!(__p::Relation<#ident, #target, __p::kind::BelongsTo<#unlinked>>)
            }
            Link::Has(has) => {
                let target = &has.target;
                quote!(__p::Relation<#ident, #target, __p::kind::HasMany<#unlinked>>)
            }
            Link::ManyToMany(many) => {
                let target = &many.target;
                let join = many
                    .join
                    .as_ref()
                    .map_or_else(|| quote!(()), |join| quote!(#join));
                quote!(__p::Relation<#ident, #target, __p::kind::ManyToMany<#join>>)
            }
            Link::Through { target, .. } => {
                quote!(__p::Relation<#ident, #target, __p::kind::Through>)
            }
            Link::Any { owner, .. } => quote!(__p::AnyRelation<#ident, #owner>),
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
        impl __p::PolymorphicOwner for #ident {
            fn variants() -> __p::Vec<__p::AnyVariant> { __p::broken() }
            fn from_shared(_: usize, _: &dyn __p::Any, _: usize) -> __p::Option<Self> { __p::broken() }
            fn variant(&self) -> usize { __p::broken() }
            fn record(&self) -> &dyn __p::Record { __p::broken() }
            fn record_mut(&mut self) -> &mut dyn __p::Record { __p::broken() }
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
        impl __p::Required for #ident {}
        #[automatically_derived]
        impl __p::Element for #ident {
            type Plain = Self;
        }
        #[automatically_derived]
        impl __p::ColumnType for #ident {
            const FAMILY: __p::TypeFamily = __p::TypeFamily::Text;
            fn to_value(&self) -> __p::Value<'_> { __p::broken() }
            fn from_value(_: __p::Value<'_>) -> __p::CoreResult<Self, __p::Misfit> { __p::broken() }
        }
    });
    quote!(#mistakes #stub)
}
