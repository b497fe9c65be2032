//! `impl PolymorphicOwner`: an enum of models.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use crate::model::any_owner::AnyOwner;

pub(crate) fn implementation(owner: &AnyOwner) -> TokenStream {
    let ident = &owner.ident;
    let variants: Vec<_> = owner
        .variants
        .iter()
        .map(|variant| &variant.ident)
        .collect();
    let models: Vec<_> = owner
        .variants
        .iter()
        .map(|variant| &variant.model)
        .collect();
    let numbers: Vec<_> = (0..variants.len()).map(Literal::usize_unsuffixed).collect();
    let boxes: Vec<_> = owner
        .variants
        .iter()
        .map(|variant| variant.boxed.then(|| quote!(::std::boxed::Box::new)))
        .collect();
    let values = owner.variants.iter().map(|variant| {
        let model = &variant.model;
        match &variant.value {
            Some(value) => quote!(#value),
            None => quote!(<#model as __p::Model>::TABLE),
        }
    });
    let shared = owner.variants.iter().map(|v| {
        if v.boxed {
            quote!(&**model)
        } else {
            quote!(model)
        }
    });
    let unique = owner.variants.iter().map(|v| {
        if v.boxed {
            quote!(&mut **model)
        } else {
            quote!(model)
        }
    });
    quote! {
        #[automatically_derived]
        impl __p::PolymorphicOwner for #ident {
            fn variants() -> __p::Vec<__p::AnyVariant> {
                __p::Vec::from([#(__p::variant::<#models>(#values)),*])
            }
            fn from_shared(index: usize, targets: &dyn __p::Any, at: usize) -> __p::Option<Self> {
                match index {
                    #(#numbers => __p::Some(Self::#variants(#boxes(__p::shared::<#models>(targets, at)?))),)*
                    _ => __p::None,
                }
            }
            fn variant(&self) -> usize {
                match self { #(Self::#variants(_) => #numbers),* }
            }
            fn record(&self) -> &dyn __p::Record {
                match self { #(Self::#variants(model) => #shared),* }
            }
            fn record_mut(&mut self) -> &mut dyn __p::Record {
                match self { #(Self::#variants(model) => #unique),* }
            }
        }
        #(
            #[automatically_derived]
            impl ::core::convert::From<#models> for #ident {
                fn from(model: #models) -> Self {
                    Self::#variants(#boxes(model))
                }
            }
        )*
    }
}
