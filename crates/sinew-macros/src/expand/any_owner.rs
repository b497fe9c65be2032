//! `impl PolymorphicOwner`: an enum of models.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use crate::model::any_owner::AnyOwner;

pub(crate) fn implementation(owner: &AnyOwner) -> TokenStream {
    let ident = &owner.ident;
    let variants: Vec<_> = owner.variants.iter().map(|variant| &variant.ident).collect();
    let models: Vec<_> = owner.variants.iter().map(|variant| &variant.model).collect();
    let numbers: Vec<_> = (0..variants.len()).map(Literal::usize_unsuffixed).collect();
    let values = owner.variants.iter().map(|variant| {
        let model = &variant.model;
        match &variant.value {
            Some(value) => quote!(#value),
            None => quote!(<#model as p::Model>::TABLE),
        }
    });
    quote! {
        #[automatically_derived]
        impl p::PolymorphicOwner for #ident {
            fn variants() -> p::Vec<p::AnyVariant> {
                p::Vec::from([#(p::variant::<#models>(#values)),*])
            }
            fn from_shared(index: usize, targets: &dyn p::Any, at: usize) -> p::Option<Self> {
                match index {
                    #(#numbers => p::Some(Self::#variants(p::shared::<#models>(targets, at)?)),)*
                    _ => p::None,
                }
            }
            fn variant(&self) -> usize {
                match self { #(Self::#variants(_) => #numbers),* }
            }
            fn record(&self) -> &dyn p::Record {
                match self { #(Self::#variants(model) => model),* }
            }
            fn record_mut(&mut self) -> &mut dyn p::Record {
                match self { #(Self::#variants(model) => model),* }
            }
        }
        #(
            #[automatically_derived]
            impl ::core::convert::From<#models> for #ident {
                fn from(model: #models) -> Self {
                    Self::#variants(model)
                }
            }
        )*
    }
}
